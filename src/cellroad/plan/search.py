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
from collections.abc import Callable
from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
Choose = Callable[[Floats], int | None]
"""From relaxed values the column to decide next, None where all are whole."""
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
) -> Found:
    """Return the best plan over whole values of the columns, deciding in the order that `choose` gives.

    `relaxed` holds the strengthened relaxation, solved; its bounds are changed on the way and restored.
    """
    columns = columns.astype(np.int32)
    lower = np.array(relaxed.getLp().col_lower_)[columns]
    upper = np.array(relaxed.getLp().col_upper_)[columns]
    place = {int(column): n for n, column in enumerate(columns)}
    counter = itertools.count()
    best_cost, best_values = np.inf, None
    nodes, closed = 0, np.inf
    heap = [Node(-np.inf, next(counter), ())]
    dive: Node | None = None

    def beaten(bound: float) -> bool:
        return bool(np.isfinite(best_cost)) and bound >= best_cost - gap * abs(best_cost)

    def proven() -> float:
        open_bounds = [node.bound for node in heap[:1]] + ([dive.bound] if dive else [])
        return min([best_cost, closed, *open_bounds])

    while heap or dive:
        node = dive if dive else heapq.heappop(heap)
        dive = None
        if beaten(node.bound):
            closed = min(closed, node.bound)
            continue
        low, high = lower.copy(), upper.copy()
        for column, value in node.fixed:
            low[place[column]] = high[place[column]] = value
        relaxed.changeColsBounds(columns.size, columns, low, high)
        if node.basis is not None:
            relaxed.setBasis(node.basis)
        relaxed.run()
        nodes += 1
        if relaxed.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            cost = float(relaxed.getInfo().objective_function_value)
            if beaten(cost):
                closed = min(closed, cost)
            else:
                values = np.array(relaxed.getSolution().col_value)
                rounded = evaluate(values, best_cost)
                if rounded is not None and rounded[0] < best_cost:
                    best_cost, best_values = rounded
                decision = choose(values)
                if decision is None:
                    settled = settle(cost, values, best_cost)
                    closed = min(closed, settled.bound)
                    if settled.values is not None and settled.cost < best_cost:
                        best_cost, best_values = settled.cost, settled.values
                else:
                    basis = relaxed.getBasis()
                    up, down = (
                        Node(cost, next(counter), (*node.fixed, (decision, value)), basis) for value in (1.0, 0.0)
                    )
                    dive, later = (up, down) if values[decision] >= 0.5 else (down, up)
                    heapq.heappush(heap, later)
        elif relaxed.getModelStatus() != highspy.HighsModelStatus.kInfeasible:
            closed = min(closed, node.bound)
        if not report(Found(best_cost, best_values, proven(), nodes)):
            break
        if beaten(proven()):
            break
    bound = proven()
    relaxed.changeColsBounds(columns.size, columns, lower, upper)
    return Found(best_cost, best_values, bound, nodes)
