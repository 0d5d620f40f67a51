"""The equivalent circuit against closed forms, against `thevenin`, against halved steps, and its energy."""

import importlib.util
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engineering.cellmodel.plain import GRID, lumped, plain
from tests.scripts import script

from cellroad.engineering.cellmodel import Circuit, at_rest, step, voltage

TRACE = json.loads((Path(__file__).parent / "thevenin.json").read_text())


@pytest.fixture(scope="module")
def peer():
    return script("benchmarks/peers/thevenin_trace.py")


def run(cells, currents, seconds, soc, celsius, sink_c=None):
    circuit = Circuit(cells, seconds, celsius if sink_c is None else sink_c)
    state = at_rest(cells, soc, celsius)
    for current in currents:
        state = circuit.step(state, current)
        yield state, current


def test_a_pulse_and_a_rest_are_the_closed_form() -> None:
    cells = lumped(plain())
    amperes, pulse_s, rest_s = 8.0, 47.0, 600.0
    during = step(cells, at_rest(cells, 0.7), amperes, pulse_s)
    grown = [r * amperes * (1 - math.exp(-pulse_s / (r * c))) for r, c in ((0.008, 400.0), (0.010, 15000.0))]
    assert float(voltage(cells, during)) == pytest.approx(3.5 - amperes * 0.015 - sum(grown), abs=1e-12)
    assert float(during.soc) == pytest.approx(0.7 - amperes * pulse_s / 18000, abs=1e-15)
    after = step(cells, during, 0.0, rest_s)
    left = [v * math.exp(-rest_s / tau) for v, tau in zip(grown, (3.2, 150.0), strict=True)]
    assert float(voltage(cells, after)) == pytest.approx(3.5 - sum(left), abs=1e-12)


def test_hysteresis_is_the_closed_form() -> None:
    cells = lumped(plain(hysteresis_v=0.02))
    state = step(cells, at_rest(cells, 0.9), 6.0, 300.0)
    assert float(state.hysteresis) == pytest.approx(-1 + math.exp(-40 * 6 * 300 / 18000), abs=1e-12)
    state = step(cells, state, -3.0, 900.0)
    turned = 1 + (-1 + math.exp(-4.0) - 1) * math.exp(-40 * 3 * 900 / 18000)
    assert float(state.hysteresis) == pytest.approx(turned, abs=1e-12)


def test_with_constant_parameters_the_length_of_a_step_does_not_matter() -> None:
    cells = lumped(plain(volts_per_k=1e-4), 0.05)
    many = list(run(cells, [7.0] * 900, 1.0, 0.9, 15.0))[-1][0]
    few = list(run(cells, [7.0] * 9, 100.0, 0.9, 15.0))[-1][0]
    assert float(voltage(cells, few)) == pytest.approx(float(voltage(cells, many)), abs=1e-10)


def trace_of(cells, peer, seconds, celsius):
    currents = np.repeat(peer.STEPS_A, round(peer.STEP_S / seconds))
    every = round(peer.EVERY_S / seconds)
    seen = [(float(voltage(cells, s, i)), float(s.kelvin[0])) for s, i in run(cells, currents, seconds, 0.6, celsius)]
    return np.array(seen[every - 1 :: every]).T


def ours(peer, *, branches: bool):
    p = peer.CIRCUIT
    some = {name: p[name] for name in ("r1", "c1", "r2", "c2", "hysteresis_v", "pace")}
    none = {"r1": 1e-12, "r2": 1e-12}
    model = plain(
        volts=np.array([peer.rest_v(z) for z in GRID]), rise=np.array([peer.rise(z) for z in GRID]), r0=p["r0"],
        activation=p["activation"], capacity_ah=p["capacity_ah"], heat_j_per_k=p["heat_j_per_k"],
        **(some if branches else none),
    )  # fmt: skip
    return lumped(model, 1e9 if branches else p["outer_w_per_k"])


def test_it_is_thevenin_to_a_tenth_of_a_millivolt(peer) -> None:
    volts, _ = trace_of(ours(peer, branches=True), peer, 1.0, peer.CIRCUIT["celsius"])
    assert np.abs(volts - TRACE["branches"]["voltage_v"]).max() < 1e-4


def test_a_cell_that_warms_itself_is_thevenin(peer) -> None:
    volts, kelvin = trace_of(ours(peer, branches=False), peer, 1.0, peer.CIRCUIT["warming_celsius"])
    assert np.abs(volts - TRACE["warming"]["voltage_v"]).max() < 1e-4
    assert np.abs(kelvin - TRACE["warming"]["kelvin"]).max() < 1e-3


@pytest.mark.skipif(importlib.util.find_spec("thevenin") is None, reason="thevenin is not installed")
def test_the_recorded_trace_is_what_thevenin_says_today(peer) -> None:
    assert np.allclose(peer.trace(branches=True)["voltage_v"], TRACE["branches"]["voltage_v"], atol=1e-6)


