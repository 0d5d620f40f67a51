"""Which options does the material at a node depend on?

A node that can be supplied by something that stands already is free. Any other node holds something only if at least
one option of its set has been taken: the options whose lines make the item or one that goes into it, found by
following lanes and processes until nothing changes. An option that requires another of the same set is left out of
it, because that other one must be there first. Stock on hand frees nothing; it is told as a quantity beside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.network.network import Network
from cellroad.plan.options.starting import EXISTING

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Dependence:
    """Options that nodes need, and when their starts are ready.

    needs       (nodes, options): at least one of these must be taken; none for free nodes
    stock       (items,): most units that stock on hand can give without any option
    option_of   (starts,): option of each start, -1 for campaigns, closures and further copies
    ready       (T, starts): whether a start is ready by the end of a period
    """

    needs: Bools
    stock: Floats
    option_of: Ints
    ready: Bools

    def enabling(self, needs: Bools, row: Ints, period: Ints) -> sp.csr_array:
        """Return which starts enable what needs a row of options by a period: ones of shape (periods, starts)."""
        optional = self.option_of >= 0
        starts = np.zeros((needs.shape[0], optional.size))
        starts[:, optional] = needs[:, self.option_of[optional]]
        enabling = sp.csr_array(starts)[row]
        enabling.data *= self.ready[np.repeat(period, np.diff(enabling.indptr)), enabling.indices]
        enabling.eliminate_zeros()
        return enabling


def dependence(net: Network) -> Dependence:
    """Read off the network which options every node depends on."""
    starts = net.starts.frame
    options = starts.filter(pl.col("kind") == "option")["what"].unique(maintain_order=True).to_list()
    number = {option: n for n, option in enumerate(options)}
    option_of = np.array(
        [
            number[what] if kind == "option" and copy == 0 else -1  # the first copy is there before all others
            for kind, what, copy in starts.select("kind", "what", "copy").iter_rows()
        ],
        dtype=np.int64,
    )

    main = net.makes.select("process", "node", "batch", gives=pl.lit(1.0))
    batches = net.makes.select("make", "batch")
    beside = net.goods.beside.join(batches, on="make").select("process", "node", "batch", gives="quantity")
    made = pl.concat([main, beside]).unique().join(net.lines.select("batch", "start").unique(), on="batch", how="left")
    first_copies = pl.Series(np.flatnonzero(option_of >= 0), dtype=pl.Int64)
    by_option = made.filter(pl.col("start").is_in(first_copies.implode()))
    standing = (
        made.filter(pl.col("start").is_null() | (pl.col("start") == EXISTING))
        .select("process", "node", "gives")
        .unique()
        .sort("process", "node")
        .with_row_index("n")
        .cast({"n": pl.Int64})
    )
    inputs = (
        net.uses.join(net.makes.select("make", "process"), on="make")
        .group_by("process", taken="node")
        .agg(pl.col("quantity").min())
        .join(standing.select("process", "n"), on="process")
        .sort("n", "taken")
    )
    lanes = pl.concat([frame.select("node_from", "node_to") for frame in (net.ships, net.goods.swaps)]).unique()
    graph = _Graph(
        lanes["node_from"].to_numpy(), lanes["node_to"].to_numpy(), standing["node"].to_numpy(),
        standing["gives"].to_numpy(), inputs["n"].to_numpy(), inputs["taken"].to_numpy(), inputs["quantity"].to_numpy(),
    )  # fmt: skip

    swaps = net.goods.swaps.select("node_from", "node_to", "ratio").unique().sort("node_from", "node_to")
    free = np.zeros(net.codes.nodes, dtype=bool)
    free[net.buys["node"].to_numpy()] = True
    free[net.goods.returns["node"].to_numpy()] = True
    free = _freed(free, graph)
    needs = np.zeros((net.codes.nodes, len(options)), dtype=bool)
    needs[by_option["node"].to_numpy(), option_of[by_option["start"].to_numpy()]] = True
    needs = _needed(needs, free, graph)
    needs[free] = False
    return Dependence(_reduced(needs, starts, number), _stock(net, free, graph, swaps), option_of, net.ready)


@dataclass(frozen=True)
class _Graph:
    origin: Ints
    destination: Ints
    output: Ints
    gives: Floats
    process: Ints
    consumed: Ints
    quantity: Floats


def _freed(free: Bools, graph: _Graph) -> Bools:
    """Pass freedom along lanes and through processes that stand and whose inputs are all free."""
    while True:
        before = free.copy()
        free[graph.destination[free[graph.origin]]] = True
        bound = np.zeros(graph.output.size, dtype=bool)
        bound[graph.process[~free[graph.consumed]]] = True
        free[graph.output[~bound]] = True
        if np.array_equal(before, free):
            return free


def _needed(needs: Bools, free: Bools, graph: _Graph) -> Bools:
    """Pass needs along lanes and through processes that stand: a process needs what its inputs need."""
    bound = ~free[graph.consumed]
    while True:
        before = needs.copy()
        np.logical_or.at(needs, graph.destination, needs[graph.origin])
        np.logical_or.at(needs, graph.output[graph.process[bound]], needs[graph.consumed[bound]])
        if np.array_equal(before, needs):
            return needs


def _reduced(needs: Bools, starts: pl.DataFrame, number: dict[str, int]) -> Bools:
    """Leave out of each set the options that require another one of it."""
    reduced = needs.copy()
    pairs = starts.select("what", "requires").explode("requires").drop_nulls().unique().sort("what", "requires")
    for option, first in pairs.iter_rows():
        if first in number:
            reduced[needs[:, number[first]], number[option]] = False
    return reduced


def _stock(net: Network, free: Bools, graph: _Graph, swaps: pl.DataFrame) -> Floats:
    """Return how many units of each item stock on hand can give: itself, and what standing processes make of it."""
    items = net.codes.items.height
    own = np.zeros(items)
    held = net.nodes.filter(pl.col("on_hand") > 0)
    np.add.at(own, held["node"].to_numpy() % items, held["on_hand"].to_numpy())
    coming = net.goods.arrivals
    np.add.at(own, coming["node"].to_numpy() % items, coming["quantity"].to_numpy())
    total = own
    given, taken = (swaps[name].to_numpy() % items for name in ("node_from", "node_to"))
    for _ in range(items):
        most = np.full(graph.output.size, np.inf)
        bound = ~free[graph.consumed]
        np.minimum.at(most, graph.process[bound], total[graph.consumed[bound] % items] / graph.quantity[bound])
        made = own.copy()
        limited = np.isfinite(most)
        np.add.at(made, graph.output[limited] % items, most[limited] * graph.gives[limited])
        np.add.at(made, taken, total[given] / swaps["ratio"].to_numpy())
        if np.array_equal(made, total):
            break
        total = made
    return total
