"""The command that shows owners tells everybody once, adds what others tell, and writes what others read."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from tests.chain.owning import entity, holds, put, shares

from cellroad.chain.bods import read_bods, validate
from cellroad.chain.examples import names
from cellroad.chain.files import load, write
from cellroad.show.commands.owners import share_words
from cellroad.show.exits import Exit

SAID = [entity("a", "Alpha Ltd"), entity("b", "Beta Ltd"), holds("r", "a", "b", shares(51)),
        holds("s", "a", "b", shares(10, kind="settlor"))]  # fmt: skip


@pytest.fixture
def owned(tmp_path: Path) -> Path:
    return put(tmp_path / "owners.any", SAID)


@pytest.mark.parametrize("name", names())
def test_everybody_is_told_of_on_a_day(run, name: str) -> None:
    said = run("owners", name, "--on", "2027-01-01")
    assert said.code == Exit.OK
    chain = load(name)
    for owner, owned in chain.stakes.select("owner", "owned").iter_rows():
        assert owner in said.out
        assert owned in said.out
    told = run("owners", name, "--on", "2027-01-01", "--json").machine
    assert len(told["partners"]) == chain.partners.height
    assert told["on"] == "2027-01-01"


def test_stakes_of_other_days_are_left_out(run) -> None:
    chain = load("casip")
    day = chain.stakes["valid_from"].min()
    before = run("owners", "casip", "--on", str(day.replace(year=day.year - 1)), "--json").machine
    assert before["stakes"] == []


def test_a_ring_of_owners_is_drawn_once_and_ends(run, tmp_path: Path) -> None:
    ring = [entity(x, x.upper()) for x in "abc"]
    ring += [holds(f"{x}{y}", x, y, shares(40)) for x, y in ("ab", "bc", "ca")]
    said = run("owners", "casip", "--on", "2027-01-01", "--add", put(tmp_path / "ring", ring))
    assert said.code == Exit.OK
    assert "as above" in said.out


def test_what_a_file_adds_is_shown_and_nothing_is_written(run, owned: Path, tmp_path: Path) -> None:
    said = run("owners", "casip", "--on", "2027-01-01", "--add", owned)
    assert said.code == Exit.OK
    assert "owners.any (BODS 0.4): 2 new partners, 1 new stake, 1 remark." in said.out
    assert "settlor of 10 %" in " ".join(said.out.split())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["owners.any"]


def test_the_chain_is_written_with_what_was_added(run, owned: Path, tmp_path: Path) -> None:
    said = run("owners", "casip", "--add", owned, "--to", tmp_path / "out", "--json")
    assert said.code == Exit.OK
    before, after = load("casip"), load(tmp_path / "out")
    assert after.partners.height == before.partners.height + 2
    assert after.stakes.filter(pl.col("owner") == "alpha-ltd")["share_min"].to_list() == [0.51]
    assert [row["partner"] for row in said.machine["added_partners"]] == ["alpha-ltd", "beta-ltd"]
    assert len(said.machine["remarks"]) == 1


def test_names_of_one_file_are_known_to_the_stakes_of_another(run, tmp_path: Path) -> None:
    child, parent = "A" * 18 + "12", "B" * 18 + "34"
    columns = ",".join(f"Relationship.{name}" for name in ("StartNode.NodeID", "EndNode.NodeID", "RelationshipType"))
    stakes = put(tmp_path / "rr", f"{columns}\n{child},{parent},IS_DIRECTLY_CONSOLIDATED_BY\n")
    partners = put(tmp_path / "lei", f"LEI,Entity.LegalName\n{child},Child Ltd\n{parent},Parent Ltd\n")
    said = run("owners", "casip", "--add", stakes, "--add", partners, "--json").machine
    assert [row["partner"] for row in said["added_partners"]] == ["child-ltd", "parent-ltd"]
    assert [(row["owner"], row["owned"]) for row in said["added_stakes"]] == [("parent-ltd", "child-ltd")]


def test_adding_the_same_file_again_adds_nothing(run, owned: Path, tmp_path: Path) -> None:
    run("owners", "casip", "--add", owned, "--to", tmp_path / "out")
    again = run("owners", tmp_path / "out", "--add", owned, "--json").machine
    assert (again["added_partners"], again["added_stakes"]) == ([], [])


def test_owners_are_written_for_others_to_read(run, tmp_path: Path) -> None:
    assert run("owners", "casip", "--bods", tmp_path / "o.json").code == Exit.OK
    assert validate(json.loads((tmp_path / "o.json").read_text())) == []
    assert read_bods(tmp_path / "o.json").stakes.height == load("casip").stakes.height


def test_more_than_the_whole_is_told_before_anything_is_written(run, tmp_path: Path) -> None:
    two = [entity(x, f"{x} Ltd") for x in "abc"] + [holds("r", "a", "c", shares(60)), holds("s", "b", "c", shares(70))]
    said = run("owners", "casip", "--add", put(tmp_path / "x", two), "--json")
    assert said.code == Exit.OK
    assert any("1.3 of the equity" in remark["found"] for remark in said.machine["remarks"])


def test_a_bad_file_is_told_and_changes_nothing(run, tmp_path: Path) -> None:
    said = run("owners", "casip", "--add", put(tmp_path / "bad", b"hello"), "--to", tmp_path / "out")
    assert said.code == Exit.INVALID
    assert "hello" in said.err
    assert not (tmp_path / "out").exists()


def test_nothing_is_ever_overwritten(run, owned: Path, tmp_path: Path) -> None:
    write(load("casip"), tmp_path / "out")
    for words in (("--add", owned, "--to", tmp_path / "out"), ("--bods", owned)):
        said = run("owners", "casip", *words)
        assert said.code == Exit.USAGE
        assert "never overwritten" in said.err


def test_writing_a_chain_to_which_nothing_is_added_is_a_misunderstanding(run, tmp_path: Path) -> None:
    assert run("owners", "casip", "--to", tmp_path / "out").code == Exit.USAGE


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ((0.51, 0.51), "51 % equity"), ((0.25, 0.5), "25 % to 50 % equity"), ((0.75, 1.0), "at least 75 % equity"),
        ((0.0, 0.25), "at most 25 % equity"), ((0.0, 1.0), "equity of unknown share"), ((0.0, 0.0), "equity"),
    ],
)  # fmt: skip
def test_a_share_reads_as_people_say_it(bounds, words) -> None:
    assert share_words("equity", *bounds) == words
