"""At what price does one partner pass goods on to another?

A row of `transfers` states it, between partners or sites, for an item or for everything:

    price[t] = price_usd;  or index_factor * index[t] + adder;  or (1 + markup) * standard cost[t] + adder

The most telling row counts: one that names the sites before one that names the partners, one that names the item before
one that does not. What no row covers, and what a row covers on other days, passes at the standard cost where it leaves:
an assumption. Between partners the price is income of the one and cost of the other, and nothing to the chain. Where
goods cross a border, a stated price is their customs value too (related parties at arm's length, 19 USC 1401a(b)).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.network.arcs import index_by_period, index_series
from cellroad.plan.partners.owners import runners
from cellroad.plan.periods import Periods

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
KEY = ["seller", "buyer", "item"]


@dataclass(frozen=True)
class Prices:
    """Stated prices: `frame` has seller, buyer, item, group; a price is fixed[group, t] + share[group, t] * standard.

    `fixed` is not a number (nan) where no row of the group holds; `days` are those from departure to payment.
    """

    frame: pl.DataFrame
    days: Ints
    fixed: Floats
    share: Floats

    def group(self, moves: pl.DataFrame) -> pl.Series:
        """Return the group of each move, null where none states its price.

        moves: origin, destination (sites), seller, buyer (partners), item.
        """
        found = pl.Series("group", [None] * moves.height, dtype=pl.Int64)
        if self.frame.is_empty() or moves.is_empty():
            return found
        for seller, buyer, item in product(("origin", "seller"), ("destination", "buyer"), (True, False)):
            keys = moves.select(seller=seller, buyer=buyer, item=pl.col("item") if item else pl.lit(None, pl.String))
            told = keys.join(self.frame, on=KEY, how="left", nulls_equal=True, maintain_order="left")["group"]
            found = found.zip_with(found.is_not_null(), told)
        return found

    def of(self, group: pl.Series, period: Ints, standard: Floats) -> Floats:
        """Return the price of each move: as its group states, else the standard cost."""
        known = group.is_not_null().to_numpy()
        at = group.fill_null(0).to_numpy()
        if not self.frame.height:
            return standard
        last = self.fixed.shape[1] - 1
        stated = self.fixed[at, np.minimum(period, last)] + self.share[at, np.minimum(period, last)] * standard
        return np.where(known & ~np.isnan(stated), stated, standard)


def stated_prices(chain: Chain, periods: Periods) -> Prices:
    """Return the prices that the table of transfers states, by period (the mean over the days on which they hold)."""
    groups = chain.transfers.select(KEY).unique(maintain_order=True).with_row_index("group").cast({"group": pl.Int64})
    rows = chain.transfers.join(groups, on=KEY, nulls_equal=True, maintain_order="left")
    total, share, days = np.zeros((3, groups.height, periods.count))
    months = index_series(chain)
    later = np.zeros(groups.height, np.int64)
    for row in rows.iter_rows(named=True):
        held = periods.share_of_days(row["valid_from"], row["valid_to"])
        group = row["group"]
        later[group] = max(later[group], row["payment_days"])
        if row["price_usd"] is not None:
            price, on_standard = np.full(periods.count, row["price_usd"]), 0.0
        elif row["index"] is not None:
            market = index_by_period(months[row["index"]], periods)
            price, on_standard = row["index_factor"] * market + row["adder_usd"], 0.0
        else:
            price, on_standard = np.full(periods.count, row["adder_usd"]), 1 + row["markup_share"]
        total[group] += held * price
        share[group] += held * on_standard
        days[group] += held
    none = days == 0
    weight = np.where(none, 1.0, days)
    return Prices(groups, later, np.where(none, np.nan, total / weight), np.where(none, 0.0, share / weight))


def customs_price(chain: Chain, periods: Periods, ships: pl.DataFrame, worth: Floats) -> Floats:
    """Return the price behind the customs value of each shipment: what is stated between its partners, else its worth.

    ships: origin, destination, item, period.
    """
    if chain.transfers.is_empty():
        return worth
    runs = runners(chain)
    moves = (
        ships.select("origin", "destination", "item")
        .join(runs.rename({"site": "origin", "runs": "seller"}), on="origin", how="left", maintain_order="left")
        .join(
            runs.rename({"site": "destination", "runs": "buyer"}), on="destination", how="left", maintain_order="left"
        )
    )
    prices = stated_prices(chain, periods)
    return prices.of(prices.group(moves), ships["period"].to_numpy(), worth)
