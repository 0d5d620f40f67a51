"""What do voltage, charge and temperature of cells do under a current?

An equivalent circuit of a voltage at rest, a resistance and two branches, with hysteresis (Plett, Battery Management
Systems I, 2015, chapter 2), current positive on discharge:

    V = U(z) + M h - v1 - v2 - R0 I
    dz/dt = -I / Q,   C_j dv_j/dt = I - v_j / R_j,   dh/dt = -|g I / Q| (h + sign I)

Where a fit to measured traces tells a lag, U and the resistances are read where the surface of the particles is, at
z - lag v2: what makes the knee come earlier at higher current.

Over a step of constant current each branch, the hysteresis and the two temperatures are exact: exponentials, not
differences. Resistance and curve are taken in the middle of the step, where charge and temperature are foreseen from
the current and heat of the step before, so that the whole is of second order; with constant parameters it is exact.

Heat is Bernardi's balance (1985), less what is put into the capacitors and comes out of them when the cell rests:

    q = I (U - V) - d/dt sum(C_j v_j^2 / 2) - I T dU/dT

which is what the resistances and the hysteresis lose, and the heat of reaction. Of I U the integral of the curve at
rest is taken, so that over any step what chemical energy lets go is work, heat and what the capacitors hold, to
rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellroad.engineering.cellmodel.cells import Cells
from cellroad.engineering.cellmodel.ocv import STEPS
from cellroad.engineering.cellmodel.resistance import GAS, REFERENCE_K
from cellroad.engineering.cellmodel.thermal import Propagator, propagator

Floats = npt.NDArray[np.float64]

ZERO_C = 273.15


class State(NamedTuple):
    """Where cells stand: charge (0 to 1), branches in V (first axis two), hysteresis (-1 discharged to 1 charged), core
    and surface in K (first axis two); chemical energy in J; current in A and heat in W of the step before."""

    soc: Floats
    branches: Floats
    hysteresis: Floats
    kelvin: Floats
    chemical: Floats
    current: Floats
    heat: Floats


class Middle(NamedTuple):
    """Cells in the middle of a step: their mean voltage is `source` - `ohm` I, whatever the current I is to be.

    `decay` is what is left of the branches after the step; `kelvin` and `volts_per_k` give the heat of reaction.
    """

    source: Floats
    ohm: Floats
    r: Floats
    decay: Floats
    kelvin: Floats
    volts_per_k: Floats


def at_rest(cells: Cells, soc: float | Floats = 1.0, temperature_c: float | Floats = 25.0) -> State:
    """Return cells that have rested at a state of charge and a temperature."""
    zero = np.zeros(cells.shape)
    kelvin = np.broadcast_to(np.asarray(temperature_c, float) + ZERO_C, cells.shape)
    charge = np.broadcast_to(np.asarray(soc, float), cells.shape).copy()
    held = _chemical(cells, charge)
    return State(charge, np.zeros((2, *cells.shape)), zero, np.array([kelvin, kelvin]), held, zero, zero)


@dataclass(frozen=True)
class Circuit:
    """Cells and a step of time: `step` moves a state on under a current; `middle` is what a pack needs to divide it.

    Steps of one length are what this is for; `step` of the module takes any.
    """

    cells: Cells
    seconds: float
    sink_c: float = 25.0
    whole: Propagator = field(init=False, repr=False)
    half: Propagator = field(init=False, repr=False)
    taus: Floats = field(init=False, repr=False)
    charge: Floats = field(init=False, repr=False)
    surface: Floats = field(init=False, repr=False)
    behind: Floats = field(init=False, repr=False)
    looped: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        cells, seconds = self.cells, self.seconds
        if not seconds > 0:
            raise ValueError("a step takes time above zero")
        nodes = cells.core_j_per_k, cells.surface_j_per_k, cells.inner_k_per_w, cells.outer_w_per_k
        sink_k = self.sink_c + ZERO_C
        object.__setattr__(self, "whole", propagator(*nodes, seconds, sink_k))
        object.__setattr__(self, "half", propagator(*nodes, seconds / 2, sink_k))
        object.__setattr__(self, "taus", seconds / (cells.r * cells.c))
        object.__setattr__(self, "charge", seconds / 2 / cells.coulombs)
        object.__setattr__(self, "surface", self.charge - cells.lag * cells.r[1] * np.expm1(-self.taus[1] / 2))
        object.__setattr__(self, "behind", cells.lag * np.exp(-self.taus[1] / 2))
        object.__setattr__(self, "looped", bool(np.any(cells.hysteresis_v)))

    def middle(self, state: State) -> Middle:
        """Return the cells in the middle of the step that is to come."""
        cells = self.cells
        step, part = cells.places(state.soc - self.behind * state.branches[1] - self.surface * state.current)
        curves = cells.curves
        growth = curves.volts_growth.take(step)
        kelvin = self.half.core(state.kelvin, state.heat)
        rise = (curves.rise.take(step) + part * curves.rise_growth.take(step)) * np.exp(
            cells.activation * ((1 / GAS) / kelvin - 1 / (GAS * REFERENCE_K))
        )
        r = cells.r * rise
        x = self.taus / rise
        decay = np.exp(-x)
        mean = (1 - decay) / x
        slope = growth * (STEPS * self.surface)
        held = state.branches * mean
        source = curves.volts.take(step) + part * growth + slope * state.current - held[0] - held[1]
        drop = r * (1 - mean)
        ohm = cells.r0 * rise + drop[0] + drop[1] + slope
        if self.looped:
            pace = np.abs(self.charge * state.current) * cells.hysteresis_pace
            sign = np.sign(state.current)
            source = source + cells.hysteresis_v * ((state.hysteresis + sign) * np.exp(-pace) - sign)
        volts_per_k = curves.volts_per_k.take(step) + part * curves.volts_per_k_growth.take(step)
        return Middle(source, ohm, r, decay, kelvin, volts_per_k)

    def move(self, state: State, middle: Middle, current: Floats, surface_w: Floats | float = 0.0) -> State:
        """Return the state after the step under a current in A per cell; `surface_w` is heat from outside in W."""
        cells = self.cells
        branches = state.branches * middle.decay + middle.r * (1 - middle.decay) * current
        soc = state.soc - 2 * self.charge * current
        chemical = _chemical(cells, soc)
        stored = cells.c * (branches - state.branches) * (branches + state.branches)
        let_go = (state.chemical - chemical - (stored[0] + stored[1]) / 2) / self.seconds
        heat = let_go - current * (middle.source - middle.ohm * current + middle.kelvin * middle.volts_per_k)
        hysteresis = state.hysteresis
        if self.looped:
            sign = np.sign(current)
            pace = np.abs(current) * (2 * self.charge) * cells.hysteresis_pace
            hysteresis = (hysteresis + sign) * np.exp(-pace) - sign
        kelvin = self.whole.both(state.kelvin, heat, surface_w)
        return State(soc, branches, hysteresis, kelvin, chemical, current, heat)

    def step(self, state: State, current: float | Floats) -> State:
        """Return the state after the step under a current in A per cell, positive on discharge."""
        amperes = np.broadcast_to(np.asarray(current, float), self.cells.shape)
        return self.move(state, self.middle(state._replace(current=amperes)), amperes)


def step(cells: Cells, state: State, current: float | Floats, seconds: float, sink_c: float = 25.0) -> State:
    """Return the state after so many seconds of a current in A per cell, positive on discharge.

    The plain form for whoever simulates step by step; for many steps of one length `Circuit` is faster.
    """
    return Circuit(cells, seconds, sink_c).step(state, current)


def voltage(cells: Cells, state: State, current: float | Floats | None = None) -> Floats:
    """Return the voltage at the terminals in V at this instant under a current in A; None: the last one."""
    amperes = state.current if current is None else np.asarray(current, float)
    surface = state.soc - cells.lag * state.branches[1]
    rise = rise_at(cells, surface) * np.exp(cells.activation / GAS * (1 / state.kelvin[0] - 1 / REFERENCE_K))
    drop = state.branches[0] + state.branches[1] + cells.r0 * rise * amperes
    result: Floats = rest_voltage(cells, surface) + cells.hysteresis_v * state.hysteresis - drop
    return result


def rest_voltage(cells: Cells, soc: float | Floats) -> Floats:
    """Return the voltage at rest in V at a state of charge, without hysteresis."""
    step, part = cells.places(np.broadcast_to(np.asarray(soc, float), cells.shape))
    return cells.curves.volts.take(step) + part * cells.curves.volts_growth.take(step)


def rise_at(cells: Cells, soc: Floats) -> Floats:
    """Return the factor of resistance at a state of charge."""
    step, part = cells.places(soc)
    return cells.curves.rise.take(step) + part * cells.curves.rise_growth.take(step)


def _chemical(cells: Cells, soc: Floats) -> Floats:
    """Return the chemical energy that a state of charge holds, in J: charge by the area under the curve at rest."""
    step, part = cells.places(soc)
    curves = cells.curves
    within = part * (curves.volts.take(step) + part / 2 * curves.volts_growth.take(step))
    return cells.coulombs * (curves.area.take(step) + within / STEPS)
