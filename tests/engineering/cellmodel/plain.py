"""Cells of plain numbers for tests: what a data sheet would not let one choose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cellroad.engineering.cellmodel.cells import Cells, cells_of
from cellroad.engineering.cellmodel.cooling import ADIABATIC
from cellroad.engineering.cellmodel.model import CellModel, Limits
from cellroad.engineering.cellmodel.ocv import STEPS, measured
from cellroad.engineering.cellmodel.resistance import Resistance
from cellroad.engineering.cellmodel.thermal import Body

GRID = np.linspace(0, 1, STEPS + 1)


def plain(
    *, volts=None, rise=None, r0=0.015, r1=0.008, c1=400.0, r2=0.010, c2=15000.0, activation=0.0, capacity_ah=5.0,
    hysteresis_v=0.0, pace=40.0, heat_j_per_k=70.0, volts_per_k=0.0, limits=(2.5, 4.2, 5.0, 10.0, 15.0),
) -> CellModel:  # fmt: skip
    """Return a cell of these numbers; its curve at rest is flat at 3.5 V if none is given."""
    curve = measured(GRID, np.full(STEPS + 1, 3.5) if volts is None else volts, volts_per_k)
    parts = Resistance(r0, r1, c1, r2, c2, activation, np.ones(STEPS + 1) if rise is None else rise)
    asked = Limits(*limits, 10.0, (0.0, 45.0), (-20.0, 60.0))
    return CellModel("plain", capacity_ah, curve, parts, Body(heat_j_per_k, 0.01, 0.001, 2.0, 2.0), asked,
                     hysteresis_v, pace)  # fmt: skip


def lumped(model: CellModel, outer_w_per_k: float = 0.0) -> Cells:
    """Return one cell of one temperature."""
    cells = cells_of(model, ADIABATIC)
    return replace(cells, inner_k_per_w=np.array(0.0), outer_w_per_k=np.array(outer_w_per_k))
