"""How old is what is used? Shelf life, told by cohort.

Cells age from the day they are made, at the vendor, at sea and in the warehouse alike. A cohort is what was made (or
bought, which is when it is made for us) in the same period; its age in period t is the time from the middle of the one
to the middle of the other, which is what units made evenly and used first in, first out have on the mean. A unit may be
used, sold, or sent on as long as it is no older than the shelf life at the place where it is; stock on hand and goods
under way come with the age that they have.

For identical units at one place first in, first out is best, and one row per period would do: what is held is at most
what came in over the shelf life. Over several places it would not, because a fresh unit here does not make up for an
expired one there. So the flows of an item that can expire are told apart by cohort, beside the flows of the model and
tied to them; an item that outlives the horizon has no such columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.goods.reserves import sent, used
from cellroad.plan.goods.scrapping import kept_shares
from cellroad.plan.kernel import Block, Builder
from cellroad.plan.network.arcs import Codes
from cellroad.plan.periods import Periods

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network

Floats = NDArray[np.float64]
EXACT = 1e-9
BORN = (pl.col("born") * 1e6).round().cast(pl.Int64)
"""When a cohort was made, in millionths of a month: whole, so that it can be compared."""
CELL = ["node", "cohort", "period"]


@dataclass(frozen=True)
class Cohorts:
    """Cohorts of items that can expire.

    life     node, months: nodes of such items with their shelf life (infinite where only others limit it)
    born     item (code), cohort, born (months from the start), key (the same, whole)
    """

    life: pl.DataFrame
    born: pl.DataFrame


def make_cohorts(
    chain: Chain, codes: Codes, periods: Periods, nodes: pl.DataFrame, sources: pl.DataFrame, given: pl.DataFrame
) -> Cohorts:
    """Return the cohorts of every item of which a unit could grow older than its shelf life within the horizon.

    nodes    node: those that have a balance
    sources  node, period: where units of age nothing can come in
    given    node, born: what comes in with an age
    """
    size = codes.items.height
    by_item = chain.items.select(months="shelf_months", item=pl.int_range(pl.len()))
    here = chain.stocks.select("shelf_months", node=codes.node())
    item = pl.col("node") % size
    life = (
        nodes.select("node", item=item)
        .join(by_item, on="item", maintain_order="left")
        .join(here, on="node", how="left", maintain_order="left")
        .select("node", "item", months=pl.coalesce("shelf_months", "months").fill_null(np.inf))
    )
    made = sources.join(periods.middles, on="period").select(item=item, born="middle")
    born = pl.concat([made, given.select(item=item, born="born")]).with_columns(key=BORN)
    born = born.unique(["item", "key"]).sort("item", "key")
    oldest = born.group_by("item").agg(age=periods.middle_month[-1] - pl.col("born").min())
    short = life.group_by("item").agg(pl.col("months").min()).join(oldest, on="item")
    binding = short.filter(pl.col("months") + EXACT < pl.col("age")).select("item")
    return Cohorts(
        life.join(binding, on="item", how="semi").select("node", "months"),
        born.join(binding, on="item", how="semi").with_row_index("cohort").cast({"cohort": pl.Int64}),
    )


def fresh_places(net: Network) -> pl.DataFrame:
    """Return every place and period at which units come in that may still be used there: node, cohort, period, keeps.

    `keeps` says whether they may be held over to the next period.
    """
    cohorts = net.goods.cohorts
    grid = (
        pl.DataFrame({"node": net.balances.node, "period": net.balances.period})
        .join(cohorts.life, on="node")
        .with_columns(item=pl.col("node") % net.codes.items.height)
        .join(cohorts.born, on="item")
        .join(net.periods.middles, on="period")
        .with_columns(age=pl.col("middle") - pl.col("born"), next_age=pl.col("next") - pl.col("born"))
        .filter((pl.col("age") >= -EXACT) & (pl.col("age") <= pl.col("months") + EXACT))
    )
    return grid.select(*CELL, keeps=pl.col("next_age") <= pl.col("months") + EXACT).sort(CELL)


def aged_cells(net: Network) -> pl.DataFrame:
    """Return the balances by cohort: node, cohort, period; where units may be used, and where they come in too old."""
    fresh = fresh_places(net).select(CELL)
    arrived = _landed(net, _moved(net, fresh)).select("cohort", node="node_to", period="to")
    return pl.concat([fresh, arrived.select(CELL), _supplied(net).select(CELL)]).unique().sort(CELL)


def _moved(net: Network, fresh: pl.DataFrame) -> pl.DataFrame:
    """Return the shipments by cohort: ship, cohort, node (from), node_to, period."""
    ships = net.ships.select("ship", "node_to", "period", node="node_from")
    return ships.join(fresh, on=["node", "period"]).sort("ship", "cohort")


def _landed(net: Network, moved: pl.DataFrame) -> pl.DataFrame:
    """Return where shipments by cohort land within the horizon: ship, cohort, node_to, to, share."""
    inside = net.lands.filter(pl.col("to") < net.periods.count).select("ship", "to", "share")
    return moved.select("ship", "cohort", "node_to").join(inside, on="ship")


def ageing(m: Builder, net: Network) -> None:
    """Tell the units of an item that can expire apart by cohort c, and use none that is older than its shelf life.

        kept * hold[n,c,t-1] + made[n,t] (of c) + sum of share[h,t] * ship[h,c]
            = use[n,c,t] + sum of ship[h,c] + hold[n,c,t] + scrap[n,c,t]
        sum over c of use[n,c,t] = what is used or sold at n in t;  of ship[h,c] = ship[h];
        of hold[n,c,t] = hold[n,t];  of scrap[n,c,t] = scrap[n,t]

    use, ship and hold stand only where age[c,t] <= shelf_months[n]; hold only where that is still so in the period
    after. made[n,t] is what is bought, made, relieved or comes back; what arrives too old can only be scrapped.
    """
    if net.goods.cohorts.life.is_empty():
        return
    fresh = fresh_places(net)
    moved = _moved(net, fresh.select(CELL))
    landed = _landed(net, moved)
    cells = aged_cells(net).with_columns(row=pl.int_range(pl.len()))
    local = used(m, net).join(net.goods.cohorts.life, on="node", how="semi")
    eaten = fresh.join(local.select("node", "period").unique(), on=["node", "period"], how="semi").select(CELL)
    held = fresh.filter("keeps").select(CELL)

    rows = m.add_rows("aged balance", cells.height, **_given(net, cells), index=cells.select(CELL))
    use = m.add_columns("aged use", eaten.height, size_of=net.size(eaten["node"]), index=eaten)
    sent_off = moved.join(net.ships.select("ship", "lane", "item"), on="ship", maintain_order="left")
    ship = m.add_columns(
        "aged ship", moved.height, size_of=net.size(moved["node"]),
        index=sent_off.select("lane", "item", "cohort", "period"),
    )  # fmt: skip
    hold = m.add_columns("aged hold", held.height, size_of=net.size(held["node"]), index=held)
    scrap = m.add_columns("aged scrap", cells.height, size_of=net.size(cells["node"]), index=cells.select(CELL))

    def terms(frame: pl.DataFrame, column: pl.Series | NDArray[np.int64], factor: pl.Series | Floats | float) -> None:
        """Add a term to the balance of the cell of each row of a frame."""
        placed = frame.select(CELL).join(cells, on=CELL, how="left", maintain_order="left")["row"]
        there = placed.is_not_null().to_numpy()
        factors = np.broadcast_to(np.asarray(factor, dtype=np.float64), there.shape)
        m.add_terms(rows.first + placed.drop_nulls().to_numpy(), np.asarray(column)[there], factors[there])

    for frame, block in ((eaten, use), (moved, ship), (held, hold), (cells, scrap)):
        terms(frame, block.ids, -1.0)
    after = held.with_columns(pl.col("period") + 1)
    on = (after["period"] < net.periods.count).to_numpy()
    kept = kept_shares(net)[after["node"].to_numpy()[on], after["period"].to_numpy()[on]]
    terms(after.filter(pl.Series(on)), hold.ids[on], kept)
    pairs = landed.join(
        moved.select("ship", "cohort", column=pl.int_range(pl.len()) + ship.first), on=["ship", "cohort"]
    )
    terms(pairs.select("cohort", node="node_to", period="to"), pairs["column"], pairs["share"])
    new = _made(m, net)
    terms(new, new["column"], new["units"])

    where = net.balances.row
    flows = net.goods.cohorts.life.join(local, on="node", maintain_order="left_right")
    _tie(m, "aged use", eaten, use, flows.select("node", "period", "column", "units"))
    lanes = net.ships.select("ship", "lane", "item")
    _tie(m, "aged ship", moved.select("ship", "period"), ship, _own(net, sent(m, net)), lanes)
    grid = pl.DataFrame({"node": net.balances.node, "period": net.balances.period})
    grid = grid.join(net.goods.cohorts.life, on="node", how="semi", maintain_order="left")
    at = where[grid["node"].to_numpy(), grid["period"].to_numpy()]
    everything = grid.with_columns(column=pl.Series(m.columns["hold"].first + at), units=pl.lit(1.0))
    _tie(m, "aged hold", held, hold, everything)
    scrapped = net.goods.scraps.with_columns(column=pl.int_range(pl.len()) + m.columns["scrap"].first)
    scrapped = scrapped.join(net.goods.cohorts.life, on="node", how="semi", maintain_order="left")
    _tie(m, "aged scrap", cells, scrap, scrapped.select("node", "period", "column", units=pl.lit(1.0)))


def _own(net: Network, flows: pl.DataFrame) -> pl.DataFrame:
    """Keep the shipments of items that can expire, each as a tie of its own."""
    mine = flows.with_columns(ship=pl.int_range(pl.len())).join(net.goods.cohorts.life, on="node", how="semi")
    return mine.select("ship", "period", "column", "units")


def _tie(
    m: Builder, name: str, parts: pl.DataFrame, block: Block, flows: pl.DataFrame, words: pl.DataFrame | None = None
) -> None:
    """Make the columns by cohort add up to the flows: of a node (or shipment) and period, column by column.

    parts  key, period, in the order of the block
    flows  key, period, column, units
    words  key, and what it is about, where it is no node
    """
    key = [flows.columns[0], "period"]
    ties = flows.select(key).unique(maintain_order=True).with_columns(tie=pl.int_range(pl.len()))
    told = ties.select(key) if words is None else ties.select(key).join(words, on=key[0], maintain_order="left")
    rows = m.add_rows(name, ties.height, lower=0.0, upper=0.0, index=told.drop("ship", strict=False))
    whole = flows.join(ties, on=key, maintain_order="left")
    m.add_terms(rows.first + whole["tie"].to_numpy(), whole["column"], -whole["units"])
    cohort = parts.select(key).with_columns(column=pl.Series(block.ids)).join(ties, on=key, maintain_order="left")
    m.add_terms(rows.first + cohort["tie"].to_numpy(), cohort["column"], 1.0)


def _given(net: Network, cells: pl.DataFrame) -> dict[str, Floats]:
    """Return the bounds of the balances by cohort: less what is on hand or arrives with an age."""
    right = (
        -cells.join(_supplied(net), on=CELL, how="left", maintain_order="left")["quantity"].fill_null(0.0).to_numpy()
    )
    return {"lower": right, "upper": right}


def _supplied(net: Network) -> pl.DataFrame:
    """Return what is on hand or arrives by itself by cohort: node, cohort, period, quantity."""
    return (
        given(net.nodes, net.chain, net.codes, net.goods.arrivals)
        .with_columns(item=pl.col("node") % net.codes.items.height, key=BORN)
        .join(net.goods.cohorts.born, on=["item", "key"])
        .group_by(CELL)
        .agg(pl.col("quantity").sum())
    )


def given(nodes: pl.DataFrame, chain: Chain, codes: Codes, arrivals: pl.DataFrame) -> pl.DataFrame:
    """Return what comes in with an age: node, period, quantity, born."""
    ages = chain.stocks.select("age_months", node=codes.node())
    on_hand = nodes.filter(pl.col("on_hand") > 0).join(ages, on="node", how="left", maintain_order="left")
    columns = ["node", "period", "quantity", "born"]
    opening = on_hand.select("node", quantity="on_hand", born=-pl.col("age_months"), period=pl.lit(0, dtype=pl.Int64))
    return pl.concat([opening.select(columns), arrivals.select(columns)])


def _made(m: Builder, net: Network) -> pl.DataFrame:
    """Return what comes into being: node, cohort, period, column, units."""
    columns = {name: block.first for name, block in m.columns.items()}
    frames = [
        net.buys.select("node", "period", column=pl.int_range(pl.len()) + columns["buy"], units=pl.lit(1.0)),
        net.makes.select("node", "period", column=pl.col("make") + columns["make"], units="yield_share"),
        net.goods.beside.select("node", "period", column=pl.col("make") + columns["make"], units="quantity"),
        net.goods.returns.select("node", period="to", column=pl.col("sell") + columns["sell"], units="quantity"),
    ]
    return (
        pl.concat(frame.select("node", "period", "column", "units") for frame in frames)
        .join(net.periods.middles, on="period")
        .with_columns(item=pl.col("node") % net.codes.items.height, born="middle")
        .with_columns(key=BORN)
        .join(net.goods.cohorts.born, on=["item", "key"])
        .join(net.goods.cohorts.life, on="node", how="semi")
        .select(*CELL, "column", "units")
    )
