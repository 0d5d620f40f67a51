"""The relaxation kept warm: its optimum, duals and reduced costs against a cold solver of another kind."""

import random

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from tests.plan.tiny import chain_of, random_rows

from cellroad.plan.kernel import Model
from cellroad.plan.model import build
from cellroad.plan.network.network import expand
from cellroad.plan.solving.warm import Warm


def cold(model: Model, cost: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """Return the optimum of the relaxation by scipy on the unscaled model."""
    above, below = np.isfinite(model.row_upper), np.isfinite(model.row_lower)
    matrix = sp.vstack([model.matrix[above], -model.matrix[below]])
    side = np.concatenate([model.row_upper[above], -model.row_lower[below]])
    found = linprog(cost, A_ub=matrix, b_ub=side, bounds=np.column_stack([lower, upper]), method="highs-ipm")
    assert found.status == 0
    return float(found.fun) - model.offset


@given(st.randoms(use_true_random=False))
def test_a_warm_solve_after_any_change_is_what_a_cold_one_finds(r: random.Random) -> None:
    model = build(expand(chain_of(random_rows(r))))
    if not model.matrix.nnz:
        return
    warm, cost, upper = Warm(model), model.cost.copy(), model.upper.copy()
    for _ in range(3):
        columns = np.array([r.randrange(cost.size)])
        cost[columns] = cost[columns] * r.choice([0.5, 1.0, 1.5]) + r.choice([0.0, 1.0])
        warm.cost(columns, cost[columns])
        closed = np.array([r.randrange(cost.size)])
        upper[closed] = np.minimum(upper[closed], max(model.lower[closed][0], r.choice([0.5, 3.0])))
        warm.bounds(closed, model.lower[closed], upper[closed])
        solved, due = warm.solve(), cold_or_none(model, cost, upper)
        assert (solved is None) == (due is None)
        if solved is None or due is None:
            return
        assert solved.cost == pytest.approx(due, rel=1e-6, abs=1e-5)
        assert cost @ solved.values - model.offset == pytest.approx(due, rel=1e-6, abs=1e-5)
        gradient = cost - model.matrix.T @ solved.duals
        assert solved.reduced == pytest.approx(gradient, rel=1e-6, abs=1e-4)


def cold_or_none(model: Model, cost: np.ndarray, upper: np.ndarray) -> float | None:
    try:
        return cold(model, cost, model.lower, upper)
    except AssertionError:
        return None
