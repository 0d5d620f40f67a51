"""Branch and bound over the strategic decisions: whether first, then when, the rest left to the linear solver.

A plan has few decisions that matter (which plants, lines and campaigns, and when) and many that follow from them. A
general solver branches on all alike; here the decisions alone are split, in the order that `branching` gives. Every
node is a warm-started linear programme and is rounded to a plan; whole quantities that are not strategic (minimum
orders) are settled by the general solver with the strategy fixed. Best bound first, with dives for early plans (Land
and Doig 1960). The search ends when

    (best cost - lowest bound of what is left) <= gap * |best cost|
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from typing import Protocol

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


UNSETTLED = (highspy.HighsModelStatus.kSolveError, highspy.HighsModelStatus.kUnknown)
"""Statuses in which a solve ended without an answer."""


class Choose(Protocol):
    """Says which column to decide next."""

    def __call__(self, values: Floats) -> int | None:
        """Return a column whose relaxed value is not whole, None where all are."""

    def undecided(self, values: Floats, decided: Set[int]) -> int | None:
        """Return a column that is whole by chance and not yet decided, None where the decided ones settle all."""


@dataclass(order=True)
class Node:
    """A part of the tree: the bound of its relaxation (cost, lowest first) and the decisions taken on the way."""

    bound: float
    number: int
    fixed: tuple[tuple[int, float], ...] = field(compare=False)
    basis: highspy.HighsBasis | None = field(compare=False, default=None)


@dataclass(frozen=True)
class Found:
    """What a search knows: best cost and its values (None: none yet), proven bound, nodes solved."""

    cost: float
    values: Floats | None
    bound: float
    nodes: int


Evaluate = Callable[[Floats, float], tuple[float, Floats] | None]
"""From relaxed values and a cost to beat: the cost and values of a whole plan near them, or None."""
Settle = Callable[[float, Floats, float], Found]
"""From a relaxation whose strategy is whole (cost, values) and a cost to beat: the best plan with that strategy."""
Report = Callable[[Found], bool]
"""Called after every node; returning False ends the search."""


def search(
    relaxed: highspy.Highs,
    columns: Ints,
    choose: Choose,
    evaluate: Evaluate,
    settle: Settle,
    gap: float,
    report: Report,
    start: tuple[float, Floats] | None = None,
) -> Found:
    """Return the best plan over whole values of the columns, deciding in the order that `choose` gives.

    `start` is a plan that is known already.

    `relaxed` holds the strengthened relaxation, solved; its bounds are changed on the way and restored.
    """
    programme = Programme(relaxed, columns)
    tree = Tree(gap)
    tree.offer(start)
    while (node := tree.next()) is not None:
        cost, values = programme.solve(node, hot=node.number == tree.dived)
        tree.nodes += 1
        if values is None or tree.beaten(cost):
            tree.close(cost)
        else:
            tree.offer(evaluate(values, tree.best.cost))
            decision = choose(values)
            if decision is None:
                settled = settle(cost, values, tree.best.cost)
                tree.offer(None if settled.values is None else (settled.cost, settled.values))
                # the bound of this strategy says nothing of the others below a node that has not decided them
                if not tree.beaten(cost):
                    decision = choose.undecided(values, {column for column, _ in node.fixed})
                if decision is None:
                    tree.close(cost if tree.beaten(cost) else settled.bound)
            if decision is not None:
                tree.branch(node, cost, decision, values[decision] >= 0.5, relaxed.getBasis())
        if not report(tree.found()) or tree.beaten(tree.bound):
            break
    programme.restore()
    return tree.found()


class Programme:
    """The relaxation with some columns fixed, solved from the basis of the node it belongs to."""

    def __init__(self, highs: highspy.Highs, columns: Ints) -> None:
        """Keep the bounds that the columns had."""
        self.highs, self.columns = highs, columns.astype(np.int32)
        self.lower = np.array(highs.getLp().col_lower_)[self.columns]
        self.upper = np.array(highs.getLp().col_upper_)[self.columns]
        self.place = {int(column): n for n, column in enumerate(columns)}

    def solve(self, node: Node, hot: bool) -> tuple[float, Floats | None]:
        """Return cost and values of a node; no values where it has no solution, and then the cost that is safe.

        `hot` says that the node just solved is the one above it: the solver goes on from where it stands.
        """
        lower, upper = self.lower.copy(), self.upper.copy()
        for column, value in node.fixed:
            lower[self.place[column]] = upper[self.place[column]] = value
        self.highs.changeColsBounds(self.columns.size, self.columns, lower, upper)
        if node.basis is not None and not hot:
            self.highs.setBasis(node.basis)
        self.highs.run()
        if self.highs.getModelStatus() in UNSETTLED:  # a warm start can fail where a cold one does not
            self.highs.clearSolver()
            self.highs.run()
        status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return float(self.highs.getInfo().objective_function_value), np.array(self.highs.getSolution().col_value)
        return np.inf if status == highspy.HighsModelStatus.kInfeasible else node.bound, None

    def restore(self) -> None:
        """Give the columns the bounds that they had."""
        self.highs.changeColsBounds(self.columns.size, self.columns, self.lower, self.upper)


class Tree:
    """What is left to search, the best plan so far, and the bound that both prove."""

    def __init__(self, gap: float) -> None:
        """Start with the root alone."""
        self.gap = gap
        self.best = Found(np.inf, None, -np.inf, 0)
        self.nodes = 0
        self.closed = np.inf
        self.dived = -1
        self.counter = itertools.count()
        self.heap = [Node(-np.inf, next(self.counter), ())]
        self.dive: Node | None = None

    def next(self) -> Node | None:
        """Return the node to solve next: the dive while there is one, else that of the lowest bound."""
        while self.heap or self.dive:
            node = self.dive or heapq.heappop(self.heap)
            self.dived = node.number if self.dive else -1
            self.dive = None
            if not self.beaten(node.bound):
                return node
            self.close(node.bound)
        return None

    def beaten(self, bound: float) -> bool:
        """Say whether nothing under a bound can be better than the best by more than the gap."""
        return bool(np.isfinite(self.best.cost)) and bound >= self.best.cost - self.gap * abs(self.best.cost)

    def close(self, bound: float) -> None:
        """Remember the bound of a part that is searched no further."""
        self.closed = min(self.closed, bound)

    def offer(self, plan: tuple[float, Floats] | None) -> None:
        """Keep a plan if it is the best so far."""
        if plan is not None and plan[0] < self.best.cost:
            self.best = Found(plan[0], plan[1], -np.inf, 0)

    def branch(self, node: Node, cost: float, column: int, upward: bool, basis: highspy.HighsBasis) -> None:
        """Split a node at a column; dive into the side that its value is nearer to."""
        sides = [
            Node(cost, next(self.counter), (*node.fixed, (column, value)), basis)
            for value in ((1.0, 0.0) if upward else (0.0, 1.0))
        ]
        self.dive = sides[0]
        heapq.heappush(self.heap, sides[1])

    @property
    def bound(self) -> float:
        """Return the cost below which no plan can be."""
        waiting = [node.bound for node in self.heap[:1]] + ([self.dive.bound] if self.dive else [])
        return min([self.best.cost, self.closed, *waiting])

    def found(self) -> Found:
        """Return what is known so far."""
        return Found(self.best.cost, self.best.values, self.bound, self.nodes)
