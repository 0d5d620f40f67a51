"""Which periods does a plan have, and when does what leaves in one arrive?

Months near, quarters and years far. Goods leave evenly over the days of a period; a day on which the origin is shut
waits for the next open day; the lead time is added in calendar days. What leaves in one period therefore arrives in
one or two later ones, in shares that are counted by day. A lead time that is no multiple of a month, a quarter beside
months and a factory shutdown are all told truly, and material is conserved because the shares of a departure add up
to one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.calendars import shutdown
from cellroad.chain.settings import PlanSettings

MARGIN_DAYS = 400
"""Days before and after the horizon for which the calendar is known, so that lead times can reach over its ends."""


@dataclass(frozen=True)
class Periods:
    """The time grid of a plan.

    `frame` has period, start, end (last day), months, days, label, discount (factor of its middle, or of its start).
    Day numbers count from the first day of the horizon.
    """

    frame: pl.DataFrame
    start: dt.date
    discount_per_year: float
    discount_from: str = "middle"

    @cached_property
    def count(self) -> int:
        """Return the number of periods T; period T stands for 'after the horizon'."""
        return self.frame.height

    @cached_property
    def first_day(self) -> NDArray[np.int64]:
        """Return the day number on which each period starts, and last the number of days: shape (T + 1,)."""
        days = self.frame["days"].to_numpy()
        return np.concatenate([[0], np.cumsum(days)]).astype(np.int64)

    @cached_property
    def of_day(self) -> NDArray[np.int64]:
        """Return the period of each day of the horizon."""
        return np.repeat(np.arange(self.count), self.frame["days"].to_numpy())

    @cached_property
    def months(self) -> NDArray[np.int64]:
        """Return the length of each period in months."""
        return self.frame["months"].to_numpy().astype(np.int64)

    @cached_property
    def first_month(self) -> NDArray[np.int64]:
        """Return the month number, counted from the start, in which each period begins: shape (T + 1,)."""
        return np.concatenate([[0], np.cumsum(self.months)]).astype(np.int64)

    @cached_property
    def middle_month(self) -> NDArray[np.float64]:
        """Return the middle of each period in months from the start, and last that of a month after the horizon."""
        return np.append((self.first_month[:-1] + self.first_month[1:]) / 2, self.first_month[-1] + 0.5)

    @cached_property
    def middles(self) -> pl.DataFrame:
        """Return the middle of each period and of the next one, in months from the start: period, middle, next."""
        middle = self.middle_month
        return pl.DataFrame({"period": np.arange(self.count), "middle": middle[:-1], "next": middle[1:]})

    @cached_property
    def discount(self) -> NDArray[np.float64]:
        """Return the discount factor of each period: at its middle, or at its start."""
        return self.frame["discount"].to_numpy().astype(np.float64)

    def discount_at(self, day: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return the discount factor of a day number (which may be broken, negative or after the horizon)."""
        return np.asarray((1.0 + self.discount_per_year) ** (-np.asarray(day, float) / 365.25))

    @property
    def end_discount(self) -> float:
        """Return the discount factor of the end of the horizon."""
        if self.discount_from == "start":
            return float((1.0 + self.discount_per_year) ** (-self.first_month[-1] / 12))
        return float(self.discount_at(float(self.first_day[-1])))

    def day_number(self, date: dt.date) -> int:
        """Return the day number of a date."""
        return (date - self.start).days

    def months_on(self, day: NDArray[np.int64], months: int) -> NDArray[np.int64]:
        """Return the day numbers so many months later, as far into their month as the days were into theirs."""
        date = np.datetime64(self.start, "D") + day
        month = date.astype("datetime64[M]")
        first, length = _month_days(month)
        later, room = _month_days(month + months)
        return np.asarray(
            (later - np.datetime64(self.start, "D")).astype(np.int64) + (date - first).astype(np.int64) * room // length
        )

    def date_of(self, day: int) -> dt.date:
        """Return the date of a day number."""
        return self.start + dt.timedelta(days=int(day))

    @cached_property
    def end(self) -> dt.date:
        """Return the day after the last day of the horizon."""
        return self.date_of(int(self.first_day[-1]))

    def mean(self, daily: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean over each period of a daily series: shape (days,) to (T,)."""
        sums = np.add.reduceat(np.asarray(daily, float), self.first_day[:-1])
        return np.asarray(sums / np.diff(self.first_day))

    def share_of_days(self, first: dt.date | None, last: dt.date | None) -> NDArray[np.float64]:
        """Return the part of each period that lies between two dates, both included; None is open."""
        low = 0 if first is None else self.day_number(first)
        high = int(self.first_day[-1]) if last is None else self.day_number(last) + 1
        begin, end = self.first_day[:-1], self.first_day[1:]
        return np.asarray(np.clip(np.minimum(end, high) - np.maximum(begin, low), 0, None) / (end - begin))


def _month_days(month: NDArray[np.datetime64]) -> tuple[NDArray[np.datetime64], NDArray[np.int64]]:
    """Return the first day and the number of days of months."""
    first = month.astype("datetime64[D]")
    return first, ((month + 1).astype("datetime64[D]") - first).astype(np.int64)


def paid_later(
    periods: Periods, period: NDArray[np.int64], days: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return when money of a period moves that is due so many days later: (place in the arrays, period, share).

    Money falls evenly on the days of its period; what is due after the horizon moves at its end, which is period T.
    """
    inside = int(periods.first_day[-1])
    places, when, shares = [], [], []
    for delay in np.unique(days).tolist():
        due = np.arange(inside) + delay
        to = np.where(due < inside, periods.of_day[np.minimum(due, inside - 1)], periods.count)
        pair, count = np.unique(periods.of_day * (periods.count + 1) + to, return_counts=True)
        begun, falls = np.divmod(pair, periods.count + 1)
        share = count / np.diff(periods.first_day)[begun]
        mine = np.flatnonzero(days == delay)
        table = pl.DataFrame({"period": begun, "to": falls, "share": share})
        found = pl.DataFrame({"place": mine, "period": period[mine]}).join(table, on="period", maintain_order="left")
        places.append(found["place"].to_numpy())
        when.append(found["to"].to_numpy())
        shares.append(found["share"].to_numpy())
    if not places:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    return np.concatenate(places), np.concatenate(when), np.concatenate(shares)


def add_months(date: dt.date, months: int) -> dt.date:
    """Return the first day of the month that lies so many months later."""
    index = date.year * 12 + date.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)


