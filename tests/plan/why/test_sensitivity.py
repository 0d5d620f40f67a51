"""What the value hangs on: tornado, range of the openings and comparison, against plans made from nothing."""

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.tiny import chain_of, line, random_rows, straight

from cellroad.chain.finding import ChainError
from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan
from cellroad.plan.why.comparing import compare
from cellroad.plan.why.levers import LEVERS, pulled
from cellroad.show.charts import tornado as chart

TINY = settings(derandomize=True)
TABLES = tuple(lever for lever in LEVERS if lever not in ("duty", "discount"))


@settings(TINY, max_examples=3)
@given(st.randoms(use_true_random=False))
def test_a_bar_with_open_decisions_is_the_chain_planned_from_nothing(r: random.Random) -> None:
    found = plan(chain_of(random_rows(r)), gap=1e-9)
    lever = r.choice(TABLES)
    told = found.sensitivity([lever], 0.2, anew=True)
    for column, factor in (("low_usd", 0.8), ("high_usd", 1.2)):
        cold = plan(pulled(found.chain, lever, factor), gap=1e-9).solution.objective_usd
        assert told.frame[column].item() == pytest.approx(cold, rel=1e-6, abs=1e-4)


@settings(TINY, max_examples=3)
@given(st.randoms(use_true_random=False))
def test_without_decisions_a_bar_is_the_chain_planned_from_nothing(r: random.Random) -> None:
    rows = random_rows(r)
    rows |= {"options": [], "certificates": []}
    for offer in rows["offers"]:
        offer["moq"] = 0.0
    for resource in rows["resources"]:
        resource["status"] = "operating"
    found = plan(chain_of(rows), gap=1e-9)
    told = found.sensitivity([*r.sample(["prices", "demand", "revenue"], 2), r.choice(["freight", "yield"])], 0.25)
    for row in told.frame.iter_rows(named=True):
        for column, factor in (("low_usd", 0.75), ("high_usd", 1.25)):
            cold = plan(pulled(found.chain, row["lever"], factor), gap=1e-9).solution.objective_usd
            assert row[column] == pytest.approx(cold, rel=1e-6, abs=1e-4)


def test_a_tornado_reads_from_the_widest_and_draws_itself() -> None:
    found = plan(chain_of(straight(**line())))
    told = found.sensitivity()
    widths = told.frame.select("low_change_usd", "high_change_usd").select(
        w=abs(told.frame["high_change_usd"] - told.frame["low_change_usd"])
    )["w"]
    assert told.frame["lever"][0] == "revenue"
    assert widths.to_list()[0] == max(widths)
    assert told.frame.filter(lever="revenue")["high_change_usd"].item() == pytest.approx(300)
    assert told.frame.filter(lever="capex")["high_change_usd"].item() == pytest.approx(-5)
    assert "revenue" in told.text()
    option = chart.chart(told)
    assert option["yAxis"]["data"][-1] == "revenue"
    with pytest.raises(ChainError, match="Did you mean 'freight'"):
        found.sensitivity(["frieght"])


def test_a_duty_that_doubles_costs_what_was_paid() -> None:
    rows = straight()
    rows["sites"][0]["country"] = "CN"
    rows["lanes"][0]["mode"] = "ocean"
    found = plan(chain_of(rows))
    paid = -float(found.cash.filter(kind="duty")["discounted_usd"].sum())
    assert paid > 0
    told = found.sensitivity(["duty"], 0.1).frame
    assert told["high_change_usd"].item() == pytest.approx(-0.1 * paid)


def test_the_range_of_an_opening_ends_where_its_profit_does() -> None:
    # a line for 50 that serves 30 packs, each worth 100 less 28: at 28 / 100 + 50 / 3000 of the revenue it is not built
    found = plan(chain_of(straight(**line())), gap=1e-9)
    turn = (28 * 30 + 50) / 3000
    told = found.stability("revenue", within=(0.1, 4.0), steps=8)
    assert told.high == 4.0
    assert told.high_turns is None
    assert told.low_turns is not None
    assert told.low_turns <= turn <= told.low
    assert told.low == pytest.approx(turn, rel=2e-2)
    assert told.text()


@settings(TINY, max_examples=6)
@given(st.randoms(use_true_random=False))
def test_the_parts_and_steps_of_a_comparison_add_up_to_the_difference(r: random.Random) -> None:
    rows = random_rows(r)
    one = plan(chain_of(rows), gap=1e-9)
    lever = r.choice(TABLES)
    other = plan(pulled(one.chain, lever, r.choice([0.7, 1.3])), gap=1e-9)
    told = compare(one, other)
    due = other.solution.objective_usd - one.solution.objective_usd
    scale = 1 + abs(one.solution.objective_usd)
    assert told.usd == pytest.approx(due, abs=1e-6 * scale)
    assert told.parts["usd"].sum() == pytest.approx(due, abs=1e-6 * scale)
    assert told.steps["usd"].sum() == pytest.approx(due, abs=1e-6 * scale)
    assert told.steps["usd"][-1] >= -1e-6 * scale or told.steps.height == 1
    cash = pl.concat(
        found.cash.group_by("kind").agg(due=sign * pl.col("discounted_usd").sum())
        for found, sign in ((one, -1.0), (other, 1.0))
    )
    kinds = told.parts.group_by("kind").agg(pl.col("usd").sum())
    both = cash.group_by("kind").agg(pl.col("due").sum()).join(kinds, on="kind", how="full", coalesce=True)
    assert both.fill_null(0.0).filter((pl.col("usd") - pl.col("due")).abs() > 1e-6 * scale).is_empty()


def test_a_comparison_names_cells_openings_flows_and_landed_cost() -> None:
    rows = straight(**line())
    one = plan(chain_of(rows))
    dear = straight(**line(capex_usd=1e6))
    other = plan(chain_of(dear))
    told = compare(one, other)
    assert told.cells.select("table", "key", "column").rows() == [("options", "build", "capex_usd")]
    assert told.openings.select("what", "b_decided").rows() == [("build", None)]
    assert set(told.flows["what"]) == {"o", "make", "in", "out", "w at m with pack"}
    assert told.steps["usd"].to_list() == pytest.approx([-999950.0, 997840.0])
    assert told.landed["b_usd_per_kwh"].item() == 0
    assert "build" in told.text()
    same = compare(one, one)
    assert same.usd == 0
    assert same.parts.is_empty()
    assert same.openings.is_empty()
    assert same.cells.is_empty()
    assert audit(other).closes
