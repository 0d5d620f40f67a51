"""What is a unit of an item worth at a site, period by period?

Its standard cost: the cheapest of buying it there, making it there from what its inputs are worth, or bringing it
there with freight and duty, of the ways that there can be in the period: a line that stands or can stand by then, a
lane that works and is not barred by law.

    worth[n,t] = min of  price[n,t]
                         worth[k,t] * (1 + duty[k,n,t]) + freight[k,n]             over lanes from k to n
                         (cost + sum over inputs of quantity * worth[k,t]) / yield  over processes at n

A plant that may be built counts from the first day on which it could be ready, whether a plan builds it or not, so that
values do not hang on decisions; `hanging` says where it does. Standard cost is the value for holding, customs and the
stock left at the end, and not what a plan pays. Found by relaxing all arcs at once until nothing falls any more
(Bellman-Ford on a hypergraph with non-negative costs, so it ends after at most as many rounds as there are nodes).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class CostArcs:
    """What makes an item worth something, in arrays whose last axis is time (T periods, or 1 for the cheapest ever).

    prices       node, price (rows, T)
    lanes        node_from, node_to, freight (rows, T; infinite where none leaves), the least that one unit more costs
                 (rows,), duty share (rows, T)
    processes    node_out, conversion cost over yield (rows, T; infinite where no line can be), whether one stands
                 (rows,)
    inputs       process number, node_in, quantity over yield (rows,)
    given        node, value (rows,): book values that the chain states
    spare        node, value (rows,): what comes by itself (co-products, returns), where nothing else leads to it
    """

    price_node: Ints
    price: Floats
    lane_from: Ints
    lane_to: Ints
    freight: Floats
    least_freight: Floats
    duty: Floats
    made: Ints
    conversion: Floats
    stands: NDArray[np.bool_]
    process: Ints
    taken: Ints
    quantity: Floats
    given_node: Ints
    given: Floats
    spare_node: Ints
    spare: Floats

    def cheapest_ever(self) -> CostArcs:
        """Return the same arcs with price, freight and duty at their lowest, as one period, without stated values."""
        none = slice(0, 0)
        return replace(
            self,
            price=_lowest(self.price),
            freight=self.least_freight[:, None],
            duty=_lowest(self.duty),
            conversion=_lowest(self.conversion),
            given_node=self.given_node[none],
            given=self.given[none],
        )


def _lowest(series: Floats) -> Floats:
    return np.asarray(series.min(axis=1, keepdims=True, initial=np.inf))


def worth(nodes: int, arcs: CostArcs, periods: int) -> Floats:
    """Return the standard cost of every node: shape (nodes, periods), infinite where nothing leads to it.

    Where an item cannot be had in some periods only, the nearest earlier value holds, else the nearest later one; what
    is made of inputs that are never there together is worked out from those.
    """
    value = np.full((nodes, periods), np.inf)
    np.minimum.at(value, arcs.price_node, arcs.price)
    value[arcs.given_node] = arcs.given[:, None]
    value = _settled(value, arcs, lambda series: series)
    by_itself = np.isinf(value[arcs.spare_node]).all(axis=1)
    if by_itself.any():
        np.minimum.at(value, arcs.spare_node[by_itself], arcs.spare[by_itself, None])
        value = _settled(value, arcs, lambda series: series)
    never = np.isinf(value).all(axis=1, keepdims=True)
    apart = _settled(value, arcs, lambda series: filled(np.where(never, series, value)))
    return filled(np.where(never, apart, value))


def hanging(nodes: int, arcs: CostArcs) -> NDArray[np.bool_]:
    """Return which nodes are worth less, at their lowest, because of lines that do not stand yet: shape (nodes,)."""
    lowest = arcs.cheapest_ever()
    standing = replace(lowest, conversion=np.where(arcs.stands[:, None], lowest.conversion, np.inf))
    without, within = (worth(nodes, each, 1)[:, 0] for each in (standing, lowest))
    return np.asarray(np.isfinite(without) & (within < without * (1 - 1e-9)))


def _settled(value: Floats, arcs: CostArcs, seen: Callable[[Floats], Floats]) -> Floats:
    """Relax all arcs, each looking at the values as `seen`, until nothing falls any more."""
    for _ in range(value.shape[0]):
        before, at = value, seen(value)
        value = value.copy()
        np.minimum.at(value, arcs.lane_to, at[arcs.lane_from] * (1 + arcs.duty) + arcs.freight)
        cost = arcs.conversion.copy()
        np.add.at(cost, arcs.process, arcs.quantity[:, None] * at[arcs.taken])
        np.minimum.at(value, arcs.made, cost)
        value[arcs.given_node] = arcs.given[:, None]
        if np.array_equal(before, value):
            break
    return value


def finite(value: Floats) -> Floats:
    """Return values with what is worth nothing to anybody (infinite cost) as zero."""
    return np.where(np.isfinite(value), value, 0.0)


def filled(value: Floats) -> Floats:
    """Return a series without gaps: infinite entries take the nearest earlier finite one, else the nearest later."""
    value = value.copy()
    for columns in (range(1, value.shape[1]), range(value.shape[1] - 2, -1, -1)):
        step = 1 if columns.step > 0 else -1
        for column in columns:
            gap = np.isinf(value[:, column])
            value[gap, column] = value[gap, column - step]
    return value
