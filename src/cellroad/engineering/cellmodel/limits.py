"""How much power may a pack give or take for some seconds, at a state of charge and a temperature?

The least of four limits, for a current I that is held for t seconds from rest:

    voltage      U(z - I t / Q) - M - I R(z, T, t) >= min_V   (charge: the mirror of it, <= max_V)
    current      the rate of the sheet: that of a pulse up to its seconds, the continuous one beyond
    temperature  none outside the cell's temperatures; falling to nothing over the last degrees of them
    charge       I t <= (z - 0) Q   (charge: (1 - z) Q)

R(z, T, t) = R0 + R1 (1 - exp(-t / R1 C1)) + R2 (1 - exp(-t / R2 C2)) at that state of charge and temperature, with the
joints of the cell. Power is the current by the voltage at the end, which is when it is least (Plett, Battery Management
Systems II, 2015, chapter 6, with the resistance of the pulse test of the DOE manual, INL/EXT-15-34184).
An endless time means steady power: all branches settled, charge held.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cellroad.engineering.cellmodel.cells import Cells, cells_of
from cellroad.engineering.cellmodel.circuit import ZERO_C, rest_voltage, rise_at
from cellroad.engineering.cellmodel.joints import Joints, usual_joints
from cellroad.engineering.cellmodel.model import CellModel, cell_model
from cellroad.engineering.cellmodel.resistance import warm
from cellroad.engineering.layout import Layout

Floats = npt.NDArray[np.float64]
Numbers = float | Floats

LIMITS = ("voltage", "current", "temperature", "charge")
"""What may bind, in the order in which it is named where several do."""
COLD_TAPER_C, HOT_TAPER_C = 15.0, 5.0
"""Charge current grows from nothing over so many degrees above its least temperature; both currents fall to nothing
over the last degrees below their largest. Makers print such steps; the width is assumed."""
DISCHARGE_COLD_TAPER_C = 5.0
HALVINGS = 40
SOC = tuple(n / 10 for n in range(11))
TEMPERATURE_C = tuple(float(degrees) for degrees in range(-20, 61, 10))


@dataclass(frozen=True)
class Power:
    """Power in W, current in A and voltage at the end in V, and which of `LIMITS` binds; all of one shape."""

    watts: Floats
    amperes: Floats
    volts: Floats
    bound: npt.NDArray[np.intp]


def discharge_power(
    models: CellModel | Sequence[CellModel], soc: Numbers, temperature_c: Numbers, seconds: Numbers,
    joint_ohm: Numbers = 0.0,
) -> Power:  # fmt: skip
    """Return what one cell may give; one value per model, or all of the shape of the other numbers for one model."""
    return _power(models, soc, temperature_c, seconds, joint_ohm, 1.0)


def charge_power(
    models: CellModel | Sequence[CellModel], soc: Numbers, temperature_c: Numbers, seconds: Numbers,
    joint_ohm: Numbers = 0.0,
) -> Power:  # fmt: skip
    """Return what one cell may take, as numbers above zero."""
    return _power(models, soc, temperature_c, seconds, joint_ohm, -1.0)


def power_map(
    layout: Layout, *, soc: Sequence[float] = SOC,
    temperature_c: Sequence[float] = TEMPERATURE_C, seconds: Sequence[float] = (2.0, 10.0, 30.0),
    model: CellModel | None = None, joints: Joints | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Return the power of a pack over state of charge, temperature in C and time in s.

    Columns soc, temperature_c, seconds, discharge_w, charge_w (at the terminals, both above zero),
    discharge_limited_by, charge_limited_by (voltage, current, temperature, charge).
    """
    known, links = model or cell_model(layout.cell), joints or usual_joints(layout)
    axes = (np.asarray(values, float) for values in (soc, temperature_c, seconds))
    z, degrees, time = (grid.ravel() for grid in np.meshgrid(*axes, indexing="ij"))
    given = discharge_power(known, z, degrees, time, links.cell_ohm)
    taken = charge_power(known, z, degrees, time, links.cell_ohm)
    return pl.DataFrame({
        "soc": z, "temperature_c": degrees, "seconds": time,
        "discharge_w": of_pack(layout, given, links, 1.0), "charge_w": of_pack(layout, taken, links, -1.0),
        "discharge_limited_by": np.array(LIMITS)[given.bound], "charge_limited_by": np.array(LIMITS)[taken.bound],
    })  # fmt: skip


