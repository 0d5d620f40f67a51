"""`cellroad stress` tells what the package tells, and draws it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.show.conftest import Said

import cellroad as cr
from cellroad.show.exits import Exit


def test_the_command_tells_what_the_package_tells(run: Callable[..., Said], chain: Path, tmp_path: Path) -> None:
    page = tmp_path / "out" / "stress.html"
    asked = ("stress", chain, "--draws", 20, "--seed", 4, "--workers", 1)
    told = run(*asked, "--report", page, "--json").machine
    found = cr.stress(cr.plan(cr.load(chain)), 20, 4, workers=1)
    assert [row["mean"] for row in told["measures"]] == pytest.approx(found.measures["mean"].to_list(), rel=1e-9)
    assert page.read_text("utf-8").count('data-chart="fan') == 2 + found.service.height
    words = run(*asked)
    assert words.code == Exit.OK
    assert "20 futures" in words.out


def test_a_single_future_is_refused(run: Callable[..., Said], chain: Path) -> None:
    assert run("stress", chain, "--draws", 1).code == Exit.USAGE


def test_a_plan_against_itself_in_the_same_futures_differs_by_nothing(run: Callable[..., Said], chain: Path) -> None:
    asked = ("stress", chain, "--draws", 20, "--workers", 1, "--against", chain)
    told = run(*asked, "--json").machine
    assert {row["value"] for row in told["against"]} == {0.0}
    assert "Against the first plan, in the same futures: $0 of NPV" in " ".join(run(*asked).out.split())
    assert run("stress", chain, "--draws", 20, "--against", "nowhere").code == Exit.INVALID
