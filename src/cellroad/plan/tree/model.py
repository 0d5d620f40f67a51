"""All futures of a tree as one model: what is decided before futures part is one column for all of them.

Every leaf has a network and a model of its own. A column is known by what it stands for (its block and the row of its
index) and by the node that decides it: the last one on the way to the leaf that is known in the period of the decision.
Columns alike in both are one (non-anticipativity), and so are rows whose columns are all decided by then:

    maximise    sum over leaves s of p[s] * value[s](x[s])
    subject to  x[s] keeps the rules of s;  x[s,k] = x[r,k] where one node decides k for both

Where a leaf has no use for something that a node decides, it pays its share of it all the same and writes it off.
What a leaf only reckons (credits of past years, claims) is its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.kernel import Block, Model, Timeline
from cellroad.plan.network.network import Network
from cellroad.plan.solving.rounding import Rounding
from cellroad.plan.solving.strong import Rows, Strengthener
from cellroad.plan.tree.nodes import BASE, Tree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DECISIONS = ("start", "open")
"""Blocks of strategic decisions: the only ones that strong rows may share with other leaves."""
STARTS = ("start", "built", "closing")
"""Columns of an index that hold the number of a start."""


@dataclass(frozen=True)
class Leaf:
    """One future: its network, its model, and which column of the tree's model each of its columns is."""

    net: Network
    model: Model
    ids: Ints


@dataclass(frozen=True)
class TreeModel:
    """The model of a tree; `owner` is the node that decides each column, `leaves` the futures."""

    tree: Tree
    leaves: tuple[Leaf, ...]
    model: Model
    owner: Ints

    def value(self, leaf: int, values: Floats) -> float:
        """Return the net present value of a leaf."""
        mine = self.leaves[leaf]
        return mine.model.offset - float(mine.model.cost @ values[mine.ids])


STRATEGIC = pl.col("block").is_in(DECISIONS)
"""Which columns are strategic decisions, by block and key."""


def tree_model(tree: Tree, nets: list[Network], models: list[Model], *, now: pl.Expr | None = None) -> TreeModel:
    """Return the model of a tree from those of its leaves; `now` says by block and key which columns are the root's,
    whenever they fall: decided before anything is known."""
    columns = pl.concat([
        columns_of(tree, leaf, net, model) for leaf, (net, model) in enumerate(zip(nets, models, strict=True))
    ])  # fmt: skip
    if now is not None:
        columns = columns.with_columns(owner=pl.when(now).then(BASE).otherwise("owner"))
    blocks = list(dict.fromkeys(name for model in models for name in model.columns))
    order = pl.DataFrame({"block": blocks, "place": np.arange(len(blocks))})
    unique = (
        columns.select("block", "owner", "key")
        .unique(maintain_order=True)
        .join(order, on="block", how="left", maintain_order="left")
        .sort("place", maintain_order=True)
        .with_row_index("id")
    )
    columns = columns.join(
        unique.select("block", "owner", "key", "id"), on=["block", "owner", "key"], maintain_order="left"
    )
    ids = [frame["id"].to_numpy().astype(np.int64) for frame in columns.partition_by("leaf", maintain_order=True)]
    owner = unique["owner"].to_numpy().astype(np.int64)
    leaves = tuple(Leaf(*parts) for parts in zip(nets, models, ids, strict=True))
    sizes = unique.group_by("block", maintain_order=True).len()
    counts = dict(sizes.iter_rows())
    named, first = {}, 0
    for block in blocks:
        named[block] = Block(block, first, int(counts.get(block, 0)))
        first += named[block].size
    return TreeModel(tree, leaves, _merged(tree, leaves, owner, named), owner)


def columns_of(tree: Tree, leaf: int, net: Network, model: Model) -> pl.DataFrame:
    """Return the columns of a leaf in their order: block, key (what each stands for), owner (its node), leaf."""
    owners = tree.owners(leaf, net.periods)
    last = tree.lines[leaf][-1]
    parts = []
    for name, block in model.columns.items():
        if not block.size:
            continue
        key, period = told_of(net, block)
        node = np.full(block.size, last) if period is None else owners[period]
        parts.append(pl.DataFrame({"block": name, "key": key, "owner": node}))
    return pl.concat(parts).with_columns(leaf=pl.lit(leaf))


