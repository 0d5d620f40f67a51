"""What is offered meets what was asked, what is refused says what would have to change, and that is true."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.engineering.design import reference_search as reference

import cellroad as cr
from cellroad.chain import examples, facts
from cellroad.engineering.catalogue import cells
from cellroad.engineering.design.refusal import NoPackError

HOME = {"nominal": "100V", "energy": "5kWh", "use": "storage-residential"}


@pytest.fixture(scope="module")
def home():
    return cr.design(**HOME)


@pytest.fixture(scope="module")
def shipped():
    return {name: cr.design(name) for name in examples.packs()}


def test_every_shipped_specification_gives_packs_that_meet_it(shipped):
    by_id = {cell.cell_id: cell for cell in cells()}
    for found in shipped.values():
        unit = found.unit
        for row in found.layouts.iter_rows(named=True):
            cell = by_id[row["cell_id"]]
            many = row["series"] * row["parallel"]
            assert row["energy_kwh"] == pytest.approx(many * cell.capacity_ah * cell.nominal_v / 1000, rel=1e-9)
            assert unit.energy[0] * (1 - 1e-9) <= row["energy_kwh"] <= unit.energy[1] * (1 + 1e-9)
            assert unit.nominal[0] <= row["series"] * cell.nominal_v <= unit.nominal[1]
            assert row["power_kw"] >= unit.power
            assert row["peak_kw"] >= unit.peak_power
            assert unit.mass is None or row["mass_kg"] <= unit.mass
            assert unit.energy[0] / 1.3 < unit.units * row["energy_kwh"]
            assert row["mass_kg"] > many * cell.mass_kg
            assert row["cost_low_usd"] < row["cost_usd"] < row["cost_high_usd"]
            assert not unit.chemistry or row["chemistry"] in unit.chemistry


def test_the_examples_come_out_as_an_engineer_expects(shipped):
    lfp = shipped["lfp-100v"].pareto.row(0, named=True)
    assert (lfp["chemistry"], lfp["series"]) == ("LFP", 32)
    assert shipped["residential-30kwh"].units == 2
    assert {shipped[name].units for name in shipped if name != "residential-30kwh"} == {1}
    dense = shipped["utv"].pareto.row(0, named=True)
    assert dense["wh_per_kg"] > 1.3 * shipped["golf-cart"].pareto.row(0, named=True)["wh_per_kg"]
    assert shipped["portable-3kwh"].pareto.row(0, named=True)["mass_kg"] < 40


def test_the_front_is_that_of_every_pair_and_in_the_order_that_is_preferred(home):
    aims = home.layouts.select("mass_kg", "volume_l", "cost_usd", -pl.col("years")).rows()
    assert np.flatnonzero(home.layouts["front"]).tolist() == reference.front(aims)
    over_years = home.pareto.select(pl.col("cost_usd") * pl.max_horizontal(1.0, home.unit.horizon / pl.col("years")))
    assert over_years.to_series().is_sorted()
    light = cr.design(**HOME, prefer="mass").pareto
    lasting = light.filter(pl.col("years") >= home.unit.horizon)
    assert 0 < lasting.height < light.height
    assert light["rank"].head(lasting.height).to_list() == lasting["rank"].to_list()
    assert lasting["mass_kg"].is_sorted()


def test_every_cell_is_offered_or_out_with_its_reason(home):
    known = set(facts.table("cells")["cell_id"])
    offered, out = set(home.layouts["cell_id"]), set(home.out["cell_id"])
    assert offered | out == known
    assert not offered & out
    assert home.out.filter((pl.col("reason") == "") | (pl.col("asked") == "")).is_empty()


def test_why_answers_for_every_cell(home):
    for cell in cells():
        told = home.why(cell.cell_id)
        assert told.words
        assert told.verdict == (
            "on the front" if cell.cell_id in home.pareto["cell_id"]
            else "beaten" if cell.cell_id in home.layouts["cell_id"] else "out"
        )  # fmt: skip
    assert "energy" in str(home.why("LF280K"))
    with pytest.raises(KeyError, match="no cell"):
        home.why("nothing")


def test_a_home_of_30_kwh_in_one_box_is_refused_and_two_boxes_are_offered():
    with pytest.raises(NoPackError, match=r"30 kWh in one box.*20 kWh a unit.*2 x 15 kWh"):
        cr.design(**{**HOME, "energy": "30kWh"}, units=1)
    two = cr.design(**{**HOME, "energy": "30kWh"})
    assert two.units == 2
    assert two.layouts["energy_kwh"].min() >= 15
    assert two.layouts["energy_kwh"].max() <= 20
    assert "2 x 15 kWh" in two.warnings[0].mend
    assert cr.design(**{**HOME, "energy": "18-20.6 kWh"}).units == 1
    assert cr.design(**{**HOME, "energy": "20 kWh"}).units == 2
    assert cr.design(**{**HOME, "energy": "30kWh"}, units=3).layouts["energy_kwh"].min() >= 10


def test_where_no_cell_gives_power_nobody_is_told_to_do_without_it() -> None:
    with pytest.raises(NoPackError, match="ask for a warmer temperature") as told:
        cr.design(**HOME, temperature="-40 degC")
    assert "Allow power 0" not in str(told.value)


def test_charge_in_the_cold_is_refused_for_cells_that_do_not_take_it():
    cold = {**HOME, "charge_power": "1kW", "temperature": "-15C"}
    with pytest.raises(NoPackError, match=r"charge and discharge at -15 degC"):
        cr.design(**cold, chemistry="LFP")
    assert set(cr.design(**cold).layouts["chemistry"]) == {"LTO"}


IMPOSSIBLE = [
    {"mass": "20kg"}, {"mass": "20kg", "chemistry": "LFP"}, {"volume": "5 L"}, {"size": "300x200x100 mm"},
    {"power": "200kW", "chemistry": "LFP"}, {"peak_power": "900kW"}, {"charge_power": "300kW"},
    {"temperature": "-55C"}, {"chemistry": "LTO", "mass": "60kg"}, {"cell": "LF280K"}, {"maker": "BYD"},
]  # fmt: skip


@pytest.mark.parametrize("words", IMPOSSIBLE, ids=lambda words: "-".join(words))
def test_what_cannot_be_met_is_refused_and_whoever_gives_way_gets_a_pack(words):
    with pytest.raises(NoPackError) as caught:
        cr.design(**HOME, **words)
    first = caught.value.findings[0]
    assert first.found
    assert first.expected
    assert first.mend.startswith("Allow ")
    given_way = {**HOME, **words}
    for name in first.column.split(", "):
        given_way |= GIVES_WAY[name]
    assert cr.design(**given_way).layouts.height


GIVES_WAY = {
    "mass": {"mass": None}, "volume": {"volume": None}, "size": {"size": None}, "power": {"power": "0.1kW"},
    "peak_power": {"peak_power": None}, "charge_power": {"charge_power": None}, "temperature": {"temperature": "25C"},
    "chemistry": {"chemistry": None}, "cell": {"cell": None}, "maker": {"maker": None},
    "energy": {"energy": "2.5-60 kWh"}, "voltage": {"nominal": "50-200V"}, "confidence": {"confidence": "unverified"},
}  # fmt: skip


def test_the_least_mass_that_a_refusal_names_is_enough():
    with pytest.raises(NoPackError) as caught:
        cr.design(**HOME, mass="20kg", chemistry="LFP")
    least = float(caught.value.findings[0].mend.split()[2])
    assert cr.design(**HOME, mass=least * 1.001, chemistry="LFP").layouts.height
    with pytest.raises(NoPackError):
        cr.design(**HOME, mass=least * 0.995, chemistry="LFP")


def test_a_name_that_no_cell_has_is_told_with_what_may_be_meant():
    with pytest.raises(NoPackError, match=r"Did you mean 'EVE'"):
        cr.design(**HOME, maker="EWE")


def test_a_cell_whose_row_cannot_be_is_refused_and_told(home):
    with pytest.raises(NoPackError, match=r"820 g for LG NX2.1"):
        cr.design(**HOME, cell="CL037")
    assert "dirty row" in str(home.why("CL037"))
    with pytest.raises(NoPackError, match="mass or size not known of Gotion"):
        cr.design(**HOME, cell="CL054")


def test_too_many_layouts_are_refused_in_words():
    with pytest.raises(NoPackError, match="more than can be looked at"):
        cr.design(nominal="1-100000V", energy="0.001-100000 kWh", use="ev")


def test_rows_that_are_not_trusted_are_offered_only_when_named(home):
    assert "unverified" not in home.layouts["confidence"]
    assert "CL056" in home.out["cell_id"]
    assert set(cr.design(**HOME, cell="CL056").layouts["cell_id"]) == {"CL056"}
    assert "CL056" in cr.design(**HOME, confidence="unverified").layouts["cell_id"]


def test_a_design_says_what_it_assumed_and_sums_itself_up(home):
    told = " ".join(home.assumptions())
    assert all(word in told for word in ("energy: from", "nominal voltage", "cells at $", "warranty", "which its row"))
    figures = dict(home.summary().select("figure", "value").iter_rows())
    assert figures["cost of a unit, likely"] == home.pareto["cost_usd"][0]
    assert "32s1p" in home._repr_html_()
    with pytest.raises(KeyError, match="no rank 0"):
        home.layout(0)
