"""A model held in a solver that stays warm: change a price, a demand or a decision and solve again in a moment.

Everything goes in and comes out in the units of the chain; the solver goes on from the basis where it stood, so that
a small change takes a few iterations.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellroad.plan.kernel import Model
from cellroad.plan.solving.scaled import Scaled
from cellroad.plan.solving.search import UNSETTLED
from cellroad.plan.solving.solver import add_rows, new_solver
from cellroad.plan.solving.strong import Rows
from cellroad.plan.solving.watching import Limits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Solved:
    """An optimum of the relaxation: cost in USD (the negative net present value) and, by column and row of the model,
    values, duals (USD per unit of a row's side) and reduced costs (USD per unit of a column)."""

    cost: float
    values: Floats
    duals: Floats
    reduced: Floats


class Warm:
    """A model without its whole-number conditions, kept in a solver."""

    def __init__(self, model: Model, strong: Rows | None = None, limits: Limits | None = None) -> None:
        """Hand the model to a solver, with rows that tighten it where there are some."""
        self.model, self.scaled = model, Scaled.of(model)
        self.highs = new_solver(
            limits or Limits(threads=0)
        )  # as many as the solver has: another number would be refused
        self.scaled.hand_to(self.highs)
        if strong is not None and strong.upper.size:
            add_rows(self.highs, self.scaled.rows(strong))

    def fix(self, columns: Ints, values: ArrayLike) -> None:
        """Give columns a value each."""
        self.bounds(columns, values, values)

    def bounds(self, columns: Ints, lower: ArrayLike, upper: ArrayLike) -> None:
        """Set the bounds of columns."""
        unit = self.scaled.unit[columns]
        low, high = (np.array(np.broadcast_to(side, columns.shape), dtype=float) / unit for side in (lower, upper))
        if columns.size:
            self.highs.changeColsBounds(columns.size, columns.astype(np.int32), low, high)

    def cost(self, columns: Ints, usd: ArrayLike) -> None:
        """Set the discounted cost of a unit of columns."""
        cost = np.array(np.broadcast_to(usd, columns.shape), dtype=float) * self.scaled.unit[columns]
        if columns.size:
            self.highs.changeColsCost(columns.size, columns.astype(np.int32), cost / self.scaled.money)

    def rows(self, rows: Ints, lower: ArrayLike, upper: ArrayLike) -> None:
        """Set the sides of rows of the model."""
        factor = self.scaled.row[rows]
        low, high = (np.array(np.broadcast_to(side, rows.shape), dtype=float) * factor for side in (lower, upper))
        if rows.size:
            self.highs.changeRowsBounds(rows.size, rows.astype(np.int32), low, high)  # type: ignore[attr-defined]

    def solve(self) -> Solved | None:
        """Return the optimum, None where nothing keeps all rows."""
        self.highs.run()
        if self.highs.getModelStatus() in UNSETTLED:  # a warm start can fail where a cold one does not
            self.highs.clearSolver()
            self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        found, scaled, rows = self.highs.getSolution(), self.scaled, self.model.row_lower.size
        return Solved(
            cost=float(self.highs.getInfo().objective_function_value) * scaled.money,
            values=scaled.natural(np.array(found.col_value)),
            duals=np.array(found.row_dual)[:rows] * scaled.row * scaled.money,
            reduced=np.array(found.col_dual) / scaled.unit * scaled.money,
        )
