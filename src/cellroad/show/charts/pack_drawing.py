"""How do the cells stand in their box: from above and from the side, to scale, as SVG.

Groups in series follow each other along the rows; neighbours have another shade, so that a group is seen as one.
"""

from __future__ import annotations

from markupsafe import Markup

from cellroad.engineering.cell import Cell
from cellroad.engineering.mass import Masses
from cellroad.show import format as fmt

WIDE = 640.0
"""Units of the drawing from edge to edge."""
GAP = 40.0
SHADES = ("#0072B2", "#7fb8da")


def drawing(mass: Masses) -> Markup:
    """Return the box of a pack with its cells, from above and from the side."""
    length, width, height = mass.box_mm
    scale = (WIDE - GAP) / (2 * max(length, 1.0)) if length >= width else (WIDE - GAP) / (2 * max(width, 1.0))
    across = max(length, width) * scale
    deep = max(min(length, width), height) * scale
    turned = width > length
    top = _top(mass, scale, turned)
    side = _side(mass, scale, turned)
    words = (
        f"{mass.layout.name} of {mass.layout.cell.name}: {fmt.number(length)} x {fmt.number(width)} x "
        f"{fmt.number(height)} mm" + (f", {mass.boxes} boxes stacked" if mass.boxes > 1 else "")
    )
    bar = _bar(scale, deep + 34)
    return Markup(
        '<svg class="drawing" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>'
        '<g transform="translate(0 16)">{}</g><g transform="translate({} 16)">{}</g>{}'
        '<text x="0" y="11" font-size="11" fill="currentColor">From above{}</text>'
        '<text x="{}" y="11" font-size="11" fill="currentColor">From the side</text></svg>'
    ).format(
        round(WIDE) + 2, round(deep + 60), words, words, top, round(across + GAP, 1), side, bar,
        ", one box" if mass.boxes > 1 else "", round(across + GAP, 1),
    )  # fmt: skip


def _top(mass: Masses, scale: float, turned: bool) -> Markup:
    """Return the upper layer of cells in the box from above."""
    length, width, _ = mass.box_mm
    along, across, layers = mass.grid
    many = -(-mass.layout.cells // mass.boxes)
    upper = min(along * across, many)
    cells = []
    left, over = ((side - block) / 2 for side, block in zip(mass.box_mm[:2], mass.block_mm[:2], strict=True))
    for number in range(upper):
        row, place = number % across, number // across
        shift = mass.pitch_mm[0] / 4 * (1 if row % 2 else -1) if mass.layout.cell.format == "cylindrical" else 0.0
        x = left + place * mass.pitch_mm[0] + shift
        y = over + row * mass.pitch_mm[1]
        group = (number * layers) // max(mass.layout.parallel, layers)
        cells.append(_cell(mass.layout.cell, mass.pitch_mm, x, y, scale, turned, SHADES[group % 2]))
    return Markup("{}{}").format(_box(length, width, scale, turned), Markup("").join(cells))


def _side(mass: Masses, scale: float, turned: bool) -> Markup:
    """Return the box from the side, a rectangle a cell."""
    length, _, height = mass.box_mm
    long = mass.box_mm[1] if turned else length
    many = mass.grid[1] if turned else mass.grid[0]
    pitch = mass.pitch_mm[1] if turned else mass.pitch_mm[0]
    left, low = (long - many * pitch) / 2, (height - mass.grid[2] * mass.pitch_mm[2]) / 2
    tall = mass.layout.cell.height_mm or mass.pitch_mm[2]
    cells = [
        _rect(left + place * pitch, low + layer * mass.pitch_mm[2], 0.94 * pitch, 0.97 * tall, scale, SHADES[place % 2])
        for layer in range(mass.grid[2]) for place in range(many)
    ]  # fmt: skip
    return Markup("{}{}").format(_box(long, height, scale, False), Markup("").join(cells))


def _cell(
    cell: Cell, pitch: tuple[float, float, float], x: float, y: float, scale: float, turned: bool, fill: str
) -> Markup:
    if cell.format == "cylindrical":
        radius = (cell.length_mm or pitch[0]) / 2
        cx, cy = x + pitch[0] / 2, y + pitch[1] / 2
        cx, cy = (cy, cx) if turned else (cx, cy)
        return Markup('<circle cx="{}" cy="{}" r="{}" fill="{}"/>').format(
            _n(cx * scale), _n(cy * scale), _n(radius * scale * 0.93), fill
        )
    wide, deep = 0.94 * pitch[0], 0.98 * pitch[1]
    return _rect(y, x, deep, wide, scale, fill) if turned else _rect(x, y, wide, deep, scale, fill)


def _rect(x: float, y: float, wide: float, tall: float, scale: float, fill: str) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="1" fill="{}"/>').format(
        _n(x * scale), _n(y * scale), _n(wide * scale), _n(tall * scale), fill
    )


def _box(wide: float, tall: float, scale: float, turned: bool) -> Markup:
    wide, tall = (tall, wide) if turned else (wide, tall)
    return Markup(
        '<rect x="0.5" y="0.5" width="{}" height="{}" rx="4" fill="none" stroke="currentColor" stroke-width="1.2"/>'
    ).format(_n(wide * scale), _n(tall * scale))


def _bar(scale: float, y: float) -> Markup:
    """Return a bar of 100 mm, or of 500 where that is too short to see."""
    mm = 100 if 100 * scale > 30 else 500
    return Markup(
        '<path d="M1 {0} v6 h{1} v-6" fill="none" stroke="currentColor"/>'
        '<text x="{2}" y="{3}" font-size="11" fill="currentColor">{4} mm</text>'
    ).format(_n(y), _n(mm * scale), _n(mm * scale + 6), _n(y + 7), mm)


def _n(value: float) -> float:
    return round(value, 2)
