"""A better placement near a given one: each stage in turn tries every outbound time that it knows, and keeps the best.

What every attempt costs follows from `settled` service times, worked out for all times of a stage at once. The bound
never comes from here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from cellroad.plan.stock.stages import SLACK, Floats, Ints, Stages, order


@dataclass(frozen=True)
class Levels:
    """A network by levels: arcs sorted by where they go (or come from), with the first of each stage's."""

    stages: list[Ints]
    arcs: list[Ints]
    begin: list[Ints]


def improved(stages: Stages, outbound: Floats, tried: list[Floats], time_limit: float) -> Floats:
    """Return outbound times that cost no more than the given ones. Lead times have to be certain.

    `tried` are the outbound times in question, by stage.
    """
    until = time.perf_counter() + time_limit
    levels = _levels(stages, order(stages))
    kept, (best,) = _settled(stages, levels, outbound[:, None])
    outbound = kept[:, 0]
    waiting = [i for i in range(stages.size) if tried[i].size > 1 and np.isfinite(stages.holding[i])]
    while True:
        before = best
        for i in waiting:
            if time.perf_counter() > until:
                return outbound
            attempts = np.repeat(outbound[:, None], tried[i].size, axis=1)
            attempts[i] = tried[i]
            kept, cost = _settled(stages, levels, attempts)
            if cost.min() < best * (1 - 1e-9):
                best, outbound = float(cost.min()), kept[:, int(cost.argmin())]
        if best >= before * (1 - 1e-6):
            return outbound


def _levels(stages: Stages, sequence: list[int]) -> tuple[Levels, Levels]:
    """Return the network from suppliers to customers, and back."""
    depth = np.zeros((2, stages.size), np.int64)
    arcs = stages.arcs
    position = np.argsort(np.array(sequence))
    for j, k in arcs[np.argsort(position[arcs[:, 0]], kind="stable")].tolist():
        depth[0, k] = max(depth[0, k], depth[0, j] + 1)
    for j, k in arcs[np.argsort(-position[arcs[:, 1]], kind="stable")].tolist():
        depth[1, j] = max(depth[1, j], depth[1, k] + 1)
    return _by_level(arcs[:, 1], depth[0]), _by_level(arcs[:, 0], depth[1])


def _by_level(end: Ints, depth: Ints) -> Levels:
    found = Levels([], [], [])
    for level in range(1, int(depth.max(initial=0)) + 1):
        arcs = np.flatnonzero(depth[end] == level)
        arcs = arcs[np.argsort(end[arcs], kind="stable")]
        at, begin = np.unique(end[arcs], return_index=True)
        found.stages.append(at)
        found.arcs.append(arcs)
        found.begin.append(begin)
    return found


def _settled(stages: Stages, levels: tuple[Levels, Levels], outbound: Floats) -> tuple[Floats, Floats]:
    """Return settled outbound times and their cost, for several placements: a column each."""
    supplier, customer = stages.arcs.T
    lead, way = stages.lead[:, None], stages.way[:, None]
    quoted = np.minimum(np.where(np.isinf(stages.holding)[:, None], np.inf, outbound), stages.promise[:, None])
    inbound = np.zeros_like(quoted)
    first = np.bincount(customer, minlength=stages.size) == 0
    quoted[first] = np.minimum(quoted[first], lead[first])
    for at, arcs, begin in zip(levels[0].stages, levels[0].arcs, levels[0].begin, strict=True):
        inbound[at] = np.maximum.reduceat(quoted[supplier[arcs]] + way[arcs], begin, axis=0)
        quoted[at] = np.minimum(quoted[at], inbound[at] + lead[at])
    for at, arcs, begin in zip(levels[1].stages, levels[1].arcs, levels[1].begin, strict=True):
        waited = np.minimum.reduceat(inbound[customer[arcs]] - way[arcs], begin, axis=0)
        latest = np.minimum(inbound[at] + lead[at], stages.promise[at, None])
        quoted[at] = np.minimum(latest, np.maximum(quoted[at], waited))
    net = inbound + lead - quoted
    net = np.where(net < SLACK, 0.0, net)
    price = np.where(np.isinf(stages.holding), 0.0, stages.holding * stages.factor)
    nowhere = ((net > 0) & np.isinf(stages.holding)[:, None]).any(axis=0)
    return quoted, np.where(nowhere, np.inf, price @ np.sqrt(net))
