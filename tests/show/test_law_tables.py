"""What the law gave to a plan and took from it is told in full, on the page and at the terminal."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import polars as pl
import pytest
from rich.console import Console
from tests.show.fake import LAW, make_plan

from cellroad.plan.result import Plan
from cellroad.show import law_tables
from cellroad.show.report import report
from cellroad.show.summary import brief, drawn


def row(**changes: object) -> dict[str, object]:
    return {
        "process": "make-cell", "site": "houston", "item": "cell-us", "taxpayer": "maker", "credit": "CR01",
        "program": "45X", "component": "cell", "year": 2029, "made": 100.0, "units": 90.0, "next_units": 10.0,
        "usd": 900.0, "next_usd": 50.0, "lost_usd": 0.0, "usd_per_unit": 10.0, "cost_share": 0.0, "ratio": 0.8,
        "least_share": 0.8, "group": 1, "answer": "yes", "because": "made in Houston", "confidence": "reported",
        **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def plan() -> Plan:
    lost = {
        "usd": 0.0,
        "next_usd": 0.0,
        "units": 0.0,
        "next_units": 0.0,
        "answer": "no",
        "because": "<too few> allowed",
    }
    credits = [row(), row(year=2030, ratio=0.9), row(year=2031, lost_usd=700.0, **lost)]
    ban = {"ban": "BN001", "binds": "s154", "segment": "defence", "item": "pack-cn", "answer": "unknown",
           "counts": "barred", "wants": 12.0, "because": "listed maker", "confidence": "verified"}  # fmt: skip
    border = {**ban, "binds": "import:US", "segment": None, "border": "US", "item": "cell-cn", "wants": None}
    return replace(
        make_plan(),
        credits=pl.DataFrame(credits, schema=LAW["credits"]),
        bans=pl.DataFrame([{name: one.get(name) for name in LAW["bans"]} for one in (ban, border)], schema=LAW["bans"]),
    )


def test_years_with_the_same_answer_are_one_row_and_no_dollar_is_lost(plan: Plan) -> None:
    told = law_tables.credits(plan)
    assert told["years"].to_list() == ["2029 to 2030", "2031"]
    assert told["earned_usd"].sum() == plan.credits.select(pl.col("usd") + pl.col("next_usd")).sum().item()
    assert told["lost_usd"].sum() == plan.credits["lost_usd"].sum()
    assert told["lowest_ratio_share"].to_list() == pytest.approx([0.8, 0.8])


def test_credits_by_year_add_up(plan: Plan) -> None:
    by_outcome = dict(brief(plan).credits.group_by("outcome").agg(pl.col("usd").sum()).iter_rows())
    assert by_outcome == {"earned": pytest.approx(1900), "lost": pytest.approx(700)}


def test_what_a_ban_keeps_from_whom_is_told(plan: Plan) -> None:
    told = law_tables.bans(plan).select("item", "kept_from", "wants_at_stake").rows()
    assert told == [("LFP cell CN", "import:US", None), ("51 V pack CN", "defence", 12.0)]


def test_page_and_terminal_tell_both(plan: Plan) -> None:
    page = report(plan)
    for words in ("Credits earned and lost", "made in Houston", "&lt;too few&gt; allowed", "Bans that bear", "BN001"):
        assert words in page
    said = Console(file=StringIO(), width=200)
    for part in drawn(plan):
        said.print(part)
    text = said.file.getvalue()  # type: ignore[attr-defined]
    assert "Tax credits by year of making" in text
    assert "BN001" in text


def test_a_plan_that_no_law_binds_says_so() -> None:
    page = report(make_plan())
    assert "No credit is known for what the plan makes." in page
    assert "No ban is known that bears on the plan." in page
