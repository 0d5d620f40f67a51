"""From order to dock on real calendars: when does it arrive, when must it be ordered, what does a day too late cost?

A step is a map of days: what is begun on day d is over on step(d). A way is its steps one after the other, so all days
of all years are asked at once, and the latest order for a day is found by looking back. No step lets a later day
overtake an earlier one; a way therefore never does.

    confirmed   so many worked days of the vendor
    made        so many days outside the shutdowns of the vendor
    booked      so many days, if the goods are dangerous
    arrived     leaves on the next day outside a shutdown; then so many days, and those of the season
    docked      the next worked day at the destination
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.calendars import events, shutdown, working

Ints = NDArray[np.int64]
CASES = ("low", "likely", "high")
AROUND = 800
"""Days beyond the asked ones for which calendars are laid out: no way takes longer."""


@dataclass(frozen=True)
class Step:
    """One step of a way.

    days      low, likely and high
    counts    what is counted: worked days (no weekends and holidays), open days (outside of shutdowns), or all days
    calendar  country whose days they are
    slower    days of departure on which all days take longer, as (first, last, days)
    """

    step: str
    days: tuple[int, int, int]
    counts: Literal["worked", "open", "all"]
    calendar: str = "none"
    slower: tuple[tuple[dt.date, dt.date, int], ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.days[0] <= self.days[1] <= self.days[2]:
            raise ValueError(f"{self.step}: days {self.days}, expected 0 <= low <= likely <= high")


@dataclass(frozen=True)
class Way:
    """What happens between an order and the dock, for orders from `first` to `last`."""

    steps: tuple[Step, ...]
    first: dt.date
    last: dt.date

    @cached_property
    def days(self) -> dict[str, list[Ints]]:
        """Return for each case the day on which each step is over, by day of the order: (steps + 1, days)."""
        asked = np.arange((self.last - self.first).days + 1, dtype=np.int64)
        found: dict[str, list[Ints]] = {}
        for number, case in enumerate(CASES):
            over = [asked]
            for step in self.steps:
                over.append(_map(step, number, self.first, self._size)[over[-1]])
            found[case] = over
        return found

    @property
    def _size(self) -> int:
        return (self.last - self.first).days + 1 + AROUND

    def dates(self, ordered: dt.date) -> pl.DataFrame:
        """Return when each step is over for an order of a day: step, low, likely, high.

        Raises ValueError for a day that the way was not laid out for.
        """
        if not self.first <= ordered <= self.last:
            raise ValueError(f"{ordered} lies outside of {self.first} to {self.last}, for which days are laid out")
        at = (ordered - self.first).days
        names = ["ordered", *(step.step for step in self.steps)]
        columns = {case: [self._date(over[at]) for over in self.days[case]] for case in CASES}
        return pl.DataFrame({"step": names, **columns})

    def latest(self, needed: dt.date, case: str = "likely") -> dt.date | None:
        """Return the last day to order what must be on the dock on a day, None where the first day is too late."""
        docked = self.days[case][-1]
        at = int(np.searchsorted(docked, (needed - self.first).days, side="right")) - 1
        return self._date(at) if at >= 0 else None

    def cliffs(self, case: str = "likely", least: int = 7) -> pl.DataFrame:
        """Return the days after which an order arrives much later: order_by, arrives, after, arrives_then, days, why.

        A day later is `least` days or more later at the dock. Why: the shutdown in which it waits, blank where none is.
        """
        docked = self.days[case][-1]
        more = np.diff(docked)
        at = np.flatnonzero(more >= least)
        rows = [
            (self._date(n), self._date(docked[n]), self._date(n + 1), self._date(docked[n + 1]), int(more[n]),
             self._cause(case, int(n)))
            for n in at
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=_CLIFFS, orient="row")

    def _cause(self, case: str, at: int) -> str:
        """Return the shutdown in which an order of the day after `at` waits, at the step where it falls back most."""
        over = self.days[case]
        behind = [int(days[at + 1] - days[at]) for days in over]
        number = int(np.argmax(np.diff(behind)))
        step, waits = self.steps[number], over[number]
        first, last = int(waits[at]), int(over[number + 1][at + 1])
        if step.counts == "all":  # only the departure waits
            last = int(_next(_open(step.calendar, self.first, self._size), np.arange(self._size))[waits[at + 1]])
        elif step.days[CASES.index(case)]:
            first = int(over[number + 1][at])
        shut = {
            event: int(shutdown(step.calendar, self._date(first), self._date(last), event).sum())
            for event in events(step.calendar)
        }
        return max(shut, key=shut.__getitem__) if any(shut.values()) else ""

    def _date(self, day: int | np.int64) -> dt.date:
        return self.first + dt.timedelta(days=int(day))


_CLIFFS = {
    "order_by": pl.Date, "arrives": pl.Date, "after": pl.Date, "arrives_then": pl.Date, "days": pl.Int64,
    "why": pl.String,
}  # fmt: skip


def way(steps: Sequence[Step], first: dt.date, last: dt.date) -> Way:
    """Return the way of orders from a first to a last day.

    Raises ValueError where there is no step, or the last day lies before the first.
    """
    if not steps:
        raise ValueError("a way without steps: give at least one")
    if last < first:
        raise ValueError(f"orders from {first} to {last}: expected a last day on or after the first")
    return Way(tuple(steps), first, last)


def _map(step: Step, case: int, first: dt.date, size: int) -> Ints:
    """Return by day the day on which a step that begins then is over."""
    days = step.days[case]
    day = np.arange(size, dtype=np.int64)
    if step.counts == "all":
        leave = _next(_open(step.calendar, first, size), day)
        over = leave + days
        for begin, end, more in step.slower:
            over = over + more * ((leave >= (begin - first).days) & (leave <= (end - first).days))
        return np.minimum(np.maximum.accumulate(over), size - 1)
    if step.counts == "open":
        open_ = _open(step.calendar, first, size)
    else:
        open_ = working(step.calendar, first, first + dt.timedelta(days=size - 1))
    if days == 0:
        return _next(open_, day)
    ends, before = np.flatnonzero(open_), np.concatenate([[0], np.cumsum(open_)])
    done = before[day] + days - 1  # the day of the order counts if it is worked
    return np.where(done < ends.size, ends[np.minimum(done, ends.size - 1)], size - 1).astype(np.int64)


def _open(calendar: str, first: dt.date, size: int) -> NDArray[np.bool_]:
    return ~shutdown(calendar, first, first + dt.timedelta(days=size - 1))


def _next(open_: NDArray[np.bool_], day: Ints) -> Ints:
    """Return for each day the first open day from it on."""
    last = day.size - 1
    return np.minimum.accumulate(np.where(open_, day, last)[::-1])[::-1]
