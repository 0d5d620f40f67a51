"""What nearly meets a specification, and what would have to change: the least change for each set of conditions.

Voltage and energy are stretched by `WIDER`, every cell is looked at, and each layout has the set of conditions that it
misses. Of each set only the layout that misses least in sum is kept, and of the sets only those that contain no other:
whoever gives way there need not give way anywhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cellroad.engineering.cell import Cell
from cellroad.engineering.design.evaluate import TINY, Evaluated, evaluate
from cellroad.engineering.design.filters import let_through
from cellroad.engineering.design.search import layouts
from cellroad.engineering.design.specification import Specification
from cellroad.engineering.design.words import ASKED, HAS
from cellroad.engineering.layout import Layout

WIDER = 2.0
"""By how much voltage and energy are stretched to look for what nearly meets them."""
OTHERS = 400
"""Layouts that miss something else and are weighed as well, where mass or size has a limit."""
MOST = 4
"""Ways out that are told."""


@dataclass(frozen=True)
class Near:
    """A layout that nearly meets what is asked: what it has and which conditions it misses, by what part."""

    layout: Layout
    has: dict[str, float]
    misses: dict[str, float]

    def asked_and_has(self, spec: Specification) -> list[tuple[str, str, str]]:
        """Return for each condition that is missed: its name, what was asked, what there is."""
        cell = self.layout.cell
        own = {"cell": cell.name, "maker": cell.maker, "format": cell.format, "chemistry": cell.family,
               "confidence": f"a row that is {cell.confidence}"}  # fmt: skip
        return [(name, ASKED[name](spec), own.get(name) or HAS[name](self.has)) for name in self.misses]


def nearest(cells: Sequence[Cell], spec: Specification) -> list[Near]:
    """Return what nearly meets a specification of one unit, the fewest and smallest changes first."""
    found = layouts(cells, spec, WIDER)
    if not len(found):
        return []
    limited = spec.mass is not None or spec.volume is not None or spec.size is not None
    looked = evaluate(found, spec, let_through(cells, spec), OTHERS if limited else 0)
    names = list(looked.misses)
    misses = np.stack([looked.misses[name] for name in names])
    missed = misses > TINY
    keys = (missed * (1 << np.arange(len(names)))[:, None]).sum(axis=0)
    total = np.where(looked.body.known | (not limited), misses.sum(axis=0), np.inf)
    order = np.lexsort((total, missed.sum(axis=0)))
    kept: dict[int, int] = {}
    for place in order[np.isfinite(total[order])]:
        key = int(keys[place])
        if not any(other & key == other for other in kept):
            kept[key] = int(place)
        if len(kept) == MOST:
            break
    return [near(looked, place) for place in kept.values()]


def near(looked: Evaluated, place: int) -> Near:
    """Return one layout with its measures and what it misses."""
    return Near(
        looked.layouts.layout(place),
        {name: float(values[place]) for name, values in looked.measures.items()},
        {name: float(miss[place]) for name, miss in looked.misses.items() if miss[place] > TINY},
    )
