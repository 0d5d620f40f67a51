"""Whose money moves, when and for what: every column of a model with the money that one unit of it moves.

The objective of a model is nothing but its ledger, discounted; cash is its ledger times the values of a solution, so
that no money can be decided on without being told, or told without having been decided on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
GIVEN = -1
"""The column of money that no decision moves."""
NOWHERE = -1
"""The place of money that moves at no site."""
BY_PLACE = -1
"""The party of money that is moved by whoever owns what the column moves, or runs the place."""


@dataclass(frozen=True)
class Ledger:
    """Entries: column, kind (of `kinds`), period, place, usd (nominal, per unit of the column, income positive), party.

    `party` is the number of the partner that earns or pays, BY_PLACE where that follows from column and place (`Book`).
    `discount` has a factor for every period and last that of the end of the horizon, which is the period T.
    """

    kinds: tuple[str, ...]
    column: Codes
    kind: Codes
    period: Codes
    place: Codes
    usd: Floats
    party: Codes
    discount: Floats

    @property
    def present_usd(self) -> Floats:
        """Return the discounted money of each entry."""
        return np.asarray(self.usd * self.discount[self.period])

    def cost(self, columns: int) -> Floats:
        """Return what one unit of each column costs, discounted: shape (columns,)."""
        decided = self.column != GIVEN
        return np.bincount(self.column[decided], -self.present_usd[decided], columns).astype(np.float64)

    @property
    def given_usd(self) -> float:
        """Return the discounted money that no decision moves."""
        return float(self.present_usd[self.column == GIVEN].sum())

    def moved(self, values: Floats) -> pl.DataFrame:
        """Return the money of a solution: kind, place, period, usd, discounted_usd; what moves nothing is left out."""
        times = np.append(values, 1.0)[self.column]  # GIVEN is the last
        used = times != 0
        frame = pl.DataFrame(
            {
                "code": self.kind[used], "place": self.place[used], "period": self.period[used].astype(np.int64),
                "usd": (self.usd * times)[used], "discounted_usd": (self.present_usd * times)[used],
            }
        )  # fmt: skip
        names = pl.DataFrame({"code": np.arange(len(self.kinds), dtype=np.int32), "kind": self.kinds})
        return (
            frame.group_by("code", "place", "period")
            .agg(pl.col("usd", "discounted_usd").sum())
            .join(names.cast({"kind": pl.String}), on="code")
            .sort("period", "kind", "place")
            .select("kind", "place", "period", "usd", "discounted_usd")
        )


@dataclass
class Entries:
    """Collects the entries of a ledger block by block."""

    discount: Floats
    kinds: dict[str, int] = field(default_factory=dict)
    _parts: list[tuple[NDArray[np.generic], ...]] = field(default_factory=list)

    def add(
        self,
        kind: str,
        columns: ArrayLike,
        period: ArrayLike,
        usd: ArrayLike,
        place: ArrayLike,
        party: ArrayLike = BY_PLACE,
    ) -> None:
        """Add entries of one kind; scalars are spread, and what moves no money is left out."""
        arrays = np.broadcast_arrays(columns, period, place, party, np.asarray(usd, dtype=np.float64))
        column, when, where, whose, money = (array.ravel() for array in arrays)
        some = money != 0
        code = np.full(int(some.sum()), self.kinds.setdefault(kind, len(self.kinds)), dtype=np.int32)
        integers = (array[some].astype(np.int32) for array in (column, when, where, whose))
        self._parts.append((code, *integers, money[some]))

    def ledger(self) -> Ledger:
        """Return all entries."""
        blank: tuple[NDArray[np.generic], ...] = (*(np.zeros(0, np.int32) for _ in range(5)), np.zeros(0))
        kind, column, period, place, party, usd = (
            np.concatenate(part) for part in zip(*[blank, *self._parts], strict=True)
        )
        return Ledger(_names(self.kinds), column, kind, period, place, usd, party, self.discount)


def _names(kinds: dict[str, int]) -> tuple[str, ...]:
    names: Sequence[str] = sorted(kinds, key=kinds.__getitem__)
    return tuple(names)
