"""What does one unit more cost at the margin, all the way back to what is paid and what is scarce?

The dual of a balance is what a unit there costs. For every column j and row r that it is in,

    dual[r] = (cost[j] - sum over the other rows of dual[i] * factor[i,j] - reduced cost[j]) / factor[r,j]

so that with a column that is in use (reduced cost 0) the price of a unit falls into what that column pays, what its
inputs are worth (balances, traced in turn), what limits it meets are worth (rows with a price: hours, a certificate),
and, where the column itself is at its bound, what that bound is worth. Walking back this way from a customer is
pegging by money: the causes add up to the price of the unit.

A shipment that lands over several periods brings its units to one place, and a unit of it is a unit of them all: with
factor[i,j] into the periods i of the place, times 1 / sum of factor[i,j], what is left is the difference of prices

    sum over i of factor[i,j] * (dual[r] - dual[i])

Whatever else comes out of a column, or is no longer needed, counts at its price and is not walked further.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.kernel import Block
from cellroad.plan.solving.warm import Solved
from cellroad.plan.why.case import Case
from cellroad.plan.why.words import column_says, row_names, row_says

Floats = NDArray[np.float64]
CAUSES = {
    "depth": pl.Int64, "cause": pl.String, "kind": pl.String, "table": pl.String, "what": pl.String, "says": pl.String,
    "quantity": pl.Float64, "usd": pl.Float64,
}  # fmt: skip
DEEPEST = 60
MOST = 300
"""Causes after which what is left of a price is told as one: ways that part and meet again would never end."""


@dataclass
class Trace:
    """Walks back through an optimum; `causes` collects what it meets: money paid, limits with a price, ways taken."""

    case: Case
    solved: Solved
    causes: list[tuple[object, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Prepare the matrix by column and by row."""
        self.by_column = sp.csc_array(self.case.model.matrix)
        self.by_row = self.case.model.matrix
        self.names = row_names(self.case.net, self.case.model)
        self.balance = self.case.model.rows["balance"]
        self.node = self.balance.index["node"].to_numpy()

    def unit(self, row: int, times: float, depth: int = 0, seen: frozenset[int] = frozenset()) -> None:
        """Split the price of so many units of a row."""
        price = float(self.solved.duals[row]) * times
        if abs(price) < 1e-12:
            return
        column = self._way(row, seen) if depth < DEEPEST and len(self.causes) < MOST else None
        if column is None:
            self._limit(row, times, depth)
            return
        whole = float(self.by_row[row, column])
        if whole > 0:
            whole += sum(factor for _, factor in self._beside(column, row))
        self.column(column, times / whole, depth, seen | {row}, row)

    def column(self, column: int, times: float, depth: int, seen: frozenset[int], of: int | None = None) -> None:
        """Split what so many units of a column take: its own money, the rows it meets but `of`, and its bound."""
        net, model = self.case.net, self.case.model
        says = column_says(net, model, column)
        table, what = self.case.names.row(column)
        self.causes.append((depth, "way", "", table, what, says, abs(times), 0.0))
        ledger = model.ledger
        mine = ledger.column == column
        for kind, usd in zip(ledger.kind[mine], ledger.present_usd[mine], strict=True):
            paid = -float(usd) * times
            self.causes.append((depth, "money", ledger.kinds[kind], table, what, says, abs(times), paid))
        beside = self._beside(column, of) if of is not None and times > 0 else []
        apart = sum(factor * (self.solved.duals[of] - self.solved.duals[row]) for row, factor in beside) * times
        if abs(apart) > 1e-9:
            self.causes.append((depth, "credit", "timing", table, what, f"{says}, in part later", abs(times), apart))
        entries = slice(self.by_column.indptr[column], self.by_column.indptr[column + 1])
        for row, factor in zip(self.by_column.indices[entries], self.by_column.data[entries], strict=True):
            if row == of or any(row == other for other, _ in beside):
                continue
            amount = -float(factor) * times
            if not self._inside(self.balance, int(row)):
                self._limit(int(row), amount, depth)
            elif amount > 0 and int(row) not in seen:
                self.unit(int(row), amount, depth + 1, seen)
            else:
                self._credit(int(row), amount, depth)
        bound = -float(self.solved.reduced[column]) * times
        if abs(bound) > 1e-9:
            self.causes.append((depth, "bound", "", table, what, f"{says}: no more can be had", abs(times), bound))

    def frame(self) -> pl.DataFrame:
        """Return the causes in the order in which they were met; money, limits and bounds sum to the price."""
        return pl.DataFrame(self.causes, schema=CAUSES, orient="row")

    def _limit(self, row: int, times: float, depth: int) -> None:
        usd = float(self.solved.duals[row]) * times
        if abs(usd) <= 1e-9:
            return
        if self._inside(self.balance, row):
            self._credit(row, times, depth)
            return
        block = next(b for b in self.case.model.rows.values() if self._inside(b, row))
        table, what = self.names.row(row)
        says = row_says(self.case.net, self.case.model, row)
        self.causes.append((depth, "limit", block.name, table, what, says, abs(times), usd))

    def _credit(self, row: int, times: float, depth: int) -> None:
        """Count what comes out besides, or is saved, at its price."""
        usd = float(self.solved.duals[row]) * times
        if abs(usd) > 1e-9:
            table, what = self.names.row(row)
            says = f"{what}: {'what comes with it' if times < 0 else 'what it is worth there'}"
            self.causes.append((depth, "credit", "goods", table, what, says, abs(times), usd))

    def _beside(self, column: int, row: int | None) -> list[tuple[int, float]]:
        """Return the other periods of the same place into which a column brings its goods, with their factors."""
        if row is None or not self._inside(self.balance, row):
            return []
        entries = slice(self.by_column.indptr[column], self.by_column.indptr[column + 1])
        node = self.node[row - self.balance.first]
        return [
            (int(other), float(factor))
            for other, factor in zip(self.by_column.indices[entries], self.by_column.data[entries], strict=True)
            if other != row and factor > 0 and self._inside(self.balance, int(other))
            and self.node[other - self.balance.first] == node
        ]  # fmt: skip

    def _way(self, row: int, seen: frozenset[int]) -> int | None:
        """Return the column that sets the price of a row: one in use that brings goods, else one that takes them."""
        entries = slice(self.by_row.indptr[row], self.by_row.indptr[row + 1])
        columns, factors = self.by_row.indices[entries], self.by_row.data[entries]
        reduced = self.solved.reduced[columns] / np.abs(factors)
        values = self.solved.values[columns] / np.maximum(self.case.model.size[columns], 1e-12)
        price = max(abs(float(self.solved.duals[row])), 1e-9)
        free = np.abs(reduced) <= 1e-7 * price
        back = np.array([self._goes_back(int(c), row, seen) for c in columns], dtype=bool)
        brings, used = factors > 0, values > 1e-7
        capped = used & (reduced < 0)
        for wanted in (free & brings & used, free & brings, capped & brings, free & ~brings & used, free & ~brings):
            chosen = np.flatnonzero(wanted & ~back)
            if chosen.size:
                return int(columns[chosen[np.argmax(values[chosen])]])
        return None

    def _goes_back(self, column: int, row: int, seen: frozenset[int]) -> bool:
        entries = slice(self.by_column.indptr[column], self.by_column.indptr[column + 1])
        return any(int(r) in seen for r in self.by_column.indices[entries] if r != row)

    @staticmethod
    def _inside(block: Block, place: int) -> bool:
        return block.first <= place < block.first + block.size
