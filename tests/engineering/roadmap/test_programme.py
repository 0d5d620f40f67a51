"""A gate passes on evidence alone; members and effort on the same luck; what is wrong is told at once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.engineering.roadmap.programmes import START, evidence, lasting, programme

import cellroad as cr
from cellroad.chain import examples, facts
from cellroad.chain.finding import ChainError
from cellroad.engineering.roadmap.reading import check_roadmap, read_roadmap
from cellroad.engineering.roadmap.verb import roadmap

GATES = [lasting("a", (6, 6, 6)), lasting("b", (3, 3, 3), after="a")]


def test_a_gate_with_a_dated_sourced_row_is_passed_and_takes_no_time() -> None:
    found = roadmap(programme(GATES, evidence=evidence()), draws=10)
    assert found.gates["passed_on"].to_list() == [dt.date(2025, 6, 1), None]
    assert found.gates["criticality"].to_list() == [None, 1.0]
    assert found.months() == pytest.approx(np.full(10, 3.0))


@pytest.mark.parametrize(
    "lacking",
    [
        {"on": None}, {"source": ""}, {"source": "  "}, {"shows": "progress"}, {"shows": "setback"},
        {"confidence": "unverified"}, {"confidence": "assumption"}, {"on": START + dt.timedelta(days=1)},
    ],
    ids=str,
)  # fmt: skip
def test_a_gate_without_evidence_is_not_passed(lacking: dict[str, Any]) -> None:
    found = roadmap(programme(GATES, evidence=evidence(**lacking)), draws=10)
    assert found.gates["passed_on"].null_count() == 2
    assert found.months() == pytest.approx(np.full(10, 9.0))


def test_rows_that_are_meant_to_prove_and_do_not_are_told() -> None:
    rows = pl.concat([evidence(on=None), evidence(evidence="f", source=""), evidence(evidence="g", source="P9999")])
    told = check_roadmap(programme(GATES, evidence=rows))
    assert [(finding.row, finding.column) for finding in told] == [(2, "on"), (3, "source"), (4, "source")]
    assert {finding.severity for finding in told} == {"warning"}


def test_everything_that_is_wrong_is_told_at_once() -> None:
    gates = [lasting("a", (6, 5, 7), "pert", after="b"), {"gate": "b", "after": "a"}, {"gate": "c", "after": "x"},
             {"gate": "d", "success_share": 0.0, "tries": 0}]  # fmt: skip
    with pytest.raises(ChainError) as told:
        programme(gates, goal="y")
    words = str(told.value)
    assert all(word in words for word in ("ring", "'x'", "'y'", "low <= likely", "never succeed"))


def test_a_folder_that_is_no_programme_is_told(tmp_path: Path) -> None:
    (tmp_path / "gate.csv").write_text("gate\n")
    with pytest.raises(ChainError, match=r"gate\.csv"):
        read_roadmap(tmp_path)
    with pytest.raises(ChainError, match="casip"):
        read_roadmap("casp")


def members(*rows: tuple[str, float, str, dt.date | None]) -> pl.DataFrame:
    schema = {"member": pl.String, "effort_share": pl.Float64, "phases": pl.String, "joined": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_member_shortens_work_as_effort_to_the_power_says() -> None:
    there = members(("x", 0.5, "", START), ("y", 0.5, "pilot", START), ("z", 1.0, "pilot", None))
    found = roadmap(programme(GATES, members=there), draws=10)
    earlier = dict(found.effects().select("change", "months_earlier").iter_rows())
    assert earlier["z joins"] == pytest.approx(9 * (1 - 2**-0.3))
    assert earlier["y leaves"] == pytest.approx(9 * (1 - 0.5**-0.3))
    assert earlier["one more member like the mean"] == pytest.approx(9 * (1 - 1.5**-0.3))
    assert earlier["a tenth more effort everywhere"] == pytest.approx(9 * (1 - 1.1**-0.3))


def test_an_added_gate_leaves_the_luck_of_others_alone() -> None:
    gates = [lasting("a", (2, 4, 9), "pert", success_share=0.5, tries=3), lasting("b", (1, 2, 3), "pert", after="a")]
    few, more = (roadmap(programme(some, goal="b"), draws=200) for some in (gates, [lasting("n", (1, 2, 3)), *gates]))
    assert np.array_equal(few.months(), more.months())


def test_the_fan_rises_and_ends_at_the_share_that_is_reached() -> None:
    found = roadmap(programme([lasting("a", (6, 12, 20), "pert", success_share=0.7)]), draws=2000)
    shares = found.fan()["probability"].to_numpy()
    assert (np.diff(shares) >= 0).all()
    assert shares[-1] == found.gates["reached_share"][0]


@pytest.fixture(scope="module")
def casip() -> cr.Roadmap:
    return cr.roadmap("casip", draws=4000)


def test_the_example_stands_on_facts_where_it_says_so(casip: cr.Roadmap) -> None:
    assert "casip" in examples.roadmaps()
    assert check_roadmap(casip.read) == []
    known = set(facts.sources()["source_id"])
    for table, frame in casip.read.tables.items():
        for cited in frame["source"].str.split(";").explode().drop_nulls():
            assert not cited or cited in known or facts.is_fact(cited), f"{table}: {cited}"
    proven = casip.gates.filter(pl.col("passed_on").is_not_null())
    assert set(proven["gate"]) == {"alliance", "prototype"}
    assert casip.gates.filter(pl.col("gate") == "chain")["passed_on"].item() is None


def test_the_example_answers(casip: cr.Roadmap) -> None:
    low, high = casip.interval()
    assert 0 < low < casip.probability() < high < 1
    assert casip.phases()["so_far"].is_sorted(descending=True)
    assert casip.effects().filter(pl.col("change") == "CATL leaves")["gain"].item() < 0
    assert casip.summary().height and casip.assumptions()
    assert casip.quantile(0.99) is None  # some branches end
