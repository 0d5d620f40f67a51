"""Proposals of mixtures on surfaces that are known."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from cellroad.chain.finding import ChainError
from cellroad.engineering.roadmap.experiments import _improvement, first, propose

WIDE = {"sulfide": (0.0, 1.0), "oxide": (0.0, 1.0), "polymer": (0.0, 1.0)}


def surface(shares: np.ndarray) -> np.ndarray:
    """Scheffe's special cubic of three components: a ridge between two, and a loss where all three meet."""
    a, b, c = shares.T
    return np.asarray(3 * a + 2 * b + c + 7 * a * b + 2 * a * c - 4 * b * c - 12 * a * b * c)


def grid(step: int = 200) -> np.ndarray:
    pairs = [(i / step, j / step) for i in range(step + 1) for j in range(step + 1 - i)]
    return np.array([(a, b, 1 - a - b) for a, b in pairs])


@pytest.mark.parametrize("seed", [1, 2])
def test_twenty_experiments_come_within_a_hundredth_of_the_best_and_chance_does_not(seed: int) -> None:
    best, worst = surface(grid()).max(), surface(grid()).min()
    tried = first(WIDE, 6, seed=seed)
    tried = tried.with_columns(result=surface(tried.to_numpy()))
    for number in range(7):
        new = propose(tried, WIDE, "result", count=2, seed=seed + number).select(list(WIDE))
        tried = pl.concat([tried, new.with_columns(result=surface(new.to_numpy()))])
    found = tried["result"].max()
    by_chance = surface(np.random.default_rng(seed).dirichlet(np.ones(3), (200, 20)).reshape(-1, 3)).reshape(200, 20)
    assert best - found <= 0.01 * (best - worst)  # type: ignore[operator]
    assert np.median(best - by_chance.max(axis=1)) > best - found  # type: ignore[operator]


@settings(max_examples=25, derandomize=True)
@given(st.floats(-3, 3), st.floats(0.05, 2), st.floats(-3, 3))
def test_the_expected_improvement_is_its_integral(mean: float, deviation: float, best: float) -> None:
    exact, _ = quad(lambda y: (y - best) * norm.pdf(y, mean, deviation), best, max(best, mean) + 12 * deviation)
    found = _improvement(np.array([mean]), np.array([deviation]), best)
    assert found[0] == pytest.approx(exact, abs=1e-7)


@settings(max_examples=15, derandomize=True)
@given(st.lists(st.tuples(st.floats(0, 0.3), st.floats(0.35, 1)), min_size=2, max_size=5), st.integers(0, 99))
def test_mixtures_add_up_to_one_within_their_bounds(bounds: list[tuple[float, float]], seed: int) -> None:
    components = {f"c{n}": bound for n, bound in enumerate(bounds)}
    least, most = (sum(bound[side] for bound in bounds) for side in (0, 1))
    if not least <= 1 <= most:
        with pytest.raises(ChainError):
            first(components, 3, seed=seed)
        return
    rows = first(components, 5, seed=seed).to_numpy()
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-9)
    for share, (low, high) in zip(rows.T, bounds, strict=True):
        assert (share >= low - 1e-9).all() and (share <= high + 1e-9).all()


def test_proposals_hang_on_their_seed_and_say_how_sure_they_are() -> None:
    tried = first(WIDE, 8).with_columns(result=pl.lit(0.0))
    tried = tried.with_columns(result=surface(tried.select(list(WIDE)).to_numpy()))
    one, same = (propose(tried, WIDE, "result", count=3, seed=5) for _ in range(2))
    assert one.equals(same)
    assert (one["low"] <= one["mean"]).all() and (one["mean"] <= one["high"]).all() and (one["improvement"] >= 0).all()
    np.testing.assert_allclose(one.select(pl.sum_horizontal(*WIDE)).to_series(), 1, atol=1e-9)


def test_everything_wrong_is_told_at_once() -> None:
    tried = pl.DataFrame({"sulfide": [0.5], "oxide": [0.2], "polymer": [0.2], "result": [1.0]})
    with pytest.raises(ChainError) as told:
        propose(tried, {**WIDE, "polymer": (0.4, 0.2)}, "result")
    assert {(f.table, f.column) for f in told.value.findings} == {("tried", ""), ("components", "polymer")}
    assert len(told.value.findings) == 3
    with pytest.raises(ChainError, match="no such column"):
        propose(tried, WIDE, "density")
    with pytest.raises(ValueError, match="at least one"):
        propose(tried, WIDE, "result", count=0)
