"""What is certified: the campaigns that a plan runs, what they let it sell and make, and the labs that run them.

Which days a campaign holds on is told in plan/options/proofs.py.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from cellroad.plan.kernel import Block, Builder
from cellroad.plan.network.network import Network


def covering(m: Builder, net: Network, start: Block) -> Block:
    """A piece a of the days of a period is covered by a campaign that reaches over it and has been run.

        bounds  0 <= cover[a] <= 1
        cover[a] <= sum over starts s that are ready before a and do not lapse within it of start[s]

    Only certificates whose campaigns may be run again have pieces.
    """
    permits = net.permits
    told = permits.pieces.join(_standards(net), on="proof", maintain_order="left")
    told = told.select("item", "standard", "cell", "piece", "period")
    cover = m.add_columns("cover", permits.pieces.height, upper=1.0, index=told)
    rows = m.add_rows("covered", permits.pieces.height, upper=0.0, index=told)
    m.add_terms(rows.ids, cover.ids, 1.0)
    reaches = permits.reaches
    m.add_terms(rows.first + reaches["piece"].to_numpy(), start.first + reaches["start"].to_numpy(), -1.0)
    return cover


def certified(m: Builder, net: Network, sell: Block, start: Block, cover: Block) -> None:
    """An item is sold only after its campaign and while that holds, for every standard that is asked for.

        sell[l] <= wanted[d] * (free share + sum over starts s of the campaign of share[s,t] * start[s]
                                + sum over pieces a of share[a] * cover[a])

    share[s,t] is the part of the days of t on which the campaign started then holds; pieces take its place where
    campaigns may be run again. The free share is that of days covered by what is valid already.
    """
    sales = net.permits.sales
    column = net.sells.with_columns(column=pl.int_range(pl.len()))
    pairs = sales.select("sell", "proof").unique(maintain_order=True).with_row_index("pair").cast({"pair": pl.Int64})
    placed = pairs.join(column, on="sell", maintain_order="left")
    placed = placed.join(_standards(net).drop("item"), on="proof", maintain_order="left")
    told = placed.select("market", "want", "segment", "item", "standard", "period")
    terms = sales.join(pairs, on=["sell", "proof"]).join(net.sells.select("sell", "wanted"), on="sell")
    terms = terms.with_columns(part=pl.col("share") * pl.col("wanted"))
    free = terms.filter(pl.col("start").is_null() & pl.col("piece").is_null())
    upper = np.zeros(pairs.height)
    np.add.at(upper, free["pair"].to_numpy(), free["part"].to_numpy())
    rows = m.add_rows("certified", pairs.height, upper=upper, index=told)
    m.add_terms(rows.ids, sell.first + placed["column"].to_numpy(), 1.0)
    for name, block in (("start", start), ("piece", cover)):
        mine = terms.filter(pl.col(name).is_not_null())
        m.add_terms(rows.first + mine["pair"].to_numpy(), block.first + mine[name].to_numpy(), -mine["part"].to_numpy())


def made_of(m: Builder, net: Network, make: Block, start: Block, cover: Block) -> None:
    """A process takes in a cell only in periods in which the proof for that cell holds on every day.

        make[m] <= most[m] * sum over starts s of the campaign that hold all of t of start[s]
        make[m] <= most[m] * cover[a], for every piece a of t, where campaigns may be run again

    most[m] is what the hours of its lines allow, else more than could be of use.
    """
    needed = net.permits.runs
    hours = net.makes.join(net.most_hours, on="batch", how="left", maintain_order="left")
    limit = (hours["hours"] / hours["hours_per_unit"]).fill_null(np.inf).fill_nan(np.inf).to_numpy()
    most = np.minimum(net.makes["most"].to_numpy(), limit)
    rows_of = needed.select("make", "proof", "piece").unique(maintain_order=True).with_row_index("row")
    rows_of = rows_of.cast({"row": pl.Int64})
    made = rows_of["make"].to_numpy()
    told = rows_of.join(net.makes.select("make", "process", "batch", "period"), on="make", maintain_order="left")
    told = told.join(_standards(net), on="proof", maintain_order="left")
    names = ["process", "batch", "item", "standard", "cell", "piece", "period"]
    rows = m.add_rows("made of", rows_of.height, upper=0.0, index=told.select(names))
    m.add_terms(rows.ids, make.first + made, 1.0)
    terms = needed.join(rows_of, on=["make", "proof", "piece"], nulls_equal=True)
    for name, block in (("start", start), ("piece", cover)):
        mine = terms.filter(pl.col(name).is_not_null())
        m.add_terms(
            rows.first + mine["row"].to_numpy(), block.first + mine[name].to_numpy(), -most[mine["make"].to_numpy()]
        )


def _standards(net: Network) -> pl.DataFrame:
    """Return what each proof is: proof, item, standard, cell."""
    rows = net.chain.certificates.select("item", "standard", "cell").with_row_index("proof")
    return rows.cast({"proof": pl.Int64})


def laboratories(m: Builder, net: Network, start: Block) -> None:
    """A lab runs no more campaigns at a time than it can: in every period t, those under way on one of its days.

    sum over the campaigns of lab b that are under way in t of start[s] <= at_once[b]
    """
    labs = net.chain.labs.select("lab", "at_once").with_row_index("number").cast({"number": pl.Int64})
    campaigns = net.starts.frame.join(labs, on="lab")
    grid = pl.DataFrame({"period": np.arange(net.periods.count), "begin": net.periods.first_day[:-1]})
    busy = campaigns.select("number", "start", "ready_day", decided="period").join(grid, how="cross")
    busy = busy.filter((pl.col("period") >= pl.col("decided")) & (pl.col("ready_day") > pl.col("begin")))
    told = labs.filter(pl.lit(campaigns.height > 0)).join(grid.select("period"), how="cross")
    upper = told["at_once"].cast(pl.Float64).to_numpy()
    rows = m.add_rows("lab", told.height, upper=upper, index=told.drop("number", "at_once"))
    at = rows.first + busy["number"].to_numpy() * net.periods.count + busy["period"].to_numpy()
    m.add_terms(at, start.first + busy["start"].to_numpy(), 1.0)
