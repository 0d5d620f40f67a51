"""A tree with its strategic decisions given: what was started is started in every future, and nothing else."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.kernel import Model
from cellroad.plan.network.network import Network
from cellroad.plan.tree.model import TreeModel, told_of

Floats = NDArray[np.float64]


def taken(net: Network, model: Model, values: Floats) -> frozenset[str]:
    """Return the starts that a solution takes, by what they stand for in any future."""
    block = model.columns["start"]
    return frozenset(told_of(net, block)[0].filter(pl.Series(block.of(values) > 0.5)).to_list())


def held(joint: TreeModel, starts: Set[str]) -> TreeModel:
    """Return the model of a tree in which these starts are taken in every future that knows them, and no others."""
    lower, upper = joint.model.lower.copy(), joint.model.upper.copy()
    for leaf in joint.leaves:
        block = leaf.model.columns["start"]
        done = np.array([key in starts for key in told_of(leaf.net, block)[0].to_list()], dtype=np.float64)
        lower[leaf.ids[block.ids]] = upper[leaf.ids[block.ids]] = done
    return replace(joint, model=replace(joint.model, lower=lower, upper=upper))
