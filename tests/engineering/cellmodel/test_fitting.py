"""A fit finds the cell that made a trace, leaves alone what a trace does not tell, and keeps charge."""

from dataclasses import replace

import numpy as np
import pytest

from cellroad.engineering.catalogue import cells
from cellroad.engineering.cellmodel import Cooling, cell_model
from cellroad.engineering.cellmodel.fitting import FURTHEST, Trace, fit, simulated, slow

CELL = next(cell for cell in cells() if cell.cell_id == "CL038")


def driven(model, seed: int, hours: float = 0.8) -> Trace:
    generator = np.random.default_rng(seed)
    seconds = np.arange(0, hours * 3600 + 1.0, 5.0)
    amperes = np.repeat(generator.uniform(-3, 9, len(seconds) // 12 + 1), 12)[: len(seconds)]
    empty = Trace(seconds, amperes, np.zeros(len(seconds)), soc=0.95)
    volts = np.concatenate([[0.0], simulated(model, empty, 5.0)])
    volts[0] = volts[1]
    return replace(empty, volts=volts)


def test_a_fit_finds_the_cell_that_made_the_trace() -> None:
    start = cell_model(CELL)
    parts = start.resistance
    true = replace(start, resistance=replace(parts, r0=parts.r0 * 1.6, r1=parts.r1 * 0.7, c1=parts.c1 * 2))
    trace, other = driven(true, 1), driven(true, 2)
    found = fit(
        start, [replace(trace, volts=trace.volts + np.random.default_rng(3).normal(0, 1e-3, len(trace.volts)))], 5.0
    )
    before, after = (np.sqrt(np.mean((simulated(m, other, 5.0) - other.every(5.0)[2]) ** 2)) for m in (start, found))
    assert before > 8e-3
    assert after < 1e-3
    assert found.resistance.r0 * found.resistance.rise[500] == pytest.approx(true.resistance.r0, rel=0.05)
    assert "fitted" in found.assumptions[-1]


def test_a_slow_discharge_gives_back_curve_and_capacity() -> None:
    model = replace(cell_model(CELL), hysteresis_v=0.0)
    current = 0.05 * CELL.capacity_ah
    seconds = np.arange(0, 20 * 3600 + 1.0, 60.0)
    empty = Trace(seconds, np.full(len(seconds), current), np.zeros(len(seconds)))
    volts = np.concatenate([[model.curve.volts[-1]], simulated(model, empty, 60.0)])
    parts = model.resistance
    rest, capacity_ah = slow(replace(empty, volts=volts), parts.r0 + parts.r1 + parts.r2)
    assert capacity_ah == pytest.approx(CELL.capacity_ah, rel=1e-6)
    soc = np.linspace(0.2, 0.9, 30)
    assert rest.at(soc) == pytest.approx(model.curve.at(soc), abs=2e-3)


def test_steps_keep_charge() -> None:
    generator = np.random.default_rng(0)
    seconds = np.cumsum(generator.integers(1, 4, 200)).astype(float)
    trace = Trace(seconds, generator.normal(0, 5, 200), np.full(200, 3.5))
    mean, _, _ = trace.every(0.5)
    assert mean.sum() * 0.5 == pytest.approx(np.trapezoid(trace.amperes, seconds))


def test_a_trace_that_no_cell_could_make_leaves_a_cell_that_still_runs() -> None:
    trace = driven(cell_model(CELL), 4, hours=0.2)
    nonsense = replace(trace, volts=np.random.default_rng(5).uniform(0.0, 9.0, len(trace.volts)))
    found = fit(cell_model(CELL), [nonsense], 5.0, Cooling("a bath", 1000.0))
    away = np.log(found.resistance.r0 / cell_model(CELL).resistance.r0)
    assert abs(away) <= FURTHEST
    assert np.all(np.isfinite(simulated(found, trace, 5.0)))
