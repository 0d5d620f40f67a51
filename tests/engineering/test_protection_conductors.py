"""Busbars and cables against the published tables, and the balance of heat worked out again in plain steps."""

import math

import pytest

from cellroad.engineering.protection import conductor
from cellroad.engineering.protection.conductor import ALUMINIUM, COPPER


@pytest.mark.parametrize(
    ("metal", "start", "end", "printed"),
    [
        # IEC 60364-4-43, table 43A: PVC, XLPE and EPR, rubber at 60 degC
        (COPPER, 70, 160, 115), (COPPER, 90, 250, 143), (COPPER, 60, 200, 141),
        (ALUMINIUM, 70, 160, 76), (ALUMINIUM, 90, 250, 94), (ALUMINIUM, 60, 200, 93),
    ],
)  # fmt: skip
def test_the_adiabatic_constant_is_that_of_the_standard(metal, start, end, printed):
    assert conductor.adiabatic_constant(metal, start, end) == pytest.approx(printed, abs=0.7)


@pytest.mark.parametrize(
    ("width", "thickness", "printed"),
    # DIN 43671, one bare copper bar, 65 degC at 35 degC, from memory of the table
    [
        (12, 2, 108),
        (20, 3, 204),
        (20, 5, 274),
        (30, 5, 379),
        (40, 5, 482),
        (40, 10, 715),
        (60, 10, 985),
        (100, 10, 1490),
    ],
)
def test_a_busbar_carries_what_din_43671_prints(width, thickness, printed):
    assert conductor.busbar_ampacity(width, thickness, 35, 65) == pytest.approx(printed, rel=0.04)


@pytest.mark.parametrize(
    ("area", "printed"),
    # IEC 60364-5-52, table B.52.12, column G: single cores in free air a diameter apart, XLPE, 30 degC; from memory
    [(25, 182), (35, 226), (50, 275), (70, 353), (95, 430), (120, 500)],
)
def test_a_cable_carries_about_what_iec_60364_prints(area, printed):
    assert conductor.cable_ampacity(area, 30) == pytest.approx(printed, rel=0.08)


def test_the_heat_of_a_bar_leaves_it():
    width, thickness, ambient, limit = 30, 4, 40.0, 85.0
    current = conductor.busbar_ampacity(width, thickness, ambient, limit, emissivity=0.3)
    resistivity = 1.7241e-8 * (234.5 + limit) / 254.5
    made = current**2 * resistivity / (width * thickness * 1e-6)
    rise = limit - ambient
    convection = 1.42 * (rise / 0.030) ** 0.25 * rise
    radiation = 0.3 * 5.670374e-8 * ((limit + 273.15) ** 4 - (ambient + 273.15) ** 4)
    assert made == pytest.approx((convection + radiation) * 2 * (width + thickness) / 1000)


def test_a_short_circuit_warms_a_bar_as_small_steps_do():
    area, energy = 40.0, 5e6
    end = conductor.INSULATION_C["bare"][1]
    k = conductor.adiabatic_constant(COPPER, 90, end)
    warm = 90.0
    steps = 20_000
    for _ in range(steps):
        resistivity = 1.7241e-8 * (234.5 + warm) / 254.5
        warm += (k * area) ** 2 / steps * resistivity / (area * 1e-6) ** 2 / 3.45e6
    assert warm == pytest.approx(end, abs=0.05)
    assert (k * conductor.short_circuit_area(energy)) ** 2 == pytest.approx(energy)


def test_hot_air_leaves_no_current():
    assert conductor.busbar_ampacity(20, 5, 90, 90) == 0
    assert conductor.cable_ampacity(50, 95, 90) == 0
    assert conductor.choose_busbar(50, None, 90.0) is None


def test_the_smallest_bar_that_fits_is_taken():
    chosen = conductor.choose_busbar(270, 610e3, 40)
    assert chosen is not None
    k = conductor.adiabatic_constant(COPPER, *conductor.INSULATION_C["bare"])
    for width, thickness in conductor.BARS:
        if width * thickness < chosen.area_mm2:
            fits = 0.8 * conductor.busbar_ampacity(width, thickness, 40, 90) >= 270
            assert not (fits and (k * width * thickness) ** 2 >= 610e3)
    assert chosen.ampacity_a >= 270
    assert chosen.survives_a2s >= 610e3
    assert chosen.ohm_per_m == pytest.approx(1.7241e-2 / chosen.area_mm2)
    assert math.isclose(chosen.kg_per_m, 8.9e-3 * chosen.area_mm2)


def test_a_current_beyond_every_bar_is_refused():
    assert conductor.choose_busbar(5000, None, 40) is None
    assert conductor.choose_cable(2000, None, 40) is None
