"""What hangs on a network as a tree is solved stage by stage, and leaves a price on the service time where it hung.

A stage with one neighbour left is replaced by what it costs at best for every service time of that neighbour:

    supplier j of k:   min over S_j + way <= v and SI_j of cost_j(SI_j, S_j)      added to inbound time v of k
    customer k of j:   min over SI_k >= v + way and S_k of cost_k(SI_k, S_k)      added to outbound time v of j

Where the whole network is a tree nothing is left, and this is the dynamic programme of Graves and Willems (2000, with
the corrections of 2003). What cannot be taken away so is the core: every stage of it lies between two rings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cellroad.plan.stock.grids import Grid
from cellroad.plan.stock.stages import Floats, Ints, Stages, neighbours
from cellroad.plan.stock.times import ticked


@dataclass(frozen=True)
class Peeled:
    """A network without what hung on it.

    price   for every stage USD a year by inbound and outbound time, with what hung on it
    core    stages that are left; none: the network was a forest, and `cost` is the best
    cost    of the trees that are gone for good
    gone    stages in the order in which they went, each with the neighbour it hung on (itself: none)
    """

    price: list[Floats]
    core: list[int]
    cost: float
    gone: list[tuple[int, int]]


def peel(stages: Stages, grid: Grid) -> Peeled:
    """Take away stages with at most one neighbour until none is left."""
    suppliers, customers = map(ticked, neighbours(stages))
    price = [grid.price(stages, i) for i in range(stages.size)]
    loose = [i for i in range(stages.size) if len(suppliers[i]) + len(customers[i]) <= 1]
    gone: list[tuple[int, int]] = []
    total, away = 0.0, np.zeros(stages.size, dtype=bool)
    while loose:
        i = loose.pop()
        if away[i]:
            continue
        away[i] = True
        if customers[i]:
            ((k, way),) = customers[i].items()
            left, wanted = grid.outbound[i] + way, grid.inbound[k]
            price[k] = price[k] + _before(price[i].min(axis=0), left, wanted)[:, None]
            del suppliers[k][i]
        elif suppliers[i]:
            ((k, way),) = suppliers[i].items()
            came, wanted = grid.inbound[i], grid.outbound[k] + way
            price[k] = price[k] + _after(price[i].min(axis=1), came, wanted)[None, :]
            del customers[k][i]
        else:
            k = i
            total += float(price[i].min())
        gone.append((i, k))
        if k != i and len(suppliers[k]) + len(customers[k]) <= 1:
            loose.append(k)
    return Peeled(price, np.flatnonzero(~away).tolist(), total, gone)


def unpeeled(stages: Stages, grid: Grid) -> Peeled:
    """Return a network as it is: of a coarse grid, nothing can be taken away time by time."""
    return Peeled([grid.price(stages, i) for i in range(stages.size)], list(range(stages.size)), 0.0, [])


def unpeel(stages: Stages, grid: Grid, peeled: Peeled, inbound: Ints, outbound: Ints) -> None:
    """Choose the times of the stages that are gone, given those of the core: indices into `grid`, filled in place."""
    suppliers, customers = map(ticked, neighbours(stages))
    for i, k in reversed(peeled.gone):
        price = peeled.price[i]
        if k in customers[i]:
            late = grid.outbound[i] + customers[i][k] > grid.inbound[k][inbound[k]]
            price = np.where(late[None, :], np.inf, price)
        elif k in suppliers[i]:
            soon = grid.inbound[i] < grid.outbound[k][outbound[k]] + suppliers[i][k]
            price = np.where(soon[:, None], np.inf, price)
        inbound[i], outbound[i] = np.unravel_index(int(price.argmin()), price.shape)


def _before(best: Floats, at: Ints, wanted: Ints) -> Floats:
    """Return the least of what is no later than each wanted time."""
    least = np.minimum.accumulate(best)
    return _picked(least, np.searchsorted(at, wanted, side="right") - 1, lambda place: place >= 0)


def _after(best: Floats, at: Ints, wanted: Ints) -> Floats:
    """Return the least of what is no sooner than each wanted time."""
    least = np.minimum.accumulate(best[::-1])[::-1]
    return _picked(least, np.searchsorted(at, wanted, side="left"), lambda place: place < at.size)


def _picked(least: Floats, place: Ints, there: Callable[[Ints], object]) -> Floats:
    return np.where(there(place), least[np.clip(place, 0, least.size - 1)], np.inf)  # type: ignore[call-overload, no-any-return]
