"""What an incentive says on a day: a rate, a phase factor, a least share, a share that the law assigns to a part.

Rows of the incentives are found by program, component and metric; of several that hold the newest counts.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import polars as pl

from cellroad.chain.column import several
from cellroad.chain.facts import valid
from cellroad.rules.law import Law


def figures(law: Law, program: str, component: str, metric: str, day: dt.date) -> list[dict[str, Any]]:
    """Return the rows of the incentives that hold on a day, the newest first."""
    rows = law.incentives.filter(
        (pl.col("program") == program) & (pl.col("metric") == metric) & several("component").list.contains(component)
    )
    return valid(rows, day).sort("valid_from", descending=True, nulls_last=True, maintain_order=True).to_dicts()


def figure(law: Law, program: str, component: str, metric: str, day: dt.date) -> dict[str, Any] | None:
    """Return the row of the incentives that holds on a day, None where there is none."""
    return next(iter(figures(law, program, component, metric, day)), None)


def value_of(row: dict[str, Any]) -> Fraction:
    """Return the value of a row as its decimal text says."""
    return Fraction(str(row["value"]))
