"""The core of a network as a programme over joint choices of inbound and outbound time, which is tight on trees.

A stage of the core chooses one pair (a, b) of inbound and outbound time:

    minimise    sum of price_i(a, b) pair_i(a, b)
    where       sum over b of pair_i(a, b) = in_i(a) - in_i(next a)        in_i(a): inbound time is a or more
                sum over a of pair_i(a, b) = out_i(b) - out_i(next b)      out_i(b): outbound time is b or more
                out_j(b) <= in_k(b + way)    for every arc j to k          nothing is used before it is there

with thresholds `in` and `out` whole. Without that, it is the local polytope of the network: exact were the core a tree
(Wainwright and Jordan 2008, section 4.1), and mostly exact on networks of trade. Pairs come into the programme when
their reduced cost calls them (column generation). Cutting the thresholds of a fractional answer at any one height gives
a choice of times. Where the best that is known does not cost the bound, the thresholds are made whole, over the pairs
whose reduced cost is less than the distance between the two: the others are in no better placement.

Over a coarse grid a stage may stand between its times, as a mixture of pairs, and in_i(a) is the mean of a ramp that
rises from the time before a to a. Arcs then say: the mean outbound time with the way is no more than the mean inbound
time, and neither is any ramp of the one more than the least function above it that is linear between the times of the
other. Whole are choices of a cell of inbound times: above_i(a), with in_i(next a) <= above_i(a) <= in_i(a).
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.stochastic.programme import Programme, Solver
from cellroad.plan.stock.grids import Grid
from cellroad.plan.stock.stages import Floats, Ints, Stages, neighbours
from cellroad.plan.stock.times import ticked
from cellroad.plan.stock.trees import Peeled

Choice = tuple[Ints, Ints]
LARGEST = 1e3
"""What the largest price is counted as."""
NOTHING = 1e-6
"""Reduced cost, in that unit, that calls no pair: above the tolerance of the solver, or pairs would be called again."""
USED = 1e-6
"""Part of a time in an answer from which on it counts as used."""
FEW = 100_000
"""Pairs that come into the programme at once."""
LONG = 5_000
"""Rows from which on a programme is first solved by an interior point."""
FRESH = 6
"""Times that come to a stage at once, at most."""
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
    choices  places of inbound and outbound times of the stages of the core, where thresholds are cut at some heights
    values   of the thresholds; none: no answer in time
    duals    what the rows are worth
    """

    bound: float
    choices: list[Choice]
    values: Floats
    duals: Floats


