"""Service times gathered into cells: fewer than there are times, and coarse where nothing good lies.

A cell is a run of times of a stage, from its first to its last. A stage that chooses a cell of inbound and one of
outbound times pays as if it were supplied at the first and delivered at the last, and is only held to

    first outbound <= last inbound + lead         and on every arc   first outbound of j + way <= last inbound of k.

Whatever is possible over the times is possible over their cells, and costs no more there: a best choice of cells
bounds the cost from below. Cells that are chosen are split until nothing is left to gain (dynamic discretization;
Boland, Hewitt, Marshall and Savelsbergh 2017). Cells of one time each are the times themselves.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cellroad.plan.stock.stages import LATEST, SLACK, Floats, Ints, Stages, costs
from cellroad.plan.stock.times import TICK, Times

NEAR = TICK / 2
"""Days by which a time may miss another and still be the same."""
FIRST = 6
"""How many times of a stage begin a cell at first."""


@dataclass(frozen=True)
class Axis:
    """The cells of one kind of time of a stage, rising: first and last time of each, in days."""

    first: Floats
    last: Floats

    @property
    def size(self) -> int:
        """Return the number of cells."""
        return int(self.first.size)

    def ticks(self) -> Ints:
        """Return the first time of every cell, in ticks."""
        return np.round(self.first / TICK).astype(np.int64)


@dataclass(frozen=True)
class Cells:
    """For every stage its cells of inbound and of outbound times, and which pairs of them may be in a best choice."""

    inbound: list[Axis]
    outbound: list[Axis]
    open: list[NDArray[np.bool_]]

    def price(self, stages: Stages, i: int) -> Floats:
        """Return the least that a stage can cost for each pair of cells, USD a year (infinite: not possible)."""
        a, b = self.inbound[i], self.outbound[i]
        most = stages.lead[i] + LATEST * stages.spread[i]
        possible = self.open[i] & (b.first[None, :] - a.last[:, None] <= most + SLACK)
        possible &= (b.first <= stages.promise[i] + SLACK)[None, :]
        quoted = np.minimum(b.last[None, :] - a.first[:, None], most)
        return np.where(possible, costs(stages, i, quoted), np.inf)

    def closing(self, near: Mapping[int, NDArray[np.bool_]]) -> Cells:
        """Return cells of which only these pairs stay open, by stage."""
        return replace(self, open=[one & near[i] if i in near else one for i, one in enumerate(self.open)])

    def doubt(self, stages: Stages, i: int, a: int, b: int) -> float:
        """Return by how much a stage may cost more than its price for a pair of cells."""
        came, left = self.inbound[i], self.outbound[i]
        most = stages.lead[i] + LATEST * stages.spread[i]
        quoted = np.array([left.first[b] - came.last[a], min(left.last[b] - came.first[a], most)])
        high, low = costs(stages, i, np.minimum(quoted, most))
        return float(high - low) if np.isfinite(high) else 0.0 if high == low else np.inf


def points(times: Times) -> Cells:
    """Return cells of one time each."""
    return _closed([_axis(line, line) for line in times.inbound], [_axis(line, line) for line in times.outbound])


def coarse(times: Times, inbound: Floats, outbound: Floats) -> Cells:
    """Return a few cells for every stage, among which the service times of a placement stand alone."""

    def around(line: Ints | range, time: float) -> Axis:
        at, size = round(time / TICK), len(line) - 1
        return _axis(line, [line[n * size // (FIRST - 1)] for n in range(FIRST)] + [line[size], at, at + 1])

    return _closed(
        [around(line, time) for line, time in zip(times.inbound, inbound, strict=True)],
        [around(line, time) for line, time in zip(times.outbound, outbound, strict=True)],
    )


def split(cells: Cells, times: Times, chosen: Iterable[tuple[int, int, int]]) -> Cells:
    """Return cells of which those in chosen pairs (stage, inbound, outbound) are split: ends apart, the rest in two."""
    inbound, outbound, opened = list(cells.inbound), list(cells.outbound), list(cells.open)
    wanted: dict[int, list[tuple[int, int]]] = {}
    for i, a, b in chosen:
        wanted.setdefault(i, []).append((a, b))
    for i, pairs in wanted.items():
        inbound[i] = _split(cells.inbound[i], times.inbound[i], {a for a, _ in pairs})
        outbound[i] = _split(cells.outbound[i], times.outbound[i], {b for _, b in pairs})
        came, left = _within(cells.inbound[i], inbound[i]), _within(cells.outbound[i], outbound[i])
        opened[i] = cells.open[i][np.ix_(came, left)]
    return Cells(inbound, outbound, opened)


def _split(axis: Axis, line: Ints | range, chosen: set[int]) -> Axis:
    cuts = axis.ticks().tolist()
    for n in chosen:
        if axis.last[n] > axis.first[n]:
            first, last = (bisect_left(line, round(float(end[n]) / TICK)) for end in (axis.first, axis.last))
            cuts += [line[first + 1], line[(first + last + 1) // 2], line[last]]
    return _axis(line, cuts)


def _axis(line: Ints | range, cuts: Iterable[int]) -> Axis:
    """Return the cells of a line of times that begin at its first time and at cuts."""
    begin = np.unique(np.fromiter(cuts, dtype=np.int64))
    if isinstance(line, range):
        first = begin[(begin >= line.start) & (begin < line.stop)]
        last = np.append(first[1:], line.stop) - 1
    else:
        at = np.unique(np.searchsorted(line, begin))
        at = at[at < line.size]
        first, last = line[at], line[np.append(at[1:], line.size) - 1]
    return Axis(first.astype(np.float64) * TICK, last.astype(np.float64) * TICK)


def _within(outer: Axis, inner: Axis) -> Ints:
    """Return which cell every finer cell lies in."""
    return np.searchsorted(outer.first, inner.first + NEAR, side="right") - 1


def _closed(inbound: list[Axis], outbound: list[Axis]) -> Cells:
    every = [np.ones((a.size, b.size), dtype=bool) for a, b in zip(inbound, outbound, strict=True)]
    return Cells(inbound, outbound, every)
