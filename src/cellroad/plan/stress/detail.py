"""What does a plan by months, quarters and years do in each week?

A period takes what arrives in it to be there for all of it: what an offer sells in September serves July, what a line
makes around its holidays serves the holidays. So the quantities of the plan are worked out by week, as near to it as
customers allow (disaggregation of an aggregate plan; Bitran and Hax, Decision Sciences 8, 1977): a linear programme

    min  FIRST * sum of urgency[q] * short[q,k]  +  LEAN * sum of worth[n] * low[n,k]
         + RATE * sum of worth[n] * days[k] * (over[n,k] + AWAY * (more[a,k] + less[a,k]))
    stock[n,k] = stock[n,k-1] + what comes in k - what is used in k >= 0
    stock[n,k] + low[n,k] >= what is used in k + 1
    stock[n,k] - over[n,k] <= stock that the plan would have at the end of k, where that is any
    sum of sales[i,k] over the items of row q + short[q,k] = planned sales of q in k
    more[a,k] - less[a,k] = units of purchase, process or sale a up to k - those of the plan up to k
    units of a in k <= what offers sell, hours of lines and room on lanes leave in k

with weeks k, nodes n, ways a. Lines, contracts and what customers are promised stay as planned; a way that the plan
leaves unused is used where nothing else is in time. Large chains are worked out by longer steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.solving.solver import new_solver
from cellroad.plan.solving.watching import Limits
from cellroad.plan.stress.arrays import Floats, Ints
from cellroad.plan.stress.schedule import Aggregate, Flows, arrivals, coming, sold, used
from cellroad.plan.stress.ways import Planned

STEPS = (7, 14, 28, 91)
"""Days in a step; the first with which the programme has no more than MOST columns."""
MOST = 60_000
"""Columns of a programme that takes a few seconds."""
PATIENCE = 60.0
"""Seconds for the solver."""
RATE = 0.1 / 365.25
"""What it counts to hold goods for a day, as a part of their worth."""
AWAY = 0.2
"""What it counts to do otherwise than planned, as a part of what holding the goods does: less than to do both."""
FIRST = 100.0
"""How much more a customer counts than to hold what the next steps use, however long that is lacking."""
LEAN = 0.1
"""What it counts to hold less than the next step uses, as a part of the worth of what is missing."""
CLOSE = 1e-4
"""Part of the objective by which it may lie above the best."""
NOISE = 1e-7
"""Part of the largest flow of a way below which a flow is a rounding error of the solver."""


@dataclass(frozen=True)
class Detail:
    """Flows by day, and wants by row of demand and day that no week's work can serve in time."""

    flows: Flows
    short: Floats


