"""What does money change? The time-cost trade-off of the gates of a programme.

A gate has a planned budget. Where money can hurry it, crash_usd more lets each of its tries take crash_share of its
months, and what lies between goes along a straight line (Kelley and Walker 1959, Kelley 1961). Less than planned buys
less effort, which stretches work as the programme's `speed_exponent` k says:

    factor[g] = 1 - (1 - crash_share) min(e / crash_usd, 1)   for e >= 0 more than planned
    factor[g] = (1 + e / budget)^-k                           for e < 0
    crash_usd = budget (crash_share^(-1/k) - 1)               where it is blank: what so much effort would cost

Money is told for the first try; another try takes its share of it again, as it does of the months.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellroad.engineering.roadmap.chance import worked
from cellroad.engineering.roadmap.evidence import passed
from cellroad.engineering.roadmap.reading import RoadmapTables
from cellroad.engineering.roadmap.running import Draws, works_of

Floats = NDArray[np.float64]
LEAST = 0.05
"""Share of a budget below which work is as slow as at it: without any money nothing would ever end."""


@dataclass(frozen=True)
class Money:
    """The money of the open gates, in the order of a network: shape (gates,).

    budget  planned, 0 where none is told;  crash  what all that can be hurried costs more, 0 where nothing can be
    share   of the months that are left then;  exponent  how effort shortens work
    """

    gates: tuple[str, ...]
    budget: Floats
    crash: Floats
    share: Floats
    exponent: float

    @classmethod
    def of(cls, read: RoadmapTables, gates: tuple[str, ...]) -> Money:
        """Return the money of a programme; a gate that is passed takes none."""
        k = float(read.tables["programme"]["speed_exponent"][0])
        done = set(passed(read)["gate"])
        rows = {row["gate"]: row for row in read.tables["gates"].iter_rows(named=True)}
        budget, crash, share = np.zeros(len(gates)), np.zeros(len(gates)), np.ones(len(gates))
        for at, gate in enumerate(gates):
            if gate in done:
                continue
            row = rows[gate]
            budget[at] = row["budget_usd"] or 0.0
            least = row["crash_share"]
            costs = row["crash_usd"]
            if costs is None and k > 0 and least > 0:
                costs = budget[at] * (least ** (-1 / k) - 1)
            if costs and least < 1:
                crash[at], share[at] = costs, least
        return cls(gates, budget, crash, share, k)

    def extra(self, usd: Mapping[str, float]) -> Floats:
        """Return money beyond the plan by gate, in order. Raises KeyError for a gate that is not there."""
        missing = [gate for gate in usd if gate not in self.gates]
        if missing:
            raise KeyError(f"no gate {missing[0]!r}; there are {', '.join(self.gates)}")
        return np.array([float(usd.get(gate, 0.0)) for gate in self.gates])

    def factor(self, extra: Floats) -> Floats:
        """Return by what the months of gates are multiplied when so much more (or less) is spent on each."""
        hurried = np.divide(np.clip(extra, 0, None), self.crash, out=np.zeros(extra.size), where=self.crash > 0)
        cut = np.divide(np.clip(extra, None, 0), self.budget, out=np.zeros(extra.size), where=self.budget > 0)
        shorter = 1 - (1 - self.share) * np.minimum(hurried, 1.0)
        longer = np.maximum(1 + cut, LEAST) ** -self.exponent
        return np.asarray(np.where(extra < 0, longer, shorter))


def with_money(drawn: Draws, money: Money, extra: Floats) -> Draws:
    """Return the same luck with other money: months = months as drawn * factor."""
    months = drawn.months * money.factor(extra)[:, None]
    return Draws(drawn.network, months, *drawn.network.forward(months))


def spending(read: RoadmapTables, drawn: Draws, seed: int) -> Floats:
    """Return what each gate costs in each draw as planned, with every try that is made: shape (gates, draws).

        usd = max(budget - spent, 0) + budget * repeat * (tries - 1) + spent    where the gate is ever begun, else spent

    A gate that is passed costs what was spent on it, and its budget where that is not told.
    """
    done = set(passed(read)["gate"])
    rows = {row["gate"]: row for row in read.tables["gates"].iter_rows(named=True)}
    works = {work.gate: work for work in works_of(read)}
    draws = drawn.months.shape[1]
    found = np.zeros(drawn.months.shape)
    for at, gate in enumerate(drawn.network.gates):
        budget, spent = rows[gate]["budget_usd"] or 0.0, rows[gate]["spent_usd"]
        if gate in done:
            found[at] = budget if spent is None else spent
            continue
        so_far = spent or 0.0
        again = worked(works[gate], draws, seed) - 1
        ever = np.isfinite(drawn.begin[at])
        found[at] = so_far + ever * (max(budget - so_far, 0.0) + budget * again)
    return found