def make_periods(settings: PlanSettings) -> Periods:
    """Return months up to `quarters_after`, quarters up to `years_after`, then years; the horizon cuts the last one."""
    start = settings.start
    lengths: list[int] = []
    while sum(lengths) < settings.months:
        done = sum(lengths)
        step = 1 if done < settings.quarters_after else 3 if done < settings.years_after else 12
        lengths.append(min(step, settings.months - sum(lengths)))
    edges = np.concatenate([[0], np.cumsum(lengths)])
    dates = [add_months(start, int(edge)) for edge in edges]
    days = np.diff([(date - start).days for date in dates])
    middle = np.concatenate([[0], np.cumsum(days)])[:-1] + days / 2
    years = edges[:-1] / 12 if settings.discount_from == "start" else middle / 365.25
    frame = pl.DataFrame(
        {
            "period": np.arange(len(lengths), dtype=np.int64),
            "start": dates[:-1],
            "end": [date - dt.timedelta(days=1) for date in dates[1:]],
            "months": np.array(lengths, dtype=np.int64),
            "days": days.astype(np.int64),
            "label": [_label(date, length) for date, length in zip(dates, lengths, strict=False)],
            "discount": (1.0 + settings.discount_per_year) ** -years,
        }
    )
    return Periods(frame, start, settings.discount_per_year, settings.discount_from)


