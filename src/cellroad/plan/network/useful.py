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
from cellroad.plan.goods.goods import Prospects
from cellroad.plan.network.arcs import Codes
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
    prospects: Prospects,
) -> Floats:
    """Return the largest useful quantity by node and period, from that period to the end: shape (nodes, T).

    A node from which nothing leads on but its own customers needs no more than those; every other node no more than
    all customers of its item and of whatever the item goes into. Demand that may wait counts until the last period in
    which it may be served, and a least stock until the end.
    """
    items = codes.items.height
    own = np.zeros((codes.nodes, periods.count))
    served = sells.group_by("row", "node", maintain_order=True).agg(
        (pl.col("wanted") * pl.col("units")).max().alias("units"), pl.col("period").max()
    )
    np.add.at(own, (served["node"].to_numpy(), served["period"].to_numpy()), served["units"].to_numpy())
    reserve = chain.stocks.filter(pl.col("min_units") > 0).select("min_units", node=codes.node())
    np.add.at(own[:, -1], reserve["node"].to_numpy(), reserve["min_units"].to_numpy())
    own = np.cumsum(own[:, ::-1], axis=1)[:, ::-1]

    direct = own.reshape(-1, items, periods.count).sum(axis=0)
    need = direct + 0.0
    parent, child, factor = _factors(codes, processes, inputs, makes, prospects)
    for _ in range(items):
        before = need
        need = direct.copy()
        np.add.at(need, child, factor[:, None] * before[parent])
        if np.allclose(before, need, rtol=1e-12, atol=0):
            break

    leads_on = np.zeros(codes.nodes, dtype=bool)
    leads_on[ships["node_from"].to_numpy()] = True
    leads_on[inputs["input_node"].to_numpy()] = True
    leads_on[prospects.swaps["node_from"].to_numpy()] = True
    everywhere = np.tile(need, (codes.sites.height, 1))
    return np.where(leads_on[:, None], everywhere, own)


def _factors(
    codes: Codes, processes: pl.DataFrame, inputs: pl.DataFrame, makes: pl.DataFrame, prospects: Prospects
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return (parent item, child item, most children per good parent) over all processes that are possible."""
    worst = makes.group_by("process").agg(good=pl.col("yield_share").min())
    main = processes.select("process", "node").join(worst, on="process", maintain_order="left")
    beside = prospects.outputs.join(worst, on="process", how="semi").select("process", "node", good="quantity")
    fed = inputs.join(pl.concat([main, beside]), on="process", maintain_order="left_right").select(
        "node", "input_node", factor=pl.col("quantity") / pl.col("good")
    )
    stands_in = prospects.swaps.select(node="node_to", input_node="node_from", factor="ratio")
    rows = (
        pl.concat([fed, stands_in])
        .group_by(
            (pl.col("node") % codes.items.height).alias("parent"),
            (pl.col("input_node") % codes.items.height).alias("child"),
            maintain_order=True,
        )
        .agg(pl.col("factor").max())
    )
    return rows["parent"].to_numpy(), rows["child"].to_numpy(), rows["factor"].to_numpy()
