"""The commands of life and certification say the same in words and as JSON, and refuse in words."""

from __future__ import annotations

import pytest

from cellroad.engineering.catalogue import cells
from cellroad.engineering.layout import Layout
from cellroad.engineering.life import climate, life
from cellroad.show.exits import Exit

CELL = next(cell for cell in cells() if cell.model == "LF280K")


def test_a_life_in_words_and_as_json_is_the_same(run):
    said, machine = run("life", "LF280K"), run("life", "eve lf280k", "--json").machine
    assert said.code == Exit.OK
    assert machine["curves"] == [pytest.approx(row) for row in life(CELL).curves.to_dicts()]
    assert machine["claim"][0]["by"] == "the maker"
    assert all(f"Assumed: {words}"[:60] in said.out for words in machine["assumed"])


def test_a_pack_in_a_place_is_what_the_library_says(run):
    asked = run("life", "CL001", "--layout", "16s1p", "--place", "Detroit", "--least", 15, "--json").machine
    told = life(Layout(CELL, 16, 1), temperature_c=climate("Detroit", least=15))
    assert asked["band"] == [pytest.approx(row) for row in told.band().to_dicts()]
    assert asked["refusals"] == list(told.refusals)


def test_a_history_is_read_from_a_file(run, tmp_path):
    path = tmp_path / "year.csv"
    path.write_text("soc,temperature_c\n" + "".join(f"{0.1 if hour < 12 else 0.9},25\n" for hour in range(24)))
    assert run("life", "LF280K", "--history", path).code == Exit.OK
    path.write_text("soc,temperature_c\n0.5,25\n")
    assert "whole days" in run("life", "LF280K", "--history", path).err


@pytest.mark.parametrize(("words", "told"), [
    (("life", "nothing"), "No cell 'nothing' in the catalogue"),
    (("life", "LF280K", "--layout", "16x1"), "write it as 16s1p"),
    (("life", "LF280K", "--place", "Atlantis"), "No climate of 'Atlantis'"),
    (("life", "LF280K", "--least", "10"), "belong to --place"),
    (("life", "LF280K", "--depth", "0.9", "--mean-soc", "0.8"), "does not fit around"),
    (("certify", "boat"), "No use 'boat'"),
    (("certify", "portable", "--energy", "3apples"), "write a number with its unit, as 10kWh"),
    (("certify", "portable", "--regions", "Mars"), "Regions Mars"),
    (("certify", "portable", "--held", "UN"), "No step UN"),
    (("certify", "portable", "--was-cell", "LF280K"), "belongs to --cell"),
])  # fmt: skip
def test_what_cannot_be_asked_is_told_in_words(run, words, told):
    said = run(*words)
    assert said.code == Exit.USAGE
    assert told in said.err


def test_what_a_product_needs_in_words_and_as_json(run):
    words = ("certify", "storage-residential", "--energy", "30kWh", "--mass", "300kg", "--no-inverter")
    said, machine = run(*words), run(*words, "--json").machine
    assert "2 x 15 kWh" in " ".join(said.out.split())
    needed = [row["step"] for row in machine["steps"] if row["answer"] == "needed"]
    assert "UL 9540 system" in needed
    assert all(step in said.out for step in needed)
    assert {row["name"] for row in machine["milestones"]} < set(needed)


def test_what_another_cell_repeats_is_told(run):
    said = run("certify", "storage-residential", "--cell", "MB31", "--was-cell", "LF280K")
    assert "UL 1973 pack" in said.out
    assert "cell model or supplier changed" in said.out
