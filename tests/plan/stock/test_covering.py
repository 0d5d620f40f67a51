"""What stages hold and what demand they see: against integrals, covariances, and the limits where all is certain."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from cellroad.plan.stock.placing import place
from cellroad.plan.stock.pooling import added, pooled, pooled_by_stage
from cellroad.plan.stock.stages import Stages, held


def one(lead: float, spread: float, factor: float = 3.0, swing: float = 2.0, mean: float = 5.0) -> Stages:
    values = (np.array([value]) for value in (lead, spread, 1.0, factor, swing, mean, np.inf))
    return Stages(np.zeros((0, 2), np.int64), np.zeros(0), *values)


@settings(max_examples=25, derandomize=True)
@given(lead=st.floats(1, 30), part=st.floats(0.05, 0.5), quoted=st.floats(-3, 1.4))
def test_stock_for_a_lead_time_that_varies_is_the_integral_over_it(lead: float, part: float, quoted: float) -> None:
    """Humair, Ruark, Tomlin and Willems (2013): moments of max(0, L - q), L normal, worked out numerically."""
    spread, asked = part * lead, quoted * lead
    if asked > lead + 3 * spread:
        return
    law = norm(lead, spread)
    ends = (lead - 12 * spread, lead + 12 * spread)

    def mean_of(of: float, power: int) -> float:
        low, high = (max(asked, ends[0]), ends[1]) if of > 0 else (ends[0], min(asked, ends[1]))
        return quad(lambda x: abs(x - asked) ** power * law.pdf(x), low, max(low, high), epsabs=1e-12, limit=200)[0]

    net, square, early = mean_of(1, 1), mean_of(1, 2), mean_of(-1, 1)
    days, safety, soon = held(one(lead, spread), 0, np.array([asked]))
    assert days[0] == pytest.approx(net, rel=1e-5, abs=2e-5)
    assert safety[0] == pytest.approx(np.sqrt(9 * net + 4 * max(0.0, square - net**2)), rel=1e-4, abs=2e-2)
    assert soon[0] == pytest.approx(5 * early, rel=1e-5, abs=1e-4)


def test_a_lead_time_that_hardly_varies_is_certain() -> None:
    for quoted in (0.0, 2.0, 6.0):
        certain = held(one(6.0, 0.0), 0, np.array([quoted]))
        nearly = held(one(6.0, 1e-9), 0, np.array([quoted]))
        assert [float(kind[0]) for kind in nearly] == pytest.approx([float(kind[0]) for kind in certain], abs=1e-3)


def test_nobody_quotes_more_than_he_needs() -> None:
    assert np.isinf(held(one(6.0, 0.0), 0, np.array([6.5]))[1]).all()


@settings(max_examples=25, derandomize=True)
@given(correlation=st.floats(0, 1), seed=st.integers(0, 99))
def test_pooled_demand_has_the_spread_of_the_sum(correlation: float, seed: int) -> None:
    """Two suppliers of three ends, through a stage between: covariances by hand."""
    rng = np.random.default_rng(seed)
    arcs = np.array([(0, 2), (1, 2), (1, 3), (2, 3), (2, 4), (0, 5)])
    units = rng.integers(1, 4, len(arcs)).astype(float)
    mean, sd = np.zeros(6), np.zeros(6)
    mean[3:], sd[3:] = rng.uniform(1, 9, 3), rng.uniform(1, 9, 3)
    found = pooled(arcs, units, list(range(6)), mean, sd, np.full(6, 1.6), correlation)
    through = units[3], units[4]
    each = {
        0: (units[0] * through[0], units[0] * through[1], units[5]),
        1: (units[1] * through[0] + units[2], units[1] * through[1], 0.0),
        2: (through[0], through[1], 0.0),
    }
    covariance = np.outer(sd[3:], sd[3:]) * (correlation + (1 - correlation) * np.eye(3))
    for stage, taken in each.items():
        take = np.array(taken)
        assert found.mean[stage] == pytest.approx(take @ mean[3:])
        assert found.sd[stage] == pytest.approx(np.sqrt(take @ covariance @ take))
        assert found.factor[stage] == pytest.approx(1.6 * found.sd[stage])
        assert found.swing[stage] == pytest.approx(1.6 * found.mean[stage])


def test_demand_combined_by_stage_is_the_same_where_no_end_is_reached_twice() -> None:
    arcs, units = np.array([(0, 1), (1, 2), (1, 3)]), np.array([2.0, 1.0, 3.0])
    given_ = (np.array([0, 0, 4.0, 5.0]), np.array([0, 0, 1.0, 2.0]), np.array([0, 0, 1.3, 1.9]))
    first, second = pooled(arcs, units, [0, 1, 2, 3], *given_), pooled_by_stage(arcs, units, [0, 1, 2, 3], *given_)
    for name in ("mean", "sd", "factor"):
        assert getattr(first, name) == pytest.approx(getattr(second, name))
    alike = pooled_by_stage(arcs, units, [0, 1, 2, 3], *given_, exponent=1.0)
    assert alike.factor == pytest.approx(pooled(arcs, units, [0, 1, 2, 3], *given_, correlation=1.0).factor)


def test_what_a_unit_has_cost_is_all_that_went_into_it() -> None:
    arcs, units = np.array([(0, 1), (0, 2), (1, 2)]), np.array([2.0, 1.0, 3.0])
    assert added(arcs, units, [0, 1, 2], np.array([10.0, 1.0, 5.0])) == pytest.approx([10, 21, 78])


def test_lead_times_that_vary_cost_more_than_certain_ones() -> None:
    arcs = np.array([(0, 1), (1, 2), (0, 3), (3, 4)])
    lead, ends = np.array([8.0, 3.0, 2.0, 5.0, 1.0]), np.array([np.inf, np.inf, 0.0, np.inf, 0.0])
    factor = np.array([3.0, 2.0, 2.0, 2.0, 2.0])

    def cost(part: float) -> float:
        net = Stages(
            arcs, np.zeros(4), lead, part * lead, np.array([1.0, 2, 3, 2, 4]), factor, factor * 2, factor, ends
        )
        found = place(net)
        assert found.gap <= 1e-6
        return found.cost

    costs = [cost(part) for part in (0.0, 0.1, 0.2, 0.4)]
    assert costs == sorted(costs)
    assert costs[0] < costs[-1]
