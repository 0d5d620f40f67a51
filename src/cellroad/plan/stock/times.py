"""The service times among which a best placement is found.

Where lead times are certain, cost is concave in the service times, and they lie in the polyhedron of

    S_j + way_jk <= SI_k on every arc,   0 <= S_i <= SI_i + lead_i,   S_i <= promise_i,   SI_i >= 0.

So a best placement is a vertex: every time is tied, through equalities, to 0 or to a promise, and is a sum of lead
times and promises with signs. Collecting these sums along the arcs gives, for every stage, the few times that matter:
no time has to be cut into days, and what is found over them is best over all real times. Where the sums are too many
to be collected, all ticks count, and a range stands for them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cellroad.plan.stock.stages import LATEST, Floats, Ints, Stages, neighbours, order

TICK = 1e-6
"""Days: times closer than that are one."""
MOST = 1_000_000
"""Times of all stages together beyond which sums are not collected."""


@dataclass(frozen=True)
class Times:
    """For every stage the inbound and outbound times in question, in ticks, rising; a range where all ticks are."""

    inbound: list[Ints | range]
    outbound: list[Ints | range]

    @property
    def pairs(self) -> int:
        """Return the number of pairs of an inbound and an outbound time, of all stages together."""
        return sum(len(a) * len(b) for a, b in zip(self.inbound, self.outbound, strict=True))


def corners(stages: Stages) -> Times:
    """Return the times of all vertices for certain lead times; all ticks where there are more than `MOST` of them."""
    sequence, ways = order(stages), neighbours(stages)
    suppliers, customers = _ticked(ways[0]), _ticked(ways[1])
    lead = np.round(stages.lead / TICK).astype(np.int64).tolist()
    latest = _latest(stages, sequence, suppliers, lead)
    soonest = [max(of.values(), default=0) for of in suppliers]
    inbound: list[set[int]] = [{time} for time in soonest]
    outbound: list[set[int]] = [{0, latest[i]} if stages.promise[i] < np.inf else {0} for i in range(stages.size)]
    before = -1
    while (total := sum(map(len, inbound)) + sum(map(len, outbound))) != before:
        if total > MOST:
            longest = [max((latest[j] + days for j, days in of.items()), default=0) for of in suppliers]
            every = [range(first, last + 1) for first, last in zip(soonest, longest, strict=True)]
            return Times([*every], [range(time + 1) for time in latest])
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
    return Times([_rising(times) for times in inbound], [_rising(times) for times in outbound])


def days(stages: Stages) -> Times:
    """Return all whole days up to the longest time that a stage may be asked for, and its promise."""
    sequence, suppliers = order(stages), _ticked(neighbours(stages)[0])
    longest = np.ceil((stages.lead + LATEST * stages.spread) / TICK).astype(np.int64).tolist()
    latest = _latest(stages, sequence, suppliers, longest)
    day = round(1 / TICK)
    outbound = [np.unique(np.append(np.arange(0, time + 1, day), time)) for time in latest]
    arriving = [[outbound[j] + days for j, days in of.items()] or [np.zeros(1, np.int64)] for of in suppliers]
    soonest = [max(times[0] for times in of) for of in arriving]
    inbound = [np.unique(np.concatenate(of)) for of in arriving]
    return Times([times[times >= first] for times, first in zip(inbound, soonest, strict=True)], [*outbound])


def some(times: Ints | range, most: int = 40) -> Floats:
    """Return at most so many of the times, evenly chosen, in days."""
    size = len(times)
    at = range(size) if size <= most else sorted({n * (size - 1) // (most - 1) for n in range(most)})
    return np.array([times[n] for n in at], dtype=float) * TICK


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


def _rising(ticks: set[int]) -> Ints:
    return np.array(sorted(ticks), dtype=np.int64)
