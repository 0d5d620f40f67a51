"""What leaves the chain without being sold: what has expired, what nobody needs, what is lost in storage.

A balance lets nothing vanish. Where a chain can hold what it has no use for (co-products, returns, goods under way,
stock with a limit or a shelf life), units may be scrapped at a price, or sold off where the price is negative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cellroad.plan.kernel import Builder

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network

Floats = NDArray[np.float64]


def scrapping(m: Builder, net: Network) -> None:
    """Scrap units of a node where it can hold what has no use.

        value   - scrap_usd[n] * discount[t] * scrap[n,t]
        balance of node n in t: what goes out rises by scrap[n,t]

    scrap_usd is negative where scrap fetches something.
    """
    scraps = net.goods.scraps
    if scraps.is_empty():
        return
    node, period = scraps["node"].to_numpy(), scraps["period"].to_numpy()
    scrap = m.add_columns("scrap", scraps.height, size_of=net.size(node), index=scraps.select("node", "period"))
    m.money("scrap", scrap.ids, period, -scraps["scrap_usd"], node // net.codes.items.height)
    m.add_terms(m.rows["balance"].first + net.balances.row[node, period], scrap.ids, -1.0)


def kept_shares(net: Network) -> Floats:
    """Return the part of a stock that is still there at the end of a period: shape (nodes, T).

        kept[n,t] = (1 - loss_per_month) ** months[t]

    One where an item loses nothing.
    """
    loss = net.chain.items["loss_per_month"].to_numpy()
    kept = (1.0 - loss)[:, None] ** net.periods.months[None, :]
    return np.tile(kept, (net.codes.sites.height, 1))
