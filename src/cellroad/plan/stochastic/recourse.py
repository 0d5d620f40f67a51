"""The programme of one scenario seen from the decisions that it shares: what does a choice cost, what would another?

    Q(x) = min cost.y  over the scenario with its linking columns fixed at x

Its relaxation is convex in x; the reduced costs of the fixed columns are a subgradient, and give the cut

    theta >= Q(x*) + g . (x - x*)                        (Benders 1962, Van Slyke and Wets 1969)

Where nothing is feasible, the least sum of violations V(x) is convex too and gives V(x*) + g . (x - x*) <= 0. Where
the scenario has whole columns, the cut is lifted: with g given, theta >= g . x + min over the scenario of
cost - g . x, whole columns kept (strengthened Benders cut: Zou, Ahmed and Sun 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.stochastic.programme import Basis, Programme, Solver
from cellroad.plan.stochastic.remainder import Remainder

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


FRACTION = 1e-6
"""How far from a whole number a whole column may be."""


@dataclass(frozen=True)
class Scenario:
    """What a worker needs of a scenario: its programme and the columns that link it to the others, in their order."""

    programme: Programme
    links: Ints
    gap: float = 1e-9
    seed: int = 0


class Cut(NamedTuple):
    """constant + slope.x <= theta, or <= 0 where the cut tells of infeasibility; `value` is what was found at x."""

    value: float
    constant: float
    slope: Floats
    feasible: bool


class Recourse:
    """A scenario held warm: relaxed with its links fixed, whole, and with the cost of its links changed."""

    def __init__(self, scenario: Scenario) -> None:
        """Load what cuts are made of; the other forms are loaded when they are first asked for."""
        self.scenario, self.links = scenario, scenario.links
        self.remainder = Remainder(scenario.programme, scenario.links, scenario.seed)
        self._whole: Solver | None = None
        self._free: Solver | None = None
        self._short: Solver | None = None

    @property
    def whole(self) -> Solver:
        """Return the scenario with whole columns, its links to be fixed."""
        if self._whole is None:
            self._whole = Solver(self.scenario.programme, gap=self.scenario.gap, seed=self.scenario.seed)
        return self._whole

    @property
    def free(self) -> Solver:
        """Return the scenario with whole columns and free links, whose cost changes."""
        if self._free is None:
            self._free = Solver(self.scenario.programme, gap=self.scenario.gap, seed=self.scenario.seed)
        return self._free

    def cut(self, x: Floats) -> Cut:
        """Return a cut of the relaxation at x."""
        found = self.remainder.at(x)
        if found.values is None:
            return self._infeasible(x)
        return Cut(found.cost, found.cost - float(found.slope @ x), found.slope, True)

    def basis(self) -> Basis:
        """Return where the last cut ended, for scenarios of the same shape to begin there."""
        return self.remainder.solver.basis()

    def begin(self, basis: Basis) -> None:
        """Begin the next cut where another scenario ended, if it is of the same shape."""
        solver = self.remainder.solver
        if (solver.columns, solver.rows) == (basis.columns.size, basis.rows.size):
            solver.begin(basis)

    def strengthened(self, slope: Floats, time_limit: float) -> float:
        """Return the constant of the lifted cut with a slope: the least of cost - slope.x, whole columns kept."""
        self.free.cost(self.links, self.scenario.programme.cost[self.links] - slope)
        return self.free.run(time_limit).bound

    def priced(self, price: Floats, time_limit: float) -> tuple[float, Floats | None]:
        """Return a lower bound of cost + price.x over the scenario, and the links of the solution found."""
        self.free.cost(self.links, self.scenario.programme.cost[self.links] + price)
        found = self.free.run(time_limit)
        return found.bound, None if found.values is None else found.values[self.links]

    def evaluate(self, x: Floats, time_limit: float) -> tuple[float, float, Floats | None]:
        """Return cost, lower bound and values of the scenario with its links fixed at x."""
        programme = self.scenario.programme
        if not programme.whole[self.remainder.own].any():
            fractional = programme.whole[self.links] & (np.abs(x - np.round(x)) > FRACTION)
            found = self.remainder.at(x)
            cost = np.inf if fractional.any() else found.cost
            return cost, cost, found.values if np.isfinite(cost) else None
        self.whole.fix(self.links, x)
        solved = self.whole.run(time_limit)
        return solved.cost, solved.bound, solved.values

    def alone(self, time_limit: float, relaxed: bool) -> tuple[float, float, Floats | None]:
        """Return cost, lower bound and values of the scenario with nothing fixed (perfect information)."""
        solver = Solver(
            self.scenario.programme.relaxed() if relaxed else self.scenario.programme,
            gap=self.scenario.gap, seed=self.scenario.seed,
        )  # fmt: skip
        found = solver.run(time_limit)
        return found.cost, found.bound, found.values

    def _infeasible(self, x: Floats) -> Cut:
        if self._short is None:
            self._short = Solver(elastic(self.scenario.programme), seed=self.scenario.seed)
        self._short.fix(self.links, x)
        found = self._short.run()
        if found.reduced is None:  # two limits contradict each other: no choice helps
            return Cut(np.inf, 1.0, np.zeros(self.links.size), False)
        slope = found.reduced[self.links]
        return Cut(found.cost, found.cost - float(slope @ x), slope, False)


def elastic(programme: Programme) -> Programme:
    """Return the relaxation in which every row may be broken, at a cost of one per unit, and nothing else costs."""
    rows = programme.row_lower.size
    eye = sp.eye_array(rows)
    count = programme.columns + 2 * rows
    cost = np.zeros(count)
    cost[programme.columns :] = 1.0
    return Programme(
        cost=cost,
        lower=np.concatenate([programme.lower, np.zeros(2 * rows)]),
        upper=np.concatenate([programme.upper, np.full(2 * rows, np.inf)]),
        whole=np.zeros(count, dtype=bool),
        row_lower=programme.row_lower,
        row_upper=programme.row_upper,
        matrix=sp.csr_array(sp.hstack([programme.matrix, eye, -eye])),
    )
