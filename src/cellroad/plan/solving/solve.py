"""Solve a model with HiGHS: scaled, strengthened, watched, and polished to a clean vertex.

Columns are counted in units near their size and rows scaled to match, because the tolerances of a solver are
absolute. The relaxation is solved first and strengthened by the rows it breaks; then the search; then the whole
decisions are fixed and the rest is solved once more, so that balances close to the last digit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.kernel import Model
from cellroad.plan.solving.coarse import Coarse, coarse
from cellroad.plan.solving.cutting import Below, Cutting, Level, Master, Outline
from cellroad.plan.solving.location import begin
from cellroad.plan.solving.nearby import Nearby
from cellroad.plan.solving.search import UNSETTLED, Choose, Found, search
from cellroad.plan.solving.strong import Ceilings, Rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Strengthen = Callable[[Floats], Rows]
Round = Callable[[Floats], Floats]
PATIENCE = 250
"""Nodes after which the general solver takes over; the examples need less than a hundred."""
CUT_FROM = 20_000
"""Columns from which on a model is first searched by cuts."""
COARSE_FROM = 120_000
"""Columns from which on the cuts begin over spans of months."""
SPANS = (12,)
"""Months of a span, coarsest first."""
ALONE = threading.Lock()
"""The solver's Python layer runs one watched solve at a time in a process."""
PART = 0.5
"""Part of the time left that the details of one strategy may take: others wait, and may be better."""
ROUNDS = 8
"""Rounds of strengthening; measured: the bound hardly moves after the fifth."""


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


class NoPlanError(RuntimeError):
    """No plan was found: the model is infeasible or unbounded, or time ran out before the first plan.

    `infeasible` says that there is none whatever the time. `why` says which rules clash and what must give way at
    least, where a plan of a chain was asked for.
    """

    why: Callable[[], Any] | None = None
    infeasible = False


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
        return _run(highs, "cut", clock, scaled, lambda _: report(cutting.found()))

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
        goes_on = _run(highs, "relax", clock, scaled, watch)
        highs.setOptionValue("solver", "choose")
        if not goes_on:
            break
        if highs.getModelStatus() in UNSETTLED:  # a warm start can fail where a cold one does not
            highs.clearSolver()
            _run(highs, "relax", clock, scaled, watch)
        _refuse_if_hopeless(highs)
        rows = strategy.strengthen(scaled.natural(np.array(highs.getSolution().col_value)))
        if not rows.upper.size or clock.seconds > clock.limit / 3:
            break
        added += rows.upper.size
        add_rows(highs, scaled.rows(rows))
    return added


def _linear(relaxed: highspy.Highs, scaled: Scaled, limits: Limits) -> Found:
    """Return the optimum of a model without decisions; a solve that was stopped is run again, for it is short."""
    if relaxed.getModelStatus() == highspy.HighsModelStatus.kInterrupt:
        relaxed = _copy(relaxed, limits)
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
        highs = _copy(relaxed, replace(limits, gap=limits.gap / 2))
        fixed = np.round(values[decided])
        _bound(highs, decided, fixed, fixed)
        if key in plans:
            _start_from(highs, plans[key])
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
    highs = _copy(relaxed, limits)
    if found.values is not None:
        _start_from(highs, found.values)
    other = _general(highs, scaled.model, "search", scaled, clock, watch)
    best = found if found.cost <= other.cost else other
    return Found(best.cost, best.values, min(max(found.bound, other.bound), best.cost), found.nodes + other.nodes)


def _copy(relaxed: highspy.Highs, limits: Limits) -> highspy.Highs:
    highs = new_solver(limits)
    highs.passModel(relaxed.getLp())
    return highs


def _key(values: Floats) -> bytes:
    """Return whole values as a key; no zero has a sign."""
    return (np.round(values) + 0.0).tobytes()


def _start_from(highs: highspy.Highs, values: Floats) -> None:
    """Let the general solver begin with a plan."""
    solution = highspy.HighsSolution()
    solution.col_value = values
    highs.setSolution(solution)


def _bound(highs: highspy.Highs, columns: NDArray[Any], lower: Floats, upper: Floats) -> None:
    if columns.size:
        highs.changeColsBounds(columns.size, columns.astype(np.int32), lower, upper)


