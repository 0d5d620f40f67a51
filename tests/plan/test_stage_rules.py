"""Each rule of stages: where it changes the plan, and where it must not."""

import datetime as dt
import random
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.tiny import Rows, chain_of, line, month, straight
from tests.plan.tiny_stages import stage_rows

from cellroad.chain.check import check
from cellroad.plan.audit.audit import audit
from cellroad.plan.model import build
from cellroad.plan.network.network import expand
from cellroad.plan.options.delays import held_up
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan
from cellroad.plan.solving.branching import Branching
from cellroad.plan.solving.rounding import Rounding
from cellroad.plan.solving.solve import Strategy, solve
from cellroad.plan.solving.strong import Strengthener
from cellroad.plan.solving.watching import Limits


def planned(rows: Rows) -> Plan:
    found = plan(chain_of(rows), gap=1e-9)
    assert audit(found).closes, audit(found).frame
    return found


def standing(usd_per_month: float = 0.0, **changes: Any) -> Rows:
    tables = line()
    resource = {**tables["resources"][0], "hours_per_month": 10.0, "status": "operating"}
    resource |= {"fixed_usd_per_month": usd_per_month, **changes}
    return {"resources": [resource], "processes": tables["processes"]}


def closure(**changes: Any) -> list[dict[str, Any]]:
    return [{"closure": "end", "resource": "line", "earliest": month(0), "latest": month(11), **changes}]


def taken(found: Plan) -> dict[str, dt.date]:
    return dict(found.openings.sort("ready", descending=True).select("what", "ready").iter_rows())


def worth(found: Plan) -> float:
    return found.solution.objective_usd


def kind(found: Plan, name: str) -> float:
    return float(found.cash.filter(pl.col("kind") == name)["usd"].sum())


# closing -------------------------------------------------------------------------------------------------------------


def test_a_line_that_costs_more_than_it_earns_is_closed_and_its_fixed_cost_ends() -> None:
    rows = straight(**standing(2000.0), closures=closure(cost_usd=500.0, notice_months=1))
    found = planned(rows)
    assert taken(found) == {"end": month(1)}
    assert kind(found, "fixed") == pytest.approx(-2000.0)
    assert kind(found, "closing") == pytest.approx(-500.0)
    assert found.production["period"].to_list() == [0]
    assert worth(found) == pytest.approx(worth(planned(straight(**standing(2000.0)))) + 4000 - 500 - 2 * 10 * 72)


def test_a_line_that_earns_more_than_it_costs_is_not_closed() -> None:
    rows = straight(**standing(100.0))
    found = planned({**rows, "closures": closure(value_usd=10.0)})
    assert found.openings.is_empty()
    assert worth(found) == pytest.approx(worth(planned(rows)))


def test_what_an_option_has_built_is_closed_for_what_is_recovered_of_it() -> None:
    tables = line(capex_usd=500.0, life_years=1.0, latest=month(0))
    demand = [{"market": "m", "want": "w", "month": month(0), "quantity": 10.0, "price_usd": 100.0}]
    rows = {**straight(**tables, demand=demand), "closures": closure(recovered_share=0.8)}
    found = planned(rows)
    assert taken(found) == {"build": month(0), "end": month(1)}
    assert kind(found, "recovered") == pytest.approx(0.8 * 500 * 11 / 12)
    assert found.openings.filter(pl.col("what") == "build")["ends"].to_list() == [month(1)]
    rows["closures"][0]["recovered_share"] = 0.1  # as much as the plant earns and more
    assert worth(planned(rows)) == pytest.approx(max(720.0 - 500 + 0.1 * 500 * 11 / 12, 0.0))


def test_nothing_is_recovered_of_what_was_never_built() -> None:
    rows = {**straight(**line(capex_usd=1e6)), "closures": closure(value_usd=700.0)}
    assert planned(rows).openings.is_empty()


