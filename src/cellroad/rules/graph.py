"""Who holds what of whom: the stakes of one interest on one day, as a graph that can be walked both ways.

Stakes are ranges (a register that says "25 to 50 %" is taken at its word). Every stake stays an entry of its own, so
that an answer can name the rows that carry it. Entities that hold each other in a ring form a component; components
have an order, holders before what they hold, which lets every question be worked out in one pass.

Source of the order: strongly connected components and their condensation (Tarjan 1972); ranges: BODS 0.4, `share`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from cellroad.chain.finding import ChainError, Finding

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Index(NamedTuple):
    """Entries grouped by an entity: those of entity e are `entries[start[e] : start[e + 1]]`."""

    entries: Ints
    start: Ints

    def of(self, places: Ints) -> Ints:
        """Return the entries of several entities, one after another."""
        first: Ints = self.start[places]
        count: Ints = self.start[places + 1] - first
        ends: Ints = np.cumsum(count)
        entries: Ints = self.entries[np.repeat(first - ends + count, count) + np.arange(count.sum())]
        return entries


class Order(NamedTuple):
    """Entities with holders in steps, holders before what they hold.

    component, level: of every entity; entities of one component hold each other. `ring` marks those that hold part of
    themselves, directly or through others. `steps` are (first, last) into `entities`, all of a step with or all
    without rings; `entries` are the stakes in the same order, those of entities[k] from start[k] to start[k + 1].
    """

    component: Ints
    level: Ints
    ring: Mask
    entities: Ints
    entries: Ints
    start: Ints
    steps: list[tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Graph:
    """Who holds what of whom: one interest on one day.

    entities: ids; owner, owned: positions in `entities`, one per stake; low, high: the share it is, 0..1.
    Several stakes between the same two add up.
    """

    entities: tuple[str, ...]
    owner: Ints
    owned: Ints
    low: Floats
    high: Floats

    @classmethod
    def of(cls, stakes: pl.DataFrame, entities: Iterable[str] = ()) -> Graph:
        """Return the graph of a frame of stakes, entry k for row k.

        Columns: owner, owned, share_min, share_max (shares 0..1; blank: 0 and 1); others are not read. `entities`
        come first, those that only the stakes name after them, in the order in which they are named. Raises
        ChainError that tells every row without a party, with a share outside 0..1 or with bounds out of order.
        """
        frame = stakes.select(
            pl.col("owner", "owned").cast(pl.String),
            low=pl.col("share_min").cast(pl.Float64).fill_null(0.0),
            high=pl.col("share_max").cast(pl.Float64).fill_null(1.0),
        )
        if findings := _faults(frame):
            raise ChainError(findings)
        named = pl.concat([frame["owner"], frame["owned"]]).unique(maintain_order=True)
        ids = pl.Series("id", list(entities), dtype=pl.String)
        ids = pl.concat([ids, named.alias("id")]).unique(maintain_order=True)
        words = pl.Enum(ids)
        place = {name: frame[name].cast(words).to_physical().cast(pl.Int64).to_numpy() for name in ("owner", "owned")}
        return cls(tuple(ids), place["owner"], place["owned"], frame["low"].to_numpy(), frame["high"].to_numpy())

    @property
    def size(self) -> int:
        """Return the number of entities."""
        return len(self.entities)

    @cached_property
    def position(self) -> dict[str, int]:
        """Return the position of every entity by its id."""
        return {name: place for place, name in enumerate(self.entities)}

    def mask(self, ids: Iterable[str]) -> Mask:
        """Return which entities are among the ids; ids that are no entity of the graph are left out."""
        mask = np.zeros(self.size, dtype=bool)
        mask[[self.position[name] for name in ids if name in self.position]] = True
        return mask

    @cached_property
    def holders(self) -> Index:
        """Return the stakes in each entity."""
        return _index(self.owned, self.size)

    @cached_property
    def holdings(self) -> Index:
        """Return the stakes that each entity holds."""
        return _index(self.owner, self.size)

    @cached_property
    def _possible(self) -> Mask:
        return np.asarray(self.high > 0)

    def upstream(self, target: int | Ints, through: Mask | None = None) -> Ints:
        """Return the positions of everything that can hold some of the target, directly or not, in rising order.

        The target itself is among them only where it holds part of itself. Entities not in `through` are returned
        but not looked behind.
        """
        return _walk(self.holders, self.owner, self._possible, np.atleast_1d(np.asarray(target)), self.size, through)

    def downstream(self, source: int | Ints) -> Ints:
        """Return the positions of everything of which the source can hold some, directly or not, in rising order."""
        return _walk(self.holdings, self.owned, self._possible, np.atleast_1d(np.asarray(source)), self.size, None)

    @cached_property
    def order(self) -> Order:
        """Return the entities that someone holds, in steps: holders before what they hold."""
        return _order(self)


def _faults(frame: pl.DataFrame) -> list[Finding]:
    """Return what is wrong with the rows of stakes."""
    low, high = pl.col("low"), pl.col("high")
    checks = [
        ("owner", pl.col("owner").is_null(), "an entity", "Name who holds."),
        ("owned", pl.col("owned").is_null(), "an entity", "Name what is held."),
        ("low", ~low.is_between(0, 1) | low.is_nan(), "a share from 0 to 1", "Write 25 % as 0.25."),
        ("high", ~high.is_between(0, 1) | high.is_nan(), "a share from 0 to 1", "Write 25 % as 0.25."),
        ("low", low > high, "at most share_max", "Swap the bounds, or correct one."),
    ]
    title = {"low": "share_min", "high": "share_max"}
    numbered = frame.with_row_index("row", offset=2)
    return [
        Finding("blocker", "stakes", row, title.get(column, column), "nothing" if found is None else f"{found}", *told)
        for column, wrong, *told in checks
        for row, found in numbered.filter(wrong).select("row", column).iter_rows()
    ]


def _index(places: Ints, size: int) -> Index:
    start = np.concatenate([[0], np.cumsum(np.bincount(places, minlength=size))])
    return Index(np.argsort(places, kind="stable"), start.astype(np.int64))


def _walk(index: Index, far: Ints, holds: Mask, start: Ints, size: int, through: Mask | None) -> Ints:
    """Return what can be reached from the start by one step or more."""
    seen = np.zeros(size, dtype=bool)
    front, found = start, []
    while front.size:
        entries = index.of(front)
        front = np.unique(far[entries[holds[entries]]])
        front = front[~seen[front]]
        seen[front] = True
        found.append(front)
        if through is not None:
            front = front[through[front]]
    return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def _order(graph: Graph) -> Order:
    owner, owned, size = graph.owner, graph.owned, graph.size
    links = sp.csr_array((np.ones(owner.size, dtype=np.int8), (owner, owned)), shape=(size, size))
    count, found = connected_components(links, directed=True, connection="strong")
    component: Ints = found.astype(np.int64)
    ring = np.bincount(component, minlength=count)[component] > 1
    ring[owned[owner == owned]] = True
    level = _levels(component[owner], component[owned], count)[component]
    held = np.flatnonzero(np.bincount(owned, minlength=size))
    step = 2 * level + ring
    entities = held[np.argsort(step[held], kind="stable")]
    cuts = np.flatnonzero(np.diff(step[entities])) + 1
    bounds = [0, *cuts.tolist(), entities.size] if entities.size else []
    entries = graph.holders.of(entities)
    start = np.concatenate([[0], np.cumsum(np.diff(graph.holders.start)[entities])])
    return Order(component, level, ring, entities, entries, start, list(pairwise(bounds)))


def _levels(before: Ints, after: Ints, count: int) -> Ints:
    """Return how many steps down each component lies: the longest chain of holders above it."""
    across = before != after
    before, after = before[across], after[across]
    waiting = np.bincount(after, minlength=count)
    index = _index(before, count)
    level = np.zeros(count, dtype=np.int64)
    front = np.flatnonzero(waiting == 0)
    depth = 0
    while front.size:
        level[front] = depth
        reached = after[index.of(front)]
        np.subtract.at(waiting, reached, 1)
        front = np.unique(reached[waiting[reached] == 0])
        depth += 1
    return level
