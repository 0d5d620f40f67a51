"""What does a unit cost landed when it enters on a day, and when must it be ordered?

Price, freight, insurance, each layer of duty, the fees of the entry and the money tied up on the way: one bar each, and
behind every bar the row that it comes from. What is made at the origin costs its conversion and its inputs, each landed
there from its cheapest source. Duty falls on the customs value where the route enters the country of the destination.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.currencies import in_usd
from cellroad.chain.day import Day, as_day
from cellroad.chain.finding import ChainError, Finding
from cellroad.rules.bars import waterfall
from cellroad.rules.bring import bring
from cellroad.rules.duties import DutyTotal
from cellroad.rules.question import Question
from cellroad.rules.route import route
from cellroad.rules.supply import supply


@dataclass(frozen=True, slots=True)
class Landed:
    """What a unit costs landed, and when it must be ordered.

    `waterfall`: order, kind (price, make, inland freight, freight, dangerous goods, insurance, duty:<program>, mpf,
    hmf, carrying, total), label, usd_per_unit, usd_per_kwh (null for goods without energy), rate_pct, basis, fact (ids
    of fact rows), source, confidence, note. `lead`: as in `rules.lead`. `duty`: of the crossing. Totals in USD a unit;
    `low_usd` and `high_usd` where the duty is an interval, `high_usd` None where no bound is known.
    """

    item: str
    unit: str
    origin: str
    destination: str
    on: dt.date
    waterfall: pl.DataFrame
    lead: pl.DataFrame
    duty: DutyTotal
    total_usd: float
    low_usd: float
    high_usd: float | None
    per_kwh: float | None

    @property
    def order_by(self) -> dt.date:
        """Return the day on which the goods must be ordered."""
        day: dt.date = self.lead.row(0, named=True)["start"]
        return day

    @property
    def lead_days(self) -> int:
        """Return the days from order to arrival."""
        return int(self.lead["days"].sum())

    def summary(self) -> str:
        """Return the answer in three lines."""
        energy = "" if self.per_kwh is None else f", {_money(self.per_kwh)}/kWh"
        bounds = ""
        if self.high_usd is None:
            bounds = f" (at least {_money(self.low_usd)}: duty not fully known)"
        elif self.low_usd < self.high_usd:
            bounds = f" ({_money(self.low_usd)} to {_money(self.high_usd)}: duty not certain)"
        closed = int(self.lead["closed_days"].sum())
        return "\n".join(
            [
                f"{self.item} from {self.origin} at {self.destination}, entry {_day(self.on)}: "
                f"{_money(self.total_usd)} per {self.unit}{energy}{bounds}",
                f"Duty {self.duty.rate_pct:.1f} % ({self.duty.state})"
                + (f": {self.duty.note}" if self.duty.note else ""),
                f"Order by {_day(self.order_by)}: {self.lead_days} days, {closed} of them closed",
            ]
        )


def land(
    chain: Chain, item: str, origin: str, destination: str, on: Day,
    as_known: Day | None = None, preference: str | None = None,
) -> Landed:  # fmt: skip
    """Return what a unit of an item from one site costs at another when it enters on a day.

    `on` is the day of entry into the country of the destination (of arrival, where no border is crossed), `as_known`
    the day whose knowledge of the law is used, `preference` a trade agreement that is claimed (KORUS, USMCA).
    Raises ChainError for an unknown item or site, where no offer or process gives the item at the origin on that day,
    where no lanes lead to the destination, and for a day or code for which there are no rules; ValueError for text that
    is no day.
    """
    on, chain = as_day(on), in_usd(chain)
    question = Question(chain, on, as_day(as_known), preference)
    _known(chain, item, origin, destination)
    goods = question.item(item)
    offered = supply(question, item, origin)
    legs = route(chain, item, origin, destination)
    if legs is None:
        raise ChainError([_no_route(goods, origin, destination)])
    brought = bring(question, goods, legs, offered)
    cost, kwh = brought.cost, goods["kwh"]
    return Landed(
        item=item, unit=goods["unit"], origin=origin, destination=destination, on=on,
        waterfall=waterfall(cost.bars, kwh), lead=brought.lead, duty=brought.duty, total_usd=cost.usd,
        low_usd=cost.usd - cost.slack_usd, high_usd=cost.usd if cost.bounded else None,
        per_kwh=cost.usd / kwh if kwh else None,
    )  # fmt: skip


def _known(chain: Chain, item: str, origin: str, destination: str) -> None:
    """Raise ChainError with every id that the chain does not have."""
    items, sites = chain.items["item"].to_list(), chain.sites["site"].to_list()
    asked = [("items", "item", item, items), ("sites", "site", origin, sites), ("sites", "site", destination, sites)]
    wrong = [
        Finding(
            "blocker", table, None, column, repr(given), f"one of the {len(ids)} {table} of the chain",
            "Did you mean " + " or ".join(near) + "?" if (near := get_close_matches(given, ids)) else "Correct the id.",
        )
        for table, column, given, ids in asked
        if given not in ids
    ]  # fmt: skip
    if wrong:
        raise ChainError(wrong)


def _no_route(goods: dict[str, Any], origin: str, destination: str) -> Finding:
    cargo = f"dangerous goods of class {goods['dg_class']}" if goods["dg_class"] else "general cargo"
    return Finding(
        "blocker", "lanes", None, "origin", f"no way from {origin!r} to {destination!r} for {goods['item']!r}",
        f"lanes that lead there and take {cargo}", "Add a lane, or allow the class in dg_class of one.",
    )  # fmt: skip


def _money(usd: float) -> str:
    return f"${usd:,.0f}" if usd >= 100 else f"${usd:.3g}"


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"
