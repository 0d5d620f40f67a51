"""Cells and packs from the terminal: the shipped ones, and files of one's own with all faults told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cellroad.chain import facts
from cellroad.chain.finding import ChainError
from cellroad.engineering.datasheet import inspect
from cellroad.engineering.mass import known
from cellroad.engineering.mass.packsheet import read_packs
from cellroad.show.exits import Exit


def test_cells_are_listed_with_what_was_refused(run):
    said = run("cells", "--json")
    told = json.loads(said.out)
    assert said.code == Exit.OK
    assert len(told["cells"]) == 56
    assert [one["row"] for one in told["findings"] if one["severity"] == "blocker"] == [38]
    assert len(told["conflicts"]) >= 20


def test_a_dirty_data_sheet_is_refused_with_the_reason(run, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("maker,model,chemistry,format,capacity_Ah,nominal_V,mass_g\nEVE,LF280K,LFP,prismatic,280,3.2,0.2\n")
    said = run("cells", path)
    assert said.code == Exit.INVALID
    assert "1 row refused" in said.out
    (told,) = json.loads(run("cells", path, "--json").out)["findings"]
    assert "no single slip of units explains it" in told["mend"]


def test_packs_are_held_against_what_is_computed(run):
    said = run("packs")
    assert said.code == Exit.OK
    assert "31 packs, 28 with a mass: median error" in said.out
    assert "VW e-Golf 35.8: its cell" in said.out
    told = json.loads(run("packs", "--json").out)["packs"]
    assert [row["mass_model_kg"] for row in told] == pytest.approx(known()["mass_model_kg"].to_list())


def test_packs_of_a_file_are_those_of_the_facts_where_it_is_the_same(tmp_path):
    path = tmp_path / "packs.csv"
    facts.packs().write_csv(path)
    assert known(read_packs(path)).equals(known())


def test_a_file_of_packs_needs_no_more_than_names(run, tmp_path):
    path = tmp_path / "packs.csv"
    path.write_text("name,chemistry,energy_kWh,segment\nours,LFP,5.12,residential\nother,,,\n", encoding="utf-8")
    said = run("packs", path, "--json")
    assert said.code == Exit.OK
    rows = json.loads(said.out)["packs"]
    assert [row["name"] for row in rows] == ["ours", "other"]
    assert rows[0]["mass_error"] is None
    assert 30 < rows[0]["mass_model_kg"] < 70


@pytest.mark.parametrize("text", ["", "name\n", "name,energy_kWh\nours,lots\n", "energy_kWh\n5\n"])
def test_a_bad_file_of_packs_is_told(run, tmp_path, text):
    path = tmp_path / "packs.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ChainError):
        read_packs(path)
    assert run("packs", path).code == Exit.INVALID
    assert run("packs", Path(str(path) + "x")).code == Exit.INVALID


def test_a_file_of_physics_is_a_data_sheet(tmp_path):
    path = tmp_path / "cell.json"
    path.write_text("{}", encoding="utf-8")
    found, findings = inspect(path)
    assert found == ()
    assert [one.severity for one in findings] == ["blocker"]
