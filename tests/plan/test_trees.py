"""Decisions in stages: a tree is worth what the best policy is worth, and information and waiting never cost."""

from __future__ import annotations

import datetime as dt
import math
import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.reference_tree import best_of_the_tree, tree_rows
from tests.plan.tiny import chain_of, month, random_rows

from cellroad.chain.chain import Chain
from cellroad.chain.finding import ChainError
from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan
from cellroad.plan.tree.nodes import future, read_tree
from cellroad.plan.tree.rule import features, separate
from cellroad.plan.tree.trees import plan_tree
from cellroad.plan.why.comparing import compare

STEADY = settings(derandomize=True)


@settings(STEADY, max_examples=20)
@given(st.randoms(use_true_random=False))
def test_a_tree_is_worth_as_much_as_the_best_policy(r: random.Random) -> None:
    rows = tree_rows(r)
    found = plan_tree(chain_of(rows), gap=1e-9, measures=False)
    best = best_of_the_tree(rows)
    assert found.value_usd == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert found.bound_usd == pytest.approx(best, rel=1e-6, abs=1e-5)
    assert all(audit(one).closes for one in found.plans.values())


@settings(STEADY, max_examples=5)
@given(st.randoms(use_true_random=False))
def test_information_the_stochastic_solution_and_waiting_are_worth_something_or_nothing(r: random.Random) -> None:
    rows = tree_rows(r)
    found = plan_tree(chain_of(rows), gap=1e-9)
    known = {figure.name: figure for figure in found.worth}
    scale = 1e-6 * max(1.0, abs(found.value_usd))
    for figure in known.values():
        assert figure.usd >= -scale and figure.low - scale <= figure.usd <= figure.high + scale
    alone = sum(
        row["probability"] * plan(future(chain_of(rows), found.tree, line), gap=1e-9).solution.objective_usd
        for row, line in zip(rows["scenarios"], found.tree.lines, strict=True)
    )
    assert known["information"].usd == pytest.approx(alone - found.value_usd, abs=10 * scale)
    first = rows["scenarios"][0]["valid_from"]
    if first == month(0):  # what is known from the start is planned for alone
        assert found.value_usd == pytest.approx(alone, abs=scale)
    assert found.values.min() - scale <= found.cvar_usd(0.5) <= found.value_usd + scale


def branches(chain: Chain, count: int, day: dt.date) -> Chain:
    rows = [
        {"scenario": f"s{n}", "name": "", "parent": None, "probability": 1 / count, "valid_from": day}
        for n in range(count)
    ]
    return chain.replace(scenarios=pl.DataFrame(rows, schema_overrides={"parent": pl.String}))


@settings(STEADY, max_examples=8)
@given(st.randoms(use_true_random=False))
def test_futures_that_do_not_differ_are_one_plan(r: random.Random) -> None:
    chain = chain_of(random_rows(r))
    alone = plan(chain, gap=1e-9).solution.objective_usd
    found = plan_tree(branches(chain, 2, month(1)), gap=1e-9, measures=False)
    assert found.value_usd == pytest.approx(alone, rel=1e-6, abs=1e-6)


def stages(r: random.Random) -> Chain:
    """Return a chain in which demand is known in two stages: month 1, then month 2."""
    rows = tree_rows(r)
    demand = [f"p|w|commercial|{month(t)}" for t in (1, 2)]
    rows["scenarios"] = [
        {"scenario": name, "name": "", "parent": parent, "probability": 0.5, "valid_from": month(day)}
        for name, parent, day in [
            ("up", None, 1), ("down", None, 1), ("up-up", "up", 2), ("up-down", "up", 2), ("down-up", "down", 2),
            ("down-down", "down", 2),
        ]
    ]  # fmt: skip
    rows["changes"] = [
        {"scenario": name, "table": "demand", "key": demand[at], "column": "quantity", "operation": "set", "value": v}
        for name, at, v in [
            ("up", 0, "4"), ("down", 0, "0"), ("up-up", 1, "4"), ("up-down", 1, "1"), ("down-up", 1, "4"),
            ("down-down", 1, "1"),
        ]
    ]  # fmt: skip
    rows["options"][0]["capex_usd"] = 15.0
    for row in rows["demand"]:
        row["price_usd"] = 22.0
    return chain_of(rows)


def test_what_is_decided_before_futures_part_is_the_same_in_all_of_them_and_may_differ_afterwards() -> None:
    found = plan_tree(stages(random.Random(3)), gap=1e-9, measures=False)
    assert found.nodes.filter("leaf")["probability"].to_list() == [0.25] * 4
    flows = {
        leaf: one.purchases.select("offer", "period", "quantity").sort("period", "offer")
        for leaf, one in found.plans.items()
    }
    upto = {("up-up", "up-down"): 2, ("down-up", "down-down"): 2, ("up-up", "down-down"): 1}
    for (one, other), period in upto.items():
        first, second = (flows[leaf].filter(pl.col("period") < period) for leaf in (one, other))
        assert first.equals(second)


