"""The commands about vendors and the page of the week tell what the package tells."""

import datetime as dt
import json
from pathlib import Path

import pytest

import cellroad as cr
from cellroad.show import cli
from cellroad.show.exits import Exit
from cellroad.show.schedule_page import before

NEED = ["--request", "cells-2027", "--destination", "oakland", "--need", "2027-04-20", "--kwh", "2500"]
ASKED = ["--today", "2026-12-10", *NEED]


def answer(capsys: pytest.CaptureFixture[str], *command: str) -> dict[str, object]:
    assert cli.main(["schedule", *command, "--json"]) == Exit.OK
    return dict(json.loads(capsys.readouterr().out))


def test_quotes_are_told_as_they_compare(capsys: pytest.CaptureFixture[str]) -> None:
    told = answer(capsys, "quotes", "yousolar", *ASKED, "--standard", "UL 1973")
    found = cr.schedule.compare_quotes(
        cr.load("yousolar"), "cells-2027", destination="oakland", need=dt.date(2027, 4, 20), kwh=2500,
        today=dt.date(2026, 12, 10), standards=("UL 1973",),
    )  # fmt: skip
    assert [row["quote"] for row in told["quotes"]] == found.compared["quote"].to_list()  # type: ignore[attr-defined]
    assert cli.main(["schedule", "quotes", "yousolar", *ASKED, "--standard", "UL 1973"]) == Exit.OK
    assert found.summary().splitlines()[0] in " ".join(capsys.readouterr().out.split())


def test_vendors_slips_and_awards_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    told = answer(capsys, "vendors", "yousolar", "--today", "2027-01-04")
    assert [row["orders"] for row in told["scorecards"]] == [3, 5]  # type: ignore[attr-defined]
    told = answer(capsys, "slip", "yousolar", "--order", "po-2604", "--expected", "2027-04-29")
    assert told["lacking"] > 0 and told["to"] == "2027-04-29"  # type: ignore[operator]
    told = answer(capsys, "award", "yousolar", "--request", "cells-2027", "--gap", "0.01")
    assert {"q-a", "q-b", "q-us"} <= {row["offer"] for row in told["split"]}  # type: ignore[attr-defined]


def test_the_page_of_the_week_tells_of_all_and_needs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "new" / "week.html"
    assert cli.main(["schedule", "page", "yousolar", "--report", str(file), *ASKED, "-q"]) == Exit.OK
    page = file.read_text(encoding="utf-8")
    assert "http://" not in page.split("<script")[0] and "https://" not in page.split("<script")[0]
    for words in ("UL 1973 of the pack", "po-2604", "Vendor B, Xiamen", "q-us", "Chinese New Year", "Maker"):
        assert words in page


def test_the_last_days_to_order_are_those_after_which_an_order_of_the_next_day_is_later() -> None:
    chain = cr.load("yousolar")
    last = before(chain, dt.date(2026, 12, 1)).filter(From="Vendor A, Shenzhen", What="LFP cell 50 Ah, vendor A")
    for row in last.filter(To="Pack line, Oakland").iter_rows(named=True):
        way = cr.schedule.order(
            chain, "a-before-2027", "shenzhen-oakland", first=dt.date(2026, 12, 1), last=dt.date(2027, 12, 1)
        )
        assert way.latest(row["Arrives"]) == row["Order by"]
        assert way.latest(row["A day later"] - dt.timedelta(days=1)) == row["Order by"]
    assert last.height


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["quotes", "yousolar", "--today", "2026-12-10"], "give --destination and --need"),
        (["quotes", "casip", *ASKED], "casip has no open quotes"),
        (
            ["quotes", "yousolar", *ASKED[:2], "--need", "2027-04-20", "--destination", "oaklan"],
            "Did you mean 'oakland'?",
        ),
        (["award", "yousolar", "--request", "cells-2026"], "There is no request with open quotes 'cells-2026'"),
        (["vendors", "casip", "--today", "2027-01-04"], "casip has no orders"),
        (["slip", "yousolar", "--order", "po-2601", "--days", "9"], "There is no open order 'po-2601'"),
        (["slip", "yousolar", "--order", "po-2604"], "give either days or expected"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(
    command: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["schedule", *command]) == Exit.USAGE
    assert told in " ".join(capsys.readouterr().err.split())