def test_halving_the_step_quarters_the_error(peer) -> None:
    p = peer.CIRCUIT
    model = plain(
        volts=np.array([peer.rest_v(z) for z in GRID]), rise=np.array([peer.rise(z) for z in GRID]), r0=0.05,
        r1=0.03, r2=0.03, c1=1000.0, activation=40e3, capacity_ah=p["capacity_ah"], heat_j_per_k=40.0,
    )  # fmt: skip
    cells = lumped(model, 0.1)

    def end(steps: int) -> np.ndarray:
        seconds = 960 / steps
        times = (np.arange(steps) + 0.5) * seconds
        currents = 6 + 4 * np.sin(times / 150)
        state = list(run(cells, currents, seconds, 0.9, -5.0))[-1][0]
        return np.array([state.soc, *state.branches, state.kelvin[0]])

    truth = end(7680)
    errors = np.abs(np.array([end(steps) - truth for steps in (60, 120, 240)]))
    assert np.all(errors[:-1, 1:] / np.maximum(errors[1:, 1:], 1e-13) > 3.4)


CURRENTS = st.lists(st.floats(-15, 15), min_size=3, max_size=40)


@settings(max_examples=25, derandomize=True)
@given(CURRENTS, st.floats(0.3, 0.7), st.sampled_from([1.0, 7.0, 60.0]))
def test_chemical_energy_is_work_and_heat_and_what_capacitors_hold(currents, soc, seconds) -> None:
    volts = 3.0 + GRID + 0.1 * np.sin(9 * GRID)
    model = plain(volts=volts, rise=1 + np.exp(-GRID / 0.2), hysteresis_v=0.02, activation=25e3)
    cells = lumped(model)
    within = 0.25 * 18000 / max(seconds * sum(abs(i) for i in currents), 1e-9)
    currents = [i * min(1.0, within) for i in currents]
    circuit, state, work = Circuit(cells, seconds), at_rest(cells, soc), 0.0
    for current in currents:
        middle = circuit.middle(state)
        work += current * float(middle.source - middle.ohm * current) * seconds
        state = circuit.move(state, middle, np.asarray(current))
    chemical = area_between(float(state.soc), soc, volts) * 18000
    warmed = float(state.kelvin[0] - 298.15) * 70.0
    capacitors = float((cells.c * state.branches**2).sum() / 2)
    through = seconds * sum(abs(i) for i in currents) * 3.5
    assert abs(chemical - work - warmed - capacitors) < 1e-6 * through + 1e-7


def area_between(low: float, high: float, volts: np.ndarray) -> float:
    """Return the area under the curve between two states of charge, cut at every point of the curve."""
    if low > high:
        return -area_between(high, low, volts)
    inside = GRID[(low < GRID) & (high > GRID)]
    cuts = np.concatenate([[low], inside, [high]])
    return float(np.trapezoid(np.interp(cuts, GRID, volts), cuts))


@settings(max_examples=25, derandomize=True)
@given(CURRENTS)
def test_resistances_only_warm(currents) -> None:
    cells = lumped(plain(rise=1 + np.exp(-GRID / 0.2), activation=25e3))
    for state, _ in run(cells, currents, 5.0, 0.5, 25.0):
        assert float(state.heat) >= -1e-12


def test_heat_of_reaction_is_that_of_the_temperature_coefficient() -> None:
    cells = lumped(plain(r0=1e-9, r1=1e-9, r2=1e-9, volts_per_k=2e-4))
    state = step(cells, at_rest(cells, 0.5, 25.0), 5.0, 1.0)
    assert float(state.heat) == pytest.approx(-5.0 * 298.15 * 2e-4, rel=1e-4)


def test_a_step_takes_time() -> None:
    cells = lumped(plain())
    with pytest.raises(ValueError, match="above zero"):
        Circuit(cells, 0.0)


def test_a_lag_reads_the_curve_where_the_surface_is() -> None:
    model = plain(volts=3.0 + 0.8 * GRID, capacity_ah=5e9)
    cells = lumped(replace(model, resistance=replace(model.resistance, lag=0.5)))
    state = at_rest(cells, 0.5)
    for _ in range(800):
        state = step(cells, state, 8.0, 5.0)
    settled = 3.0 + 0.8 * (0.5 - 0.5 * 0.010 * 8.0) - 8.0 * (0.015 + 0.008 + 0.010)
    assert float(voltage(cells, state)) == pytest.approx(settled, abs=1e-6)
    middle = Circuit(cells, 5.0).middle(state)
    assert float(middle.source - middle.ohm * 8.0) == pytest.approx(settled, abs=1e-6)
