"""The first page of a plan says what the frames of the plan say, and a person can read its figures back."""

from __future__ import annotations

import math
from io import StringIO

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from tests.show.fake import make_plan
from tests.show.tiny import tiny

from cellroad.plan.planning import plan
from cellroad.show.format import MINUS, money
from cellroad.show.summary import MOST_ROWS, MOST_YEARS, _by_year, assumed, brief, drawn, figure
from cellroad.show.terminal import plain

LETTERS = {"k": 1e3, "M": 1e6, "B": 1e9}


def printed(*parts: object) -> str:
    said = Console(file=StringIO(), width=200)
    for part in parts:
        said.print(part)
    return said.file.getvalue()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def page():
    return brief(make_plan())


def test_shares_of_supply_add_up_to_one_in_each_stage_that_every_pack_passes(page):
    totals = page.supply.filter(pl.col("stage") != "material").group_by("stage", "year").agg(pl.col("share").sum())
    assert totals["share"].to_list() == pytest.approx([1.0] * totals.height)


def test_landed_cost_by_market_and_year_averages_to_that_of_the_plan(page):
    made = make_plan()
    year = pl.col("start").dt.year().alias("year")
    named = {"florida": "Golf carts, Florida", "texas": "Off-road, Texas"}
    kwh = made.sales.with_columns(pl.col("market").replace(named)).group_by("market", year).agg(pl.col("kwh").sum())
    both = page.landed.join(kwh, on=["market", "year"])
    assert (both["usd_per_kwh"] * both["kwh"]).sum() == pytest.approx(made.landed["usd"].sum())


def test_cash_by_year_adds_up_to_the_cash_of_the_plan(page):
    assert page.cash["usd"].sum() == pytest.approx(make_plan().cash["usd"].sum())


def test_demand_served_is_what_is_not_short(page):
    made = make_plan()
    weighted = 1 - made.shortages["quantity"].sum() / made.shortages["wanted"].sum()
    assert page.service["share"].min() <= weighted <= page.service["share"].max()
    assert page.service["share"].max() == pytest.approx(1)


def test_openings_stand_in_the_order_of_decision(page):
    assert page.openings["decided"].is_sorted()
    assert page.openings["site"].to_list() == ["Reno pack plant", "Houston cell plant", "Reno pack plant"]


def test_a_plan_that_opens_nothing_says_so():
    assert "Nothing new is opened." in printed(*drawn(plan(tiny())))


def test_assumptions_are_counted_and_placed(page):
    counted = pl.DataFrame({"table": ["offers", "lanes"], "rows": [5, 7], "assumption": [2, 7]})
    assert assumed(counted) == "9 of 12 rows of the chain are assumptions: most in lanes 7, offers 2."


def test_the_machine_form_of_a_page_holds_only_what_json_knows(page):
    def leaves(value: object) -> list[object]:
        if isinstance(value, dict):
            return [leaf for part in value.values() for leaf in leaves(part)]
        if isinstance(value, list):
            return [leaf for part in value for leaf in leaves(part)]
        return [value]

    found = leaves(plain(page))
    assert all(leaf is None or isinstance(leaf, str | int | float | bool) for leaf in found)
    assert all(math.isfinite(leaf) for leaf in found if isinstance(leaf, float))


@given(st.integers(1, 60), st.integers(1, 3))
def test_a_long_horizon_keeps_its_first_year_and_fits_the_terminal(years, rows):
    frame = pl.DataFrame(
        [(f"m{row}", 2027 + year, 1.0) for row in range(rows) for year in range(years)],
        schema={"market": pl.String, "year": pl.Int32, "usd": pl.Float64}, orient="row",
    )  # fmt: skip
    header = printed(_by_year(frame, "", ["market"], money)).splitlines()[0].split()
    assert header[1] == "2027"
    assert len(header) - 1 <= MOST_YEARS


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_what_is_folded_into_others_is_not_lost(sizes):
    frame = pl.DataFrame(
        [(f"m{row}", 2027, float(size)) for row, size in enumerate(sizes)],
        schema={"market": pl.String, "year": pl.Int32, "usd": pl.Float64}, orient="row",
    )  # fmt: skip
    lines = printed(_by_year(frame, "", ["market"], lambda usd: f"{usd:.0f}")).splitlines()[1:]
    assert len(lines) <= MOST_ROWS
    assert sum(int(line.split()[-1]) for line in lines) == sum(sizes)


@given(st.floats(-1e12, 1e12).filter(lambda usd: abs(usd) >= 0.01))
def test_money_reads_back_to_three_figures(usd):
    text = money(usd).replace(MINUS, "-").replace("$", "").replace(",", "")
    factor = LETTERS.get(text[-1], 1.0)
    assert float(text.rstrip("kMB")) * factor == pytest.approx(usd, rel=0.0051)


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [(1.23e7, "USD", "$12.3M"), (0.409, "share", "40.9 %"), (78.44, "USD/kWh", "$78.4/kWh"), (1.2e6, "kWh", "1.2 GWh"),
     (3.0, "", "3"), (12.34, "s", "12.3 s"), (float("nan"), "USD/kWh", "–")],
)  # fmt: skip
def test_figures_are_written_with_their_unit(value, unit, written):
    assert figure(value, unit) == written
