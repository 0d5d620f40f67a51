"""The commands answer what they promise, in words and as JSON, and end with the code that they document."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from tests.show.tiny import COST, PRICE, WANTED, tiny

from cellroad.chain.examples import names as example_names
from cellroad.chain.facts import names as fact_names
from cellroad.chain.facts import table as fact_table
from cellroad.chain.files import load
from cellroad.chain.tables import TABLES
from cellroad.show.cli import build
from cellroad.show.exits import Exit

GROUPS = {"schedule": ["meet", "order", "path", "quotes", "award", "vendors", "slip", "page"]}
COMMANDS = [name for name in build() if not name.startswith("-")]
QUESTIONS = [[name, *part] for name in COMMANDS for part in ([[one] for one in GROUPS.get(name, [])] or [[]])]


def same(left: Path, right: Path) -> bool:
    one, other = load(left), load(right)
    return all(one.tables[table].equals(other.tables[table]) for table in TABLES)


# Help -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[], *QUESTIONS], ids=lambda words: "-".join(words) or "root")
def test_every_help_names_every_exit_code(run, words):
    said = run(*words, "--help")
    assert said.code == Exit.OK
    told = dict(re.findall(r"^  (\d+) +(.+)$", said.out, re.MULTILINE))
    assert {int(code): meaning.strip() for code, meaning in told.items()} == {c.value: c.meaning for c in Exit}


def test_every_group_is_known(run):
    for name in GROUPS:
        assert [one for one in build()[name] if not one.startswith("-")] == GROUPS[name]


@pytest.mark.parametrize("words", QUESTIONS, ids="-".join)
def test_every_command_offers_json_quiet_and_debug(run, words):
    out = run(*words, "--help").out
    assert all(flag in out for flag in ("--json", "--quiet", "-q", "--debug"))


def test_help_of_init_names_every_example(run):
    out = " ".join(run("init", "--help").out.split())
    assert all(name in out for name in example_names())


def test_version_is_that_of_the_package(run):
    from importlib.metadata import version

    assert run("--version").out.strip() == version("cellroad")


# init, template, export -----------------------------------------------------------------------------------------------


def test_an_empty_start_has_every_table_and_is_read_without_blocker(run, tmp_path):
    said = run("init", tmp_path / "new", "--json")
    assert said.code == Exit.OK
    assert {Path(name).stem for name in said.machine["files"]} == set(TABLES)
    assert load(tmp_path / "new").settings.height > 0


def test_a_start_from_an_example_is_that_example(run, tmp_path):
    assert run("init", tmp_path / "mine", "--from", "kandi-cbak").code == Exit.OK
    assert same(tmp_path / "mine", Path("kandi-cbak"))
    assert (tmp_path / "mine" / "README.md").is_file()


def test_a_start_as_workbook_is_that_example(run, tmp_path):
    said = run("init", tmp_path / "mine", "--from", "kandi-cbak", "--form", "xlsx", "--json")
    assert same(Path(said.machine["written"]), Path("kandi-cbak"))


def test_a_start_never_touches_a_folder_that_holds_something(run, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    said = run("init", tmp_path, "--from", "kandi-cbak")
    assert said.code == Exit.USAGE
    assert "never overwritten" in said.err
    assert [place.name for place in tmp_path.iterdir()] == ["notes.txt"]


def test_a_template_reads_as_a_chain_without_rows(run, tmp_path):
    assert run("template", tmp_path / "t.xlsx").code == Exit.OK
    assert all(frame.height == 0 for frame in load(tmp_path / "t.xlsx").tables.values())


def test_a_chain_survives_folder_workbook_zip_and_back(run, chain, tmp_path):
    for origin, target in (("tiny", "a.xlsx"), ("a.xlsx", "b.zip"), ("b.zip", "c")):
        assert run("export", tmp_path / origin, tmp_path / target).code == Exit.OK
    assert same(tmp_path / "c", chain)


# check ----------------------------------------------------------------------------------------------------------------


def test_a_sound_chain_checks_as_usable(run, chain):
    said = run("check", chain, "--json")
    assert (said.code, said.machine["usable"]) == (Exit.OK, True)
    assert said.machine["tables"]["demand"] == 12


def test_a_broken_chain_is_told_cell_by_cell(run, chain):
    lanes = chain / "lanes.csv"
    lanes.write_text(lanes.read_text().replace("vendor", "vendro"))
    said = run("check", chain)
    assert said.code == Exit.INVALID
    assert "vendro" in said.out
    assert "lanes row 2 origin" in said.out
    found = run("check", chain, "--json")
    assert found.code == Exit.INVALID
    assert any(
        f["table"] == "lanes" and f["row"] == 2 and f["severity"] == "blocker" for f in found.machine["findings"]
    )


def test_blockers_stand_before_warnings(run, chain):
    (chain / "strange.csv").write_text("a,b\n1,2\n")
    (chain / "items.csv").write_text((chain / "items.csv").read_text().replace("pack,Pack", "pack,"))
    out = run("check", chain).out
    assert 0 <= out.index("blocker") < out.index("warning")


# land -----------------------------------------------------------------------------------------------------------------


def test_the_bars_of_a_landed_cost_add_up_to_its_total(run):
    said = run(
        "land", "kandi-cbak", "--item", "cell-cn", "--from", "nanjing", "--to", "m-golf", "--on", "2027-10-01", "--json"
    )
    assert said.code == Exit.OK
    bars = pl.DataFrame(said.machine["waterfall"])
    total = bars.filter(pl.col("kind") == "total")["usd_per_unit"].item()
    assert bars.filter(pl.col("kind") != "total")["usd_per_unit"].sum() == pytest.approx(total)


def test_a_landed_cost_is_told_to_people_with_duty_and_lead_time(run):
    said = run("land", "kandi-cbak", "--item", "cell-cn", "--from", "nanjing", "--to", "m-golf", "--on", "2027-10")
    assert said.code == Exit.OK
    assert "$" in said.out
    assert "Section 301" in said.out
    assert "Order by" in said.out


# plan, report ---------------------------------------------------------------------------------------------------------


def test_a_plan_as_json_has_the_closed_form_of_the_smallest_chain(run, chain):
    said = run("plan", chain, "--json")
    assert said.code == Exit.OK
    figures = {row["figure"]: row["value"] for row in said.machine["brief"]["figures"]}
    assert figures["revenue"] == pytest.approx(12 * WANTED * PRICE)
    assert figures["purchases"] == pytest.approx(12 * WANTED * COST)
    assert figures["freight"] == pytest.approx(12 * WANTED * 1.0)
    assert figures["demand served"] == pytest.approx(1)
    assert said.machine["solution"]["gap"] <= 1e-3
    assert max(row["relative"] for row in said.machine["audit"]) <= 1e-6


def test_a_scenario_changes_the_plan(run, chain):
    said = run("plan", chain, "--scenario", "dear", "--json", "-q")
    figures = {row["figure"]: row["value"] for row in said.machine["brief"]["figures"]}
    assert figures["purchases"] == pytest.approx(12 * WANTED * 80)
    assert said.err == ""


def test_a_plan_is_told_to_people(run, chain):
    out = run("plan", chain).out
    for words in ("net present value", "Where the energy sold comes from", "Pack vendor, Dallas", "Homes, Austin",
                  "Demand served", "100 %", "Cash", "$18k", "2027", "assumptions", "adds up"):  # fmt: skip
        assert words in out


def test_progress_goes_to_stderr_line_by_line_where_nobody_looks(run, chain):
    said = run("plan", chain)
    assert re.search(r"^ +\d+\.\d s  \w+", said.err, re.MULTILINE)
    assert not re.search(r"\d+\.\d s  (expand|build|search)", said.out)


def test_every_frame_of_a_plan_is_written_twice_and_reads_the_same(run, chain, tmp_path):
    assert run("plan", chain, "--out", tmp_path / "result").code == Exit.OK
    folder = tmp_path / "result"
    assert json.loads((folder / "plan.json").read_text())["chain"] == "tiny"
    for name in ("sales", "purchases", "cash", "landed"):
        typed = pl.read_parquet(folder / f"{name}.parquet")
        assert pl.read_csv(folder / f"{name}.csv").height == typed.height > 0


def test_a_plan_replaces_an_earlier_plan_and_nothing_else(run, chain, tmp_path):
    assert run("plan", chain, "--out", tmp_path / "result").code == Exit.OK
    assert run("plan", chain, "--scenario", "dear", "--out", tmp_path / "result").code == Exit.OK
    assert json.loads((tmp_path / "result" / "plan.json").read_text())["chain"] == "tiny:dear"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    assert run("plan", chain, "--out", tmp_path / "other").code == Exit.USAGE
    assert [place.name for place in (tmp_path / "other").iterdir()] == ["mine.txt"]


def test_a_report_is_one_page_and_replaces_an_older_one(run, chain, tmp_path):
    page = tmp_path / "new" / "r.html"
    assert run("report", chain, "-o", page).code == Exit.OK
    first = page.read_text()
    assert first.startswith("<!doctype html>")
    assert run("plan", chain, "--scenario", "dear", "--report", page).code == Exit.OK
    assert page.read_text() != first
    assert [place.name for place in page.parent.iterdir()] == ["r.html"]


# facts, doctor --------------------------------------------------------------------------------------------------------


def test_facts_lists_every_table_with_its_rows(run):
    listed = {row["table"]: row["rows"] for row in run("facts", "--json").machine}
    assert listed == {name: fact_table(name).height for name in fact_names()}


@pytest.mark.parametrize("name", fact_names())
def test_a_fact_table_fits_a_line_and_is_whole_as_json(run, name):
    said = run("facts", name)
    assert max(len(line) for line in said.out.splitlines()) <= 120
    assert len(run("facts", name, "--json").machine["rows"]) == fact_table(name).height


def test_facts_on_a_day_hold_on_that_day(run):
    rows = run("facts", "tariffs", "--on", "2025-05-01", "--as-known", "2025-05-02", "--json").machine["rows"]
    assert 0 < len(rows) < fact_table("tariffs").height
    assert all((row["valid_from"] or "") <= "2025-05-01" <= (row["valid_to"] or "9999") for row in rows)
    assert all((row["known_from"] or "") <= "2025-05-02" for row in rows)


def test_a_fact_is_told_exactly_and_with_its_source(run):
    row_id = fact_table("fees")["fee_id"][0]
    said = run("facts", "--find", row_id)
    assert str(fact_table("fees")["max_usd"][0]) in said.out
    assert fact_table("fees")["source_id"][0] in said.out
    found = run("facts", "--find", row_id, "--json").machine
    assert found["row"]["fee_id"] == row_id
    assert found["source"]["source_id"] == found["row"]["source_id"]


def test_doctor_finds_everything_needed(run):
    said = run("doctor", "--json")
    assert (said.code, said.machine["sound"]) == (Exit.OK, True)
    seen = {row["thing"]: row["found"] for row in said.machine["seen"]}
    assert {"cellroad", "python", "solver", "facts", "examples", "report"} <= seen.keys()
    assert "Everything needed is there." in run("doctor").out


def test_doctor_tells_what_is_broken_and_fails(run, monkeypatch):
    monkeypatch.setattr("cellroad.chain.examples.names", list)
    said = run("doctor")
    assert said.code == Exit.FAILURE
    assert "must be mended" in said.out


def test_the_smallest_chain_passes_its_check():
    from cellroad.chain.check import check

    assert [finding for finding in check(tiny()) if finding.severity == "blocker"] == []
