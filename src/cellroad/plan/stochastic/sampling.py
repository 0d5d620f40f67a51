"""How good is a decision on futures that it was not made for? A confidence interval for its gap, out of sample.

Decisions x are held against the best ones of fresh samples, batch after batch, with the same scenarios on both sides
(common random numbers). In batch k of m scenarios

    gap[k] = cost of x on the batch - least cost on the batch  >= 0,   E[gap] >= true gap of x

so the one-sided interval [0, mean + t * s / sqrt(batches)] covers the true gap with the confidence asked for (Mak,
Morton and Wood 1999). The cost of x itself gets the two-sided interval of its batch means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from cellroad.plan.stochastic.answer import Limits
from cellroad.plan.stochastic.problem import Problem
from cellroad.plan.stochastic.programme import HopelessError
from cellroad.plan.stochastic.recourse import Recourse, Scenario
from cellroad.plan.stochastic.solve import solve

Floats = NDArray[np.float64]
Sample = Callable[[int], Problem]
"""Draws a two-stage problem of equally probable scenarios from the number of a batch; ids shared by all come first."""


@dataclass(frozen=True)
class Interval:
    """Out of sample: the cost of a decision (low to high), and the most that its gap is, at a level of confidence."""

    cost: float
    cost_low: float
    cost_high: float
    gap: float
    gap_high: float
    batches: int
    confidence: float


def confidence(
    x: Floats, sample: Sample, *, batches: int = 10, level: float = 0.95, limits: Limits | None = None
) -> Interval:
    """Return the interval of shared decisions x (in the order of `Problem.shared`) on fresh samples.

    Raises HopelessError where x has no answer to a scenario, and ValueError for fewer than two batches.
    """
    if batches < 2:
        raise ValueError("an interval needs two batches or more")
    costs, gaps = np.zeros(batches), np.zeros(batches)
    for batch in range(batches):
        problem = sample(batch)
        costs[batch] = evaluate(problem, x)
        best = solve(problem, limits=limits or Limits())
        gaps[batch] = max(costs[batch] - best.bound, 0.0)
    return interval(costs, gaps, level)


def interval(costs: Floats, gaps: Floats, level: float) -> Interval:
    """Return the intervals of batch means: two-sided of the cost, one-sided of the gap, by Student's distribution."""
    batches = costs.size
    spread = student.ppf((1 + level) / 2, batches - 1) * costs.std(ddof=1) / np.sqrt(batches)
    more = student.ppf(level, batches - 1) * gaps.std(ddof=1) / np.sqrt(batches)
    cost, gap = float(costs.mean()), float(gaps.mean())
    return Interval(cost, cost - float(spread), cost + float(spread), gap, gap + float(more), batches, level)


def evaluate(problem: Problem, x: Floats) -> float:
    """Return the expected cost of shared decisions x. Raises HopelessError where a scenario has no answer to them."""
    shared = problem.shared()
    cost = 0.0
    for p, programme, ids in zip(problem.probability, problem.programmes, problem.ids, strict=True):
        order = np.argsort(ids)
        links = order[np.searchsorted(ids[order], shared)]
        found = Recourse(Scenario(programme, links)).evaluate(x, np.inf)[0]
        if not np.isfinite(found):
            raise HopelessError("a scenario has no answer to these decisions")
        cost += float(p) * found
    return cost