class Core:
    """What is left of a network of which the trees were taken away, as a programme."""

    def __init__(self, stages: Stages, grid: Grid, peeled: Peeled) -> None:
        """Set up the rows. Money is counted in another unit: a solver knows no other tolerance than its own."""
        prices = (peeled.price[i] for i in peeled.core)
        largest = max(float(price.max(where=np.isfinite(price), initial=0.0)) for price in prices)
        self.unit = LARGEST / largest if largest > 0 else 1.0
        self.peeled = _counted(peeled, self.unit)
        self.grid = grid
        self.place = {stage: n for n, stage in enumerate(peeled.core)}
        customers = ticked(neighbours(stages)[1])
        self.arcs = [(j, k, way) for j in peeled.core for k, way in customers[j].items() if k in self.place]
        self.thresholds = _thresholds(grid, peeled.core, self.place, self.arcs)

    def relax(self, time_limit: float, seed: int = 0) -> Relaxed:
        """Solve the relaxation over the pairs that it calls.

        A stage takes one pair, so that the sum of the least reduced costs bounds what pairs not called can bring.
        """
        thresholds, peeled, until = self.thresholds, self.peeled, time.perf_counter() + time_limit
        duals = np.zeros(thresholds.right.size)
        few = sum(int(np.isfinite(peeled.price[i]).sum()) for i in peeled.core) <= FEW
        first = np.isfinite if few else _ends
        pairs = _pairs(thresholds, peeled, lambda n: first(peeled.price[peeled.core[n]]))
        solver = Solver(_programme(thresholds, pairs, peeled.cost, False), seed=seed)
        solver.option("solver", "ipm" if thresholds.right.size > LONG else "choose")
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
            fresh = _pairs(thresholds, peeled, partial(_least, thresholds, peeled, duals))
            _call(solver, fresh)
            solver.option("solver", "choose")
        return Relaxed(bound / self.unit, list(self._choices(values)), values, best)

    def near(self, relaxed: Relaxed, cost: float) -> dict[int, NDArray[np.bool_]]:
        """Return the pairs of every stage that may be in a choice that costs less than something.

        Over a coarse grid these are all corners of cells of which one corner may: what lies in them costs no less.
        """
        distance = (cost - relaxed.bound) * self.unit * (1 + 1e-6) + NOTHING
        near = {
            i: _reduced(self.thresholds, self.peeled, relaxed.duals, n) <= distance
            for n, i in enumerate(self.peeled.core)
        }
        return near if self.grid.complete else {i: _beside(pairs) for i, pairs in near.items()}

    def decide(
        self, relaxed: Relaxed, cost: float, gap: float, time_limit: float, seed: int = 0
    ) -> tuple[float, Floats | None]:
        """Return a bound over whole times and the best answer, of those that cost less than something; none: no such.

        Where there is none, the bound is what they were to cost less than.
        """
        near = self.near(relaxed, cost)
        pairs = _pairs(self.thresholds, self.peeled, lambda n: near[self.peeled.core[n]])
        programme = _programme(self.thresholds, pairs, self.peeled.cost, self.grid.complete)
        if not self.grid.complete:
            programme = _in_cells(programme, self.thresholds)
        solver = Solver(programme, gap=gap, seed=seed)
        solver.option("objective_bound", cost * self.unit)
        solved = solver.run(max(1.0, time_limit))
        return max(relaxed.bound, min(solved.bound / self.unit, cost)), solved.values

    def missing(self, values: Floats) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
        """Return inbound and outbound times without which an answer uses goods before they are there, by stage.

        Of each stage's these are the few by which the largest parts of the answer are too early.
        """
        inbound: dict[int, Counter[int]] = defaultdict(Counter)
        outbound: dict[int, Counter[int]] = defaultdict(Counter)
        if self.grid.complete or not values.size:
            return {}, {}
        for j, k, way in self.arcs:
            left = self._shares(values, self.thresholds.outward, self.place[j])
            came = self._shares(values, self.thresholds.inward, self.place[k])
            promised, served = self.grid.outbound[j] + way, self.grid.inbound[k]
            at = np.searchsorted(served, promised)
            early = left[:-1] - came[at]
            for n in np.flatnonzero((left[:-1] - left[1:] > USED) & (early > USED)).tolist():
                m, time, part = int(at[n]), int(promised[n]), round(float(early[n]) / USED)
                if m == served.size or served[m] != time:
                    inbound[k][time] += part
                else:
                    before = np.flatnonzero(came[:m] - came[1 : m + 1] > USED)
                    outbound[j].update({int(time - way): part for time in served[before[-1:]]})
        return _commonest(inbound), _commonest(outbound)

    def choice(self, values: Floats) -> Choice:
        """Return the times of an answer whose thresholds are whole, or the middle ones."""
        return self._cut(values, 0.5)

    def _shares(self, values: Floats, columns: Ints, n: int) -> Floats:
        """Return the part of a stage's times that is each of its times or more, and none for later ones."""
        return np.concatenate([[1.0], values[columns[n] : columns[n + 1]], [0.0]])

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


def _commonest(times: dict[int, Counter[int]]) -> dict[int, set[int]]:
    return {i: {time for time, _ in of.most_common(FRESH)} for i, of in times.items()}


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


def _thresholds(grid: Grid, core: list[int], place: dict[int, int], arcs: list[tuple[int, int, int]]) -> Thresholds:
    """Return thresholds, their rows by time (less the own, plus the next), and their rows by arc."""
    counts = np.array([grid.inbound[i].size for i in core] + [grid.outbound[i].size for i in core])
    start, row = np.cumsum(np.append(0, counts - 1)), np.cumsum(np.append(0, counts))
    columns, rows = int(start[-1]), int(row[-1])
    own = np.setdiff1d(np.arange(rows), row[:-1])
    column = np.arange(columns)
    inward, outward = start[: len(core) + 1], start[len(core) :]
    right = np.zeros(rows)
    right[row[:-1]] = 1.0
    at = [np.concatenate([own, own - 1])], [np.concatenate([column, column])]
    data, limits, last = [np.repeat([-1.0, 1.0], columns)], [right], rows
    rule = _served if grid.complete else _served_in_the_mean
    for j, k, way in arcs:
        promised, served, limit = rule(grid.outbound[j] + way, grid.inbound[k])
        for part, first in ((promised, outward[place[j]]), (served, inward[place[k]])):
            line, of = np.nonzero(part)
            at[0].append(last + line)
            at[1].append(first + of)
            data.append(part[line, of])
        limits.append(limit)
        last += limit.size
    entries = np.concatenate(data), (np.concatenate(at[0]), np.concatenate(at[1]))
    matrix = sp.csr_array(entries, shape=(last, columns))
    return Thresholds(inward, outward, row[: len(core) + 1], row[len(core) :], matrix, np.concatenate(limits))


