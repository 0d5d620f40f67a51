"""What arrives whatever is decided: goods under way at the start, firm orders, old packs that come back.

An arrival is there in the period of its day and costs what is still due then. What arrives after the horizon does not
count, and what arrived before it belongs into stock on hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.plan.kernel import Builder
from cellroad.plan.network.arcs import Codes
from cellroad.plan.periods import Periods

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network


def make_arrivals(chain: Chain, codes: Codes, periods: Periods) -> pl.DataFrame:
    """Return what arrives within the horizon: arrival, lane, site, item, node, period, quantity, due_usd, born.

    `born` is when it was made, in months from the start: the middle of the period less its age on arrival.
    """
    inside = chain.pipeline.filter(
        (pl.col("quantity") > 0) & (pl.col("arrives") >= periods.start) & (pl.col("arrives") < periods.end)
    )
    day = (inside["arrives"] - periods.start).dt.total_days().to_numpy()
    return (
        inside.with_columns(pl.Series("period", periods.of_day[day], dtype=pl.Int64), node=codes.node())
        .join(periods.middles, on="period", maintain_order="left")
        .select(
            "arrival", "lane", "site", "item", "node", "period", "quantity", "due_usd",
            born=pl.col("middle") - pl.col("age_months"),
        )
    )  # fmt: skip


def arriving(m: Builder, net: Network) -> None:
    """Take in what arrives whatever is decided, and pay what is still due for it.

        value   - sum over arrivals a of due_usd[a] * quantity[a] * discount[t]
        balance of node n in t: what is given rises by the sum of quantity[a] over the arrivals a at n in t

    Nothing of it is a decision.
    """
    arrivals = net.goods.arrivals
    place = (arrivals["node"] // net.codes.items.height).to_numpy()
    m.given("purchase", arrivals["period"], -(arrivals["due_usd"] * arrivals["quantity"]), place)


def supplied(net: Network) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return what is given by node and period, stock on hand in the first: shape (nodes, T)."""
    given = np.zeros((net.codes.nodes, net.periods.count))
    given[net.nodes["node"].to_numpy(), 0] = net.nodes["on_hand"].to_numpy()
    arrivals = net.goods.arrivals
    np.add.at(given, (arrivals["node"].to_numpy(), arrivals["period"].to_numpy()), arrivals["quantity"].to_numpy())
    return given
