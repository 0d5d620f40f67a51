"""`cellroad compare` and `cellroad sensitivity` tell what the package tells."""

import json

import pytest

import cellroad as cr
from cellroad.show import cli
from cellroad.show.exits import Exit


def test_two_scenarios_beside_each_other_differ_by_the_sum_of_their_parts(capsys: pytest.CaptureFixture[str]) -> None:
    scenario = cr.load("yousolar").scenarios["scenario"][-1]
    assert cli.main(["compare", "yousolar", f"yousolar:{scenario}", "--json"]) == Exit.OK
    found = json.loads(capsys.readouterr().out)
    assert found["usd"] == pytest.approx(found["npv_usd"][1] - found["npv_usd"][0])
    assert sum(part["usd"] for part in found["parts"]) == pytest.approx(found["usd"], abs=1.0)
    assert found["cells"]


def test_a_scenario_that_does_not_exist_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compare", "yousolar", "yousolar:nowhere"]) == Exit.USAGE
    assert "nowhere" in capsys.readouterr().err


def test_what_the_value_hangs_on_is_told_with_both_sides(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        cli.main(["sensitivity", "yousolar", "--lever", "duty", "--lever", "demand", "--change", "0.2", "--json"]) == 0
    )
    found = json.loads(capsys.readouterr().out)
    told = {row["lever"]: row for row in found["frame"]}
    assert set(told) == {"duty", "demand"} and found["change"] == 0.2
    assert told["duty"]["low_usd"] >= found["npv_usd"] >= told["duty"]["high_usd"]
