"""The way of an order in a chain: from what its tables say of offer, lane and sites to steps on their calendars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import polars as pl

from cellroad.chain.calendars import windows
from cellroad.chain.chain import Chain
from cellroad.chain.tell import did_you_mean, listed
from cellroad.plan.schedule.lead import Step, Way, way
from cellroad.plan.transport.seasons import of_lanes

CONFIRMED = (1, 2, 5)
"""Worked days until a vendor confirms an order: an assumption."""
BOOKED = (7, 10, 14)
"""Days until a ship takes dangerous goods: acceptance and booking, 7 to 14 (notes of the facts LN01 to LN11)."""


def order(
    chain: Chain,
    offer: str,
    lane: str = "",
    *,
    first: dt.date,
    last: dt.date,
    confirmed: tuple[int, int, int] = CONFIRMED,
    booked: tuple[int, int, int] = BOOKED,
) -> Way:
    """Return the way from an order of an offer to the dock at the end of a lane, for orders from first to last.

    lane       one that leaves the site of the offer; may be left out where there is one
    confirmed  worked days of the vendor until it confirms: low, likely, high
    booked     days of booking, for dangerous goods by sea: low, likely, high

    Raises ValueError for an offer or lane that is not there, or does not fit.
    """
    offers = chain.offers.filter(offer=offer)
    if offers.is_empty():
        raise ValueError(f"no offer is called {offer!r}. {_others(offer, chain.offers['offer'])}")
    bought = offers.row(0, named=True)
    leaving = chain.lanes.filter(origin=bought["site"])
    if not lane and leaving.height != 1:
        found = (
            f"{leaving.height} lanes leave {bought['site']}" if leaving.height else f"no lane leaves {bought['site']}"
        )
        raise ValueError(f"{found}; name one: {listed(leaving['lane'])}")
    taken = leaving.filter(lane=lane) if lane else leaving
    if taken.is_empty():
        raise ValueError(f"no lane from {bought['site']} is called {lane!r}. {_others(lane, leaving['lane'])}")
    road = taken.row(0, named=True)
    vendor, dock = (_calendar(chain, site) for site in (bought["site"], road["destination"]))
    goods = chain.items.filter(item=bought["item"]).row(0, named=True)
    dangerous = bool(goods["dg_class"]) and road["mode"] == "ocean"
    likely = road["transit_days"]
    transit = [road[name] if road[name] is not None else likely
               for name in ("transit_low_days", "transit_days", "transit_high_days")]  # fmt: skip
    made = (bought["lead_days"],) * 3
    low, mid, high = (round(days + 30.4375 * road["transit_months"]) for days in transit)
    steps = [
        Step("confirmed", confirmed, "worked", vendor),
        Step("made", made, "open", vendor),
        *([Step("booked", booked, "all")] if dangerous else []),
        Step("arrived", (low, mid, high), "all", vendor, tuple(_slower(chain, road["lane"], first, last))),
        Step("docked", (0, 0, 0), "worked", dock),
    ]
    return way(steps, first, last)


def _others(name: str, names: pl.Series) -> str:
    return did_you_mean(name, names, f"There are {listed(names)}.")


def _calendar(chain: Chain, site: str) -> str:
    row = chain.sites.filter(site=site).row(0, named=True)
    return str(row["calendar"] or row["country"])


def _slower(chain: Chain, lane: str, first: dt.date, last: dt.date) -> Iterable[tuple[dt.date, dt.date, int]]:
    """Return the days on which a departure is longer under way: those of the seasons of a lane."""
    mine = of_lanes(chain).get(lane, ())
    for row in chain.seasons.filter(pl.col("season").is_in(list(mine))).iter_rows(named=True):
        for begin, end in _days(row, first, last):
            yield begin, end, row["extra_days"]


def _days(row: dict[str, Any], first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
    if row["valid_from"] is not None:
        return [(row["valid_from"], row["valid_to"] or dt.date.max)]
    before, after = dt.timedelta(days=row["days_before"]), dt.timedelta(days=row["days_after"])
    closed = windows(row["country"], first.year - 1, last.year + 2, row["event"])
    return [(begin - before, end + after) for begin, end in closed]
