"""The page and the command of a roadmap: every gate drawn and told, without a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cellroad.engineering.roadmap.result import Roadmap
from cellroad.engineering.roadmap.verb import roadmap
from cellroad.show import cli
from cellroad.show.charts import roadmap as drawing
from cellroad.show.exits import Exit
from cellroad.show.roadmap_page import headline, write_roadmap


@pytest.fixture(scope="module")
def found() -> Roadmap:
    return roadmap("casip", draws=1000)


def test_the_drawing_has_every_gate_from_left_to_right(found: Roadmap) -> None:
    (series,) = drawing.network(found)["series"]
    at = {node["name"]: node["value"][0] for node in series["data"]}
    assert set(at) == set(found.gates["gate"])
    assert all(at[link["source"]] < at[link["target"]] for link in series["links"])
    green = {node["name"] for node in series["data"] if node["category"] == 0}
    assert green == {"alliance", "prototype"}


def test_a_fan_of_costs_is_as_wide_as_its_band(found: Roadmap) -> None:
    option = drawing.costs(found)
    assert option is not None
    bands = found.costs()
    assert len(option["series"]) == 5 * bands["chemistry"].n_unique()
    lfp = bands.filter(chemistry="LFP")
    low, spread, least, wider, middle = (series["data"] for series in option["series"][:5])
    assert [a + b for a, b in zip(low, spread, strict=True)] == pytest.approx(lfp["p95"].to_list(), rel=1e-3)
    assert [a + b for a, b in zip(least, wider, strict=True)] == pytest.approx(lfp["stray_high"].to_list(), rel=1e-2)
    assert middle == pytest.approx(lfp["p50"].to_list(), rel=1e-3)


def test_past_prices_run_into_the_fans_that_they_lead_to(found: Roadmap) -> None:
    option = drawing.prices(found)
    assert option is not None
    low, spread, middle = (series["data"] for series in option["series"][:3])
    told = found.past().filter(name=option["series"][2]["name"])["usd"].to_list()
    ahead = found.outlook().filter(name=option["series"][2]["name"])
    assert middle == pytest.approx(told + ahead["p50"].to_list(), rel=1e-3)
    assert spread[: len(told)] == [0] * len(told)
    high = [a + b for a, b in zip(low[len(told) :], spread[len(told) :], strict=True)]
    assert high == pytest.approx(ahead["p95"].to_list(), rel=1e-2)
    assert [name in option["legend"]["data"] for name in ("LFP cells, China", "NMC cells, China")] == [True, True]


def test_the_page_needs_nothing_and_tells_what_is_assumed(found: Roadmap, tmp_path: Path) -> None:
    page = write_roadmap(found, tmp_path / "roadmap.html").read_text(encoding="utf-8")
    assert "http://" not in page.split("<script")[0]
    assert all(line in page for line in found.assumptions())
    assert all(name.split(":")[0] in page for name in found.gates["name"])
    assert "Back-test" in page


def test_the_command_answers_in_words_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["roadmap", "casip", "--draws", "500"]) == Exit.OK
    told = capsys.readouterr().out
    assert "Assumed:" in told and "Gates" in told
    assert headline(roadmap("casip", draws=500)).split(":")[0] in " ".join(told.split())
    arguments = ["roadmap", "casip", "--draws", "500", "--json", "--report", str(tmp_path / "page.html")]
    assert cli.main(arguments) == Exit.OK
    answer = json.loads(capsys.readouterr().out)
    assert answer["low"] <= answer["probability"] <= answer["high"]
    assert (tmp_path / "page.html").exists()


def test_money_named_on_the_command_line_is_tried(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["roadmap", "casip", "--draws", "500", "--json", "--fund"]
    assert cli.main([*asked, "interface:20e6;pilot-catl:-1e7"]) == Exit.OK
    (row,) = json.loads(capsys.readouterr().out)["funded"]
    assert row["extra_usd"] == 10e6
    for wrong in ("interfase:1e6", "interface:much", "interface:-1e12"):
        assert cli.main([*asked, wrong]) == Exit.USAGE
    assert "interface" in capsys.readouterr().err


def test_a_programme_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["roadmap", "nowhere"]) not in (Exit.OK,)
    assert "Traceback" not in capsys.readouterr().err


def test_the_curve_of_budgets_has_a_band_around_its_line_and_a_table_beside_it(found: Roadmap, tmp_path: Path) -> None:
    option = drawing.budgets(found)
    assert option is not None
    rows = found.budgets()
    low, wide, line, _ = (series["data"] for series in option["series"])
    assert [y for _, y in line] == pytest.approx((rows["probability"] * 100).to_list(), rel=1e-3)
    assert all(a <= b <= a + c for (_, a), (_, b), (_, c) in zip(low, line, wide, strict=True))
    page = write_roadmap(found, tmp_path / "roadmap.html").read_text(encoding="utf-8")
    assert "The next million" in page and "Cheapest plan by the day" in page and "What it costs" in page
    assert "assumption" in drawing.table(found)["confidence"].to_list()
