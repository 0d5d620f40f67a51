"""The sheet says of one pack what the front says, every part of it holds together, and what is refused is told."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import cellroad as cr
from cellroad.chain import examples
from cellroad.engineering.protection.parts import Contactor, Fuse, contactors, fuses
from cellroad.engineering.protection.protect import protect
from cellroad.engineering.protection.use import check_use


@pytest.fixture(scope="module")
def sheets():
    return {name: cr.design(name).sheet() for name in examples.packs()}


def figure(sheet, name):
    return sheet.figures.row(by_predicate=pl.col("figure") == name, named=True)["value"]


def test_the_sheet_of_every_shipped_specification_agrees_with_its_row(sheets):
    for name, sheet in sheets.items():
        found = cr.design(name)
        row = found.pareto.row(0, named=True)
        assert sheet.layout.name == row["layout"]
        assert sheet.mass.kg == pytest.approx(row["mass_kg"], rel=1e-9)
        assert sheet.mass.litres == pytest.approx(row["volume_l"], rel=1e-9)
        assert sheet.bill["kg"].sum() == pytest.approx(row["mass_kg"], rel=1e-9)
        assert sheet.cost["likely_usd"].sum() == pytest.approx(row["cost_usd"], rel=1e-9)
        assert figure(sheet, "nominal energy") == row["energy_kwh"]


def test_the_first_pack_of_every_shipped_specification_can_be_protected(sheets):
    assert {
        name: sheet.protection.verdict for name, sheet in sheets.items() if sheet.protection.verdict == "refused"
    } == {}


def test_a_discharge_gives_the_power_that_was_asked_for_and_most_of_the_energy(sheets):
    for sheet in sheets.values():
        run = sheet.discharge.frame
        asked = sheet.spec.power * 1000
        assert np.allclose(run["power_w"].to_numpy()[1:-1], asked, rtol=1e-3)
        assert 0.8 < sheet.discharge.energy_kwh / sheet.layout.energy_kwh < 1.1
        assert run["min_cell_v"].min() > 0.9 * sheet.layout.cell.min_v


def test_power_of_the_front_is_that_of_the_map_without_what_the_pack_has_once(sheets):
    sheet = sheets["residential-5kwh"]
    at = sheet.power.filter((pl.col("soc") == 0.2) & (pl.col("temperature_c") == 20) & (pl.col("seconds") == 10))
    warmer = sheet.power.filter((pl.col("soc") == 0.2) & (pl.col("temperature_c") == 30) & (pl.col("seconds") == 10))
    low, high = at["discharge_w"][0] / 1000, warmer["discharge_w"][0] / 1000
    assert low * 0.97 < figure(sheet, "power for 10 s") < high * 1.03


def test_limits_of_the_management_are_json_and_lie_inside_the_cell(sheets):
    for sheet in sheets.values():
        told = json.loads(sheet.limits.to_json())
        assert told["pack"]["series"] == sheet.layout.series
        cold = sheet.limits.charge.at(-10.0, 0.5)
        assert cold == 0.0 or sheet.layout.cell.charge_min_c <= -10


def test_life_and_certificates_stand_on_the_sheet(sheets):
    home, cart = sheets["residential-5kwh"], sheets["utv"]
    needed = home.certificates.filter(answer="needed")["standard"].to_list()
    assert {"UN 38.3", "UL 1973", "UL 9540"} <= set(needed)
    assert "UL 2580" in set(cart.certificates.filter(pl.col("answer") != "not needed")["standard"])
    assert home.life.band()["models"].max() >= 2
    assert home.life.band()["low"].to_list() == sorted(home.life.band()["low"], reverse=True)


def test_a_home_in_two_boxes_says_so(sheets):
    assert sheets["residential-30kwh"].units == 2
    assert any("2 x 15 kWh" in finding.mend for finding in sheets["residential-30kwh"].warnings)


def test_a_pack_that_does_not_last_is_warned_of():
    found = cr.design(nominal="96V", energy="15kWh", use="utv", cell="EVE 21700-50PL")
    assert found.pareto["years"][0] < found.unit.horizon
    assert any(finding.column == "years" for finding in found.sheet().warnings)
    with pytest.raises(cr.ChainError, match="the longest"):
        cr.design(nominal="96V", energy="15kWh", use="utv", cell="EVE 21700-50PL", years="12 years")


def test_a_fuse_that_lets_more_through_than_the_contactor_stands_is_refused(sheets):
    sheet = sheets["residential-5kwh"]
    slow: Fuse = max((one for one in fuses() if one.clearing_a2s), key=lambda one: one.clearing_a2s or 0)
    weak: Contactor = min((one for one in contactors() if one.carry_a >= 30), key=lambda one: one.carry_a)
    weak = replace(weak, break_a=50.0)
    told = protect(sheet.layout, 25.0, 25.0, fuse=slow, contactor=weak)
    assert told.verdict == "refused"
    assert any("contactor" in finding.column or "fuse" in finding.column for finding in told.findings)


def test_assumptions_are_told_once_and_many(sheets):
    for sheet in sheets.values():
        assert len(set(sheet.assumptions)) == len(sheet.assumptions) > 15


def test_charge_in_the_cold_is_refused_by_the_management_of_every_sheet(sheets):
    for sheet in sheets.values():
        low = sheet.layout.cell.charge_min_c
        told = check_use(sheet.limits, low - 5.0, charge_a=1.0)
        assert told[0].verdict == "refused"
        assert "cold" in told[0].reason
