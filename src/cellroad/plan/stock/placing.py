"""Where safety stock is held at the least cost: the guaranteed-service model, solved to proof on any network.

Trees are solved by dynamic programming (`trees`), what is left by a programme (`core`), both over the few service
times that can be best (`times`). The bound holds for all service times, also those that are no whole days.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from cellroad.plan.stock.core import search
from cellroad.plan.stock.stages import Floats, Stages, held, neighbours, order, priced
from cellroad.plan.stock.times import MOST, TICK, Times, corners, days
from cellroad.plan.stock.trees import peel, unpeel

ROUNDED = (0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
"""Days to which lead times are rounded where there are too many different service times, one after the other."""


@dataclass(frozen=True)
class Placement:
    """Service times in days by stage, what is held, and how good that is proven to be.

    net      days of demand that the stage has to cover; safety: units of safety stock; early: units that came too soon
    cost     USD a year; bound: no service times cost less
    """

    inbound: Floats
    outbound: Floats
    net: Floats
    safety: Floats
    early: Floats
    cost: float
    bound: float
    seconds: float

    @property
    def gap(self) -> float:
        """Return the distance from cost to bound, relative to the cost."""
        return max(0.0, self.cost - self.bound) / max(abs(self.cost), 1e-9)


def place(stages: Stages, *, gap: float = 1e-6, time_limit: float = 300.0, seed: int = 0) -> Placement:
    """Return the service times at which safety stock costs least, proven within a relative gap where time allows.

    Lead times that vary (`spread`) make the cost of a stage no longer concave: then the bound holds for whole days.
    Raises ValueError where stages supply each other in a circle.
    """
    began = time.perf_counter()
    if not stages.certain:
        return _solved(stages, days(stages), gap, time_limit, seed, began)
    times = corners(stages)
    if times is not None:
        return _solved(stages, times, gap, time_limit, seed, began)
    return _between(stages, gap, time_limit, seed, began)


def settled(stages: Stages, outbound: Floats) -> tuple[Floats, Floats]:
    """Return inbound and outbound times of a policy: no stage quotes more than it can need, nor less than is free.

    Inbound is the longest time that a supplier quotes, with the way. A stage quotes what its customers wait for anyway,
    and all that it takes where it can hold nothing.
    """
    (suppliers, customers), sequence = neighbours(stages), order(stages)
    quoted = np.minimum(np.where(np.isinf(stages.holding), np.inf, outbound), stages.promise)
    inbound = np.zeros(stages.size)
    for i in sequence:
        inbound[i] = max((quoted[j] + way for j, way in suppliers[i].items()), default=0.0)
        quoted[i] = min(quoted[i], inbound[i] + stages.lead[i])
    for i in reversed(sequence):
        waited = min((inbound[k] - way for k, way in customers[i].items()), default=np.inf)
        quoted[i] = min(inbound[i] + stages.lead[i], max(quoted[i], waited), stages.promise[i])
    return inbound, quoted


def evaluate(stages: Stages, inbound: Floats, outbound: Floats, bound: float = 0.0, seconds: float = 0.0) -> Placement:
    """Return what service times cost."""
    net, safety, early = held(stages, np.arange(stages.size), outbound - inbound)
    cost = float(priced(stages.holding, safety + early).sum())
    return Placement(inbound, outbound, net, safety, early, cost, min(bound, cost), seconds)


def _solved(stages: Stages, times: Times, gap: float, time_limit: float, seed: int, began: float) -> Placement:
    peeled = peel(stages, times)
    a, b = np.zeros(stages.size, np.int64), np.zeros(stages.size, np.int64)
    bound = peeled.cost
    if peeled.core:
        found = search(stages, times, peeled, gap=gap, time_limit=time_limit, seed=seed)
        a[peeled.core], b[peeled.core], bound = found.inbound, found.outbound, found.bound
    unpeel(stages, times, peeled, a, b)
    outbound = np.array([times.outbound[i][n] for i, n in enumerate(b)])
    inbound = np.array([times.inbound[i][n] for i, n in enumerate(a)])
    if stages.certain:
        inbound, outbound = settled(stages, outbound)
    return evaluate(stages, inbound, outbound, bound, time.perf_counter() - began)


def _between(stages: Stages, gap: float, time_limit: float, seed: int, began: float) -> Placement:
    """Bound the cost from both sides by networks with rounded times: a longer lead time never costs less."""
    for unit in ROUNDED:
        short = _rounded(stages, unit, shorter=True)
        low = corners(short)
        if low is None:
            continue
        lower = _solved(short, low, gap, time_limit, seed, began)
        long = _rounded(stages, unit, shorter=False)
        upper = _solved(long, corners(long, 10 * MOST) or low, gap, time_limit, seed, began)
        seconds = time.perf_counter() - began
        both = (evaluate(stages, *settled(stages, of.outbound), lower.bound, seconds) for of in (lower, upper))
        return min(both, key=lambda placement: placement.cost)
    raise ValueError("the lead times are too many and too long for this network: round them to weeks")


def _rounded(stages: Stages, unit: float, *, shorter: bool) -> Stages:
    """Return stages with lead times in whole units, none of them longer, and no promise shorter; or the other way."""

    def down(times: Floats) -> Floats:
        return np.floor(times / unit + TICK) * unit

    def up(times: Floats) -> Floats:
        return np.ceil(times / unit - TICK) * unit

    quicker, later = (down, up) if shorter else (up, down)
    return replace(stages, lead=quicker(stages.lead), way=quicker(stages.way), promise=later(stages.promise))
