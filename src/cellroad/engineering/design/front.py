"""Which layouts no other one beats in everything: the exact Pareto front.

A point is beaten where another is no worse in every aim and better in one. Points are taken in the order of the sum of
their aims, in which no point can be beaten by a later one; each that stands throws out all that it beats. So the work
is points by front, and nothing is approximated. Points that are equal in every aim stand side by side.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def front(aims: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the places of the points on the front, in ascending order.

    `aims` has a row a point and a column an aim, the smaller the better; a point with an aim that is not a number is
    never on the front.
    """
    places = np.flatnonzero(np.isfinite(aims).all(axis=1))
    if not len(places):
        return places
    points = aims[places]
    spread = np.ptp(points, axis=0)
    rank = ((points - points.min(axis=0)) / np.where(spread > 0, spread, 1.0)).sum(axis=1)
    order = np.lexsort((*points.T[::-1], rank))
    places, points = places[order], points[order]
    standing: list[int] = []
    while len(places):
        standing.append(int(places[0]))
        first = points[0]
        kept = (points < first).any(axis=1) | (points == first).all(axis=1)
        kept[0] = False
        places, points = places[kept], points[kept]
    return np.array(sorted(standing), dtype=np.int64)
