"""The search loses no plan: against brute force on bare programmes, and against a general solver on random chains."""

import itertools
import random
from collections.abc import Set

import highspy
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from tests.plan.tiny import chain_of, random_rows

from cellroad.plan.kernel import Model
from cellroad.plan.model import build
from cellroad.plan.network.network import expand
from cellroad.plan.solving.branching import Branching
from cellroad.plan.solving.rounding import Rounding
from cellroad.plan.solving.search import Found, search
from cellroad.plan.solving.solve import Strategy, solve
from cellroad.plan.solving.strong import Rows, Strengthener
from cellroad.plan.solving.watching import Limits, Outcome

steady = settings(max_examples=25, derandomize=True)


class Pick:
    """Decides the first column that is not whole, or not decided."""

    def __init__(self, columns: int) -> None:
        self.columns = columns

    def __call__(self, values: np.ndarray) -> int | None:
        broken = np.flatnonzero(np.abs(values[: self.columns] - np.round(values[: self.columns])) > 1e-6)
        return int(broken[0]) if broken.size else None

    def undecided(self, values: np.ndarray, decided: Set[int]) -> int | None:
        return next((n for n in range(self.columns) if n not in decided), None)


def small_programme(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, int]:
    """Return (cost, rows <= , right, whole columns to search, whole columns to settle) of a random programme."""
    draw = np.random.default_rng(seed)
    searched, settled, free = (int(n) for n in draw.integers([1, 0, 1], [5, 3, 4]))
    columns = searched + settled + free
    rows = draw.integers(-3, 6, (int(draw.integers(2, 5)), columns)).astype(float)
    return (
        draw.integers(-9, 10, columns).astype(float),
        rows,
        draw.integers(1, 9, len(rows)).astype(float),
        searched,
        settled,
    )


@pytest.mark.parametrize("seed", range(60))
def test_the_search_finds_what_trying_everything_finds(seed: int) -> None:
    cost, rows, right, searched, settled = small_programme(seed)
    whole = searched + settled

    def fixed(values: tuple[float, ...]) -> tuple[float, np.ndarray] | None:
        bounds = [(v, v) for v in values] + [(0.0, 1.0)] * (whole - len(values)) + [(0.0, 2.0)] * (cost.size - whole)
        found = linprog(cost, A_ub=rows, b_ub=right, bounds=bounds, method="highs")
        return (float(found.fun), np.asarray(found.x)) if found.status == 0 else None

    tried = [fixed(values) for values in itertools.product([0.0, 1.0], repeat=whole)]
    best = min(found[0] for found in tried if found)  # nothing at all is always possible: right sides are positive

    def settle(_cost: float, values: np.ndarray, _to_beat: float) -> Found:
        start = tuple(np.round(values[:searched]))
        plans = [fixed(start + rest) for rest in itertools.product([0.0, 1.0], repeat=settled)]
        usd, x = min((plan for plan in plans if plan), key=lambda plan: plan[0], default=(np.inf, None))
        return Found(usd, x, usd, 0)

    highs = relaxation(cost, rows, right, whole)
    found = search(highs, np.arange(searched), Pick(searched), lambda *_: None, settle, 1e-9, lambda _: True)
    assert found.cost == pytest.approx(best, abs=1e-6)
    assert found.bound <= found.cost + 1e-9
    assert found.bound == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("stop_after", [1, 2, 5])
@pytest.mark.parametrize("seed", range(20))
def test_a_search_that_is_stopped_tells_a_bound_that_holds(seed: int, stop_after: int) -> None:
    cost, rows, right, searched, settled = small_programme(seed)
    whole = searched + settled
    limits = Bounds(np.zeros(cost.size), np.where(np.arange(cost.size) < whole, 1.0, 2.0))
    integral = np.arange(cost.size) < searched
    best = milp(cost, constraints=LinearConstraint(rows, -np.inf, right), bounds=limits, integrality=integral).fun
    seen: list[Found] = []

    def report(found: Found) -> bool:
        seen.append(found)
        return len(seen) < stop_after

    def settle(usd: float, values: np.ndarray, _to_beat: float) -> Found:
        return Found(usd, values, usd, 0)

    highs = relaxation(cost, rows, right, whole)
    found = search(highs, np.arange(searched), Pick(searched), lambda *_: None, settle, 1e-9, report)
    assert len(seen) <= stop_after
    for state in [*seen, found]:
        assert state.bound <= best + 1e-6 <= state.cost + 2e-6


