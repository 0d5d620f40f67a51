"""Quantiles of as many numbers as one likes in memory that does not grow: exact while they fit, then to a stated error.

Buffers of k numbers; two full ones of a weight are sorted together and every other number is kept at twice the weight,
the odd ones and the even ones by turns (Munro and Paterson, Theoretical Computer Science 12, 1980; Manku, Rajagopalan,
Lindsay, SIGMOD 1998). A merge of two buffers of weight w moves the rank of any number by at most w, so

    |rank told - true rank| <= sum of the weights of all merges <= n L / (2 k),  L = levels in use

which `error` keeps as it goes. Many series of the same length are kept side by side.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SIZE = 2048
"""Numbers in a buffer."""


class Quantiles:
    """Quantiles of the columns of what is added, told within `error` ranks."""

    def __init__(self, columns: int, size: int = SIZE) -> None:
        """Keep buffers of `size` rows (an even number) for so many columns."""
        self.size = size
        self.count = 0
        self.error = 0
        self._open = np.zeros((0, columns))
        self._levels: list[Floats | None] = []
        self._turn: list[int] = []

    def add(self, rows: Floats) -> None:
        """Take in rows of shape (any number, columns)."""
        self.count += len(rows)
        waiting = np.concatenate([self._open, rows])
        while len(waiting) >= self.size:
            self._carry(0, np.sort(waiting[: self.size], axis=0))
            waiting = waiting[self.size :]
        self._open = waiting

    def _carry(self, level: int, buffer: Floats) -> None:
        """Put a full sorted buffer on a level; two of them become one on the next."""
        if level == len(self._levels):
            self._levels.append(None)
            self._turn.append(0)
        held = self._levels[level]
        if held is None:
            self._levels[level] = buffer
            return
        both = np.sort(np.concatenate([held, buffer]), axis=0)
        self._levels[level] = None
        kept = both[self._turn[level] :: 2]
        self._turn[level] ^= 1
        self.error += 2**level
        self._carry(level + 1, kept)

    def _weighted(self) -> tuple[Floats, Floats]:
        """Return all numbers that are kept, sorted by column, and their weights."""
        parts = [(self._open, 1.0), *((b, 2.0**n) for n, b in enumerate(self._levels) if b is not None)]
        values = np.concatenate([part for part, _ in parts])
        weight = np.concatenate([np.full(len(part), w) for part, w in parts])
        order = np.argsort(values, axis=0, kind="stable")
        return np.take_along_axis(values, order, axis=0), weight[order]

    def at(self, shares: Floats | list[float]) -> Floats:
        """Return quantiles, shape (shares, columns): the smallest number whose rank reaches the share of all."""
        values, weight = self._weighted()
        ranks = np.cumsum(weight, axis=0)
        wanted = np.maximum(1.0, np.ceil(np.asarray(shares, float) * self.count - 1e-9))
        places = [np.searchsorted(ranks[:, c], np.minimum(wanted, ranks[-1, c])) for c in range(values.shape[1])]
        return np.column_stack([values[place, c] for c, place in enumerate(places)])

    def tail_mean(self, share: float) -> Floats:
        """Return the mean of the smallest share of the numbers, by column (the conditional value at risk)."""
        values, weight = self._weighted()
        most = share * self.count
        before = np.cumsum(weight, axis=0) - weight
        part = np.clip(most - before, 0.0, weight)
        return np.asarray((values * part).sum(axis=0) / part.sum(axis=0))

    @property
    def rank_error(self) -> float:
        """Return by how much a told quantile may be off, as a share of all numbers."""
        return self.error / self.count if self.count else 0.0
