"""Which days are worked where: factory shutdowns, public holidays, weekends.

Around Chinese New Year and Golden Week factories and forwarders close for longer than the public holiday. The shipped
calendar says how long, year by year; beyond its years the festival's date comes from the `holidays` library and the
window from the last shipped year. Public holidays come from that library. A calendar is a country code, or 'none' for a
place that never closes.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import cache, lru_cache

import holidays
import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain import facts

ALWAYS_OPEN = "none"
FESTIVALS = {
    "Chinese New Year": "Chinese New Year (Spring Festival)",
    "National Day Golden Week": "National Day",
    "Mid-Autumn Festival": "Mid-Autumn Festival",
}
"""Events of the shipped calendar and what the holidays library calls their first day."""


@lru_cache(maxsize=1024)
def shutdown(calendar: str, first: dt.date, last: dt.date, event: str = "") -> NDArray[np.bool_]:
    """Return for each day from first to last (both included) whether factories and forwarders are closed.

    An event names one of the shutdowns, without one each counts.

    All False for 'none' and for a country without shutdowns. The array is shared and read-only.
    """
    days = _days(first, last)
    closed = np.zeros(days.size, dtype=np.bool_)
    if days.size:
        for opens, closes in windows(calendar, first.year - 1, last.year + 1, event):
            closed |= (days >= np.datetime64(opens)) & (days <= np.datetime64(closes))
    closed.flags.writeable = False
    return closed


@lru_cache(maxsize=1024)
def working(calendar: str, first: dt.date, last: dt.date) -> NDArray[np.bool_]:
    """Return for each day from first to last whether it is worked: no weekend, public holiday or shutdown.

    A weekend that is worked to make up for a holiday, as China decrees every year, is worked. All True for 'none'. The
    array is shared and read-only. Raises ValueError for a country that has no calendar.
    """
    days = _days(first, last)
    open_ = np.ones(days.size, dtype=np.bool_)
    if calendar != ALWAYS_OPEN:
        known = _public(calendar, tuple(range(first.year, last.year + 1)))
        free = np.array(sorted(known), dtype="datetime64[D]")
        made_up = np.array(sorted(known.weekend_workdays), dtype="datetime64[D]")
        week = [day not in known.weekend for day in range(7)]
        worked = np.is_busday(days, weekmask=week, holidays=free) | np.isin(days, made_up)
        open_ = worked & ~shutdown(calendar, first, last)
    open_.flags.writeable = False
    return open_


@lru_cache(maxsize=1024)
def holidays_of(country: str, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return the public holidays of a country from first to last: date, name (English where the library has it).

    Raises ValueError for a country that the holidays library does not know.
    """
    named = _public(country, tuple(range(first.year, last.year + 1)))
    rows = sorted((day, name) for day, name in named.items() if first <= day <= last)
    return pl.DataFrame(rows, schema={"date": pl.Date, "name": pl.String}, orient="row")


@cache
def _public(country: str, years: tuple[int, ...]) -> holidays.HolidayBase:
    known = holidays.list_supported_countries()
    if country not in known:
        raise ValueError(
            f"no holidays of {country!r} are known; give an ISO country code such as CN, US, MY, KR, JP, DE"
        )
    languages = holidays.list_localized_countries().get(country, [])
    language = next((name for name in ("en_US", "en") if name in languages), None)
    return holidays.country_holidays(country, years=years, language=language, expand=False)


@cache
def zones() -> frozenset[str]:
    """Return the time zones by their IANA names."""
    return frozenset(zoneinfo.available_timezones())


@cache
def events(country: str) -> list[str]:
    """Return the shutdowns of a country by name."""
    known = facts.calendars().filter(pl.col("shutdown_start_days_before").is_not_null())
    return known.filter(pl.col("country") == country)["event"].unique().sort().to_list()


@cache
def windows(country: str, first: int, last: int, named: str = "") -> tuple[tuple[dt.date, dt.date], ...]:
    """Return the first and last closed day of every shutdown in the years first..last."""
    shipped = facts.calendars().filter(
        (pl.col("country") == country)
        & pl.col("shutdown_start_days_before").is_not_null()
        & ((pl.col("event") == named) | (named == ""))
    )
    windows = []
    for (event,), rows in shipped.sort("year").group_by("event", maintain_order=True):
        by_year = {row["year"]: row for row in rows.iter_rows(named=True)}
        for year in range(first, last + 1):
            row = by_year.get(year, rows.row(-1, named=True))
            day = row["date"] if year in by_year else _festival(country, str(event), year)
            if day is not None:
                before, after = row["shutdown_start_days_before"], row["shutdown_end_days_after"]
                windows.append((day - dt.timedelta(days=before), day + dt.timedelta(days=after)))
    return tuple(windows)


def _festival(country: str, event: str, year: int) -> dt.date | None:
    """Return the first day of a festival by the holidays library, None where it does not tell."""
    name = FESTIVALS.get(event, event)
    days = (day for day, named in _public(country, (year,)).items() if day.year == year and name in named.split("; "))
    return min(days, default=None)


def _days(first: dt.date, last: dt.date) -> NDArray[np.datetime64]:
    return np.arange(np.datetime64(first), np.datetime64(last) + 1)
