"""On what terms does the law grant a credit in a year, and is an item what it is granted for?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from cellroad.chain import facts
from cellroad.rules.incentives import figure, value_of
from cellroad.rules.law import Law

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Terms:
    """A credit in a year: the rows of its rate, phase factor, least share of materials and stacking rule, as known.

    `bars`: whether the regime whose persons may not claim it binds tax years that begin on the first day of the year.
    """

    credit: Row
    year: int
    rate: Row
    factor: Row | None
    least: Row | None
    stacking: Row | None
    bars: bool

    @property
    def kept(self) -> Fraction:
        """Return the part of the rate that is left in the year."""
        return Fraction(1) if self.factor is None else value_of(self.factor) / 100

    @property
    def energy(self) -> bool:
        """Say whether the credit counts energy; else it counts cost."""
        return str(self.credit["basis"]) == "energy"


def terms(law: Law, credit: Row, year: int) -> Terms | None:
    """Return the terms of a credit in a year, None where the law, as known, does not grant it.

    The year is that of the sale for makers, that in which construction begins for buyers.
    """
    day = dt.date(year, 1, 1)
    program, component = credit["program"], credit["component"]
    rate = figure(law, program, component, "rate", day)
    held = facts.valid(law.credits.filter(pl.col("credit_id") == credit["credit_id"]), day)
    if rate is None or held.is_empty():
        return None
    return Terms(
        credit=credit, year=year, rate=rate,
        factor=figure(law, program, component, "phase_factor", day),
        least=figure(law, credit["ratio_program"], component, "threshold", day)
        if binds(law, credit["material_regime"], day) else None,
        stacking=figure(law, program, component, "stacking_rule", day),
        bars=binds(law, credit["claimant_regime"], day),
    )  # fmt: skip


def binds(law: Law, regime: str, day: dt.date) -> bool:
    """Say whether the law, as known, has a regime on a day; a tax year is bound where it begins on such a day."""
    return not facts.valid(law.regimes.filter(pl.col("regime_id") == regime), day).is_empty()


def is_component(credit: Row, item: Row) -> bool:
    """Say whether an item is the component of a credit: as its row says, else by its stage; `none` is none."""
    named = item["credit_as"]
    by_stage = item["stage"] in credit["stages"].split(";")
    if named in ("", "none"):
        return by_stage and named == ""
    return bool(named == credit["component"] or (by_stage and str(credit["claimant"]) == "buyer"))