def test_a_closed_line_is_opened_again_with_a_ramp_of_its_own() -> None:
    tables = standing(900.0, ramp="slow")
    tables["options"] = [{"option": "again", "resource": "line", "earliest": month(2), "latest": month(2)}]
    tables["ramps"] = [
        {"ramp": "slow", "month": 0, "capacity_share": 0.5}, {"ramp": "slow", "month": 1, "capacity_share": 1.0}
    ]  # fmt: skip
    demand = [{"market": "m", "want": "w", "month": month(t), "quantity": 10.0, "price_usd": 200.0} for t in (0, 2, 3)]
    found = planned({**straight(4, **tables, demand=demand), "closures": closure(earliest=month(1), latest=month(1))})
    assert taken(found) == {"end": month(1), "again": month(2)}
    made = dict(found.production.select("period", "good").iter_rows())
    assert made == pytest.approx({0: 10.0, 2: 5.0, 3: 10.0})


def test_a_resource_is_closed_once() -> None:
    twice = closure(value_usd=100.0) + closure(value_usd=150.0, closure="sale")
    found = planned({**straight(**standing(2000.0)), "closures": twice})
    assert taken(found) == {"sale": month(0)}


# conditions ----------------------------------------------------------------------------------------------------------


def two(**second: Any) -> Rows:
    """Two options on lines of 5 hours each: the second is the better one."""
    tables = line()
    resource = {**tables["resources"][0], "hours_per_month": 5.0}
    option = {**tables["options"][0], "latest": month(0)}
    tables["resources"] = [{**resource, "resource": name} for name in ("one", "two")]
    tables["options"] = [
        {**option, "option": "first", "resource": "one", "capex_usd": 2000.0},
        {**option, "option": "second", "resource": "two", "capex_usd": 10.0, **second},
    ]
    tables["processes"] = [{**tables["processes"][0], "process": name, "resource": name} for name in ("one", "two")]
    bom = [{"process": name, "item": "cell", "quantity": 2.0} for name in ("one", "two")]
    return {**straight(**tables), "bom": bom}


def test_an_option_that_requires_one_of_several_waits_for_the_cheapest_of_them() -> None:
    rows = two(requires_any="first;third", capex_usd=10.0)
    third = {**rows["options"][0], "option": "third", "capex_usd": 90.0}
    rows["options"].append(third)
    assert set(taken(planned(rows))) == {"second", "third"}
    third["capex_usd"] = rows["options"][0]["capex_usd"] = 3000.0
    assert planned(rows).openings.is_empty()
    assert set(taken(planned(two()))) == {"second"}


def test_of_options_that_exclude_each_other_one_is_taken() -> None:
    rows = two(excludes="first")
    rows["options"][0]["capex_usd"] = 20.0
    assert set(taken(planned(rows))) == {"second"}
    assert set(taken(planned(two(excludes="second")))) == {"second"}
    rows["options"][1]["excludes"] = None
    assert set(taken(planned(rows))) == {"first", "second"}


def test_an_option_that_replaces_a_line_waits_for_its_closure() -> None:
    rows = two(replaces="end")
    rows["resources"][0] |= {"status": "operating"}
    rows["options"] = rows["options"][1:]
    rows["closures"] = closure(resource="one", cost_usd=1.0)
    assert planned(rows).openings.is_empty(), "one line for the other earns nothing"
    rows["resources"][1]["hours_per_month"] = 10.0
    assert taken(planned(rows)) == {"second": month(0), "end": month(0)}


def test_an_option_is_taken_as_often_as_it_pays_and_as_it_may() -> None:
    rows = two(times=3, hours_per_month=3.0)
    assert planned(rows).openings["what"].to_list() == ["second"] * 3
    rows["options"][1]["times"] = 9
    assert planned(rows).openings["what"].to_list() == ["second"] * 4, "four times 3 hours are enough for ten packs"


def test_an_expansion_brings_its_own_hours_and_fixed_cost() -> None:
    rows = two(hours_per_month=2.0, fixed_usd_per_month=7.0)
    found = planned(rows)
    assert found.capacity["hours_available"].unique().to_list() == [2.0]
    assert kind(found, "fixed") == pytest.approx(-21.0)