def _label(start: dt.date, months: int) -> str:
    if months == 12 and start.month == 1:
        return f"{start.year}"
    if months == 3 and start.month % 3 == 1:
        return f"{start.year} Q{start.month // 3 + 1}"
    return f"{start:%Y-%m}"


@dataclass(frozen=True)
class Openness:
    """On which days a place works, from MARGIN_DAYS before the horizon to MARGIN_DAYS after it."""

    periods: Periods
    closed: NDArray[np.bool_]

    @cached_property
    def share(self) -> NDArray[np.float64]:
        """Return the part of each period's days that are open: shape (T,)."""
        inside = ~self.closed[MARGIN_DAYS : MARGIN_DAYS + int(self.periods.first_day[-1])]
        return self.periods.mean(inside.astype(float))

    @cached_property
    def next_open(self) -> NDArray[np.int64]:
        """Return for each day (with margin) the first open day from it on."""
        size = self.closed.size
        days = np.where(self.closed, size - 1, np.arange(size))
        return np.minimum.accumulate(days[::-1])[::-1]

    def arrivals(
        self,
        lead_days: float,
        no_exit: NDArray[np.bool_] | None = None,
        no_entry: NDArray[np.bool_] | None = None,
        lead_months: int = 0,
        every_weeks: int = 0,
        late: NDArray[np.int64] | None = None,
    ) -> pl.DataFrame:
        """Return where departures end up: period, to (T: after the horizon), share; shares add up to one.

            share[t,u] = days d of t with e(d) + lead_months + lead_days + late(e(d)) in u / days of t

        e(d) is the first day from d on that is open, and then the next sailing: every so many weeks from the first day
        of the horizon on. `late` says by that day, from the start of the horizon to MARGIN_DAYS after it, how much
        longer the way takes then.

        What leaves in a month arrives, after whole months, in the month so many later. Lead days are rounded to whole
        days. `no_exit` and `no_entry` say on which days, from the start of the horizon to MARGIN_DAYS after it, goods
        may not leave or arrive; then only the days of t count on which neither is so, and a period without such a day
        has no departures.
        """
        count, inside = self.periods.count, int(self.periods.first_day[-1])
        leave = self.next_open[MARGIN_DAYS : MARGIN_DAYS + inside] - MARGIN_DAYS
        if every_weeks:
            leave = -(-leave // (7 * every_weeks)) * 7 * every_weeks
        arrive = (self.periods.months_on(leave, lead_months) if lead_months else leave) + round(lead_days)
        if late is not None:
            arrive = arrive + late[np.minimum(leave, late.size - 1)]
        allowed = np.ones(inside, dtype=bool)
        for closed, day in ((no_exit, leave), (no_entry, arrive)):
            if closed is not None:
                allowed &= ~closed[np.minimum(day, closed.size - 1)]
        arrive, begun = arrive[allowed], self.periods.of_day[allowed]
        to = np.where(arrive < inside, self.periods.of_day[np.minimum(arrive, inside - 1)], count)
        pair, days = np.unique(begun * (count + 1) + to, return_counts=True)
        period, to = np.divmod(pair, count + 1)
        share = days / np.bincount(begun, minlength=count)[period]
        return pl.DataFrame({"period": period, "to": to, "share": share})

    @cached_property
    def worked(self) -> NDArray[np.int64]:
        """Return how many open days lie before the end of each day (with margin)."""
        return np.cumsum(~self.closed)

    def order_day(self, day: NDArray[np.int64], lead_days: int) -> NDArray[np.int64]:
        """Return the day numbers on which goods that are ready on `day` must be ordered, working days only."""
        target = self.worked[day + MARGIN_DAYS] - lead_days
        return np.searchsorted(self.worked, np.maximum(target, 0)) - MARGIN_DAYS


def openness(periods: Periods, calendar: str) -> Openness:
    """Return on which days a place with this calendar works (factory shutdowns, not weekends)."""
    first = periods.date_of(-MARGIN_DAYS)
    last = periods.end + dt.timedelta(days=MARGIN_DAYS - 1)
    return Openness(periods, shutdown(calendar, first, last))
