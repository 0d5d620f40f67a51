"""What ends when a resource is closed?

A closure ends, from a period on, every line of its resource that is in operation then: what stands already and what
options have built. What becomes ready later is another line, with a ramp of its own, so that a closed place may be
opened again. Of a resource at most one closure is taken; what never came to be cannot be closed.

close[c] are starts like those of options. Of a line that an option has built both the start s and its end c are
decided; ended[s,c] is their product, so that hours, fixed cost and value stay linear.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.kernel import Block, Builder
from cellroad.plan.network.network import Network
from cellroad.plan.options.starting import EXISTING, straight_line

Ints = NDArray[np.int64]


def closures(net: Network) -> pl.DataFrame:
    """Return the starts of closures: closing (start), resource, close_month, from (first period without production)."""
    found = net.starts.frame.filter(pl.col("kind") == "closure")
    first = np.searchsorted(net.periods.first_day, found["ready_day"].to_numpy())
    return found.select("resource", "what", closing="start", close_month="ready_month").with_columns(
        pl.Series("from", first, dtype=pl.Int64)
    )


def pairs(net: Network) -> pl.DataFrame:
    """Return every start of an option with every closure that would end it: pair, built, undertaking, closing, from,
    recovered_usd."""
    built = net.starts.frame.filter(pl.col("kind") == "option").select(
        "resource", "undertaking", "ready_month", "cost_usd", "life_years", built="start"
    )
    share = net.chain.closures.select("recovered_share", what="closure")
    found = (
        built.join(closures(net), on="resource")
        .filter(pl.col("ready_month") < pl.col("close_month"))
        .join(share, on="what", maintain_order="left")
        .sort("built", "closing")
        .with_row_index("pair")
        .cast({"pair": pl.Int64})
    )
    worth = [
        row["recovered_share"]
        * straight_line({**row, "capex_usd": row["cost_usd"]}, row["close_month"] - row["ready_month"])
        for row in found.iter_rows(named=True)
    ]
    return found.with_columns(recovered_usd=pl.Series(worth, dtype=pl.Float64)).select(
        "pair", "built", "undertaking", "closing", "from", "recovered_usd", "resource"
    )


def cuts(net: Network, ends: pl.DataFrame) -> pl.DataFrame:
    """Return the lines that closures take away: batch, period, start, closing, pair (null for what stands), hours."""
    standing = net.lines.filter(pl.col("start") == EXISTING).join(
        closures(net).select("resource", "closing", "from", pair=pl.lit(None, dtype=pl.Int64)), on="resource"
    )
    built = net.lines.join(ends.select("closing", "from", "pair", start="built"), on="start")
    columns = ["batch", "period", "start", "closing", "pair", "hours", "from"]
    both = pl.concat([standing.select(columns), built.select(columns)])
    return both.filter(pl.col("period") >= pl.col("from")).drop("from")


def closing(m: Builder, net: Network, make: Block, start: Block) -> None:
    """A closure c ends what stands, and every start s of an option on its resource that is ready before it.

        value   + (fixed cost saved - residual at the end + recovered value)[s,c] * ended[s,c], discounted
        sum over s of an option of ended[s,c] <= close[c];  sum over c of ended[s,c] <= start[s]
        sum over c after s of ended[s,c] >= start[s] + sum over c after s of close[c] - 1
        close[c] <= sum over s of ended[s,c] where nothing of the resource stands at first

    With whole starts ended[s,c] is 1 just where both are. Of the hours of a batch those of closed lines are taken off:

        hours used <= hours of `capacity` - sum over c of hours[t] * close[c] - sum of hours[s,t] * ended[s,c]

    and what takes no hours ends with the last line of its batch. The cost of closing, what it recovers and the fixed
    cost of what stands are on close[c] itself.
    """
    if closures(net).is_empty():
        return
    ends = pairs(net)
    ended = m.add_columns("ended", ends.height, upper=1.0, index=ends.select("built", "closing"))
    built, closes = start.first + ends["built"].to_numpy(), start.first + ends["closing"].to_numpy()
    _pay(m, net, ends, ended)

    each = ends.select(pl.struct("undertaking", "closing").rank("dense").cast(pl.Int64) - 1, closes=pl.Series(closes))
    groups = each.unique().sort("undertaking")
    most = m.add_rows("ended most", groups.height, upper=0.0, index=groups.select("undertaking", "closes"))
    m.add_terms(most.first + each["undertaking"].to_numpy(), ended.ids, 1.0)
    m.add_terms(most.ids, groups["closes"].to_numpy(), -1.0)

    starts, number = np.unique(built, return_inverse=True)
    told = pl.DataFrame({"built": starts - start.first})
    once = m.add_rows("ended once", starts.size, upper=0.0, index=told)
    m.add_terms(once.first + number, ended.ids, 1.0)
    m.add_terms(once.ids, starts, -1.0)
    both = m.add_rows("ended both", starts.size, lower=-1.0, index=told)
    m.add_terms(both.first + number, ended.ids, 1.0)
    m.add_terms(both.first + number, closes, -1.0)
    m.add_terms(both.ids, starts, -1.0)

    operating = net.chain.resources.filter(pl.col("status") == "operating").select("resource")
    bare = closures(net).join(operating, on="resource", how="anti")["closing"].to_numpy()
    something = m.add_rows("something to close", bare.size, upper=0.0, index=pl.DataFrame({"closing": bare}))
    m.add_terms(something.ids, start.first + bare, 1.0)
    row = np.full(net.starts.frame.height, -1)
    row[bare] = something.ids
    mine = row[ends["closing"].to_numpy()] >= 0
    m.add_terms(row[ends["closing"].to_numpy()[mine]], ended.ids[mine], -1.0)
    _end_lines(m, net, cuts(net, ends), make, start, ended)


def _pay(m: Builder, net: Network, ends: pl.DataFrame, ended: Block) -> None:
    sites = net.chain.resources.select("resource", "site")
    place = (
        ends.join(sites, on="resource", maintain_order="left")["site"]
        .replace_strict(net.codes.sites["site"], net.codes.sites["code"], default=-1)
        .to_numpy()
    )
    saved = saving(net, ends)
    at = saved["pair"].to_numpy()
    m.money("fixed", ended.first + at, saved["period"], saved["usd"], place[at])
    residual = net.starts.frame["residual_usd"].gather(ends["built"])
    m.money("end_plant", ended.ids, net.periods.count, -residual, place)
    m.money("recovered", ended.ids, ends["from"], ends["recovered_usd"], place)


def saving(net: Network, ends: pl.DataFrame) -> pl.DataFrame:
    """Return the fixed cost that the end of what options have built saves: pair, resource, period, usd."""
    fixed = net.starts.cash.filter(pl.col("kind") == "fixed").select("period", "usd", built="start")
    return (
        ends.join(fixed, on="built")
        .filter(pl.col("period") >= pl.col("from"))
        .select("pair", "resource", "period", usd=-pl.col("usd"))
    )


def _end_lines(m: Builder, net: Network, lost: pl.DataFrame, make: Block, start: Block, ended: Block) -> None:
    """Take the lines off their batches: their hours, and with the last of them what takes no hours."""
    capacity = m.rows["capacity"]
    on_rows = lost.join(net.batches, on="batch")
    m.add_terms(capacity.first + on_rows["row"].to_numpy(), columns(on_rows, start, ended), on_rows["hours"])

    idle = (
        net.makes.filter(pl.col("hours_per_unit") == 0)
        .join(lost.select("batch").unique(), on="batch", how="semi")
        .select("make", "batch", "process", "period", "most")
        .with_row_index("row")
        .cast({"row": pl.Int64})
    )
    lines = idle.join(net.lines.select("batch", "start"), on="batch")
    standing = lines.filter(pl.col("start") == EXISTING)
    most = np.zeros(idle.height)
    most[standing["row"].to_numpy()] = standing["most"].to_numpy()
    rows = m.add_rows("line last", idle.height, upper=most, index=idle.select("process", "batch", "period"))
    m.add_terms(rows.ids, make.first + idle["make"].to_numpy(), 1.0)
    brought = lines.filter(pl.col("start") != EXISTING)
    m.add_terms(rows.first + brought["row"].to_numpy(), start.first + brought["start"].to_numpy(), -brought["most"])
    gone = idle.join(lost.drop("period"), on="batch")
    m.add_terms(rows.first + gone["row"].to_numpy(), columns(gone, start, ended), gone["most"])


def columns(lost: pl.DataFrame, start: Block, ended: Block) -> Ints:
    """Return the column that ends each line of `cuts`: close[c] for what stands, ended[s,c] for what was built."""
    by_pair = ended.first + lost["pair"].fill_null(0).to_numpy()
    return np.where(lost["pair"].is_null().to_numpy(), start.first + lost["closing"].to_numpy(), by_pair)


def ended(net: Network, taken: pl.DataFrame) -> pl.DataFrame:
    """Return which of the starts that are taken are ended by a closure that is: pair, built, closing, from,
    recovered_usd, resource."""
    chosen = taken["start"].implode()
    return pairs(net).filter(pl.col("built").is_in(chosen) & pl.col("closing").is_in(chosen))
