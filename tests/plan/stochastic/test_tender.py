"""Thresholds of tenders prove what the extensive form proves where recourse is whole and small."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.plan.stochastic import Limits, Problem, Programme, solve
from cellroad.plan.stochastic.tender import thresholds

LIMITS = Limits(gap=1e-7, time_limit=60)


@st.composite
def capacity(draw: st.DrawFn) -> Problem:
    """Buy capacity of resources over periods (a size, and a fixed cost if any), then assign tasks to them or drop them.

    Columns: size and fixed by resource and period, then for every period and task a resource (or none) that does it.
    """
    resources, tasks, periods = draw(st.integers(1, 2)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    count, most = draw(st.integers(2, 5)), draw(st.sampled_from([1.0, 3.0]))
    numbers = np.random.default_rng(draw(st.integers(0, 10**6)))
    shared = 2 * resources * periods
    assign = shared + np.arange(periods * tasks * (resources + 1)).reshape(periods, tasks, resources + 1)
    columns = shared + assign.size
    first = np.concatenate([numbers.uniform(2, 9, shared // 2), numbers.uniform(1, 20, shared // 2)])
    budget = draw(st.booleans())
    programmes, ids = [], []
    for s in range(count):
        rows, low, high = [], [], []
        for i in range(shared // 2):
            row = np.zeros(columns)
            row[i], row[shared // 2 + i] = 1.0, -most
            rows.append(row)
            low.append(-np.inf)
            high.append(0.0)
        if budget:  # not everything can be bought
            row = np.zeros(columns)
            row[shared // 2 : shared] = 1.0
            rows.append(row)
            low.append(-np.inf)
            high.append(max(1, shared // 2 - 1))
        for t in range(periods):
            for r in range(resources):
                row = np.zeros(columns)
                row[assign[t, :, r]] = numbers.uniform(0.4, 1.6, tasks)
                row[[p * resources + r for p in range(t + 1)]] = -1.0
                flip = numbers.random() < 0.5  # the same row, told the other way round
                rows.append(-row if flip else row)
                low.append(0.0 if flip else -np.inf)
                high.append(np.inf if flip else 0.0)
            for j in range(tasks):
                row = np.zeros(columns)
                row[assign[t, j]] = 1.0
                rows.append(row)
                low.append(1.0)
                high.append(1.0)
        cost = np.concatenate([first, numbers.uniform(1, 9, assign.size)])
        cost[assign[:, :, -1]] = numbers.uniform(15, 60, (periods, tasks))
        whole = np.ones(columns, dtype=bool)
        whole[: shared // 2] = False
        upper = np.ones(columns)
        upper[: shared // 2] = np.inf
        programmes.append(
            Programme(
                cost, np.zeros(columns), upper, whole, np.array(low), np.array(high), sp.csr_array(np.array(rows)), 2.0
            )
        )
        ids.append(np.concatenate([np.arange(shared), shared + s * assign.size + np.arange(assign.size)]))
    weight = numbers.integers(1, 6, count).astype(float)
    return Problem(weight / weight.sum(), programmes, ids)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(capacity())
def test_tenders_prove_what_the_extensive_form_proves(problem: Problem) -> None:
    assert thresholds(problem) is not None
    answer, reference = solve(problem, limits=LIMITS), solve(problem, method="extensive", limits=LIMITS)
    assert answer.method == "tender" and answer.status == "optimal"
    assert answer.cost == pytest.approx(reference.cost, rel=1e-6)
    assert answer.bound <= reference.cost * (1 + 1e-7)
    assert answer.values is not None
    for s, programme in enumerate(problem.programmes):  # what is answered keeps every row of every scenario
        values = problem.spread(s, answer.values)
        total = programme.matrix @ values
        assert np.all(total >= programme.row_lower - 1e-5) and np.all(total <= programme.row_upper + 1e-5)
        assert np.all(np.abs(values - np.round(values))[programme.whole] < 1e-5)


@settings(max_examples=5, deadline=None, derandomize=True)
@given(capacity())
def test_a_search_that_is_stopped_tells_a_true_bound(problem: Problem) -> None:
    reference = solve(problem, method="extensive", limits=LIMITS)
    answer = solve(problem, method="tender", limits=LIMITS, watch=lambda progress: progress.rounds < 2)
    assert answer.bound <= reference.cost + 1e-6 <= answer.cost + 2e-6


def test_recourse_of_another_kind_is_told() -> None:
    programme = Programme(
        np.array([1.0, 2.0]), np.zeros(2), np.array([1.0, 5.0]), np.array([True, False]), np.array([1.0]),
        np.array([np.inf]), sp.csr_array(np.array([[1.0, 1.0]])),
    )  # fmt: skip
    problem = Problem(np.full(2, 0.5), [programme] * 2, [np.array([0, 1]), np.array([0, 2])])
    assert thresholds(problem) is None
    with pytest.raises(ValueError, match="small binary parts"):
        solve(problem, method="tender")
