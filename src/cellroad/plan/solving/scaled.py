"""A model as a solver likes it: columns counted in units near their size, rows and money to match.

The tolerances of a solver are absolute. All factors are powers of two, so that no digit changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.kernel import Model
from cellroad.plan.solving.strong import Rows

Floats = NDArray[np.float64]


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