def _general(
    highs: highspy.Highs, model: Model, phase: str, scaled: Scaled, clock: Clock, watch: Watch, part: float = 1.0
) -> Found:
    """Solve a model by the general solver in part of the time that is left; then once more with what is whole fixed."""
    whole = np.flatnonzero(model.whole).astype(np.int32)
    highs.changeColsIntegrality(whole.size, whole, np.full(whole.size, highspy.HighsVarType.kInteger))
    highs.setOptionValue("time_limit", part * clock.left)
    _run(highs, phase, clock, scaled, watch)
    info = highs.getInfo()
    bound, nodes = float(info.mip_dual_bound), max(int(info.mip_node_count), 0)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Found(np.inf, None, bound, nodes)
    chosen = np.round(np.array(highs.getSolution().col_value)[whole])
    highs.changeColsIntegrality(whole.size, whole, np.full(whole.size, highspy.HighsVarType.kContinuous))
    _bound(highs, whole, chosen, chosen)
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


class Evaluator:
    """Turns a relaxed solution into a whole one: decisions rounded to the nearer side, details rounded up.

    Of a choice that is taken which the amounts of the relaxed solution ask for. Where the details cannot be rounded up
    there is no plan here; the search settles them where its strategy is whole.
    """

    def __init__(self, scaled: Scaled, relaxed: highspy.Highs, rounding: Round, limits: Limits) -> None:
        """Keep a second copy of the relaxation, warm for this."""
        self.scaled, self.model, self.rounding = scaled, scaled.model, rounding
        self.highs = _copy(relaxed, limits)
        self.highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
        self.starts = self.model.columns["start"].ids
        self.others = np.setdiff1d(self.model.strategic, self.model.columns["open"].ids)
        self.details = self.model.details
        self.lower, self.upper = self.model.lower[self.details], self.model.upper[self.details]
        self.tried: set[bytes] = set()

    def __call__(self, values: Floats, to_beat: float) -> tuple[float, Floats] | None:
        """Return cost and values of a whole plan near relaxed values; None where it was tried before or is worse."""
        starts = self.rounding(values[self.starts])
        others = (values[self.others] > 0.5).astype(float)
        key = starts.tobytes() + others.tobytes()
        if key in self.tried:
            return None
        self.tried.add(key)
        _bound(self.highs, self.starts, starts, starts)
        _bound(self.highs, self.others, others, others)
        _bound(self.highs, self.details, self.lower, self.upper)
        self.highs.run()
        if not self._solved() or self.highs.getInfo().objective_function_value >= to_beat:
            return None
        if self.details.size:
            found = np.array(self.highs.getSolution().col_value)
            up = np.ceil(found[self.details] - 1e-7)
            natural = self.scaled.natural(found)
            for choice in self.model.choices:
                place = np.searchsorted(self.details, choice.columns)
                up[place] = 0.0
                amount = natural[choice.amounts].sum()
                up[place[max(int(np.sum(choice.low <= amount * (1 + 1e-9))) - 1, 0)]] = 1.0
            _bound(self.highs, self.details, up, up)
            self.highs.run()
            if not self._solved():
                return None
        cost = float(self.highs.getInfo().objective_function_value)
        return cost, np.array(self.highs.getSolution().col_value)

    def _solved(self) -> bool:
        return bool(self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)


