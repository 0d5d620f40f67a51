"""How much power one cell gives and takes, by its continuous rates and its resistance (stand-in)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cellroad.engineering.cell import Cell
from cellroad.engineering.design.search import Numbers

DCIR_OVER_ACIR = 2.0
"""Resistance of ten seconds over that at 1 kHz, where a sheet tells only the latter (usual: 1.5 to 2.5)."""
MOHM_AH = 60.0
"""Resistance by capacity where a sheet tells none (assumption: the middle of the known cells)."""


@dataclass(frozen=True)
class Strength:
    """Power of one cell in W, by cell: continuous, peak, charge."""

    power_w: Numbers
    peak_w: Numbers
    charge_w: Numbers


def resistance_ohm(cell: Cell) -> float:
    """Return the direct-current resistance of a cell."""
    if cell.dcir_ohm is not None:
        return cell.dcir_ohm
    if cell.acir_ohm is not None:
        return cell.acir_ohm * DCIR_OVER_ACIR
    return MOHM_AH / 1000 / cell.capacity_ah


def strengths(cells: Sequence[Cell], temperature: float, peak_s: float) -> Strength:
    """Return the power of cells: V I - I^2 R at the rates of the sheet, nominal voltage."""
    ah = np.array([cell.capacity_ah for cell in cells])
    volts = np.array([cell.nominal_v for cell in cells])
    ohm = np.array([resistance_ohm(cell) for cell in cells])

    def power(rate: Numbers, sign: float) -> Numbers:
        amps = rate * ah
        return np.asarray(np.maximum(amps * (volts - sign * amps * ohm), 0.0))

    steady = np.array([cell.discharge_rate or 0.0 for cell in cells])
    pulse = np.array([
        max(cell.pulse_rate or 0.0, cell.discharge_rate or 0.0) if cell.pulse_s is None or cell.pulse_s >= peak_s
        else cell.discharge_rate or 0.0 for cell in cells
    ])  # fmt: skip
    charge = np.array([cell.charge_rate or 0.0 for cell in cells])
    return Strength(power(steady, 1.0), power(pulse, 1.0), power(charge, -1.0))
