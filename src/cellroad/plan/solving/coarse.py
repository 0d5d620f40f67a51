"""A smaller model that never promises less: rows summed over time, columns that then look alike made one.

Rows of the same kind and place are added over the periods of a span, each weighed by the discount factor w of its
period; a plan that keeps all rows keeps their sums. A column x counts as w * x, and columns of the same kind and place
whose factors in the sums agree become one, at the lowest cost among them and with the sum of their bounds:

    sum over t of w[t] * (A[t] x) = sum over t of w[t] * b[t],   X = sum over t of w[t] * x[t],   C = min of c[t] / w[t]

So the optimum of the smaller model is a bound for the larger one. It is what the duals give that are constant within a
span but for discounting, and little is lost where prices move slowly. Decisions keep their columns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.kernel import Block, Model
from cellroad.plan.solving.strong import Ceilings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DIGITS = 9
"""Digits to which factors must agree."""


@dataclass(frozen=True)
class Coarse:
    """A model over spans of periods, its ceilings, and where the kept columns are in it.

    group, factor   of each column of the larger model: the column that it is part of, and what a unit counts there
    """

    model: Model
    ceilings: Ceilings
    kept: Ints
    group: Ints
    factor: Floats

    def least(self, rows: sp.csr_array) -> sp.csr_array:
        """Return rows of positive factors that are at most the given ones in every plan."""
        row, column, value = self._moved(rows)
        key, number, count = np.unique(row * self.model.cost.size + column, return_inverse=True, return_counts=True)
        least = np.full(key.size, np.inf)
        np.minimum.at(least, number, value)
        shared = np.bincount(self.group, minlength=self.model.cost.size)[key % self.model.cost.size] > count
        return self._matrix(key, np.where(shared, 0.0, least), rows.shape[0])

    def most(self, rows: sp.csr_array) -> sp.csr_array:
        """Return rows of positive factors that are at least the given ones in every plan."""
        row, column, value = self._moved(rows)
        key, number = np.unique(row * self.model.cost.size + column, return_inverse=True)
        most = np.zeros(key.size)
        np.maximum.at(most, number, value)
        return self._matrix(key, most, rows.shape[0])

    def _moved(self, rows: sp.csr_array) -> tuple[Ints, Ints, Floats]:
        entries = rows.tocoo()
        row, column = (place.astype(np.int64) for place in entries.coords)
        return row, self.group[column], entries.data / self.factor[column]

    def _matrix(self, key: Ints, value: Floats, rows: int) -> sp.csr_array:
        size = self.model.cost.size
        matrix = sp.coo_array((value, (key // size, key % size)), shape=(rows, size)).tocsr()
        matrix.eliminate_zeros()
        return matrix


def coarse(model: Model, ceilings: Ceilings, kept: Ints, span: Ints, weight: Floats) -> Coarse:
    """Return a model over spans of periods.

    span      number of the span of each period
    weight    what a unit in each period counts: its discount factor, falling evenly
    """
    place_row, row_weight = _places(model.rows.values(), model.row_lower.size, span, weight)
    merges = np.ones(model.cost.size, dtype=bool)
    merges[kept] = False
    merges &= ~model.whole
    place, factor = _places(model.columns.values(), model.cost.size, span, weight)
    factor = np.where(merges, factor, 1.0)
    rows, row_of = np.unique(place_row, return_inverse=True)
    total = sp.csr_array((row_weight, (row_of, np.arange(row_of.size))), shape=(rows.size, row_of.size))
    summed = sp.csc_array(total @ model.matrix @ sp.diags_array(1 / factor))
    summed.eliminate_zeros()

    # columns of one place that look the same in the sums: two random products tell them apart
    mark = np.random.default_rng(0).uniform(1, 2, (2, rows.size)) @ summed
    limited = np.zeros(model.cost.size)
    limited[ceilings.columns] = 1.0
    look = np.stack([place.astype(float), limited, *np.round(mark / np.maximum(abs(mark).max(initial=1), 1), DIGITS)])
    look[0, ~merges] = place.max(initial=0) + 1 + np.flatnonzero(~merges)
    _, first, group = np.unique(look, axis=1, return_index=True, return_inverse=True)
    group = group.ravel()
    gather = sp.csr_array((factor, (group, np.arange(group.size))), shape=(first.size, group.size))
    cost = np.full(first.size, np.inf)
    np.minimum.at(cost, group, model.cost / factor)
    small = replace(
        model,
        cost=cost, lower=_sum(gather, model.lower), upper=_sum(gather, model.upper), whole=model.whole[first],
        size=np.maximum.reduceat((model.size * factor)[np.argsort(group, kind="stable")], _firsts(group)),
        row_lower=_sum(total, model.row_lower), row_upper=_sum(total, model.row_upper),
        matrix=sp.csr_array(summed[:, first]), columns={}, rows={}, timelines=(),
    )  # fmt: skip
    moved = group[ceilings.columns]
    columns, number = np.unique(moved, return_inverse=True)
    add = sp.csr_array((factor[ceilings.columns], (number, np.arange(moved.size))), shape=(columns.size, moved.size))
    where = sp.csr_array((np.ones(kept.size), (kept, group[kept])), shape=(model.cost.size, first.size))
    return Coarse(small, Ceilings(columns, sp.csr_array(add @ ceilings.factors @ where)), group[kept], group, factor)


def _places(blocks: object, size: int, span: Ints, weight: Floats) -> tuple[Ints, Floats]:
    """Return a number for block, key and span of each column or row, and the weight of its period (one without one)."""
    place, factor = np.arange(size, dtype=np.int64), np.ones(size)
    used = size
    block: Block
    for block in blocks:  # type: ignore[attr-defined]
        if "period" not in block.index.columns or not block.size:
            continue
        period = block.index["period"].to_numpy()
        keys = [name for name in block.index.columns if name not in ("period", "batch")]
        told = block.index.select(keys).with_columns(span=pl.Series(span[period]))
        number = told.select(pl.struct(pl.all()).rank("dense")).to_series().cast(pl.Int64).to_numpy()
        place[block.ids] = used + number
        used += int(number.max()) + 1
        factor[block.ids] = weight[period]
    return place, factor


def _firsts(group: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(np.bincount(group))[:-1]])


def _sum(total: sp.csr_array, sides: Floats) -> Floats:
    """Sum sides of rows; infinite where one of them is."""
    return np.asarray(total @ sides)
