"""What the best plan costs as a function of its decisions alone, known from below by cuts.

With the decisions y given, the rest of a plan is linear, and the reduced costs of y say how its cost grows around them:

    cost(y) >= cost(y') + slope . (y - y')        for every whole y, from the solve at y'

A master programme over the decisions holds these cuts (Benders 1962). Given decisions turn the strong rows
`flow <= most * started by then` into bounds, so that a strong relaxation costs no row, and a solve goes on from the
last. First the master is relaxed: the points y' are its optimum within reach of the best point known, a reach that
grows where the master is right (a trust region: Marsten, Hogan and Blankenship 1975). Rows that whole decisions keep
and the best point breaks make the cuts deeper (`triangles`). Then the master is whole, and points lie between the best
one known and its optimum (in-out: Ben-Ameur and Neto 2007; Fischetti, Ljubic and Sinnl 2017). Large models are first
cut over spans of periods (`coarse`), where a solve takes a moment; those cuts hold for the whole model too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.kernel import Model
from cellroad.plan.solving.nearby import Nearby
from cellroad.plan.solving.search import Found
from cellroad.plan.solving.strong import Ceilings
from cellroad.plan.solving.triangles import Triangles

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PATIENCE = 5
"""Decisions that the master proposes again, before the search by cuts gives up: what is left are rounding errors."""
ROUNDS = 6
"""Times that rows are added at one point, at most."""
DEEPER, DEEP = 1.5e-3, 1e-4
"""What a round of rows must add to the cost, as a part of it, for another round at the point, and for more at all."""
SPANS_SHARE = 0.8
"""Part of the gap within which a search over spans of periods ends."""
SLACK = 0.01
"""Added rows with more room than this, where their largest factor is one, are dropped."""
REACH, NEAR = 0.3, 0.03
"""How far from the best point known the first points lie, in each decision, at first and after rows were added."""
FURTHER, NEARER, NEAREST = 1.5, 0.7, 0.01
"""What the reach is multiplied by after a good and after a bad point, and where it stops."""
ROUGH, SETTLING = 2e-3, 3e-4
"""Relative distance from the relaxed master to the best point at which rows are added, and at which all is known."""
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
Tighten = Callable[[Floats, Floats], bool]
"""Adds the rows that a relaxed solution breaks, from its values and reduced costs; False where there are none."""
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
    alone         periods at the beginning in which little can have arrived, so that no span holds more than one
    triangles     rows over given spans that whole starts keep, None where there are none
    """

    ceilings: Ceilings
    undertakings: list[Ints]
    inside: Floats
    month: Ints
    weight: Floats
    alone: int
    triangles: Callable[[Ints], Triangles | None]


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
        tighten: Tighten = lambda _, __: False,
    ) -> None:
        """Take a solver that holds the relaxation, the units of its columns and costs, and what decisions bound."""
        self.highs, self.run, self.money, self.tighten = highs, run, money, tighten
        self.rows = highs.getNumRow()
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
        found = highs.getSolution()
        reduced = np.array(found.col_dual)
        gain = np.where(binds, np.minimum(reduced[self.columns], 0.0), 0.0)
        slope = (reduced[self.decisions] + self.factors.T @ gain) * self.money
        cost = float(highs.getInfo().objective_function_value) * self.money
        return Cut(point, cost, slope, np.array(found.col_value))

    def tightened(self) -> bool:
        """Add rows that the last solution breaks, round by round; return whether that made it cost much more."""
        first = cost = float(self.highs.getInfo().objective_function_value)
        for _ in range(ROUNDS):
            found = self.highs.getSolution()
            values, reduced = np.array(found.col_value), np.array(found.col_dual)
            self._drop_slack()
            if not self.tighten(values, reduced) or not self._solved():
                break
            before, cost = cost, float(self.highs.getInfo().objective_function_value)
            if cost - before <= DEEPER * abs(cost):
                break
        return cost - first > DEEP * abs(first)

    def _drop_slack(self) -> None:
        """Drop added rows that the last solution leaves slack; as they are basic, the rest of its basis stays one."""
        highs, basis = self.highs, self.highs.getBasis()
        room = np.array(highs.getLp().row_upper_) - np.array(highs.getSolution().row_value)
        status = list(basis.row_status)
        basic = np.array([one == highspy.HighsBasisStatus.kBasic for one in status], dtype=bool)
        slack = basic & (room > SLACK)
        slack[: self.rows] = False
        if slack.any():
            highs.deleteRows(int(slack.sum()), np.flatnonzero(slack).astype(np.int32))
            basis.row_status = [one for one, gone in zip(status, slack, strict=True) if not gone]
            highs.setBasis(basis)

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

    def within(self, places: Ints, point: Floats, reach: float, run: Run) -> tuple[float, Floats] | None:
        """Return bound and decisions of the relaxed master within reach of a point."""
        columns = places.astype(np.int32)
        low, high = np.maximum(point - reach, 0.0), np.minimum(point + reach, 1.0)
        self.highs.changeColsBounds(columns.size, columns, low, high)
        found = self.solve(False, 0.0, run)
        self.highs.changeColsBounds(columns.size, columns, np.zeros(columns.size), np.ones(columns.size))
        return found

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
class Level:
    """One model that is cut: its relaxation, to which rows may be added, and one for plans, which need none.

    The plans of a level that is not final, over spans of periods, say nothing of the whole model.
    """

    below: Below
    exact: Below
    final: bool
    best: Cut | None = None
    tried: dict[bytes, Cut | None] = field(default_factory=dict)


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

    def relax(self, level: Level, tight: bool) -> bool:
        """Cut around the best relaxed point until no cut tells more; return False where that was called off.

        With `tight` rows are added that this point breaks.
        """
        if level.best is None:
            self.attempt(level, self.round(self.core))
        middle = self.cut(level.below, self.core)
        value, reach, turn, more = np.inf if middle is None else middle.cost, REACH, 0, tight
        while self.report(self.found()):
            if more and value - self.bound <= ROUGH * abs(value):
                middle = self.cut(level.below, self.core)
                more = middle is not None and level.below.tightened()
                middle = self.cut(level.below, self.core)
                value, reach = value if middle is None else middle.cost, min(reach, NEAR)
            solved = self.master.solve(False, 0.0, self.run)
            if solved is None:
                return False
            self.bound = max(self.bound, solved[0])
            if self._enough(level):
                return True
            if not more and value - self.bound <= (SETTLING if tight else ROUGH) * abs(value):
                return True
            aim = self.master.within(self.given, self.core, reach, self.run)
            cut = None if aim is None else self.cut(level.below, np.clip(aim[1][self.given], 0.0, 1.0))
            if aim is None or cut is None:
                return False
            if cut.cost < value:
                reach = min(FURTHER * reach, 1.0) if cut.cost < (value + aim[0]) / 2 else reach
                self.core, value = cut.point, cut.cost
                self.attempt(level, self._rounded())
            else:
                reach = max(NEARER * reach, NEAREST)
            turn += 1
            if turn % 10 == 0:
                self.improve(level)
        return False

    def search(self, level: Level) -> None:
        """Cut where the master proposes whole decisions, until the best plan of a level is within the gap."""
        if level.best is None:
            self.attempt(level, self.round(self.core))
        value, step, idle, turn = np.inf, 0.5, 0, 0
        while self.report(self.found()) and idle < PATIENCE:
            solved = self.master.solve(True, self.gap / 4, self.run)
            if solved is None:
                break
            self.bound, aim = max(self.bound, solved[0]), np.round(solved[1][self.given])
            if self._enough(level):
                break
            idle = 0 if self.attempt(level, aim) else idle + 1
            between = step * aim + (1 - step) * self.core
            cut = self.cut(level.below, between)
            if cut is not None and cut.cost < value:
                self.core, value, step = between, cut.cost, min(1.5 * step, 0.7)
            else:
                step = max(0.7 * step, 0.05)
            rounded = self._rounded()
            self.attempt(level, rounded)
            self.attempt(
                level, self.round(self.nearby(rounded if level.best is None or turn % 2 else level.best.point))
            )
            turn += 1
            if turn > 10:
                self.improve(level)
            if turn % 4 == 0 and value - self.bound <= 0.02 * abs(value):
                closest = self.master.near(self.given, self.core, self.gap / 4, self.run)
                if closest is not None:
                    self.attempt(level, closest)

    def polish(self, level: Level) -> None:
        """Improve the best plan of a level as long as that helps."""
        before = None
        while level.best is not before and self.report(self.found()):
            before = level.best
            self.improve(level)

    def improve(self, level: Level) -> None:
        """Try plans few moves from the best of a level, as long as they are new.

        There the cuts are good, and every plan tried makes them better.
        """
        for _ in range(BURST):
            if level.best is None or not self.attempt(level, self.round(self.nearby(level.best.point, moves=2))):
                break

    def attempt(self, level: Level, point: Floats) -> bool:
        """Cut where all is decided; say whether that was new."""
        key = point.tobytes()
        if key in level.tried:
            return False
        cut = level.tried[key] = self.cut(level.exact, point)
        if cut is not None and (level.best is None or cut.cost < level.best.cost):
            level.best = cut
            self.best = cut if level.final else self.best
        return True

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

    def _rounded(self) -> Floats:
        """Return whole decisions near the best relaxed point."""
        return min((self.round(self.core * factor) for factor in FACTORS), key=self.nearby.cost)

    def _enough(self, level: Level) -> bool:
        """Say whether the best plan of a level is near the bound: over spans nearer, as it costs more by months."""
        share = 1.0 if level.final else SPANS_SHARE
        return self.closed or (level.best is not None and self._near(level.best.cost, share))

    def _near(self, cost: float, share: float = 1.0) -> bool:
        return cost - self.bound <= share * self.gap * abs(cost)
