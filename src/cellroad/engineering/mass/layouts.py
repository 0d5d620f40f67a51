"""Many layouts at once, as arrays: what the sums of mass and volume read of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellroad.engineering.cell import Cell
from cellroad.engineering.mass.construction import Floats, Truths

SPACING_MM = {"cylindrical": 0.8, "prismatic": 0.8, "pouch": 0.5}
"""Room between cells: a holder's wall, a sheet of insulation, a pad (assumption)."""
HEXAGON = np.sqrt(3) / 2
"""Pitch of the rows of round cells in the densest order, over that within a row."""


@dataclass(frozen=True)
class Layouts:
    """`series` and `parallel` cells of a layout, with one cell's mass, volume, pitch (3 x n, in mm) and format.

    Pitch is the room that a cell takes along its row, across, and upwards; `long_mm` the longest side of its base.
    """

    series: Floats
    parallel: Floats
    cell_kg: Floats
    cell_l: Floats
    pitch_mm: Floats
    long_mm: Floats
    pouch: Truths
    prismatic: Truths
    nominal_v: Floats
    energy_kwh: Floats
    capacity_ah: Floats

    @property
    def cells(self) -> Floats:
        """How many cells there are."""
        return self.series * self.parallel


def layouts(
    cells: Sequence[Cell], which: NDArray[np.int64], series: NDArray[np.int64], parallel: NDArray[np.int64]
) -> Layouts:
    """Return the layouts of the `which`-th of some cells, whose mass and size must be known (see `filled`)."""

    def of(values: Sequence[float | None]) -> Floats:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)[which]

    s, p = np.asarray(series, dtype=np.float64), np.asarray(parallel, dtype=np.float64)
    pitch = np.array([pitch_mm(cell) for cell in cells]).reshape(-1, 3).T[:, which]
    return Layouts(
        s, p, of([cell.mass_kg for cell in cells]), of([cell.volume_l for cell in cells]), pitch,
        of([max(cell.length_mm or 0.0, cell.width_mm or 0.0) for cell in cells]),
        np.array([cell.format == "pouch" for cell in cells], dtype=np.bool_)[which],
        np.array([cell.format == "prismatic" for cell in cells], dtype=np.bool_)[which],
        s * of([cell.nominal_v for cell in cells]), s * p * of([cell.energy_wh / 1000 for cell in cells]),
        p * of([cell.capacity_ah for cell in cells]),
    )  # fmt: skip


def pitch_mm(cell: Cell) -> tuple[float, float, float]:
    """Return the room that a cell takes along its row, across and upwards, in mm. Raises ValueError without a size."""
    gap = SPACING_MM[cell.format]
    if cell.length_mm is None or cell.height_mm is None or cell.volume_l is None:
        raise ValueError(f"the size of {cell.name} is not known")
    if cell.width_mm is None:
        return cell.length_mm + gap, (cell.length_mm + gap) * HEXAGON, cell.height_mm
    return min(cell.length_mm, cell.width_mm) + gap, max(cell.length_mm, cell.width_mm) + gap, cell.height_mm
