"""What must change, and what must not, when a chain is changed in a known way."""

import random
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.plan.conftest import planned
from tests.plan.tiny import Rows, chain_of, random_rows

from cellroad.chain.files import load
from cellroad.chain.scenario import apply
from cellroad.plan.planning import Progress, plan

steady = settings(max_examples=12, derandomize=True)
chains = st.randoms(use_true_random=False)


def value(rows: Rows) -> float:
    return plan(chain_of(rows), gap=1e-9).solution.objective_usd


def told(rows: Rows, name: str, to: str) -> Rows:
    others = [row for row in rows["settings"] if row["name"] != name]
    return {**rows, "settings": [*others, {"name": name, "value": to}]}


def more_capacity(rows: Rows) -> Rows:
    wider = [{**row, "hours_per_month": row["hours_per_month"] * 1.5} for row in rows["resources"]]
    return {**rows, "resources": wider}


def lower_price(rows: Rows) -> Rows:
    prices = [{**row, "price_usd": row["price_usd"] and row["price_usd"] * 0.8} for row in rows["offers"]]
    return {**rows, "offers": prices}


def lower_duty(rows: Rows) -> Rows:
    return {**rows, "items": [{**row, "origin": "US"} for row in rows["items"]]}


def higher_price_paid(rows: Rows) -> Rows:
    return {**rows, "demand": [{**row, "price_usd": row["price_usd"] * 1.2} for row in rows["demand"]]}


def longer_window(rows: Rows) -> Rows:
    windows = [{**row, "earliest": row["earliest"].replace(month=1)} for row in rows["options"]]
    return {**rows, "options": windows}


def smaller_order(rows: Rows) -> Rows:
    return {**rows, "offers": [{**row, "moq": row.get("moq", 0.0) / 2} for row in rows["offers"]]}


@pytest.mark.parametrize(
    "relax", [more_capacity, lower_price, lower_duty, higher_price_paid, longer_window, smaller_order]
)
@steady
@given(r=chains)
def test_what_is_easier_is_never_worth_less(relax: Callable[[Rows], Rows], r: random.Random) -> None:
    rows = told(told(random_rows(r), "terminal_stock_share", "0"), "decide_every_months", "1")
    before = value(rows)
    assert value(relax(rows)) >= before - 1e-6 * max(abs(before), 1.0)


@steady
@given(chains)
def test_twice_the_money_is_twice_the_value(r: random.Random) -> None:
    rows = random_rows(r)
    rows["sites"] = [{**row, "country": "US"} for row in rows["sites"]]  # limits of customs fees are in money too
    doubled = {
        table: [
            {name: v * 2 if v and name.endswith(("_usd", "_usd_per_month")) else v for name, v in row.items()}
            for row in found
        ]
        for table, found in rows.items()
    }
    doubled["indices"] = [{**row, "value": row["value"] * 2} for row in rows["indices"]]
    assert value(doubled) == pytest.approx(2 * value(rows), rel=1e-6, abs=1e-6)


@steady
@given(chains)
def test_two_equal_lanes_are_one(r: random.Random) -> None:
    rows = random_rows(r)
    twice = {**rows, "lanes": rows["lanes"] + [{**row, "lane": row["lane"] + "-too"} for row in rows["lanes"]]}
    assert value(twice) == pytest.approx(value(rows), rel=1e-6, abs=1e-6)


IDS = ("site", "origin", "destination", "market", "item", "offer", "lane", "process", "resource", "option", "ramp",
       "index", "want", "requires", "one_of")  # fmt: skip
NOT_IDS = {("items", "origin")}


@steady
@given(chains)
def test_names_and_the_order_of_rows_do_not_matter(r: random.Random) -> None:
    rows = random_rows(r)

    def renamed(name: str, v: object) -> object:
        return f"z{hash_of(str(v))}-{v}" if name in IDS and v else v

    other = {
        table: [{name: v if (table, name) in NOT_IDS else renamed(name, v) for name, v in row.items()} for row in found]
        for table, found in rows.items()
    }
    for found in other.values():
        random.Random(1).shuffle(found)
    assert value(other) == pytest.approx(value(rows), rel=1e-6, abs=1e-6)


def hash_of(name: str) -> int:
    return sum(ord(letter) * (n + 7) for n, letter in enumerate(name)) % 97


@steady
@given(chains)
def test_what_nobody_can_reach_changes_nothing(r: random.Random) -> None:
    rows = random_rows(r)
    more = {table: list(found) for table, found in rows.items()}
    more["sites"].append({"site": "island", "name": "", "kind": "pack", "country": "US", "calendar": "none"})
    more["items"].append({**rows["items"][0], "item": "relic"})
    more["offers"].append({**rows["offers"][-1], "offer": "relics", "item": "relic", "price_usd": 0.0})
    more["processes"].append({**rows["processes"][0], "process": "lost", "site": "island", "resource": None})
    assert value(more) == pytest.approx(value(rows), rel=1e-6, abs=1e-6)


def test_a_scenario_that_changes_nothing_gives_the_same_plan() -> None:
    chain = load("yousolar")
    scenarios = pl.DataFrame({"scenario": ["same"], "name": ["nothing changes"]})
    same = plan(apply(chain.replace(scenarios=scenarios, changes=chain.changes.clear()), "same"))
    for name, frame in planned("yousolar").frames().items():
        assert_frame_equal(same.frames()[name], frame)


@pytest.mark.parametrize("calls", [1, 3, 6, 10])
@pytest.mark.parametrize("name", ["yousolar", "kandi-cbak"])
def test_a_plan_that_is_stopped_is_still_a_plan_with_a_bound_that_holds(name: str, calls: int) -> None:
    seen: list[Progress] = []

    def stop(progress: Progress) -> bool:
        seen.append(progress)
        return len(seen) < calls

    stopped = plan(load(name), progress=stop)
    best = planned(name).solution
    assert stopped.solution.objective_usd <= best.bound_usd * (1 + 1e-9)
    assert stopped.solution.bound_usd >= best.objective_usd * (1 - 1e-9)
    assert stopped.cash["discounted_usd"].sum() == pytest.approx(stopped.solution.objective_usd, rel=1e-6)


def test_no_bound_is_ever_told_below_the_best_plan() -> None:
    seen: list[Progress] = []
    found = plan(load("yousolar"), progress=lambda progress: seen.append(progress) is None)
    assert {"expand", "build", "relax", "search"} <= {progress.phase for progress in seen}
    told = [p for p in seen if p.incumbent_usd is not None and p.bound_usd is not None and p.phase == "search"]
    assert told
    for progress in told:
        assert progress.bound_usd >= progress.incumbent_usd - 1e-6 * abs(progress.incumbent_usd)
        assert progress.bound_usd >= found.solution.objective_usd * (1 - 1e-9)
    assert [p.incumbent_usd for p in told] == sorted(p.incumbent_usd for p in told)


def test_the_number_of_threads_does_not_change_the_value() -> None:
    values = [plan(load("casip"), gap=1e-6, threads=threads).solution for threads in (1, 2, 1)]
    assert [v.objective_usd for v in values] == pytest.approx([values[0].objective_usd] * 3, rel=2e-6)
