"""Goods over time: what arrives by itself, comes out beside, comes back, stands in, is kept, ages and is scrapped.

Every kind has a page of its own; here they meet. A chain whose tables ask for none of them gets no column and no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.plan.goods import backlog, comebacks, coproducts, pipeline, reserves, scrapping, shelf, substitution
from cellroad.plan.goods.comebacks import Comebacks
from cellroad.plan.goods.shelf import Cohorts
from cellroad.plan.kernel import Builder
from cellroad.plan.network.arcs import Codes
from cellroad.plan.network.worth import Floats
from cellroad.plan.periods import Periods

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network


@dataclass(frozen=True)
class Prospects:
    """What could happen to goods, whatever the period.

    arrivals   of `pipeline.make_arrivals`
    outputs    process, node, quantity, cost_share: what comes out beside the main item
    swaps      of `substitution.make_swaps`
    comebacks  what was sold and may come back
    """

    arrivals: pl.DataFrame
    outputs: pl.DataFrame
    swaps: pl.DataFrame
    comebacks: Comebacks

    def forced(self) -> pl.DataFrame:
        """Return the nodes where something may come in that nobody asked for: node."""
        return (
            pl.concat([self.arrivals.select("node"), self.comebacks.frame.select(node="node_to")]).unique().sort("node")
        )


@dataclass(frozen=True)
class Goods:
    """What happens to goods in a network, beside the spine.

    arrivals  arrival, lane, site, item, node, period, quantity, due_usd, born
    beside    make, process, node, period, quantity (per run), cost_share: co-products
    returns   sell (row of the sales), node, to, quantity (per want), cost_usd, market, item, returned, site
    swaps     swap, process, site, instead_of, item, node_from, node_to, ratio, cost_usd, period, share
    scraps    node, period, scrap_usd: where units may leave unsold
    reserves  reserve, node, site, item, period, min_units, min_days, below_usd
    cohorts   items that can expire, by when they were made
    """

    arrivals: pl.DataFrame
    beside: pl.DataFrame
    returns: pl.DataFrame
    swaps: pl.DataFrame
    scraps: pl.DataFrame
    reserves: pl.DataFrame
    cohorts: Cohorts


def make_prospects(chain: Chain, codes: Codes, periods: Periods, inputs: pl.DataFrame) -> Prospects:
    """Read off the tables what could happen to goods."""
    return Prospects(
        pipeline.make_arrivals(chain, codes, periods),
        coproducts.make_outputs(chain, codes),
        substitution.make_swaps(chain, codes, inputs),
        comebacks.make_comebacks(chain, codes, periods),
    )


def make_goods(
    chain: Chain,
    codes: Codes,
    periods: Periods,
    prospects: Prospects,
    nodes: pl.DataFrame,
    buys: pl.DataFrame,
    makes: pl.DataFrame,
    sells: pl.DataFrame,
    worth: Floats,
) -> Goods:
    """Return what can happen to goods in the network of these buys, makes and sales.

    nodes  node, earliest, on_hand
    """
    beside = makes.select("make", "process", "period").join(prospects.outputs, on="process", maintain_order="left")
    back = comebacks.make_returns(prospects.comebacks, sells, periods)
    sources = pl.concat([frame.select("node", "period") for frame in (buys, makes, beside)])
    sources = pl.concat([sources, back.select("node", period="to")]).unique()
    given = shelf.given(nodes, chain, codes, prospects.arrivals)
    cohorts = shelf.make_cohorts(chain, codes, periods, nodes, sources, given)
    several = makes.select("process", "node").join(prospects.outputs, on="process", how="semi").select("node")
    unsold = pl.concat([prospects.forced(), beside.select("node"), several, cohorts.life.select("node")])
    return Goods(
        arrivals=prospects.arrivals,
        beside=beside,
        returns=back,
        swaps=substitution.swap_periods(prospects.swaps, makes, nodes, periods),
        scraps=_scraps(chain, codes, periods, nodes, unsold),
        reserves=reserves.make_reserves(chain, codes, periods, nodes, worth),
        cohorts=cohorts,
    )


def _scraps(chain: Chain, codes: Codes, periods: Periods, nodes: pl.DataFrame, unsold: pl.DataFrame) -> pl.DataFrame:
    """Return where units may leave unsold: at the given nodes, and where a site has only so much room."""
    crowded = chain.sites.filter(pl.col("storage_m3").is_not_null())
    crowded = crowded.select("site").join(chain.items.select("item"), how="cross").select(node=codes.node())
    price = chain.items.select("scrap_usd", code=pl.int_range(pl.len()))
    return (
        nodes.select("node", "earliest")
        .join(pl.concat([unsold, crowded]).unique(), on="node", how="semi")
        .join(pl.DataFrame({"period": np.arange(periods.count)}), how="cross")
        .filter(pl.col("period") >= pl.col("earliest"))
        .with_columns(code=pl.col("node") % codes.items.height)
        .join(price, on="code", maintain_order="left")
        .select("node", "period", "scrap_usd")
        .sort("node", "period")
    )


def rules(m: Builder, net: Network) -> None:
    """Add the rules of goods over time to a model that has its balances."""
    pipeline.arriving(m, net)
    coproducts.giving(m, net)
    comebacks.coming_back(m, net)
    substitution.substituting(m, net)
    scrapping.scrapping(m, net)
    backlog.serving_late(m, net)
    reserves.keeping_reserve(m, net)
    reserves.storing(m, net)
    shelf.ageing(m, net)
