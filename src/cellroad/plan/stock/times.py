"""The service times among which a best placement is found.

Where lead times are certain, cost is concave in the service times, and they lie in the polyhedron of

    S_j + way_jk <= SI_k on every arc,   0 <= S_i <= SI_i + lead_i,   S_i <= promise_i,   SI_i >= 0.

So a best placement is a vertex: every time is tied, through equalities, to 0 or to a promise, and is a sum of lead
times and promises with signs. Collecting these sums along the arcs gives, for every stage, the few times that matter:
no time has to be cut into days, and what is found over them is best over all real times. Where the sums are too many
to be collected, only the first and the last are known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cellroad.plan.stock.stages import LATEST, Floats, Ints, Stages, neighbours, order

Ways = list[dict[int, int]]
TICK = 1e-6
"""Days: times closer than that are one."""
MOST = 100_000
"""Times of all stages together beyond which sums are not collected."""


@dataclass(frozen=True)
class Times:
    """For every stage the inbound and outbound times in question, in ticks, rising."""

    inbound: list[Ints]
    outbound: list[Ints]

    @property
    def pairs(self) -> int:
        """Return the number of pairs of an inbound and an outbound time, of all stages together."""
        return sum(len(a) * len(b) for a, b in zip(self.inbound, self.outbound, strict=True))


def corners(stages: Stages) -> Times | None:
    """Return the times of all vertices for certain lead times; none where there are more than `MOST` of them."""
    sequence, (suppliers, customers), lead, latest = _limits(stages)
    soonest = [max(of.values(), default=0) for of in suppliers]
    inbound: list[set[int]] = [{time} for time in soonest]
    outbound: list[set[int]] = [{0, latest[i]} if stages.promise[i] < np.inf else {0} for i in range(stages.size)]
    before = -1
    while (total := sum(map(len, inbound)) + sum(map(len, outbound))) != before:
        if total > MOST:
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
    return Times([_rising(times) for times in inbound], [_rising(times) for times in outbound])


def ends(stages: Stages) -> Times:
    """Return the first and the last time of every stage for certain lead times."""
    _, (suppliers, _), _, latest = _limits(stages)
    inbound = [
        {max(of.values(), default=0), max((latest[j] + days for j, days in of.items()), default=0)} for of in suppliers
    ]
    return Times([_rising(times) for times in inbound], [_rising({0, time}) for time in latest])


def days(stages: Stages) -> Times:
    """Return all whole days up to the longest time that a stage may be asked for, and its promise."""
    sequence, suppliers = order(stages), ticked(neighbours(stages)[0])
    longest = np.ceil((stages.lead + LATEST * stages.spread) / TICK).astype(np.int64).tolist()
    latest = _latest(stages, sequence, suppliers, longest)
    day = round(1 / TICK)
    outbound = [np.unique(np.append(np.arange(0, time + 1, day), time)) for time in latest]
    arriving = [[outbound[j] + days for j, days in of.items()] or [np.zeros(1, np.int64)] for of in suppliers]
    soonest = [max(times[0] for times in of) for of in arriving]
    inbound = [np.unique(np.concatenate(of)) for of in arriving]
    return Times([times[times >= first] for times, first in zip(inbound, soonest, strict=True)], [*outbound])


def some(times: Ints, most: int = 40) -> Floats:
    """Return at most so many of the times, evenly chosen, in days."""
    at = np.unique(np.linspace(0, times.size - 1, most).astype(np.int64)) if times.size > most else slice(None)
    return times[at].astype(np.float64) * TICK


def ticked(ways: list[dict[int, float]]) -> Ways:
    """Return ways in ticks."""
    return [{other: round(days / TICK) for other, days in of.items()} for of in ways]


def _limits(stages: Stages) -> tuple[list[int], tuple[Ways, Ways], list[int], list[int]]:
    """Return stages in order, ways from suppliers and to customers, lead times, and longest outbound times."""
    sequence, (suppliers, customers) = order(stages), neighbours(stages)
    ways, lead = (ticked(suppliers), ticked(customers)), np.round(stages.lead / TICK).astype(np.int64).tolist()
    return sequence, ways, lead, _latest(stages, sequence, ways[0], lead)


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