def detailed(plan: Aggregate) -> Detail:
    """Return what is done by day, worked out by week; spread over the days of a week on which there is room for it.

    Where the solver finds nothing, the plan spread over the days of its periods.
    """
    days = plan.have.shape[1]
    sizes = [_Programme(plan, np.arange(days) // length) for length in STEPS]
    asked = next((one for one in sizes if one.columns * one.steps <= MOST), sizes[-1])
    values = asked.solve()
    even, period = np.ones(days), plan.grid.period
    wanted = [s.daily / s.way.units for s in plan.serves]
    promised = [sum((w for w, row in zip(wanted, plan.row, strict=True) if row == q), np.zeros(days))
                for q in range(len(plan.urgency))]  # fmt: skip
    if values is None:
        return Detail(plan.flows, np.zeros((len(promised), days)))
    weights: list[list[Floats]] = [
        [np.minimum(sold(b.way, days), 1e12) for b in plan.buys],
        [plan.hours[:, m.way.line] if m.way.line >= 0 else plan.opened[i] for i, m in enumerate(plan.makes)],
        [np.where(s.way.allowed[period], even, 0.0) for s in plan.ships],
        [promised[q] for q in plan.row],
        promised,
    ]
    ends = pairwise((0, asked.makes, asked.ships, asked.serves, asked.stock))
    parts = [*(values[a:b] for a, b in ends), values[asked.short : asked.more]]
    *flows, short = (_spread(by_step, weight, asked.step) for by_step, weight in zip(parts, weights, strict=True))
    return Detail(Flows(*flows), short)


def _spread(by_step: Floats, weights: Sequence[Floats], step: Ints) -> Floats:
    """Return quantities by day, in proportion to a weight within each step."""
    out, count = np.zeros((len(weights), step.size)), np.bincount(step)
    for i, weight in enumerate(weights):
        total = np.bincount(step, weight)
        part = np.divide(weight, total[step], out=1.0 / count[step], where=total[step] > 0)
        out[i] = by_step[i][step] * part
    return out


class _Programme:
    """The linear programme of the module. Columns, each by step: ways, stocks, shortages, more, less, low, over."""

    def __init__(self, plan: Aggregate, step: Ints) -> None:
        self.plan, self.step, self.steps = plan, step, int(step[-1]) + 1
        self.makes = len(plan.buys)
        self.ships = self.makes + len(plan.makes)
        self.serves = self.ships + len(plan.ships)
        self.stock = self.serves + len(plan.serves)
        self.short = self.stock + plan.have.shape[0]
        self.more = self.short + len(plan.urgency)
        self.less = self.more + self.stock
        self.low_stock = self.less + self.stock
        self.over = self.low_stock + plan.have.shape[0]
        self.columns = self.over + plan.have.shape[0]
        self.rows: list[tuple[Floats, Floats]] = []
        self.entries: list[tuple[Ints, Ints, Floats]] = []

    @cached_property
    def length(self) -> Ints:
        """Return the days of each step."""
        return np.bincount(self.step)

    @cached_property
    def change(self) -> Any:
        """Return what takes quantities up to each step to those of it."""
        return sp.eye_array(self.steps) - sp.eye_array(self.steps, k=-1)

    def _row(self, low: Floats | float, high: Floats | float) -> int:
        """Begin a row for every step and return its number."""
        both = (np.broadcast_to(np.asarray(side, float), self.steps) for side in (low, high))
        self.rows.append((next(both), next(both)))
        return len(self.rows) - 1

    def _put(self, row: int, column: int, block: Any) -> None:
        """Write entries of rows and columns by step; a number or an array stands on the diagonal."""
        if not isinstance(block, sp.sparray):
            block = sp.diags_array(np.broadcast_to(np.asarray(block, float), self.steps).copy())
        coo: Any = sp.coo_array(block)
        self.entries.append((coo.row + row * self.steps, coo.col + column * self.steps, coo.data))

    def _sum(self, daily: NDArray[np.generic]) -> Floats:
        return np.asarray(np.bincount(self.step, daily, self.steps), np.float64)

    def solve(self) -> Floats | None:
        """Return the values of the columns by step; None where there is no optimum."""
        plan, steps, period = self.plan, self.steps, self.plan.grid.period
        upper, cost = np.full((self.columns, steps), np.inf), np.zeros((self.columns, steps))
        for n, have in enumerate(np.diff(plan.have, axis=1, prepend=0.0)):
            comes = self._sum(have)
            self._put(self._row(comes, comes), self.stock + n, self.change)
        for n in range(plan.have.shape[0]):  # these rows follow those of the balances
            row = self._row(0.0, np.inf)
            self._put(row, self.stock + n, 1.0)
            self._put(row, self.low_stock + n, 1.0)
            cost[self.low_stock + n] = LEAN * plan.worth[n]
        last = np.cumsum(self.length) - 1
        net = coming(plan, arrivals(plan, plan.flows), plan.flows) - used(plan, plan.flows)
        for n, shelf in enumerate(plan.have + np.cumsum(net, axis=1)):
            row = self._row(-np.inf, np.maximum(shelf[last], 0.0))
            self._put(row, self.stock + n, 1.0)
            self._put(row, self.over + n, -1.0)
            cost[self.over + n] = RATE * plan.worth[n] * self.length
        for i, buy in enumerate(plan.buys):
            self._put(buy.way.node, i, -1.0)
            upper[i] = self._sum(sold(buy.way, self.step.size))
        for i, make in enumerate(plan.makes, self.makes):
            self._put(make.way.node, i, -self._sum(make.way.good[period]) / self.length)
            for node, units in make.way.inputs:
                self._used(node, i, units)
            for node, units in make.way.beside:
                self._put(node, i, -units)
            works = self._sum(plan.opened[i - self.makes] * make.way.allowed[period])
            upper[i] = np.where(works > 0, np.inf, 0.0)
        for i, ship in enumerate(plan.ships, self.ships):
            self._used(ship.way.origin, i, 1.0)
            self._put(ship.way.node, i, -self._arrivals(ship.way.planned))
            upper[i] = np.where(self._sum(ship.way.allowed[period]) > 0, np.inf, 0.0)
        for i, serve in enumerate(plan.serves, self.serves):
            self._used(serve.way.node, i, 1.0)
            upper[i] = np.where(self._sum(serve.way.allowed[period]) > 0, np.inf, 0.0)
        self._sales(cost)
        self._near(cost)
        self._room()
        return self._found(cost.ravel(), upper.ravel())

    def _used(self, node: int, column: int, units: float) -> None:
        """Take units from a node, which should have been there when the step began."""
        self._put(node, column, units)
        self._put(self.plan.have.shape[0] + node, column, -units * sp.eye_array(self.steps, k=1))

    def _sales(self, cost: Floats) -> None:
        """Write the sales of each row of demand."""
        for q, urgency in enumerate(self.plan.urgency):
            mine = [i for i, row in enumerate(self.plan.row) if row == q]
            told = sum((self._sum(self.plan.serves[i].daily) / self.plan.serves[i].way.units for i in mine),
                       np.zeros(self.steps))  # fmt: skip
            row = self._row(told, told)
            for i in mine:
                self._put(row, self.serves + i, 1.0 / self.plan.serves[i].way.units)
            self._put(row, self.short + q, 1.0)
            cost[self.short + q] = FIRST * urgency

    def _near(self, cost: Floats) -> None:
        """Write how far each way is from the plan; what leaves on lanes follows from the rest."""
        ways: list[Planned[Any]] = [*self.plan.buys, *self.plan.makes, *self.plan.ships, *self.plan.serves]
        flows = self.plan.flows
        planned = np.concatenate([flows.buys, flows.makes, flows.ships, flows.serves])
        for i, way in enumerate(ways):
            rate = AWAY * RATE * self.plan.worth[way.way.node] * self.length
            if not planned[i].any():  # all of it is more, from its step to the last
                cost[i] = np.cumsum(rate[::-1])[::-1]
            elif not self.ships <= i < self.serves:
                told = self._sum(planned[i])
                row = self._row(-told, -told)
                self._put(row, self.more + i, self.change)
                self._put(row, self.less + i, -self.change)
                self._put(row, i, -1.0)
                cost[self.more + i] = cost[self.less + i] = rate

    def _room(self) -> None:
        """Write the hours of lines and the room on lanes."""
        plan = self.plan
        for line in range(plan.hours.shape[1]):
            row = self._row(-np.inf, self._sum(plan.hours[:, line]))
            for i, make in enumerate(plan.makes, self.makes):
                if make.way.line == line and make.way.hours > 0:
                    self._put(row, i, make.way.hours)
        for lane in np.flatnonzero(np.isfinite(plan.lane_cap)):
            row = self._row(-np.inf, plan.lane_cap[lane] * self.length)
            for i, ship in enumerate(plan.ships, self.ships):
                if ship.way.lane == lane:
                    self._put(row, i, 1.0)

    def _arrivals(self, lead: Ints) -> Any:
        """Return what part of what leaves evenly in a step comes in which: rows by arrival, columns by departure."""
        due = np.arange(self.step.size) + lead
        inside = due < self.step.size
        part = 1.0 / self.length[self.step[inside]]
        return sp.coo_array((part, (self.step[due[inside]], self.step[inside])), shape=(self.steps, self.steps))

    def _found(self, cost: Floats, upper: Floats) -> Floats | None:
        lp, shape = highspy.HighsLp(), (len(self.rows) * self.steps, cost.size)
        row, column, data = (np.concatenate(parts) for parts in zip(*self.entries, strict=True))
        matrix = sp.csr_array((data, (row, column)), shape=shape)
        lp.num_row_, lp.num_col_ = shape
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, np.zeros(cost.size), upper
        lp.row_lower_, lp.row_upper_ = (np.concatenate(sides) for sides in zip(*self.rows, strict=True))
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        highs = new_solver(Limits(threads=0))
        for option, value in (("run_crossover", "off"), ("ipm_optimality_tolerance", 1e-6), ("time_limit", PATIENCE)):
            highs.setOptionValue(option, value)
        highs.passModel(lp)
        for solver in ("ipm", "simplex"):  # what the first leaves open for want of precision, the second settles
            highs.setOptionValue("solver", solver)
            highs.run()
            told: Any = highs.getInfo()  # the stubs lack one of its fields
            feasible = told.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
            if feasible and abs(told.primal_dual_objective_error) <= CLOSE:
                values = np.array(highs.getSolution().col_value).reshape(-1, self.steps)
                return np.where(values > NOISE * values.max(axis=1)[:, None], values, 0.0)
            highs.clearSolver()
        return None
