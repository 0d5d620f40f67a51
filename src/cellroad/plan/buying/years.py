"""Which part of a year lies in a term, and how much of what is bought in a period counts for it?

Quantities a year are agreed for whole years. Of a year that lies only partly in the term and the horizon that part of
its days counts. What is bought in a period is bought evenly over the days on which the offer is open, so that a period
that reaches over the end of a year, or of a term, counts for each by its days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from cellroad.plan.periods import Periods

Floats = NDArray[np.float64]
YEARS: dict[str, type[pl.DataType]] = {
    "term": pl.Int64, "of": pl.Int64, "year": pl.Int64, "begin": pl.Int64, "finish": pl.Int64, "part": pl.Float64,
    "settle": pl.Int64,
}  # fmt: skip


def years(periods: Periods, spans: list[tuple[int, int, dt.date | None]]) -> pl.DataFrame:
    """Return the years of spans within the horizon: term, of, year, begin, finish, part, settle.

    spans   first day number, day number after the last, and where years are counted from (None: from January)
    of      number of the span; `part` is the part of the days of the year that lies in it
    settle  the period of its last day
    """
    rows: list[tuple[object, ...]] = []
    for of, (first, after, anchor) in enumerate(spans):
        low, high = max(first, 0), min(after, int(periods.first_day[-1]))
        for begins, ends in _whole_years(periods.date_of(low), periods.date_of(high), anchor) if low < high else ():
            whole = periods.day_number(begins), periods.day_number(ends)
            begin, finish = max(whole[0], low), min(whole[1], high)
            part = (finish - begin) / (whole[1] - whole[0])
            rows.append((len(rows), of, begins.year, begin, finish, part, int(periods.of_day[finish - 1])))
    return pl.DataFrame(rows, schema=YEARS, orient="row")


def _whole_years(first: dt.date, after: dt.date, anchor: dt.date | None) -> Iterator[tuple[dt.date, dt.date]]:
    """Return the first days of the years that touch a span, with those of the years after."""
    anchor = anchor or dt.date(first.year, 1, 1)
    number = first.year - anchor.year - 1
    while (begins := years_later(anchor, number)) < after:
        if (ends := years_later(anchor, number + 1)) > first:
            yield begins, ends
        number += 1


def years_later(day: dt.date, years: int) -> dt.date:
    """Return the same day so many years later; 28 February for the 29th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def days_within(periods: Periods, begin: ArrayLike, finish: ArrayLike) -> Floats:
    """Return how many days of each period lie in each span of day numbers: shape (spans, T)."""
    low, high = (np.asarray(side, dtype=np.int64).reshape(-1, 1) for side in (begin, finish))
    inside = np.minimum(high, periods.first_day[1:]) - np.maximum(low, periods.first_day[:-1])
    return np.asarray(np.clip(inside, 0, None), dtype=np.float64)


def shares_within(
    periods: Periods, begin: ArrayLike, finish: ArrayLike, open_from: ArrayLike, open_until: ArrayLike
) -> Floats:
    """Return the part of the open days of each period that lies in each span: shape (spans, T).

    The open days of a span are those from `open_from` to the day before `open_until`, one each or one for all.
    """
    opened = days_within(periods, open_from, open_until)
    both = days_within(periods, np.maximum(begin, open_from), np.minimum(finish, open_until))
    return np.asarray(both / np.where(opened > 0, opened, 1.0))
