"""`cellroad why`: the answer of the plan, in words and as JSON, and a person's error for a wrong name."""

import json

import pytest

import cellroad as cr
from cellroad.show import cli
from cellroad.show.exits import Exit


def test_the_command_tells_what_the_plan_tells(capsys: pytest.CaptureFixture[str]) -> None:
    chain = cr.load("yousolar")
    offer = cr.plan(chain).purchases["offer"][0]
    assert cli.main(["why", "yousolar", offer]) == Exit.OK
    words = " ".join(capsys.readouterr().out.split())
    assert f"The offer {offer} is used" in words and "One unit less" in words
    assert cli.main(["why", "yousolar", offer, "--json"]) == Exit.OK
    answer = json.loads(capsys.readouterr().out)
    assert answer["used"] > 0
    change = sum(part["usd"] for part in answer["parts"] if part["change"] == "one less")
    due = cr.plan(chain).why(offer).less
    assert due is not None and change == pytest.approx(due.usd_per_unit, rel=1e-6, abs=1e-9)


def test_a_wrong_name_is_told_with_what_could_be_meant(capsys: pytest.CaptureFixture[str]) -> None:
    offer = cr.load("yousolar").offers["offer"][0]
    assert cli.main(["why", "yousolar", f"{offer}x"]) == Exit.INVALID
    told = capsys.readouterr().err
    assert offer in " ".join(told.split()) and "Traceback" not in told
