"""What a method found: the best decisions, their cost in every scenario, and the bound that proves them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cellroad.plan.stochastic.problem import Problem
from cellroad.plan.stochastic.risk import Risk

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Limits:
    """When to stop (relative gap, seconds), the seed, and where to keep the state (None: nowhere)."""

    gap: float = 1e-6
    time_limit: float = 600.0
    seed: int = 0
    state: Path | None = None


@dataclass(frozen=True)
class Progress:
    """How far a method is: what it does, seconds, cost of the best so far and proven bound (None: none yet), rounds."""

    phase: str
    seconds: float
    cost: float | None
    bound: float | None
    rounds: int


Watch = Callable[[Progress], bool]
"""Called in every round; returning False stops with the best so far."""


@dataclass(frozen=True)
class Answer:
    """The best decisions found.

    values   of every id of the problem; None where nothing was found
    costs    of every scenario
    cost     the measure of risk of these costs; bound: no decisions can have less
    status   optimal (within the gap), stopped, or infeasible
    """

    method: str
    status: str
    cost: float
    bound: float
    values: Floats | None
    costs: Floats | None
    rounds: int
    seconds: float

    @property
    def gap(self) -> float:
        """Return the distance from cost to bound, relative to the cost."""
        if not np.isfinite(self.cost):
            return np.inf
        return max(0.0, self.cost - self.bound) / max(abs(self.cost), 1e-9)


def closed(cost: float, bound: float, gap: float) -> bool:
    """Say whether a bound proves a cost within a relative gap."""
    return bool(np.isfinite(cost)) and cost - bound <= gap * max(abs(cost), 1e-9) + 1e-9


def answered(
    method: str, problem: Problem, risk: Risk, limits: Limits, values: Floats | None, bound: float, rounds: int,
    began: float,
) -> Answer:  # fmt: skip
    """Return an answer from values of the ids and a bound."""
    seconds = time.perf_counter() - began
    if values is None:
        status = "infeasible" if bound == np.inf else "stopped"
        return Answer(method, status, np.inf, bound, None, None, rounds, seconds)
    costs = problem.costs(values)
    cost = risk.of(costs, problem.probability)
    bound = min(bound, cost)
    status = "optimal" if closed(cost, bound, limits.gap) else "stopped"
    return Answer(method, status, cost, bound, values, costs, rounds, seconds)
