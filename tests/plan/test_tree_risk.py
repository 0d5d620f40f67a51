"""What a tree is planned for: every measure of risk reaches what brute force over all policies does."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.plan.reference_tree import best_alone, best_of_the_tree, tree_rows
from tests.plan.tiny import chain_of

from cellroad.plan.audit.audit import audit
from cellroad.plan.stochastic.risk import Risk, cvar
from cellroad.plan.tree.trees import plan_tree

STEADY = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SLACK = 2e-6


@settings(STEADY, max_examples=8)
@given(st.randoms(use_true_random=False), st.sampled_from([0.0, 0.5, 0.8]), st.sampled_from([0.3, 1.0]))
def test_the_worst_part_of_a_tree_is_as_good_as_any_policy_makes_it(
    r: random.Random, alpha: float, weight: float
) -> None:
    rows = tree_rows(r)
    found = plan_tree(chain_of(rows), risk=Risk("cvar", alpha, weight), gap=1e-9, measures=False)
    best = best_of_the_tree(rows, tail=(alpha, weight))
    assert found.measure_usd == pytest.approx(best, rel=SLACK, abs=SLACK)
    assert found.bound_usd == pytest.approx(best, rel=SLACK, abs=10 * SLACK)
    p = found.tree.probability
    tail = -cvar(-found.values, p, alpha)
    assert (1 - weight) * found.value_usd + weight * tail == pytest.approx(best, rel=10 * SLACK, abs=10 * SLACK)
    assert all(audit(one).closes for one in found.plans.values())


@settings(STEADY, max_examples=8)
@given(st.randoms(use_true_random=False))
def test_the_largest_regret_is_as_small_as_any_policy_makes_it(r: random.Random) -> None:
    rows = tree_rows(r)
    found = plan_tree(chain_of(rows), risk=Risk("regret"), gap=1e-9, measures=False)
    alone = best_alone(rows)
    least = -best_of_the_tree(rows, best=alone)
    scale = SLACK * max(1.0, *np.abs(alone))
    assert -np.array(found.risk.best) == pytest.approx(np.array(alone), abs=scale)
    assert found.measure_usd == pytest.approx(least, abs=10 * scale)
    assert found.bound_usd == pytest.approx(least, abs=10 * scale)
    assert found.regrets is not None
    assert float(found.regrets.max()) == pytest.approx(least, abs=20 * scale)
    assert all(audit(one).closes for one in found.plans.values())


@settings(STEADY, max_examples=4)
@given(st.randoms(use_true_random=False), st.sampled_from([Risk("cvar", 0.6, 0.7), Risk("regret")]))
def test_information_hedging_and_waiting_never_cost_under_any_measure(r: random.Random, risk: Risk) -> None:
    found = plan_tree(chain_of(tree_rows(r)), risk=risk, gap=1e-9)
    scale = 1e-5 * max(1.0, float(np.abs(found.values).max()))
    for figure in found.worth:
        assert figure.usd >= -scale and figure.low - scale <= figure.usd <= figure.high + scale
    if risk.kind == "regret":
        known = next(figure for figure in found.worth if figure.name == "information")
        assert known.usd == pytest.approx(found.measure_usd, abs=scale)  # nothing is regretted by who knows


@settings(STEADY, max_examples=4)
@given(st.randoms(use_true_random=False))
def test_each_measure_is_best_at_what_it_is_for(r: random.Random) -> None:
    chain = chain_of(tree_rows(r))
    mean, worst, regret = (
        plan_tree(chain, risk=risk, gap=1e-9, measures=False)
        for risk in (Risk(), Risk("cvar", 0.99, 1.0), Risk("regret"))
    )
    scale = 1e-5 * max(1.0, float(np.abs(mean.values).max()))
    assert mean.value_usd >= max(worst.value_usd, regret.value_usd) - scale
    assert worst.values.min() >= max(mean.values.min(), regret.values.min()) - scale
    best = -np.array(regret.risk.best)
    regrets = [float(np.max(best - found.values)) for found in (mean, worst, regret)]
    assert regrets[2] <= min(regrets) + scale


def test_the_worst_part_of_given_values_is_their_mean_below_the_level() -> None:
    cost, p = np.array([10.0, 40.0, 20.0, 30.0]), np.array([0.4, 0.1, 0.3, 0.2])
    assert cvar(cost, p, 0.9) == pytest.approx(40.0)
    assert cvar(cost, p, 0.8) == pytest.approx((0.1 * 40 + 0.1 * 30) / 0.2)
    assert cvar(cost, p, 0.5) == pytest.approx((0.1 * 40 + 0.2 * 30 + 0.2 * 20) / 0.5)
    assert cvar(cost, p, 0.0) == pytest.approx(float(p @ cost))
    assert Risk("cvar", 0.8, 0.25).of(cost, p) == pytest.approx(0.75 * 20 + 0.25 * 35)
