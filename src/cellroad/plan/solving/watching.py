"""When does a solve stop, and what is seen of it on the way? Limits, time, progress and outcome."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a solve is: phase, seconds, best value found, proven bound and gap (None while there is none)."""

    phase: str
    seconds: float
    incumbent_usd: float | None = None
    bound_usd: float | None = None
    gap: float | None = None


Watch = Callable[[Progress], bool]
"""Called a few times a second; returning False stops the solve with the best found so far."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: relative gap, seconds, and what makes a run repeatable: seed and threads."""

    gap: float = 1e-3
    time_limit: float = 60.0
    seed: int = 0
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the solver found: values of all columns, objective and bound (net present value), and how."""

    values: Floats
    objective: float
    bound: float
    gap: float
    status: str
    nodes: int
    strong_rows: int
    seconds: float


def gap_of(bound: float, value: float) -> float:
    """Return how far a bound lies above a value, as a part of the value."""
    return (bound - value) / max(abs(value), 1e-9)


class NoPlanError(RuntimeError):
    """No plan was found: the model is infeasible or unbounded, or time ran out before the first plan.

    `infeasible` says that there is none whatever the time. `why` says which rules clash and what must give way at
    least, where a plan of a chain was asked for.
    """

    why: Callable[[], Any] | None = None
    infeasible = False


class Clock:
    """Time since the start of a solve and until its limit."""

    def __init__(self, limit: float) -> None:
        self.began = time.perf_counter()
        self.limit = limit

    @property
    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.perf_counter() - self.began

    @property
    def left(self) -> float:
        """Return the seconds until the limit, at least one."""
        return max(self.limit - self.seconds, 1.0)
