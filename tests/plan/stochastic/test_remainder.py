"""A scenario without its shared decisions costs what it costs with them fixed, and its cuts hold elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.plan.stochastic import Programme
from cellroad.plan.stochastic.programme import Solver
from cellroad.plan.stochastic.recourse import Recourse, Scenario
from cellroad.plan.stochastic.remainder import Remainder

OWN, LINKS = 5, 3


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """Rows of many columns, rows of one own column and links (of either sign, both ends, equalities), rows of links."""
    numbers = np.random.default_rng(draw(st.integers(0, 10**6)))
    rows, low, high = [], [], []
    inside, at = numbers.uniform(0, 3, OWN), numbers.uniform(0, 1, LINKS)  # a point that every row allows
    for kind in ["many"] * 3 + ["single"] * 5 + ["links"]:
        row = np.zeros(OWN + LINKS)
        if kind == "many":
            row[:OWN] = numbers.integers(-3, 4, OWN)
        if kind == "single":
            row[numbers.integers(OWN)] = numbers.choice([-2.0, 1.0, 3.0])
        if kind != "many" or numbers.random() < 0.5:
            row[OWN:] = numbers.integers(-4, 5, LINKS)
        value = row @ np.concatenate([inside, at])
        slack = (
            numbers.choice([0.0, 0.5, 2.0, np.inf], 2) if kind != "single" else numbers.choice([0.3, 1.0, np.inf], 2)
        )
        rows.append(row)
        low.append(value - slack[0])
        high.append(value + slack[1])
    return Programme(
        cost=numbers.integers(-5, 9, OWN + LINKS).astype(float),
        lower=np.zeros(OWN + LINKS),
        upper=np.concatenate([np.full(OWN, 4.0), np.ones(LINKS)]),
        whole=np.zeros(OWN + LINKS, dtype=bool),
        row_lower=np.array(low),
        row_upper=np.array(high),
        matrix=sp.csr_array(np.array(rows)),
        offset=1.5,
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(programmes(), st.integers(0, 10**6))
def test_cost_is_that_of_the_whole_programme_and_cuts_hold_everywhere(programme: Programme, seed: int) -> None:
    links = OWN + np.arange(LINKS)
    recourse, fixed = Recourse(Scenario(programme, links)), Solver(programme)
    numbers = np.random.default_rng(seed)
    points = [numbers.uniform(0, 1, LINKS) for _ in range(6)]
    costs = []
    for x in points:
        fixed.fix(links, x)
        costs.append(fixed.run().cost)
    for x, cost in zip(points, costs, strict=True):
        cut = recourse.cut(x)
        if not np.isfinite(cost):
            assert not cut.feasible
            assert cut.constant + cut.slope @ x > 0
            for other, known in zip(points, costs, strict=True):
                assert not np.isfinite(known) or cut.constant + cut.slope @ other <= 1e-6
            continue
        assert cut.feasible and cut.value == pytest.approx(cost, abs=1e-6)
        found, _, values = recourse.evaluate(x, np.inf)
        assert values is not None and programme.value(values) == pytest.approx(found)
        total = programme.matrix @ values
        assert np.all(total >= programme.row_lower - 1e-6) and np.all(total <= programme.row_upper + 1e-6)
        for other, known in zip(points, costs, strict=True):
            assert cut.constant + cut.slope @ other <= known + 1e-6


@settings(max_examples=20, deadline=None, derandomize=True)
@given(programmes(), st.integers(0, 10**6))
def test_cost_does_not_depend_on_the_unit_of_money(programme: Programme, seed: int) -> None:
    """Dollars counted in hundreds of millions are below what a solver takes for zero."""
    links, x = OWN + np.arange(LINKS), np.random.default_rng(seed).uniform(0, 1, LINKS)
    coarse = replace(programme, cost=programme.cost * 1e-8, offset=programme.offset * 1e-8)
    cuts = [Recourse(Scenario(p, links)).cut(x) for p in (programme, coarse)]
    assert cuts[0].feasible == cuts[1].feasible
    if cuts[0].feasible:
        assert cuts[1].value * 1e8 == pytest.approx(cuts[0].value, abs=1e-6)


def test_rows_of_one_column_are_no_rows_any_more() -> None:
    """Strong rows y <= demand * open become bounds: only the balance is left."""
    matrix = sp.csr_array(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, -7.0], [0.0, 1.0, -5.0]]))
    programme = Programme(
        np.array([2.0, 3.0, 10.0]), np.zeros(3), np.array([9.0, 9.0, 1.0]), np.zeros(3, dtype=bool),
        np.array([4.0, -np.inf, -np.inf]), np.array([np.inf, 0.0, 0.0]), matrix,
    )  # fmt: skip
    remainder = Remainder(programme, np.array([2]))
    assert (remainder.solver.rows, remainder.solver.columns) == (1, 2)
    found = remainder.at(np.array([0.5]))  # 3.5 of the first at 2, 0.5 of the second at 3, half opened
    assert found.cost == pytest.approx(7 + 1.5 + 5)
    assert found.slope == pytest.approx([10 + 7 * (2 - 3)])  # more of the first replaces the second
