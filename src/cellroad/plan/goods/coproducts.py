"""What else comes out of a run: a process with several outputs.

A recycling run gives black mass, and nickel, lithium and copper beside it; a rejected cell gives foil. Each co-product
comes in a fixed quantity of good units per run and carries a stated part of the cost of the run, so that the main item
carries the rest. What nobody needs of it leaves at its scrap price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.plan.kernel import Builder
from cellroad.plan.network.arcs import Codes

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network


def make_outputs(chain: Chain, codes: Codes) -> pl.DataFrame:
    """Return what comes out beside the main items: process, node, quantity (per run), cost_share."""
    places = chain.processes.select("process", "site")
    return chain.coproducts.join(places, on="process", maintain_order="left").select(
        "process", "quantity", "cost_share", node=codes.node()
    )


def giving(m: Builder, net: Network) -> None:
    """Take out of a run what comes beside its item.

        balance of node n in t: what comes in rises by the sum over runs m of quantity[m,n] * make[m]

    quantity is in good units: neither yield nor ramp lessens it.
    """
    beside = net.goods.beside
    if beside.is_empty():
        return
    rows = m.rows["balance"].first + net.balances.row[beside["node"].to_numpy(), beside["period"].to_numpy()]
    m.add_terms(rows, m.columns["make"].first + beside["make"].to_numpy(), beside["quantity"])