def told_of(net: Network, block: Block) -> tuple[pl.Series, Ints | None]:
    """Return what the columns or rows of a block stand for, in words, and the period of each (None: it has none)."""
    index = block.index
    position = pl.Series(np.arange(block.size)).cast(pl.String)
    if index.width == 0:
        return position, None
    starts = [name for name in STARTS if name in index.columns and index[name].dtype.is_integer()]
    known = {"period", "node", "batch", *starts}
    if any(index[name].dtype.is_integer() for name in index.columns if name not in known):
        return position, None  # numbers of rows that another leaf counts otherwise
    period = index["period"].to_numpy() if "period" in index.columns else None
    named = index
    if "node" in index.columns:
        names = net.nodes.select("node", pl.concat_str("site", "item", separator="/").alias("where"))
        named = named.join(names, on="node", how="left", maintain_order="left").with_columns(
            node=pl.coalesce("where", pl.col("node").cast(pl.String))
        ).drop("where")  # fmt: skip
    if "batch" in index.columns:
        lines = net.lines.group_by("batch").agg(
            of=pl.concat_str(pl.col("resource").first(), pl.col("ramp_yield").first().cast(pl.String), separator="/")
        )
        named = named.join(lines, on="batch", how="left", maintain_order="left").with_columns(batch="of").drop("of")
    for name in starts:
        frame = net.starts.frame.select(
            pl.col("start").alias(name), pl.concat_str("undertaking", "period", separator="@").alias("of"),
            pl.col("period").alias("period_of"),
        )  # fmt: skip
        named = named.join(frame, on=name, how="left", maintain_order="left")
        if period is None:
            period = named["period_of"].to_numpy()
        elif "period" not in index.columns:
            period = np.maximum(period, named["period_of"].to_numpy())
        named = named.with_columns(pl.col("of").alias(name)).drop("of", "period_of")
    text = named.select(pl.concat_str(pl.all().cast(pl.String).fill_null(""), separator="|").alias("key"))
    # the same words twice are told apart by their order
    text = text.with_columns(twin=pl.int_range(pl.len()).over("key"))
    key = text.select(
        pl.when(pl.col("twin") > 0).then(pl.concat_str("key", "twin", separator="#")).otherwise("key")
    ).to_series()
    return key, None if period is None else np.asarray(period, dtype=np.int64)


def _merged(tree: Tree, leaves: tuple[Leaf, ...], owner: Ints, columns: dict[str, Block]) -> Model:
    """Return one model of all leaves."""
    count = owner.size
    weight = tree.probability
    of_node = tree.frame["probability"].to_numpy()
    cost, used = np.zeros(count), np.zeros(count)
    lower, upper, size = np.full(count, -np.inf), np.full(count, np.inf), np.zeros(count)
    whole = np.zeros(count, dtype=bool)
    for p, leaf in zip(weight, leaves, strict=True):
        model = leaf.model
        np.add.at(cost, leaf.ids, p * model.cost)
        np.add.at(used, leaf.ids, p)
        np.maximum.at(lower, leaf.ids, model.lower)
        np.minimum.at(upper, leaf.ids, model.upper)
        np.maximum.at(size, leaf.ids, model.size)
        whole[leaf.ids] |= model.whole
    cost *= of_node[owner] / used  # leaves that have no use for it pay their share as well
    row_lower, row_upper, matrix = _rows(tree, leaves, owner)
    timelines: dict[tuple[int, ...], float] = {}
    for leaf in leaves:
        for timeline in leaf.model.timelines:
            mine = leaf.ids[timeline.columns]
            for node in np.unique(owner[mine]).tolist():
                part = tuple(int(c) for c in mine[owner[mine] == node])
                timelines[part] = max(timelines.get(part, 0.0), timeline.stake_usd * float(of_node[node]))
    return Model(
        cost=cost, offset=float(weight @ np.array([leaf.model.offset for leaf in leaves])), lower=lower, upper=upper,
        whole=whole, size=size, row_lower=row_lower, row_upper=row_upper, matrix=matrix, columns=columns, rows={},
        ledger=leaves[0].model.ledger,
        timelines=tuple(Timeline(np.array(part), stake) for part, stake in timelines.items()),
    )  # fmt: skip


