"""Strong rows for a line that serves several customers through stages with stock: what it makes must go somewhere.

What a line makes in the periods a..b has, by the end of b, been sold or is still in stock or on its way, as it was made
or inside something else. Counted in hours of that line:

    sum over a..b of hours worked <= content of all that is wanted in a..b * Y[b]
                                     + sum of content * (held at the end of b + on its way then)

where the content of an item is the most hours of the line that can be in one unit of it. With nothing started the left
side is zero; with one start the row is implied. A relaxation that pays for half a plant can then serve half of the
customers only. This is the echelon form of the (l, S) inequalities (Pochet and Wolsey 2006, chapter 13).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.goods.scrapping import kept_shares
from cellroad.plan.kernel import Model
from cellroad.plan.network.network import Network
from cellroad.plan.options.starting import EXISTING

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Terms:
    """Rows of a family: entries factor * column in row, and how many rows."""

    row: Ints
    column: Ints
    factor: Floats
    count: int


@dataclass(frozen=True)
class Window:
    """One line that only options bring.

    worked     (T, columns): hours worked by period
    kept       (T, columns): hours in stock at the end of each period, on their way then, or scrapped or lost by then
    wanted     (T,): hours in what customers want, by the first period in which it may be served
    waiting    (T,): the same by the last period in which it may be served
    enabling   (T, starts): starts that are ready by the end of each period
    """

    worked: sp.csr_array
    kept: sp.csr_array
    wanted: Floats
    waiting: Floats
    enabling: sp.csr_array
    first_start: int

    def broken(self, values: Floats, starts: Floats) -> Terms:
        """Return for every last period b the most broken row over all first periods a."""
        worked = np.concatenate([[0.0], np.cumsum(self.worked @ values)])
        wanted = np.concatenate([[0.0], np.cumsum(self.wanted)])
        over = np.concatenate([[0.0], np.cumsum(self.waiting)])
        taken, kept = self.enabling @ starts, self.kept @ values
        # excess[a, b] = worked(a..b) - wanted(a..b) * Y[b] - kept[b]
        made = worked[None, 1:] - worked[:-1, None]
        needed = wanted[None, 1:] - over[:-1, None]
        excess = np.triu(made - needed * taken[None, :] - kept[None, :])
        begin = excess.argmax(axis=0)
        end = np.flatnonzero(excess.max(axis=0) > TOLERANCE * max(wanted[-1], 1e-12) / wanted.size)
        begin = begin[end]
        span = sp.csr_array(
            (np.arange(self.wanted.size)[None, :] >= begin[:, None])
            & (np.arange(self.wanted.size)[None, :] <= end[:, None]),
            dtype=float,
        )
        body = (span @ self.worked - self.kept[end]).tocoo()
        right = self.enabling[end].tocoo()
        need = wanted[end + 1] - over[begin]
        return Terms(
            np.concatenate([body.coords[0], right.coords[0]]),
            np.concatenate([body.coords[1], self.first_start + right.coords[1]]),
            np.concatenate([body.data, -need[right.coords[0]]]),
            end.size,
        )


def windows(net: Network, model: Model) -> list[Window]:
    """Return the window rows of every line that only options bring."""
    standing = net.lines.filter(pl.col("start") == EXISTING)["resource"].unique()
    lines = net.makes.filter(pl.col("resource").is_not_null() & ~pl.col("resource").is_in(standing.implode()))
    resources = lines["resource"].unique().sort().to_list()
    content = contents(net, resources)
    moving = net.lands.join(net.ships.select("ship", "period", "node_from"), on="ship").filter(
        pl.col("to") > pl.col("period")
    )
    return [_window(net, model, resource, content[:, n], moving) for n, resource in enumerate(resources)]


def _window(net: Network, model: Model, resource: str, content: Floats, moving: pl.DataFrame) -> Window:
    size, periods = model.cost.size, net.periods.count
    mine = net.makes.filter(pl.col("resource") == resource)
    worked = sp.coo_array(
        (
            mine["hours_per_unit"].to_numpy(),
            (mine["period"].to_numpy(), model.columns["make"].first + mine["make"].to_numpy()),
        ),
        shape=(periods, size),
    )
    where = net.balances
    held = sp.coo_array((content[where.node], (where.period, model.columns["hold"].ids)), shape=(periods, size))
    starts = net.starts.frame.select(
        brings=(pl.col("resource") == resource) & (pl.col("kind") == "option") & (pl.col("copy") == 0)
    )
    brings = starts["brings"].fill_null(False).to_numpy()
    wanted, waiting = np.zeros((2, periods))
    most = (
        net.sells.with_columns(hours=pl.Series(content[net.sells["node"]]) * pl.col("units") * pl.col("wanted"))
        .group_by("row")
        .agg(pl.col("hours").max(), first=pl.col("period").min(), last=pl.col("period").max())
        .sort("row")
    )
    np.add.at(wanted, most["first"].to_numpy(), most["hours"].to_numpy())
    np.add.at(waiting, most["last"].to_numpy(), most["hours"].to_numpy())
    return Window(
        worked.tocsr(),
        sp.csr_array(held.tocsr() + _under_way(moving, model, content, periods) + _gone(net, model, content)),
        wanted,
        waiting,
        sp.csr_array((net.ready & brings).astype(float)),
        model.columns["start"].first,
    )


def _gone(net: Network, model: Model, content: Floats) -> sp.csr_array:
    """Return the hours in what has been scrapped or lost in storage by the end of each period: (T, columns)."""
    scraps, where, periods = net.goods.scraps, net.balances, net.periods.count
    on = where.period < periods - 1
    lost = 1 - kept_shares(net)[where.node[on], where.period[on] + 1]
    column = np.concatenate(
        [model.columns["hold"].ids[on], model.columns["scrap"].ids if "scrap" in model.columns else np.zeros(0, int)]
    )
    hours = np.concatenate([content[where.node[on]] * lost, content[scraps["node"].to_numpy()]])
    period = np.concatenate([where.period[on] + 1, scraps["period"].to_numpy()])
    some = hours > 0
    late = period[some, None] <= np.arange(periods)[None, :]
    place, by = np.nonzero(late)
    return sp.coo_array((hours[some][place], (by, column[some][place])), shape=(periods, model.cost.size)).tocsr()


def _under_way(moving: pl.DataFrame, model: Model, content: Floats, periods: int) -> sp.csr_array:
    """Return the hours in what is on its way at the end of each period: (T, columns)."""
    carried = moving.with_columns(hours=pl.col("share") * pl.Series(content[moving["node_from"]])).filter(
        pl.col("hours") > 0
    )
    span = (carried["to"] - carried["period"]).to_numpy()
    row = np.repeat(np.arange(carried.height), span)
    step = np.arange(row.size) - np.repeat(np.cumsum(span) - span, span)
    return sp.coo_array(
        (
            carried["hours"].to_numpy()[row],
            (carried["period"].to_numpy()[row] + step, model.columns["ship"].first + carried["ship"].to_numpy()[row]),
        ),
        shape=(periods, model.cost.size),
    ).tocsr()


def contents(net: Network, resources: list[str]) -> Floats:
    """Return the most hours of each line that can be in one unit at each node: shape (nodes, resources)."""
    processes = (
        net.makes.group_by("process", "node", "resource", "hours_per_unit")
        .agg(pl.col("yield_share").min())
        .sort("process")
        .with_row_index("n")
        .cast({"n": pl.Int64})
    )
    on_line = processes["resource"].fill_null("").to_numpy()[:, None] == np.array(resources, dtype=object)[None, :]
    own = np.where(on_line, processes["hours_per_unit"].to_numpy()[:, None], 0.0)
    inputs = (
        net.uses.join(net.makes.select("make", "process"), on="make")
        .group_by("process", taken="node")
        .agg(pl.col("quantity").max())
        .join(processes.select("process", "n"), on="process")
        .sort("n", "taken")
    )
    lanes = net.ships.select("node_from", "node_to").unique()
    beside = (
        net.goods.beside.join(processes.select("process", "n"), on="process")
        .group_by("n", "node")
        .agg(pl.col("quantity").min())
    )
    swaps = net.goods.swaps.group_by("node_from", "node_to").agg(pl.col("ratio").max())
    number, taken, quantity = (inputs[name].to_numpy() for name in ("n", "taken", "quantity"))
    content = np.zeros((net.codes.nodes, len(resources)))
    for _ in range(net.codes.nodes):
        before = content.copy()
        inside = own.copy()
        np.add.at(inside, number, quantity[:, None] * content[taken])
        np.maximum.at(content, processes["node"].to_numpy(), inside / processes["yield_share"].to_numpy()[:, None])
        np.maximum.at(content, beside["node"].to_numpy(), _beside(inside, beside))
        np.maximum.at(content, lanes["node_to"].to_numpy(), content[lanes["node_from"].to_numpy()])
        stand_in = content[swaps["node_from"].to_numpy()] * swaps["ratio"].to_numpy()[:, None]
        np.maximum.at(content, swaps["node_to"].to_numpy(), stand_in)
        if np.array_equal(before, content):
            break
    return content


def _beside(inside: Floats, beside: pl.DataFrame) -> Floats:
    """Return the hours in one unit of what comes out beside the main item: a run's, over the units that it gives."""
    return np.asarray(inside[beside["n"].to_numpy()] / beside["quantity"].to_numpy()[:, None])
