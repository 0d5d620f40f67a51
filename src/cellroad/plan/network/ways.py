"""By which ways could an item come to a site, and when can there be such a way?

Offers, lanes, processes and what comes by itself, as arrays for the standard cost. A process counts in a period in
which a line for it stands or can stand by then, a lane in one in which something can leave on it: what no law, season
or date keeps away.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.goods.goods import Prospects
from cellroad.plan.law.border import Border
from cellroad.plan.network.arcs import Codes, LaneArcs
from cellroad.plan.network.worth import CostArcs
from cellroad.plan.options.starting import EXISTING
from cellroad.plan.periods import Periods
from cellroad.rules.incoterms import customs_share


def make_ways(
    chain: Chain,
    codes: Codes,
    periods: Periods,
    buys: pl.DataFrame,
    processes: pl.DataFrame,
    inputs: pl.DataFrame,
    lines: pl.DataFrame,
    lane_arcs: LaneArcs,
    ships: pl.DataFrame,
    duties: Border,
    prospects: Prospects,
) -> CostArcs:
    """Return every way to an item with the periods in which there can be such a way.

    buys, inputs, lines, ships are those of a network before they are priced, `lane_arcs` says when lanes work.
    """
    price = np.full((buys.height, periods.count), np.inf)
    price[np.arange(buys.height), buys["period"]] = buys["price_usd"]
    lanes = ships.unique(["lane", "item"], maintain_order=True)
    lanes = lanes.with_columns(worth_usd=pl.lit(0.0)).with_columns(customs_share(0.0))  # what the price holds is paid
    tariff = lanes["tariff"].fill_null(-1).to_numpy()
    duty = np.zeros((lanes.height, periods.count))
    duty[tariff >= 0] = duties.duty[tariff[tariff >= 0], :-1]
    duty *= lanes["duty_payer_share"].to_numpy()[:, None]
    ways = _ways(processes, inputs, prospects)
    works, stands = _working(ways, lines, periods)
    leaving = np.zeros((int(lanes["klass"].max() or 0) + 1, periods.count), dtype=np.bool_)  # type: ignore[arg-type]
    left = lane_arcs.arrivals.join(lanes, on="klass", how="semi")
    leaving[left["klass"].to_numpy(), left["period"].to_numpy()] = True
    swaps = prospects.swaps.height
    swapped = np.repeat(prospects.swaps["cost_usd"].to_numpy()[:, None], periods.count, axis=1)
    usual = (ways["cost_usd"] * ways["part"]).to_numpy()
    taken = inputs.join(ways, on="process").select("number", "input_node", each=pl.col("quantity") * pl.col("part"))
    stands_in = prospects.swaps.select(
        number=pl.int_range(pl.len()) + ways.height, input_node="node_from", each="ratio"
    )
    taken = pl.concat([taken, stands_in.select(taken.columns)])
    back = prospects.comebacks.frame
    stated = chain.items.filter(pl.col("value_usd").is_not_null()).select("item", "value_usd")
    places = chain.sites.select("site").join(stated, how="cross").select("value_usd", node=codes.node())
    return CostArcs(
        price_node=buys["node"].to_numpy(),
        price=price,
        lane_from=lanes["node_from"].to_numpy(),
        lane_to=lanes["node_to"].to_numpy(),
        freight=np.where(leaving[lanes["klass"].to_numpy()], lanes["freight_usd"].to_numpy()[:, None], np.inf),
        least_freight=np.where(
            lanes["whole_containers"] == "yes", 0.0, lanes["freight_usd"]
        ),  # in a container paid for
        duty=duty,
        made=np.concatenate([ways["node"].to_numpy(), prospects.swaps["node_to"].to_numpy()]),
        conversion=np.concatenate([np.where(works, usual[:, None], np.inf), swapped]),
        stands=np.concatenate([stands, np.ones(swaps, dtype=bool)]),
        process=taken["number"].to_numpy(),
        taken=taken["input_node"].to_numpy(),
        quantity=taken["each"].to_numpy(),
        spare_node=np.concatenate([back["node_to"].to_numpy(), prospects.outputs["node"].to_numpy()]),
        spare=np.concatenate([back["cost_usd"].clip(0.0).to_numpy(), np.zeros(prospects.outputs.height)]),
        given_node=places["node"].to_numpy(),
        given=places["value_usd"].to_numpy(),
    )


def _working(ways: pl.DataFrame, lines: pl.DataFrame, periods: Periods) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return in which periods there can be a line for each way, (ways, T), and whether one stands, (ways,)."""
    free = ways["resource"].is_null().to_numpy()
    works, stands = np.repeat(free[:, None], periods.count, axis=1), free.copy()
    on = lines.select("resource", "start", "period").join(ways.select("number", "resource"), on="resource")
    works[on["number"].to_numpy(), on["period"].to_numpy()] = True
    stands[on.filter(pl.col("start") == EXISTING)["number"].to_numpy()] = True
    return works, stands


def _ways(processes: pl.DataFrame, inputs: pl.DataFrame, prospects: Prospects) -> pl.DataFrame:
    """Return every item that a process gives with its part of the cost of a run, per unit.

    Gives number, process, resource, node, cost_usd (of a run), part: the main item carries what co-products do not.
    """
    outputs = prospects.outputs
    carried = outputs.group_by("process").agg(beside=pl.col("cost_share").sum())
    main = processes.join(carried, on="process", how="left", maintain_order="left").select(
        "process", "resource", "node", "cost_usd", part=(1 - pl.col("beside").fill_null(0.0)) / pl.col("yield_share")
    )
    beside = outputs.filter(pl.col("cost_share") > 0).join(
        processes.select("process", "resource", "cost_usd"), on="process"
    )
    beside = beside.select("process", "resource", "node", "cost_usd", part=pl.col("cost_share") / pl.col("quantity"))
    return pl.concat([main, beside]).with_columns(number=pl.int_range(pl.len()))


def undecided(codes: Codes, nodes: pl.DataFrame, hangs: NDArray[np.bool_]) -> tuple[str, ...]:
    """Return in words of which goods the standard cost hangs on lines that are not decided yet.

    nodes  node, item: those of the network; hangs: of every possible node (see `worth.hanging`)
    """
    items = nodes.filter(pl.Series(hangs[nodes["node"].to_numpy()]))["item"].unique().sort().to_list()
    if not items:
        return ()
    return (f"standard cost counts lines that are not decided yet, once they could stand: {', '.join(items)}",)