def _rows(tree: Tree, leaves: tuple[Leaf, ...], owner: Ints) -> tuple[Floats, Floats, sp.csr_array]:
    """Return the rows of all leaves, those that one node decides alone once.

    A shared row that leaves tell differently keeps the columns of all and the tightest sides of any.
    """
    depth = np.zeros(tree.frame.height, dtype=np.int64)
    for line in tree.lines:
        depth[list(line)] = np.arange(len(line))
    number: dict[tuple[int, str], int] = {}
    rows, cols, data, lows, highs, of = [], [], [], [], [], []
    total = 0
    for place, leaf in enumerate(leaves):
        model, way = leaf.model, np.array(tree.lines[place])
        matrix = model.matrix
        nodes = owner[leaf.ids[matrix.indices]]
        deepest = np.zeros(matrix.shape[0], dtype=np.int64)
        filled = np.flatnonzero(np.diff(matrix.indptr) > 0)
        deepest[filled] = np.maximum.reduceat(depth[nodes], matrix.indptr[filled])
        mine = deepest == depth[way[-1]]
        target = np.full(matrix.shape[0], -1)
        fresh = np.flatnonzero(mine)
        target[fresh] = total + np.arange(fresh.size)
        total += fresh.size
        for name, block in model.rows.items():
            shared = np.flatnonzero(~mine[block.first : block.first + block.size])
            if not shared.size:
                continue
            keys = told_of(leaf.net, block)[0].to_list()
            for n in shared:
                row = block.first + int(n)
                node = int(way[deepest[row]])
                if not _portable(block):
                    span = slice(matrix.indptr[row], matrix.indptr[row + 1])
                    pairs = sorted(zip(leaf.ids[matrix.indices[span]], matrix.data[span], strict=True))
                    told = f"{name}|{pairs}|{model.row_lower[row]}|{model.row_upper[row]}"
                else:
                    told = f"{name}|{keys[n]}"
                known = number.get((node, told))
                if known is None:
                    known = number[node, told] = total
                    total += 1
                target[row] = known
        rows.append(np.repeat(target, np.diff(matrix.indptr)))
        cols.append(leaf.ids[matrix.indices])
        data.append(matrix.data)
        of.append(target)
        lows.append(model.row_lower)
        highs.append(model.row_upper)
    low, high = np.full(total, -np.inf), np.full(total, np.inf)
    np.maximum.at(low, np.concatenate(of), np.concatenate(lows))
    np.minimum.at(high, np.concatenate(of), np.concatenate(highs))
    at, column, value = np.concatenate(rows), np.concatenate(cols), np.concatenate(data)
    _, first = np.unique(at * np.int64(owner.size) + column, return_index=True)
    joint = sp.csr_array((value[first], (at[first], column[first])), shape=(total, owner.size))
    return low, high, joint


def _portable(block: Block) -> bool:
    """Say whether the index of a block means the same in every leaf."""
    known = {"period", "node", "batch", *STARTS}
    return block.index.width > 0 and not any(
        block.index[name].dtype.is_integer() for name in block.index.columns if name not in known
    )


class TreeStrengthener:
    """Finds the strong rows that a relaxed solution breaks, leaf by leaf.

    A row of a leaf tells what is of use there; it stands in the tree where all of its flows are the leaf's own.
    """

    def __init__(self, joint: TreeModel) -> None:
        """Prepare every leaf."""
        self.joint = joint
        self.leaves = [Strengthener(leaf.net, leaf.model) for leaf in joint.leaves]
        self.foreign = []
        for leaf, line in zip(joint.leaves, joint.tree.lines, strict=True):
            foreign = joint.owner[leaf.ids] != line[-1]
            for name in DECISIONS:
                block = leaf.model.columns[name]
                foreign[block.first : block.first + block.size] = False
            self.foreign.append(foreign.astype(float))

    def broken(self, values: Floats) -> Rows:
        """Return the strong rows that a solution breaks."""
        count = self.joint.owner.size
        parts, upper = [sp.csr_array((0, count))], [np.zeros(0)]
        for leaf, strengthener, foreign in zip(self.joint.leaves, self.leaves, self.foreign, strict=True):
            rows = strengthener.broken(values[leaf.ids])
            own = np.flatnonzero(abs(rows.matrix) @ foreign == 0)
            if own.size:
                entries = sp.csr_array(rows.matrix[own]).tocoo()
                row, column = entries.coords
                parts.append(sp.csr_array((entries.data, (row, leaf.ids[column])), shape=(own.size, count)))
                upper.append(rows.upper[own])
        return Rows(sp.csr_array(sp.vstack(parts)), np.concatenate(upper))


class TreeRounding:
    """Rounds the starts of a tree node after node: what most of the leaves below a node would do is done there."""

    def __init__(self, joint: TreeModel) -> None:
        """Prepare every leaf."""
        self.joint = joint
        self.roundings = [Rounding(leaf.net) for leaf in joint.leaves]
        block = joint.model.columns["start"]
        self.owner = joint.owner[block.first : block.first + block.size]
        self.places = [leaf.ids[leaf.model.columns["start"].ids] - block.first for leaf in joint.leaves]

    def __call__(self, starts: Floats) -> Floats:
        """Return whole starts near relaxed ones: both in the order of the tree's model."""
        tree = self.joint.tree
        decided = np.array(starts, dtype=np.float64)
        probability = tree.probability
        for node in range(tree.frame.height):
            mine = np.flatnonzero(self.owner == node)
            if not mine.size:
                continue
            votes = np.zeros(decided.size)
            for leaf, line in enumerate(tree.lines):
                if node in line:
                    places = self.places[leaf]
                    votes[places] += probability[leaf] * self.roundings[leaf](decided[places])
            share = votes[mine] / float(tree.frame["probability"][node])
            decided[mine] = (share > 0.5).astype(float)
        return decided
