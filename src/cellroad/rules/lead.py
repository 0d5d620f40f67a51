"""When must goods be ordered to enter on a day, and what takes the time?

Worked backward from the day of entry: crossing, way to the port, making. Factories and forwarders that close (Chinese
New Year) take goods over on the last open day before, and make nothing while closed, so the order goes out earlier.
"""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import polars as pl

from cellroad.chain.calendars import ALWAYS_OPEN, shutdown

LEAD_SCHEMA = {
    "stage": pl.String, "start": pl.Date, "end": pl.Date, "days": pl.Int64, "closed_days": pl.Int64, "note": pl.String,
}  # fmt: skip
Stage = tuple[str, dt.date, dt.date, str, str]
"""Stage, start, end, calendar whose closed days count, note."""


def lead(legs: pl.DataFrame, entry: int, on: dt.date, make_days: int, calendar: str) -> pl.DataFrame:
    """Return the way of goods from order to arrival: stage, start, end, days, closed_days, note; in order of time.

    `legs` as from `route`, `entry` the number of the leg that ends with the entry on day `on` (−1: goods are wanted at
    the site on that day), `make_days` open days from order to goods ready, `calendar` that of the site that makes.
    Stages: order, make, wait, transit, clear. Transit is the likely time of the lane, with customs.
    """
    before: list[Stage] = []
    ready = on
    for leg in reversed(list(legs.head(entry + 1).iter_rows(named=True))):
        wanted = ready - dt.timedelta(days=math.ceil(leg["transit_days"]))
        given = last_open(leg["calendar"], wanted)
        before.append(("transit", wanted, ready, ALWAYS_OPEN, _way(leg)))
        if given < wanted:
            before.append(("wait", given, wanted, leg["calendar"], f"{leg['origin']} is closed: handed over before"))
        ready = given
    order = open_days_before(calendar, ready, make_days)
    start: list[Stage] = [
        ("order", order, order, calendar, ""),
        ("make", order, ready, calendar, f"{make_days} open days"),
    ]
    return _frame([*start, *reversed(before), *_after(legs, entry, on)])


def _after(legs: pl.DataFrame, entry: int, on: dt.date) -> list[Stage]:
    stages: list[Stage] = []
    if legs.height and legs["crosses"][entry]:
        stages.append(("clear", on, on, ALWAYS_OPEN, "customs is within the days of the lane"))
    day = on
    for leg in legs.slice(entry + 1).iter_rows(named=True):
        arrives = day + dt.timedelta(days=math.ceil(leg["transit_days"]))
        stages.append(("transit", day, arrives, ALWAYS_OPEN, _way(leg)))
        day = arrives
    return stages


def _frame(stages: list[Stage]) -> pl.DataFrame:
    rows = [
        (stage, start, end, (end - start).days, _closed(calendar, start, end), note)
        for stage, start, end, calendar, note in stages
    ]
    return pl.DataFrame(rows, schema=LEAD_SCHEMA, orient="row")


def last_open(calendar: str, day: dt.date) -> dt.date:
    """Return the last day up to `day` on which a site is not shut down."""
    while shutdown(calendar, day, day)[0]:
        day -= dt.timedelta(days=1)
    return day


def open_days_before(calendar: str, ready: dt.date, days: int) -> dt.date:
    """Return the day from which so many open days lie before `ready`."""
    window = 2 * days + 90
    first = ready - dt.timedelta(days=window)
    open_ = np.flatnonzero(~shutdown(calendar, first, ready - dt.timedelta(days=1)))
    return first + dt.timedelta(days=int(open_[-days])) if days else ready


def _closed(calendar: str, start: dt.date, end: dt.date) -> int:
    return int(shutdown(calendar, start, end - dt.timedelta(days=1)).sum()) if end > start else 0


def _way(leg: dict[str, object]) -> str:
    return f"{leg['origin']} to {leg['destination']} by {leg['mode']}"
