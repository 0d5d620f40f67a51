"""Bad input ends in words and a documented code, never in a traceback and never in a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.show.conftest import Said

from cellroad.plan.planning import NoPlanError, Progress
from cellroad.show.exits import Exit
from cellroad.show.progress import Watch, told

LAND = ("--item", "cell-cn", "--from", "nanjing", "--to", "m-golf", "--on", "2027-10-01")


def swapped(words: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if word == old else word for word in words)


BAD = {
    "no command": (("plam",), Exit.USAGE, "plan"),
    "unknown option": (("plan", "CHAIN", "--gpa", "0.1"), Exit.USAGE, "--gap"),
    "no path": (("plan",), Exit.USAGE, "PATH"),
    "gap no number": (("plan", "CHAIN", "--gap", "small"), Exit.USAGE, "--gap"),
    "gap above one": (("plan", "CHAIN", "--gap", "3"), Exit.USAGE, "--gap"),
    "gap below zero": (("plan", "CHAIN", "--gap", "-1"), Exit.USAGE, "--gap"),
    "no time": (("plan", "CHAIN", "--time-limit", "0"), Exit.USAGE, "--time-limit"),
    "seed below zero": (("plan", "CHAIN", "--seed", "-1"), Exit.USAGE, "--seed"),
    "missing path": (("check", "nowhere"), Exit.INVALID, "nowhere"),
    "missing path to plan": (("plan", "nowhere"), Exit.INVALID, "nowhere"),
    "missing path to land": (("land", "nowhere", *LAND), Exit.INVALID, "nowhere"),
    "misspelt example": (("check", "kandi-cbk"), Exit.INVALID, "kandi-cbak"),
    "misspelt example to start from": (("init", "NEW", "--from", "yousolr"), Exit.USAGE, "yousolar"),
    "unknown form": (("init", "NEW", "--form", "ods"), Exit.USAGE, "xlsx"),
    "full folder": (("init", "CHAIN"), Exit.USAGE, "never overwritten"),
    "folder under a file": (("init", "FILE/new"), Exit.USAGE, "is a file"),
    "broken csv": (("check", "BROKEN"), Exit.INVALID, "cells"),
    "broken csv to plan": (("plan", "BROKEN"), Exit.INVALID, "cells"),
    "broken csv to report": (("report", "BROKEN", "-o", "NEW"), Exit.INVALID, "cells"),
    "broken csv to export": (("export", "BROKEN", "NEW"), Exit.INVALID, "cells"),
    "no workbook": (("check", "FAKE.xlsx"), Exit.INVALID, "FAKE.xlsx"),
    "no zip": (("check", "FAKE.zip"), Exit.INVALID, "FAKE.zip"),
    "text file": (("check", "FILE"), Exit.INVALID, "folder"),
    "unknown scenario": (("plan", "CHAIN", "--scenario", "daer"), Exit.USAGE, "dear"),
    "unknown item": (("land", "kandi-cbak", *swapped(LAND, "cell-cn", "cell-cm")), Exit.USAGE, "cell-my"),
    "unknown origin": (("land", "kandi-cbak", *swapped(LAND, "nanjing", "nanking")), Exit.USAGE, "nanjing"),
    "unknown destination": (("land", "kandi-cbak", *swapped(LAND, "m-golf", "golf")), Exit.USAGE, "m-golf"),
    "unknown agreement": (("land", "kandi-cbak", *LAND, "--preference", "KORSU"), Exit.USAGE, "KORUS"),
    "item not to be had": (("land", "kandi-cbak", *swapped(LAND, "nanjing", "malaysia")), Exit.INVALID, "malaysia"),
    "no way there": (("land", "kandi-cbak", *swapped(LAND, "m-golf", "malaysia")), Exit.INVALID, "malaysia"),
    "bad date": (("land", "kandi-cbak", *swapped(LAND, "2027-10-01", "1.10.2027")), Exit.USAGE, "2027-10-01"),
    "no such day": (("land", "kandi-cbak", *swapped(LAND, "2027-10-01", "2027-02-30")), Exit.USAGE, "2027-10-01"),
    "bad date of knowledge": (("facts", "tariffs", "--as-known", "soon"), Exit.USAGE, "2027-10-01"),
    "unknown fact table": (("facts", "tarifs"), Exit.USAGE, "tariffs"),
    "unknown fact": (("facts", "--find", "TR0023"), Exit.USAGE, "TR002"),
    "day without table": (("facts", "--on", "2027-01-01"), Exit.USAGE, "tariffs"),
    "facts without dates": (("facts", "plants", "--on", "2027-01-01"), Exit.USAGE, "no dates"),
    "tables into a file": (("plan", "CHAIN", "--out", "FILE"), Exit.USAGE, "is a file"),
    "tables among other things": (("plan", "CHAIN", "--out", "CHAIN"), Exit.USAGE, "other things"),
    "report into a folder": (("plan", "CHAIN", "--report", "CHAIN"), Exit.USAGE, "is a folder"),
    "report under a file": (("report", "CHAIN", "-o", "FILE/r.html"), Exit.USAGE, "is a file"),
    "report nowhere": (("report", "CHAIN"), Exit.USAGE, "--out"),
    "export over data": (("export", "CHAIN", "FILE"), Exit.USAGE, "never overwritten"),
    "export to an unknown form": (("export", "CHAIN", "NEW.ods"), Exit.INVALID, "xlsx"),
    "template that is no workbook": (("template", "NEW"), Exit.USAGE, ".xlsx"),
    "template over a file": (("template", "FAKE.xlsx"), Exit.USAGE, "never overwritten"),
}


@pytest.fixture
def places(chain: Path, tmp_path: Path) -> Path:
    (tmp_path / "FILE").write_text("words")
    (tmp_path / "FAKE.xlsx").write_text("no workbook")
    (tmp_path / "FAKE.zip").write_text("no zip")
    chain.rename(tmp_path / "CHAIN")
    (tmp_path / "BROKEN").mkdir()
    (tmp_path / "BROKEN" / "items.csv").write_text("item,name,stage\npack,Pack\n")
    return tmp_path


def everything(folder: Path) -> dict[str, bytes]:
    return {str(place.relative_to(folder)): place.read_bytes() for place in folder.rglob("*") if place.is_file()}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_explained_and_changes_nothing(run, places, monkeypatch, name):
    words, code, told = BAD[name]
    monkeypatch.chdir(places)
    before, folders = everything(places), sorted(places.iterdir())
    said = run(*words)
    assert said.code == code
    assert told in said.out + said.err
    assert "Traceback" not in said.out + said.err
    assert "Error:" not in said.err  # an exception that nobody explained
    assert (everything(places), sorted(places.iterdir())) == (before, folders)


@pytest.mark.parametrize("name", [name for name, (_, code, _) in BAD.items() if code is Exit.INVALID])
def test_bad_input_is_told_to_programs_as_findings(run, places, monkeypatch, name):
    monkeypatch.chdir(places)
    said = run(*BAD[name][0], "--json")
    assert said.code == Exit.INVALID
    assert any(finding["severity"] == "blocker" and finding["mend"] for finding in said.machine["findings"])


def test_what_nobody_foresaw_is_one_honest_line_without_traceback(run, chain, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a fault of ours\nwith much to say")

    monkeypatch.setattr("cellroad.plan.planning.plan", fail)
    said = run("plan", chain, "-q")
    assert said.code == Exit.FAILURE
    assert said.err.count("\n") == 1
    assert "a fault of ours" in said.err
    assert "--debug" in said.err
    assert "Traceback" in run("plan", chain, "--debug").err
    assert run("plan", chain, "--json").machine == {"error": said.err.strip()}


def test_no_plan_has_a_code_of_its_own(run, chain, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise NoPlanError("the model is infeasible")

    monkeypatch.setattr("cellroad.plan.planning.plan", fail)
    said = run("plan", chain)
    assert said.code == Exit.NO_PLAN
    assert "the model is infeasible" in said.err


def test_a_place_that_cannot_be_written_is_told_before_planning(run, chain, tmp_path, monkeypatch):
    monkeypatch.setattr("cellroad.plan.planning.plan", lambda *_, **__: pytest.fail("planned in vain"))
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    for words in (("--out", tmp_path / "new"), ("--report", tmp_path / "r.html")):
        said = run("plan", chain, *words)
        assert said.code == Exit.USAGE
        assert "no right to write" in said.err


# Ctrl-C ---------------------------------------------------------------------------------------------------------------


def interrupted(monkeypatch: pytest.MonkeyPatch, *, found: bool) -> None:
    """Let the planner be interrupted in its first second, before or after it has a plan."""
    from cellroad.plan import planning

    real = planning.plan

    def plan(chain, *, progress, **options):
        os.kill(os.getpid(), signal.SIGINT)
        if not found:
            raise NoPlanError("no plan within 60 s")
        planned = real(chain, **options)
        assert progress(planning.Progress("search", 1.0, 1.0, 2.0, 1.0)) is False
        return planned

    monkeypatch.setattr(planning, "plan", plan)


def test_an_interrupt_returns_the_best_plan_so_far_and_says_so(run, chain, monkeypatch):
    interrupted(monkeypatch, found=True)
    said = run("plan", chain)
    assert said.code == Exit.INTERRUPTED
    assert "net present value" in said.out
    assert "Interrupted" in said.err
    assert run("plan", chain, "--json").machine["interrupted"] is True


def test_an_interrupt_before_the_first_plan_says_that_there_is_none(run, chain, monkeypatch, tmp_path):
    interrupted(monkeypatch, found=False)
    said = run("plan", chain, "--out", tmp_path / "result")
    assert said.code == Exit.INTERRUPTED
    assert said.out == ""
    assert "nothing was found" in said.err
    assert not (tmp_path / "result").exists()


def test_progress_tells_what_is_known_and_nothing_else():
    assert told(Progress("search", 1.0, 1.23e7, 1.25e7, 0.0163)) == "search  best $12.3M  bound $12.5M  gap 1.63 %"
    assert told(Progress("relax", 1.0)) == "relax"
    assert told(Progress("search", 1.0, -4e3, float("inf"), float("nan"))) == "search  best −$4,000"


def test_a_second_interrupt_leaves_at_once():
    watch = Watch(lambda line: None)
    watch.stop(signal.SIGINT, None)
    with pytest.raises(KeyboardInterrupt):
        watch.stop(signal.SIGINT, None)


def test_the_handler_of_interrupts_is_put_back(run, chain):
    before = signal.getsignal(signal.SIGINT)
    run("plan", chain)
    assert signal.getsignal(signal.SIGINT) is before


# A process of its own -------------------------------------------------------------------------------------------------


def spawn(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cellroad", *map(str, words)],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env={**os.environ, **environment},
    )  # fmt: skip


def test_the_command_hands_its_code_to_the_shell(chain):
    assert spawn("check", chain).returncode == Exit.OK
    assert spawn("check", "nowhere").returncode == Exit.INVALID
    assert spawn("chekc").returncode == Exit.USAGE


def test_colour_is_left_out_where_it_is_not_wanted(chain):
    (chain / "items.csv").write_text("item\n")
    assert "\x1b[" in spawn("check", chain, FORCE_COLOR="1").stdout
    assert "\x1b[31" not in spawn("check", chain, FORCE_COLOR="1", NO_COLOR="1").stdout
    assert "\x1b[" not in spawn("check", chain).stdout


def test_help_imports_neither_frames_nor_solver():
    code = "import sys; from cellroad.show.cli import main; main(['--help']); print([m for m in sys.modules if m in " \
           "('polars', 'highspy', 'scipy', 'numpy', 'dataframely')])"  # fmt: skip
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip().endswith("[]")


def test_a_reader_that_leaves_early_is_no_failure_to_shout_about():
    command = f"{sys.executable} -m cellroad facts tariffs --json | head -1"
    said = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert said.stderr == ""


def test_a_column_that_is_not_known_is_told_beside_what_is_missing(run: Callable[..., Said], chain: Path) -> None:
    offers = chain / "offers.csv"
    offers.write_text(offers.read_text("utf-8").replace("price_usd", "price", 1), encoding="utf-8")
    said = run("plan", chain)
    assert said.code == Exit.INVALID
    words = " ".join(said.err.split())
    assert "price_usd" in words and "'price'" in words and "Traceback" not in words


def test_a_table_that_cannot_be_asked_about_is_told_with_what_is_meant(run: Callable[..., Said], chain: Path) -> None:
    said = run("why", chain, "x", "--table", "lane")
    assert said.code == Exit.INVALID and "Did you mean 'lanes'?" in " ".join(said.err.split())
