"""What is really there and under way today, against what a plan thought?

What there is more of arrives by itself: a row of the pipeline, from today's stock on its first day. What there is less
of is lost, where and when it was planned to be there,

    balance of node n in t: what is given falls by lost[n,t]

so that the past stays as it was planned, and nothing comes or goes untold. Goods under way are told by item and place
of arrival: where today's pipeline names them it holds, and nothing else that the plan had sent there before.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain, complete
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.limits import breaches
from cellroad.chain.tables import TABLES
from cellroad.chain.tell import FIRST_ROW, did_you_mean
from cellroad.plan.goods.scrapping import kept_shares
from cellroad.plan.kernel import Model
from cellroad.plan.network.network import Network
from cellroad.plan.why.case import Case

Floats = NDArray[np.float64]
PLACE = ["site", "item"]
LOST = {"node": pl.Int64, "period": pl.Int64, "key": pl.Int64, "quantity": pl.Float64}
"""What is lost: node, period, key (when it was made, in millionths of a month; null where no age is told), quantity."""


def settled(
    case: Case,
    net: Network,
    model: Model,
    former: Floats,
    first: int,
    on_hand: pl.DataFrame | None,
    pipeline: pl.DataFrame | None,
) -> tuple[Chain, pl.DataFrame]:
    """Return the chain in which what there is more of arrives, and what is lost of what was planned.

    net, model, former  the network of the chain as it is known now, its model, and the former values of its columns
    first               the first period from today on
    on_hand             site, item, quantity; age_months, where that is known
    pipeline            rows of the table: arrival, site, item, arrives, quantity, due_usd, age_months, lane
    """
    chain = net.chain
    found = [(chain.pipeline, pl.DataFrame(schema=LOST))]
    if on_hand is not None and on_hand.height:
        found.append(_stock(case, net, model, former, first, on_hand))
    if pipeline is not None and pipeline.height:
        rows = _typed(net, pipeline)
        named = rows.select(PLACE).unique()
        later = pl.col("arrives") >= net.periods.frame["start"][first]
        inside = chain.pipeline.with_row_index("row").filter(later).join(named, on=PLACE, how="semi")["row"]
        found[0] = (chain.pipeline.filter(~pl.int_range(pl.len()).is_in(inside.implode())), found[0][1])
        found.append(_under_way(case, net, model, former, first, rows))
    more = pl.concat([complete(TABLES["pipeline"], rows) for rows, _ in found])
    return chain.replace(pipeline=_told_apart(more)), pl.concat([lost for _, lost in found])


def without(net: Network, model: Model, lost: pl.DataFrame) -> Model:
    """Return the model in which what is lost is not there."""
    if lost.is_empty():
        return model
    lower, upper = model.row_lower.copy(), model.row_upper.copy()

    def take(row: NDArray[np.int64], quantity: Floats) -> None:
        np.add.at(lower, row, quantity)
        np.add.at(upper, row, quantity)

    node, period = lost["node"].to_numpy(), lost["period"].to_numpy()
    take(model.rows["balance"].first + net.balances.row[node, period], lost["quantity"].to_numpy())
    if "aged balance" in model.rows:
        block = model.rows["aged balance"]
        cells = block.index.with_columns(row=pl.int_range(pl.len()) + block.first)
        cells = cells.join(net.goods.cohorts.born.select("cohort", "key"), on="cohort", maintain_order="left")
        oldest = cells.sort("key").unique(["node", "period"], keep="first").select("node", "period", oldest="row")
        aged = (
            lost.join(cells.select("node", "period", "key", "row"), on=["node", "period", "key"], how="left")
            .join(oldest, on=["node", "period"], how="left")
            .with_columns(row=pl.coalesce("row", "oldest"))
            .filter(pl.col("row").is_not_null())
        )
        take(aged["row"].to_numpy(), aged["quantity"].to_numpy())
    return replace(model, row_lower=lower, row_upper=upper)


def written_off(net: Network, lost: pl.DataFrame) -> pl.DataFrame:
    """Return what is lost as the frame of what left unsold: site, item, period, reason, quantity, cost_usd, start."""
    return (
        lost.with_columns(site=net.codes.site_of(pl.col("node")), item=net.codes.item_of(pl.col("node")))
        .group_by(*PLACE, "period", maintain_order=True)
        .agg(pl.col("quantity").sum())
        .join(net.periods.frame.select("period", "start"), on="period", maintain_order="left")
        .select(*PLACE, "period", pl.lit("missing").alias("reason"), "quantity", pl.lit(0.0).alias("cost_usd"), "start")
    )


# Stock as it was counted ----------------------------------------------------------------------------------------------


def _stock(
    case: Case, net: Network, model: Model, former: Floats, first: int, on_hand: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what was counted beyond the plan as arrivals, and what is lost."""
    _known(net, "stocks", on_hand)
    counted = on_hand.with_columns(node=net.codes.node())
    node = counted["node"].to_numpy()
    if first:
        row = net.balances.row[node, first - 1]
        planned = np.where(row >= 0, former[model.columns["hold"].first + np.maximum(row, 0)], 0.0)
        kept = kept_shares(net)[node, first]
    else:
        stock = np.zeros(net.codes.nodes)
        stock[net.nodes["node"].to_numpy()] = net.nodes["on_hand"].to_numpy()
        planned, kept = stock[node], np.ones(node.size)
    more = (counted["quantity"].to_numpy() - planned) * kept
    middle = float(net.periods.middle_month[first])
    ages = _cohorts_held(case, first - 1).with_columns(age=middle - pl.col("key") * 1e-6)
    mean = ages.group_by("node").agg(age=(pl.col("age") * pl.col("part")).sum())
    half = float(net.periods.months[first]) / 2  # what is so old today is older in the middle of the period
    told = counted["age_months"] + half if "age_months" in counted.columns else pl.lit(None, pl.Float64)
    frame = counted.with_columns(more=pl.Series(more, dtype=pl.Float64), told=told)
    frame = frame.join(mean, on="node", how="left", maintain_order="left")
    gained = frame.filter(pl.col("more") > 0).select(
        *PLACE, arrival=pl.format("counted-{}-{}", *PLACE), arrives=pl.lit(net.periods.frame["start"][first]),
        quantity="more", age_months=pl.coalesce("told", "age", pl.lit(0.0)).clip(0.0),
    )  # fmt: skip
    missing = frame.filter(pl.col("more") < 0).select("node", missing=-pl.col("more"))
    parts = missing.join(ages.select("node", "key", "part"), on="node", how="left", maintain_order="left")
    lost = parts.select(
        "node", period=pl.lit(first, pl.Int64), key="key", quantity=pl.col("missing") * pl.col("part").fill_null(1.0)
    )  # fmt: skip
    return gained, lost.cast(LOST)  # type: ignore[arg-type]


