"""What the best plan costs as a function of its decisions alone, known from below by cuts.

With the decisions y given, the rest of a plan is linear, and the reduced costs of y say how its cost grows around them:

    cost(y) >= cost(y') + slope . (y - y')        for every y, from the solve at y'

A master programme over the decisions holds these cuts (Benders 1962). Given decisions turn the strong rows
`flow <= most * started by then` into bounds, so that a strong relaxation costs no row, and a solve goes on from the
last. The points y' lie between the best point known and the optimum of the master (in-out: Ben-Ameur and Neto 2007),
which gives deep cuts (Fischetti, Ljubic and Sinnl 2017). First the master is relaxed, then whole. Large models are
first cut over spans of periods (`coarse`), where a solve takes a moment; those cuts hold for the whole model too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.kernel import Model
from cellroad.plan.nearby import Nearby
from cellroad.plan.search import Found
from cellroad.plan.strong import Ceilings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PATIENCE = 5
"""Decisions that the master proposes again, before the search by cuts gives up: what is left are rounding errors."""
ROUNDS = 3
"""Times that strong rows are added at one point."""
FACTORS = (0.7, 1.0, 1.25, 1.6)
"""What a relaxed point is multiplied by before it is rounded: fewer or more undertakings are begun."""
SETTLED = 0.95
"""A decision taken by this much is all but settled."""
NEAR_SECONDS = 2.0
"""Time for a search of the master near a point."""
BURST = 12
"""Plans near the best that are tried in a turn, where a search is not short."""
MASTER_SECONDS = 20.0
"""Time for one search of the whole master; what it has proven and found by then is used."""
Run = Callable[[highspy.Highs], bool]
"""Runs a solver under the watch and the clock; False where it was called off."""
Tighten = Callable[[Floats], bool]
"""Adds to the relaxation the strong rows that its solution breaks; False where there are none."""
Report = Callable[[Found], bool]
"""Called after every solve; returning False ends the search."""


@dataclass(frozen=True)
class Outline:
    """What a search by cuts has to know of a model.

    ceilings      strong rows that are bounds where starts are given
    undertakings  starts of which at most one is taken, in order of time
    inside        starts in part, well inside of what is possible
    month         first month of each period
    weight        discount factor of each period, falling evenly by month
    """

    ceilings: Ceilings
    undertakings: list[Ints]
    inside: Floats
    month: Ints
    weight: Floats


@dataclass(frozen=True)
class Cut:
    """cost(y) >= cost + slope . (y - point), with the values of all columns at the point."""

    point: Floats
    cost: float
    slope: Floats
    values: Floats


class Below:
    """A relaxation in which decisions are given: its cost and slope there."""

    def __init__(
        self,
        highs: highspy.Highs,
        decisions: Ints,
        ceilings: Ceilings,
        unit: Floats,
        money: float,
        run: Run,
        tighten: Tighten = lambda _: False,
    ) -> None:
        """Take a solver that holds the relaxation, the units of its columns and costs, and what decisions bound."""
        self.highs, self.run, self.money, self.tighten = highs, run, money, tighten
        self.decisions = decisions.astype(np.int32)
        self.columns = ceilings.columns.astype(np.int32)
        factors = sp.csc_array(ceilings.factors)[:, decisions]
        self.factors = sp.csr_array(sp.diags_array(1 / unit[ceilings.columns]) @ factors)
        lp = highs.getLp()
        self.lower, self.upper = (np.array(side)[self.columns] for side in (lp.col_lower_, lp.col_upper_))

    def at(self, point: Floats) -> Cut | None:
        """Return cost and slope at a point; None where nothing is possible there, or it was called off."""
        highs, most = self.highs, self.factors @ point
        binds = most < self.upper
        highs.changeColsBounds(self.decisions.size, self.decisions, point, point)
        if self.columns.size:
            upper = np.maximum(np.where(binds, most, self.upper), self.lower)
            highs.changeColsBounds(self.columns.size, self.columns, self.lower, upper)
        if not self._solved():
            return None
        if not np.array_equal(point, np.round(point)):  # where all is decided strong rows hold by themselves
            for _ in range(ROUNDS):
                if not self.tighten(np.array(highs.getSolution().col_value)):
                    break
                if not self._solved():
                    return None
        found = highs.getSolution()
        reduced = np.array(found.col_dual)
        gain = np.where(binds, np.minimum(reduced[self.columns], 0.0), 0.0)
        slope = (reduced[self.decisions] + self.factors.T @ gain) * self.money
        cost = float(highs.getInfo().objective_function_value) * self.money
        return Cut(point, cost, slope, np.array(found.col_value))

    def _solved(self) -> bool:
        for _ in range(2):
            if not self.run(self.highs):
                return False
            if self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                return True
            self.highs.clearSolver()  # a warm start can fail where a cold one does not
        return False


class Master:
    """The decisions with their own rows, and the cuts found so far."""

    def __init__(self, model: Model, decisions: Ints, highs: highspy.Highs) -> None:
        """Keep the rows of a model in which nothing but decisions stands."""
        self.highs, self.count = highs, decisions.size
        inside = np.zeros(model.cost.size)
        inside[decisions] = 1.0
        matrix = model.matrix
        own = np.flatnonzero((abs(matrix.sign()) @ (1 - inside) == 0) & (np.diff(matrix.indptr) > 0))
        rows = sp.csr_array(sp.csc_array(matrix[own])[:, decisions])
        self.whole = np.flatnonzero(model.whole[decisions]).astype(np.int32)
        highs.addVars(decisions.size, model.lower[decisions], model.upper[decisions])
        highs.addVar(-highspy.kHighsInf, highspy.kHighsInf)
        highs.changeColCost(decisions.size, 1.0)
        highs.addRows(
            own.size, model.row_lower[own], model.row_upper[own], rows.nnz, rows.indptr[:-1].astype(np.int32),
            rows.indices.astype(np.int32), rows.data,
        )  # fmt: skip
        self.cuts = 0

    def add(self, cut: Cut, given: Ints) -> None:
        """Add a cut over the decisions with the given places."""
        places = np.append(given, self.count).astype(np.int32)
        right = cut.cost - float(cut.slope @ cut.point)
        scale = max(1.0, float(abs(cut.slope).max(initial=0.0)) / 1e3)
        factors = np.append(-cut.slope, 1.0) / scale
        self.highs.addRow(right / scale, highspy.kHighsInf, places.size, places, factors)
        self.cuts += 1

    def need(self, places: Ints, count: int) -> None:
        """Take at least so many of some decisions."""
        self.highs.addRow(count, highspy.kHighsInf, places.size, places.astype(np.int32), np.ones(places.size))

    def near(self, places: Ints, point: Floats, gap: float, run: Run) -> Floats | None:
        """Return the best whole decisions among those that leave alone what is all but settled at a point."""
        low, high = np.where(point >= SETTLED, 1.0, 0.0), np.where(point <= (1 - SETTLED) / 2, 0.0, 1.0)
        self.highs.changeColsBounds(places.size, places.astype(np.int32), low, high)
        found = self.solve(True, gap, run, NEAR_SECONDS)
        self.highs.changeColsBounds(places.size, places.astype(np.int32), np.zeros(places.size), np.ones(places.size))
        return None if found is None else np.round(found[1][places])

    def solve(self, whole: bool, gap: float, run: Run, seconds: float = MASTER_SECONDS) -> tuple[float, Floats] | None:
        """Return the bound and the best decisions, relaxed or whole; None where the solve was called off."""
        kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
        if self.whole.size:
            self.highs.changeColsIntegrality(self.whole.size, self.whole, np.full(self.whole.size, kind))
        self.highs.setOptionValue("mip_rel_gap", gap)
        self.highs.setOptionValue("time_limit", seconds)
        for _ in range(2):
            goes_on, info = run(self.highs), self.highs.getInfo()
            decided = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
            if decided or not goes_on:
                break
            self.highs = _again(self.highs)  # after many searches a solver can refuse where a new one does not
        if not goes_on or not decided:
            return None
        bound = info.mip_dual_bound if whole and self.whole.size else info.objective_function_value
        return float(bound), np.array(self.highs.getSolution().col_value)[: self.count]


def _again(highs: highspy.Highs) -> highspy.Highs:
    fresh = highspy.Highs()
    fresh.passOptions(highs.getOptions())
    fresh.passModel(highs.getLp())
    fresh.HandleUserInterrupt = True
    return fresh


@dataclass
class Cutting:
    """The state of a search by cuts: the best plan, the bound, the point around which cuts are made."""

    master: Master
    given: Ints
    round: Callable[[Floats], Floats]
    nearby: Nearby
    gap: float
    run: Run
    report: Report
    core: Floats
    best: Cut | None = None
    bound: float = -np.inf
    whole: bool = False
    solves: int = 0

    def found(self) -> Found:
        """Return what is known so far."""
        if self.best is None:
            return Found(np.inf, None, self.bound, self.solves)
        return Found(self.best.cost, self.best.values, min(self.bound, self.best.cost), self.solves)

    @property
    def closed(self) -> bool:
        """Say whether the best plan is within the gap."""
        return self.best is not None and self._near(self.best.cost)

    def level(self, below: Below, final: bool) -> Cut | None:
        """Cut at one level until its best plan is within the gap of the bound; return that plan, None without any.

        A level that is not final, over spans of periods, has plans of its own, which say nothing of the whole model.
        """
        best = self.best if final else None
        tried: dict[bytes, Cut | None] = {} if best is None else {best.point.tobytes(): best}

        def attempt(point: Floats) -> bool:
            """Cut where all is decided; say whether that was new."""
            nonlocal best
            key = point.tobytes()
            if key in tried:
                return False
            cut = tried[key] = self.cut(below, point)
            if cut is not None and (best is None or cut.cost < best.cost):
                best = cut
                self.best = cut if final else self.best
            return True

        if best is None:
            attempt(self.round(self.core))
        middle = None if self.whole else self.cut(below, self.core)
        value, step = np.inf if middle is None else middle.cost, 0.5
        idle = turn = 0
        while self.report(self.found()) and idle < PATIENCE:
            solved = self.master.solve(self.whole, self.gap / 4, self.run)
            if solved is None:
                break
            self.bound, aim = max(self.bound, solved[0]), solved[1][self.given]
            if best is not None and self._near(best.cost):
                break
            if self.whole:
                aim = np.round(aim)
                idle = 0 if attempt(aim) else idle + 1
            between = step * aim + (1 - step) * self.core
            cut = self.cut(below, between)
            if cut is not None and cut.cost < value:
                self.core, value, step = between, cut.cost, min(1.5 * step, 0.7)
            else:
                step = max(0.7 * step, 0.05)
            rounded = min((self.round(self.core * factor) for factor in FACTORS), key=self.nearby.cost)
            attempt(rounded)
            attempt(self.round(self.nearby(rounded if best is None or turn % 2 else best.point)))
            turn += 1
            for _ in range(BURST if turn > 10 else 0):
                # few moves from the best plan the cuts are good, and every plan tried there makes them better
                if best is None or not attempt(self.round(self.nearby(best.point, moves=2))):
                    break
            if turn % 4 == 0 and value - self.bound <= 0.02 * abs(value):
                closest = self.master.near(self.given, self.core, self.gap / 4, self.run)
                if closest is not None:
                    attempt(closest)
            if not self.whole:
                self.whole = value - self.bound <= 0.3 * min(self.gap, 1e-3) * abs(value)
        if best is not None:
            self.core = 0.9 * best.point + 0.1 * self.core
        return best

    def cut(self, below: Below, point: Floats) -> Cut | None:
        """Cut at a point."""
        cut = below.at(point)
        if cut is not None:
            self.solves += 1
            self.know(cut)
        return cut

    def know(self, cut: Cut) -> None:
        """Add a cut to the master and to the search near the best plan."""
        self.master.add(cut, self.given)
        self.nearby.add(cut.cost, cut.slope, cut.point)

    def _near(self, cost: float) -> bool:
        return cost - self.bound <= self.gap * abs(cost)
