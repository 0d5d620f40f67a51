"""How long many layouts last: the middle of the published models, and no longer than the maker claims.

Ageing depends on the family of a cell, and on how deep, how fast and how often it is cycled. Every pack gives the
usable part of its energy in a cycle; a larger one is cycled less often by the same use, so that life is worked out for
each family at a few sizes of pack and drawn through between them. Years are the least of two opinions:

    models   the median over all models of the family that speak of the likely year in which the pack falls below what
             its use wants (`life.life`), at most `MOST` years
    maker    the cycles of the data sheet, by the cycles of the use; where it tells none, the least of the chemistry

One number is what a comparison needs; the sheet of a pack shows every model with its band.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from cellroad.chain import facts
from cellroad.engineering.cell import Cell
from cellroad.engineering.design.evaluate import Evaluated
from cellroad.engineering.design.search import Numbers
from cellroad.engineering.design.specification import Specification
from cellroad.engineering.design.uses import Use
from cellroad.engineering.family import CHEMISTRY
from cellroad.engineering.layout import Layout
from cellroad.engineering.life import Life, life

MOST = 20
"""Years beyond which no model is asked."""
CHARGE_HOURS = 4.0
"""Time in which the energy of a cycle is charged (assumption)."""
SIZES = 3
"""Sizes of pack at which life is worked out."""


def years(looked: Evaluated, spec: Specification) -> Numbers:
    """Return the years that layouts last in the use."""
    energy = looked.measures["energy_kwh"]
    larger = energy / spec.energy[0]
    ends = np.linspace(1.0, max(float(larger.max()), 1.0 + 1e-6), SIZES)
    by_model = {
        family: np.interp(
            larger, ends, [_models(family, spec.use, spec.cycles_per_day, round(float(size), 4)) for size in ends]
        )
        for family in {cell.family for cell in looked.layouts.cells}
    }
    told = np.full(len(energy), float(MOST))
    for place, cell in enumerate(looked.layouts.cells):
        mine = looked.layouts.cell == place
        if mine.any():
            claim = claimed_cycles(cell) * larger[mine] / (spec.cycles_per_day * spec.use.usable_share) / 365.25
            told[mine] = np.minimum(by_model[cell.family][mine], claim)
    return told


def claimed_cycles(cell: Cell) -> float:
    """Return the cycles of the sheet, else the least of the chemistry (facts)."""
    least = dict(facts.table("chemistries").select("chem_id", "cycles_low").iter_rows())
    return cell.cycle_life or least.get(CHEMISTRY.get(cell.family, "")) or 1000.0


def lived(layout: Layout, use: Use, cycles_per_day: float, size: float = 1.0, widen: bool = False) -> Life:
    """Return how a pack ages that holds `size` times the least energy that is asked for.

    A cycle takes the usable part of its energy, in the hours of the use, and is charged in `CHARGE_HOURS`.
    """
    depth = use.usable_share
    cycles_per_day = cycles_per_day / size
    slowest = 2.1 * depth * cycles_per_day / 24
    return life(
        layout, cycles_per_day=cycles_per_day, depth=depth, charge_rate=max(depth / CHARGE_HOURS, slowest),
        discharge_rate=max(depth / use.hours, slowest), temperature_c=use.temperature_c, years=MOST,
        widen=widen,
    )  # fmt: skip


@cache
def _models(family: str, use: Use, cycles_per_day: float, size: float) -> float:
    """Return the median of the likely years of all models of a family; `MOST` where none speaks."""
    cell = Cell("family", "", "", family, "prismatic", 100.0, 3.6, None, None, None, None, None, None)
    found = lived(Layout(cell, 1, 1), use, cycles_per_day, size)
    likely = found.warranty(use.retention)["years_likely"] if found.known else None
    return float(MOST) if likely is None else float(np.median(likely.to_numpy()))
