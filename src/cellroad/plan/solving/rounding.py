"""From a relaxed solution to whole decisions: which options and campaigns to start, and when.

What is started by more than half is started, in the first period by which half of it is; of a group, and of what
excludes each other, the largest; an option waits for what it requires and for a year in which the budget has room. A
campaign that may be run again is started wherever the sum of its starts passes another one, so that what is covered
whole stays covered. The result keeps every rule among starts, so that one linear solve with these starts gives a plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellroad.plan.network.network import Network
from cellroad.plan.options.conditions import spending

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CAMPAIGN_FROM = 0.2
"""Campaigns are cheap beside what they allow: they are run from this share on."""


@dataclass(frozen=True)
class Undertaking:
    """What may be started once: its starts in order of time, when each is ready, the conditions of which each names
    what would meet it, what excludes it, and its group."""

    name: str
    starts: Ints
    ready: Ints
    requires: tuple[tuple[str, ...], ...]
    excludes: frozenset[str]
    group: str
    threshold: float
    again: bool


class Rounding:
    """Rounds the starts of a network."""

    def __init__(self, net: Network) -> None:
        """List the undertakings, those that others require first."""
        self.size = net.starts.frame.height
        self.undertakings = _in_order(_undertakings(net))
        spent = spending(net)
        self.spend = np.zeros((net.chain.budgets.height, self.size))
        self.spend[spent["row"].to_numpy(), spent["start"].to_numpy()] = spent["usd"].to_numpy()
        self.budget = net.chain.budgets["capex_usd"].to_numpy() * (1 + 1e-9)

    def __call__(self, starts: Floats) -> Floats:
        """Return whole starts near relaxed ones: both of shape (starts,)."""
        whole = np.zeros(self.size)
        total = {u.name: float(starts[u.starts].sum()) for u in self.undertakings}
        by_group: dict[str, list[str]] = {}
        for undertaking in self.undertakings:
            by_group.setdefault(undertaking.group or undertaking.name, []).append(undertaking.name)
        chosen = {
            max(names, key=lambda name: total[name])
            for names in by_group.values()
            if sum(total[name] for name in names) > 0.5 or len(names) == 1
        }
        ready: dict[str, int] = {}
        left = self.budget.copy()
        for u in self.undertakings:
            together = sum(total[name] for name in by_group[u.group or u.name])
            if u.again:
                passed = np.floor(np.cumsum(starts[u.starts]) + 1 - CAMPAIGN_FROM)
                whole[u.starts[np.diff(passed, prepend=0.0) > 0]] = 1.0
                continue
            if u.name not in chosen or together <= u.threshold:
                continue
            if any(other in ready or total.get(other, 0.0) > total[u.name] for other in u.excludes):
                continue
            met = [min((ready[r] for r in needed if r in ready), default=None) for needed in u.requires]
            days = [day for day in met if day is not None]
            if len(days) < len(met):
                continue
            reached = np.cumsum(starts[u.starts]) >= 0.5 * total[u.name] - 1e-9
            affordable = np.all(self.spend[:, u.starts] <= left[:, None], axis=0)
            possible = np.flatnonzero(reached & (u.ready >= max(days, default=-1)) & affordable)
            if possible.size:
                start = u.starts[possible[0]]
                whole[start] = 1.0
                left -= self.spend[:, start]
                ready[u.name] = int(u.ready[possible[0]])
        return whole

    def inside(self) -> Floats:
        """Return starts well inside of what is possible: everything begun in part, most of it at its first date."""
        dates = max((u.starts.size for u in self.undertakings), default=0)
        plans = []
        for date in range(dates):
            begun = np.zeros(self.size)
            begun[[int(u.starts[min(date, u.starts.size - 1)]) for u in self.undertakings]] = 1.0
            plans.append(self(begun))
        return 0.4 * plans[0] + 0.1 * np.mean(plans, axis=0) if plans else np.zeros(self.size)


def _undertakings(net: Network) -> list[Undertaking]:
    conditions: dict[str, dict[int, list[str]]] = {}
    for name, condition, needed in net.starts.needs.iter_rows():
        conditions.setdefault(name, {}).setdefault(condition, []).append(needed)
    excludes: dict[str, set[str]] = {}
    for one, other in net.starts.excludes.iter_rows():
        excludes.setdefault(one, set()).add(other)
        excludes.setdefault(other, set()).add(one)
    found = []
    for (name,), rows in net.starts.frame.sort("period").group_by("undertaking", maintain_order=True):
        found.append(
            Undertaking(
                name=str(name),
                starts=rows["start"].to_numpy(),
                ready=rows["ready_day"].to_numpy(),
                requires=tuple(tuple(needed) for needed in conditions.get(str(name), {}).values()),
                excludes=frozenset(excludes.get(str(name), set()) - {str(name)}),
                group=str(rows["one_of"][0] or ""),
                threshold=CAMPAIGN_FROM if rows["kind"][0] == "certificate" else 0.5,
                again=bool(rows["again"][0]),
            )
        )
    return found


def _in_order(undertakings: list[Undertaking]) -> list[Undertaking]:
    """Return the undertakings so that each comes after those that it requires."""
    names = {u.name for u in undertakings}
    ordered: list[Undertaking] = []
    placed: set[str] = set()
    waiting = list(undertakings)
    while waiting:
        ready = [u for u in waiting if all(r in placed or r not in names for needed in u.requires for r in needed)]
        if not ready:
            break
        ordered += ready
        placed |= {u.name for u in ready}
        waiting = [u for u in waiting if u.name not in placed]
    return ordered
