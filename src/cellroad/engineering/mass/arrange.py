"""How cells stand in a box: a grid of rows, columns and layers, and the box that goes around it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellroad.engineering.cell import Cell
from cellroad.engineering.mass.construction import Construction

Floats = NDArray[np.float64]

SPACING_MM = {"cylindrical": 0.8, "prismatic": 0.8, "pouch": 0.5}
"""Room between cells: a holder's wall, a sheet of insulation, a pad (assumption)."""
HEXAGON = math.sqrt(3) / 2
"""Pitch of the rows of round cells in the densest order, over that within a row."""
CONTROL_MM = 150.0
"""Height of the control unit with the base of a stack (assumption)."""
EMPTY = 0.15
"""Share of places of the grid that may stay empty."""


@dataclass(frozen=True)
class Grid:
    """Cells in `along` x `across` x `layers` places of `pitch_mm` (thickness, width, height), in each of some boxes.

    The last places of a grid may be empty. `block_mm` is the size of the cells of one box, with the room between them;
    `box_mm` that of the box; `outer_mm` that of the pack, which is as high as its boxes and their control unit.
    """

    along: int
    across: int
    layers: int
    pitch_mm: tuple[float, float, float]
    block_mm: tuple[float, float, float]
    box_mm: tuple[float, float, float]
    boxes: int = 1

    @property
    def block_l(self) -> float:
        """Volume of the blocks of cells in litres."""
        return self.boxes * math.prod(self.block_mm) / 1e6

    @property
    def outer_mm(self) -> tuple[float, float, float]:
        """Length, width and height of the pack."""
        length, width, height = self.box_mm
        return length, width, height if self.boxes == 1 else self.boxes * height + CONTROL_MM

    @property
    def outer_l(self) -> float:
        """Volume of the pack in litres."""
        return math.prod(self.outer_mm) / 1e6

    @property
    def outer_m2(self) -> float:
        """Area of the outsides of the boxes in m2."""
        return self.boxes * box_m2(self.box_mm)

    @property
    def footprint_m2(self) -> float:
        """Area on which the cells stand, all boxes and layers together, in m2."""
        return self.boxes * self.block_mm[0] * self.block_mm[1] * self.layers / 1e6


def box_m2(size_mm: tuple[float, float, float]) -> float:
    """Return the area of a box in m2."""
    a, b, c = size_mm
    return 2 * (a * b + b * c + a * c) / 1e6


def pitch_mm(cell: Cell) -> tuple[float, float, float]:
    """Return the room that a cell takes in its row, across and upwards, in mm; its size must be known."""
    gap = SPACING_MM[cell.format]
    if cell.length_mm is None or cell.height_mm is None:
        raise ValueError(f"the size of {cell.name} is not known")
    if cell.format == "cylindrical":
        return cell.length_mm + gap, (cell.length_mm + gap) * HEXAGON, cell.height_mm
    if cell.width_mm is None:
        raise ValueError(f"the size of {cell.name} is not known")
    return min(cell.length_mm, cell.width_mm) + gap, max(cell.length_mm, cell.width_mm) + gap, cell.height_mm


def arrange(cell: Cell, cells: int, construction: Construction, boxes: int = 1) -> Grid:
    """Return the grid of least outer area in which cells stand upright, as the construction allows.

    The cells are shared evenly among the boxes.
    A flat construction has one layer; others as many as its largest height allows. Among grids whose block is not
    longer than `max_ratio` times its width, and that leave few places empty, the one with the smallest box is taken;
    where there is none, the one that is least long.
    """
    pitch = pitch_mm(cell)
    cells = -(-cells // boxes)
    most = 1 if construction.shape == "flat" else max(1, int(construction.max_height_mm // pitch[2]))
    choices = np.stack([grid.ravel() for grid in np.meshgrid(np.arange(1, most + 1), np.arange(1, cells + 1))])
    layers, across = choices[:, choices.prod(axis=0) <= cells]
    along = -(-cells // (layers * across))
    block = np.stack([along * pitch[0], across * pitch[1], layers * pitch[2]])
    outer = _outer(block, construction)
    length, width, height = outer
    area = length * width + width * height + length * height
    ratio = np.maximum(block[0], block[1]) / np.minimum(block[0], block[1])
    long = np.maximum(ratio / construction.max_ratio, 1.0)
    empty = along * layers * across / cells - 1
    # Too long is worse than too empty, and that worse than a large box.
    order = np.lexsort((area, np.where(empty <= EMPTY, 0.0, empty), np.round(long, 2)))
    best = int(order[0])
    return Grid(
        int(along[best]), int(across[best]), int(layers[best]), pitch,
        (float(block[0, best]), float(block[1, best]), float(block[2, best])),
        (float(length[best]), float(width[best]), float(height[best])), boxes,
    )  # fmt: skip


def _outer(block: Floats, construction: Construction) -> Floats:
    """Return the outer sizes of blocks: the floor widened where they are flat, every side where they are not."""
    if construction.shape == "flat":
        wider = construction.fill**-0.5
        return np.stack([block[0] * wider, block[1] * wider, block[2] + 2 * construction.gap_mm])
    wider = construction.fill ** (-1 / 3)
    return np.asarray(block * wider, dtype=np.float64)
