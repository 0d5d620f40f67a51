"""The core of a network as a programme over joint choices of inbound and outbound time, which is tight on trees.

A stage of the core chooses one pair (a, b) of inbound and outbound time:

    minimise    sum of price_i(a, b) pair_i(a, b)
    where       sum over b of pair_i(a, b) = in_i(a) - in_i(next a)        in_i(a): inbound time is a or more
                sum over a of pair_i(a, b) = out_i(b) - out_i(next b)      out_i(b): outbound time is b or more
                out_j(b) <= in_k(b + way)    for every arc j to k          nothing is used before it is there

with thresholds `in` and `out` whole. Without that, it is the local polytope of the network: exact were the core a tree
(Wainwright and Jordan 2008, section 4.1), and mostly exact on networks of trade. Pairs come into the programme when
their reduced cost calls them (column generation). Cutting the thresholds of a fractional answer at any one height gives
a placement, since every row only compares two of them. Where its cost is not the bound, the thresholds are made whole,
over the pairs whose reduced cost is less than the distance between the two: the others are in no better placement.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.stochastic.programme import Programme, Solver
from cellroad.plan.stock.stages import Floats, Ints, Stages, neighbours
from cellroad.plan.stock.times import Times
from cellroad.plan.stock.trees import NEAR, Peeled

LARGEST = 1e3
"""What the largest price is counted as."""
NOTHING = 1e-6
"""Reduced cost, in that unit, that calls no pair: above the tolerance of the solver, or pairs would be called again."""
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


@dataclass(frozen=True)
class Pairs:
    """Choices of stages of the core: what they cost, and the rows of their inbound and their outbound time."""

    cost: Floats
    inbound: Ints
    outbound: Ints


@dataclass(frozen=True)
class Found:
    """A placement in the core, as indices of times of its stages, what it costs, and what none costs less than."""

    inbound: Ints
    outbound: Ints
    cost: float
    bound: float

    def proven(self, gap: float) -> bool:
        """Say whether the bound is within a relative gap of the cost."""
        return self.cost - self.bound <= gap * abs(self.cost)


def search(stages: Stages, times: Times, peeled: Peeled, *, gap: float, time_limit: float, seed: int = 0) -> Found:
    """Return the best placement in a core within a relative gap, or the best that is found in the time."""
    until = time.perf_counter() + time_limit
    prices = (peeled.price[i] for i in peeled.core)
    largest = max(float(price.max(where=np.isfinite(price), initial=0.0)) for price in prices)
    unit = LARGEST / largest if largest > 0 else 1.0
    found = _search(stages, times, _counted(peeled, unit), gap, until, seed)
    return Found(found.inbound, found.outbound, found.cost / unit, found.bound / unit)


def _counted(peeled: Peeled, unit: float) -> Peeled:
    """Return prices in another unit of money: a solver knows no other tolerance than its own."""
    return Peeled([price * unit for price in peeled.price], peeled.core, peeled.cost * unit, peeled.gone)


def _search(stages: Stages, times: Times, peeled: Peeled, gap: float, until: float, seed: int) -> Found:
    thresholds = _thresholds(stages, times, peeled.core)
    found, duals = _relax(thresholds, peeled, gap, until, seed)
    if found.proven(gap):
        return found
    distance = (found.cost - found.bound) * (1 + 1e-6)
    near = _pairs(thresholds, peeled, duals, lambda reduced: reduced <= distance)
    return _decide(thresholds, near, peeled, found, gap, until, seed)


def _thresholds(stages: Stages, times: Times, core: list[int]) -> Thresholds:
    """Return thresholds, their rows by time (less the own, plus the next), and their rows by arc."""
    grids = [times.inbound[i] for i in core] + [times.outbound[i] for i in core]
    counts = np.array([grid.size for grid in grids])
    start, row = np.cumsum(np.append(0, counts - 1)), np.cumsum(np.append(0, counts))
    columns, rows = int(start[-1]), int(row[-1])
    own = np.setdiff1d(np.arange(rows), row[:-1])
    column = np.arange(columns)
    inward, outward = start[: len(core) + 1], start[len(core) :]
    promised, served = _arcs(stages, core, times, inward, outward)
    arc = rows + np.arange(promised.size)
    data = np.repeat([-1.0, 1.0, 1.0, -1.0], [columns, columns, arc.size, arc.size])
    at = np.concatenate([own, own - 1, arc, arc]), np.concatenate([column, column, promised, served])
    right = np.zeros(rows + arc.size)
    right[row[:-1]] = 1.0
    matrix = sp.csr_array((data, at), shape=(right.size, columns))
    return Thresholds(inward, outward, row[: len(core) + 1], row[len(core) :], matrix, right)


def _arcs(stages: Stages, core: list[int], times: Times, inward: Ints, outward: Ints) -> tuple[Ints, Ints]:
    """Return the columns of promises and of the times that they ask for, one pair for each arc and time."""
    place = {stage: n for n, stage in enumerate(core)}
    promised, served = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    _, customers = neighbours(stages)
    for j in core:
        for k, way in customers[j].items():
            if k in place:
                asked = np.searchsorted(times.inbound[k], times.outbound[j][1:] + way - NEAR, side="left")
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


def _relax(thresholds: Thresholds, peeled: Peeled, gap: float, until: float, seed: int) -> tuple[Found, Floats]:
    """Solve the relaxation over the pairs that it calls; return a placement with its bound, and the duals behind it.

    A stage takes one pair, so that the sum of the least reduced costs bounds what pairs that were not called can bring.
    """
    duals = np.zeros(thresholds.right.size)
    solver = Solver(_programme(thresholds, _pairs(thresholds, peeled, duals, _ends), peeled.cost, False), seed=seed)
    best, behind = _nothing_quoted(peeled), duals
    while True:
        solved = solver.run(max(1.0, until - time.perf_counter()))
        if solved.values is None:
            return best, behind
        duals = np.array(solver.highs.getSolution().row_dual)
        least = [float(_reduced(thresholds, peeled, duals, n).min()) for n in range(len(peeled.core))]
        bound = solved.cost + sum(min(0.0, one) for one in least)
        if bound > best.bound:
            best, behind = Found(best.inbound, best.outbound, best.cost, bound), duals
        best = _cut(thresholds, peeled, solved.values, best)
        if best.proven(gap) or min(least) >= -NOTHING or time.perf_counter() > until:
            return best, behind
        fresh = _pairs(thresholds, peeled, duals, partial(_least, below=-NOTHING))
        entries = np.stack([fresh.inbound, fresh.outbound], axis=1).ravel().astype(np.int32)
        solver.highs.addCols(
            fresh.cost.size, fresh.cost, np.zeros(fresh.cost.size), np.ones(fresh.cost.size), entries.size,
            np.arange(0, entries.size, 2, dtype=np.int32), entries, np.ones(entries.size),
        )  # fmt: skip


def _nothing_quoted(peeled: Peeled) -> Found:
    """Return the placement in which every stage delivers at once, and what stages cost at least each for itself."""
    now = np.zeros(len(peeled.core), np.int64)
    prices = [peeled.price[i] for i in peeled.core]
    cost = sum((float(price[0, 0]) for price in prices), peeled.cost)
    return Found(now, now, cost, sum((float(price.min()) for price in prices), peeled.cost))


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


def _cut(thresholds: Thresholds, peeled: Peeled, values: Floats, best: Found) -> Found:
    """Return the best of a placement and those that thresholds give when they are cut at their different heights."""
    values = values[: thresholds.matrix.shape[1]]
    heights = np.unique(np.round(values[(values > 1e-6) & (values < 1 - 1e-6)], 6))
    if heights.size > HEIGHTS:
        heights = np.quantile(heights, np.linspace(0, 1, HEIGHTS))
    for height in np.append(heights, 0.5):
        over = np.append(0, np.cumsum(values >= height - 1e-9))
        inbound, outbound = np.diff(over[thresholds.inward]), np.diff(over[thresholds.outward])
        cost = peeled.cost + sum(
            float(peeled.price[i][a, b]) for i, a, b in zip(peeled.core, inbound, outbound, strict=True)
        )
        if cost < best.cost:
            best = Found(inbound, outbound, cost, best.bound)
    return Found(best.inbound, best.outbound, best.cost, min(best.bound, best.cost))


def _decide(
    thresholds: Thresholds, pairs: Pairs, peeled: Peeled, found: Found, gap: float, until: float, seed: int
) -> Found:
    """Solve the programme with whole thresholds over the pairs that may be in a better placement."""
    solver = Solver(_programme(thresholds, pairs, peeled.cost, True), gap=gap / 2, seed=seed)
    solved = solver.run(max(1.0, until - time.perf_counter()))
    bound = max(found.bound, min(solved.bound, found.cost))
    found = Found(found.inbound, found.outbound, found.cost, bound)
    return found if solved.values is None else _cut(thresholds, peeled, solved.values, found)
