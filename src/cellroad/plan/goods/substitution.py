"""May another item stand in for an input? Substitutes in the bill of materials of a process.

Only for what carries no provenance (another foil, another salt): a pack made from another cell is another item, and
its process is written beside the first one. The bill stays what it is; a substitution relieves it of a part of an
input and takes the substitute instead, so that a process needs no second row for every mixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.plan.kernel import Builder
from cellroad.plan.network.arcs import Codes
from cellroad.plan.periods import Periods

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network


def make_swaps(chain: Chain, codes: Codes, inputs: pl.DataFrame) -> pl.DataFrame:
    """Return what may stand in for what: process, site, instead_of, item, node_from (what stands in), node_to, ratio,
    most_share, cost_usd, valid_from, valid_to. What no bill asks for is left out.

    inputs  process, input_node
    """
    places = chain.processes.select("process", "site")
    swaps = chain.substitutes.join(places, on="process", maintain_order="left").with_columns(
        node_from=codes.node(), node_to=codes.node("site", "instead_of")
    )
    return swaps.join(inputs, left_on=["process", "node_to"], right_on=["process", "input_node"], how="semi").select(
        "process", "site", "instead_of", "item", "node_from", "node_to", "ratio", "most_share", "cost_usd",
        "valid_from", "valid_to",
    )  # fmt: skip


def swap_periods(swaps: pl.DataFrame, makes: pl.DataFrame, there: pl.DataFrame, periods: Periods) -> pl.DataFrame:
    """Return the substitutions worth a column: those in whose period the process may run and the substitute be there.

    makes  process, period
    there  node, earliest
    Gives swap, the columns of `make_swaps` but the dates, period, and share: the largest part of the input.
    """
    parts = [
        periods.frame.select("period", line=pl.lit(n, dtype=pl.UInt32), valid=pl.Series(periods.share_of_days(*days)))
        for n, days in enumerate(swaps.select("valid_from", "valid_to").iter_rows())
    ]
    empty = pl.DataFrame(schema={"period": pl.Int64, "line": pl.UInt32, "valid": pl.Float64})
    return (
        swaps.drop("valid_from", "valid_to")
        .with_row_index("line")
        .join(pl.concat([empty, *parts]), on="line", maintain_order="left_right")
        .with_columns(share=pl.col("most_share") * pl.col("valid"))
        .filter(pl.col("share") > 0)
        .join(makes.select("process", "period").unique(), on=["process", "period"], how="semi")
        .join(there.select("earliest", node_from="node"), on="node_from", maintain_order="left")
        .filter(pl.col("period") >= pl.col("earliest"))
        .drop("line", "most_share", "valid", "earliest")
        .with_row_index("swap")
        .cast({"swap": pl.Int64})
    )


def substituting(m: Builder, net: Network) -> None:
    """Let one item stand in for an input of a process, up to a part of it.

        value   - cost[x] * discount[t] * swap[x]
        balance of the input in t: swap[x] less is taken in;  of the substitute: ratio[x] * swap[x] more
        swap[x] <= share[x] * sum over runs m of the process in t of quantity[m] * make[m]
        sum over x for the same input of swap[x] <= the same sum

    swap[x] counts units of the input that are replaced.
    """
    swaps = net.goods.swaps
    if swaps.is_empty():
        return
    told = ["process", "instead_of", "item", "period"]
    size = net.size(swaps["node_to"])
    swap = m.add_columns("swap", swaps.height, size_of=size, index=swaps.select(told))
    period, where = swaps["period"].to_numpy(), net.balances.row
    place = swaps["node_to"].to_numpy() // net.codes.items.height
    m.money("make", swap.ids, period, -swaps["cost_usd"], place)
    first = m.rows["balance"].first
    m.add_terms(first + where[swaps["node_to"].to_numpy(), period], swap.ids, 1.0)
    m.add_terms(first + where[swaps["node_from"].to_numpy(), period], swap.ids, -swaps["ratio"])
    runs = net.makes.select("make", "process", "period").join(
        net.uses.select("make", "quantity", node_to="node"), on="make", maintain_order="left"
    )
    same = ["process", "instead_of", "node_to", "period"]
    each = swaps.select("swap", "share", *same).with_columns(row="swap", factor=pl.lit(1.0))
    together = swaps.group_by(same, maintain_order=True).agg(pl.col("swap")).filter(pl.col("swap").list.len() > 1)
    together = together.with_row_index("row").cast({"row": pl.Int64}).with_columns(share=pl.lit(1.0))
    for name, asked in (("swap", each), ("swaps", together.explode("swap"))):
        limits = asked.unique("row", maintain_order=True)
        index = swaps.select(told) if name == "swap" else limits.select(told[:2] + told[3:])
        rows = m.add_rows(name, limits.height, upper=0.0, index=index)
        m.add_terms(rows.first + asked["row"].to_numpy(), swap.first + asked["swap"].to_numpy(), 1.0)
        fed = limits.select("row", "share", *same).join(runs, on=["process", "node_to", "period"])
        m.add_terms(
            rows.first + fed["row"].to_numpy(),
            m.columns["make"].first + fed["make"].to_numpy(),
            -(fed["share"] * fed["quantity"]),
        )
