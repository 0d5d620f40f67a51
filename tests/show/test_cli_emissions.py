"""`cellroad emissions` tells what the plan tells, and the front where it is asked for."""

import json
from pathlib import Path

import pytest
from tests.plan.test_emissions import two_cells
from tests.plan.tiny import chain_of

import cellroad as cr
from cellroad.show import cli
from cellroad.show.exits import Exit


def test_the_command_tells_what_is_emitted_and_the_front(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = two_cells()
    for row in rows["items"] + rows["sites"]:
        row["name"] = row.get("item") or row["site"]
    chain = chain_of(rows)
    cr.write(chain, tmp_path / "green")
    asked = ["emissions", str(tmp_path / "green"), "--points", "3", "--gap", "1e-9"]
    assert cli.main([*asked, "--json"]) == Exit.OK
    told = json.loads(capsys.readouterr().out)
    plan = cr.plan(chain, gap=1e-9)
    assert sum(row["t_co2e"] for row in told["kinds"]) == pytest.approx(plan.footprint["kg"].sum() / 1000)
    assert [row["t_co2e"] for row in told["sources"] if row["basis"] == "not known"] == [None, None]
    assert [row["t_co2e"] for row in told["front"]] == pytest.approx([1.46, 1.76, 2.06], rel=1e-6)
    assert cli.main(asked) == Exit.OK
    words = capsys.readouterr().out
    assert "Value and emissions" in words and "not known" in words
