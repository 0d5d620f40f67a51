"""Futures apart at prices bound the tree from above, plans agreed among them from below, and both meet brute force."""

from __future__ import annotations

import random

import highspy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.plan.reference_tree import best_of_the_tree, tree_rows
from tests.plan.test_trees import stages
from tests.plan.tiny import Rows, chain_of

from cellroad.chain.chain import Chain
from cellroad.plan.audit.audit import audit
from cellroad.plan.model import build
from cellroad.plan.network.network import UNBOUND, expand
from cellroad.plan.solving.branching import Branching
from cellroad.plan.solving.scaled import Scaled
from cellroad.plan.solving.solve import Strategy
from cellroad.plan.solving.solver import new_solver
from cellroad.plan.solving.watching import Limits
from cellroad.plan.stochastic.risk import Risk
from cellroad.plan.tree import trees
from cellroad.plan.tree.apart import Apart
from cellroad.plan.tree.model import TreeModel, TreeRounding, TreeStrengthener, tree_model
from cellroad.plan.tree.nodes import future, read_tree
from cellroad.plan.tree.search import search_tree

STEADY = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def joint_of(chain: Chain) -> TreeModel:
    tree = read_tree(chain)
    nets = [expand(future(chain, tree, line), UNBOUND) for line in tree.lines]
    return tree_model(tree, nets, [build(net) for net in nets])


def strategy_of(joint: TreeModel) -> Strategy:
    return Strategy(TreeStrengthener(joint).broken, Branching(joint.model), TreeRounding(joint))


def cheap_and_late(r: random.Random) -> Rows:
    """Draw a tree that parts after something was decided: the plant is cheap enough to be worth a thought."""
    rows = tree_rows(r)
    rows["options"][0]["capex_usd"] = float(r.choice([3, 8, 12]))
    return rows


@settings(STEADY, max_examples=8)
@given(st.randoms(use_true_random=False))
def test_what_is_found_and_what_is_proved_lie_on_both_sides_of_the_best_policy(r: random.Random) -> None:
    rows = cheap_and_late(r)
    joint = joint_of(chain_of(rows))
    best = best_of_the_tree(rows)
    found = search_tree(joint, strategy_of(joint), Limits(1e-9, 60.0, 0, 1), lambda _: True)
    assert found is not None
    scale = 1e-6 * max(1.0, abs(best))
    assert found.objective <= best + scale and found.bound >= best - scale
    low, high = joint.model.row_lower, joint.model.row_upper
    rows_of = joint.model.matrix @ found.values
    assert np.all(rows_of >= low - 1e-6) and np.all(rows_of <= high + 1e-6)
    whole = found.values[joint.model.whole]
    assert whole == pytest.approx(np.round(whole), abs=1e-6)


@settings(STEADY, max_examples=4)
@given(st.randoms(use_true_random=False), st.sampled_from([Risk("expected"), Risk("cvar", 0.5, 0.6)]))
def test_a_tree_searched_by_its_futures_is_worth_as_much_as_the_best_policy(r: random.Random, risk: Risk) -> None:
    rows = cheap_and_late(r)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees, "APART", 0)
        found = trees.plan_tree(chain_of(rows), risk=risk, gap=1e-9, measures=False)
    best = best_of_the_tree(rows, tail=(risk.alpha, risk.weight) if risk.kind == "cvar" else None)
    assert found.measure_usd == pytest.approx(best, rel=2e-6, abs=2e-6)
    assert found.bound_usd == pytest.approx(best, rel=2e-6, abs=2e-5)
    assert all(audit(one).closes for one in found.plans.values())


def test_prices_share_out_the_relaxation_and_whole_decisions_only_lower_the_bound() -> None:
    joint = joint_of(stages(random.Random(3)))
    highspy.Highs.resetGlobalScheduler(True)
    limits = Limits(1e-9, 60.0, 0, 1)
    scaled, highs = Scaled.of(joint.model), new_solver(limits)
    scaled.hand_to(highs)
    apart = Apart(joint, scaled, highs)
    prices = apart.relaxed(apart.lower, apart.upper, None)
    assert prices is not None
    futures = [apart.priced(leaf, prices) for leaf in range(len(joint.leaves))]
    assert sum(one.bound for one in futures) - scaled.offset == pytest.approx(prices.worth, rel=1e-9)
    cost = np.zeros(joint.model.cost.size)
    for part, one in zip(apart.parts, futures, strict=True):
        cost[part.columns] += one.model.cost
    assert cost == pytest.approx(scaled.cost, abs=1e-9)
    solved = [apart.solved(leaf, one, limits, lambda _: True) for leaf, one in enumerate(futures)]
    bounds = [one.bound for one in solved if one is not None]
    assert len(bounds) == len(futures)
    known = search_tree(joint, strategy_of(joint), limits, lambda _: True)
    assert known is not None
    assert known.objective / scaled.money - 1e-9 <= sum(bounds) - scaled.offset <= prices.worth + 1e-9
