"""Quantiles in memory that does not grow."""

import numpy as np
import pytest

from cellroad.plan.stress.quantiles import Quantiles

SHARES = [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999]


@pytest.mark.parametrize("order", ["random", "rising", "falling", "two humps"])
def test_a_quantile_is_off_by_no_more_ranks_than_stated(order: str) -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=40_000)
    values = {"rising": np.sort(values), "falling": -np.sort(values), "random": values}.get(
        order, np.where(np.arange(40_000) % 5 == 0, values * 1e6, values - 9)
    )
    kept = Quantiles(2, size=64)
    for part in np.array_split(values, 333):
        kept.add(np.column_stack([part, -part]))
    ranked = np.sort(values)
    for share, (up, down) in zip(SHARES, kept.at(SHARES), strict=True):
        wanted = share * values.size
        assert np.searchsorted(ranked, up, "left") <= wanted + kept.error
        assert np.searchsorted(ranked, up, "right") >= wanted - kept.error - 1
        assert abs(np.searchsorted(np.sort(-values), down) - wanted) <= kept.error + 1
    levels = np.ceil(np.log2(values.size / 64))
    assert kept.rank_error <= levels / (2 * 64)
    assert sum(level is not None for level in kept._levels) <= levels + 1


def test_quantiles_are_exact_while_the_numbers_fit() -> None:
    values = np.random.default_rng(1).normal(size=(1999, 1))
    kept = Quantiles(1)
    kept.add(values)
    assert kept.error == 0
    assert np.array_equal(kept.at(SHARES), np.quantile(values, SHARES, axis=0, method="inverted_cdf"))
    assert kept.tail_mean(0.1)[0] == pytest.approx(_tail(values[:, 0], 0.1))


def _tail(values: np.ndarray, share: float) -> float:
    ranked, most = np.sort(values), share * values.size
    whole = int(most)
    return float((ranked[:whole].sum() + (most - whole) * ranked[whole]) / most)


def test_the_mean_of_a_tail_is_near_that_of_all_numbers() -> None:
    values = np.random.default_rng(2).normal(size=60_000)
    kept = Quantiles(1, size=512)
    for part in np.array_split(values, 50):
        kept.add(part[:, None])
    assert kept.tail_mean(0.05)[0] == pytest.approx(_tail(values, 0.05), abs=0.02)