@dataclass(frozen=True)
class Scaled:
    """A model whose columns, rows and money are near one: x = natural / unit, rows and cost to match."""

    model: Model
    unit: Floats
    row: Floats
    cost: Floats
    money: float

    @classmethod
    def of(cls, model: Model) -> Scaled:
        """Choose powers of two, so that scaling changes no digit."""
        unit = np.where(model.whole, 1.0, _power(model.size))
        cost = model.cost * unit
        money = float(_power(np.array([np.abs(cost).max(initial=1.0) / 1000]))[0])
        row = 1 / _power(_largest(_columns_scaled(model.matrix, unit)))
        return cls(model, unit, row, cost / money, money)

    @property
    def offset(self) -> float:
        """Return the constant part of the scaled cost."""
        return -self.model.offset / self.money

    def natural(self, values: Floats) -> Floats:
        """Return a solution in the units of the chain."""
        return values * self.unit

    def rows(self, rows: Rows) -> Rows:
        """Return rows in scaled columns, each divided by its largest factor."""
        scaled = sp.csr_array(rows.matrix @ sp.diags_array(self.unit))
        row = 1 / _largest(scaled)
        return Rows(sp.csr_array(sp.diags_array(row) @ scaled), rows.upper * row)

    def hand_to(self, highs: highspy.Highs) -> None:
        """Give the relaxation to a solver, whole arrays at once."""
        model, row = self.model, self.row
        scaled = _columns_scaled(model.matrix, self.unit)
        highs.passModel(
            model.cost.size, model.row_lower.size, scaled.nnz, int(highspy.MatrixFormat.kRowwise),
            int(highspy.ObjSense.kMinimize), self.offset,
            self.cost, model.lower / self.unit, model.upper / self.unit, model.row_lower * row, model.row_upper * row,
            scaled.indptr.astype(np.int32), scaled.indices.astype(np.int32),
            scaled.data * np.repeat(row, np.diff(scaled.indptr)), np.zeros(model.cost.size, dtype=np.int32),
        )  # fmt: skip


def _columns_scaled(matrix: sp.csr_array, unit: Floats) -> sp.csr_array:
    return sp.csr_array((matrix.data * unit[matrix.indices], matrix.indices, matrix.indptr), matrix.shape)


def _power(values: Floats) -> Floats:
    """Return the power of two below each positive value, one for what is zero or infinite."""
    usable = np.isfinite(values) & (values > 0)
    return np.where(usable, 2.0 ** np.floor(np.log2(np.where(usable, values, 1.0))), 1.0)


def _largest(matrix: sp.csr_array) -> Floats:
    return np.asarray(abs(matrix).max(axis=1).toarray()).ravel() if matrix.nnz else np.zeros(matrix.shape[0])


def new_solver(limits: Limits) -> highspy.Highs:
    """Return a silent solver with the limits that it keeps by itself."""
    highs = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", limits.threads),
        ("random_seed", limits.seed),
        ("mip_rel_gap", limits.gap),
        ("primal_feasibility_tolerance", 1e-8),
    ):
        highs.setOptionValue(option, value)
    highs.HandleUserInterrupt = True
    return highs


def _run(highs: highspy.Highs, phase: str, clock: Clock, scaled: Scaled, watch: Watch) -> bool:
    """Run the solver beside this thread and watch it; return False where the watcher stopped it."""
    latest: dict[str, float | None] = {"incumbent": None, "bound": None, "gap": None}
    lock = threading.Lock()

    def remember(event: highspy.HighsCallbackEvent) -> None:
        data = event.data_out
        with lock:
            found = abs(data.mip_primal_bound) < 1e29
            latest["incumbent"] = -data.mip_primal_bound * scaled.money if found else None
            latest["bound"] = -data.mip_dual_bound * scaled.money if abs(data.mip_dual_bound) < 1e29 else None
            latest["gap"] = data.mip_gap if found else None

    highs.cbMipInterrupt += remember
    goes_on = True
    with ALONE:
        thread = highs.startSolve()
        try:
            while thread.is_alive():
                thread.join(0.1)
                with lock:
                    state = Progress(phase, clock.seconds, latest["incumbent"], latest["bound"], latest["gap"])
                if goes_on and not watch(state):
                    goes_on = False
                    highs.cancelSolve()
        except BaseException:
            highs.cancelSolve()
            thread.join()
            raise
        finally:
            highs.cbMipInterrupt -= remember
    return goes_on


def add_rows(highs: highspy.Highs, rows: Rows) -> None:
    """Add rows, scaled as the model in the solver is."""
    count, matrix = rows.upper.size, rows.matrix
    highs.addRows(
        count, np.full(count, -highspy.kHighsInf), rows.upper, matrix.nnz,
        matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32), matrix.data,
    )  # fmt: skip


def _refuse_if_hopeless(highs: highspy.Highs) -> None:
    status = highs.getModelStatus()
    if status in (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnbounded,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    ):
        none = NoPlanError(f"the model is {highs.modelStatusToString(status).lower()}")
        none.infeasible = status != highspy.HighsModelStatus.kUnbounded
        raise none
