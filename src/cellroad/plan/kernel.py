"""A mixed-integer model as columns, rows and terms: index frames in, one sparse matrix out.

Blocks of columns and rows are added with whole arrays and keep their name and place, so that values and duals map
back to the frame they came from by slicing. Nothing here knows what a battery is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from cellroad.plan.ledger import BY_PLACE, GIVEN, NOWHERE, Entries, Ledger

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """A run of columns or rows: name, first index, size, and what each of them stands for, one row of `index` each.

    `index` has no columns where nothing is told.
    """

    name: str
    first: int
    size: int
    index: pl.DataFrame = field(default_factory=pl.DataFrame, compare=False, repr=False)

    @property
    def ids(self) -> Ints:
        """Return the indices of the block."""
        return np.arange(self.first, self.first + self.size)

    def of(self, values: Floats) -> Floats:
        """Return the part of a solution vector that belongs to the block."""
        return values[self.first : self.first + self.size]


@dataclass(frozen=True)
class Timeline:
    """A strategic decision: its "done by then" columns in order of time (one for a plain yes or no), and its stake."""

    columns: Ints
    stake_usd: float


@dataclass(frozen=True)
class Choice:
    """Whole columns of which one is taken: the last whose `low` the sum of the `amounts` reaches."""

    columns: Ints
    amounts: Ints
    low: Floats


@dataclass(frozen=True)
class Model:
    """minimise cost.x - offset subject to row_lower <= A x <= row_upper, lower <= x <= upper, some x whole.

    `cost` and `offset` follow from the ledger, as far as it counts (`aim`). `size` is about how large a column gets:
    the unit in which a solver should count it. `timelines` are the whole decisions on which others hang; all other
    whole columns are details.
    """

    cost: Floats
    offset: float
    lower: Floats
    upper: Floats
    whole: NDArray[np.bool_]
    size: Floats
    row_lower: Floats
    row_upper: Floats
    matrix: sp.csr_array
    columns: Mapping[str, Block]
    rows: Mapping[str, Block]
    ledger: Ledger
    timelines: tuple[Timeline, ...]
    choices: tuple[Choice, ...] = ()

    @property
    def strategic(self) -> Ints:
        """Return the columns of all timelines."""
        return np.concatenate([np.zeros(0, np.int64), *(timeline.columns for timeline in self.timelines)])

    @property
    def details(self) -> Ints:
        """Return the whole columns that are on no timeline."""
        return np.setdiff1d(np.flatnonzero(self.whole), self.strategic)


@dataclass
class Builder:
    """Collects blocks of columns and rows, the terms that join them and the money that they move.

    `discount` has a factor for every period and last that of the end of the horizon.
    """

    discount: Floats
    columns: dict[str, Block] = field(default_factory=dict)
    rows: dict[str, Block] = field(default_factory=dict)
    _column_parts: list[tuple[Floats, Floats, NDArray[np.bool_], Floats]] = field(default_factory=list)
    _row_parts: list[tuple[Floats, Floats]] = field(default_factory=list)
    _terms: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)
    _timelines: list[Timeline] = field(default_factory=list)
    _choices: list[Choice] = field(default_factory=list)
    _aim: tuple[Floats, float] | None = None

    def __post_init__(self) -> None:
        """Open the ledger."""
        self._entries = Entries(self.discount)

    def add_columns(
        self,
        name: str,
        size: int,
        *,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        whole: ArrayLike = False,
        size_of: ArrayLike = 1.0,
        index: pl.DataFrame | None = None,
    ) -> Block:
        """Add a block of columns; scalars are spread over it. `index` says row by row what each stands for."""
        first = sum(part[0].size for part in self._column_parts)
        self.columns[name] = Block(name, first, size, _told(index, size))
        self._column_parts.append(
            (
                _spread(lower, size),
                _spread(upper, size),
                np.array(np.broadcast_to(np.asarray(whole, dtype=bool), (size,))),
                _spread(size_of, size),
            )
        )
        return self.columns[name]

    def add_rows(
        self,
        name: str,
        size: int,
        *,
        lower: ArrayLike = -np.inf,
        upper: ArrayLike = np.inf,
        index: pl.DataFrame | None = None,
    ) -> Block:
        """Add a block of rows lower <= . <= upper. `index` says row by row what each stands for."""
        first = sum(part[0].size for part in self._row_parts)
        self.rows[name] = Block(name, first, size, _told(index, size))
        self._row_parts.append((_spread(lower, size), _spread(upper, size)))
        return self.rows[name]

    def add_terms(self, rows: ArrayLike, columns: ArrayLike, factors: ArrayLike) -> None:
        """Add factor * column to row, entry by entry; repeated entries add up."""
        row, column, factor = np.broadcast_arrays(rows, columns, np.asarray(factors, dtype=np.float64))
        self._terms.append((row.ravel().astype(np.int64), column.ravel().astype(np.int64), factor.ravel()))

    def money(
        self,
        kind: str,
        columns: ArrayLike,
        period: ArrayLike,
        usd: ArrayLike,
        place: ArrayLike = NOWHERE,
        party: ArrayLike = BY_PLACE,
    ) -> None:
        """Say what money one unit of columns moves: nominal USD, income positive; period T is the end of the horizon.

        `place` is the code of the site where it moves, `party` the partner who earns or pays, where that does not
        follow from the column or the place.
        """
        self._entries.add(kind, columns, period, usd, place, party)

    def given(
        self,
        kind: str,
        period: ArrayLike,
        usd: ArrayLike,
        place: ArrayLike = NOWHERE,
        party: ArrayLike = BY_PLACE,
    ) -> None:
        """Say what money moves whatever is decided."""
        self._entries.add(kind, GIVEN, period, usd, place, party)

    def decide(self, columns: Ints, stake_usd: float) -> None:
        """Register a strategic decision: its "done by then" columns in order of time, and the money at stake."""
        self._timelines.append(Timeline(np.asarray(columns, dtype=np.int64), stake_usd))

    def aim(self, cost: Floats, offset: float) -> None:
        """Set what is minimised (cost of each column, money that no decision moves), in place of the whole ledger."""
        self._aim = cost, offset

    def choose(self, columns: Ints, amounts: Ints, low: ArrayLike) -> None:
        """Say of whole columns that one of them is taken, and which one an amount asks for: see `Choice`."""
        self._choices.append(Choice(columns, amounts, np.asarray(low, dtype=np.float64)))

    def most(self, sizes: float) -> Floats:
        """Return what each column holds at most; where that is not bounded, so many times its size."""
        upper, size = (np.concatenate([part[n] for part in self._column_parts]) for n in (1, 3))
        return np.where(np.isfinite(upper), upper, sizes * size)

    def build(self) -> Model:
        """Assemble the sparse matrix and the ledger."""
        lower, upper, whole, size = (np.concatenate(part) for part in zip(*self._column_parts, strict=True))
        row_lower, row_upper = (np.concatenate(part) for part in zip(*self._row_parts, strict=True))
        row, column, factor = (np.concatenate(part) for part in zip(*self._terms, strict=True))
        matrix = sp.coo_array((factor, (row, column)), shape=(row_lower.size, lower.size)).tocsr()
        matrix.eliminate_zeros()
        ledger = self._entries.ledger()
        cost, offset = self._aim or (ledger.cost(lower.size), ledger.given_usd)
        return Model(
            cost=cost, offset=offset, lower=lower, upper=upper, whole=whole, size=size,
            row_lower=row_lower, row_upper=row_upper, matrix=matrix, columns=self.columns, rows=self.rows,
            ledger=ledger, timelines=tuple(self._timelines), choices=tuple(self._choices),
        )  # fmt: skip


def _told(index: pl.DataFrame | None, size: int) -> pl.DataFrame:
    told = pl.DataFrame() if index is None else index
    assert told.width == 0 or told.height == size, f"{told.height} rows of index for {size}"
    return told


def _spread(value: ArrayLike, size: int) -> Floats:
    return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), (size,)))
