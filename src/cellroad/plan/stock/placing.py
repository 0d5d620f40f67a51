"""Where safety stock is held at the least cost: the guaranteed-service model, solved to proof on any network.

Trees are solved by dynamic programming (`trees`), what is left by a programme (`core`), both over the few service
times that can be best (`times`). Where these are many, the programme is one over some of them, which gains the times
that its answer lacks (`grids`), and other placements are tried near the best one (`improving`). The bound holds for all
service times, also those that are no whole days.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from cellroad.plan.stock.core import Choice, Core, Relaxed
from cellroad.plan.stock.grids import coarse, whole
from cellroad.plan.stock.improving import improved
from cellroad.plan.stock.stages import Floats, Stages, held, neighbours, order, priced
from cellroad.plan.stock.times import TICK, corners, days, ends, some
from cellroad.plan.stock.trees import Peeled, peel, unpeel, unpeeled

MANY = 800_000
"""Pairs of times of all stages together beyond which the programme begins with some of them."""
IMPROVING = 0.5
"""Seconds, for each second that bounding took, in which placements near the best are tried."""


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
    search = _Search(stages, gap, time_limit, seed)
    while search.step():
        pass
    return replace(search.best, seconds=time.perf_counter() - search.began)


class _Search:
    """The best placement so far, what none costs less than, and the times over which both are found."""

    def __init__(self, stages: Stages, gap: float, time_limit: float, seed: int) -> None:
        self.began = time.perf_counter()
        self.until = self.began + time_limit
        self.stages, self.gap, self.seed = stages, gap, seed
        self.best = evaluate(stages, *settled(stages, np.zeros(stages.size)))
        self.latest: Placement | None = None
        times = corners(stages) if stages.certain else days(stages)
        few = times is not None and (times.pairs <= MANY or not stages.certain)
        self.grid = whole(times) if times is not None and few else coarse(stages, ends(stages))

    @property
    def left(self) -> float:
        """Return the seconds that are left."""
        return self.until - time.perf_counter()

    @property
    def proven(self) -> bool:
        """Say whether the best is as good as asked for."""
        return self.best.cost - self.best.bound <= self.gap * abs(self.best.cost)

    def step(self) -> bool:
        """Bound the cost over the times, take the placements that this gives, and add the times that it lacks.

        Return whether there is more to do.
        """
        peeled = peel(self.stages, self.grid) if self.grid.complete else unpeeled(self.stages, self.grid)
        if not peeled.core:
            self._bound(peeled.cost)
            self._take(peeled, (np.zeros(0, np.int64), np.zeros(0, np.int64)))
            return False
        began, core = time.perf_counter(), Core(self.stages, self.grid, peeled)
        self.latest = None
        relaxed = core.relax(self.left, self.seed)
        self._bound(relaxed.bound)
        for choice in relaxed.choices:
            self._take(peeled, choice)
        if self.stages.certain and not self.proven:
            self._improve(IMPROVING * (time.perf_counter() - began))
        if self.proven or self.left <= 0 or self._lacking(core, relaxed, relaxed.values):
            return not self.proven and self.left > 0
        bound, values = core.decide(relaxed, self.best.cost, self.gap / 2, self.left, self.seed)
        self._bound(bound)
        if values is None:
            return False
        self._take(peeled, core.choice(values))
        return not self.proven and self.left > 0 and self._lacking(core, relaxed, values)

    def _lacking(self, core: Core, relaxed: Relaxed, values: Floats) -> bool:
        """Leave out times that are in no better placement, and add those that an answer lacks; say whether it does."""
        if self.grid.complete:
            return False
        left = self.grid.within(core.near(relaxed, self.best.cost))
        self.grid = left.with_times(self.stages, *core.missing(values))
        return self.grid.size > left.size

    def _bound(self, bound: float) -> None:
        self.best = replace(self.best, bound=min(max(bound, self.best.bound), self.best.cost))

    def _keep(self, inbound: Floats, outbound: Floats) -> None:
        """Keep the placement with the least cost, of all and of the latest answer."""
        found = evaluate(self.stages, inbound, outbound, self.best.bound)
        if self.latest is None or found.cost < self.latest.cost:
            self.latest = found
        if found.cost < self.best.cost:
            self.best = found

    def _improve(self, seconds: float) -> None:
        """Try placements near the best of the latest answer."""
        start = self.latest or self.best
        tried = [some(line) for line in self.grid.outbound]
        self._keep(*settled(self.stages, improved(self.stages, start.outbound, tried, min(seconds, self.left))))

    def _take(self, peeled: Peeled, choice: Choice) -> None:
        """Take the placement of a choice in the core."""
        size, grid = self.stages.size, self.grid
        a, b = np.zeros(size, np.int64), np.zeros(size, np.int64)
        a[peeled.core], b[peeled.core] = choice
        unpeel(self.stages, grid, peeled, a, b)
        outbound = np.array([grid.outbound[i][n] for i, n in enumerate(b)]) * TICK
        inbound = np.array([grid.inbound[i][n] for i, n in enumerate(a)]) * TICK
        self._keep(*(settled(self.stages, outbound) if self.stages.certain else (inbound, outbound)))


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
