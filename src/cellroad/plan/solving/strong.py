"""Rows that make the relaxation tight: nothing flows before something has been opened for it.

An aggregate capacity row lets a fraction of a plant serve a customer fully. Four families of rows forbid that; with
Y[t] the sum of the starts that a flow depends on and that are ready by t:

    make     make[batch, t] <= most * sum of the starts of the batch
    window   hours worked on a line in a..b <= hours in what customers want in a..b * Y[b]
             + hours in what is held at the end of b or on its way then
    lane     part of ship[t] that has arrived by w <= customers' demand up to w * Y[t] + hold[market, w]
    market   sum over a set S of periods of (sales that depend on options - wanted[t] * Y[t]) <= stock on hand

All are the flow bounds of facility location (Krarup and Bilde 1977), carried over to networks with stock as in the
(l, S) inequalities of lot sizing (Barany, Van Roy and Wolsey 1984). There are far too many to write down, so they are
added where a relaxed solution breaks them; S is then the set of periods that are broken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.goods.scrapping import kept_shares
from cellroad.plan.kernel import Model
from cellroad.plan.network.network import Network
from cellroad.plan.options.starting import EXISTING
from cellroad.plan.solving.depend import Dependence, dependence
from cellroad.plan.solving.windows import Terms, windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOLERANCE = 1e-6
MOST_ROWS = 4000
"""Rows of one family added at a time: the most broken ones."""


@dataclass(frozen=True)
class Rows:
    """Rows matrix . x <= upper over all columns of a model."""

    matrix: sp.csr_array
    upper: Floats


@dataclass(frozen=True)
class Ceilings:
    """Strong rows with one flow each, column[n] <= factors[n] . x, x being starts. Given starts make them bounds."""

    columns: Ints
    factors: sp.csr_array


@dataclass(frozen=True)
class Deliveries:
    """Shipments straight to a market, of what only options bring and customers take as it comes.

    column, share   of each shipment: its column, and the part of it that arrives
    node            where it arrives, from period `first` to `last`, after which nothing of it is held
    source          number of the set of options of which one must be taken
    enabling        (shipments, columns): the starts that allow it
    wanted          (nodes, periods): most that customers take
    columns         how many columns the model has
    """

    column: Ints
    share: Floats
    node: Ints
    first: Ints
    last: Ints
    source: Ints
    enabling: sp.csr_array
    wanted: Floats
    columns: int


class Strengthener:
    """Finds the strong rows that a relaxed solution breaks."""

    def __init__(self, net: Network, model: Model) -> None:
        """Prepare the families of rows of a network."""
        self.model = model
        self.depends = dependence(net)
        self.makes = _make_flows(net, model)
        self.windows = windows(net, model)
        self.lanes = _lane_flows(net, model, self.depends)
        self.markets = _market_flows(net, model, self.depends)

    def broken(self, values: Floats) -> Rows:
        """Return the strong rows that a solution breaks, the worst of each family."""
        starts = self.model.columns["start"].of(values)
        parts = [
            self._broken_makes(values, starts),
            _stack(self.model, [window.broken(values, starts) for window in self.windows]),
            self._broken_lanes(values, starts),
            self._broken_markets(values, starts),
        ]
        return Rows(
            sp.csr_array(sp.vstack([part.matrix for part in parts])), np.concatenate([part.upper for part in parts])
        )

    @property
    def ceilings(self) -> Ceilings:
        """Return what is left of the families where no stock can stand in for a start."""
        ship, make, sell = self.lanes, self.makes, self.markets
        alone = self.model.upper[ship.hold] == 0
        usual = [
            (make.column, make.most, make.enabling),
            (ship.column[alone], (ship.most / ship.share)[alone], ship.enabling[alone]),
            (sell.column[sell.alone], sell.wanted[sell.row[sell.alone]], sell.enabling[sell.row[sell.alone]]),
        ]
        first, last = self.model.columns["start"].first, self.model.cost.size
        parts = []
        for _, most, enabling in usual:
            scaled = sp.coo_array(sp.diags_array(most) @ enabling)
            parts.append(
                sp.csr_array((scaled.data, (scaled.coords[0], first + scaled.coords[1])), shape=(most.size, last))
            )
        return Ceilings(np.concatenate([column for column, _, _ in usual]), sp.csr_array(sp.vstack(parts)))

    @property
    def deliveries(self) -> Deliveries:
        """Return the shipments of the lane family where no stock can stand in for a start."""
        ship = self.lanes
        alone = np.flatnonzero(self.model.upper[ship.hold] == 0)
        starts = sp.coo_array(ship.enabling[alone])
        first, shape = self.model.columns["start"].first, (alone.size, self.model.cost.size)
        enabling = sp.csr_array((starts.data, (starts.coords[0], first + starts.coords[1])), shape=shape)
        return Deliveries(
            ship.column[alone], ship.share[alone], ship.node[alone], ship.first[alone], ship.last[alone],
            ship.source[alone], enabling, ship.wanted, self.model.cost.size,
        )  # fmt: skip

    def _broken_makes(self, values: Floats, starts: Floats) -> Rows:
        flow = self.makes
        excess = values[flow.column] - flow.most * (flow.enabling @ starts)
        chosen = _worst(excess, flow.most)
        at, start = flow.enabling[chosen].nonzero()
        return self._rows(
            chosen.size,
            [
                (np.arange(chosen.size), flow.column[chosen], np.ones(chosen.size)),
                (at, self.model.columns["start"].first + start, -flow.most[chosen][at]),
            ],
            np.zeros(chosen.size),
        )

    def _broken_lanes(self, values: Floats, starts: Floats) -> Rows:
        flow = self.lanes
        taken = flow.enabling @ starts
        excess = flow.share * values[flow.column] - flow.most * taken - values[flow.hold]
        chosen = _worst(excess, flow.most)
        rows = np.arange(chosen.size)
        at, start = flow.enabling[chosen].nonzero()
        first = self.model.columns["start"].first
        return self._rows(
            chosen.size,
            [
                (rows, flow.column[chosen], flow.share[chosen]),
                (rows, flow.hold[chosen], -np.ones(chosen.size)),
                (at, first + start, -flow.most[chosen][at]),
            ],
            np.zeros(chosen.size),
        )

    def _broken_markets(self, values: Floats, starts: Floats) -> Rows:
        flow = self.markets
        sold = np.zeros(flow.wanted.size)
        np.add.at(sold, flow.row, values[flow.column])
        excess = sold - flow.wanted * (flow.enabling @ starts)
        over = excess > TOLERANCE * flow.wanted
        total = np.zeros(flow.stock.size)
        np.add.at(total, flow.group[over], excess[over])
        scale = np.zeros(flow.stock.size)
        np.add.at(scale, flow.group, flow.wanted)
        in_sets = over & (total > flow.stock + TOLERANCE * scale)[flow.group]
        # without stock every period stands for itself; with stock one row holds the broken periods of its group
        key = np.where(flow.stock[flow.group] > 0, flow.group, flow.stock.size + np.arange(flow.wanted.size))
        keys, number = np.unique(key[in_sets], return_inverse=True)
        row_of = np.full(flow.wanted.size, -1)
        row_of[in_sets] = number
        upper = np.zeros(keys.size)
        upper[number] = flow.stock[flow.group[in_sets]]
        sells = row_of[flow.row] >= 0
        members = np.flatnonzero(in_sets)
        at, start = flow.enabling[members].nonzero()
        first = self.model.columns["start"].first
        return self._rows(
            keys.size,
            [
                (row_of[flow.row[sells]], flow.column[sells], np.ones(int(sells.sum()))),
                (row_of[members[at]], first + start, -flow.wanted[members[at]]),
            ],
            upper,
        )

    def _rows(self, count: int, terms: list[tuple[NDArray[Any], NDArray[Any], Floats]], upper: Floats) -> Rows:
        row, column, factor = (np.concatenate(part) for part in zip(*terms, strict=True))
        return Rows(sp.coo_array((factor, (row, column)), shape=(count, self.model.cost.size)).tocsr(), upper)


def _stack(model: Model, parts: list[Terms]) -> Rows:
    counts = np.array([0, *(part.count for part in parts)]).cumsum()
    row = np.concatenate([part.row + first for part, first in zip(parts, counts, strict=False)] or [np.zeros(0, int)])
    column = np.concatenate([part.column for part in parts] or [np.zeros(0, int)])
    factor = np.concatenate([part.factor for part in parts] or [np.zeros(0)])
    shape = (int(counts[-1]), model.cost.size)
    return Rows(sp.coo_array((factor, (row, column)), shape=shape).tocsr(), np.zeros(shape[0]))


def _worst(excess: Floats, scale: Floats) -> Ints:
    """Return the rows broken by more than the tolerance, the worst first, at most MOST_ROWS."""
    relative = excess / np.maximum(scale, 1e-12)
    broken = np.flatnonzero(relative > TOLERANCE)
    return broken[np.argsort(-relative[broken], kind="stable")][:MOST_ROWS]


@dataclass(frozen=True)
class _Makes:
    column: Ints
    most: Floats
    enabling: sp.csr_array


def _make_flows(net: Network, model: Model) -> _Makes:
    """List what is made on batches that exist only by options; no start gives more than its own hours allow."""
    standing = net.lines.filter(pl.col("start") == EXISTING).select("batch")
    largest = net.lines.group_by("batch").agg(pl.col("hours").max())
    makes = (
        net.makes.filter(pl.col("batch").is_not_null() & (pl.col("hours_per_unit") > 0))
        .join(standing, on="batch", how="anti")
        .join(largest, on="batch")
        .sort("make")
        .with_row_index("row")
    )
    most = np.minimum(makes["most"].to_numpy(), (makes["hours"] / makes["hours_per_unit"]).to_numpy())
    pairs = makes.select("row", "batch").join(net.lines.select("batch", "start"), on="batch")
    enabling = sp.coo_array(
        (np.ones(pairs.height), (pairs["row"].cast(pl.Int64).to_numpy(), pairs["start"].to_numpy())),
        shape=(makes.height, net.starts.frame.height),
    )
    return _Makes(model.columns["make"].first + makes["make"].to_numpy(), most, enabling.tocsr())


@dataclass(frozen=True)
class _Lanes:
    column: Ints
    share: Floats
    most: Floats
    hold: Ints
    enabling: sp.csr_array
    node: Ints
    first: Ints
    last: Ints
    source: Ints
    wanted: Floats


def _lane_flows(net: Network, model: Model, depends: Dependence) -> _Lanes:
    """List shipments straight to a market from a node that depends on options.

    The window ends with the last period w in which a shipment arrives; the customers of that window are its bound.
    """
    onward = set(net.ships["node_from"].to_list()) | set(net.uses["node"].to_list())
    onward |= set(net.goods.scraps["node"].to_list())  # what may leave unsold, or is lost, is not bound by customers
    onward |= set(np.flatnonzero((kept_shares(net) < 1).any(axis=1)).tolist())
    inside = net.lands.filter(pl.col("to") < net.periods.count)
    window = inside.group_by("ship").agg(first=pl.col("to").min(), last=pl.col("to").max(), share=pl.col("share").sum())
    ships = net.ships.join(window, on="ship", maintain_order="left").filter(~pl.col("node_to").is_in(list(onward)))
    node_from = ships["node_from"].to_numpy()
    dependent = depends.needs[node_from].any(axis=1) & (depends.stock[node_from % net.codes.items.height] == 0)
    ships = ships.filter(pl.Series(dependent, dtype=pl.Boolean))
    node, first, last = (ships[name].to_numpy() for name in ("node_to", "first", "last"))
    own = np.zeros((net.codes.nodes, net.periods.count + 1))
    served = net.sells.group_by("row", "node", "period").agg((pl.col("most") * pl.col("units")).max().alias("units"))
    np.add.at(own, (served["node"].to_numpy(), served["period"].to_numpy() + 1), served["units"].to_numpy())
    until = np.cumsum(own, axis=1)
    node_from = ships["node_from"].to_numpy()
    enabling = depends.enabling(depends.needs, node_from, ships["period"].to_numpy())
    return _Lanes(
        column=model.columns["ship"].first + ships["ship"].to_numpy(),
        share=ships["share"].to_numpy(),
        most=until[node, last + 1] - until[node, first],
        hold=model.columns["hold"].first + net.balances.row[node, last],
        enabling=enabling,
        node=node,
        first=first,
        last=last,
        source=np.unique(depends.needs, axis=0, return_inverse=True)[1].ravel()[node_from],
        wanted=own[:, 1:],
    )


@dataclass(frozen=True)
class _Markets:
    column: Ints
    row: Ints
    group: Ints
    wanted: Floats
    stock: Floats
    alone: NDArray[np.bool_]
    enabling: sp.csr_array


def _market_flows(net: Network, model: Model, depends: Dependence) -> _Markets:
    """List the sales of items that depend on options, by row of demand; groups are (market, want, segment)."""
    node = net.sells["node"].to_numpy()
    dependent = depends.needs[node].any(axis=1)
    sells = net.sells.filter(pl.Series(dependent, dtype=pl.Boolean))
    row = sells["row"].to_numpy()
    every = sp.csr_array((np.ones(row.size), (row, np.arange(row.size))), shape=(net.wanted.height, row.size))
    needs = every @ depends.needs[sells["node"].to_numpy()] > 0
    groups = net.wanted.select(pl.struct("market", "want", "segment").rank("dense").cast(pl.Int64) - 1).to_series()
    stock = np.zeros(int(groups.n_unique()))
    given = sells.select(
        "item", "units", group=pl.Series(groups.to_numpy()[row]), stock=pl.Series(
            depends.stock[sells["node"].to_numpy() % net.codes.items.height]
        ),
    ).unique()  # fmt: skip
    np.add.at(stock, given["group"].to_numpy(), (given["stock"] / given["units"]).to_numpy())
    last = net.wanted.select("row", "period").update(net.sells.group_by("row").agg(pl.col("period").max()), on="row")
    return _Markets(
        column=model.columns["sell"].ids[dependent],
        row=row,
        alone=stock[groups.to_numpy()[row]] == 0,
        group=groups.to_numpy(),
        wanted=net.wanted["wanted"].to_numpy(),
        stock=stock,
        enabling=depends.enabling(needs, np.arange(net.wanted.height), last["period"].to_numpy()),
    )
