"""From a relaxed solution to whole decisions: which options and campaigns to start, and when.

What is started by more than half is started, in the first period by which half of it is; of a group the largest; an
option waits for the one that it requires. The result keeps every rule of the model, so that one linear solve with
these starts gives a plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.network import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CAMPAIGN_FROM = 0.2
"""Campaigns are cheap beside what they allow: they are run from this share on."""


@dataclass(frozen=True)
class Undertaking:
    """An option or campaign: its starts in order of time, when each is ready, what it needs and its group."""

    name: str
    starts: Ints
    ready: Ints
    requires: tuple[str, ...]
    group: str
    threshold: float


class Rounding:
    """Rounds the starts of a network."""

    def __init__(self, net: Network) -> None:
        """List the undertakings, those that others require first."""
        self.size = net.starts.frame.height
        self.undertakings = _in_order(_undertakings(net.starts.frame))

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
        for u in self.undertakings:
            together = sum(total[name] for name in by_group[u.group or u.name])
            if u.name not in chosen or together <= u.threshold or any(r not in ready for r in u.requires):
                continue
            reached = np.cumsum(starts[u.starts]) >= 0.5 * total[u.name] - 1e-9
            not_before = max((ready[r] for r in u.requires), default=-1)
            possible = np.flatnonzero(reached & (u.ready >= not_before))
            if possible.size:
                whole[u.starts[possible[0]]] = 1.0
                ready[u.name] = int(u.ready[possible[0]])
        return whole


def _undertakings(starts: pl.DataFrame) -> list[Undertaking]:
    found = []
    for (kind, what, standard), rows in starts.sort("period").group_by("kind", "what", "standard", maintain_order=True):
        option = kind == "option"
        found.append(
            Undertaking(
                name=str(what) if option else f"{what} {standard}",
                starts=rows["start"].to_numpy(),
                ready=rows["ready_day"].to_numpy(),
                requires=tuple(rows["requires"][0]),
                group=str(rows["one_of"][0] or ""),
                threshold=0.5 if option else CAMPAIGN_FROM,
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
        ready = [u for u in waiting if all(r in placed or r not in names for r in u.requires)]
        if not ready:
            break
        ordered += ready
        placed |= {u.name for u in ready}
        waiting = [u for u in waiting if u.name not in placed]
    return ordered
