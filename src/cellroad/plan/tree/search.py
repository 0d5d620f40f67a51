"""Search a tree of futures by what they share: bounds from the futures apart, plans agreed node after node.

Futures apart at prices bound the tree far better than its relaxation, but they may differ in what they should share.
Where they do, the earliest decision on which they differ is split, as in any branch and bound (dual decomposition:
Caroe and Schultz 1999). Plans are found on the way down the tree: at every node each choice that one of its futures
would make is tried in all of them at the prices of that day, the best is taken, and prices are found anew for the nodes
below. The last word on a plan has the tree as one model, with every decision fixed.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field, replace

import highspy
import numpy as np
from numpy.typing import NDArray

from cellroad.plan.solving.branching import Branching
from cellroad.plan.solving.evaluator import Evaluator
from cellroad.plan.solving.scaled import Scaled
from cellroad.plan.solving.solve import Strategy, relax
from cellroad.plan.solving.solver import new_solver
from cellroad.plan.solving.watching import Clock, Limits, Outcome, Progress, Watch, gap_of
from cellroad.plan.tree.apart import Alone, Apart, Prices
from cellroad.plan.tree.model import TreeModel
from cellroad.plan.tree.workers import Elsewhere, How

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HERE = How()
CHOICES = 4
"""Choices of a node that are tried, the most probable first."""
PART = 0.2
"""Part of the gap of the tree that is left open in its futures."""
CHOOSING = 0.5
"""The same where futures are only asked which choice they prefer."""
LAST = 0.01
"""The same where nothing is left to decide but by each future alone: then its plan stands, and a search is short."""


@dataclass(order=True)
class _Node:
    """A part of what may be shared: its bound (worth, highest first), the columns that are fixed on the way."""

    order: float
    number: int
    fixed: tuple[tuple[int, float], ...] = field(compare=False)
    basis: highspy.HighsBasis | None = field(compare=False, default=None)


def search_tree(
    joint: TreeModel, strategy: Strategy, limits: Limits, watch: Watch, how: How = HERE
) -> Outcome | None:  # fmt: skip
    """Return the best plan of a tree with the bound that is proved, None where none was found.

    strategy  finds the strong rows of the relaxation
    how       who plans the futures

    A gap may stay open although nothing is left to split: by what is decided in one future alone, and by amounts.
    Raises NoPlanError where the relaxation has no solution.
    """
    search = _Search(joint, strategy, limits, watch, how)
    try:
        return search.run()
    finally:
        search.apart.close()


def together(one: Outcome, other: Outcome, gap: float) -> Outcome:
    """Return what two searches of a tree know together, the second after the first."""
    best, bound = (one if one.objective >= other.objective else other), min(one.bound, other.bound)
    bound = max(bound, best.objective)
    left = gap_of(bound, best.objective)
    return replace(
        best, bound=bound, gap=left, status="optimal within the gap" if left <= gap else "best found",
        nodes=one.nodes + other.nodes, seconds=one.seconds + other.seconds,
    )  # fmt: skip


class _Search:
    def __init__(self, joint: TreeModel, strategy: Strategy, limits: Limits, watch: Watch, how: How) -> None:
        highspy.Highs.resetGlobalScheduler(True)
        self.joint, self.limits, self.watch = joint, limits, watch
        self.clock = Clock(limits.time_limit)
        self.scaled = Scaled.of(joint.model)
        self.highs = new_solver(limits)
        self.scaled.hand_to(self.highs)
        self.strong_rows = relax(self.highs, self.scaled, strategy, self.clock, watch)
        here = how.executor is None
        self.apart = Apart(joint, self.scaled, self.highs) if here else Elsewhere(joint, self.scaled, self.highs, how)
        self.evaluate = Evaluator(self.scaled, self.highs, lambda starts: np.round(starts), limits)
        self.best = -np.inf
        self.values: Floats | None = None
        solved = self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        self.bound = -float(self.highs.getInfo().objective_function_value) if solved else np.inf
        self.closed = -np.inf
        self.nodes, self.counter = 0, itertools.count()
        self.stopped = False
        tree, model = joint.tree, joint.model
        depth = np.zeros(tree.frame.height, dtype=np.int64)
        for line in tree.lines:
            depth[list(line)] = np.arange(len(line))
        self.depth = depth
        decisions = np.union1d(model.strategic, model.columns["start"].ids)
        self.levels = [
            [decisions[joint.owner[decisions] == node] for node in np.flatnonzero(depth == level)]
            for level in range(int(depth.max()))
        ]
        self.branching = [
            Branching(replace(model, timelines=tuple(t for t in model.timelines if self._depth(t.columns) == level)))
            for level in range(int(depth.max()))
        ]

    def _depth(self, columns: Ints) -> int:
        return int(self.depth[self.joint.owner[columns[0]]])

    def run(self) -> Outcome | None:
        heap = [_Node(-self.bound, next(self.counter), (), self.highs.getBasis())]
        while heap and not self.stopped:
            self.bound = min(self.bound, max(-heap[0].order, self.closed, self.best))
            if self._enough(self.bound):
                break
            node = heapq.heappop(heap)
            for part in self._split(node):
                heapq.heappush(heap, part)
        self.bound = min(self.bound, max([self.closed, self.best, *(-node.order for node in heap)]))
        if self.values is None:
            return None
        money, gap = self.scaled.money, gap_of(self.bound, self.best)
        return Outcome(
            self.scaled.natural(self.values), self.best * money, self.bound * money, gap,
            "optimal within the gap" if gap <= self.limits.gap else "best found", self.nodes, self.strong_rows,
            self.clock.seconds,
        )  # fmt: skip

    def _split(self, node: _Node) -> list[_Node]:
        """Bound a part, look for a plan in it, and return the two parts that it falls into."""
        columns = np.array([column for column, _ in node.fixed], dtype=np.int64)
        given = np.array([value for _, value in node.fixed])
        lower, upper = self.apart.lower.copy(), self.apart.upper.copy()
        lower[columns] = upper[columns] = given
        prices = self.apart.relaxed(lower, upper, node.basis)
        self.nodes += 1
        if prices is None or self._enough(prices.worth):
            return self._close(-np.inf if prices is None else prices.worth)
        basis = self.highs.getBasis()
        futures = self._futures(prices)
        if futures is None:
            return self._close(-np.inf)
        bound = min(-node.order, prices.worth, self._sum(futures))
        if self.values is None or not np.array_equal(np.round(self.values[columns]), given):
            self._agree(prices, futures)
        mean = self.apart.mean(futures)
        self._offer(mean)
        column = next((c for level in self.branching if (c := level(mean)) is not None), None)
        if column is None or self._enough(bound):
            return self._close(bound)
        return [_Node(-bound, next(self.counter), (*node.fixed, (column, value)), basis) for value in (1.0, 0.0)]

    def _close(self, bound: float) -> list[_Node]:
        """Remember the bound of a part that is split no further."""
        self.closed = max(self.closed, bound)
        return []

    def _futures(self, prices: Prices, part: float = PART) -> list[Alone] | None:
        """Return every future solved at prices, None as soon as one has no plan; solved in part where time ran out."""
        waiting = [self.apart.priced(leaf, prices) for leaf in range(len(self.joint.leaves))]
        self.apart.ahead(dict(enumerate(waiting)), self._within(part), self._goes_on)
        told = []
        for leaf, alone in enumerate(waiting):
            one = alone if self.stopped else self._solved(leaf, alone, part)
            if one is None:
                return None
            told.append(one)
        return told

    def _solved(self, leaf: int, alone: Alone, part: float = PART) -> Alone | None:
        return self.apart.solved(leaf, alone, self._within(part), lambda _: self._goes_on())

    def _within(self, part: float) -> Limits:
        return replace(self.limits, gap=self.limits.gap * part, time_limit=self.clock.left)

    def _agree(self, prices: Prices, futures: list[Alone]) -> None:
        """Go down the tree and take at every node the choice that is best for all of its futures; offer the plan."""
        lower, upper = prices.lower.copy(), prices.upper.copy()
        for depth, level in enumerate(self.levels, 1):
            for columns in level:
                if columns.size:
                    fixed, chosen = self._chosen(columns, futures)
                    lower[fixed] = upper[fixed] = chosen
            found = self.apart.relaxed(lower, upper, None)
            if found is None or self._enough(found.worth):
                return
            told = self._futures(found, LAST if depth == len(self.levels) else CHOOSING)
            if told is None or self.stopped:
                return
            futures = told
        self._offer(self.apart.mean(futures))

    def _chosen(self, columns: Ints, futures: list[Alone]) -> tuple[Ints, Floats]:
        """Return what a node had best decide of those choices that its futures make: columns and values."""
        node = int(self.joint.owner[columns[0]])
        below = [leaf for leaf, line in enumerate(self.joint.tree.lines) if node in line]
        choices: dict[bytes, tuple[Ints, Floats, list[int]]] = {}
        for leaf in below:
            place = self.apart.parts[leaf].place[columns]
            outcome = futures[leaf].outcome
            if outcome is not None:
                values = np.round(outcome.values[place[place >= 0]])
                mine = columns[place >= 0]
                key = mine.tobytes() + values.tobytes()
                choices.setdefault(key, (mine, values, []))[2].append(leaf)
        probability = self.apart.probability
        tried = sorted(choices.values(), key=lambda choice: -float(probability[choice[2]].sum()))[:CHOICES]
        if len(tried) == 1:
            return tried[0][:2]
        worth = [self._worth(mine, values, below, own, futures) for mine, values, own in tried]
        return tried[int(np.argmax(worth))][:2]

    def _worth(self, columns: Ints, values: Floats, below: list[int], own: list[int], futures: list[Alone]) -> float:
        """Return what a choice is worth to all futures below a node at their prices."""
        held = {leaf: self.apart.held_to(leaf, futures[leaf], columns, values) for leaf in below if leaf not in own}
        self.apart.ahead(held, self._within(CHOOSING), self._goes_on)
        total = 0.0
        for leaf in below:
            alone: Alone | None = futures[leaf]
            if leaf not in own:
                alone = self._solved(leaf, held[leaf], CHOOSING)
            if alone is None or self.stopped:
                return -np.inf
            total += alone.worth
        return total

    def _offer(self, values: Floats) -> None:
        """Keep the plan that follows from whole decisions near some values, where it is the best so far."""
        found = self.evaluate(values, -self.best)
        if found is not None and -found[0] > self.best:
            self.best, self.values = -found[0], found[1]

    def _sum(self, futures: list[Alone]) -> float:
        """Return what the tree is worth at most: that of its futures, and what is there without a decision."""
        return sum(alone.bound for alone in futures) - self.scaled.offset

    def _enough(self, bound: float) -> bool:
        return bool(np.isfinite(self.best)) and bound - self.best <= self.limits.gap * abs(self.best)

    def _goes_on(self) -> bool:
        money = self.scaled.money
        bound = self.bound * money if np.isfinite(self.bound) else None
        found = np.isfinite(self.best)
        gap = gap_of(self.bound, self.best) if found and bound is not None else None
        told = Progress("apart", self.clock.seconds, self.best * money if found else None, bound, gap)
        self.stopped = self.stopped or not self.watch(told) or self.clock.seconds >= self.clock.limit
        return not self.stopped
