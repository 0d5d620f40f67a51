"""`cellroad schedule` tells what the package tells."""

import datetime as dt
import json
from pathlib import Path

import pytest
from icalendar import Calendar

import cellroad as cr
from cellroad.show import cli
from cellroad.show.exits import Exit

ORDER = ["schedule", "order", "yousolar", "--offer", "a-before-2027", "--on", "2026-12-10"]


def test_a_series_is_told_and_written_for_every_calendar(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "weekly.ics"
    command = ["schedule", "meet", "yousolar", "--start", "2027-01-04", "--weeks", "6", "--json", "--ics", str(file)]
    assert cli.main(command) == Exit.OK
    told = json.loads(capsys.readouterr().out)
    chain = cr.load("yousolar")
    found = cr.schedule.meet(
        cr.schedule.people(chain), start=dt.date(2027, 1, 4), weeks=6, busy=cr.schedule.absences(chain)
    )
    assert [row["minutes_off"] for row in told["seats"]] == found.seats["minutes_off"].to_list()
    assert [row["week"] for row in told["missed"]] == [str(week) for week in found.missed["week"]]
    starts = [event["dtstart"].dt for event in Calendar.from_ical(file.read_bytes()).walk("VEVENT")]
    assert starts[: found.meetings.height] == found.meetings["start"].to_list()


def test_an_order_is_followed_to_the_dock(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*ORDER, "--lane", "shenzhen-oakland", "--need", "2027-03-25", "--json"]) == Exit.OK
    told = json.loads(capsys.readouterr().out)
    assert [row["step"] for row in told["dates"]] == ["ordered", "confirmed", "made", "booked", "arrived", "docked"]
    assert {row["if the way is"]: row["order by"] for row in told["latest"]}["likely"] == "2026-12-15"
    assert told["cliffs"][0]["why"] == "Chinese New Year"


def test_milestones_are_told_with_their_slack_and_chances(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["schedule", "path", "yousolar", "--by", "2027-12-31", "--draws", "500"]
    assert cli.main([*command, "--json"]) == Exit.OK
    told = json.loads(capsys.readouterr().out)
    found = cr.schedule.critical_path(cr.schedule.tasks(cr.load("yousolar")), dt.date(2027, 1, 1), draws=500)
    assert told["finish"] == str(found.finish) and told["critical"] == found.critical
    assert told["probability"] == found.probability(dt.date(2027, 12, 31))
    assert cli.main(command) == Exit.OK
    assert "By 2027-12-31 all is done in" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (ORDER, "2 lanes leave the site of the offer; name one by --lane"),
        ([*ORDER, "--lane", "shenzhen-oaklan"], "Did you mean 'shenzhen-oakland'?"),
        (["schedule", "order", "yousolar", "--offer", "a", "--on", "2027-01-01"], "There is no offer 'a'"),
        (["schedule", "meet", "casip", "--start", "2027-01-04"], "casip has nobody in its table people"),
        (["schedule", "path", "casip"], "casip has no milestones"),
        (["schedule", "meet", "yousolar", "--start", "soon"], "'soon' is no day"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(
    command: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(command) == Exit.USAGE
    assert told in " ".join(capsys.readouterr().err.split())