def _cohorts_held(case: Case, period: int) -> pl.DataFrame:
    """Return the ages of what the former plan holds at the end of a period: node, key, part (of the node's stock)."""
    if "aged hold" not in case.model.columns or period < 0:
        return pl.DataFrame(schema={"node": pl.Int64, "key": pl.Int64, "part": pl.Float64})
    block = case.model.columns["aged hold"]
    held = block.index.with_columns(value=pl.Series(block.of(case.values))).filter(
        (pl.col("period") == period) & (pl.col("value") > 0)
    )
    return held.join(case.net.goods.cohorts.born.select("cohort", "key"), on="cohort", maintain_order="left").select(
        "node", "key", part=pl.col("value") / pl.col("value").sum().over("node")
    )  # fmt: skip


# Goods under way ------------------------------------------------------------------------------------------------------


def _under_way(
    case: Case, net: Network, model: Model, former: Floats, first: int, rows: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows of today's pipeline that the plan does not have under way, and what is lost of what it has.

    A row that nothing more is due for, and that the plan has under way for the same period, is that shipment.
    """
    periods = net.periods
    opens = periods.frame["start"][first]
    rows = rows.with_columns(arrives=pl.max_horizontal("arrives", pl.lit(opens)), node=net.codes.node())
    rows = rows.filter(pl.col("arrives") < periods.end)
    day = (rows["arrives"] - periods.start).dt.total_days().to_numpy()
    rows = rows.with_columns(period=pl.Series(periods.of_day[day], dtype=pl.Int64))
    sent = _sent(case, net, model, former, first).join(rows.select("node").unique(), on="node", how="semi")
    at = ["node", "period"]
    planned = sent.group_by(at).agg(planned=pl.col("quantity").sum())
    free = pl.col("due_usd") == 0
    told = rows.filter(free).group_by(at).agg(told=pl.col("quantity").sum())
    both = planned.join(told, on=at, how="full", coalesce=True).with_columns(pl.col("planned", "told").fill_null(0.0))
    same = pl.min_horizontal("planned", "told")
    left = both.select(
        *at,
        new=pl.when(pl.col("told") > 0).then(1 - same / pl.col("told")).otherwise(0.0),
        gone=pl.when(pl.col("planned") > 0).then(1 - same / pl.col("planned")).otherwise(0.0),
    )
    new = rows.join(left, on=at, how="left", maintain_order="left").with_columns(
        quantity=pl.col("quantity") * pl.when(free).then("new").otherwise(1.0)
    )
    lost = sent.join(left, on=at, how="left").with_columns(quantity=pl.col("quantity") * pl.col("gone"))
    small = 1e-9 * pl.Series(net.size(lost["node"].to_numpy()), dtype=pl.Float64)
    columns = list(TABLES["pipeline"].column_names())
    gained = new.filter(pl.col("quantity") > 1e-9).select(columns)
    return gained, lost.filter(lost["quantity"] > small).select(list(LOST)).cast(LOST)  # type: ignore[arg-type]


def _sent(case: Case, net: Network, model: Model, former: Floats, first: int) -> pl.DataFrame:
    """Return what left before a period and arrives from it on: node, period (of arrival), key, quantity."""
    ships = net.ships.with_columns(amount=pl.Series(model.columns["ship"].of(former))).filter(
        (pl.col("period") < first) & (pl.col("amount") > 0)
    )
    lands = net.lands.filter((pl.col("to") >= first) & (pl.col("to") < net.periods.count)).select("ship", "to", "share")
    moved = ships.join(lands, on="ship").select(
        "lane", "item", "period", "to", node="node_to", quantity=pl.col("amount") * pl.col("share")
    )
    key = ["lane", "item", "period"]
    ages = _cohorts_sent(case)
    return moved.join(ages, on=key, how="left").select(
        "node", period="to", key="key", quantity=pl.col("quantity") * pl.col("part").fill_null(1.0)
    )


def _cohorts_sent(case: Case) -> pl.DataFrame:
    """Return the ages of what the former plan ships: lane, item, period, key, part (of the shipment)."""
    key = ["lane", "item", "period"]
    if "aged ship" not in case.model.columns:
        return case.net.ships.select(key).clear().with_columns(
            key=pl.lit(None, pl.Int64), part=pl.lit(None, pl.Float64)
        )  # fmt: skip
    block = case.model.columns["aged ship"]
    sent = block.index.with_columns(value=pl.Series(block.of(case.values))).filter(pl.col("value") > 0)
    return sent.join(case.net.goods.cohorts.born.select("cohort", "key"), on="cohort", maintain_order="left").select(
        *key, "key", part=pl.col("value") / pl.col("value").sum().over(key)
    )


def _typed(net: Network, pipeline: pl.DataFrame) -> pl.DataFrame:
    """Return rows of today's pipeline with every column of the table. Raises ChainError where they are no such rows."""
    schema = TABLES["pipeline"]
    unknown = [name for name in pipeline.columns if name not in schema.column_names()]
    missing = [name for name in ("site", "item", "arrives", "quantity") if name not in pipeline.columns]
    findings = [_finding("pipeline", name, f"no column {name!r}", "site, item, arrives and quantity", "Add it.")
                for name in missing]  # fmt: skip
    findings += [
        _finding("pipeline", name, f"a column {name!r}", "columns of the table",
                 did_you_mean(name, list(schema.column_names()), "Leave it out."))
        for name in unknown
    ]  # fmt: skip
    if findings:
        raise ChainError(findings)
    if "arrival" not in pipeline.columns:
        pipeline = pipeline.with_columns(arrival=pl.format("under-way-{}", pl.int_range(pl.len())))
    try:
        rows = complete(schema, pipeline)
    except pl.exceptions.PolarsError as error:
        words = _finding("pipeline", "", str(error).split("\n", 1)[0], "values of the kinds of the table",
                         "Give days as dates and quantities as numbers.")  # fmt: skip
        raise ChainError([words]) from error
    found = breaches("pipeline", rows, pl.Series(range(FIRST_ROW, rows.height + FIRST_ROW), dtype=pl.Int64))
    if found:
        raise ChainError(found)
    _known(net, "pipeline", rows)
    return rows


def _known(net: Network, table: str, rows: pl.DataFrame) -> None:
    """Raise ChainError where rows name an item at a site that the plan cannot use."""
    unknown = rows.select(PLACE).join(net.nodes.select(PLACE), on=PLACE, how="anti")
    if unknown.height:
        site, item = unknown.row(0)
        raise ChainError([_finding(table, "item", f"{item!r} at {site!r}", "an item at a site that the plan can use",
                                   "Leave out what no customer of the plan can be served with.")])  # fmt: skip
    if table == "stocks" and (rows["quantity"] < 0).any():
        raise ChainError([_finding(table, "on_hand", "less than nothing", "a quantity of at least 0", "Correct it.")])


def _finding(table: str, column: str, found: str, expected: str, mend: str) -> Finding:
    return Finding("blocker", table, None, column, found, expected, mend)


def _told_apart(pipeline: pl.DataFrame) -> pl.DataFrame:
    """Return the pipeline with ids that are told apart: a second row of a name has its number behind it."""
    again = pl.int_range(pl.len()).over("arrival")
    return pipeline.with_columns(
        arrival=pl.when(again > 0).then(pl.format("{}.{}", "arrival", again + 1)).otherwise("arrival")
    )