# budgets and delays --------------------------------------------------------------------------------------------------


def test_a_budget_leaves_out_what_it_has_no_room_for_and_only_for_its_partner() -> None:
    rows = two(funded_by="us")
    rows["partners"] = [{"partner": name, "name": name, "country": "US"} for name in ("us", "them")]
    rows["options"][0] |= {"capex_usd": 20.0, "funded_by": "them"}
    for partner, expected in ((None, {"first"}), ("us", {"first"}), ("them", {"first", "second"})):
        rows["options"][1]["capex_usd"] = 30.0
        rows["budgets"] = [{"budget": "b", "partner": partner, "year": 2027, "capex_usd": 25.0}]
        assert set(taken(planned(rows))) == expected
    rows["budgets"][0] |= {"partner": None, "year": 2028}
    assert set(taken(planned(rows))) == {"first", "second"}, "another year"


def test_a_budget_of_one_year_moves_an_investment_to_the_next() -> None:
    rows = straight(24, **line(build_months=2, capex_usd=1200.0))
    assert taken(planned(rows)) == {"build": month(2)}
    rows["budgets"] = [{"budget": "b", "year": 2027, "capex_usd": 600.0}]
    assert taken(planned(rows)) == {"build": month(13)}, "half in December, half in January"


def test_a_delay_that_is_counted_shifts_readiness_and_spending() -> None:
    tables = line(build_months=1, latest=month(0), delay_probability=0.3, delay_months=5.0, capex_usd=300.0)
    rows = straight(8, **tables)
    opening = planned(rows).openings.row(0, named=True)
    assert (opening["planned"], opening["ready"]) == (month(1), month(3)), "1.5 months are two"
    spent = planned(rows).cash.filter(pl.col("kind") == "capex")
    assert spent["usd"].to_list() == pytest.approx([-100.0] * 3)
    for how, quantile, ready in (("none", 0.8, 1), ("quantile", 0.8, 6), ("quantile", 0.6, 1)):
        chosen = [{"name": "count_delays", "value": how}, {"name": "delay_quantile", "value": str(quantile)}]
        again = planned({**rows, "settings": rows["settings"] + chosen})
        assert taken(again) == {"build": month(ready)}


def test_a_risk_of_delay_counts_for_its_option_its_site_or_all() -> None:
    for target, ready in (("build", 2), ("p", 2), ("*", 2), ("other", 0)):
        risk = {"risk": "r", "kind": "delay", "target": target, "distribution": "uniform", "parameters": "1;3"}
        assert taken(planned(straight(4, **line(latest=month(0)), risks=[risk]))) == {"build": month(ready)}


@settings(max_examples=20, derandomize=True)
@given(
    st.sampled_from(["bernoulli", "uniform", "triangular", "normal"]), st.lists(st.floats(0, 9), min_size=3, max_size=3)
)
def test_the_mean_of_a_delay_is_that_of_its_quantiles(distribution: str, numbers: list[float]) -> None:
    low, likely, high = sorted(numbers)
    given_numbers = {"bernoulli": [low / 9], "uniform": [low, high], "triangular": [low, likely, high],
                     "normal": [high + 9, likely / 9]}[distribution]  # fmt: skip
    steps = (np.arange(4000) + 0.5) / 4000
    mean = float(np.mean([held_up(distribution, given_numbers, 6.0, float(q)) for q in steps]))
    assert held_up(distribution, given_numbers, 6.0, None) == pytest.approx(mean, abs=0.01)


# use -----------------------------------------------------------------------------------------------------------------


