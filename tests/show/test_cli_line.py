"""`cellroad line` and its page tell what the package tells."""

import json
from pathlib import Path

import numpy as np
import pytest

import cellroad as cr
from cellroad.show import cli
from cellroad.show.charts.line_shift import chart, packs_at
from cellroad.show.exits import Exit

QUICK = ["--replications", "3", "--hours", "40"]


def test_a_line_is_told_as_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["line", "fremont", *QUICK, "--json"]) == Exit.OK
    told = json.loads(capsys.readouterr().out)
    found = cr.line("fremont", replications=3, hours=40.0)
    assert told["volume"][-1]["gwh_per_year"] == pytest.approx(found.gwh_per_year)
    assert told["bottlenecks"][0]["station"] == found.bottleneck
    assert cli.main(["line", "fremont", *QUICK, "--mix", "p3:1"]) == Exit.OK
    assert "does not reach the 1 GWh" in " ".join(capsys.readouterr().out.split())


def test_the_page_has_a_shift_that_plays_and_needs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "new" / "line.html"
    assert cli.main(["line", "fremont", *QUICK, "--by-product", "--report", str(file), "-q"]) == Exit.OK
    page = file.read_text(encoding="utf-8")
    assert "http://" not in page.split("<script")[0] and "https://" not in page.split("<script")[0]
    for words in (
        "Weld inspection",
        "Home battery, 30 kWh",
        "Automatic tasks of all tasks",
        "are assumptions",
        '"timeline"',
    ):
        assert words in page


def test_the_shift_begins_empty_and_holds_the_packs_that_are_in_the_line() -> None:
    """What is drawn behind the first station is what has stood there in the same hours of the same run."""
    found = cr.line("fremont", replications=2, hours=4.0, warm_hours=4.0)
    hours, packs = packs_at(found)
    assert packs[0, 1:].sum() == 0 and (packs >= 0).all() and np.all(np.diff(hours) > 0)
    option = chart(found)
    assert len(option["options"]) == len(option["baseOption"]["timeline"]["data"]) == hours.size
    json.dumps(option)
    held = found.found.held[0].sum() - found.found.held[0, 0].sum()
    assert packs[hours > 4, 1:].sum(axis=1).mean() == pytest.approx(held, rel=0.05)


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        (["line", "fremon"], Exit.INVALID, "Did you mean 'fremont'?"),
        (["line", "fremont", "--mix", "p6:1"], Exit.USAGE, "There are p3, p5, p10, p30"),
        (["line", "fremont", "--mix", "p5:much"], Exit.USAGE, "write the mix as p5:0.6;p10:0.4"),
        (["line", "fremont", "--mix", "p5:0"], Exit.USAGE, "add up to 0"),
    ],
)
def test_what_cannot_be_asked_is_told(
    command: list[str], code: Exit, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(command) == code
    assert told in " ".join(capsys.readouterr().err.split())
