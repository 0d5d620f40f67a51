"""Out of sample: a newsvendor, whose true cost and best order are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from cellroad.plan.stochastic import Problem, Programme
from cellroad.plan.stochastic.programme import HopelessError
from cellroad.plan.stochastic.sampling import confidence, evaluate

COST, PRICE, TOP = 1.0, 4.0, 100.0
"""Order at 1, sell at 4, demand uniform on 0..100: the best order is 75, its cost -112.5."""


def newsvendor(batch: int, scenarios: int = 60) -> Problem:
    numbers = np.random.default_rng(batch)
    programmes = [
        Programme(
            np.array([COST, -PRICE]), np.zeros(2), np.array([TOP, demand]), np.zeros(2, dtype=bool),
            np.array([-np.inf]), np.zeros(1), sp.csr_array(np.array([[-1.0, 1.0]])),
        )
        for demand in numbers.uniform(0, TOP, scenarios)
    ]  # fmt: skip
    ids = [np.array([0, 1 + n]) for n in range(scenarios)]
    return Problem(np.full(scenarios, 1 / scenarios), programmes, ids)


def true_cost(order: float) -> float:
    return COST * order - PRICE * (order - order * order / (2 * TOP))


def test_the_interval_holds_the_true_cost_and_a_worse_decision_has_a_larger_gap() -> None:
    best = confidence(np.array([75.0]), newsvendor, batches=8)
    assert true_cost(75.0) == pytest.approx(-112.5)
    assert best.cost_low <= true_cost(75.0) <= best.cost_high
    assert best.gap <= best.gap_high
    worse = confidence(np.array([20.0]), newsvendor, batches=8)
    assert worse.gap_high >= true_cost(20.0) - true_cost(75.0)
    assert worse.gap > best.gap_high


def test_the_same_batches_give_the_same_interval_and_impossible_decisions_are_told() -> None:
    assert confidence(np.array([60.0]), newsvendor, batches=3) == confidence(np.array([60.0]), newsvendor, batches=3)
    with pytest.raises(HopelessError):
        evaluate(newsvendor(0), np.array([-1.0]))
    with pytest.raises(ValueError, match="two batches"):
        confidence(np.array([60.0]), newsvendor, batches=1)
