"""When are goods longer under way? Ports and customs before and after a holiday, storms, a canal that is closed."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.calendars import shutdown
from cellroad.chain.chain import Chain
from cellroad.plan.periods import MARGIN_DAYS, Periods


def of_lanes(chain: Chain) -> dict[str, tuple[str, ...]]:
    """Return the seasons of each lane that has one: those of its lane, mode and country, as far as they say."""
    if chain.seasons.is_empty():
        return {}
    country = chain.sites.select("site", "country")
    lanes = (
        chain.lanes.select("lane", "origin", "destination", "mode")
        .join(country.rename({"site": "origin", "country": "country_from"}), on="origin")
        .join(country.rename({"site": "destination", "country": "country_to"}), on="destination")
    )
    of = chain.seasons.select("season", of="lane", by="mode", at="country")
    meant = lanes.join(of, how="cross").filter(
        (pl.col("of").is_null() | (pl.col("of") == pl.col("lane")))
        & (pl.col("by").is_null() | (pl.col("by").cast(pl.String) == pl.col("mode").cast(pl.String)))
        & (pl.col("at").is_null() | (pl.col("at") == pl.col("country_from")) | (pl.col("at") == pl.col("country_to")))
    )
    grouped = meant.sort("season").group_by("lane", maintain_order=True).agg("season")
    return {lane: tuple(seasons) for lane, seasons in grouped.iter_rows()}


def late_days(chain: Chain, periods: Periods, seasons: tuple[str, ...]) -> NDArray[np.int64]:
    """Return how much longer what leaves on a day is under way, from the first day to MARGIN_DAYS after the horizon.

        late[d] = sum over the seasons that d lies in of extra_days

    A season of a country lies around its shutdowns, from days_before their first closed day to days_after their last.
    """
    days = int(periods.first_day[-1]) + MARGIN_DAYS
    late = np.zeros(days, dtype=np.int64)
    rows = chain.seasons.filter(pl.col("season").is_in(list(seasons)))
    for row in rows.iter_rows(named=True):
        late += row["extra_days"] * (
            _around(row, periods, days) if row["valid_from"] is None else _between(row, periods, days)
        )
    return late


def _between(row: dict[str, Any], periods: Periods, days: int) -> NDArray[np.bool_]:
    day = np.arange(days)
    last = days if row["valid_to"] is None else periods.day_number(row["valid_to"])
    return np.asarray((day >= periods.day_number(row["valid_from"])) & (day <= last))


def _around(row: dict[str, Any], periods: Periods, days: int) -> NDArray[np.bool_]:
    before, after = row["days_before"], row["days_after"]
    closed = shutdown(row["country"], periods.date_of(-after), periods.date_of(days - 1 + before), row["event"])
    counted = np.concatenate([[0], np.cumsum(closed)])  # closed days in a window from `after` before to `before` after
    return np.asarray(counted[after + before + 1 :] > counted[: -(after + before + 1)])
