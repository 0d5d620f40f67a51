"""Why is an investment made, or not? The best plan with it against the best plan without.

The break-even is the investment at which both are worth the same; what the plant is worth at the end of the horizon
changes with it. With N the cost of the other plan and x the best plan with the option at an investment of 1 - d,

    d' = d + (cost of x at d - N) / (investment in x, less its value at the end)

falls or rises to the break-even step by step (Dinkelbach 1967); every step is a plan of its own.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.why.asking import RULES, compared, held, money_of
from cellroad.plan.why.case import Answer, Case, Condition
from cellroad.plan.why.reply import BREAKS, Why
from cellroad.plan.why.target import Target

Floats = NDArray[np.float64]


def why_option(case: Case, target: Target, seconds: float) -> Why:
    """Return what an option is worth, with the best date for it; break-evens are sought until so many seconds passed.

    A break-even that is not settled by then is left out.
    """
    began = time.perf_counter()
    case = _open(case, target)
    taken = bool(case.values[target.columns].sum() > 0.5)
    used, unused = held(target, 1.0), held(target, upper=0.0)
    other = case.plan_anew(unused if taken else used)
    change = None
    if other is not None:
        change = compared(case, target, case.taken, other, -1.0 if taken else 1.0, anew=True)
    rows = []
    spent, nominal = money_of(case, "closing" if target.table == "closures" else "capex", target.columns)
    left, _ = money_of(case, "end_plant", target.columns)
    saved = -(spent + left)
    if other is not None and (saved > 0).any():
        with_it, without = (case.taken, other) if taken else (other, case.taken)
        share = _even(case, used, saved, with_it, without.cost, began + seconds)
        if share is not None:
            now = float(-nominal.mean())
            free = share > 1
            rows.append(
                (
                    "closing" if target.table == "closures" else "capex",
                    now,
                    None if free else -share,
                    None if free else now * (1 - share),
                )
            )
    breaks = pl.DataFrame(rows, schema=BREAKS, orient="row")
    more, less = (None, change) if taken else (change, None)
    return Why(target, float(taken), more, less, breaks, pl.DataFrame(schema=RULES), ())


def _open(case: Case, target: Target) -> Case:
    """Return a case in which what binds already (a signed contract) could be undone."""
    if not case.model.lower[target.columns].any():
        return case
    lower = case.model.lower.copy()
    lower[target.columns] = 0.0
    taken = case.taken
    return Case(case.net, replace(case.model, lower=lower), case.values, taken.bound, case.limits.gap)


def _even(case: Case, used: Condition, saved: Floats, plan: Answer, cost: float, until: float) -> float | None:
    """Return the part of the investment that must go away for a plan with it to cost as little; negative: may come."""
    share = 0.0
    values = plan.values
    for _ in range(20):
        at = case.model.cost - share * saved
        step = (float(at @ values) - case.model.offset - cost) / float(saved @ values)
        share = min(share + step, 1.0)
        if time.perf_counter() > until:
            return None
        again = case.plan_anew(used, case.model.cost - share * saved)
        if again is None:
            return None
        if again.cost >= cost - case.limits.gap * abs(cost):
            return share if share < 1 or again.cost <= cost + case.limits.gap * abs(cost) else np.inf
        values = again.values
    return share
