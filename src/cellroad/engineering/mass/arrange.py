"""How cells stand in a box: a grid of rows, columns and layers, and the box that goes around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cellroad.engineering.mass.construction import Built, Floats, taken
from cellroad.engineering.mass.layouts import Layouts

CONTROL_MM = 150.0
"""Height of the control unit with the base of a stack (assumption)."""
EMPTY = 0.15
"""Share of places of a grid that may stay empty without harm."""
RATIOS = np.geomspace(1.0, 3.0, 7)
"""Lengths over widths of the block that are tried, either way."""
AT_ONCE = 256
"""Layouts that are arranged at once, so that what is tried stays in the cache of the processor."""
LAYERS = np.array([1, 2, 3, 4, 5, 6, 8, 10, 14, 20])
"""Numbers of layers that are tried."""


@dataclass(frozen=True)
class Grids:
    """Cells in `along` x `across` x `layers` places, in each of `boxes` boxes; an array of layouts.

    The last places of a grid may be empty. `block_mm` (3 x n) is the size of the cells of one box with the room between
    them, `box_mm` (3 x n) that of the box.
    """

    along: Floats
    across: Floats
    layers: Floats
    boxes: Floats
    block_mm: Floats
    box_mm: Floats

    @property
    def outer_mm(self) -> Floats:
        """Length, width and height of the packs: as high as their boxes, and a control unit where there are several."""
        length, width, height = self.box_mm
        return np.stack([length, width, np.where(self.boxes > 1, self.boxes * height + CONTROL_MM, height)])

    @property
    def block_l(self) -> Floats:
        """Volume of the blocks of cells in litres."""
        return np.asarray(self.boxes * self.block_mm.prod(axis=0) / 1e6)

    @property
    def outer_l(self) -> Floats:
        """Volume of the packs in litres."""
        return np.asarray(self.outer_mm.prod(axis=0) / 1e6)

    @property
    def outer_m2(self) -> Floats:
        """Area of the outsides of the boxes in m2."""
        return self.boxes * area_m2(self.box_mm)

    @property
    def footprint_m2(self) -> Floats:
        """Area on which the cells stand, all boxes and layers together, in m2."""
        return np.asarray(self.boxes * self.layers * self.block_mm[0] * self.block_mm[1] / 1e6)


def area_m2(size_mm: Floats) -> Floats:
    """Return the areas of boxes (3 x n, in mm) in m2."""
    a, b, c = size_mm
    return np.asarray(2 * (a * b + b * c + a * c) / 1e6)


def arrange(layouts: Layouts, built: Built, boxes: Floats, beside_l: float = 0.0) -> Grids:
    """Return for each layout the grid with the smallest box in which its cells stand upright.

    Cells are shared evenly among the boxes; `beside_l` is the room in litres that other things take in a box. A flat
    pack has one layer, others as many as fit under the largest height. Blocks longer than `max_ratio` times their width
    and grids with more than a few empty places count as larger than they are.
    """
    pieces = [slice(first, first + AT_ONCE) for first in range(0, len(boxes), AT_ONCE)]
    grids = [_arranged(taken(layouts, piece), taken(built, piece), boxes[piece], beside_l) for piece in pieces]
    names = Grids.__dataclass_fields__
    return Grids(**{name: np.concatenate([getattr(grid, name) for grid in grids], axis=-1) for name in names})


def _arranged(layouts: Layouts, built: Built, boxes: Floats, beside_l: float) -> Grids:
    pitch = layouts.pitch_mm[:, :, None, None]
    cells = np.ceil(layouts.cells / boxes)[:, None, None]
    most = np.where(built.flat, 1.0, np.maximum(1.0, built.max_height_mm // layouts.pitch_mm[2]))[:, None, None]
    layers = np.minimum(np.minimum(LAYERS[None, :, None], most), cells)
    ratios = np.concatenate([RATIOS, 1 / RATIOS[1:]])[None, None, :]
    # Along times its pitch is `ratio` times across times its pitch, as nearly as whole numbers allow.
    wanted = np.sqrt(cells / layers * pitch[0] / pitch[1] / ratios)
    across = np.clip(np.concatenate([np.floor(wanted), np.ceil(wanted)], axis=2), 1.0, np.ceil(cells / layers))
    along = np.ceil(cells / (layers * across))
    size = np.stack(np.broadcast_arrays(along * pitch[0], across * pitch[1], layers * pitch[2]))
    box = _around(size, built, 1e6 * beside_l)
    ratio = np.maximum(size[0], size[1]) / np.minimum(size[0], size[1])
    long = np.maximum(ratio / built.max_ratio[:, None, None] - 1, 0.0)
    empty = np.maximum(along * across * layers / cells - 1 - EMPTY, 0.0)
    score = area_m2(box) * (1 + 10 * long + 3 * empty)
    best = score.reshape(len(layouts.series), -1).argmin(axis=1)
    chosen = np.arange(len(best)), best

    def of(values: Floats) -> Floats:
        return np.asarray(np.broadcast_to(values, score.shape).reshape(len(best), -1)[chosen])

    return Grids(
        of(along), of(across), of(np.broadcast_to(layers, score.shape)), boxes,
        np.stack([of(side) for side in size]), np.stack([of(side) for side in box]),
    )  # fmt: skip


def _around(size: Floats, built: Built, beside: float) -> Floats:
    """Return the boxes around blocks: the floor widened where packs are flat, every side where they are not."""
    fill, flat, gap = (values[:, None, None] for values in (built.fill, built.flat, built.gap_mm))
    floor = fill**-0.5
    whole = np.cbrt(1 / fill + beside / size.prod(axis=0))
    return np.stack([
        size[0] * np.where(flat, floor, whole), size[1] * np.where(flat, floor, whole),
        np.where(flat, size[2] + 2 * gap, size[2] * whole),
    ])  # fmt: skip
