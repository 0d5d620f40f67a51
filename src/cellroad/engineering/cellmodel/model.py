"""The behaviour of one cell: its curve at rest, its resistances, its body and its limits.

Everything that `circuit`, `pack` and `limits` need to know of a cell, and everything that was assumed for it because
its sheet does not say.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cellroad.engineering.cell import Cell
from cellroad.engineering.cellmodel import ocv, thermal
from cellroad.engineering.cellmodel.ocv import STEPS, OpenCircuit
from cellroad.engineering.cellmodel.resistance import Resistance, resistance
from cellroad.engineering.family import defaults

HYSTERESIS_PACE = 30.0
"""How fast the curve changes sides: the gap closes by 1/e over a thirtieth of the capacity. Assumed."""
RATING_PER_H = 0.2
"""The rate at which capacity and nominal voltage are rated where a sheet does not say."""
PULSE_BY_CONTINUOUS = 1.5
"""Pulse by continuous rate of discharge where a sheet prints none. Assumed."""
PULSE_S = 10.0


@dataclass(frozen=True)
class Limits:
    """What a cell may be asked for: V, A, s, C."""

    min_v: float
    max_v: float
    charge_a: float
    discharge_a: float
    pulse_a: float
    pulse_s: float
    charge_c: tuple[float, float]
    discharge_c: tuple[float, float]


@dataclass(frozen=True)
class CellModel:
    """A cell as it behaves. `assumptions` names every value that neither its sheet nor a paper gives."""

    name: str
    capacity_ah: float
    curve: OpenCircuit
    resistance: Resistance
    body: thermal.Body
    limits: Limits
    hysteresis_v: float = 0.0
    hysteresis_pace: float = HYSTERESIS_PACE
    assumptions: tuple[str, ...] = field(default=())


def cell_model(
    cell: Cell, *, curve: OpenCircuit | None = None, health: float = 1.0, resistance_growth: float = 1.0
) -> CellModel:
    """Return how a cell behaves, from its data sheet and its family.

    `curve` takes the place of the family's curve at rest; `health` is what is left of the capacity and
    `resistance_growth` the factor by which resistance has grown with age. Raises ValueError where either is not above
    zero.
    """
    if not (health > 0 and resistance_growth > 0):
        raise ValueError("health and growth of resistance are factors above zero")
    fresh = resistance(cell, STEPS)
    drop = RATING_PER_H * cell.capacity_ah * (fresh.r0 + fresh.r1 + fresh.r2)
    curve = curve or ocv.open_circuit(cell, drop)
    aged = fresh.grown(resistance_growth)
    body = thermal.body(cell)
    limits, assumed = _limits(cell)
    hysteresis = defaults(cell).hysteresis_v
    if hysteresis:
        assumed += (f"hysteresis of {2000 * hysteresis:g} mV between charge and discharge",)
    return CellModel(
        cell.name, cell.capacity_ah * health, curve, aged, body, limits, hysteresis, HYSTERESIS_PACE,
        curve.assumptions + aged.assumptions + body.assumptions + assumed,
    )  # fmt: skip


def _limits(cell: Cell) -> tuple[Limits, tuple[str, ...]]:
    """Return the limits of a cell and what was assumed for them."""
    assumed: list[str] = []
    family = defaults(cell)

    def known(value: float | None, usual: float, words: str) -> float:
        if value is not None:
            return value
        assumed.append(f"{words} not printed: {usual:g}")
        return usual

    min_v = known(cell.min_v, family.min_v, "least voltage in V")
    max_v = known(cell.max_v, family.max_v, "largest voltage in V")
    charge = known(cell.charge_rate, family.charge_rate, "rate of charge per h")
    discharge = known(cell.discharge_rate, family.discharge_rate, "rate of discharge per h")
    pulse = known(cell.pulse_rate, PULSE_BY_CONTINUOUS * discharge, "pulse rate of discharge per h")
    charge_low = known(cell.charge_min_c, family.charge_c[0], "least temperature of charge in C")
    charge_high = known(cell.charge_max_c, family.charge_c[1], "largest temperature of charge in C")
    discharge_low = known(cell.discharge_min_c, family.discharge_c[0], "least temperature of discharge in C")
    discharge_high = known(cell.discharge_max_c, family.discharge_c[1], "largest temperature of discharge in C")
    rates = np.array([charge, discharge, max(pulse, discharge)]) * cell.capacity_ah
    charge_a, discharge_a, pulse_a = (float(rate) for rate in rates)
    limits = Limits(
        min_v, max_v, charge_a, discharge_a, pulse_a, cell.pulse_s or PULSE_S,
        (charge_low, charge_high), (discharge_low, discharge_high),
    )  # fmt: skip
    return limits, tuple(assumed)
