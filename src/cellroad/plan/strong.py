"""Rows that make the relaxation tight: nothing flows before something has been opened for it.

An aggregate capacity row lets a fraction of a plant serve a customer fully. The strong row of a flow says

    flow[t] <= most useful quantity * sum of start[s] that are ready by t and without which the flow cannot be.

There is one for every flow that depends on options, far too many to write down, so they are added where a relaxed
solution breaks them (Krarup and Bilde 1977 for the single plant; measured here: the bound of the relaxation rises to
the optimum). Which options a flow depends on is read off the network: `Dependence`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.kernel import Model
from cellroad.plan.network import Network

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TOLERANCE = 1e-6
MOST_ROWS = 4000
"""Rows added at a time: the most broken ones."""


@dataclass(frozen=True)
class Dependence:
    """Which options a node's material needs: `needs[node, option]`; nothing for nodes that can do without any.

    ready       (T, starts): 1 where a start is ready by the end of the period
    option_of   option number of each start, -1 for campaigns
    """

    needs: Bools
    ready: sp.csr_array
    option_of: NDArray[np.int64]


def dependence(net: Network) -> Dependence:
    """Return the options of which at least one must be taken before a node can hold anything."""
    options = net.starts.frame.filter(pl.col("kind") == "option")["what"].unique(maintain_order=True)
    number = {option: n for n, option in enumerate(options)}
    option_of = np.array(
        [
            number[what] if kind == "option" else -1
            for kind, what in net.starts.frame.select("kind", "what").iter_rows()
        ],
        dtype=np.int64,
    )
    ends = net.periods.first_day[1:]
    ready = net.starts.frame["ready_day"].to_numpy()[None, :] < ends[:, None]

    made = net.makes.select("process", "node", "start").unique()
    option_made = made.filter(pl.col("start") >= 0)
    standing = made.filter(pl.col("start") < 0).select("process", "node").unique()
    taken = (
        net.uses.join(net.makes.select("make", "process"), on="make")
        .select("process", taken="node")
        .unique()
        .join(standing, on="process")
    )
    lanes = net.ships.select("node_from", "node_to").unique()
    origin, destination = lanes["node_from"].to_numpy(), lanes["node_to"].to_numpy()

    free = np.zeros(net.codes.nodes, dtype=bool)
    free[net.buys["node"].to_numpy()] = True
    free[net.nodes.filter(pl.col("on_hand") > 0)["node"].to_numpy()] = True
    needs = np.zeros((net.codes.nodes, len(number)), dtype=bool)
    needs[option_made["node"].to_numpy(), option_of[option_made["start"].to_numpy()]] = True
    processes = standing.with_row_index("n").cast({"n": pl.Int64})
    inputs = taken.join(processes.select("process", "n"), on="process")
    process, consumed = inputs["n"].to_numpy(), inputs["taken"].to_numpy()
    output = processes["node"].to_numpy()

    while True:
        before = free.copy()
        free[destination[free[origin]]] = True
        bound = np.zeros(processes.height, dtype=bool)
        bound[process[~free[consumed]]] = True
        free[output[~bound]] = True
        if np.array_equal(before, free):
            break
    while True:
        seen = needs.copy()
        np.logical_or.at(needs, destination, needs[origin])
        for n, node in zip(process[~free[consumed]], consumed[~free[consumed]], strict=True):
            needs[output[n]] |= needs[node]
        if np.array_equal(seen, needs):
            break
    needs[free] = False
    return Dependence(needs, sp.csr_array(ready.astype(float)), option_of)


@dataclass(frozen=True)
class Flows:
    """Every flow that depends on options: its column, bound, node and period; and, for makes, its own start."""

    column: NDArray[np.int64]
    most: Floats
    node: NDArray[np.int64]
    period: NDArray[np.int64]
    start: NDArray[np.int64]


def flows(net: Network, model: Model, depends: Dependence) -> Flows:
    """List the flows for which a strong row exists."""
    hours = net.makes.join(net.lines, on=["resource", "start", "period"], how="left", maintain_order="left")["hours"]
    per_run = net.makes["hours_per_unit"].to_numpy()
    limit = np.divide(hours.fill_null(np.inf).to_numpy(), per_run, out=np.full(per_run.size, np.inf), where=per_run > 0)
    makes = (
        net.makes["node"], net.makes["period"], np.minimum(net.makes["most"].to_numpy(), limit),
        net.makes["start"].to_numpy(), model.columns["make"].ids,
    )  # fmt: skip
    ships = (
        net.ships["node_from"], net.ships["period"], net.ships["most"].to_numpy(),
        np.full(net.ships.height, -1), model.columns["ship"].ids,
    )  # fmt: skip
    sells = (
        net.sells["node"], net.sells["period"], net.sells["most"].to_numpy(),
        np.full(net.sells.height, -1), model.columns["sell"].ids,
    )  # fmt: skip
    node, period, most, start, column = (
        np.concatenate([np.asarray(part) for part in parts]) for parts in zip(makes, ships, sells, strict=True)
    )
    dependent = (start >= 0) | depends.needs[node].any(axis=1)
    return Flows(column[dependent], most[dependent], node[dependent], period[dependent], start[dependent])


@dataclass(frozen=True)
class Rows:
    """Strong rows: flow - most * sum of starts <= 0, as a sparse matrix over all columns."""

    matrix: sp.csr_array


def broken(net: Network, model: Model, depends: Dependence, candidates: Flows, values: Floats) -> Rows:
    """Return the strong rows that a solution breaks, the worst first, at most MOST_ROWS."""
    starts = model.columns["start"].of(values)
    of_option = sp.csr_array(
        (starts, (np.arange(starts.size), np.maximum(depends.option_of, 0))),
        shape=(starts.size, depends.needs.shape[1]),
    )
    by_period = (depends.ready @ of_option).toarray()
    allowed = np.einsum("io,io->i", depends.needs[candidates.node].astype(float), by_period[candidates.period])
    own = candidates.start >= 0
    allowed[own] = starts[candidates.start[own]]
    excess = values[candidates.column] - candidates.most * np.minimum(allowed, 1.0)
    scale = np.maximum(candidates.most, 1e-12)
    worst = np.flatnonzero(excess > TOLERANCE * scale)
    worst = worst[np.argsort(-excess[worst] / scale[worst])][:MOST_ROWS]
    return Rows(_matrix(model, depends, candidates, worst))


def _matrix(model: Model, depends: Dependence, candidates: Flows, chosen: NDArray[np.int64]) -> sp.csr_array:
    rows = np.arange(chosen.size)
    own = candidates.start[chosen] >= 0
    row, column, factor = [rows], [candidates.column[chosen]], [np.ones(chosen.size)]
    row.append(rows[own])
    column.append(model.columns["start"].first + candidates.start[chosen][own])
    factor.append(-candidates.most[chosen][own])
    shared = chosen[~own]
    enabling = depends.needs[candidates.node[shared]][:, np.maximum(depends.option_of, 0)] & (depends.option_of >= 0)
    enabling &= depends.ready[candidates.period[shared]].toarray() > 0
    at, start = np.nonzero(enabling)
    row.append(rows[~own][at])
    column.append(model.columns["start"].first + start)
    factor.append(-candidates.most[shared][at])
    return sp.coo_array(
        (np.concatenate(factor), (np.concatenate(row), np.concatenate(column))), shape=(chosen.size, model.cost.size)
    ).tocsr()
