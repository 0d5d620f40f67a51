"""Which days are worked where: factory shutdowns, public holidays, weekends.

Around Chinese New Year and Golden Week factories and forwarders close for longer than the public holiday. The shipped
calendar says how long, year by year; beyond its years the festival's date comes from the `holidays` library and the
window from the last shipped year. Public holidays come from that library. A calendar is a country code, or 'none' for a
place that never closes, and after it the days on which a company is closed besides, as dates or intervals of ISO 8601:
`CN;2027-07-05/2027-07-16;2027-12-24`.
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
OWN = "own shutdown"
"""What the days are called on which a company is closed beside the shutdowns of its country."""
FESTIVALS = {
    "Chinese New Year": "Chinese New Year (Spring Festival)",
    "National Day Golden Week": "National Day",
    "Mid-Autumn Festival": "Mid-Autumn Festival",
}
"""Events of the shipped calendar and what the holidays library calls their first day."""


@lru_cache(maxsize=1024)
def shutdown(calendar: str, first: dt.date, last: dt.date, event: str = "") -> NDArray[np.bool_]:
    """Return for each day from first to last (both included) whether factories and forwarders are closed.

    An event names one of the shutdowns, without one each counts; OWN names those of the company itself.

    All False for 'none' and for a country without shutdowns. The array is shared and read-only.
    """
    days = _days(first, last)
    closed = np.zeros(days.size, dtype=np.bool_)
    if days.size:
        country, own = parts(calendar)
        theirs = () if event == OWN else windows(country, first.year - 1, last.year + 1, event)
        for opens, closes in (*theirs, *(own if event in ("", OWN) else ())):
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
    country, _ = parts(calendar)
    if country != ALWAYS_OPEN:
        known = _public(country, tuple(range(first.year, last.year + 1)))
        free = np.array(sorted(known), dtype="datetime64[D]")
        made_up = np.array(sorted(known.weekend_workdays), dtype="datetime64[D]")
        week = [day not in known.weekend for day in range(7)]
        open_ = np.is_busday(days, weekmask=week, holidays=free) | np.isin(days, made_up)
    open_ = open_ & ~shutdown(calendar, first, last)
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
def events(calendar: str) -> list[str]:
    """Return the shutdowns of a calendar by name."""
    known = facts.calendars().filter(pl.col("shutdown_start_days_before").is_not_null())
    home, own = parts(calendar)
    return known.filter(pl.col("country") == home)["event"].unique().sort().to_list() + [OWN] * bool(own)


@cache
def parts(calendar: str) -> tuple[str, tuple[tuple[dt.date, dt.date], ...]]:
    """Return the country of a calendar ('none': always open), and first and last of the days closed besides.

    Raises ValueError for what is no such calendar.
    """
    country, *own = (part.strip() for part in calendar.split(";"))
    spans = []
    for part in filter(None, own):
        opens, _, closes = part.partition("/")
        first, last = dt.date.fromisoformat(opens.strip()), dt.date.fromisoformat((closes or opens).strip())
        if last < first:
            raise ValueError(f"{part!r} ends before it begins")
        spans.append((first, last))
    if country != ALWAYS_OPEN and not (len(country) == 2 and country.isascii() and country.isupper()):
        raise ValueError(f"{country!r} is neither a country code nor {ALWAYS_OPEN!r}")
    return country, tuple(spans)


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
