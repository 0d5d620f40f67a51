"""What hangs on a network as a tree is solved stage by stage, and leaves a price on the service time where it hung.

A stage with one neighbour left is replaced by what it costs at best for every service time of that neighbour:

    supplier j of k:   min over S_j + way <= v and SI_j of cost_j(SI_j, S_j)      added to inbound time v of k
    customer k of j:   min over SI_k >= v + way and S_k of cost_k(SI_k, S_k)      added to outbound time v of j

(where times stand in cells, v is the last of an inbound cell and the first of an outbound one).

Where the whole network is a tree nothing is left, and this is the dynamic programme of Graves and Willems (2000, with
the corrections of 2003). What cannot be taken away so is the core: every stage of it lies between two rings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cellroad.plan.stock.cells import NEAR, Cells
from cellroad.plan.stock.stages import Floats, Ints, Stages, neighbours


@dataclass(frozen=True)
class Peeled:
    """A network without what hung on it.

    price   for every stage USD a year by inbound and outbound cell, with what hung on it
    core    stages that are left; none: the network was a forest, and `cost` is the best
    cost    of the trees that are gone for good
    gone    stages in the order in which they went, each with the neighbour it hung on (itself: none)
    """

    price: list[Floats]
    core: list[int]
    cost: float
    gone: list[tuple[int, int]]


def peel(stages: Stages, cells: Cells) -> Peeled:
    """Take away stages with at most one neighbour until none is left."""
    suppliers, customers = neighbours(stages)
    price = [cells.price(stages, i) for i in range(stages.size)]
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
            first, last = cells.outbound[i].first + way, cells.inbound[k].last
            price[k] = price[k] + _before(price[i].min(axis=0), first, last)[:, None]
            del suppliers[k][i]
        elif suppliers[i]:
            ((k, way),) = suppliers[i].items()
            last, first = cells.inbound[i].last, cells.outbound[k].first + way
            price[k] = price[k] + _after(price[i].min(axis=1), last, first)[None, :]
            del customers[k][i]
        else:
            k = i
            total += float(price[i].min())
        gone.append((i, k))
        if k != i and len(suppliers[k]) + len(customers[k]) <= 1:
            loose.append(k)
    return Peeled(price, np.flatnonzero(~away).tolist(), total, gone)


def unpeel(stages: Stages, cells: Cells, peeled: Peeled, inbound: Ints, outbound: Ints) -> None:
    """Choose the times of the stages that are gone, given those of the core: indices into `cells`, filled in place."""
    suppliers, customers = neighbours(stages)
    for i, k in reversed(peeled.gone):
        price = peeled.price[i]
        if k in customers[i]:
            late = cells.outbound[i].first + customers[i][k] > cells.inbound[k].last[inbound[k]] + NEAR
            price = np.where(late[None, :], np.inf, price)
        elif k in suppliers[i]:
            soon = cells.inbound[i].last < cells.outbound[k].first[outbound[k]] + suppliers[i][k] - NEAR
            price = np.where(soon[:, None], np.inf, price)
        inbound[i], outbound[i] = np.unravel_index(int(price.argmin()), price.shape)


def _before(best: Floats, at: Floats, wanted: Floats) -> Floats:
    """Return the least of what is no later than each wanted time."""
    least = np.minimum.accumulate(best)
    return _picked(least, np.searchsorted(at, wanted + NEAR, side="right") - 1, lambda place: place >= 0)


def _after(best: Floats, at: Floats, wanted: Floats) -> Floats:
    """Return the least of what is no sooner than each wanted time."""
    least = np.minimum.accumulate(best[::-1])[::-1]
    return _picked(least, np.searchsorted(at, wanted - NEAR, side="left"), lambda place: place < at.size)


def _picked(least: Floats, place: Ints, there: Callable[[Ints], object]) -> Floats:
    return np.where(there(place), least[np.clip(place, 0, least.size - 1)], np.inf)  # type: ignore[call-overload, no-any-return]