def test_the_rule_names_the_condition_that_separates_where_it_is_built() -> None:
    rows = tree_rows(random.Random(1))
    rows["scenarios"] = [
        {"scenario": f"{a}-{b}", "name": "", "parent": None, "probability": 0.25, "valid_from": month(1)}
        for a in ("big", "small")
        for b in ("cheap", "dear")
    ]
    rows["changes"] = [
        {"scenario": f"{a}-{b}", "table": table, "key": key, "column": column, "operation": how, "value": value}
        for a in ("big", "small")
        for b in ("cheap", "dear")
        for table, key, column, how, value in [
            ("demand", "*", "quantity", "multiply", "2" if a == "big" else "0.5"),
            ("options", "build", "capex_usd", "set", "5" if b == "cheap" else "500"),
        ]
    ]
    for row in rows["demand"]:
        row |= {"price_usd": 30.0, "quantity": 2.0 if row["month"] > month(0) else 0.0, "short_usd": 0.0}
    rows["processes"][0]["cost_usd"] = 20.0
    rows["options"][0] |= {"earliest": month(1), "latest": month(1)}
    found = plan_tree(chain_of(rows), gap=1e-9, measures=False)
    rule = found.rule("build")
    built = {leaf for leaf, one in found.plans.items() if one.openings.height}
    assert set(rule.built) == built
    assert "big-dear" not in built and "small-dear" not in built
    if built == {"big-cheap", "small-cheap"}:
        assert rule.words.startswith("built where options build capex usd is at most 5")
    with pytest.raises(KeyError, match="no option is called"):
        found.rule("bulid")


def test_scenarios_that_make_no_tree_are_told() -> None:
    chain = chain_of(tree_rows(random.Random(1)))
    with pytest.raises(ChainError, match="the futures that are planned for"):
        read_tree(chain.replace(scenarios=chain.scenarios.clear()))
    unsure = chain.scenarios.with_columns(probability=pl.lit(0.4))
    with pytest.raises(ChainError, match="sum to 1"):
        read_tree(chain.replace(scenarios=unsure))


def test_a_change_of_a_dated_row_holds_from_the_day_on_which_it_is_known() -> None:
    chain = chain_of(tree_rows(random.Random(1)))
    change = {"scenario": "s0", "table": "demand", "key": "*", "column": "quantity", "operation": "set", "value": "9"}
    later = chain.scenarios.with_columns(valid_from=pl.lit(month(1)))
    chain = chain.replace(
        scenarios=later,
        changes=pl.DataFrame([change]).cast({"operation": chain.changes.schema["operation"]}),
    )
    tree = read_tree(chain)
    changed = future(chain, tree, tree.lines[0]).demand
    before = changed.filter(pl.col("month") < month(1))
    assert before.equals(chain.demand.filter(pl.col("month") < month(1)))
    assert changed.filter(pl.col("month") >= month(1))["quantity"].to_list() == [9.0, 9.0]


def test_what_is_proven_of_a_tree_bounds_none_of_its_futures() -> None:
    found = plan_tree(stages(random.Random(3)), gap=0.2, measures=False)
    assert {one.solution.bound_usd for one in found.plans.values()} == {math.inf}
    first, last = list(found.plans.values())[::3]  # these part at the start
    assert "inf" not in compare(first, last).text()


def test_a_stake_without_a_first_day_is_told_and_not_planned_with() -> None:
    chain = chain_of(tree_rows(random.Random(1)) | {
        "partners": [{"partner": name, "name": name, "country": "US"} for name in ("ann", "bob")],
        "stakes": [{"owner": "ann", "owned": "bob", "interest": "equity", "share_min": 0.4, "share_max": 0.4,
                    "valid_from": None}],
    })  # fmt: skip
    for planned in (plan, plan_tree):
        with pytest.raises(ChainError, match="valid_from"):
            planned(chain)


def test_futures_with_other_periods_are_refused() -> None:
    chain = chain_of(tree_rows(random.Random(1)))
    change = {
        "scenario": "s0",
        "table": "settings",
        "key": "months",
        "column": "value",
        "operation": "set",
        "value": "2",
    }
    changes = pl.DataFrame([change]).cast({"operation": chain.changes.schema["operation"]})
    with pytest.raises(ChainError, match="Plan below one scenario"):
        plan_tree(chain.replace(changes=changes))


def test_what_many_rows_hold_alike_is_told_as_it_is_and_what_leaves_it_so_by_its_name() -> None:
    chain = chain_of(tree_rows(random.Random(1)))
    levied = pl.DataFrame({"surcharge": ["a", "a2"], "origin": ["CN", "MY"], "add_share": [0.0, 0.0]})
    chain = chain.replace(
        surcharges=levied,
        scenarios=pl.DataFrame({
            "scenario": ["same", "more"], "name": ["duty stays", "duty rises"], "parent": [None, None],
            "probability": [0.5, 0.5], "valid_from": [month(1)] * 2,
        }, schema_overrides={"parent": pl.String}),
        changes=pl.DataFrame([{
            "scenario": "more", "table": "surcharges", "key": "*", "column": "add_share", "operation": "set",
            "value": "0.25",
        }]).cast({"operation": chain.changes.schema["operation"]}),
    )  # fmt: skip
    (feature,) = features(chain, read_tree(chain))
    assert feature.values == (0.0, 0.25) and feature.scaled == ""
    assert feature.given_by == ("duty stays", "duty rises")
    rule = separate(chain, read_tree(chain), "x", {"same": [], "more": [month(1)]})
    assert rule.words.startswith("built where surcharges add share is at least 0.25 (duty rises)")
