"""Why is there no plan? Each rule of the clash is needed for it, and nothing cheaper than the way out would do."""

import random

import numpy as np
import polars as pl
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from tests.plan.tiny import chain_of, line, random_rows, straight

from cellroad.plan.kernel import Model
from cellroad.plan.model import build
from cellroad.plan.network.network import Network, expand
from cellroad.plan.planning import NoPlanError, plan
from cellroad.plan.why.case import Condition, with_rows
from cellroad.plan.why.infeasible import DEFINED, _candidates, _filtered, clash_of, why_infeasible

TINY = settings(derandomize=True)


def demanding(r: random.Random) -> tuple[Network, Model] | None:
    """Draw a model that must sell, buy or make more than it can."""
    net = expand(chain_of(random_rows(r)))
    model = build(net)
    conditions = []
    for _ in range(r.choice([1, 2])):
        block = model.columns[r.choice(["sell", "buy", "make"])]
        if not block.size:
            return None
        columns = np.array(sorted(r.sample(list(block.ids), r.randint(1, min(3, block.size)))))
        conditions.append(Condition(columns, np.ones(columns.size), float(r.choice([5, 50, 5000])), np.inf))
    return net, with_rows(model, "asked", conditions)


def solvable(model: Model, rows: set[tuple[int, str]], columns: set[tuple[int, str]]) -> bool:
    """Say whether some sides of rows and some bounds can be kept together, by scipy."""
    low = np.array([model.row_lower[r] if (r, "at least") in rows else -np.inf for r in range(model.row_lower.size)])
    high = np.array([model.row_upper[r] if (r, "at most") in rows else np.inf for r in range(model.row_upper.size)])
    lower = np.array([model.lower[c] if (c, "at least") in columns else 0.0 for c in range(model.cost.size)])
    upper = np.array([model.upper[c] if (c, "at most") in columns else np.inf for c in range(model.cost.size)])
    above, below = np.isfinite(high), np.isfinite(low)
    found = linprog(
        np.zeros(lower.size), A_ub=sp.vstack([model.matrix[above], -model.matrix[below]]),
        b_ub=np.concatenate([high[above], -low[below]]), bounds=np.column_stack([lower, upper]), method="highs-ds",
    )  # fmt: skip
    return bool(found.status == 0)


@settings(TINY, max_examples=12)
@given(st.randoms(use_true_random=False))
def test_the_clash_cannot_be_kept_and_all_but_one_of_it_can(r: random.Random) -> None:
    drawn = demanding(r)
    if drawn is None:
        return
    net, model = drawn
    candidates = _candidates(model)
    if candidates is None:
        assert clash_of(net, model).clash.is_empty()
        return
    rows, columns = (set(part) for part in _filtered(model, *candidates))
    assert not solvable(model, rows, columns)
    for member in rows:
        assert solvable(model, rows - {member}, columns)
    for member in columns:
        assert solvable(model, rows, columns - {member})
    told = clash_of(net, model)
    assert told.clash.height == len(rows) + len(columns)
    assert "asked" in told.clash["rule"].to_list()


@settings(TINY, max_examples=8)
@given(st.randoms(use_true_random=False))
def test_the_way_out_costs_what_another_solver_finds_and_opens_a_plan(r: random.Random) -> None:
    drawn = demanding(r)
    if drawn is None:
        return
    net, model = drawn
    prices = {name: float(r.randint(1, 9)) for name in model.rows if name not in DEFINED}
    told = clash_of(net, model, prices)
    soft = [(row, side, prices[name]) for name, block in model.rows.items() if name not in DEFINED for row in block.ids
            for side, limit in (("at least", model.row_lower[row]), ("at most", model.row_upper[row]))
            if np.isfinite(limit)]  # fmt: skip
    count = len(soft)
    slack = sp.coo_array(
        ([1.0 if side == "at least" else -1.0 for _, side, _ in soft], ([row for row, _, _ in soft], range(count))),
        shape=(model.row_lower.size, count),
    )
    cost = np.concatenate([np.zeros(model.cost.size), [price for _, _, price in soft]])
    due = milp(
        cost, integrality=np.concatenate([model.whole.astype(int), np.zeros(count)]),
        bounds=Bounds(np.append(model.lower, np.zeros(count)), np.append(model.upper, np.full(count, np.inf))),
        constraints=LinearConstraint(sp.hstack([model.matrix, slack], format="csr"), model.row_lower, model.row_upper),
    )  # fmt: skip
    if due.status != 0:
        assert told.relaxed.is_empty()
        return
    assert told.relaxed["cost"].sum() == pytest.approx(due.fun, rel=1e-5, abs=1e-4)
    assert told.feasible == (due.fun < 1e-9) or told.clash.is_empty()


def test_a_clash_is_told_in_the_words_of_the_tables() -> None:
    rows = straight(**line())
    rows["options"] = []
    rows["resources"][0] |= {"status": "operating", "hours_per_month": 4.0}
    net = expand(chain_of(rows))
    model = build(net)
    sell = model.columns["sell"]
    asked = with_rows(model, "asked", [Condition(sell.ids, np.ones(sell.size), 20.0, np.inf)])
    told = clash_of(net, asked)
    assert set(told.clash.filter(pl.col("rule") == "capacity")["what"]) == {"line"}
    assert told.clash.filter(pl.col("rule") == "capacity").height == 3
    assert "line works no more hours in 2027-01 than it has" in told.text()
    assert told.relaxed["by"].sum() == pytest.approx(8)
    dear = clash_of(net, asked, {"asked": 100.0, "capacity": 1.0})
    assert set(dear.relaxed["rule"]) == {"capacity"}
    assert dear.relaxed["cost"].sum() == pytest.approx(8)


def test_a_chain_with_a_plan_has_nothing_to_tell() -> None:
    told = why_infeasible(chain_of(straight()))
    assert told.feasible
    assert told.text() == "There is a plan: nothing has to give way."
    assert plan(chain_of(straight())).solution.objective_usd > 0


def test_an_error_knows_why() -> None:
    assert NoPlanError("none").why is None
