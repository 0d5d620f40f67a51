"""How much of an item can be of use from a period on?

The demand that is left, passed up through bills of materials with the worst scrap and yield: no plan needs more.

    useful[i,t] = customers' demand for i from t on + sum over parents p of max(quantity / yield) * useful[p,t]

This is the scale on which a solver counts a flow, and a hundred times it is no limit for any.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.arcs import Codes
from cellroad.plan.periods import Periods

Floats = NDArray[np.float64]


def useful_quantity(
    chain: Chain,
    codes: Codes,
    periods: Periods,
    sells: pl.DataFrame,
    processes: pl.DataFrame,
    inputs: pl.DataFrame,
    ships: pl.DataFrame,
    makes: pl.DataFrame,
) -> Floats:
    """Return the largest useful quantity by node and period, from that period to the end: shape (nodes, T).

    A node from which nothing leads on but its own customers needs no more than those; every other node no more than
    all customers of its item and of whatever the item goes into.
    """
    items = codes.items.height
    own = np.zeros((codes.nodes, periods.count))
    served = sells.group_by("row", "node", "period", maintain_order=True).agg(
        (pl.col("wanted") * pl.col("units")).max().alias("units")
    )
    np.add.at(own, (served["node"].to_numpy(), served["period"].to_numpy()), served["units"].to_numpy())
    own = np.cumsum(own[:, ::-1], axis=1)[:, ::-1]

    direct = own.reshape(-1, items, periods.count).sum(axis=0)
    need = direct + 0.0
    parent, child, factor = _factors(chain, codes, processes, inputs, makes)
    for _ in range(items):
        before = need
        need = direct.copy()
        np.add.at(need, child, factor[:, None] * before[parent])
        if np.allclose(before, need, rtol=1e-12, atol=0):
            break

    leads_on = np.zeros(codes.nodes, dtype=bool)
    leads_on[ships["node_from"].to_numpy()] = True
    leads_on[inputs["input_node"].to_numpy()] = True
    everywhere = np.tile(need, (codes.sites.height, 1))
    return np.where(leads_on[:, None], everywhere, own)


def _factors(
    chain: Chain, codes: Codes, processes: pl.DataFrame, inputs: pl.DataFrame, makes: pl.DataFrame
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return (parent item, child item, most children per good parent) over all processes that are possible."""
    worst = makes.group_by("process").agg(pl.col("yield_share").min())
    rows = (
        inputs.join(processes.select("process", "node"), on="process", maintain_order="left")
        .join(worst, on="process", maintain_order="left")
        .group_by(
            (pl.col("node") % codes.items.height).alias("parent"),
            (pl.col("input_node") % codes.items.height).alias("child"),
            maintain_order=True,
        )
        .agg((pl.col("quantity") / pl.col("yield_share")).max().alias("factor"))
    )
    return rows["parent"].to_numpy(), rows["child"].to_numpy(), rows["factor"].to_numpy()
