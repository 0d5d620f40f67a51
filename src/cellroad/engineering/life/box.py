"""Where a model is known to hold: the box of conditions that its tests covered, and what of a use lies outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from cellroad.engineering.life.rainflow import Cycles
from cellroad.engineering.life.use import Use

VARIABLES = {
    "temperature": "°C", "depth": "of capacity", "soc": "of capacity", "charge_rate": "1/h", "discharge_rate": "1/h",
    "cycles": "a day",
}  # fmt: skip
"""What a box bounds, with its unit: temperature of cells, depth of cycles, charge, rates, full cycles a day."""
ROUNDING = 1e-6


@dataclass(frozen=True)
class Box:
    """Bounds by variable; a variable without bounds is not limited."""

    bounds: dict[str, tuple[float, float]]

    def low(self, variable: str) -> float:
        """Return the lower bound."""
        return self.bounds.get(variable, (-np.inf, np.inf))[0]

    def high(self, variable: str) -> float:
        """Return the upper bound."""
        return self.bounds.get(variable, (-np.inf, np.inf))[1]


def of_row(row: dict[str, Any]) -> Box:
    """Return the box of a row of the table of life models."""

    def bound(name: str, otherwise: float) -> float:
        return otherwise if row.get(name) is None else float(row[name])

    return Box({
        variable: (bound(f"{variable}_low", -np.inf), bound(f"{variable}_high", np.inf)) for variable in VARIABLES
    })  # fmt: skip


def found_in(use: Use, found: Cycles) -> dict[str, tuple[float, float]]:
    """Return what a use asks of a model, lowest and highest by variable.

    Temperature is the mean of a segment, depth the mean of cycles weighted by what they take, rates the means of a
    segment while current flows.
    """
    weight = found.count * found.depth
    depth = float(np.average(found.depth, weights=weight)) if weight.sum() > 0 else None
    celsius = use.mean(use.kelvin) - 273.15
    full = float(np.sum(weight * use.times[use.segment(found.start)]) / np.sum(use.days * use.times))
    asked = {
        "temperature": (round(float(celsius.min()), 6), round(float(celsius.max()), 6)),
        "soc": (float(use.soc.min()), float(use.soc.max())),
        "cycles": (full, full),
    }
    if depth is not None:
        asked["depth"] = (depth, depth)
        for name, rates in (("charge_rate", use.charge_rate), ("discharge_rate", use.discharge_rate)):
            asked[name] = (float(rates[rates > 0].min()), float(rates.max()))
    return asked


def compare(model: str, box: Box, asked: dict[str, tuple[float, float]]) -> pl.DataFrame:
    """Return the box of a model beside what is asked of it, a row for each variable.

    model, variable, unit, found_low, found_high, allowed_low, allowed_high (null: not bounded), inside.
    """
    rows = [
        (
            model, variable, VARIABLES[variable], low, high,
            *(bound if np.isfinite(bound) else None for bound in (box.low(variable), box.high(variable))),
            low >= box.low(variable) - ROUNDING and high <= box.high(variable) + ROUNDING,
        )
        for variable, (low, high) in asked.items()
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


SCHEMA = {
    "model": pl.String, "variable": pl.String, "unit": pl.String, "found_low": pl.Float64, "found_high": pl.Float64,
    "allowed_low": pl.Float64, "allowed_high": pl.Float64, "inside": pl.Boolean,
}  # fmt: skip
