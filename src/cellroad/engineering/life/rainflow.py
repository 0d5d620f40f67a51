"""Which cycles does a history of charge hold? Rainflow counting after ASTM E1049-85 (2017), section 5.4.4.

The turning points are laid on a stack; a range that a larger one follows is a cycle that closed, and what is left at
the end counts as half cycles. Thirty lines of our own are less than a dependency that every user would have to install.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cycles:
    """Cycles in the order in which they closed: depth, mean, count (1 or 0.5), and the points at which they lie."""

    depth: Array
    mean: Array
    count: Array
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def turning_points(values: Array) -> NDArray[np.int64]:
    """Return where a series turns, with its first and last point; of a plateau its first point."""
    moved = np.flatnonzero(np.diff(values) != 0) + 1
    kept = np.concatenate(([0], moved)).astype(np.int64)
    slopes = np.sign(np.diff(values[kept]))
    turns = np.flatnonzero(slopes[1:] != slopes[:-1]) + 1
    return kept[np.concatenate(([0], turns, [len(kept) - 1]))] if len(kept) > 1 else kept


def cycles(values: Array) -> Cycles:
    """Return the cycles of a series of states of charge, or of anything that goes up and down."""
    found: list[tuple[float, int, int]] = []
    stack: list[int] = []
    for point in turning_points(values).tolist():
        stack.append(point)
        while len(stack) >= 3:
            last = abs(values[stack[-1]] - values[stack[-2]])
            before = abs(values[stack[-2]] - values[stack[-3]])
            if last < before:
                break
            if len(stack) == 3:
                found.append((0.5, stack[0], stack[1]))
                del stack[0]
            else:
                found.append((1.0, stack[-3], stack[-2]))
                del stack[-3:-1]
    found += [(0.5, start, end) for start, end in pairwise(stack)]
    count, start, end = (np.array(column) for column in zip(*found, strict=True)) if found else (np.empty(0),) * 3
    starts, ends = start.astype(np.int64), end.astype(np.int64)
    return Cycles(
        np.abs(values[ends] - values[starts]), (values[ends] + values[starts]) / 2, count.astype(float), starts, ends
    )
