"""How wrong is the state of charge that is told, and does the filter know it, over packs not as believed?

Each pack is drawn anew: its capacity, resistance, hysteresis and curve at rest differ from what its filter believes,
its current sensor has an offset and a gain of its own, its voltage sensor an offset, its readings noise and steps, it
comes from charge or discharge, and the filter begins wrong. Two days are run: one that stays on the middle of the
curve, where LFP is flat and voltage says little, and one that goes nearly full and nearly empty. The filter is told
how far packs differ (`Unlike`), or something else (`told`), which is how one sees what an untrue promise does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from cellroad.engineering.cellmodel import NATURAL, Circuit, Cooling, at_rest, cell_model, cells_of, voltage
from cellroad.engineering.layout import Layout
from cellroad.engineering.protection.estimator import Doubt, Filter, counted
from cellroad.engineering.protection.plant import believed

Array = npt.NDArray[np.float64]


CURVE_REACH = 0.15
"""How far along the charge the error of a curve is alike. Assumption."""


@dataclass(frozen=True)
class Unlike:
    """By how much packs and sensors differ from what is believed: standard deviations, all assumptions.

    Shares of capacity, resistance and hysteresis; curve at rest (an error that wanders along the charge) and voltage
    sensor in V; offset and noise of the current sensor as shares of the largest current, its gain; `start`: the first
    guess is wrong by up to that much.
    """

    capacity: float = 0.02
    resistance: float = 0.15
    hysteresis: float = 0.3
    curve_v: float = 0.005
    voltage_v: float = 0.003
    noise_v: float = 0.001
    step_v: float = 0.001
    offset: float = 0.002
    noise: float = 0.001
    gain: float = 0.005
    start: float = 0.15

    def doubt(self, largest_a: float) -> Doubt:
        """Return the doubts of a filter that is told all this, for cells whose largest current is so many A."""
        return Doubt(
            self.noise * largest_a, float(np.hypot(self.noise_v, self.step_v / np.sqrt(12))), self.curve_v,
            self.voltage_v, self.resistance, float(np.hypot(self.capacity, self.gain)), self.hysteresis,
            soc=self.start / np.sqrt(3), offset_a=self.offset * largest_a,
        )  # fmt: skip


def soc_error(
    layout: Layout,
    unlike: Unlike | None = None,
    *,
    told: Unlike | None = None,
    draws: int = 100,
    days: float = 1.0,
    seconds: float = 10.0,
    settled_h: float = 6.0,
    ambient_c: float = 25.0,
    cooling: Cooling = NATURAL,
    seed: int = 0,
) -> pl.DataFrame:
    """Return the error of the state of charge, in points of charge from 0 to 1, and whether the filter knows it.

    A row per day ("middle": 0.3 to 0.8, "wide": 0.05 to 0.95) and method ("counting", "filter"): rms and max over all
    packs and times, settled_rms and settled_max from `settled_h` on; and of the filter (None for counting): deviation,
    the root mean square of what it says of itself from then on; within, how often the truth lay within two of its
    deviations (0.95 where it knows what it does not know); nees, the mean of the squared error by its variance (1 where
    it does; above: too sure; below: too careful). `told` is what the filter is told of packs and sensors: the truth
    where none is given.
    """
    unlike = unlike or Unlike()
    rows = []
    for name, low, high in (("middle", 0.3, 0.8), ("wide", 0.05, 0.95)):
        profile = _profile(layout, low, high, days, seconds, seed)
        errors, deviations = _run(
            layout, unlike, told or unlike, profile, (low + high) / 2, draws, seconds, ambient_c, cooling, seed
        )
        begin = round(settled_h * 3600 / seconds)
        for method, error in errors.items():
            known = (None, None, None) if method == "counting" else _honesty(error, deviations, begin)
            rows.append((name, method, *_measures(error), *_measures(error[begin:]), *known))
    schema = ["day", "method", "rms", "max", "settled_rms", "settled_max", "deviation", "within", "nees"]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _honesty(error: Array, deviation: Array, begin: int) -> tuple[float, float, float]:
    """Return the settled deviation, how often two deviations hold the error, and the mean squared error by variance."""
    by_own = error / deviation
    said = np.sqrt(np.mean(deviation[begin:] ** 2))
    return float(said), float(np.mean(np.abs(by_own) <= 2)), float(np.mean(by_own**2))


def _measures(error: Array) -> tuple[float, float]:
    return float(np.sqrt(np.mean(error**2))), float(np.abs(error).max())


def _profile(layout: Layout, low: float, high: float, days: float, seconds: float, seed: int) -> Array:
    """Return currents of one cell in A, a value per step: two swings a day between two charges, in gusts."""
    draw = np.random.default_rng(seed)
    steps = round(days * 86400 / seconds)
    hours = np.arange(steps) * seconds / 3600
    swing = (high - low) / 2 * np.sin(2 * np.pi * hours / 12)
    even = -np.gradient(swing, seconds / 3600) * layout.cell.capacity_ah
    heights = draw.uniform(-1, 1, steps // 12 + 1)
    gusts = np.repeat(np.stack([heights, -heights], axis=1).ravel(), 6)[:steps]
    return np.asarray(even + gusts * np.abs(even).max())


def _run(
    layout: Layout, unlike: Unlike, told: Unlike, profile: Array, soc: float, draws: int, seconds: float,
    ambient_c: float, cooling: Cooling, seed: int,
) -> tuple[dict[str, Array], Array]:  # fmt: skip
    """Return the errors of each method and the deviation that the filter tells: a row per step, a column per pack."""
    draw = np.random.default_rng(seed + 1)

    def normal(share: float) -> Array:
        return 1 + share * draw.standard_normal(draws)

    model = cell_model(layout.cell)
    curves = model.curve.volts + unlike.curve_v * _wandering(draw, draws, len(model.curve.volts))
    cells = cells_of([replace(model, curve=replace(model.curve, volts=volts)) for volts in curves], cooling)
    resistance = np.exp(unlike.resistance * draw.standard_normal(draws))
    cells = replace(
        cells, coulombs=cells.coulombs * normal(unlike.capacity), r0=cells.r0 * resistance, r=cells.r * resistance,
        c=cells.c / resistance, hysteresis_v=cells.hysteresis_v * np.maximum(normal(unlike.hysteresis), 0.0),
    )  # fmt: skip
    circuit = Circuit(cells, seconds, ambient_c)
    state = at_rest(cells, soc, ambient_c)._replace(hysteresis=draw.uniform(-1, 1, draws))
    largest = float(np.abs(profile).max())
    offset, gain = unlike.offset * largest * draw.standard_normal(draws), normal(unlike.gain)
    wrong_v = unlike.voltage_v * draw.standard_normal(draws)
    capacity = layout.cell.capacity_ah
    filtered = Filter(believed(layout), told.doubt(largest))
    guess = np.clip(soc + unlike.start * draw.uniform(-1, 1, draws), 0.0, 1.0)
    belief, count = filtered.start(guess), guess
    errors = {method: np.empty((len(profile), draws)) for method in ("counting", "filter")}
    deviations = np.empty((len(profile), draws))
    for n, current in enumerate(profile):
        state = circuit.step(state, current)
        read_a = gain * current + offset + unlike.noise * largest * draw.standard_normal(draws)
        volts = voltage(cells, state) + wrong_v + unlike.noise_v * draw.standard_normal(draws)
        read_v = np.round(volts / unlike.step_v) * unlike.step_v
        belief = filtered.step(belief, read_a, read_v, state.kelvin[1], seconds)
        count = counted(count, read_a, seconds, capacity)
        errors["counting"][n], errors["filter"][n] = count - state.soc, belief.soc - state.soc
        deviations[n] = belief.deviation
    return errors, deviations


def _wandering(draw: np.random.Generator, draws: int, places: int) -> Array:
    """Return errors that wander along the charge: normal, of deviation one, alike over `CURVE_REACH`; a row a draw."""
    along, centres = np.linspace(0, 1, places)[:, None], np.arange(-0.5, 1.5, CURVE_REACH / 6)
    weights = np.exp(-(((along - centres) / CURVE_REACH) ** 2))
    weights /= np.sqrt((weights**2).sum(axis=1, keepdims=True))
    return np.asarray(draw.standard_normal((draws, len(centres))) @ weights.T)
