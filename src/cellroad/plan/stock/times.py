"""The service times among which a best placement is found.

Where lead times are certain, cost is concave in the service times, and they lie in the polyhedron of

    S_j + way_jk <= SI_k on every arc,   0 <= S_i <= SI_i + lead_i,   S_i <= promise_i,   SI_i >= 0.

So a best placement is a vertex: every time is tied, through equalities, to 0 or to a promise, and is a sum of lead
times and promises with signs. Collecting these sums along the arcs gives, for every stage, the few times that matter:
no time has to be cut into days, and what is found over them is best over all real times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cellroad.plan.stock.stages import LATEST, Floats, Stages, neighbours, order

TICK = 1e-6
"""Days: times closer than that are one."""
MOST = 20_000_000
"""Pairs of times of all stages together beyond which lead times are rounded."""


@dataclass(frozen=True)
class Times:
    """For every stage the service times in question, rising: inbound and outbound."""

    inbound: list[Floats]
    outbound: list[Floats]


def corners(stages: Stages, most: int | None = None) -> Times | None:
    """Return the times of all vertices for certain lead times; None where they make more pairs than `most` (`MOST`)."""
    sequence, ways = order(stages), neighbours(stages)
    suppliers, customers = _ticked(ways[0]), _ticked(ways[1])
    lead = np.round(stages.lead / TICK).astype(np.int64).tolist()
    latest = _latest(stages, sequence, suppliers, lead)
    soonest = [max(of.values(), default=0) for of in suppliers]
    inbound: list[set[int]] = [{time} for time in soonest]
    outbound: list[set[int]] = [{0, latest[i]} if stages.promise[i] < np.inf else {0} for i in range(stages.size)]
    before = -1
    while (total := sum(map(len, inbound)) + sum(map(len, outbound))) != before:
        if sum(len(a) * len(b) for a, b in zip(inbound, outbound, strict=True)) > (MOST if most is None else most):
            return None
        before = total
        for i in sequence:
            for j, days in suppliers[i].items():
                inbound[i].update(time + days for time in outbound[j] if time + days >= soonest[i])
            outbound[i].update(time + lead[i] for time in inbound[i] if time + lead[i] <= latest[i])
        for i in reversed(sequence):
            for k, days in customers[i].items():
                outbound[i].update(time - days for time in inbound[k] if 0 <= time - days <= latest[i])
            if suppliers[i]:
                inbound[i].update(time - lead[i] for time in outbound[i] if time - lead[i] >= soonest[i])
    return Times([_days(times) for times in inbound], [_days(times) for times in outbound])


def days(stages: Stages) -> Times:
    """Return all whole days up to the longest time that a stage may be asked for, and its promise."""
    sequence, suppliers = order(stages), _ticked(neighbours(stages)[0])
    longest = np.ceil((stages.lead + LATEST * stages.spread) / TICK).astype(np.int64).tolist()
    latest = _latest(stages, sequence, suppliers, longest)
    outbound = [np.unique(np.append(np.arange(0, int(time * TICK) + 1), time * TICK)).astype(float) for time in latest]
    arriving = [[outbound[j] + days * TICK for j, days in of.items()] or [np.zeros(1)] for of in suppliers]
    soonest = [max(times[0] for times in of) for of in arriving]
    inbound = [np.unique(np.concatenate(of).round(6)) for of in arriving]
    return Times([times[times >= first - TICK] for times, first in zip(inbound, soonest, strict=True)], outbound)


def _ticked(ways: list[dict[int, float]]) -> list[dict[int, int]]:
    return [{other: round(days / TICK) for other, days in of.items()} for of in ways]


def _latest(stages: Stages, sequence: list[int], suppliers: list[dict[int, int]], lead: list[int]) -> list[int]:
    """Return the longest outbound time of every stage, in ticks."""
    latest = [0] * stages.size
    for i in sequence:
        latest[i] = max((latest[j] + days for j, days in suppliers[i].items()), default=0) + lead[i]
        if stages.promise[i] < np.inf:
            latest[i] = min(latest[i], round(float(stages.promise[i]) / TICK))
    return latest


def _days(ticks: set[int]) -> Floats:
    return np.array(sorted(ticks), dtype=float) * TICK
