"""The service times of a programme: all that can be best, or some of them, between which cost is bounded from below.

Some are enough because cost is concave. A grid of inbound and outbound times of a stage, which the longest time that
can be quoted (outbound = inbound + lead) crosses in its points only, has cells that are boxes or halves of boxes. Times
in a cell are a mixture of its corners; so every function that is linear between the times of the grid has its value in
the mean, and the mixture costs no more. A programme over mixtures, which says of them only what holds in the mean,
bounds the cost over all real times (successive linear approximation; Magnanti, Shen, Shu, Simchi-Levi and Teo 2006),
and is exact once its answer uses no time before it is there. Until then it names the times that it lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cellroad.plan.stock.stages import LATEST, SLACK, Floats, Ints, Stages, costs
from cellroad.plan.stock.times import TICK, Times

Chosen = Mapping[int, NDArray[np.bool_]]
Asked = Mapping[int, set[int]]


@dataclass(frozen=True)
class Grid:
    """For every stage its inbound and outbound times in ticks, rising, and which pairs may be in a best choice.

    complete  whether these are all the times in question
    """

    inbound: list[Ints]
    outbound: list[Ints]
    open: list[NDArray[np.bool_]]
    complete: bool

    def price(self, stages: Stages, i: int) -> Floats:
        """Return what a stage costs for each pair of times, USD a year (infinite: not possible)."""
        a, b = self.inbound[i] * TICK, self.outbound[i] * TICK
        quoted = b[None, :] - a[:, None]
        possible = self.open[i] & (quoted <= stages.lead[i] + LATEST * stages.spread[i] + SLACK)
        possible &= (b <= stages.promise[i] + SLACK)[None, :]
        return np.where(possible, costs(stages, i, quoted), np.inf)

    def closing(self, near: Chosen) -> Grid:
        """Return the grid of which only these pairs stay open, by stage."""
        return replace(self, open=[one & near[i] if i in near else one for i, one in enumerate(self.open)])

    def within(self, near: Chosen) -> Grid:
        """Return the grid from the first to the last time of the pairs that are near, by stage."""
        inbound, outbound = list(self.inbound), list(self.outbound)
        for i, pairs in near.items():
            inbound[i] = inbound[i][_span(np.flatnonzero(pairs.any(axis=1)))]
            outbound[i] = outbound[i][_span(np.flatnonzero(pairs.any(axis=0)))]
        return _opened(inbound, outbound, self.complete)

    def with_times(self, stages: Stages, inbound: Asked, outbound: Asked) -> Grid:
        """Return the grid with more times, by stage, where they lie between the first and the last."""
        came, left = list(self.inbound), list(self.outbound)
        for i in inbound.keys() | outbound.keys():
            a, b = (
                np.union1d(line, [time for time in asked.get(i, ()) if line[0] <= time <= line[-1]]).astype(np.int64)
                for line, asked in ((came[i], inbound), (left[i], outbound))
            )
            came[i], left[i] = _crossed(a, b, round(float(stages.lead[i]) / TICK))
        return _opened(came, left, self.complete)

    @property
    def size(self) -> int:
        """Return the number of times of all stages."""
        return sum(a.size + b.size for a, b in zip(self.inbound, self.outbound, strict=True))


def whole(times: Times) -> Grid:
    """Return the grid of all times."""
    return _opened(list(times.inbound), list(times.outbound), True)


def coarse(stages: Stages, times: Times) -> Grid:
    """Return the grid of the first and the last times, of stages whose lead times are certain."""
    asked = {i: {0} for i in range(stages.size)}
    lines = [[np.unique(line[[0, -1]]) for line in kind] for kind in (times.inbound, times.outbound)]
    return _opened(lines[0], lines[1], False).with_times(stages, asked, asked)


def _opened(inbound: list[Ints], outbound: list[Ints], complete: bool) -> Grid:
    every = [np.ones((a.size, b.size), dtype=bool) for a, b in zip(inbound, outbound, strict=True)]
    return Grid(inbound, outbound, every, complete)


def _crossed(inbound: Ints, outbound: Ints, lead: int) -> tuple[Ints, Ints]:
    """Return both with the times at which one is the other and the lead time."""
    back, on = outbound - lead, inbound + lead
    back = back[(back >= inbound[0]) & (back <= inbound[-1])]
    on = on[(on >= outbound[0]) & (on <= outbound[-1])]
    return np.union1d(inbound, back), np.union1d(outbound, on)


def _span(used: Ints) -> slice:
    return slice(int(used[0]), int(used[-1]) + 1) if used.size else slice(None)
