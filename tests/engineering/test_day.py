"""A pack under its duty stays within its limits; each fault trips the right level in the right time."""

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest

from cellroad.engineering.catalogue import cells
from cellroad.engineering.layout import Layout
from cellroad.engineering.protection import faults
from cellroad.engineering.protection.day import Fault, simulate, simulated_day, usual_step
from cellroad.engineering.protection.limits import Limits, bms_limits
from cellroad.engineering.protection.management import Management, Reading
from cellroad.engineering.protection.plant import Sensors

CELLS = {cell.cell_id: cell for cell in cells()}
PACKS = {
    "LFP 16s": (Layout(CELLS["CL001"], 16, 1), {}),
    "NMC 14s8p": (Layout(CELLS["CL042"], 14, 8), {"continuous_a": 40.0, "peak_a": 80.0, "charge_a": 20.0}),
    "LTO 40s": (Layout(CELLS["CL021"], 40, 1), {}),
}


@cache
def limits_of(name: str) -> Limits:
    layout, use = PACKS[name]
    return bms_limits(layout, **use)


LFP = limits_of("LFP 16s")


@pytest.mark.parametrize("name", PACKS)
def test_a_day_that_asks_for_more_than_there_is_passes_no_limit(name):
    day = simulated_day(PACKS[name][0], limits_of(name), seconds=10.0)
    assert day.proved
    assert day.opened_s is None
    assert day.passed == ()
    # it is a hard day: empty and full are both reached, and the management has had to ease off
    assert day.trace["soc"].min() < 0.1
    assert day.trace["soc"].max() > 0.9
    assert (day.trace["asked_a"] - day.trace["current_a"]).abs().max() > 0
    # seen again in the trace itself, not in the words of the day
    held = limits_of(name)
    assert day.trace["high_v"].max() < held.of("cell_voltage", "high", "operating").value
    assert day.trace["low_v"].min() > held.of("cell_voltage", "low", "operating").value
    charging = day.trace.filter(pl.col("current_a") < 0)
    assert charging["high_c"].max() < held.of("cell_temperature", "high", "operating", "charge").value


@pytest.mark.parametrize("name", ["LFP 16s", "NMC 14s8p"])
def test_every_fault_trips_the_right_limit_in_time(name):
    table = faults.fault_table(PACKS[name][0], limits_of(name))
    assert table.height == len(faults.cases(limits_of(name)))
    assert table.filter(~pl.col("ok")).rows() == []


def test_a_day_in_which_the_limits_are_not_kept_is_not_proved():
    asked = np.full(3600, -28.0)
    day = simulate(LFP.layout, LFP, asked, 1.0, soc=0.98, fault=Fault(0.0, disobeyed=True))
    assert not day.proved
    assert day.opened_s is not None


def test_a_duty_needs_the_length_of_its_steps():
    with pytest.raises(ValueError, match="seconds"):
        simulated_day(LFP.layout, LFP, np.zeros(10))
    assert usual_step(LFP) == 10
    assert usual_step(bms_limits(Layout(CELLS["CL019"], 16, 1))) == 1


def test_charge_at_ten_below_is_refused():
    day = simulate(LFP.layout, LFP, np.full(300, -100.0), 1.0, ambient_c=-10.0)
    assert (day.trace["charge_a"] == 0).all()
    assert (day.trace["current_a"] == 0).all()
    assert day.passed == ()


def test_the_cold_pack_still_gives():
    day = simulate(LFP.layout, LFP, np.full(300, 40.0), 1.0, ambient_c=-10.0)
    assert (day.trace["current_a"][1:] == 40.0).all()
    assert day.passed == ()


def test_a_welded_contactor_is_told_and_the_second_one_parts_the_pack():
    case = next(case for case in faults.cases(LFP) if case.fault.welded)
    day = faults.outcome(case, LFP.layout, LFP).day
    names = {trip.limit.quantity for trip in day.passed}
    assert {"cell_voltage", "contactor_weld"} <= names
    after = day.trace.filter(pl.col("seconds") > (day.opened_s or 0) + 1)
    assert (after["current_a"] == 0).all()


