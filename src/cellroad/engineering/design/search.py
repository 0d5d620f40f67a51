"""Every layout that may answer a specification, over the whole catalogue at once.

A pack of cell c has S groups in series, each of P cells in parallel. With limits of what it is connected to,

    ceil(Vmin / v_min) <= S <= floor(Vmax / v_max)

with a nominal voltage, the same with v_nom at both ends; and with energy between E0 and E1 in one unit,

    ceil(E0 / (S v_nom Q)) <= P <= floor(E1 / (S v_nom Q)).

Both are whole windows per cell, so that all layouts are laid out as arrays by repetition: no loop over them. (Cells per
string from the voltage limits of the inverter: the usual rule of pack sizing.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellroad.engineering.cell import Cell
from cellroad.engineering.design.specification import Specification
from cellroad.engineering.layout import Layout

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]

MOST_LAYOUTS = 2_000_000
"""Layouts of one search; a specification that asks for more is too wide to be one."""
TOLERANCE = 1e-9
"""Relative: an end of a window that is met up to rounding is met."""


@dataclass(frozen=True)
class Layouts:
    """Layouts as arrays of one length: `cell` is the place in `cells`, beside it how many in series and parallel."""

    cells: tuple[Cell, ...]
    cell: Counts
    series: Counts
    parallel: Counts

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.cell)

    def take(self, which: NDArray[np.bool_] | Counts) -> Layouts:
        """Return some of them, by mask or place."""
        return Layouts(self.cells, self.cell[which], self.series[which], self.parallel[which])

    def layout(self, place: int) -> Layout:
        """Return one of them."""
        return Layout(self.cells[self.cell[place]], int(self.series[place]), int(self.parallel[place]))

    def of_cell(self, values: Sequence[float]) -> Numbers:
        """Return a number that each cell has, for each layout."""
        return np.asarray(values, dtype=np.float64)[self.cell]


def layouts(cells: Sequence[Cell], spec: Specification, wider: float = 1.0) -> Layouts:
    """Return every layout of the cells that meets voltage and energy of one unit.

    `wider` stretches both windows by a factor, down and up, to look at what nearly meets them. Raises ValueError where
    there would be more than `MOST_LAYOUTS`.
    """
    nominal = np.array([cell.nominal_v for cell in cells], dtype=np.float64)
    low, high = series_windows(cells, spec, wider)
    cell, series = _steps(low, high)
    wh = nominal[cell] * np.array([one.capacity_ah for one in cells], dtype=np.float64)[cell] * series
    least = _up(spec.energy[0] * 1000 / wider / wh)
    most = _down(spec.energy[1] * 1000 * wider / wh)
    if wider > 1:
        most = np.maximum(most, least)
    place, parallel = _steps(np.maximum(least, 1), most)
    return Layouts(tuple(cells), cell[place], series[place], parallel)


def series_windows(cells: Sequence[Cell], spec: Specification, wider: float = 1.0) -> tuple[Counts, Counts]:
    """Return for each cell the least and the most groups in series; most below least: none."""
    low = np.ones(len(cells), dtype=np.int64)
    high = np.full(len(cells), np.iinfo(np.int32).max, dtype=np.int64)
    if spec.nominal is not None:
        nominal = np.array([cell.nominal_v for cell in cells], dtype=np.float64)
        low = np.maximum(low, _up(spec.nominal[0] / wider / nominal))
        high = np.minimum(high, _down(spec.nominal[1] * wider / nominal))
    if spec.voltage is not None:
        least = np.array([cell.min_v for cell in cells], dtype=np.float64)
        most = np.array([cell.max_v for cell in cells], dtype=np.float64)
        low = np.maximum(low, _up(spec.voltage[0] / wider / least))
        high = np.minimum(high, _down(spec.voltage[1] * wider / most))
    return low, high


def _up(values: Numbers) -> Counts:
    return np.ceil(values * (1 - TOLERANCE)).astype(np.int64)


def _down(values: Numbers) -> Counts:
    return np.floor(np.minimum(values, 1e9) * (1 + TOLERANCE)).astype(np.int64)


def _steps(low: Counts, high: Counts) -> tuple[Counts, Counts]:
    """Return (place, value) for every whole value from low to high of each place."""
    many = np.maximum(high - low + 1, 0)
    if many.sum() > MOST_LAYOUTS:
        raise ValueError(f"{many.sum():,} layouts: more than can be looked at")
    place = np.repeat(np.arange(len(low)), many)
    first = np.cumsum(many) - many
    return place, np.arange(len(place)) - first[place] + low[place]