def _served(promised: Ints, inbound: Ints) -> tuple[Floats, Floats, Floats]:
    """Return what an arc asks of the thresholds of its two ends: a promise calls for the next inbound time."""
    asked = np.searchsorted(inbound, promised[1:], side="left")
    needed, least = np.unique(asked, return_index=True)
    needed, least = needed[needed > 0], least[needed > 0]
    one, other = np.zeros((needed.size, promised.size - 1)), np.zeros((needed.size, inbound.size - 1))
    line = np.arange(needed.size)
    one[line, least], other[line, needed - 1] = 1.0, -1.0
    return one, other, np.zeros(needed.size)


def _served_in_the_mean(promised: Ints, inbound: Ints) -> tuple[Floats, Floats, Floats]:
    """Return what an arc asks of the ramps of its two ends: of the mean, of each promise, and of each inbound time."""
    longest = float(max(promised[-1] - promised[0], inbound[-1] - inbound[0], 1))
    above = _ramps(promised, inbound)
    below = 1.0 - _ramps(-inbound[::-1], -promised[::-1])[::-1, ::-1]
    known = np.isin(inbound[:-1], promised[:-1]) & np.isin(inbound[1:], promised[1:])
    known &= np.searchsorted(promised, inbound[1:]) == np.searchsorted(promised, inbound[:-1]) + 1
    below, ramp = below[~known], np.eye(inbound.size - 1)[~known]
    one = np.vstack([np.diff(promised)[None, :] / longest, np.eye(promised.size - 1), np.diff(below, axis=1)])
    other = -np.vstack([np.diff(inbound)[None, :] / longest, np.diff(above, axis=1), ramp])
    limit = np.concatenate([[(inbound[0] - promised[0]) / longest], above[:, 0], -below[:, 0]])
    tells = np.concatenate([[True], above[:, 0] < 1, below[:, -1] > 0])
    return one[tells], other[tells], limit[tells]


def _ramps(times: Ints, at: Ints) -> Floats:
    """Return ramps from each of some times to the next, at other times, so that no line between those lies below."""
    ramps = np.clip((at - times[:-1, None]) / np.diff(times)[:, None], 0.0, 1.0)
    last = np.searchsorted(at, times[1:], side="right") - 1
    between = np.flatnonzero((last >= 0) & (last < at.size - 1) & (at[last] < times[1:]))
    ramps[between, last[between]] = 1.0
    return ramps


def _in_cells(programme: Programme, thresholds: Thresholds) -> Programme:
    """Return the programme with a whole column for each inbound time between two cells, beside its two thresholds.

    Outbound times need none: cost falls in them, and they end at the least of the customers' inbound times.
    """
    column = np.setdiff1d(np.arange(thresholds.inward[-1]), thresholds.inward[1:] - 1)
    size, rows = column.size, np.arange(column.size)
    wider = programme.with_columns(np.zeros(size), np.zeros(size), np.ones(size))
    wider.whole[programme.columns :] = True
    own = programme.columns + rows
    ones, at = np.repeat([1.0, -1.0], size), (np.tile(rows, 2),)
    above = sp.csr_array((ones, (*at, np.concatenate([own, column]))), shape=(size, wider.columns))
    below = sp.csr_array((ones, (*at, np.concatenate([column + 1, own]))), shape=(size, wider.columns))
    never = np.full(2 * size, -np.inf)
    return wider.with_rows(sp.csr_array(sp.vstack([above, below])), never, np.zeros(2 * size))


def _pairs(thresholds: Thresholds, peeled: Peeled, wanted: Callable[[int], NDArray[np.bool_]]) -> Pairs:
    """Return the possible pairs that are wanted, by the place of a stage in the core."""
    parts: list[tuple[Floats, Ints, Ints]] = []
    for n, i in enumerate(peeled.core):
        a, b = np.nonzero(wanted(n) & np.isfinite(peeled.price[i]))
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


def _least(thresholds: Thresholds, peeled: Peeled, duals: Floats, n: int) -> NDArray[np.bool_]:
    """Return the pairs with the least reduced cost for their inbound or outbound time, where it calls them."""
    reduced = _reduced(thresholds, peeled, duals, n)
    a, b = np.ogrid[: reduced.shape[0], : reduced.shape[1]]
    least: NDArray[np.bool_] = (b == reduced.argmin(axis=1)[:, None]) | (a == reduced.argmin(axis=0)[None, :])
    return least & (reduced < -NOTHING)


def _beside(pairs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return pairs and all that share a cell with them."""
    for axis in (0, 1):
        pairs = np.moveaxis(pairs, axis, 0)
        wider = pairs.copy()
        wider[1:] |= pairs[:-1]
        wider[:-1] |= pairs[1:]
        pairs = np.moveaxis(wider, 0, axis)
    return pairs
