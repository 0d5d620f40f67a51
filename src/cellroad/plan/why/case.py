"""A plan with its model at hand: ask what one more condition costs, with the decisions as taken or all anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.kernel import Block, Model
from cellroad.plan.network.network import Network
from cellroad.plan.solving.warm import Solved, Warm
from cellroad.plan.solving.watching import Limits, NoPlanError, Outcome
from cellroad.plan.why.basis import Taken
from cellroad.plan.why.words import column_names
from cellroad.rules.eligibility import Eligibility

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Condition:
    """A row that is asked for beside the model: lower <= factors . columns <= upper."""

    columns: Ints
    factors: Floats
    lower: float
    upper: float


@dataclass(frozen=True)
class Answer:
    """A plan under a condition: its cost (negative net present value), its values, and the lowest cost there can be."""

    cost: float
    values: Floats
    bound: float


class Case:
    """The network, the model and the values of a plan.

    `taken` is the plan itself, its cost the sum over its ledger; `ask` says what it would cost under another condition
    or at other prices, `plan_anew` so with every decision open, searched as closely as the plan was (`limits`).
    """

    def __init__(self, net: Network, model: Model, values: Floats, bound: float, gap: float) -> None:
        self.net, self.model, self.values = net, model, values
        self.taken = Answer(float(model.cost @ values) - model.offset, values, bound)
        self.limits = Limits(gap=max(gap, 1e-9))
        self.whole = np.flatnonzero(model.whole)
        self._asked: dict[bytes, int] = {}
        self._scale: dict[int, float] = {}

    @classmethod
    def of(cls, chain: Chain, rules: Eligibility, taken: Taken, bound: float, gap: float) -> Case:
        """Build the model of a plan and put its values in place. Raises ValueError where they do not fit."""
        from cellroad.plan.model import build
        from cellroad.plan.network.network import expand

        net = expand(chain, rules)
        model = build(net)
        if taken.keys() != model.columns.keys():
            raise ValueError("this plan was made by another version of the planner; plan its chain again")
        values = np.zeros(model.cost.size)
        for name, (place, own) in taken.items():
            values[model.columns[name].first + place] = own
        return cls(net, model, values, bound, gap)

    @cached_property
    def warm(self) -> Warm:
        """Return the model with all whole decisions as the plan took them, kept in a solver."""
        warm = Warm(self.model)
        # without it, solutions that cost the same would be exchanged for each other on the way
        warm.highs.setOptionValue("dual_simplex_cost_perturbation_multiplier", 0.0)
        warm.fix(self.whole, np.round(self.values[self.whole]))
        return warm

    @cached_property
    def names(self) -> pl.DataFrame:
        """Return what every column is about: table, what."""
        return column_names(self.net, self.model)

    def ask(self, condition: Condition | None = None, cost: Floats | None = None) -> Answer | None:
        """Return the best plan with the decisions as taken, under a condition and at other costs; None: none."""
        solved = self.solved(condition, cost)
        return None if solved is None else Answer(solved.cost, solved.values, solved.cost)

    def solved(self, condition: Condition | None = None, cost: Floats | None = None) -> Solved | None:
        """Return that plan with its duals and reduced costs."""
        warm = self.warm
        row = None if condition is None else self._row(condition)
        if cost is not None:
            warm.cost(np.arange(cost.size), cost)
        try:
            if condition is not None and row is not None:
                self._side(row, condition.lower, condition.upper)
            return warm.solve()
        finally:
            if row is not None:
                self._side(row, -np.inf, np.inf)
            if cost is not None:
                warm.cost(np.arange(cost.size), self.model.cost)

    def plan_anew(self, condition: Condition | None = None, cost: Floats | None = None) -> Answer | None:
        """Return the best plan with every decision open, under a condition and at other costs; None: there is none."""
        model = self.model if condition is None else with_rows(self.model, "asked", [condition])
        model = model if cost is None else replace(model, cost=cost)
        try:
            found = searched(self.net, model, self.limits)
        except NoPlanError:
            return None
        return Answer(-found.objective, found.values, -found.bound)

    def hangs_on(self, condition: Condition) -> list[int]:
        """Return the whole columns that leave no room for a condition as they were decided: Farkas' certificate.

        Where no columns keep all rows, some weights y of the rows prove it; what is fixed and has a weight in y . A is
        part of the proof.
        """
        row = self._row(condition)
        self._side(row, condition.lower, condition.upper)
        try:
            if self.warm.solve() is not None:
                return []
            _, there, weights = self.warm.highs.getDualRay()  # type: ignore[attr-defined]
        finally:
            self._side(row, -np.inf, np.inf)
        if not there:
            return []
        rows = self.model.row_lower.size
        proof = (self.warm.scaled.row * np.array(weights)[:rows]) @ self.model.matrix
        asked = np.zeros(proof.size)
        asked[condition.columns] = condition.factors * self._scale[row] * weights[row]
        weight = np.abs(proof + asked)[self.whole]
        return [int(n) for n in self.whole[weight > 1e-7 * max(float(weight.max(initial=0.0)), 1e-12)]]

    def _row(self, condition: Condition) -> int:
        """Return the number of a row of the solver with these factors, added when first asked for."""
        key = condition.columns.tobytes() + condition.factors.tobytes()
        if key not in self._asked:
            highs, unit = self.warm.highs, self.warm.scaled.unit
            factors = condition.factors * unit[condition.columns]
            largest = float(np.abs(factors).max(initial=1e-300))
            self._asked[key] = highs.getNumRow()
            self._scale[self._asked[key]] = 1 / largest
            highs.addRow(-np.inf, np.inf, condition.columns.size, condition.columns.astype(np.int32), factors / largest)
        return self._asked[key]

    def _side(self, row: int, lower: float, upper: float) -> None:
        scale = self._scale[row]
        self.warm.highs.changeRowBounds(row, lower * scale, upper * scale)


def with_rows(model: Model, name: str, conditions: list[Condition]) -> Model:
    """Return a model with further rows."""
    count = len(conditions)
    row = np.concatenate([np.full(each.columns.size, n) for n, each in enumerate(conditions)])
    column = np.concatenate([each.columns for each in conditions])
    factor = np.concatenate([each.factors for each in conditions])
    rows = sp.coo_array((factor, (row, column)), shape=(count, model.cost.size)).tocsr()
    return replace(
        model,
        matrix=sp.csr_array(sp.vstack([model.matrix, rows], format="csr")),
        row_lower=np.concatenate([model.row_lower, [each.lower for each in conditions]]),
        row_upper=np.concatenate([model.row_upper, [each.upper for each in conditions]]),
        rows={**model.rows, name: Block(name, model.row_lower.size, count)},
    )


def searched(net: Network, model: Model, limits: Limits, *, strengthen: bool = True) -> Outcome:
    """Return the best plan of a model that has the columns of a network's. Raises NoPlanError where there is none."""
    from cellroad.plan.solving.branching import Branching
    from cellroad.plan.solving.rounding import Rounding
    from cellroad.plan.solving.solve import Strategy, solve
    from cellroad.plan.solving.strong import Rows, Strengthener

    none = Rows(sp.csr_array((0, model.cost.size)), np.zeros(0))
    broken: Callable[[Floats], Rows] = Strengthener(net, model).broken if strengthen else lambda _: none
    return solve(model, Strategy(broken, Branching(model), Rounding(net)), limits, lambda _: True)
