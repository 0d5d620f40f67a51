"""Which campaigns of tests a pack must pass before it is sold (stand-in: by use, from the facts)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellroad.chain import facts

if TYPE_CHECKING:
    from cellroad.engineering.design.result import Design

BY_USE = {
    "storage-residential": ("CE01", "CE03", "CE06", "CE07"), "c-and-i": ("CE01", "CE03", "CE06", "CE07"),
    "portable": ("CE01", "CE12"), "light-ev": ("CE01", "CE05"), "golf-cart": ("CE01", "CE05"),
    "utv": ("CE01", "CE04"), "ev": ("CE01", "CE04"), "industrial": ("CE01", "CE04"),
}  # fmt: skip


@dataclass(frozen=True)
class Campaign:
    """One campaign: weeks and cost at the middle of what is known of it."""

    standard: str
    weeks: float
    cost_usd: float
    source: str
    confidence: str
    note: str


def campaigns(found: Design, rank: int) -> list[Campaign]:
    """Return the campaigns of a pack."""
    told = []
    for cert_id in BY_USE[found.unit.use.use]:
        row = facts.table("certifications").filter(cert_id=cert_id).row(0, named=True)
        weeks = ((row["weeks_low"] or 0) + (row["weeks_high"] or 0)) / 2
        usd = ((row["cost_usd_low"] or 0) + (row["cost_usd_high"] or 0)) / 2
        told.append(
            Campaign(row["standard"], weeks, usd, cert_id, row["confidence"], "middle of the range of the fact")
        )
    return told
