"""Which method for which problem? The extensive form while it is small, then what its structure allows.

    extensive  one programme: the reference, and the fastest for few or small scenarios
    benders    two stages, continuous recourse (or binary shared decisions): cuts
    tender     two stages, recourse of small whole parts that meet the shared decisions in few rows: thresholds
    hedging    everything else that is large: scenarios one by one, with prices

All return the same kind of answer, with a bound.
"""

from __future__ import annotations

import time
from typing import Literal

import numpy as np

from cellroad.plan.stochastic.answer import Answer, Limits, Progress, Watch, answered
from cellroad.plan.stochastic.benders import benders
from cellroad.plan.stochastic.executor import Executor, Pool, Serial
from cellroad.plan.stochastic.hedging import hedging
from cellroad.plan.stochastic.problem import Problem, extensive
from cellroad.plan.stochastic.programme import Solver
from cellroad.plan.stochastic.risk import EXPECTED, Risk
from cellroad.plan.stochastic.tender import Thresholds, thresholds
from cellroad.plan.stochastic.tender_search import tender
from cellroad.plan.stochastic.wanted import wanted

__all__ = ["Answer", "Limits", "Progress", "Watch", "solve"]

Method = Literal["auto", "extensive", "benders", "tender", "hedging"]
SMALL = 60_000
"""Columns of an extensive form of a linear programme that is solved as it is."""
WHOLE = 100_000
"""Columns of an extensive form with whole columns that a general solver may take on."""
HEAVY = 100_000
"""Columns over all scenarios from which on processes are worth their start."""


def solve(
    problem: Problem,
    *,
    method: Method = "auto",
    risk: Risk = EXPECTED,
    limits: Limits | None = None,
    executor: Executor | None = None,
    watch: Watch | None = None,
) -> Answer:
    """Return the best decisions of a stochastic programme with a bound from the other side.

    method    which way; "auto" chooses
    risk      what is to be small
    limits    gap, time, seed, and the file that keeps the state of a decomposition
    executor  who works on the scenarios of a decomposition; without one, processes where the problem is heavy
    watch     called with the progress; returning False stops

    Raises ValueError where a method cannot take the problem.
    """
    limits, watch = limits or Limits(), watch or (lambda _: True)
    known = _thresholds(problem, risk) if method == "auto" else None
    chosen = "tender" if known else choose(problem, risk) if method == "auto" else method
    if chosen == "extensive":
        return whole(problem, risk=risk, limits=limits, watch=watch)
    if chosen == "tender":
        return tender(problem, known=known, limits=limits, watch=watch)
    heavy = sum(p.columns for p in problem.programmes) > HEAVY and problem.scenarios > 1
    executor = executor or (Pool() if heavy else Serial())
    if chosen == "benders":
        return benders(problem, risk=risk, limits=limits, executor=executor, watch=watch)
    if risk.kind != "expected":
        raise ValueError("hedging minimises the expected cost; use the extensive form or cuts for other measures")
    return hedging(problem, limits=limits, executor=executor, watch=watch)


def choose(problem: Problem, risk: Risk = EXPECTED) -> Method:
    """Return the method that suits a problem which has no thresholds."""
    columns = problem.count
    linked = problem.users > 1
    own = [bool(np.any(p.whole & ~linked[ids])) for p, ids in zip(problem.programmes, problem.ids, strict=True)]
    two_stage = problem.two_stage() and problem.scenarios > 1
    if columns <= (WHOLE if any(own) else SMALL) or (not two_stage and risk.kind != "expected"):
        return "extensive"
    if two_stage and (not any(own) or risk.kind != "expected"):
        return "benders"
    return "hedging"


def _thresholds(problem: Problem, risk: Risk) -> Thresholds | None:
    if risk.kind != "expected" or problem.scenarios < 2 or not problem.two_stage():
        return None
    return thresholds(problem)


def whole(problem: Problem, *, risk: Risk, limits: Limits, watch: Watch) -> Answer:
    """Return the answer of the extensive form."""
    began = time.perf_counter()
    watch(Progress("extensive", 0.0, None, None, 0))
    form = extensive(problem, risk)
    programme = wanted(form.programme) if form.programme.whole.any() else form.programme
    solver = Solver(programme, gap=limits.gap, seed=limits.seed)
    found = solver.run(limits.time_limit)
    values = None if found.values is None else found.values[: problem.count]
    return answered("extensive", problem, risk, limits, values, found.bound, 1, began)
