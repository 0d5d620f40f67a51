"""What a pack may be asked for: held against the circuit under that current, and against the limits of the sheet."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engineering.cellmodel.plain import GRID, lumped, plain

from cellroad.engineering.catalogue import cells
from cellroad.engineering.cellmodel import (
    at_rest,
    cell_model,
    charge_power,
    discharge_power,
    power_map,
    step,
    usual_joints,
    voltage,
)  # fmt: skip
from cellroad.engineering.cellmodel.limits import LIMITS
from cellroad.engineering.layout import Layout

KNOWN = {cell.cell_id: cell for cell in cells()}
WIDE = (2.8, 4.2, 1e4, 1e4, 1e4)


@settings(max_examples=40, derandomize=True)
@given(st.floats(0.05, 0.95), st.floats(-10, 40), st.sampled_from([2.0, 10.0, 30.0]), st.booleans())
def test_at_its_limit_a_cell_ends_at_its_voltage(soc, celsius, seconds, give) -> None:
    model = plain(volts=2.8 + 1.4 * GRID, activation=30e3, limits=WIDE)
    allowed = (discharge_power if give else charge_power)(model, soc, celsius, seconds)
    if LIMITS[int(allowed.bound)] != "voltage":
        return
    cells_ = lumped(model, 1e9)
    current = float(allowed.amperes) * (1 if give else -1)
    state = step(cells_, at_rest(cells_, soc, celsius), current, seconds, celsius)
    assert float(voltage(cells_, state)) == pytest.approx(2.8 if give else 4.2, abs=2e-6)
    assert float(allowed.watts) == pytest.approx(abs(current) * (2.8 if give else 4.2), rel=1e-6)


def test_each_limit_binds_where_it_must() -> None:
    model = plain(volts=2.8 + 1.4 * GRID)
    at = lambda *args: LIMITS[int(discharge_power(model, *args).bound)]  # noqa: E731
    assert at(0.6, 25.0, 2.0) == "current"
    assert at(0.02, 25.0, 10.0) == "voltage"
    assert at(0.6, -25.0, 10.0) == "temperature"
    assert at(0.6, 61.0, 10.0) == "temperature"
    deep = plain(volts=3.4 + 0.1 * GRID, limits=(2.0, 4.2, 500.0, 500.0, 500.0), r0=1e-4, r1=1e-4, r2=1e-4)
    assert LIMITS[int(discharge_power(deep, 0.05, 25.0, 30.0).bound)] == "charge"


def test_a_pulse_is_a_pulse_only_for_its_seconds() -> None:
    model = plain(volts=2.8 + 1.4 * GRID)
    short, long = (float(discharge_power(model, 0.6, 25.0, s).amperes) for s in (10.0, 10.1))
    assert (short, long) == (15.0, 10.0)


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell.cell_id)
def test_no_cell_is_charged_below_its_least_temperature(cell) -> None:
    model = cell_model(cell)
    cold = model.limits.charge_c[0] - 0.1
    assert float(charge_power(model, 0.5, cold, 10.0).watts) == 0.0


def test_power_grows_with_warmth_and_falls_with_time() -> None:
    model = cell_model(KNOWN["CL001"])
    warmth = discharge_power(model, 0.3, np.linspace(-15, 50, 14), 30.0).watts
    assert np.all(np.diff(warmth) > 0)
    time = discharge_power(model, 0.3, 0.0, np.array([1.0, 2.0, 10.0, 30.0, 300.0])).watts
    assert np.all(np.diff(time) <= 0)


def test_many_models_at_once_are_each_alone() -> None:
    models = [cell_model(cell) for cell in cells()]
    many = discharge_power(models, 0.5, 10.0, 10.0)
    alone = [float(discharge_power(model, 0.5, 10.0, 10.0).watts) for model in models]
    assert many.watts == pytest.approx(alone)
    steady = discharge_power(models, 0.5, 25.0, math.inf)
    drop = [m.resistance.r0 + m.resistance.r1 + m.resistance.r2 for m in models]
    by_hand = [
        a * (float(m.curve.at(0.5)) - m.hysteresis_v - a * ohm)
        for m, a, ohm in zip(models, steady.amperes, drop, strict=True)
    ]
    assert steady.watts == pytest.approx(by_hand, rel=1e-3)


def test_a_map_holds_the_whole_grid_and_the_loss_of_the_way() -> None:
    layout = Layout(KNOWN["CL017"], 32, 4)
    frame = power_map(layout, soc=(0.0, 0.5, 1.0), temperature_c=(-30.0, 25.0), seconds=(10.0,))
    assert len(frame) == 6
    warm = frame.filter((pl.col("temperature_c") == 25) & (pl.col("soc") == 0.5)).row(0, named=True)
    cell = discharge_power(cell_model(layout.cell), 0.5, 25.0, 10.0, usual_joints(layout).cell_ohm)
    lost = (float(cell.amperes) * 4) ** 2 * usual_joints(layout).once_ohm
    assert warm["discharge_w"] == pytest.approx(128 * float(cell.watts) - lost)
    assert warm["discharge_limited_by"] == "current"
    assert frame.filter(pl.col("temperature_c") == -30)["discharge_w"].max() == 0
    assert frame.filter(pl.col("soc") == 0)["discharge_w"].max() == 0
    assert frame.filter(pl.col("soc") == 1)["charge_w"].max() == 0
