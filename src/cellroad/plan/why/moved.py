"""What a plan would be worth in another chain: its decisions as they are, everything else settled again.

Decisions travel by what they stand for, not by their place: what the other chain does not know is not decided there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.kernel import Model
from cellroad.plan.model import build
from cellroad.plan.network.network import Network, expand
from cellroad.plan.solving.warm import Warm
from cellroad.plan.solving.watching import NoPlanError
from cellroad.plan.why.case import Answer, Case, searched

Floats = NDArray[np.float64]


def modelled(case: Case, chain: Chain) -> tuple[Network, Model]:
    """Return network and model of another chain under the law of a plan."""
    net = expand(chain, case.net.rules)
    return net, build(net)


def carried(case: Case, model: Model, blocks: list[str] | None = None) -> Floats:
    """Return the values of a plan at the columns of another model, zero where the plan knows no such column.

    Columns are matched by block and index; without `blocks` only whole columns are.
    """
    values = np.zeros(model.cost.size)
    for name, block in model.columns.items():
        own = case.model.columns.get(name)
        asked = model.whole[block.first : block.first + block.size].any() if blocks is None else name in blocks
        if own is None or not asked or not block.size:
            continue
        if own.size == block.size and own.index.equals(block.index):
            values[block.ids] = own.of(case.values)
        elif own.index.columns and own.index.columns == block.index.columns and own.size:
            told = own.index.with_columns(value=pl.Series(own.of(case.values)))
            told = told.unique(own.index.columns, keep="first", maintain_order=True)
            found = block.index.join(told, on=own.index.columns, how="left", nulls_equal=True, maintain_order="left")
            values[block.ids] = found["value"].fill_null(0.0).to_numpy()
    return values


def decided(case: Case, model: Model) -> Answer | None:
    """Return the best plan of a model with the whole decisions of another plan, None where they cannot be kept.

    Where the model has the same matrix, the solver goes on from where it stands.
    """
    whole = np.flatnonzero(model.whole)
    taken = np.round(carried(case, model)[whole])
    if not same_matrix(case.model, model):
        warm = Warm(model)
        warm.fix(whole, taken)
        solved = warm.solve()
        return None if solved is None else Answer(solved.cost, solved.values, solved.cost)
    warm = case.warm
    try:
        _put(warm, model, taken)
        solved = warm.solve()
    finally:
        _put(warm, case.model, np.round(case.values[case.whole]))
    if solved is None:
        return None
    cost = float(model.cost @ solved.values) - model.offset
    return Answer(cost, solved.values, cost)


def opened(case: Case, net: Network, model: Model) -> Answer | None:
    """Return the best plan of a model with the strategic decisions of another plan, details settled anew."""
    if not model.details.size:
        return decided(case, model)
    strategic = model.strategic
    lower, upper = model.lower.copy(), model.upper.copy()
    lower[strategic] = upper[strategic] = np.round(carried(case, model)[strategic])
    try:
        found = searched(net, replace(model, lower=lower, upper=upper), case.limits)
    except NoPlanError:
        return None
    return Answer(-found.objective, found.values, -found.bound)


def same_matrix(one: Model, other: Model) -> bool:
    """Say whether two models differ in nothing but prices, bounds and sides."""
    if one.matrix.shape != other.matrix.shape or one.matrix.nnz != other.matrix.nnz:
        return False
    pairs = (
        (one.matrix.indptr, other.matrix.indptr), (one.matrix.indices, other.matrix.indices),
        (one.matrix.data, other.matrix.data), (one.whole, other.whole),
    )  # fmt: skip
    return all(np.array_equal(a, b) for a, b in pairs)


def _put(warm: Warm, model: Model, taken: Floats) -> None:
    columns, rows = np.arange(model.cost.size), np.arange(model.row_lower.size)
    warm.cost(columns, model.cost)
    warm.bounds(columns, model.lower, model.upper)
    warm.fix(np.flatnonzero(model.whole), taken)
    warm.rows(rows, model.row_lower, model.row_upper)
