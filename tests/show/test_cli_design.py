"""The command that designs packs says the same in words and as JSON, and refuses with the reason."""

from __future__ import annotations

import pytest

import cellroad as cr
from cellroad.chain.files import load
from cellroad.show.exits import Exit

HOME = ("--nominal", "100V", "--energy", "5kWh", "--use", "storage-residential")


def test_a_design_in_words_and_as_json_is_the_same(run):
    said, machine = run("design", *HOME), run("design", *HOME, "--json").machine
    assert said.code == Exit.OK
    best = cr.design(nominal="100V", energy="5kWh", use="storage-residential").pareto.row(0, named=True)
    assert machine["pareto"][0] == pytest.approx(best)
    assert said.out.startswith(f"{best['layout']} of {best['cell']}")
    assert machine["specification"]["use"] == "storage-residential"
    assert all(f"Assumed: {words}"[:60] in said.out for words in machine["assumed"])


def test_a_shipped_specification_goes_by_its_name_and_options_change_it(run):
    assert run("design", "golf-cart", "--json").machine["specification"]["energy"][0] == 5.2
    assert run("design", "golf-cart", "--energy", "8kWh", "--json").machine["specification"]["energy"][0] == 8


def test_why_is_told(run):
    said = run("design", *HOME, "--why", "LF280K")
    assert said.out.startswith("EVE LF280K: out")
    assert run("design", *HOME, "--why", "LF280K", "--json").machine["why"]["verdict"] == "out"
    assert run("design", *HOME, "--why", "nothing").code == Exit.USAGE


def test_a_refusal_says_why(run):
    said = run("design", *HOME, "--mass", "10kg", "--chemistry", "LFP")
    assert said.code == Exit.INVALID
    assert "Allow mass" in said.err
    assert run("design", "--use", "boat", "--json").machine["findings"][0]["table"] == "specification"
    assert run("design", "golf-court").code == Exit.INVALID
    assert run("design", *HOME, "--rank", "9999").code == Exit.USAGE


def test_a_pack_is_put_into_a_chain(run, tmp_path):
    said = run("design", *HOME, "--chain", "yousolar", "--site", "oakland", "--out", tmp_path / "new", "--json")
    assert said.code == Exit.OK
    assert said.machine["joined"]["item"] in load(tmp_path / "new").items["item"]
    assert run("design", *HOME, "--site", "oakland").code == Exit.USAGE
