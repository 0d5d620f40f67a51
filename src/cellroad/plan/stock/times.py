"""The service times among which a best placement is found.

Where lead times are certain, cost is concave in the service times, and they lie in the polyhedron of

    S_j <= SI_k on every arc,   0 <= S_i <= SI_i + lead_i,   S_i <= promise_i,   SI_i >= 0.

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
MOST = 30_000_000
"""Pairs of times of all stages together beyond which lead times are rounded."""


@dataclass(frozen=True)
class Times:
    """For every stage the service times in question, rising: inbound and outbound."""

    inbound: list[Floats]
    outbound: list[Floats]


def corners(stages: Stages, most: int | None = None) -> Times | None:
    """Return the times of all vertices for certain lead times; None where they make more pairs than `most` (`MOST`)."""
    sequence, (suppliers, customers) = order(stages), neighbours(stages)
    lead = np.round(stages.lead / TICK).astype(np.int64).tolist()
    latest = _latest(stages, sequence, suppliers, lead)
    inbound: list[set[int]] = [{0} for _ in sequence]
    outbound: list[set[int]] = [{0, int(latest[i])} if stages.promise[i] < np.inf else {0} for i in range(stages.size)]
    before = -1
    while (total := sum(map(len, inbound)) + sum(map(len, outbound))) != before:
        if sum(len(a) * len(b) for a, b in zip(inbound, outbound, strict=True)) > (MOST if most is None else most):
            return None
        before = total
        for i in sequence:
            inbound[i].update(*(outbound[j] for j in suppliers[i]))
            outbound[i].update(time + lead[i] for time in inbound[i] if time + lead[i] <= latest[i])
        for i in reversed(sequence):
            outbound[i].update(time for k in customers[i] for time in inbound[k] if time <= latest[i])
            if suppliers[i]:
                inbound[i].update(time - lead[i] for time in outbound[i] if time >= lead[i])
    return Times([_days(times) for times in inbound], [_days(times) for times in outbound])


def days(stages: Stages) -> Times:
    """Return all whole days up to the longest time that a stage may be asked for, and its promise."""
    sequence, (suppliers, _) = order(stages), neighbours(stages)
    longest = np.ceil((stages.lead + LATEST * stages.spread) / TICK).astype(np.int64).tolist()
    latest = _latest(stages, sequence, suppliers, longest)
    outbound = [np.unique(np.append(np.arange(0, int(time * TICK) + 1), time * TICK)).astype(float) for time in latest]
    arriving = [[outbound[j] for j in of] for of in suppliers]
    return Times([np.unique(np.concatenate([np.zeros(1), *of])) for of in arriving], outbound)


def _latest(stages: Stages, sequence: list[int], suppliers: list[list[int]], lead: list[int]) -> list[int]:
    """Return the longest outbound time of every stage, in ticks."""
    latest = [0] * stages.size
    for i in sequence:
        latest[i] = max((latest[j] for j in suppliers[i]), default=0) + lead[i]
        if stages.promise[i] < np.inf:
            latest[i] = min(latest[i], round(float(stages.promise[i]) / TICK))
    return latest


def _days(ticks: set[int]) -> Floats:
    return np.array(sorted(ticks), dtype=float) * TICK
