"""Which resistances does a measured trace tell of?

Given time, current and voltage of tests of a cell, and its curve at rest, the resistances, the pace of the branches,
the lag, the hysteresis and the rise over the state of charge that leave the least squares of

    (V_measured - V) / 5 mV   and   log(p / p_0)

where p_0 are the values of the cell's data sheet: what a trace does not touch stays where it was. The derivatives come
from cells that run side by side, each with one value a little off, so that a fit takes as long as a few dozen runs.

A curve at rest may be read from a slow discharge (`slow`): voltage and the drop that its small current makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from cellroad.engineering.cellmodel.cells import cells_of
from cellroad.engineering.cellmodel.circuit import Circuit, at_rest, voltage
from cellroad.engineering.cellmodel.cooling import NATURAL, Cooling
from cellroad.engineering.cellmodel.model import CellModel
from cellroad.engineering.cellmodel.ocv import STEPS, OpenCircuit, measured

Floats = npt.NDArray[np.float64]

NOISE_V = 0.005
"""By how much a trace may be off before it weighs as much as a value that is e times what the sheet says."""
AWAY = 1e-4
FURTHEST = 6.0
"""Logarithm of the factor by which a value may leave the sheet: the search stays in what can be run."""
LAG = 0.05
"""Where a fit of the lag begins, in state of charge per V."""
KNOTS = np.array([0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.45, 0.6, 0.8, 0.95, 1.0])
"""States of charge between which the logarithm of the rise is straight."""


@dataclass(frozen=True)
class Trace:
    """A test of one cell: time in s, rising; current in A, positive on discharge; voltage in V; where it began."""

    seconds: Floats
    amperes: Floats
    volts: Floats
    soc: float = 1.0
    celsius: float = 25.0

    def every(self, seconds: float) -> tuple[Floats, Floats, Floats]:
        """Return at equal steps the mean current of each and current and voltage at its end; charge is kept."""
        between = (self.amperes[1:] + self.amperes[:-1]) / 2 * np.diff(self.seconds)
        charge = np.concatenate([[0.0], np.cumsum(between)])
        times = np.arange(self.seconds[0], self.seconds[-1] + 1e-9, seconds)
        mean = np.diff(np.interp(times, self.seconds, charge)) / seconds
        return mean, *(np.interp(times[1:], self.seconds, values) for values in (self.amperes, self.volts))


def slow(trace: Trace, drop_ohm: float = 0.0) -> tuple[OpenCircuit, float]:
    """Return the curve at rest and the capacity in Ah that a slow full discharge tells of.

    `drop_ohm` is the resistance of the whole discharge; its drop is added to the voltage, but not at the very ends.
    """
    mean, _, volts = trace.every(max(1.0, float(np.median(np.diff(trace.seconds)))))
    step = max(1.0, float(np.median(np.diff(trace.seconds))))
    charge = np.cumsum(mean) * step
    soc = 1 - charge / charge[-1]
    rest = np.maximum.accumulate((volts + mean * drop_ohm)[::-1])
    states, places = np.unique(np.clip(soc[::-1], 0.0, 1.0), return_index=True)
    states[0], states[-1] = 0.0, 1.0
    return measured(states, rest[places]), float(charge[-1] / 3600)


def simulated(
    model: CellModel | Sequence[CellModel], trace: Trace, seconds: float, cooling: Cooling = NATURAL
) -> Floats:
    """Return the voltages that a model (or several, last axis) gives for a trace at equal steps."""
    mean, amperes, _ = trace.every(seconds)
    cells = cells_of(model, cooling)
    circuit, state = Circuit(cells, seconds, trace.celsius), at_rest(cells, trace.soc, trace.celsius)
    volts = np.empty((len(mean), *cells.shape))
    for n, current in enumerate(mean):
        state = circuit.step(state, current)
        volts[n] = voltage(cells, state, amperes[n])
    return volts


def fit(model: CellModel, traces: Sequence[Trace], seconds: float = 1.0, cooling: Cooling = NATURAL) -> CellModel:
    """Return the model with the resistances and the hysteresis that traces tell of, at steps of so many seconds."""
    start = _values(model)
    targets = np.concatenate([trace.every(seconds)[2] for trace in traces])

    def runs(points: list[Floats]) -> Floats:
        models = [_with(model, point) for point in points]
        return np.concatenate([simulated(models, trace, seconds, cooling) for trace in traces])

    def misses(point: Floats) -> Floats:
        return np.concatenate([(runs([point])[:, 0] - targets) / NOISE_V, point - start])

    def slopes(point: Floats) -> Floats:
        near = [point + AWAY * unit for unit in np.eye(len(point))]
        both = runs([point, *near])
        steep = (both[:, 1:] - both[:, :1]) / (AWAY * NOISE_V)
        result: Floats = np.concatenate([steep, np.eye(len(point))])
        return result

    within = (start - FURTHEST, start + FURTHEST)
    found = least_squares(misses, start, slopes, bounds=within, max_nfev=30, xtol=1e-5, ftol=1e-5)
    told = "resistances and hysteresis fitted to measured traces"
    return replace(_with(model, found.x), assumptions=(*model.curve.assumptions, *model.body.assumptions, told))


def _values(model: CellModel) -> Floats:
    """Return the logarithms of what is fitted: resistances, time constants, hysteresis, lag, rise at the knots."""
    parts = model.resistance
    rise = np.interp(KNOTS, np.linspace(0, 1, len(parts.rise)), parts.rise)
    steady = [parts.r0, parts.r1, parts.r2, parts.r1 * parts.c1, parts.r2 * parts.c2, max(model.hysteresis_v, 1e-4)]
    steady.append(max(parts.lag, LAG))
    return np.asarray(np.log([*steady, *rise]))


def _with(model: CellModel, values: Floats) -> CellModel:
    """Return the model with other values."""
    r0, r1, r2, fast, slow_s, hysteresis, lag = np.exp(values[:7]).tolist()
    rise = np.exp(np.interp(np.linspace(0, 1, STEPS + 1), KNOTS, values[7:]))
    parts = replace(
        model.resistance, r0=r0, r1=r1, r2=r2, c1=fast / r1, c2=slow_s / r2, rise=rise, lag=lag, assumptions=()
    )
    return replace(model, resistance=parts, hysteresis_v=hysteresis)
