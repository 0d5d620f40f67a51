"""Which gates should be hurried so that a programme ends by a day for the least money? Proven by a solver.

The project of mean durations, each with its tries (the time-cost problem of Kelley 1961 and Fulkerson 1961):

    minimise  sum_g c_g x_g / ((1 - s_g) d_g)
    end_g >= end_p + d_g - x_g          for each p before g (for one of them where any is enough: y in {0, 1})
    0 <= x_g <= (1 - s_g) d_g,  end_goal <= T

d_g is what a gate takes on average, c_g what it costs to hurry it as far as it goes (share s_g of its months), x_g the
months that are saved. Mean durations tell dates too early where paths are nearly as long; what a plan is worth in
chance is told by the draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array

from cellroad.engineering.roadmap.chance import Work
from cellroad.engineering.roadmap.network import Network

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CrashPlan:
    """The cheapest way to end in so many months.

    months   in which the goal is reached, the fewest there can be where that is more than was asked for (`reached`)
    usd      what it costs beyond the plan
    gates    gate, months (as planned), saved, usd, end (in months), of all gates, in order of the network
    """

    months: float
    usd: float
    reached: bool
    gates: pl.DataFrame


def mean_work(work: Work) -> float:
    """Return how many times the work of a first try a gate takes on average, where it is passed in the end.

    E[1 + r (K - 1)] with P(K = k) = p (1 - p)^(k - 1), given K <= n.
    """
    p, n = work.success, work.tries
    if p >= 1 or n == 1:
        return 1.0
    if n == 0:
        return 1 + work.repeat * (1 - p) / p
    k = np.arange(1, n + 1)
    weight = (1 - p) ** (k - 1)
    return float(1 + work.repeat * ((k - 1) @ weight) / weight.sum())


def mean_months(work: Work) -> float:
    """Return what a gate takes on average, with its tries."""
    low, likely, high = work.low, work.likely, work.high
    if work.shape in ("exponential", "fixed") or high <= low:
        once = likely
    else:
        once = {"pert": (low + 4 * likely + high) / 6, "triangular": (low + likely + high) / 3,
                "uniform": (low + high) / 2}[work.shape]  # fmt: skip
    return once * mean_work(work)


def crash_plan(network: Network, months: Floats, crash: Floats, share: Floats, goal: int, by: float) -> CrashPlan:
    """Return the cheapest plan that reaches a goal in so many months, and where none does, the fastest.

    months, crash, share  of gates in order: as planned, what hurrying costs, share of the months that is left then

    Raises RuntimeError where the solver proves nothing.
    """
    span = max(float(months.sum()), 1.0)
    most = np.where(crash > 0, (1 - share) * months, 0.0) / span
    slope = np.divide(crash, most * span, out=np.zeros(crash.size), where=most > 0) * span
    money = max(float(crash.max(initial=0.0)), 1.0)
    fastest = _solved(network, months / span, most, np.zeros(months.size), goal, None)
    limit = max(by / span, fastest[1][goal])
    saved, end = _solved(network, months / span, most, slope / money, goal, limit)
    usd = slope * saved
    frame = pl.DataFrame({
        "gate": network.gates, "months": months, "saved": saved * span, "usd": usd, "end": end * span,
    })  # fmt: skip
    return CrashPlan(float(end[goal] * span), float(usd.sum()), bool(by >= fastest[1][goal] * span - 1e-6), frame)


def _solved(
    network: Network, months: Floats, most: Floats, slope: Floats, goal: int, by: float | None
) -> tuple[Floats, Floats]:
    """Return months saved and ends: of least cost by a date, and without one those that end the goal first."""
    count = len(network.gates)
    choices = [(g, p) for g, before in enumerate(network.before) if network.any_of[g] for p in before]
    pairs = [(g, p) for g, before in enumerate(network.before) if not network.any_of[g] for p in before]
    first = [g for g, before in enumerate(network.before) if not before]
    width = 2 * count + len(choices)  # saved, end, chosen
    rows = len(pairs) + len(choices) + len(first)
    matrix, lower = lil_array((rows, width)), np.zeros(rows)
    longest = float(months.sum())
    for row, (g, p) in enumerate([*pairs, *choices, *((g, None) for g in first)]):
        matrix[row, count + g], matrix[row, g], lower[row] = 1.0, 1.0, months[g]
        if p is not None:
            matrix[row, count + p] = -1.0
        if len(pairs) <= row < len(pairs) + len(choices):  # holds where it is chosen
            matrix[row, 2 * count + row - len(pairs)] = -longest
            lower[row] -= longest
    limits = [LinearConstraint(matrix.tocsr(), lower, np.inf)]
    some = sorted({g for g, _ in choices})
    if some:
        chosen = lil_array((len(some), width))
        for at, (g, _) in enumerate(choices):
            chosen[some.index(g), 2 * count + at] = 1.0
        limits.append(LinearConstraint(chosen.tocsr(), 1.0, np.inf))
    upper = np.concatenate([most, np.full(count, longest), np.ones(len(choices))])
    cost = np.concatenate([slope, np.zeros(count + len(choices))])
    if by is None:
        cost[count + goal] = 1.0
    else:
        upper[count + goal] = by + 1e-9
    whole = np.concatenate([np.zeros(2 * count), np.ones(len(choices))])
    found = milp(cost, integrality=whole, bounds=Bounds(np.zeros(width), upper), constraints=limits,
                 options={"mip_rel_gap": 0.0})  # fmt: skip
    if found.x is None:
        raise RuntimeError(f"the solver found no plan: {found.message}")
    return np.clip(found.x[:count], 0.0, most), np.asarray(found.x[count : 2 * count])
