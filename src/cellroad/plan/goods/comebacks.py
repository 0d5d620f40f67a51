"""What was sold comes back: used packs as a source of material.

A part of what is sold at a market arrives after a time at a site, as an item of its own that a process may take in. It
comes back whether anybody has use for it or not; what has none leaves at its scrap price.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.plan.kernel import Builder
from cellroad.plan.network.arcs import Codes
from cellroad.plan.periods import Periods, openness

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network

DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Comebacks:
    """What can come back, whatever is sold.

    frame     market, item, returned, site, node_from (sold), node_to (returned), klass, return_share, cost_usd
    arrivals  klass, period (of the sale), to, share
    """

    frame: pl.DataFrame
    arrivals: pl.DataFrame


def make_comebacks(chain: Chain, codes: Codes, periods: Periods) -> Comebacks:
    """Return what comes back from where, and when: sold evenly over a period, back after whole days."""
    frame = chain.returns.filter(pl.col("return_share") > 0).with_columns(
        days=(pl.col("after_months") * DAYS_PER_MONTH).round().cast(pl.Int64)
    )
    lags = frame["days"].unique().sort().to_list()
    always = openness(periods, "none")
    empty = pl.DataFrame(schema={"period": pl.Int64, "to": pl.Int64, "share": pl.Float64, "klass": pl.Int64})
    arrivals = [always.arrivals(lag).with_columns(klass=n).cast(empty.schema) for n, lag in enumerate(lags)]
    frame = frame.with_columns(klass=pl.col("days").rank("dense").cast(pl.Int64) - 1)
    return Comebacks(
        frame.select(
            "market", "item", "returned", "site", "klass", "return_share", "cost_usd",
            node_from=codes.node("market"), node_to=codes.node("site", "returned"),
        ),
        pl.concat([empty, *arrivals]),
    )  # fmt: skip


def make_returns(comebacks: Comebacks, sells: pl.DataFrame, periods: Periods) -> pl.DataFrame:
    """Return what each sale brings back within the horizon, per want.

    Gives sell (row of the sales), node, to, quantity, cost_usd, market, item (sold), returned, site.
    """
    return (
        sells.select("period", "units", node_from="node", sell=pl.int_range(pl.len()))
        .join(comebacks.frame, on="node_from", maintain_order="left_right")
        .join(comebacks.arrivals, on=["klass", "period"], maintain_order="left_right")
        .filter(pl.col("to") < periods.count)
        .with_columns(quantity=pl.col("units") * pl.col("return_share") * pl.col("share"))
        .select("sell", "to", "quantity", "market", "item", "returned", "site", node="node_to",
                cost_usd=pl.col("quantity") * pl.col("cost_usd"))
    )  # fmt: skip


def coming_back(m: Builder, net: Network) -> None:
    """Take back a part of what was sold, at its price.

        balance of node n in u: what comes in rises by the sum of return_share * share[l,u] * units[l] * sell[l]
        value   - cost[n] * discount[u] * what comes back

    share[l,u] is the part of what is sold in a period that is back in u. What comes back after the horizon counts
    neither as a cost nor as a value.
    """
    back = net.goods.returns
    if back.is_empty():
        return
    rows = m.rows["balance"].first + net.balances.row[back["node"].to_numpy(), back["to"].to_numpy()]
    sell = m.columns["sell"].first + back["sell"].to_numpy()
    m.add_terms(rows, sell, back["quantity"])
    m.money("purchase", sell, back["to"], -back["cost_usd"], (back["node"] // net.codes.items.height).to_numpy())
