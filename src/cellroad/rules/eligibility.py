"""What a plan must know of the law: which sales and crossings are banned from when, and which credits may be claimed.

Both are frames over time, worked out once from the standing of the partners; the plan joins them to its arcs.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

BAN_SCHEMA = {
    "ban": pl.String, "binds": pl.String, "segment": pl.String, "country": pl.String, "item": pl.String,
    "answer": pl.String, "valid_from": pl.Date, "valid_to": pl.Date, "because": pl.String, "rows": pl.String,
    "confidence": pl.String,
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


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What the law allows over a horizon.

    bans       an item that may not be sold to a segment (binds: its regime), or may not enter or leave a country
               (binds: import:US, export:CN), from valid_from to valid_to (null: open); answer yes or unknown, rows whose
               answer is no are left out
    claims     a credit on what a process makes in a tax year: USD per good unit of the item (energy basis), or share of
               production cost (cost basis), phase factor applied; answer: may the taxpayer claim it as far as all but the
               material ratio goes (yes, no, unknown); least_share: share of direct material cost that must not come from
               barred makers, null where no ratio is asked
    materials  for each such process, credit and year: whether each input counts as made by a barred maker
    premiums   what a buyer's own credit is worth to the price: share of the price, where the item qualifies for him
    """

    bans: pl.DataFrame
    claims: pl.DataFrame
    materials: pl.DataFrame
    premiums: pl.DataFrame