def test_above_what_the_contactors_break_they_stay_closed_for_the_fuse():
    held = bms_limits(LFP.layout, break_a=1000.0)
    management = Management.of(held)
    calm = Reading(np.full(16, 3.3), np.full(16, 25.0), 0.0, 52.8, 5e6, 0.0, True)
    memory = management.start(calm, 0.5)
    for current, closed, hold in ((5000.0, True, True), (900.0, False, False)):
        now, command = memory, None
        for _ in range(5):
            now, command = management.step(now, calm._replace(current_a=current), 0.5, 0.1)
        assert command is not None
        assert (command.close, command.hold) == (closed, hold)


def test_what_trips_clears_after_its_time_unless_it_is_latched():
    management = Management.of(LFP)
    calm = Reading(np.full(16, 3.3), np.full(16, 25.0), -50.0, 52.8, 5e6, 0.0, True)
    full = calm._replace(cell_v=np.full(16, 3.70), pack_v=59.2)
    over = calm._replace(cell_v=np.full(16, 3.85), pack_v=61.6)
    memory = management.start(calm, 0.5)

    def run(memory, reading, seconds):
        command = None
        for n in range(round(seconds / 0.1)):
            jitter = 0.001 * (n % 2)
            memory, command = management.step(memory, reading._replace(cell_v=reading.cell_v + jitter), 0.5, 0.1)
        return memory, command

    memory, command = run(memory, full, 0.6)
    assert not management.tripped(memory, "operating")
    memory, command = run(memory, full, 0.2)
    assert [limit.limit_id for limit in management.tripped(memory, "operating")] == ["cell_voltage_high_operating"]
    assert (command.charge_a, command.close) == (0.0, True)
    assert command.discharge_a > 0
    memory, command = run(memory, calm, 4.8)
    assert management.tripped(memory, "operating")
    memory, command = run(memory, calm, 0.4)
    assert not management.tripped(memory, "operating")
    memory, command = run(memory, over, 1.0)
    assert not command.close
    memory, command = run(memory, calm, 60)
    assert not command.close
    memory, command = run(management.reset(memory), calm, 1.0)
    assert command.close


def test_sensors_only_add_what_they_are_said_to():
    sensors = Sensors(200.0)
    draw = np.random.default_rng(5)
    read = [sensors.read(draw, np.full(16, 3.2994), np.full(16, 25.04), 100.0, 1e6, True) for _ in range(2000)]
    volts = np.array([one.cell_v for one in read])
    assert volts.mean() == pytest.approx(3.2994, abs=1e-4)
    assert volts.std() == pytest.approx(np.hypot(1e-3, 1e-3 / np.sqrt(12)), rel=0.05)
    assert np.allclose(volts / 1e-3, np.round(volts / 1e-3), atol=1e-6)
    current = np.array([one.current_a for one in read])
    assert current.mean() == pytest.approx(100.2, abs=0.02)
    assert current.std() == pytest.approx(0.2, rel=0.1)


def test_the_pack_does_not_depend_on_what_its_sensors_read():
    asked = np.full(200, 30.0)
    one, other = (simulate(LFP.layout, LFP, asked, 1.0, seed=seed).trace for seed in (1, 2))
    assert one["low_v"].to_list() == other["low_v"].to_list()
    assert one["believed_soc"].to_list() != other["believed_soc"].to_list()


def test_margins_are_what_is_left_to_each_limit():
    day = simulate(LFP.layout, LFP, np.full(100, 30.0), 1.0)
    row = day.margins().filter(pl.col("limit_id") == "cell_voltage_low_operating").row(0, named=True)
    assert row["margin"] == pytest.approx(day.trace["low_v"].min() - 2.5)
    assert replace(day, trips=()).trip_table().height == 0
