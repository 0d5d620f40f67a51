"""The bars of a landed cost: what each adds per unit, what it is worked out from, and the row behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cellroad.chain import facts

WATERFALL_SCHEMA = {
    "order": pl.Int64, "kind": pl.String, "label": pl.String, "usd_per_unit": pl.Float64, "usd_per_kwh": pl.Float64,
    "rate_pct": pl.Float64, "basis": pl.String, "fact": pl.String, "source": pl.String, "confidence": pl.String,
    "note": pl.String,
}  # fmt: skip


TRUST = ("verified", "reported", "unverified", "assumption")
"""Confidence from best to worst."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Where a figure comes from: ids of fact rows, source, how far to trust it, and what to know about it."""

    fact: str = ""
    source: str = ""
    confidence: str = "assumption"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a landed cost, USD per unit."""

    kind: str
    label: str
    usd: float
    rate_pct: float | None = None
    basis: str = ""
    behind: Behind = Behind()


@dataclass(frozen=True, slots=True)
class Cost:
    """Bars that add up, `slack_usd` less where duty is not certain, and without upper bound where it is not known."""

    bars: tuple[Bar, ...] = ()
    slack_usd: float = 0.0
    bounded: bool = True

    @property
    def usd(self) -> float:
        """Return the sum of the bars."""
        return sum(bar.usd for bar in self.bars)

    def __add__(self, other: Cost) -> Cost:
        """Return both costs as one."""
        return Cost(self.bars + other.bars, self.slack_usd + other.slack_usd, self.bounded and other.bounded)

    def times(self, quantity: float, of: str) -> Cost:
        """Return the cost of a quantity, its labels saying of what."""
        bars = tuple(replace(bar, usd=bar.usd * quantity, label=f"{of}: {bar.label}") for bar in self.bars)
        return Cost(bars, self.slack_usd * quantity, self.bounded)


def behind(table: str, key: str, row: Mapping[str, Any]) -> Behind:
    """Return where a row of a chain comes from."""
    fact = str(row["source"])
    known = [facts.find(part)[1].get("source_id", "") for part in fact.split(";") if facts.is_fact(part)]
    source = ";".join(dict.fromkeys(known)) or f"{table} {row[key]}"
    return Behind(fact, source, str(row["confidence"]), str(row["note"]))


def waterfall(bars: Iterable[Bar], kwh: float) -> pl.DataFrame:
    """Return bars as a frame with their total as the last row, as good as its worst bar."""
    listed = list(bars)
    worst = max((bar.behind.confidence for bar in listed), key=TRUST.index)
    summed = Bar("total", "Landed", sum(bar.usd for bar in listed), None, "sum of the bars", Behind(confidence=worst))
    rows = [
        (
            order, bar.kind, bar.label, bar.usd, bar.usd / kwh if kwh else None, bar.rate_pct, bar.basis,
            bar.behind.fact, bar.behind.source, bar.behind.confidence, bar.behind.note,
        )
        for order, bar in enumerate([*listed, summed], start=1)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=WATERFALL_SCHEMA, orient="row")