def of_pack(layout: Layout, cell: Power, joints: Joints, sign: float) -> Floats:
    """Return the power of a pack in W from that of a cell; what contactor, fuse and busbars lose lessens what it
    gives and adds to what it takes.
    """
    current = cell.amperes * layout.parallel
    result: Floats = np.maximum(layout.cells * cell.watts - sign * current**2 * joints.once_ohm, 0.0)
    return result


def _power(
    models: CellModel | Sequence[CellModel], soc: Numbers, temperature_c: Numbers, seconds: Numbers, joint_ohm: Numbers,
    sign: float,
) -> Power:  # fmt: skip
    many = [models] if isinstance(models, CellModel) else list(models)
    cells = cells_of(models)
    z, degrees, time, joint, *_ = np.broadcast_arrays(
        *(np.asarray(value, float) for value in (soc, temperature_c, seconds, joint_ohm)), np.empty(cells.shape)
    )
    wide = cells if z.shape == cells.shape else cells.repeated(*z.shape)
    limits = [model.limits for model in many]
    give = sign > 0

    def each(values: list[float]) -> Floats:
        return np.broadcast_to(np.array(values) if cells.shape else np.array(values[0]), z.shape)

    volts = each([limit.min_v if give else limit.max_v for limit in limits])
    steady = each([limit.discharge_a if give else limit.charge_a for limit in limits])
    pulse = each([limit.pulse_a if give else limit.charge_a for limit in limits])
    pulse_s = each([limit.pulse_s for limit in limits])
    coldest = each([(limit.discharge_c if give else limit.charge_c)[0] for limit in limits])
    hottest = each([(limit.discharge_c if give else limit.charge_c)[1] for limit in limits])

    by_current = np.where(time <= pulse_s, pulse, steady)
    cold = DISCHARGE_COLD_TAPER_C if give else COLD_TAPER_C
    allowed = np.clip(np.minimum((degrees - coldest) / cold, (hottest - degrees) / HOT_TAPER_C), 0.0, 1.0)
    room = z if give else 1 - z
    endless = np.isinf(time)
    per_a = np.where(endless, 0.0, time / wide.coulombs)
    by_charge = np.where(per_a > 0, room / np.where(per_a > 0, per_a, 1.0), np.where(room > 0, np.inf, 0.0))
    ohm, slow = held_ohm(wide, z, degrees + ZERO_C, time)
    ohm, per_a = ohm + joint, per_a + wide.lag * slow
    by_voltage = _current_at(wide, z, volts, ohm, per_a, sign)
    candidates = np.stack([by_voltage, by_current, np.where(allowed < 1, by_current * allowed, np.inf), by_charge])
    amperes = np.maximum(candidates.min(axis=0), 0.0)
    end = _end_v(wide, z, amperes, ohm, per_a, sign)
    return Power(amperes * end, amperes, end, candidates.argmin(axis=0))


def held_ohm(cells: Cells, soc: Floats, kelvin: Floats, seconds: Numbers) -> tuple[Floats, Floats]:
    """Return the resistance of cells after so many seconds of a current, and of it that of the slow branch, in ohm."""
    factor = rise_at(cells, soc) * warm(cells.activation, kelvin)
    time = np.asarray(seconds, float) / factor
    fast, slow = (factor * r * -np.expm1(-time / (r * c)) for r, c in zip(cells.r, cells.c, strict=True))
    return factor * cells.r0 + fast + slow, slow


def _end_v(cells: Cells, soc: Floats, amperes: Floats, ohm: Floats, per_a: Floats, sign: float) -> Floats:
    """Return the voltage in V when a current has been held for its time."""
    return rest_voltage(cells, soc - sign * amperes * per_a) - sign * (cells.hysteresis_v + amperes * ohm)


def _current_at(cells: Cells, soc: Floats, volts: Floats, ohm: Floats, per_a: Floats, sign: float) -> Floats:
    """Return the current at which the voltage is reached at the end, by halving: the voltage never rises with it."""
    low = np.zeros_like(ohm)
    high = np.maximum(sign * (rest_voltage(cells, soc) - volts), 0.0) / ohm
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        inside = sign * (_end_v(cells, soc, middle, ohm, per_a, sign) - volts) >= 0
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return low


STEADY = math.inf
"""The time of steady power."""
