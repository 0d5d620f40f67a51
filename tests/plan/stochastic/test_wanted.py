"""Bounds by what is wanted leave some best solution, and say what no row says."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.plan.stochastic import Programme
from cellroad.plan.stochastic.programme import HopelessError, Solver
from cellroad.plan.stochastic.wanted import wanted


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_a_best_solution_stays(seed: int) -> None:
    numbers = np.random.default_rng(seed)
    columns, rows = 6, 5
    matrix = numbers.integers(-3, 4, (rows, columns)) * (numbers.random((rows, columns)) < 0.6)
    inside = numbers.integers(0, 4, columns)
    slack = numbers.choice([0.0, 1.0, 3.0, np.inf], (2, rows), p=[0.15, 0.25, 0.2, 0.4])
    programme = Programme(
        cost=numbers.integers(-1, 6, columns).astype(float),
        lower=numbers.choice([0.0, 0.0, -1.0, -np.inf], columns),
        upper=np.maximum(inside, numbers.choice([3.0, 9.0, np.inf], columns)),
        whole=numbers.random(columns) < 0.5,
        row_lower=matrix @ inside - slack[0],
        row_upper=matrix @ inside + slack[1],
        matrix=sp.csr_array(matrix.astype(float)),
    )
    try:
        before = Solver(programme).run().cost
    except HopelessError:
        return
    tight = wanted(programme)
    assert np.all(tight.upper <= programme.upper) and np.all(tight.lower == programme.lower)
    assert Solver(tight).run().cost == pytest.approx(before, abs=1e-4)  # the solver keeps rows within 1e-6


def test_what_is_bought_is_at_most_what_is_wanted_through_a_stock() -> None:
    """Two demands of 7 and 5 from one purchase of at most 100 * open: nobody buys more than 12."""
    # columns: to first, to second, bought, open
    matrix = sp.csr_array(np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [1, 1, -1, 0], [0, 0, 1, -100]]))
    programme = Programme(
        np.array([1.0, 1.0, 2.0, 50.0]), np.zeros(4), np.array([np.inf, np.inf, np.inf, 1.0]),
        np.array([False, False, False, True]), np.array([7.0, 5.0, -np.inf, -np.inf]),
        np.array([np.inf, np.inf, 0.0, 0.0]), matrix,
    )  # fmt: skip
    assert wanted(programme).upper.tolist() == [7, 5, 12, 1]
