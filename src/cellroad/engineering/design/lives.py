"""How long many layouts last (stand-in): cycles of the sheet, else the least of the chemistry, never beyond `MOST`."""

from __future__ import annotations

import numpy as np

from cellroad.chain import facts
from cellroad.engineering.design.evaluate import Evaluated
from cellroad.engineering.design.filled import CHEMISTRY
from cellroad.engineering.design.search import Numbers
from cellroad.engineering.design.specification import Specification

MOST = 20.0


def years(looked: Evaluated, spec: Specification) -> Numbers:
    """Return the years that layouts last in the use."""
    least = dict(facts.table("chemistries").select("chem_id", "cycles_low").iter_rows())
    cycles = [cell.cycle_life or least.get(CHEMISTRY.get(cell.family, "")) or 1000.0 for cell in looked.layouts.cells]
    energy = looked.measures["energy_kwh"]
    per_day = spec.cycles_per_day * spec.energy[0] * spec.use.usable_share / energy
    return np.minimum(looked.layouts.of_cell(cycles) / per_day / 365.25, MOST)
