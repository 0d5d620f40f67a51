"""A mixed-integer model as columns, rows and terms: index frames in, one sparse matrix out.

Blocks of columns and rows are added with whole arrays and keep their name and place, so that values and duals map
back to the frame they came from by slicing. Nothing here knows what a battery is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """A run of columns or rows: name, first index, size."""

    name: str
    first: int
    size: int

    @property
    def ids(self) -> Ints:
        """Return the indices of the block."""
        return np.arange(self.first, self.first + self.size)

    def of(self, values: Floats) -> Floats:
        """Return the part of a solution vector that belongs to the block."""
        return values[self.first : self.first + self.size]


@dataclass(frozen=True)
class Model:
    """minimise cost.x subject to row_lower <= A x <= row_upper, lower <= x <= upper, some x whole.

    `size` is about how large a column gets: the unit in which a solver should count it.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    whole: NDArray[np.bool_]
    size: Floats
    row_lower: Floats
    row_upper: Floats
    matrix: sp.csr_array
    columns: Mapping[str, Block]
    rows: Mapping[str, Block]


@dataclass
class Builder:
    """Collects blocks of columns and rows and the terms that join them."""

    columns: dict[str, Block] = field(default_factory=dict)
    rows: dict[str, Block] = field(default_factory=dict)
    _column_parts: list[tuple[Floats, Floats, Floats, NDArray[np.bool_], Floats]] = field(default_factory=list)
    _row_parts: list[tuple[Floats, Floats]] = field(default_factory=list)
    _terms: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)

    def add_columns(
        self,
        name: str,
        size: int,
        *,
        cost: ArrayLike = 0.0,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        whole: bool = False,
        size_of: ArrayLike = 1.0,
    ) -> Block:
        """Add a block of columns; scalars are spread over it."""
        first = sum(part[0].size for part in self._column_parts)
        self.columns[name] = Block(name, first, size)
        self._column_parts.append(
            (
                _spread(cost, size),
                _spread(lower, size),
                _spread(upper, size),
                np.full(size, whole),
                _spread(size_of, size),
            )
        )
        return self.columns[name]

    def add_rows(self, name: str, size: int, *, lower: ArrayLike = -np.inf, upper: ArrayLike = np.inf) -> Block:
        """Add a block of rows lower <= . <= upper."""
        first = sum(part[0].size for part in self._row_parts)
        self.rows[name] = Block(name, first, size)
        self._row_parts.append((_spread(lower, size), _spread(upper, size)))
        return self.rows[name]

    def add_terms(self, rows: ArrayLike, columns: ArrayLike, factors: ArrayLike) -> None:
        """Add factor * column to row, entry by entry; repeated entries add up."""
        row, column, factor = np.broadcast_arrays(rows, columns, np.asarray(factors, dtype=np.float64))
        self._terms.append((row.ravel().astype(np.int64), column.ravel().astype(np.int64), factor.ravel()))

    def build(self) -> Model:
        """Assemble the sparse matrix."""
        cost, lower, upper, whole, size = (np.concatenate(part) for part in zip(*self._column_parts, strict=True))
        row_lower, row_upper = (np.concatenate(part) for part in zip(*self._row_parts, strict=True))
        row, column, factor = (np.concatenate(part) for part in zip(*self._terms, strict=True))
        matrix = sp.coo_array((factor, (row, column)), shape=(row_lower.size, cost.size)).tocsr()
        matrix.eliminate_zeros()
        return Model(cost, lower, upper, whole, size, row_lower, row_upper, matrix, self.columns, self.rows)


def _spread(value: ArrayLike, size: int) -> Floats:
    return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), (size,)))
