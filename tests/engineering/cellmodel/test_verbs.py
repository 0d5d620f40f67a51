"""Packs that are discharged, charged and cycled; duties against what is published of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.engineering.catalogue import cells
from cellroad.engineering.cellmodel import (
    ADIABATIC,
    Duty,
    Spread,
    charge,
    constant,
    cycle,
    discharge,
    drive,
    off_road,
    solar_day,
)  # fmt: skip
from cellroad.engineering.cellmodel.duty import CAR, GOLF_CART
from cellroad.engineering.cellmodel.schedules import SCHEDULES
from cellroad.engineering.cellmodel.spread import ALIKE
from cellroad.engineering.layout import Layout

KNOWN = {cell.cell_id: cell for cell in cells()}
PACK = Layout(KNOWN["CL017"], 32, 4)
SMALL = Layout(KNOWN["CL015"], 3, 2)


def test_cells_that_are_alike_are_one_cell() -> None:
    one, all_ = (discharge(SMALL, power_w=40, spread=s, seconds=30) for s in (None, ALIKE))
    for name in one.frame.columns:
        if name != "asked_w":
            assert one.frame[name].to_numpy() == pytest.approx(all_.frame[name].to_numpy(), rel=1e-9), name


def test_unlike_cells_give_less() -> None:
    alike, unlike = (discharge(SMALL, current_a=5, spread=s) for s in (ALIKE, Spread(0.02, 0.05, 0.02, 1)))
    assert unlike.energy_kwh < alike.energy_kwh
    assert unlike.ended == "voltage"
    last = unlike.frame.row(-1, named=True)
    assert last["min_cell_v"] < last["max_cell_v"]
    assert last["min_soc"] < last["soc"]


def test_power_is_what_was_asked_until_a_voltage() -> None:
    run = discharge(PACK, power_w=3000)
    assert run.frame["power_w"].to_numpy() == pytest.approx(3000.0)
    assert run.ended == "voltage"
    assert run.frame["min_cell_v"].min() >= 2.0


def test_cold_and_haste_cost_energy() -> None:
    energies = [discharge(PACK, power_w=w, ambient_c=c).energy_kwh for w, c in ((1500, 25), (6000, 25), (6000, -10))]
    assert energies == sorted(energies, reverse=True)
    assert energies[0] < PACK.energy_kwh * 1.02


def test_an_adiabatic_pack_warms_by_its_heat() -> None:
    run = discharge(PACK, current_a=60, cooling=ADIABATIC, seconds=10)
    joules = float(run.frame["heat_w"].sum()) * 10
    once = float((run.frame["current_a"] ** 2).sum()) * 10 * 1e-3
    mean = run.state.kelvin[0] * 0.9 + run.state.kelvin[1] * 0.1
    assert float(mean.mean() - 298.15) * 128 * 300.0 == pytest.approx(joules - once, rel=1e-9)


def test_a_charge_ends_at_its_voltage_with_little_current() -> None:
    run = charge(PACK, current_a=30)
    assert run.ended == "full"
    assert run.frame["max_cell_v"].max() <= 3.6 + 1e-9
    assert run.frame["current_a"].min() == pytest.approx(-30)
    assert run.frame["current_a"][-1] > -30
    assert run.frame["soc"][-1] > 0.98
    back = discharge(PACK, current_a=30)
    assert 0.9 < back.energy_kwh / -run.energy_kwh < 1.0


def test_what_a_pack_cannot_do_is_told() -> None:
    run = cycle(SMALL, Duty("too much", 1.0, np.array([0.0, 50.0, 5000.0, -5000.0, 0.0])), soc=0.5)
    asked, done = (run.frame[name].to_numpy() for name in ("asked_w", "power_w"))
    assert asked.tolist() == [0.0, 50.0, 5000.0, -5000.0, 0.0]
    assert done[:2] == pytest.approx([0.0, 50.0])
    assert 50 < done[2] < 5000
    assert -5000 < done[3] < 0
    assert run.frame["min_cell_v"].min() >= 2.5 - 1e-9
    assert run.frame["max_cell_v"].max() <= 4.2 + 1e-9


@settings(max_examples=10, derandomize=True)
@given(st.lists(st.floats(-3000, 3000), min_size=5, max_size=30), st.floats(0.1, 0.9))
def test_no_duty_takes_a_group_out_of_its_voltages(watts, soc) -> None:
    run = cycle(PACK, Duty("any", 60.0, np.array(watts)), soc=soc, spread=Spread(0.01, 0.05, 0.02))
    assert run.frame["min_cell_v"].min() >= 2.0 - 1e-9
    assert run.frame["max_cell_v"].max() <= 3.6 + 1e-9
    assert (run.frame["power_w"].abs() - run.frame["asked_w"].abs()).max() <= 1e-6


@pytest.mark.parametrize(("given_", "said"), [({}, "either"), ({"power_w": 1.0, "current_a": 1.0}, "either"),
                                              ({"power_w": -5.0}, "above zero")])  # fmt: skip
def test_one_of_power_and_current(given_, said) -> None:
    with pytest.raises(ValueError, match=said):
        discharge(PACK, **given_)


@pytest.mark.parametrize(("name", "seconds", "miles", "top"), [("UDDS", 1369, 7.45, 56.7), ("US06", 600, 8.01, 80.3)])
def test_schedules_are_as_long_and_as_fast_as_published(name, seconds, miles, top) -> None:
    # 40 CFR part 86, appendix I; distances as the agency prints them.
    speed = SCHEDULES[name].m_per_s
    assert len(speed) - 1 == seconds
    assert speed.max() / 0.44704 == pytest.approx(top)
    assert np.trapezoid(speed) / 1609.344 == pytest.approx(miles, abs=0.005)
    assert speed[0] == speed[-1] == 0


def test_a_drive_is_its_road_load() -> None:
    duty = drive(CAR)
    assert 120 < duty.energy_kwh * 1000 / (7.45 * 1.609) < 220
    assert duty.watts.min() < 0 < duty.watts.max()
    slow = drive(GOLF_CART, top_m_per_s=8.0)
    assert slow.watts.max() < 12000
    assert len(slow.watts) == 1369


def test_a_day_of_sun_sells_what_it_does_not_use() -> None:
    duty = solar_day(pv_kwh=20.0, load_kwh=12.0)
    assert duty.hours == pytest.approx(24)
    assert duty.energy_kwh == pytest.approx(-8.0)
    assert duty.watts.min() < 0 < duty.watts.max()


def test_gusts_have_their_mean_and_their_seed() -> None:
    duty = off_road(4000, 1.0)
    assert duty.watts.mean() == pytest.approx(4000)
    assert duty.watts.max() > 8000
    assert np.array_equal(duty.watts, off_road(4000, 1.0).watts)
    assert constant(500, 2).energy_kwh == pytest.approx(1.0)
