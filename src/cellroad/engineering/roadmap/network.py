"""A network of gates in months: when each begins and ends, its slack, and which gates a goal hangs on.

Forwards a gate begins when all gates before it are done, or the first of them where any will do; backwards the same
tells how late it may end (Kelley and Walker 1959). Everything is done on many draws at once: arrays are (gates, draws).
What is never reached ends at infinity, and so does all that needs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
TIGHT = 1e-9
"""Months within which two ends are the same."""


@dataclass(frozen=True)
class Network:
    """Gates in an order in which each stands after those before it.

    before  the places of the gates before each; any_of: whether any one of them is enough
    """

    gates: tuple[str, ...]
    before: tuple[tuple[int, ...], ...]
    any_of: tuple[bool, ...]

    @classmethod
    def of(cls, before: Mapping[str, Sequence[str]], any_of: Sequence[str] = ()) -> Network:
        """Order gates by what comes before each. Raises CycleError for a ring."""
        order = tuple(TopologicalSorter(before).static_order())
        at = {gate: place for place, gate in enumerate(order)}
        return cls(
            order, tuple(tuple(at[one] for one in before[gate]) for gate in order), tuple(g in any_of for g in order)
        )

    def forward(self, months: Floats) -> tuple[Floats, Floats]:
        """Return begin and end of gates that take so many months: shape (gates, draws) each.

        begin[g] = max over p before g of end[p] (min where any is enough; 0 for the first)
        end[g] = begin[g] + months[g]
        """
        begin, end = np.zeros_like(months), np.empty_like(months)
        for g, before in enumerate(self.before):
            if before:
                ends = end[list(before)]
                begin[g] = ends.min(axis=0) if self.any_of[g] else ends.max(axis=0)
            end[g] = begin[g] + months[g]
        return begin, end

    def binding(self, begin: Floats, end: Floats, goal: int) -> Flags:
        """Return where a gate lies on a path without slack to the goal: shape (gates, draws).

        From the goal backwards: a gate is on the path if a gate on it begins exactly when it ends. In draws in which
        the goal is never reached, no gate is.
        """
        on = np.zeros(begin.shape, dtype=np.bool_)
        on[goal] = np.isfinite(end[goal])
        with np.errstate(invalid="ignore"):  # what is never reached is on no path
            for g in range(goal, -1, -1):
                for p in self.before[g]:
                    on[p] |= on[g] & (np.abs(end[p] - begin[g]) <= TIGHT)
        return on


def critical_path(network: Network, months: Mapping[str, float]) -> pl.DataFrame:
    """Return the times of gates that take a known time and need all before them (critical path method).

    Columns: gate, months, begin, end, latest_begin, latest_end, slack, critical. All in months from the start; the
    latest end of a gate is the earliest of the latest begins after it, at the end of the network its own end.

    Raises ValueError where any one of several gates is enough: then being late has no single meaning.
    """
    if any(network.any_of):
        raise ValueError("a network in which any one of several gates is enough has no latest times")
    span = np.array([[months[gate]] for gate in network.gates], dtype=np.float64)
    begin, end = (times[:, 0] for times in network.forward(span))
    latest = np.full(len(network.gates), end.max())
    for g in range(len(network.gates) - 1, -1, -1):
        for p in network.before[g]:
            latest[p] = min(latest[p], latest[g] - span[g, 0])
    slack = latest - end
    return pl.DataFrame(
        {
            "gate": network.gates, "months": span[:, 0], "begin": begin, "end": end,
            "latest_begin": latest - span[:, 0], "latest_end": latest, "slack": slack, "critical": slack <= TIGHT,
        }
    )  # fmt: skip


@dataclass(frozen=True)
class Pert:
    """What three estimates say: the frame of `critical_path` for mean durations, mean and deviation of the whole."""

    gates: pl.DataFrame
    mean: float
    deviation: float

    def probability(self, months: float) -> float:
        """Return how likely all is done by then, by the normal law."""
        return float(norm.cdf((months - self.mean) / self.deviation)) if self.deviation else float(months >= self.mean)


def pert(network: Network, months: Mapping[str, tuple[float, float, float]]) -> Pert:
    """Return the estimate of PERT (Malcolm, Roseboom, Clark and Fazar 1959).

    mean = (low + 4 likely + high) / 6, variance = ((high - low) / 6)^2, and along the path of longest means both add
    up; of several such paths the one of largest variance. It looks at one path only and so tells dates too early where
    paths are nearly as long: the Monte Carlo does not.
    """
    means = {gate: (low + 4 * likely + high) / 6 for gate, (low, likely, high) in months.items()}
    spread = {gate: ((high - low) / 6) ** 2 for gate, (low, _, high) in months.items()}
    path = critical_path(network, means)
    critical, begin, end = (path[name].to_list() for name in ("critical", "begin", "end"))
    most = np.zeros(len(network.gates))
    for g, gate in enumerate(network.gates):
        tight = [most[p] for p in network.before[g] if critical[p] and abs(end[p] - begin[g]) <= TIGHT]
        most[g] = (max(tight, default=0.0) + spread[gate]) if critical[g] else 0.0
    last = [g for g in range(len(network.gates)) if critical[g] and abs(end[g] - max(end)) <= TIGHT]
    return Pert(path, float(max(end)), float(np.sqrt(max(most[g] for g in last))))
