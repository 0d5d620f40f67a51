"""The core of a network as a programme over joint choices of inbound and outbound time, which is tight on trees.

A stage of the core chooses one pair (a, b) of inbound and outbound time:

    minimise    sum of price_i(a, b) pair_i(a, b)
    where       sum over b of pair_i(a, b) = in_i(a) - in_i(next a)        in_i(a): inbound time is a or more
                sum over a of pair_i(a, b) = out_i(b) - out_i(next b)      out_i(b): outbound time is b or more
                out_j(b) <= in_k(b + way)    for every arc j to k          nothing is used before it is there

with thresholds `in` and `out` whole. Without that, it is the local polytope of the network: exact were the core a tree
(Wainwright and Jordan 2008, section 4.1), and mostly exact on networks of trade. Pairs come into the programme when
their reduced cost calls them (column generation). Cutting the thresholds of a fractional answer at any one height gives
a choice of times, since every row only compares two of them. Where the best that is known does not cost the bound, the
thresholds are made whole, over the pairs whose reduced cost is less than the distance between the two: the others are
in no better placement.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.stochastic.programme import Programme, Solver
from cellroad.plan.stock.cells import NEAR, Cells
from cellroad.plan.stock.stages import Floats, Ints, Stages, neighbours
from cellroad.plan.stock.trees import Peeled

Choice = tuple[Ints, Ints]
LARGEST = 1e3
"""What the largest price is counted as."""
NOTHING = 1e-6
"""Reduced cost, in that unit, that calls no pair: above the tolerance of the solver, or pairs would be called again."""
USED = 1e-4
"""Part of a pair in an answer from which on it counts as used."""
FEW = 100_000
"""Pairs that come into the programme at once."""
HEIGHTS = 20
"""How many heights a fractional answer is cut at, at most."""


@dataclass(frozen=True)
class Thresholds:
    """The columns and rows of a core that stand from the start.

    inward, outward  first column of each stage's inbound and outbound thresholds, and one past the last of all
    came, left       first row of each stage's inbound and outbound times, and one past the last of all
    matrix, right    rows of times (equal to `right`), then rows of arcs (at most zero), over the thresholds
    """

    inward: Ints
    outward: Ints
    came: Ints
    left: Ints
    matrix: sp.csr_array
    right: Floats


class Pairs(NamedTuple):
    """Choices of stages of the core: what they cost, and the rows of their inbound and their outbound time."""

    cost: Floats
    inbound: Ints
    outbound: Ints


@dataclass(frozen=True)
class Relaxed:
    """What the relaxation of a core says.

    bound    no choice of whole times costs less
    choices  inbound and outbound cells of the stages of the core, where thresholds are cut at different heights
    used     pairs of cells that have a part in its answer (stage, inbound, outbound), and how large a part
    duals    what the rows are worth
    """

    bound: float
    choices: list[Choice]
    used: list[tuple[int, int, int]]
    parts: Floats
    duals: Floats


class Core:
    """What is left of a network of which the trees were taken away, as a programme."""

    def __init__(self, stages: Stages, cells: Cells, peeled: Peeled) -> None:
        """Set up the rows. Money is counted in another unit: a solver knows no other tolerance than its own."""
        prices = (peeled.price[i] for i in peeled.core)
        largest = max(float(price.max(where=np.isfinite(price), initial=0.0)) for price in prices)
        self.unit = LARGEST / largest if largest > 0 else 1.0
        self.peeled = _counted(peeled, self.unit)
        self.thresholds = _thresholds(stages, cells, peeled.core)

    def relax(self, time_limit: float, seed: int = 0) -> Relaxed:
        """Solve the relaxation over the pairs that it calls.

        A stage takes one pair, so that the sum of the least reduced costs bounds what pairs not called can bring.
        """
        thresholds, peeled, until = self.thresholds, self.peeled, time.perf_counter() + time_limit
        duals = np.zeros(thresholds.right.size)
        few = sum(int(np.isfinite(peeled.price[i]).sum()) for i in peeled.core) <= FEW
        pairs = _pairs(thresholds, peeled, duals, np.isfinite if few else _ends)
        solver = Solver(_programme(thresholds, pairs, peeled.cost, False), seed=seed)
        bound = sum((float(peeled.price[i].min()) for i in peeled.core), peeled.cost)
        best, values = duals, np.zeros(0)
        while True:
            solved = solver.run(max(0.1, until - time.perf_counter()))
            if solved.values is None or solved.duals is None:
                break
            duals, values = solved.duals, solved.values
            least = [float(_reduced(thresholds, peeled, duals, n).min()) for n in range(len(peeled.core))]
            lower = solved.cost + sum(min(0.0, one) for one in least)
            if lower > bound:
                bound, best = lower, duals
            if min(least) >= -NOTHING or time.perf_counter() > until:
                break
            fresh = _pairs(thresholds, peeled, duals, partial(_least, below=-NOTHING))
            _call(solver, fresh)
            pairs = Pairs(*(np.concatenate(part) for part in zip(pairs, fresh, strict=True)))
        used, parts = self._used(pairs, values[thresholds.matrix.shape[1] :])
        return Relaxed(bound / self.unit, list(self._choices(values)), used, parts, best)

    def near(self, relaxed: Relaxed, cost: float) -> dict[int, NDArray[np.bool_]]:
        """Return the pairs of every stage that may be in a choice that costs less than something."""
        distance = (cost - relaxed.bound) * self.unit * (1 + 1e-6) + NOTHING
        return {
            i: _reduced(self.thresholds, self.peeled, relaxed.duals, n) <= distance
            for n, i in enumerate(self.peeled.core)
        }

    def decide(
        self, relaxed: Relaxed, cost: float, gap: float, time_limit: float, seed: int = 0
    ) -> tuple[float, Choice | None]:
        """Return a bound over whole times and the best choice, of those that cost less than something; none: no such.

        Where there is none, the bound is what they were to cost less than.
        """
        distance = (cost - relaxed.bound) * self.unit * (1 + 1e-6)
        near = _pairs(self.thresholds, self.peeled, relaxed.duals, lambda reduced: reduced <= distance)
        solver = Solver(_programme(self.thresholds, near, self.peeled.cost, True), gap=gap, seed=seed)
        solver.option("objective_bound", cost * self.unit)
        solved = solver.run(max(1.0, time_limit))
        bound = max(relaxed.bound, min(solved.bound / self.unit, cost))
        return bound, None if solved.values is None else self._cut(solved.values, 0.5)

    def _choices(self, values: Floats) -> Iterator[Choice]:
        if values.size:
            values = values[: self.thresholds.matrix.shape[1]]
            heights = np.unique(np.round(values[(values > 1e-6) & (values < 1 - 1e-6)], 6))
            if heights.size > HEIGHTS:
                heights = np.quantile(heights, np.linspace(0, 1, HEIGHTS))
            yield from (self._cut(values, float(height)) for height in np.append(heights, 0.5))

    def _cut(self, values: Floats, height: float) -> Choice:
        over = np.append(0, np.cumsum(values[: self.thresholds.matrix.shape[1]] >= height - 1e-9))
        return np.diff(over[self.thresholds.inward]), np.diff(over[self.thresholds.outward])

    def _used(self, pairs: Pairs, parts: Floats) -> tuple[list[tuple[int, int, int]], Floats]:
        at = np.flatnonzero(parts > USED)
        came, left, stage = self.thresholds.came, self.thresholds.left, np.array(self.peeled.core)
        n = np.searchsorted(came, pairs.inbound[at], side="right") - 1
        names = np.stack([stage[n], pairs.inbound[at] - came[n], pairs.outbound[at] - left[n]], axis=1)
        return [(i, a, b) for i, a, b in names.tolist()], parts[at]


def _call(solver: Solver, fresh: Pairs) -> None:
    """Add pairs to a programme."""
    size = fresh.cost.size
    entries = np.stack([fresh.inbound, fresh.outbound], axis=1).ravel().astype(np.int32)
    begin = np.arange(0, entries.size, 2, dtype=np.int32)
    solver.highs.addCols(
        size, fresh.cost, np.zeros(size), np.ones(size), entries.size, begin, entries, np.ones(entries.size)
    )


def _counted(peeled: Peeled, unit: float) -> Peeled:
    """Return prices in another unit of money: a solver knows no other tolerance than its own."""
    return Peeled([price * unit for price in peeled.price], peeled.core, peeled.cost * unit, peeled.gone)


def _thresholds(stages: Stages, cells: Cells, core: list[int]) -> Thresholds:
    """Return thresholds, their rows by cell (less the own, plus the next), and their rows by arc."""
    counts = np.array([cells.inbound[i].size for i in core] + [cells.outbound[i].size for i in core])
    start, row = np.cumsum(np.append(0, counts - 1)), np.cumsum(np.append(0, counts))
    columns, rows = int(start[-1]), int(row[-1])
    own = np.setdiff1d(np.arange(rows), row[:-1])
    column = np.arange(columns)
    inward, outward = start[: len(core) + 1], start[len(core) :]
    promised, served = _arcs(stages, core, cells, inward, outward)
    arc = rows + np.arange(promised.size)
    data = np.repeat([-1.0, 1.0, 1.0, -1.0], [columns, columns, arc.size, arc.size])
    at = np.concatenate([own, own - 1, arc, arc]), np.concatenate([column, column, promised, served])
    right = np.zeros(rows + arc.size)
    right[row[:-1]] = 1.0
    matrix = sp.csr_array((data, at), shape=(right.size, columns))
    return Thresholds(inward, outward, row[: len(core) + 1], row[len(core) :], matrix, right)


def _arcs(stages: Stages, core: list[int], cells: Cells, inward: Ints, outward: Ints) -> tuple[Ints, Ints]:
    """Return the columns of promises and of the times that they ask for, one pair for each arc and time."""
    place = {stage: n for n, stage in enumerate(core)}
    promised, served = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    _, customers = neighbours(stages)
    for j in core:
        for k, way in customers[j].items():
            if k in place:
                promises = cells.outbound[j].first[1:] + way
                asked = np.searchsorted(cells.inbound[k].last, promises - NEAR, side="left")
                needed, least = np.unique(asked, return_index=True)
                counts = needed > 0
                promised.append(outward[place[j]] + least[counts])
                served.append(inward[place[k]] + needed[counts] - 1)
    return np.concatenate(promised), np.concatenate(served)


def _pairs(
    thresholds: Thresholds, peeled: Peeled, duals: Floats, wanted: Callable[[Floats], NDArray[np.bool_]]
) -> Pairs:
    """Return the possible pairs that are wanted by their reduced cost."""
    parts: list[tuple[Floats, Ints, Ints]] = []
    for n, i in enumerate(peeled.core):
        a, b = np.nonzero(wanted(_reduced(thresholds, peeled, duals, n)) & np.isfinite(peeled.price[i]))
        parts.append((peeled.price[i][a, b], thresholds.came[n] + a, thresholds.left[n] + b))
    return Pairs(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _reduced(thresholds: Thresholds, peeled: Peeled, duals: Floats, n: int) -> Floats:
    """Return what each pair of a stage would change the cost by, at the prices of its two times."""
    came, left = (duals[of[n] : of[n + 1]] for of in (thresholds.came, thresholds.left))
    return peeled.price[peeled.core[n]] - came[:, None] - left[None, :]


def _programme(thresholds: Thresholds, pairs: Pairs, offset: float, whole: bool) -> Programme:
    """Return the programme over some of the pairs."""
    count = pairs.cost.size
    columns = thresholds.matrix.shape[1] + count
    at = np.concatenate([pairs.inbound, pairs.outbound]), np.tile(np.arange(count), 2)
    chosen = sp.csr_array((np.ones(2 * count), at), shape=(thresholds.right.size, count))
    lower = thresholds.right.copy()
    lower[thresholds.left[-1] :] = -np.inf
    cost = np.concatenate([np.zeros(columns - count), pairs.cost])
    matrix = sp.csr_array(sp.hstack([thresholds.matrix, chosen]))
    integral = (np.arange(columns) < columns - count) & whole
    return Programme(cost, np.zeros(columns), np.ones(columns), integral, lower, thresholds.right, matrix, offset)


def _ends(price: Floats) -> NDArray[np.bool_]:
    """Return the pairs to begin with: first and last outbound time for each inbound one, first inbound for each."""
    possible, (a, b) = np.isfinite(price), np.ogrid[: price.shape[0], : price.shape[1]]
    last = price.shape[1] - 1 - possible[:, ::-1].argmax(axis=1)
    ends: NDArray[np.bool_] = (b == 0) | (b == last[:, None]) | (a == possible.argmax(axis=0)[None, :])
    return ends


def _least(reduced: Floats, below: float) -> NDArray[np.bool_]:
    """Return the pairs with the least reduced cost for their inbound or outbound time, where it is below a limit."""
    a, b = np.ogrid[: reduced.shape[0], : reduced.shape[1]]
    least: NDArray[np.bool_] = (b == reduced.argmin(axis=1)[:, None]) | (a == reduced.argmin(axis=0)[None, :])
    return least & (reduced < below)