def test_a_least_use_makes_a_line_work_for_stock_and_a_low_one_changes_nothing() -> None:
    rows = straight(**standing())
    rows["demand"] = [{**row, "quantity": q} for row, q in zip(rows["demand"], (2.0, 0.0, 18.0), strict=True)]
    free = planned(rows)
    for least in (0.1, 0.5):
        rows["resources"][0]["min_use_share"] = least
        found = planned(rows)
        assert found.capacity["use_share"].min() >= least - 1e-9  # type: ignore[operator]
        assert worth(found) == pytest.approx(worth(free))
    rows["settings"] = [{**row, "value": "0.5" if row["name"] == "holding_per_year" else row["value"]}
                        for row in rows["settings"]]  # fmt: skip
    del rows["resources"][0]["min_use_share"]
    assert worth(planned({**rows, "resources": [{**rows["resources"][0], "min_use_share": 0.9}]})) < worth(
        planned(rows)
    )


def test_a_line_rests_in_a_month_in_which_it_would_run_too_little() -> None:
    rows = straight(**standing(min_run_share=0.6))
    rows["demand"] = [{**row, "quantity": q} for row, q in zip(rows["demand"], (10.0, 0.0, 1.0), strict=True)]
    found = planned(rows)
    assert found.production.select("period", "good").rows() == [(0, 10.0)], "6 packs for one want would be a loss"
    rows["resources"][0]["min_run_share"] = 0.1
    assert found.production.height < planned(rows).production.height


def test_no_more_of_the_hours_are_used_than_may_be() -> None:
    found = planned(straight(**standing(max_use_share=0.7)))
    assert found.production["hours"].to_list() == pytest.approx([7.0] * 3)
    found = planned(straight(**standing(hours_per_month=100.0, max_use_share=0.7)))
    assert found.production["hours"].to_list() == pytest.approx([10.0] * 3)


# the machinery -------------------------------------------------------------------------------------------------------


@settings(max_examples=20, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_no_strong_row_is_broken_by_the_best_plan_in_stages(r: random.Random) -> None:
    rows = stage_rows(r)
    for resource in rows["resources"]:
        resource.pop("min_use_share", None)
    net = expand(chain_of(rows))
    model = build(net)
    strategy = Strategy(Strengthener(net, model).broken, Branching(model), Rounding(net))
    best = solve(model, strategy, Limits(gap=1e-9), lambda _: True).values
    draw = np.random.default_rng(r.randrange(1000))
    upper = np.where(np.isfinite(model.upper), model.upper, 50.0)
    for _ in range(10):
        found = strategy.strengthen(draw.random(upper.size) * upper * draw.integers(0, 2, upper.size))
        assert np.all(found.matrix @ best <= found.upper + 1e-6 * (abs(found.matrix) @ abs(best) + 1.0))


@settings(max_examples=20, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_rounded_starts_keep_conditions_budgets_and_exclusions(r: random.Random) -> None:
    net = expand(chain_of(stage_rows(r)))
    model, rounding = build(net), Rounding(net)
    start = model.columns["start"]
    draw = np.random.default_rng(r.randrange(1000))
    for _ in range(5):
        values = np.zeros(model.cost.size)
        values[start.ids] = rounding(draw.random(start.size))
        sums = model.matrix @ values
        for name in ("required", "excluded", "budget"):
            ids = model.rows[name].ids
            assert np.all(sums[ids] <= model.row_upper[ids] * (1 + 1e-9) + 1e-9), name


def test_the_check_tells_what_stages_cannot_mean() -> None:
    rows = straight(**standing(), closures=closure(latest=dt.date(2020, 1, 1)))
    rows["risks"] = [
        {"risk": "a", "kind": "delay", "target": "nobody", "distribution": "poisson"},
        {"risk": "b", "kind": "delay", "target": "p", "distribution": "triangular", "parameters": "3;2;1"},
    ]
    told = {(finding.table, finding.column) for finding in check(chain_of(rows))}
    assert {("closures", "earliest"), ("risks", "target"), ("risks", "distribution"), ("risks", "parameters")} <= told
    assert not any(
        finding.table in ("closures", "risks") for finding in check(chain_of(straight(closures=[], risks=[])))
    )
