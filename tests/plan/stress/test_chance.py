"""Numbers that depend on where they are used alone."""

from statistics import NormalDist

import numpy as np
import pytest
from scipy import stats
from tests.plan.stress import reference

from cellroad.plan.stress import chance
from cellroad.plan.stress.chance import poisson, quantile, uniform


def key_of(seed: int, draw: int) -> np.uint64:
    return np.uint64(chance.key_of(seed, draw))


def test_numbers_are_spread_evenly_whatever_is_counted() -> None:
    by_step = [uniform(key_of(1, 0), np.uint64(5), 0, step) for step in range(5000)]
    by_draw = [uniform(key_of(1, draw), np.uint64(5), 0, 0) for draw in range(5000)]
    by_name = [uniform(key_of(1, 0), np.uint64(name), 0, 0) for name in range(5000)]
    for drawn in (by_step, by_draw, by_name):
        assert stats.kstest(drawn, "uniform").pvalue > 0.001
        assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.06
    assert abs(np.corrcoef(by_step, by_draw)[0, 1]) < 0.06


def test_normal_numbers_are_the_quantiles_that_the_standard_library_tells() -> None:
    shares = [1e-15, 1e-9, 0.01, 0.3, 0.5, 0.9, 1 - 1e-9]
    assert [quantile(u) for u in shares] == [NormalDist().inv_cdf(u) for u in shares]


@pytest.mark.parametrize("mean", [0.2, 3.0, 150.0])
def test_poisson_numbers_are_quantiles(mean: float) -> None:
    shares = np.linspace(0.001, 0.999, 400)
    assert [poisson(u, mean) for u in shares] == stats.poisson.ppf(shares, mean).tolist()
    assert max(abs(poisson(u, 900.0) - stats.poisson.ppf(u, 900.0)) for u in shares) <= 1


def test_a_second_telling_comes_to_the_same_numbers() -> None:
    key = reference.mixed((reference.mixed(9) + 4) & reference.MASK)
    assert int(key_of(9, 4)) == key
    assert uniform(key_of(9, 4), np.uint64(77), 3, 12) == reference.uniform(key, 77, 3, 12)
