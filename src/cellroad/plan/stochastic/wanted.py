"""No column needs more than is wanted of it: upper bounds that some best solution keeps.

A column that costs something, or nothing, is only ever raised for the rows that it helps to keep: of a row at least b
with a positive coefficient, or at most b with a negative one. With all other columns as unhelpful as their bounds let
them be, row i is kept from value v[i,j] on, so some best solution has

    x[j] <= max(lower[j], max over rows i that x[j] helps of v[i,j]),    rounded up where x[j] is whole

(dominated columns: Andersen and Andersen 1995). What is bought for a demand of 7 is at most 7, though no row says so.
With that bound a solver finds the flow covers of a fixed charge by itself. Bounds follow from bounds, so it is done
again until nothing moves.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cellroad.plan.stochastic.programme import Programme

Floats = NDArray[np.float64]
PASSES = 10
"""How often bounds are followed up at most."""
TINY = 1e-9


def wanted(programme: Programme) -> Programme:
    """Return a programme whose best solutions cost the same, with the upper bounds that some of them keep."""
    for _ in range(PASSES):
        upper = _upper(programme)
        if not np.any(upper < programme.upper):
            break
        programme = replace(programme, upper=upper)
    return programme


def _upper(programme: Programme) -> Floats:
    """Return the upper bounds after one pass."""
    entries = programme.matrix.tocoo()
    row, column = entries.coords
    least = np.full(programme.columns, -np.inf)
    # a row at most b is a row at least -b with all signs turned
    for sign, limits in ((1.0, programme.row_lower), (-1.0, -programme.row_upper)):
        value = sign * entries.data
        worst = value * np.where(value > 0, programme.lower[column], programme.upper[column])
        endless = ~np.isfinite(worst)
        total = np.bincount(row, np.where(endless, 0.0, worst), limits.size)
        many = np.bincount(row, endless, limits.size)
        helped = (value > 0) & np.isfinite(limits[row])
        r, j, v, w, own = row[helped], column[helped], value[helped], worst[helped], endless[helped]
        others = np.where(many[r] - own > 0, -np.inf, total[r] - np.where(own, 0.0, w))
        np.maximum.at(least, j, (limits[r] - others) / v)
    enough = np.maximum(programme.lower, least)
    enough[programme.whole] = np.ceil(enough[programme.whole] * (1 - np.sign(enough[programme.whole]) * TINY) - TINY)
    free = (programme.cost >= 0) & np.isfinite(programme.lower)
    return np.where(free, np.minimum(programme.upper, enough), programme.upper)
