"""How much must a line be used?

A line may have a least use that it keeps whenever it is in operation, and one that it keeps only while it runs. Both
are shares of the hours that it has at its age, so that while it ramps up the minimum ramps with it, and of a closed
line nothing is asked. They count in the periods in which what the line makes can still serve a customer: nobody has to
make what comes too late to be sold. The most that a line may be used is in its hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.kernel import Block, Builder
from cellroad.plan.network.network import Network
from cellroad.plan.options import closing
from cellroad.plan.options.starting import EXISTING

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Hours:
    """The hours of lines by row (a resource in a period): what stands, and terms of what adds to it or ends it."""

    index: pl.DataFrame
    standing: Floats
    most: Floats
    row: Ints
    column: Ints
    hours: Floats


def least_use(m: Builder, net: Network, make: Block, start: Block) -> None:
    """A line r with a least use is used at least so much in every period in which it is in operation.

        sum over m on r in t of hours_per_unit[m] * make[m] >= min_use_share[r] * hours[r,t]
        hours[r,t] = standing[t] + sum of hours[s,t] * start[s]
                     - sum of hours[t] * close[c] - sum of hours[s,t] * ended[s,c]

    A plan that cannot keep it for want of demand or inputs has to close the line, not build it, or there is none.
    """
    share = net.chain.resources.filter(pl.col("min_use_share") > 0).select("resource", share="min_use_share")
    if share.is_empty():
        return
    has = _hours(m, net, share, start)
    part = has.index["share"].to_numpy()
    rows = m.add_rows(
        "least use", has.index.height, lower=part * has.standing, index=has.index.select("resource", "period")
    )
    _add_use(m, net, rows, has.index, make, 1.0)
    m.add_terms(rows.first + has.row, has.column, -part[has.row] * has.hours)


def running(m: Builder, net: Network, make: Block, start: Block) -> Block | None:
    """A line r with a least use while it runs is used at least so much in a period, or not at all.

        used[r,t] <= most[r,t] * run[r,t]
        used[r,t] >= min_run_share[r] * (hours[r,t] - most[r,t] * (1 - run[r,t]));  run[r,t] is 0 or 1

    used and hours are those of `least_use`, most[r,t] the most hours that the line can have in t.
    """
    share = net.chain.resources.filter(pl.col("min_run_share") > 0).select("resource", share="min_run_share")
    if share.is_empty():
        return None
    has = _hours(m, net, share, start)
    told = has.index.select("resource", "period")
    part = has.index["share"].to_numpy()
    run = m.add_columns("run", told.height, upper=1.0, whole=True, index=told)
    rows = m.add_rows("runs", told.height, upper=0.0, index=told)
    _add_use(m, net, rows, has.index, make, 1.0)
    m.add_terms(rows.ids, run.ids, -has.most)
    rows = m.add_rows("runs enough", told.height, lower=part * (has.standing - has.most), index=told)
    _add_use(m, net, rows, has.index, make, 1.0)
    m.add_terms(rows.ids, run.ids, -part * has.most)
    m.add_terms(rows.first + has.row, has.column, -part[has.row] * has.hours)
    return run


def _add_use(m: Builder, net: Network, rows: Block, index: pl.DataFrame, make: Block, factor: float) -> None:
    """Add the hours used of each resource and period to its row."""
    used = net.makes.filter(pl.col("hours_per_unit") > 0).join(
        index.select("resource", "period", "row"), on=["resource", "period"]
    )
    m.add_terms(
        rows.first + used["row"].to_numpy(), make.first + used["make"].to_numpy(), factor * used["hours_per_unit"]
    )


def _hours(m: Builder, net: Network, share: pl.DataFrame, start: Block) -> _Hours:
    """Return the hours of the resources with a share, in the periods in which they can make something useful."""
    index = (
        net.makes.filter(pl.col("hours_per_unit") > 0)
        .select("resource", "period")
        .unique()
        .join(share, on="resource")
        .sort("resource", "period")
        .with_row_index("row")
        .cast({"row": pl.Int64})
    )
    at = index.select("resource", "period", "row")
    lines = net.lines.join(at, on=["resource", "period"])
    standing, most = np.zeros(index.height), np.zeros(index.height)
    stands = lines.filter(pl.col("start") == EXISTING)
    np.add.at(standing, stands["row"].to_numpy(), stands["hours"].to_numpy())
    together = (
        lines.join(net.starts.frame.select("start", "undertaking"), on="start", how="left")
        .group_by("row", "undertaking")
        .agg(pl.col("hours").max())
    )
    np.add.at(most, together["row"].to_numpy(), together["hours"].to_numpy())
    brought = lines.filter(pl.col("start") != EXISTING)
    parts = [(brought["row"].to_numpy(), start.first + brought["start"].to_numpy(), brought["hours"].to_numpy())]
    if "ended" in m.columns:
        batches = net.lines.select("batch", "resource").unique()
        lost = closing.cuts(net, closing.pairs(net)).join(batches, on="batch").join(at, on=["resource", "period"])
        ended = closing.columns(lost, start, m.columns["ended"])
        parts.append((lost["row"].to_numpy(), ended, -lost["hours"].to_numpy()))
    row, column, hours = (np.concatenate(part) for part in zip(*parts, strict=True))
    return _Hours(index, standing, most, row, column, hours)
