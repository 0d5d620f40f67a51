"""The filter of the state of charge: against another filter, in exact cases, and what its covariance must keep."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from cellroad.engineering.catalogue import cells
from cellroad.engineering.layout import Layout
from cellroad.engineering.protection.accuracy import Unlike, soc_error
from cellroad.engineering.protection.estimator import REACH, Belief, Circuit, Doubt, Filter, counted

SLOPING = Circuit(5.0, np.linspace(3.0, 4.2, 51), np.ones(51), 0.02, 0.01, 5.0, 0.01, 200.0)
FLAT = Circuit(
    100.0, 3.2 + 0.06 * np.linspace(0, 1, 101) + 0.4 * np.linspace(-1, 1, 101) ** 15, np.ones(101), 5e-4, 3e-4, 4.0,
    3e-4, 200.0, hysteresis_v=0.01,
)  # fmt: skip
WARM = np.array(298.15)
RIGHT = {"curve_v": 0, "sensor_v": 0, "resistance": 0, "capacity": 0, "hysteresis": 0, "side": 0}


def driven(circuit: Circuit, soc: float, currents: np.ndarray, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """The cell itself, step by step in plain numbers: states of charge and voltages."""
    z, v1, v2, h = soc, 0.0, 0.0, 0.0
    charge, volts = [], []
    for current in currents:
        z -= current * seconds / 3600 / circuit.capacity_ah
        a1, a2 = np.exp(-seconds / circuit.tau1_s), np.exp(-seconds / circuit.tau2_s)
        v1, v2 = a1 * v1 + circuit.r1 * (1 - a1) * current, a2 * v2 + circuit.r2 * (1 - a2) * current
        fade = np.exp(-abs(current) * circuit.hysteresis_pace * seconds / 3600 / circuit.capacity_ah)
        h = (h + np.sign(current)) * fade - np.sign(current)
        rest = np.interp(z, np.linspace(0, 1, len(circuit.curve_v)), circuit.curve_v)
        volts.append(rest + circuit.hysteresis_v * h - v1 - v2 - circuit.r0 * current)
        charge.append(z)
    return np.array(charge), np.array(volts)


def profile(hours: float, scale: float, seconds: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    steps = int(hours * 3600 / seconds)
    return scale * np.repeat(rng.uniform(-0.8, 1.0, steps // 20 + 1), 20)[:steps]


def test_without_noise_and_with_the_right_model_the_error_goes_to_nothing():
    currents = profile(2, 5.0, 5.0)
    truth, volts = driven(SLOPING, 0.7, currents, 5.0)
    sure = Filter(SLOPING, Doubt(1e-3, voltage_v=1e-4, **RIGHT, drift=1e-5, soc=0.3))
    belief = sure.start(0.4)
    for current, volt in zip(currents, volts, strict=True):
        belief = sure.step(belief, current, volt, WARM, 5.0)
    assert float(belief.soc) == pytest.approx(truth[-1], abs=1e-4)


def test_begun_right_and_without_noise_it_stays_right_on_a_flat_curve():
    currents = profile(4, 60.0, 10.0, seed=1)
    truth, volts = driven(FLAT, 0.6, currents, 10.0)
    filtered = Filter(FLAT, Doubt(0.1, soc=0.01))
    belief = filtered.start(0.6)
    for n, (current, volt) in enumerate(zip(currents, volts, strict=True)):
        belief = filtered.step(belief, current, volt, WARM, 10.0)
        assert float(belief.soc) == pytest.approx(truth[n], abs=2e-3)


def test_the_offset_of_the_sensor_is_found_where_the_curve_slopes():
    currents = profile(12, 2.0, 10.0, seed=2) * 0.4
    _, volts = driven(SLOPING, 0.6, currents, 10.0)
    sure = Filter(SLOPING, Doubt(0.01, voltage_v=1e-3, **RIGHT, drift=1e-5, offset_a=0.1))
    belief = sure.start(0.5)
    for current, volt in zip(currents, volts, strict=True):
        belief = sure.step(belief, current + 0.05, volt, WARM, 10.0)
    assert belief.mean[4] == pytest.approx(0.05, abs=0.01)


def test_a_straight_curve_gives_the_linear_filter_written_out():
    # one state: charge; no branches, no hysteresis, no offset: the textbook's scalar Kalman filter
    plain = Circuit(5.0, np.linspace(3.0, 4.0, 11), np.ones(11), 0.0, 0.0, 1.0, 0.0, 1.0)
    doubt = Doubt(0.5, voltage_v=0.01, **RIGHT, drift=0.0, soc=0.1)
    filtered = Filter(plain, doubt)
    belief = filtered.start(0.5)
    z, p = 0.5, 0.1**2
    rng = np.random.default_rng(3)
    for _ in range(50):
        current, volt = rng.normal(0, 2), 3.6 + rng.uniform(-0.02, 0.02)
        belief = filtered.step(belief, np.array(current), np.array(volt), WARM, 10.0)
        share = 10 / 3600 / 5.0
        z, p = z - current * share, p + (share * 0.5) ** 2
        gain = p / (p + 0.01**2)
        z, p = z + gain * (volt - 3.0 - z), (1 - gain) * p
        assert float(belief.soc) == pytest.approx(z, rel=1e-9)
        assert float(belief.deviation) == pytest.approx(np.sqrt(p), rel=1e-9)


@settings(max_examples=25, derandomize=True)
@given(
    st.lists(st.tuples(st.floats(-300, 300), st.floats(2.0, 4.0), st.floats(253, 333)), min_size=1, max_size=40),
    st.floats(0, 1), st.sampled_from([0.1, 1.0, 60.0]),
)  # fmt: skip
def test_the_covariance_stays_symmetric_and_positive(readings, soc, seconds):
    filtered = Filter(FLAT, Doubt(2.0, offset_a=1.0))
    belief = filtered.start(soc)
    for current, volts, kelvin in readings:
        belief = filtered.step(belief, np.array(current), np.array(volts), np.array(kelvin), seconds)
        assert np.array_equal(belief.covariance, belief.covariance.T)
        assert np.linalg.eigvalsh(belief.covariance).min() >= -1e-12
        assert 0 <= belief.soc <= 1


def test_many_packs_at_once_are_each_what_they_are_alone():
    rng = np.random.default_rng(4)
    starts = np.array([0.2, 0.5, 0.9])
    filtered = Filter(FLAT, Doubt(1.0, offset_a=0.5))
    together = filtered.start(starts)
    alone = [filtered.start(soc) for soc in starts]
    for _ in range(30):
        current, volts = rng.normal(0, 50, 3), rng.normal(3.25, 0.05, 3)
        together = filtered.step(together, current, volts, np.full(3, 290.0), 10.0)
        alone = [filtered.step(one, current[n], volts[n], np.array(290.0), 10.0) for n, one in enumerate(alone)]
    assert together.mean == pytest.approx(np.array([one.mean for one in alone]), abs=1e-12)
    assert isinstance(together, Belief)


def test_counting_alone_adds_up_and_drifts_with_its_offset():
    soc = np.array([0.5, 0.5])
    for _ in range(360):
        soc = counted(soc, np.array([10.0, 10.5]), 10.0, 100.0)
    assert soc == pytest.approx([0.4, 0.395])


def wrong_cells(circuit: Circuit, doubt: Doubt, currents: np.ndarray, seconds: float, draws: int, seed: int):
    """Cells and sensors that are wrong as `doubt` says, in plain numbers: read current and voltage, true charge."""
    rng = np.random.default_rng(seed)
    z = 0.6 + doubt.soc * rng.standard_normal(draws)
    h, v1, v2 = doubt.side * rng.standard_normal(draws), np.zeros(draws), np.zeros(draws)
    capacity, gap, sensor, offset = (
        sigma * rng.standard_normal(draws)
        for sigma in (doubt.capacity, doubt.hysteresis, doubt.sensor_v, doubt.offset_a)
    )
    curve, resistance = doubt.curve_v * rng.standard_normal(draws), doubt.resistance * rng.standard_normal(draws)
    grid = np.linspace(0, 1, len(circuit.curve_v))
    for current in currents:
        noisy = current + doubt.current_a * rng.standard_normal(draws)
        share = (1 + capacity) * seconds / 3600 / circuit.capacity_ah
        fade = np.exp(-abs(current) * share * circuit.hysteresis_pace)
        kept = np.exp(-abs(current) * share / REACH)
        curve, resistance = (
            kept * error + np.sqrt(1 - kept**2) * sigma * rng.standard_normal(draws)
            for error, sigma in ((curve, doubt.curve_v), (resistance, doubt.resistance))
        )
        grown = np.exp(resistance)
        z = z - current * share + doubt.drift * np.sqrt(seconds / 3600) * rng.standard_normal(draws)
        a1, a2 = np.exp(-seconds / circuit.tau1_s), np.exp(-seconds / circuit.tau2_s)
        v1, v2 = (a * v + grown * r * (1 - a) * current for a, v, r in ((a1, v1, circuit.r1), (a2, v2, circuit.r2)))
        h = (h + np.sign(current)) * fade - np.sign(current)
        rest = np.interp(z, grid, circuit.curve_v) + curve + sensor + circuit.hysteresis_v * (1 + gap) * h
        volts = rest - v1 - v2 - grown * circuit.r0 * current
        yield noisy + offset, volts + doubt.voltage_v * rng.standard_normal(draws), z


@pytest.mark.parametrize(("circuit", "scale"), [(SLOPING, 2.0), (FLAT, 40.0)], ids=["sloping", "flat"])
def test_errors_and_surprises_are_as_large_as_the_filter_says(circuit, scale):
    # Bar-Shalom, Li, Kirubarajan 2001, section 5.4: sums over draws of squared errors by their variance are chi-square
    draws, seconds = 200, 30.0
    doubt = Doubt(0.001 * scale, offset_a=0.002 * scale, soc=0.05)
    filtered = Filter(circuit, doubt)
    belief, kelvin = filtered.start(np.full(draws, 0.6)), np.full(draws, 298.15)
    low, high = chi2.ppf([5e-4, 1 - 5e-4], draws) / draws
    errors, surprises = [], []
    currents = profile(8, scale, seconds, seed=5)
    for current, volts, truth in wrong_cells(circuit, doubt, currents - currents.mean(), seconds, draws, 6):
        foreseen, variance = filtered.foreseen(belief, current, kelvin, seconds)
        surprises.append(np.mean((volts - foreseen) ** 2 / variance))
        belief = filtered.step(belief, current, volts, kelvin, seconds)
        errors.append(np.mean((belief.soc - truth) ** 2 / belief.deviation**2))
    hourly = np.array(errors)[119::120]
    assert np.all((hourly > low) & (hourly < high)), (low, hourly, high)
    assert np.mean(surprises) < chi2.ppf(0.999, draws) / draws
    assert np.mean(surprises[120:]) > 0.6


def rows_of(cell_id: str, **options):
    cell = next(cell for cell in cells() if cell.cell_id == cell_id)
    table = soc_error(Layout(cell, 16, 1), draws=PACKS, **{"seconds": 60.0} | options)
    return [row for row in table.to_dicts() if row["method"] == "filter"]


PACKS = 40
TOLD = Unlike()
UNSEEN = {
    "LFP": ("CL030", {"seed": 101}),
    "NMC": ("CL050", {"seed": 102}),
    "NCA": ("CL044", {"seed": 103}),
    "LFP, cold": ("CL010", {"seed": 104, "ambient_c": -10.0}),
    "NMC, cold": ("CL039", {"seed": 105, "ambient_c": -10.0}),
    "LFP, short steps": ("CL014", {"seed": 106, "days": 0.5, "seconds": 20.0}),
    "NMC, a poorer current sensor than told": ("CL029", {"seed": 107, "told": TOLD, "unlike": Unlike(offset=0.004)}),
    "LFP, capacity less sure than told": ("CL026", {"seed": 108, "told": TOLD, "unlike": Unlike(capacity=0.03)}),
    "NMC, a curve better than told": ("CL051", {"seed": 109, "told": TOLD, "unlike": Unlike(curve_v=0.003)}),
    "NMC, everything worse, and told": ("CL033", {"seed": 110, "unlike": Unlike(0.04, 0.25, 0.4, 0.008, offset=0.004)}),
    "LFP, all but its curve worse, and told": ("CL028", {"seed": 111, "unlike": Unlike(0.04, 0.25, 0.4, offset=0.004)}),
}


def test_on_cells_and_packs_that_it_never_saw_two_deviations_hold_what_they_should():
    # errors that last are one draw a pack, however many readings: chi-square of as many degrees as packs
    most = chi2.ppf(0.995, PACKS) / PACKS
    within = []
    for name, (cell_id, options) in UNSEEN.items():
        for row in rows_of(cell_id, **options):
            assert row["nees"] < most, (name, row)
            assert row["within"] > 0.9, (name, row)
            within.append(row["within"])
    assert 0.92 < np.mean(within) < 0.99, within


@pytest.mark.parametrize(("cell_id", "settled"), [("CL001", 0.008), ("CL042", 0.005)], ids=["LFP", "NMC"])
def test_over_packs_that_are_not_as_believed_the_filter_beats_counting(cell_id, settled):
    cell = next(cell for cell in cells() if cell.cell_id == cell_id)
    table = soc_error(Layout(cell, 16, 1), draws=30, seconds=30.0)
    for day in ("middle", "wide"):
        rms = {row["method"]: row["settled_rms"] for row in table.filter(table["day"] == day).to_dicts()}
        assert rms["filter"] < rms["counting"] / 5
        assert rms["filter"] < settled


def test_packs_and_sensors_as_believed_leave_no_error():
    alike = Unlike(0, 0, 0, 0, 0, 0, 1e-6, 0, 0, 0, 0)
    cell = next(cell for cell in cells() if cell.cell_id == "CL042")
    table = soc_error(Layout(cell, 16, 1), alike, draws=2, seconds=30.0)
    assert table.filter(table["method"] == "counting")["max"].max() < 1e-9
    assert table.filter(table["method"] == "filter")["max"].max() < 0.01