def relaxation(cost: np.ndarray, rows: np.ndarray, right: np.ndarray, whole: int) -> highspy.Highs:
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = cost.size, right.size
    lp.col_cost_, lp.col_lower_ = cost, np.zeros(cost.size)
    lp.col_upper_ = np.where(np.arange(cost.size) < whole, 1.0, 2.0)
    lp.row_lower_, lp.row_upper_ = np.full(right.size, -highspy.kHighsInf), right
    matrix = sp.csr_array(rows)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    highs.passModel(lp)
    return highs


def by_general_solver(model: Model) -> float:
    """Return the net present value that a general solver finds for a model with its starts and orders whole."""
    whole = np.zeros(model.cost.size)
    for block in ("start", "order"):
        whole[model.columns[block].ids] = 1
    found = milp(
        model.cost, constraints=LinearConstraint(model.matrix, model.row_lower, model.row_upper),
        bounds=Bounds(model.lower, model.upper), integrality=whole, options={"mip_rel_gap": 1e-9},
    )  # fmt: skip
    assert found.status == 0
    return model.offset - float(found.fun)


def solved(r: random.Random) -> tuple[Outcome, Outcome, float]:
    """Return a chain's outcome with strong rows and without, and what a general solver finds."""
    net = expand(chain_of(random_rows(r)))
    model = build(net)
    nothing = Rows(sp.csr_array((0, model.cost.size)), np.zeros(0))
    limits = Limits(gap=1e-9)
    strong, weak = (
        solve(model, Strategy(rows, Branching(model), Rounding(net)), limits, lambda _: True)
        for rows in (Strengthener(net, model).broken, lambda _: nothing)
    )
    return strong, weak, by_general_solver(model) if model.matrix.nnz else model.offset


@steady
@given(st.randoms(use_true_random=False))
def test_strong_rows_never_cut_off_the_best_plan(r: random.Random) -> None:
    strong, weak, best = solved(r)
    assert strong.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert weak.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    for outcome in (strong, weak):
        assert outcome.bound >= outcome.objective
        assert outcome.bound >= best - 1e-6 * max(abs(best), 1.0)


@pytest.mark.parametrize("seed", range(12))
def test_where_the_general_solver_goes_on_it_finds_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cellroad.plan.solving.solve.PATIENCE", 1)
    strong, weak, best = solved(random.Random(seed))
    for outcome in (strong, weak):
        assert outcome.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
        assert outcome.bound >= max(outcome.objective, best - 1e-6 * max(abs(best), 1.0))


@steady
@given(st.randoms(use_true_random=False))
def test_no_strong_row_is_broken_by_the_best_plan(r: random.Random) -> None:
    """Rows are asked for at random points, where many more of them are broken than on the way of a solve."""
    net = expand(chain_of(random_rows(r)))
    model = build(net)
    strategy = Strategy(Strengthener(net, model).broken, Branching(model), Rounding(net))
    best = solve(model, strategy, Limits(gap=1e-9), lambda _: True).values
    draw = np.random.default_rng(r.randrange(1000))
    upper = np.where(np.isfinite(model.upper), model.upper, 50.0)
    for _ in range(10):
        rows = strategy.strengthen(draw.random(upper.size) * upper * draw.integers(0, 2, upper.size))
        assert np.all(rows.matrix @ best <= rows.upper + 1e-6 * (abs(rows.matrix) @ abs(best) + 1.0))


@steady
@given(st.randoms(use_true_random=False))
def test_rounded_starts_keep_every_rule_of_the_model(r: random.Random) -> None:
    net = expand(chain_of(random_rows(r)))
    model, rounding = build(net), Rounding(net)
    start = model.columns["start"]
    draw = np.random.default_rng(r.randrange(1000))
    rules = [model.rows[name].ids for name in ("open", "required")]
    opened = model.columns["open"]
    for _ in range(5):
        values = np.zeros(model.cost.size)
        values[start.ids] = rounding(draw.random(start.size))
        assert set(values[start.ids]) <= {0.0, 1.0}
        sums = model.matrix @ values
        assert np.all(np.isin(sums[rules[0]], (0.0, 1.0))), "an undertaking or group is started twice"
        assert np.all(sums[rules[1]] <= 1e-9), "an option works before the one it requires"
    assert opened.size == rules[0].size
