"""What a plan must know of the law: which sales and crossings are banned from when, and which credits may be claimed.

Both are frames over time, worked out once from the standing of the partners; the plan joins them to its arcs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.rules.law import Law
from cellroad.rules.verdict import Standing, Verdict

BAN_SCHEMA = {
    "ban": pl.String, "binds": pl.String, "segment": pl.String, "country": pl.String, "item": pl.String,
    "answer": pl.String, "valid_from": pl.Date, "valid_to": pl.Date, "because": pl.String, "rows": pl.String,
    "confidence": pl.String, "unknown": pl.String,
}  # fmt: skip
CLAIM_SCHEMA = {
    "process": pl.String, "site": pl.String, "item": pl.String, "taxpayer": pl.String, "credit": pl.String,
    "program": pl.String, "component": pl.String, "year": pl.Int64, "usd_per_unit": pl.Float64,
    "cost_share": pl.Float64, "answer": pl.String, "least_share": pl.Float64, "because": pl.String, "rows": pl.String,
    "confidence": pl.String,
}  # fmt: skip
MATERIAL_SCHEMA = {
    "process": pl.String, "credit": pl.String, "year": pl.Int64, "input": pl.String, "barred": pl.String,
    "because": pl.String, "rows": pl.String, "confidence": pl.String,
}  # fmt: skip
PREMIUM_SCHEMA = {
    "segment": pl.String, "item": pl.String, "credit": pl.String, "valid_from": pl.Date, "valid_to": pl.Date,
    "price_share": pl.Float64, "answer": pl.String, "because": pl.String, "rows": pl.String, "confidence": pl.String,
}  # fmt: skip
Related = Callable[[str, str, dt.date], Verdict]
"""Are two partners under common control of more than half on a day? `related(a, b, day)`."""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What the law allows over a horizon.

    bans       an item that may not be sold to a segment (binds: its regime), or may not enter or leave a country
               (binds: import:US, export:CN), from valid_from to valid_to (null: open); answer yes or unknown, rows
               whose answer is no are left out; unknown: whether an unknown answer bars where the chain is cautious
    claims     a credit on what a process makes in a tax year: USD per good unit of the item (energy basis), or share
               of production cost (cost basis), phase factor applied; answer: may the taxpayer claim it as far as all
               but the material ratio goes (yes, no, unknown); least_share: share of direct material cost that must
               not come from barred makers, null where no ratio is asked
    materials  for each such process, credit and year: whether each input counts as made by a barred maker
    premiums   what a buyer's own credit is worth to the price: share of the price, where the item qualifies for him
               (answer yes, no, unknown)
    """

    bans: pl.DataFrame
    claims: pl.DataFrame
    materials: pl.DataFrame
    premiums: pl.DataFrame


def eligibility(
    chain: Chain, law: Law, standing: Standing, related: Related, first: dt.date, last: dt.date
) -> Eligibility:
    """Return what the law allows to a chain from first to last.

    `standing(partner, regime, day)` says whether a partner falls under a regime, `related(a, b, day)` whether two are
    under common control of more than half; neither may change between two of `bans.critical_days`. The law counts as
    it was known when it was `seen`.
    """
    from cellroad.rules.bans import ban_frame
    from cellroad.rules.credits import claim_frame, claimed, materials
    from cellroad.rules.storage import premiums

    known = cache(standing)
    made = claimed(chain, law, known, related, first, last)
    return Eligibility(
        bans=ban_frame(chain, law, known, first, last),
        claims=claim_frame(made),
        materials=materials(made, chain, known),
        premiums=premiums(chain, law, known, first, last),
    )
