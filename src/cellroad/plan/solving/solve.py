"""Solve a model with HiGHS: scaled, strengthened, watched, and polished to a clean vertex.

Columns are counted in units near their size and rows scaled to match, because the tolerances of a solver are
absolute. The relaxation is solved first and strengthened by the rows it breaks; then the search; then the whole
decisions are fixed and the rest is solved once more, so that balances close to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import highspy
import numpy as np
from numpy.typing import NDArray

from cellroad.plan.kernel import Model
from cellroad.plan.solving.coarse import Coarse, coarse
from cellroad.plan.solving.cutting import Below, Cutting, Level, Master, Outline
from cellroad.plan.solving.evaluator import Evaluator, Round
from cellroad.plan.solving.location import begin
from cellroad.plan.solving.nearby import Nearby
from cellroad.plan.solving.scaled import Scaled
from cellroad.plan.solving.search import UNSETTLED, Choose, Found, search
from cellroad.plan.solving.solver import (
    add_rows,
    copied,
    new_solver,
    refuse_if_hopeless,
    set_bounds,
    start_from,
    watched,
)
from cellroad.plan.solving.strong import Ceilings, Rows
from cellroad.plan.solving.watching import Clock, Limits, NoPlanError, Outcome, Progress, Watch, gap_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Strengthen = Callable[[Floats], Rows]
PATIENCE = 250
"""Nodes after which the general solver takes over; the examples need less than a hundred."""
CUT_FROM = 20_000
"""Columns from which on a model is first searched by cuts."""
COARSE_FROM = 120_000
"""Columns from which on the cuts begin over spans of months."""
SPANS = (12,)
"""Months of a span, coarsest first."""
PART = 0.5
"""Part of the time left that the details of one strategy may take: others wait, and may be better."""
ROUNDS = 8
"""Rounds of strengthening; measured: the bound hardly moves after the fifth."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """What is known of the decisions behind a model: rows that tighten it, how to branch, how to round.

    `barrier` says that the first relaxation is better found from the inside, as that of a tree of futures is: many
    chains of balances that hang together in few columns (measured there: an eighth of the time).
    """

    strengthen: Strengthen
    choose: Choose
    rounding: Round
    outline: Outline | None = None
    barrier: bool = False


def solve(model: Model, strategy: Strategy, limits: Limits, watch: Watch, start: Floats | None = None) -> Outcome:
    """Minimise the model; the objective is told as a net present value.

    `start` is a solution that keeps all rows, where one is known: nothing worse is returned.

    Raises NoPlanError where there is no solution to return.
    """
    highspy.Highs.resetGlobalScheduler(True)  # else the number of threads of an earlier solve would stay
    clock = Clock(limits.time_limit)
    scaled = Scaled.of(model)
    found, strong_rows = _cut(scaled, strategy, limits, clock, watch), 0
    known_large = found.values is not None and model.cost.size >= COARSE_FROM  # no relaxation of it would end in time
    if not _closed(found, limits) and clock.seconds < clock.limit and not known_large:
        relaxed = new_solver(limits)
        scaled.hand_to(relaxed)
        strong_rows = relax(relaxed, scaled, strategy, clock, watch)
        if not model.whole.any():
            found = _linear(relaxed, scaled, limits)
        else:
            known = None if start is None else _known(scaled, start)
            found = _better(found, _search(relaxed, scaled, strategy, limits, clock, watch, known))
    if found.values is None:
        raise NoPlanError(f"no plan within {limits.time_limit:g} s; allow more time, or a wider gap")
    objective = -found.cost * scaled.money
    bound = max(-found.bound * scaled.money, objective)
    gap = gap_of(bound, objective)
    return Outcome(
        values=scaled.natural(found.values),
        objective=objective,
        bound=bound,
        gap=gap,
        status="optimal within the gap" if gap <= limits.gap else "best found",
        nodes=found.nodes,
        strong_rows=strong_rows,
        seconds=clock.seconds,
    )


def _known(scaled: Scaled, start: Floats) -> tuple[float, Floats]:
    values = start / scaled.unit
    return float(scaled.cost @ values) + scaled.offset, values


def _closed(found: Found, limits: Limits) -> bool:
    return found.values is not None and found.cost - found.bound <= limits.gap * abs(found.cost)


def _better(one: Found, other: Found) -> Found:
    """Return what two searches know together."""
    best = one if one.cost <= other.cost else other
    return Found(best.cost, best.values, min(max(one.bound, other.bound), best.cost), one.nodes + other.nodes)


def _cut(scaled: Scaled, strategy: Strategy, limits: Limits, clock: Clock, watch: Watch) -> Found:
    """Search by cuts over the decisions where a model is large and has nothing whole but them."""
    model, outline = scaled.model, strategy.outline
    if outline is None or model.cost.size < CUT_FROM or not model.strategic.size or model.details.size:
        return Found(np.inf, None, -np.inf, 0)
    starts = model.columns["start"].ids
    others = np.setdiff1d(model.strategic, model.columns["open"].ids)
    given = np.concatenate([starts, others])
    decisions = np.union1d(model.strategic, starts)

    def rounded(point: Floats) -> Floats:
        return np.concatenate([strategy.rounding(point[: starts.size]), (point[starts.size :] > 0.5).astype(float)])

    nearby = Nearby([*outline.undertakings, *np.arange(starts.size, given.size)[:, None]], given.size)

    share, at_once = 0.6, False  # of the time, for what comes before the whole model

    def report(found: Found) -> bool:
        return watch(_progress("cut", clock, scaled, found)) and clock.seconds < share * clock.limit

    def run(highs: highspy.Highs) -> bool:
        if at_once:
            highs.run()
            return True
        return watched(highs, "cut", clock, scaled, lambda _: report(cutting.found()))

    def below(part: Scaled, columns: Ints, bounds: Ceilings, broken: Callable[[Floats, Floats], Rows] | None) -> Below:
        highs = new_solver(limits)
        part.hand_to(highs)

        def tighten(values: Floats, reduced: Floats) -> bool:
            rows = broken(part.natural(values), reduced / part.unit) if broken else None
            if rows is not None and rows.upper.size:
                add_rows(highs, part.rows(rows))
            return rows is not None and bool(rows.upper.size)

        return Below(highs, columns, bounds, part.unit, part.money / scaled.money, run, tighten)

    master = Master(model, decisions, new_solver(limits))
    cutting = Cutting(
        master, np.searchsorted(decisions, given), rounded, nearby, limits.gap, run,
        report, np.append(outline.inside, np.full(others.size, 0.5)),
    )  # fmt: skip
    whole = below(scaled, given, outline.ceilings, lambda values, _: strategy.strengthen(values))
    final = Level(whole, whole, final=True)

    def planned(level: Level) -> None:
        nonlocal at_once
        at_once = cutting.best is None  # there must be a plan, whatever the time
        cutting.attempt(final, rounded(cutting.core) if level.best is None else level.best.point)
        at_once = False

    for small, spans in _coarser(model, outline, given):
        part, found = Scaled.of(small.model), outline.triangles(spans)
        broken = None if found is None else found.over(small).broken
        plain = below(part, small.kept, small.ceilings, None)
        level = Level(below(part, small.kept, small.ceilings, broken), plain, final=False)
        goes_on = cutting.relax(level, tight=False)
        cutting.polish(level)
        planned(level)
        if goes_on and not cutting.closed and cutting.relax(level, tight=True):
            cutting.polish(level)
            planned(level)
            if not cutting.closed:
                cutting.search(level)
        planned(level)
        if cutting.closed:
            return cutting.found()
    priced = begin(cutting, model, scaled.money)
    share = 1.0 if priced or model.cost.size > COARSE_FROM else 0.5
    if cutting.best is not None:
        cutting.core = 0.9 * cutting.best.point + 0.1 * cutting.core
    if priced or (cutting.relax(final, tight=True) and not cutting.closed):
        cutting.search(final)
    return cutting.found()


def _coarser(model: Model, outline: Outline, given: Ints) -> Iterator[tuple[Coarse, Ints]]:
    """Return ever finer models over spans of months, coarsest first, without those that would not be much smaller.

    The first periods stand alone, because what is far away can serve nobody in them.
    """
    if model.cost.size < COARSE_FROM:
        return
    for months in SPANS:
        period = np.arange(outline.month.size)
        spans = np.where(period < outline.alone, period, outline.alone + outline.month // months)
        spans = np.unique(spans, return_inverse=True)[1].ravel()
        small = coarse(model, outline.ceilings, given, spans, outline.weight)
        if small.model.cost.size < 0.7 * model.cost.size:
            yield small, spans


def relax(highs: highspy.Highs, scaled: Scaled, strategy: Strategy, clock: Clock, watch: Watch) -> int:
    """Solve the relaxation and add the strong rows that it breaks until it breaks none; return how many."""
    added = 0
    if strategy.barrier:
        highs.setOptionValue("solver", "ipx")
    for _ in range(ROUNDS):
        goes_on = watched(highs, "relax", clock, scaled, watch)
        highs.setOptionValue("solver", "choose")
        if not goes_on:
            break
        if highs.getModelStatus() in UNSETTLED:  # a warm start can fail where a cold one does not
            highs.clearSolver()
            watched(highs, "relax", clock, scaled, watch)
        refuse_if_hopeless(highs)
        rows = strategy.strengthen(scaled.natural(np.array(highs.getSolution().col_value)))
        if not rows.upper.size or clock.seconds > clock.limit / 3:
            break
        added += rows.upper.size
        add_rows(highs, scaled.rows(rows))
    return added


def _linear(relaxed: highspy.Highs, scaled: Scaled, limits: Limits) -> Found:
    """Return the optimum of a model without decisions; a solve that was stopped is run again, for it is short."""
    if relaxed.getModelStatus() == highspy.HighsModelStatus.kInterrupt:
        relaxed = copied(relaxed, limits)
        relaxed.run()
    values = np.array(relaxed.getSolution().col_value)
    cost = float(scaled.cost @ values) + scaled.offset
    solved = relaxed.getModelStatus() in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)
    return Found(cost, values if solved else None, cost, 0)


def _search(
    relaxed: highspy.Highs,
    scaled: Scaled,
    strategy: Strategy,
    limits: Limits,
    clock: Clock,
    watch: Watch,
    start: tuple[float, Floats] | None,
) -> Found:
    """Search the strategy; where that takes long, let the general solver go on from the best plan.

    Branching on dates decides plans with few and large decisions in some hundred nodes; many alike decisions, as in
    plain warehouse location, are the field of a general solver with its cutting planes.
    """
    evaluator = Evaluator(scaled, relaxed, strategy.rounding, limits)
    strategic = scaled.model.strategic
    bounds: dict[bytes, float] = {}
    plans: dict[bytes, Floats] = {}  # by strategy: the last one that was found on the way is the best
    called_off = False

    def report(found: Found) -> bool:
        nonlocal called_off
        called_off = not watch(_progress("search", clock, scaled, found)) or clock.seconds >= clock.limit
        return not called_off and found.nodes < PATIENCE

    def evaluate(values: Floats, to_beat: float) -> tuple[float, Floats] | None:
        plan = evaluator(values, to_beat)
        if plan is not None:
            plans[_key(plan[1][strategic])] = plan[1]
        return plan

    def settle(cost: float, values: Floats, to_beat: float) -> Found:
        if not evaluator.details.size:
            others = values[evaluator.others]
            exact = bool(np.all(others == np.round(others)))  # else the plan of the evaluator stands for it, exactly
            return Found(cost, values, cost, 0) if exact else Found(np.inf, None, cost, 0)
        key = _key(values[strategic])
        if key in bounds:
            return Found(np.inf, None, bounds[key], 0)
        decided = np.concatenate([strategic, scaled.model.columns["start"].ids])
        highs = copied(relaxed, replace(limits, gap=limits.gap / 2))
        fixed = np.round(values[decided])
        set_bounds(highs, decided, fixed, fixed)
        if key in plans:
            start_from(highs, plans[key])
        enough = to_beat - limits.gap * abs(to_beat) if np.isfinite(to_beat) else np.inf
        highs.setOptionValue("objective_bound", enough)  # a strategy that cannot reach it need not be settled further
        settled = _general(highs, scaled.model, "details", scaled, clock, watch, PART)
        if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            settled = replace(settled, bound=enough)
        bounds[key] = settled.bound
        return settled

    found = search(relaxed, strategic, strategy.choose, evaluate, settle, limits.gap, report, start)
    if found.values is None and called_off:
        nothing = evaluator(np.zeros(scaled.model.cost.size), np.inf)
        found = replace(found, cost=nothing[0], values=nothing[1]) if nothing else found
    if called_off or found.cost - found.bound <= limits.gap * abs(found.cost):
        return found
    highs = copied(relaxed, limits)
    if found.values is not None:
        start_from(highs, found.values)
    other = _general(highs, scaled.model, "search", scaled, clock, watch)
    best = found if found.cost <= other.cost else other
    return Found(best.cost, best.values, min(max(found.bound, other.bound), best.cost), found.nodes + other.nodes)


def _key(values: Floats) -> bytes:
    """Return whole values as a key; no zero has a sign."""
    return (np.round(values) + 0.0).tobytes()


def _general(
    highs: highspy.Highs, model: Model, phase: str, scaled: Scaled, clock: Clock, watch: Watch, part: float = 1.0
) -> Found:
    """Solve a model by the general solver in part of the time that is left; then once more with what is whole fixed."""
    whole = np.flatnonzero(model.whole).astype(np.int32)
    highs.changeColsIntegrality(whole.size, whole, np.full(whole.size, highspy.HighsVarType.kInteger))
    highs.setOptionValue("time_limit", part * clock.left)
    watched(highs, phase, clock, scaled, watch)
    info = highs.getInfo()
    bound, nodes = float(info.mip_dual_bound), max(int(info.mip_node_count), 0)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Found(np.inf, None, bound, nodes)
    chosen = np.round(np.array(highs.getSolution().col_value)[whole])
    highs.changeColsIntegrality(whole.size, whole, np.full(whole.size, highspy.HighsVarType.kContinuous))
    set_bounds(highs, whole, chosen, chosen)
    highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
    highs.setOptionValue("time_limit", highspy.kHighsInf)
    highs.clearSolver()
    highs.run()
    return Found(float(highs.getInfo().objective_function_value), np.array(highs.getSolution().col_value), bound, nodes)


def _progress(phase: str, clock: Clock, scaled: Scaled, found: Found) -> Progress:
    if not np.isfinite(found.cost):
        return Progress(phase, clock.seconds, None, -found.bound * scaled.money, None)
    gap = gap_of(-found.bound, -found.cost)
    return Progress(phase, clock.seconds, -found.cost * scaled.money, -found.bound * scaled.money, gap)
