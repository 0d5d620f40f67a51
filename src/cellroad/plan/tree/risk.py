"""What is a tree planned for: the mean of its futures, its worst part, or the largest regret?

The value of a leaf is what its own plan earns, less its share of what a node above it decides and it has no use for.
A measure of risk is set on these values, v[s] with probability p[s]:

    expected   maximise  sum over s of p[s] * v[s]
    cvar       maximise  (1 - weight) * expected + weight * (eta - sum over s of p[s] * short[s] / (1 - alpha)),
                         short[s] >= eta - v[s],  short[s] >= 0
    regret     minimise  r,  r >= best[s] - v[s]

The bracket of `cvar` is the mean of the worst 1 - alpha of futures (Rockafellar and Uryasev 2000). best[s] is what a
future is worth under the best plan found for it when it is known from the start (Savage 1951). All three are one model
with a few more columns, in money of today, so that one search serves them. Where a measure looks at the worst futures
alone, the rest is planned afterwards: first the most expected value with the whole decisions that were found and the
measure kept, then every leaf as well as it goes with all that is decided above it. Neither can harm a measure.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.kernel import Block, Model
from cellroad.plan.solving.warm import Warm
from cellroad.plan.solving.watching import Outcome
from cellroad.plan.stochastic.risk import Risk
from cellroad.plan.tree.model import TreeModel
from cellroad.plan.tree.nodes import BASE

Floats = NDArray[np.float64]
SLACK = 1e-7
"""How much of its money a measure may give way, for the tolerances of a solver, when plans alike are compared."""


def leaf_costs(joint: TreeModel) -> sp.csr_array:
    """Return what a unit of each column of a tree costs each leaf: shape (leaves, columns).

    What a leaf has no use for costs it what it costs the others on average.
    """
    mean = joint.model.cost / joint.tree.frame["probability"].to_numpy()[joint.owner]
    rows = []
    for leaf, line in zip(joint.leaves, joint.tree.lines, strict=True):
        cost = np.where(np.isin(joint.owner, line), mean, 0.0)
        cost[leaf.ids] = leaf.model.cost
        rows.append(sp.csr_array(cost[None, :]))
    return sp.csr_array(sp.vstack(rows))


def leaf_values(joint: TreeModel, values: Floats) -> Floats:
    """Return what each leaf is worth under a solution of the tree, its share of what others use included."""
    return np.asarray(_offsets(joint) - leaf_costs(joint) @ values[: joint.owner.size])


def aimed(joint: TreeModel, risk: Risk) -> TreeModel:
    """Return the model of a tree that maximises a measure of risk; its own columns and rows come last.

    The largest regret is told as what the tree would be worth if every future fell short of its best by it: a value as
    large as the plan's, so that a gap is a share of the money at stake.
    """
    if risk.kind == "expected":
        return joint
    model, weight = joint.model, joint.tree.probability
    costs, offsets = leaf_costs(joint), _offsets(joint)
    leaves, count = weight.size, model.cost.size
    level = float(max(np.abs(offsets).max(initial=1.0), (abs(costs) @ sp.diags_array(model.size)).max()))
    if risk.kind == "cvar":
        more = np.concatenate([[risk.weight], risk.weight * weight / (1 - risk.alpha)])
        owner = np.array([BASE, *(line[-1] for line in joint.tree.lines)])
        extra = sp.csr_array(np.hstack([np.full((leaves, 1), -1.0), -np.eye(leaves)]))
        upper, offset = offsets, model.offset * (1 - risk.weight)
    else:
        more, owner = np.ones(1), np.array([BASE])
        extra = sp.csr_array(np.full((leaves, 1), -1.0))
        best = -np.array(risk.best)
        upper, offset = offsets - best, float(weight @ best)
    free = np.full(more.size, 0.0)
    free[0] = -np.inf
    wide = sp.hstack([model.matrix, sp.csr_array((model.row_lower.size, more.size))])
    return replace(
        joint,
        owner=np.concatenate([joint.owner, owner]),
        model=replace(
            model,
            cost=np.concatenate([risk.mean_share * model.cost, more]),
            offset=offset,
            lower=np.concatenate([model.lower, free]),
            upper=np.concatenate([model.upper, np.full(more.size, np.inf)]),
            whole=np.concatenate([model.whole, np.zeros(more.size, dtype=bool)]),
            size=np.concatenate([model.size, np.full(more.size, level)]),
            row_lower=np.concatenate([model.row_lower, np.full(leaves, -np.inf)]),
            row_upper=np.concatenate([model.row_upper, upper]),
            matrix=sp.csr_array(sp.vstack([wide, sp.hstack([costs, extra])])),
            columns={**model.columns, "risk": Block("risk", count, more.size)},
        ),
    )


def worth(risk: Risk, values: Floats, probability: Floats) -> float:
    """Return what values of the leaves are worth, in the money that the model of a tree maximises."""
    usd = -risk.of(-values, probability)
    return usd - float(probability @ np.array(risk.best)) if risk.kind == "regret" else usd


def told(joint: TreeModel, risk: Risk, usd: float) -> float:
    """Return a measure as people tell it from the value that the model maximises: a regret as one, never below none."""
    if risk.kind != "regret":
        return usd
    return max(-float(joint.tree.probability @ np.array(risk.best)) - usd, 0.0)


def levelled(joint: TreeModel, aim: TreeModel, outcome: Outcome) -> Floats:
    """Return the values of most expected value among those alike in the measure with the same whole decisions."""
    model = aim.model
    most = model.offset - outcome.objective + SLACK * max(abs(outcome.objective), 1.0)
    warm = Warm(
        replace(
            model,
            cost=np.concatenate([joint.model.cost, np.zeros(model.cost.size - joint.model.cost.size)]),
            offset=joint.model.offset,
            row_lower=np.append(model.row_lower, -np.inf),
            row_upper=np.append(model.row_upper, most),
            matrix=sp.csr_array(sp.vstack([model.matrix, sp.csr_array(model.cost[None, :])])),
        )
    )
    whole = np.flatnonzero(model.whole)
    warm.fix(whole, np.round(outcome.values[whole]))
    found = warm.solve()
    return outcome.values if found is None else found.values


def given_above(joint: TreeModel, leaf: int, values: Floats) -> Model:
    """Return the model of a leaf in which all that nodes above it decide stands as it was found."""
    mine, model = joint.leaves[leaf], joint.leaves[leaf].model
    above = joint.owner[mine.ids] != joint.tree.lines[leaf][-1]
    stands = np.clip(values[mine.ids], model.lower, model.upper)
    stands = np.where(model.whole, np.round(stands), stands)
    return replace(model, lower=np.where(above, stands, model.lower), upper=np.where(above, stands, model.upper))


def _offsets(joint: TreeModel) -> Floats:
    return np.array([leaf.model.offset for leaf in joint.leaves])
