"""Out of sample: futures drawn anew are worth what each leaf is, and the gap is what a better first step would add."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.plan.reference_tree import DISCOUNT, tree_rows
from tests.plan.tiny import chain_of, month

from cellroad.chain.chain import Chain
from cellroad.chain.tables import TABLES
from cellroad.plan.planning import NoPlanError, plan
from cellroad.plan.tree.draw import drawn, left_out
from cellroad.plan.tree.nodes import future
from cellroad.plan.tree.trees import plan_tree

CAPEX = 6.0
DRAWS = 24


def chance(big: float, **risk: Any) -> Chain:
    """A line is built in month 0 or never; whether 4 or no packs are wanted is known from month 1."""
    rows: dict[str, list[dict[str, Any]]] = tree_rows(random.Random(1))
    rows["offers"] = [row | {"price_usd": 3.0, "valid_from": month(1)} for row in rows["offers"][1:2]]
    rows["offers"] += [rows["offers"][0] | {"offer": "o2", "valid_from": month(2), "valid_to": None}]
    rows["options"][0] |= {"earliest": month(0), "latest": month(0), "capex_usd": CAPEX}
    rows["processes"][0]["cost_usd"] = rows["lanes"][0]["cost_usd"] = 1.0
    rows["demand"] = [row | {"quantity": 0.0, "price_usd": 15.0, "short_usd": 0.0} for row in rows["demand"]]
    rows["scenarios"] = [
        {"scenario": name, "name": "", "parent": None, "probability": p, "valid_from": month(1)}
        for name, p in (("big", big), ("small", 1 - big))
        if p > 0
    ]
    rows["changes"] = [
        {"scenario": name, "table": "demand", "key": f"p|w|commercial|{month(2)}", "column": "quantity",
         "operation": "set", "value": value}
        for name, value in (("big", "1.2"), ("small", "0.5"))
        if name == "big" or big < 1
    ]  # fmt: skip
    once = {"every": "once"} if "every" in TABLES["risks"].columns() else {}
    rows["risks"] = [{"risk": "r", "target": "*", **once, **risk}] if risk else []
    return chain_of(rows)


def worth(chain: Chain, leaf: int, built: bool) -> float:
    """Return what a leaf is worth by a plan of its own, the line there or not."""
    found = plan_tree(chain, gap=1e-9, measures=False)
    alone = future(chain, found.tree, found.tree.lines[leaf])
    if not built:
        return plan(alone.replace(options=alone.options.clear()), gap=1e-9).solution.objective_usd
    free = alone.replace(options=alone.options.with_columns(capex_usd=0.0))
    return plan(free, gap=1e-9).solution.objective_usd - CAPEX * (1 + DISCOUNT) ** (-31 / 2 / 365.25)


def test_what_is_drawn_is_worth_what_its_leaf_is_and_the_interval_holds_the_mean_of_the_tree() -> None:
    chain = chance(0.7)
    found = plan_tree(chain, gap=1e-9, measures=False)
    assert found.starts.height == 1
    told = found.out_of_sample(samples=12, batches=4, seed=2)
    value = dict(found.leaves.select("scenario", "value_usd").iter_rows())
    assert told.futures["value_usd"].to_list() == pytest.approx([value[leaf] for leaf in told.futures["scenario"]])
    assert told.value_usd == pytest.approx(float(told.futures["value_usd"].mean()))  # type: ignore[arg-type]
    assert told.low_usd <= found.value_usd <= told.high_usd
    assert told.gap_usd <= told.gap_high_usd
    again = found.out_of_sample(samples=12, batches=4, seed=2)
    assert again.futures.equals(told.futures)


def test_the_gap_is_what_the_best_first_step_of_each_batch_would_add() -> None:
    rare, usual = chance(0.02), chance(0.9)
    unbuilt = plan_tree(rare, gap=1e-9, measures=False)
    assert unbuilt.starts.is_empty()
    wrong = dataclasses.replace(unbuilt, chain=usual, tree=plan_tree(usual, gap=1e-9, measures=False).tree)
    told = wrong.out_of_sample(samples=15, batches=5, seed=4)
    better = {leaf: worth(usual, n, True) - worth(usual, n, False) for n, leaf in enumerate(("big", "small"))}
    assert better["big"] > 0 > better["small"]
    gaps = told.futures.with_columns(more=pl.col("scenario").replace_strict(better)).group_by("batch").agg(
        pl.col("more").mean().clip(0.0)
    )  # fmt: skip
    assert told.gap_usd == pytest.approx(float(gaps["more"].mean()), abs=1e-5)  # type: ignore[arg-type]
    assert told.gap_high_usd >= 0.9 * better["big"] + 0.1 * better["small"] > 0


def test_a_factor_on_demand_moves_value_along_a_straight_line_to_the_mean_that_is_known() -> None:
    chain = chance(1.0, kind="demand", distribution="uniform", parameters="0.6;1.4")
    found = plan_tree(chain, gap=1e-9, measures=False)
    told = found.out_of_sample(samples=20, batches=5, seed=1)
    assert told.left_out == ()
    # 1.2 packs on average, all of them made: value is linear in the factor, its mean that of the factor 1
    assert told.low_usd <= found.value_usd <= told.high_usd
    slope = found.value_usd - worth(chance(1.0), 0, False) + CAPEX * (1 + DISCOUNT) ** (-31 / 2 / 365.25)
    factors = (told.futures["value_usd"].to_numpy() - found.value_usd) / slope + 1
    assert factors.min() >= 0.6 - 1e-6 and factors.max() <= 1.4 + 1e-6
    assert factors.std(ddof=1) == pytest.approx(0.8 / np.sqrt(12), rel=0.35)


@pytest.mark.parametrize(
    ("risk", "table", "column", "mean"),
    [
        ({"kind": "price", "distribution": "lognormal", "parameters": "1.5;0.3"}, "offers", "price_usd", 4.5),
        ({"kind": "transit", "distribution": "triangular", "parameters": "1;2;6"}, "lanes", "transit_days", 3.0),
        ({"kind": "yield", "distribution": "uniform", "parameters": "0.8;1"}, "processes", "yield_share", 0.9),
        ({"kind": "delay", "distribution": "bernoulli", "parameters": "0.4", "duration_days": 61.0}, "options",
         "delay_months", 0.4 * 61 / (365.25 / 12)),
        ({"kind": "demand", "distribution": "normal", "parameters": "1.2;0.1"}, "demand", "quantity", 2 * 1.2),
    ],
)  # fmt: skip
def test_draws_have_the_mean_that_their_law_has(risk: dict[str, Any], table: str, column: str, mean: float) -> None:
    chain = chance(0.5, **risk)
    chain = chain.replace(demand=chain.demand.with_columns(quantity=pl.lit(2.0)))
    numbers = np.random.default_rng(0)
    found = [drawn(chain, numbers, month(2)).tables[table][column].to_list()[-1] for _ in range(DRAWS)]
    assert np.mean(found) == pytest.approx(mean, abs=5 * np.std(found) / np.sqrt(DRAWS))
    assert drawn(chain, numbers, None).risks.is_empty()
    before = drawn(chain, numbers, month(2)).demand.filter(pl.col("month") < month(2))
    assert before["quantity"].to_list() == [2.0, 2.0]


def test_what_is_not_drawn_is_told_and_what_cannot_be_an_interval_is_refused() -> None:
    chain = chance(0.5, kind="lane_closure", distribution="poisson", parameters="1", per_year=2.0)
    assert left_out(chain) == ["r"]
    found = plan_tree(chain, gap=1e-9, measures=False)
    with pytest.raises(ValueError, match="two batches"):
        found.out_of_sample(samples=5, batches=1)
    with pytest.raises(NoPlanError, match="two batches"):
        found.out_of_sample(samples=4, batches=2, progress=lambda _: False)
