"""The question behind a landed cost (chain, day, knowledge of the law, preference), and how an item can be had."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.rules.bars import Cost


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every step of a landed cost; `on` is the day of entry."""

    chain: Chain
    on: dt.date
    as_known: dt.date | None = None
    preference: str | None = None

    def item(self, item: str) -> dict[str, Any]:
        """Return the row of an item."""
        return self.chain.items.row(by_predicate=pl.col("item") == item, named=True)

    def site(self, site: str) -> dict[str, Any]:
        """Return the row of a site."""
        return self.chain.sites.row(by_predicate=pl.col("site") == site, named=True)


@dataclass(frozen=True, slots=True)
class Supply:
    """An item as it can be had at a site: its cost there, the price for customs, the terms, the open days it takes."""

    site: str
    cost: Cost
    customs_usd: float
    incoterm: str
    make_days: int
