"""What is promised of packs that were built: errors of mass, energy and voltage, BatPaC, and packs left out."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.scripts import script

from cellroad.chain import facts
from cellroad.engineering.mass import known
from cellroad.engineering.mass.held_out import leave_one_out
from cellroad.engineering.mass.known import predicted
from cellroad.engineering.mass.masses import SPREAD
from cellroad.engineering.mass.reference import designed, reference, shares

ROOT = Path(__file__).resolve().parents[2]
FOUND = known()


def test_the_median_error_of_mass_is_under_8_percent_and_none_is_far_off_without_its_reason() -> None:
    error = FOUND["mass_error"].drop_nulls().abs()
    assert len(error) == 28
    median = error.median()
    assert isinstance(median, float) and median < 0.08
    far = FOUND.filter(pl.col("mass_error").abs() > 0.15)
    assert far.height <= 2
    assert (far["remark"] != "").all()


def test_it_beats_a_flat_share_of_cells() -> None:
    """A flat ratio of 0.65 of cell mass to pack mass, with the very same cells."""
    weighed = FOUND.filter(pl.col("mass_kg").is_not_null())
    flat = (weighed["cells_model_kg"] / 0.65 / weighed["mass_kg"] - 1).abs()
    ours = weighed["mass_error"].abs()
    for middle in (pl.Series.median, pl.Series.mean, pl.Series.max):
        mine, theirs = middle(ours), middle(flat)
        assert isinstance(mine, float) and isinstance(theirs, float)
        assert mine < 0.7 * theirs


def test_energy_and_voltage_follow_from_the_cells() -> None:
    told = FOUND.filter(pl.col("energy_error").abs() > 0.03)
    assert (told["remark"] != "").all()
    assert FOUND["nominal_error"].drop_nulls().abs().max() < 0.025  # type: ignore[operator]
    median = FOUND["energy_error"].drop_nulls().abs().median()
    assert isinstance(median, float) and median < 0.015


def test_the_voltage_window_of_a_pack_lies_within_that_of_its_cells() -> None:
    packs = facts.packs().join(FOUND.select("pack_id", "min_model_V", "max_model_V"), on="pack_id")
    told = packs.filter(pl.col("min_V").is_not_null() & (pl.col("n_cells").is_not_null()))
    assert told.height >= 7
    assert (told["min_V"] >= told["min_model_V"]).all()
    sound = told.filter(pl.col("max_V").is_not_null() & (pl.col("pack_id") != "PK018"))  # 240 V is 3.75 V a cell of LFP
    assert (sound["max_V"] <= sound["max_model_V"] * 1.001).all()


def test_a_pack_that_was_left_out_is_predicted_as_well() -> None:
    held = leave_one_out()
    error = held["held_out_error"].abs()
    median = error.median()
    assert isinstance(median, float) and median < 0.08
    assert (error > 0.15).sum() <= 5
    assert held.filter("alone").height >= 3


def test_leaving_out_changes_only_the_shell() -> None:
    """Two packs of one construction: the shell that one is left with is what is left of the mass of the other."""
    rows = [row for row in facts.packs().iter_rows(named=True) if row["mass_kg"]]
    same = [(predicted(row), row) for row in rows if predicted(row).construction.construction_id == "CT08"]
    assert [row["pack_id"] for _, row in same] == ["PK014", "PK015"]
    (mine, row), (other, told) = same
    per_m2 = other.construction.shell_kg_m2
    area = other.of("enclosure") / per_m2
    shell = (told["mass_kg"] - (other.kg - per_m2 * area)) / area
    held = leave_one_out().filter(pl.col("pack_id") == "PK014")["mass_held_out_kg"].item()
    assert held == pytest.approx(mine.kg + mine.of("enclosure") * (shell / per_m2 - 1))
    assert row["mass_kg"] == 77


def test_every_reference_design_of_batpac_is_within_8_percent() -> None:
    found = reference()
    assert found.height == 13
    assert found["mass_error"].abs().max() < 0.08  # type: ignore[operator]


def test_the_chemistries_of_batpac_are_ranked_alike() -> None:
    designs = reference().filter(pl.col("case").str.starts_with("design"))
    assert designs.height == 8
    by = {name: designs.group_by("chemistry").agg(pl.col(name).mean()).sort(name)["chemistry"].to_list()
          for name in ("mass_kg", "mass_model_kg")}  # fmt: skip
    assert by["mass_kg"] == by["mass_model_kg"] == ["NMC811-G", "NMC622-G", "LMO-G", "LFP-G"]


def test_the_shares_of_components_are_those_of_batpac_within_3_points() -> None:
    found = shares()
    assert found["points"].abs().max() < 3  # type: ignore[operator]
    assert found["share"].sum() == pytest.approx(1, abs=1e-3)
    assert found["share_model"].sum() == pytest.approx(1)
    pack = designed(facts.batpac("reference").row(0, named=True))
    assert pack.of("cells") == pytest.approx(275.35, abs=0.1)


def test_the_measured_mass_of_a_pack_is_never_read_to_predict_it() -> None:
    measured = (
        "mass_kg",
        "cells_mass_kg",
        "cell_to_pack_mass",
        "Wh_per_kg",
        "bbox_L",
        "Wh_per_L",
        "L_mm",
        "W_mm",
        "H_mm",
    )
    blind = facts.packs().with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in measured)
    assert known(blind)["mass_model_kg"].to_list() == FOUND["mass_model_kg"].to_list()


ROWS = [
    {"name": "energy only", "energy_kWh": 5.0},
    {"name": "texts", "energy_kWh": "60", "segment": "EV", "chemistry": "LFP", "cell": "CATL BTF0 161Ah", "S": "106"},
    {"name": "nothing"},
    {"name": "a count", "segment": "EV", "chemistry": "NMC", "n_cells": 288, "nominal_V": 350.0, "energy_kWh": 60.0},
    {
        "name": "odd",
        "segment": "moon",
        "chemistry": "unobtainium",
        "cooling": "??",
        "mass_boundary": "?",
        "energy_kWh": -1,
    },
    {"name": "not a number", "energy_kWh": float("nan"), "capacity_Ah": 100.0, "nominal_V": 51.2, "chemistry": "LFP"},
]


@pytest.mark.parametrize("row", ROWS, ids=[str(row["name"]) for row in ROWS])
def test_blanks_are_filled_with_what_is_usual(row: dict[str, object]) -> None:
    (found,) = known(pl.DataFrame([row])).iter_rows(named=True)
    assert found["mass_model_kg"] > found["cells_model_kg"] > 0
    assert found["mass_error"] is None
    assert found["n_cells"] == found["S"] * found["P"]
    assert "built as" in found["assumed"]


def test_the_boundary_of_the_mass_is_heard() -> None:
    row = {"segment": "residential", "chemistry": "LFP", "energy_kWh": 10.24, "nominal_V": 102.4, "n_cells": 32}

    def mass(boundary: str, **more: object) -> float:
        return float(known(pl.DataFrame([{**row, "mass_boundary": boundary, **more}]))["mass_model_kg"].item())

    assert mass("includes inverter", cont_dis_kW=5.0) > mass("pack") + 10
    assert mass("battery only, no inverter") == mass("pack")
    assert mass("2 modules + BCU + base") > mass("module in stack")


def test_the_page_of_known_packs_is_up_to_date() -> None:
    tool = script("tools/packs_known_page.py")
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run: python tools/packs_known_page.py"


def test_the_band_of_a_mass_holds_eight_of_ten_packs_that_were_left_out() -> None:
    held = leave_one_out()
    low, high = held["mass_held_out_kg"] / (1 + SPREAD), held["mass_held_out_kg"] / (1 - SPREAD)
    within = ((held["mass_kg"] >= low) & (held["mass_kg"] <= high)).sum()
    assert within >= 0.8 * held.height
    found = predicted(facts.packs().row(0, named=True))
    assert found.band_kg == pytest.approx((found.kg / (1 + SPREAD), found.kg / (1 - SPREAD)))


def test_usable_energy_stands_in_for_the_nominal_one() -> None:
    row = {"name": "x", "segment": "residential", "chemistry": "LFP", "nominal_V": 51.2}
    told = known(pl.DataFrame([{**row, "usable_kWh": 4.75}]))
    assert told["energy_model_kWh"].item() == pytest.approx(5.0, rel=0.02)
