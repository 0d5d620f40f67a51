"""How much stock must there be, and how much may there be?

A least stock (safety stock) is asked for in units, or in days of what leaves the place or is used there after it. It
is soft: stock below it has a price per unit and month, by default the standard cost of a unit, so that a plan says
where a reserve cannot be kept instead of failing, and breaks it only where that pays. A most stock, and the room of a
site, are hard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.kernel import Builder
from cellroad.plan.network.arcs import Codes
from cellroad.plan.network.worth import finite
from cellroad.plan.periods import Periods

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network

Floats = NDArray[np.float64]


def make_reserves(chain: Chain, codes: Codes, periods: Periods, nodes: pl.DataFrame, worth: Floats) -> pl.DataFrame:
    """Return where and when a least stock is asked for: reserve, node, period, min_units, min_days, below_usd.

    From the first period on whose last day `min_from` has come. below_usd is for the whole period.

    nodes  node, earliest
    """
    asked = chain.stocks.filter((pl.col("min_units") > 0) | (pl.col("min_days") > 0)).with_columns(node=codes.node())
    found = (
        asked.join(nodes.select("node", "earliest"), on="node", maintain_order="left")
        .join(periods.frame.select("period", "end", "months"), how="cross")
        .filter(
            (pl.col("period") >= pl.col("earliest"))
            & (pl.col("min_from").is_null() | (pl.col("end") >= pl.col("min_from")))
        )
    )
    book = pl.Series(finite(worth[found["node"].to_numpy(), found["period"].to_numpy()]), dtype=pl.Float64)
    return (
        found.with_columns(below_usd=pl.col("below_usd").fill_null(book) * pl.col("months"))
        .select("node", "site", "item", "period", "min_units", "min_days", "below_usd")
        .with_row_index("reserve")
        .cast({"reserve": pl.Int64})
    )


def cover(periods: Periods, reserves: pl.DataFrame) -> pl.DataFrame:
    """Return the part of later periods that a reserve in days covers: reserve, node, period (covered), share.

        share[t,u] = days of u among the next min_days days after t / days of u

    What lies after the horizon is covered at the pace of the last period.
    """
    days = reserves.filter(pl.col("min_days") > 0).select("reserve", "node", "min_days", after="period")
    grid = days.join(pl.DataFrame({"period": np.arange(periods.count)}), how="cross")
    begin, end = periods.first_day[:-1], periods.first_day[1:]
    period, after = grid["period"].to_numpy(), grid["after"].to_numpy()
    until = periods.first_day[after + 1] + grid["min_days"].to_numpy()
    covered = np.clip(np.minimum(end[period], until) - np.maximum(begin[period], periods.first_day[after + 1]), 0, None)
    beyond = np.where(period == periods.count - 1, np.clip(until - periods.first_day[-1], 0, None), 0)
    share = (covered + beyond) / (end - begin)[period]
    return grid.with_columns(share=pl.Series(share, dtype=pl.Float64)).filter(pl.col("share") > 0).drop("after")


def keeping_reserve(m: Builder, net: Network) -> None:
    """Keep a least stock, or pay for what is below it.

        hold[n,t] + below[n,t] >= min_units[n]
        hold[n,t] + below[n,t] >= sum over u of share[t,u] * (what leaves n, is used or sold there in u)
        value   - below_usd[n,t] * discount[t] * below[n,t]

    share[t,u] is the part of u that lies in the next min_days days after t; the last period goes on after the horizon.
    """
    reserves = net.goods.reserves
    if reserves.is_empty():
        return
    node, period = reserves["node"].to_numpy(), reserves["period"].to_numpy()
    told = reserves.select("node", "period")
    below = m.add_columns("below", reserves.height, size_of=net.size(node), index=told)
    m.money("penalty", below.ids, period, -reserves["below_usd"], node // net.codes.items.height)
    hold = m.columns["hold"].first + net.balances.row[node, period]
    units = np.flatnonzero(reserves["min_units"].to_numpy() > 0)
    rows = m.add_rows("least units", units.size, lower=reserves["min_units"].to_numpy()[units], index=told[units])
    m.add_terms(rows.ids, hold[units], 1.0)
    m.add_terms(rows.ids, below.ids[units], 1.0)
    days = np.flatnonzero(reserves["min_days"].to_numpy() > 0)
    rows = m.add_rows("least days", days.size, lower=0.0, index=told[days])
    m.add_terms(rows.ids, hold[days], 1.0)
    m.add_terms(rows.ids, below.ids[days], 1.0)
    place = np.full(reserves.height, -1)
    place[days] = rows.ids
    terms = cover(net.periods, reserves).join(leaving(m, net, reserves["node"].unique()), on=["node", "period"])
    m.add_terms(place[terms["reserve"].to_numpy()], terms["column"], -(terms["share"] * terms["units"]))


def leaving(m: Builder, net: Network, nodes: pl.Series) -> pl.DataFrame:
    """Return what takes units out of nodes in a period: node, period, column, units (per unit of the column)."""
    parts = [used(m, net), sent(m, net)]
    return pl.concat(parts).filter(pl.col("node").is_in(nodes.implode()))


def used(m: Builder, net: Network) -> pl.DataFrame:
    """Return what is used or sold at a node: node, period, column, units."""
    uses = net.uses.join(net.makes.select("make", "period"), on="make", maintain_order="left")
    parts = [
        uses.select("node", "period", column=pl.col("make") + m.columns["make"].first, units="quantity"),
        net.sells.select("node", "period", column=pl.int_range(pl.len()) + m.columns["sell"].first, units="units"),
    ]
    if "swap" in m.columns:
        swaps = net.goods.swaps.with_columns(column=pl.col("swap") + m.columns["swap"].first)
        parts.append(swaps.select("period", "column", node="node_to", units=pl.lit(-1.0)).select(parts[0].columns))
        parts.append(swaps.select("period", "column", node="node_from", units="ratio").select(parts[0].columns))
    return pl.concat(parts)


def sent(m: Builder, net: Network) -> pl.DataFrame:
    """Return what leaves a node on a lane: node, period, column, units."""
    return net.ships.select(
        "period", node="node_from", column=pl.col("ship") + m.columns["ship"].first, units=pl.lit(1.0)
    ).select("node", "period", "column", "units")


def storing(m: Builder, net: Network) -> None:
    """Hold no more than a site has room for.

        sum over items of volume_l / 1000 * hold[n,t] <= storage_m3

    At the end of every period, for every site that states it; an item without a volume takes no room.
    """
    where, items = net.balances, net.codes.items.height
    site, item = where.node // items, where.node % items
    each = net.chain.items["volume_l"].fill_null(0.0).to_numpy() / 1000
    room = net.chain.sites["storage_m3"].fill_null(np.inf).to_numpy()
    bound = np.isfinite(room[site]) & (each[item] > 0)
    if not bound.any():
        return
    key, row = np.unique(site[bound] * net.periods.count + where.period[bound], return_inverse=True)
    place, period = np.divmod(key, net.periods.count)
    told = pl.DataFrame({"site": net.chain.sites["site"].gather(place), "period": period})
    rows = m.add_rows("room", key.size, upper=room[place], index=told)
    m.add_terms(rows.first + row, m.columns["hold"].ids[bound], each[item[bound]])
