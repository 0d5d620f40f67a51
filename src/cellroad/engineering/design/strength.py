"""How much power one cell gives and takes: steady and for a peak, at a temperature, near the ends of its charge.

Power that is asked for must be there while the pack is in use, not only when it is full: it is counted at `EMPTY_SOC`
when it gives and at `FULL_SOC` when it takes, after `cellmodel.limits`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from cellroad.engineering.cell import Cell
from cellroad.engineering.cellmodel import CellModel, cell_model, charge_power, discharge_power
from cellroad.engineering.cellmodel.joints import JOINT_OHM
from cellroad.engineering.design.search import Numbers

EMPTY_SOC = 0.2
"""State of charge down to which the power that is asked for must be given (assumption)."""
FULL_SOC = 0.8
"""State of charge up to which it must be taken (assumption)."""


@dataclass(frozen=True)
class Strength:
    """Power of one cell in W, by cell: continuous, peak, charge."""

    power_w: Numbers
    peak_w: Numbers
    charge_w: Numbers


def strengths(cells: Sequence[Cell], temperature: float, peak_s: float) -> Strength:
    """Return the power of cells with their joints at a temperature in degC, the peak for so many seconds."""
    models = [model(cell, peak_s) for cell in cells]
    joints = np.array([JOINT_OHM.get(cell.format, 0.0) for cell in cells])
    return Strength(
        discharge_power(models, EMPTY_SOC, temperature, math.inf, joints).watts,
        discharge_power(models, EMPTY_SOC, temperature, peak_s, joints).watts,
        charge_power(models, FULL_SOC, temperature, math.inf, joints).watts,
    )


@cache
def model(cell: Cell, peak_s: float) -> CellModel:
    """Return how a cell behaves; a pulse counts only where its sheet prints it for as long as the peak."""
    printed = cell.pulse_rate is not None and (cell.pulse_s or 0.0) >= peak_s
    return cell_model(cell if printed else replace(cell, pulse_rate=cell.discharge_rate, pulse_s=peak_s))
