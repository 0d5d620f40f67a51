"""Warehouse location by prices: cuts never lie above the cost, and plans are the best of all subsets."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from tests.scripts import script

import cellroad.plan.solving.solve as solving
from cellroad import Chain
from cellroad.plan import planning
from cellroad.plan.kernel import Model
from cellroad.plan.planning import plan
from cellroad.plan.solving.location import fewest, location, prices

CASES = script("benchmarks/orlib_cap.py")


@st.composite
def instances(draw: st.DrawFn):  # type: ignore[no-untyped-def]
    numbers = np.random.default_rng(draw(st.integers(0, 10**6)))
    plants, markets = draw(st.integers(2, 5)), draw(st.integers(2, 6))
    demand = numbers.integers(1, 30, markets).astype(float)
    most = numbers.integers(10, 60, plants).astype(float)
    most *= max(1.0, np.ceil(1.2 * demand.sum() / most.sum()))
    cost = numbers.integers(1, 40, (markets, plants)) * demand[:, None]
    return CASES.Instance("case", most, numbers.integers(20, 900, plants).astype(float), demand, cost.astype(float))


def costs(case) -> dict[tuple[int, ...], float]:  # type: ignore[no-untyped-def]
    """Return what serving everything costs with every subset of plants open; infinite where they are too few."""
    markets, plants = case.cost.shape
    unit, found = case.cost / case.demand[:, None], {}
    for opened in itertools.product((0, 1), repeat=plants):
        if case.capacity @ np.array(opened) < case.demand.sum():
            found[opened] = np.inf
            continue
        serve = np.kron(np.eye(markets), np.ones(plants))
        make = np.kron(np.ones(markets), np.eye(plants))
        told = linprog(
            unit.ravel(), A_ub=make, b_ub=case.capacity * np.array(opened), A_eq=serve, b_eq=case.demand
        )  # fmt: skip
        found[opened] = float(told.fun + case.fixed @ np.array(opened))
    return found


def model_of(chain: Chain) -> Model:
    """Return the model that a plan of a chain hands to the solver."""
    kept: list[Model] = []

    class EnoughError(Exception):
        pass

    def keep(model: Model, *_: object, **__: object) -> None:
        kept.append(model)
        raise EnoughError

    before = planning.solve
    planning.solve = keep  # type: ignore[assignment]
    try:
        with pytest.raises(EnoughError):
            plan(chain)
    finally:
        planning.solve = before
    return kept[0]


@settings(max_examples=15, deadline=None, derandomize=True)
@given(instances())
def test_cuts_lie_below_the_cost_of_every_subset_and_the_best_reaches_the_relaxation(case) -> None:  # type: ignore[no-untyped-def]
    found = location(model_of(CASES.to_chain(case)))
    assert found is not None
    assert sorted(found.most) == sorted(case.capacity) and sorted(found.demand) == sorted(case.demand)
    assert sorted(found.opening) == pytest.approx(sorted(case.fixed))
    known = costs(case)
    best = min(known.values())
    cuts, order = prices(found), found.start  # plants are told in the order of their names
    for opened, cost in known.items():
        y = np.zeros(order.size)
        y[:] = np.array(opened, dtype=float)
        told = (cuts.constant + cuts.slope @ y).max()
        assert told <= cost * (1 + 1e-9) + 1e-6
    assert 0 < fewest(found) <= min(sum(opened) for opened, cost in known.items() if cost <= best * (1 + 1e-9))


@settings(max_examples=12, deadline=None, derandomize=True)
@given(instances())
def test_a_plan_by_prices_is_the_best_of_all_subsets(case) -> None:  # type: ignore[no-untyped-def]
    before = solving.CUT_FROM
    solving.CUT_FROM = 0  # so that so small a case is cut at all
    try:
        solution = plan(CASES.to_chain(case), gap=1e-7, time_limit=30).solution
    finally:
        solving.CUT_FROM = before
    best = min(costs(case).values())
    assert -solution.objective_usd == pytest.approx(best, rel=1e-6)
    assert -solution.bound_usd <= best * (1 + 1e-6)
    assert solution.gap <= 1e-6


def test_a_chain_that_is_more_than_a_location_is_told_apart() -> None:
    import cellroad as cr

    assert location(model_of(cr.load("casip"))) is None


def test_a_file_that_leaves_the_capacity_open_is_read_with_one(tmp_path: Path) -> None:
    path = tmp_path / "capx.txt"
    path.write_text("2 1\ncapacity 7.5\ncapacity 8.5\n4\n1.0 2.0\n")
    assert CASES.open_capacity(path)
    with pytest.raises(ValueError, match="say one"):
        CASES.read_cap(path)
    case = CASES.read_cap(path, 5000)
    assert case.capacity.tolist() == [5000, 5000] and case.fixed.tolist() == [7.5, 8.5]
    assert case.cost.tolist() == [[1.0, 2.0]]
