"""What is left of a scenario once its shared decisions x are taken: a smaller programme whose limits move with x.

    Q(x) = cost_x.x + min cost_y.y   over   row_lower - T x <= W y <= row_upper - T x,   lower(x) <= y <= upper(x)

Shared columns are gone from the rows. A row with a single column y of its own, such as y <= demand * open, becomes a
bound of y that moves with x (a variable upper bound: Schrage 1975), so that strong rows by the ten thousand cost
nothing. Rows among shared decisions alone are only looked at. By duality, with row duals u and reduced costs d at x*,

    Q(x) >= Q(x*) + g.(x - x*),   g = cost_x - T'u + sum over moved bounds of d[j] * (how bound j moves with x)

where d[j] counts for the bound that it holds y[j] at: the upper where it is negative, the lower where it is positive.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.stochastic.programme import Programme, Solver

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CROSSED, BROKEN = 1e-9, 1e-6
"""By how much, relative to its size, a moved bound may pass the other one, and a row among links be broken, before a
choice counts as infeasible."""


class Found(NamedTuple):
    """What is known at a choice: its cost (infinite: nothing is feasible), how it moves, and the scenario's columns."""

    cost: float
    slope: Floats
    values: Floats | None


class Remainder:
    """A scenario without its links, relaxed, held warm."""

    def __init__(self, programme: Programme, links: Ints, seed: int = 0) -> None:
        """Split the rows: those that stay, those that bound one column, those among links alone."""
        own = np.setdiff1d(np.arange(programme.columns), links)
        on_own, on_links = sp.csr_array(programme.matrix[:, own]), sp.csr_array(programme.matrix[:, links])
        on_own.eliminate_zeros()
        uses, linked = np.diff(on_own.indptr), np.diff(on_links.indptr) > 0
        single = np.flatnonzero((uses == 1) & linked)
        kept = np.flatnonzero((uses > 0) & ~((uses == 1) & linked))
        alone = np.flatnonzero((uses == 0) & linked)
        self.alone, self.alone_ends = on_links[alone], (programme.row_lower[alone], programme.row_upper[alone])
        self.programme, self.links, self.own = programme, links, own
        self.lower, self.upper = programme.lower[own], programme.upper[own]
        self.row_lower, self.row_upper = programme.row_lower[kept], programme.row_upper[kept]
        self.on_links = sp.csr_array(on_links[kept])
        self.moving = np.flatnonzero(np.diff(self.on_links.indptr) > 0)
        # every single row, divided by its coefficient: low <= y + across.x <= high
        column, factor = on_own[single].indices.astype(np.int64), on_own[single].data
        across = sp.csr_array(sp.diags_array(1 / factor) @ on_links[single])
        ends = programme.row_lower[single] / factor, programme.row_upper[single] / factor
        low, high = np.minimum(*ends), np.maximum(*ends)
        self.below, self.above = _Moved(column, low, across), _Moved(column, high, across)
        self.bounded = np.unique(column)
        # a solver's tolerance of reduced costs is absolute: costs are counted in units of the middle one
        counted = np.abs(programme.cost[own])
        self.unit = float(2.0 ** np.round(np.log2(np.median(counted[counted > 0])))) if counted.any() else 1.0
        self.solver = Solver(
            Programme(
                programme.cost[own] / self.unit, self.lower, self.upper, np.zeros(own.size, dtype=bool), self.row_lower,
                self.row_upper, sp.csr_array(on_own[kept]), programme.offset / self.unit,
            ),
            seed=seed,
        )  # fmt: skip

    def at(self, x: Floats) -> Found:
        """Return cost, slope and values at a choice of the links."""
        lower, which_lower = self.below.tightest(x, self.lower, np.maximum)
        upper, which_upper = self.above.tightest(x, self.upper, np.minimum)
        crossed = lower - upper
        none = Found(np.inf, np.zeros(self.links.size), None)
        if np.any(crossed > CROSSED * np.maximum(1.0, np.abs(upper))) or not self.allows(x):
            return none
        upper = np.maximum(lower, upper)
        self.solver.bounds(self.bounded, lower[self.bounded], upper[self.bounded])
        shift = (self.on_links @ x)[self.moving]
        self.solver.limits(self.moving, self.row_lower[self.moving] - shift, self.row_upper[self.moving] - shift)
        found = self.solver.run()
        if found.values is None or found.duals is None or found.reduced is None:
            return none
        cost_x = self.programme.cost[self.links]
        slope = cost_x - self.on_links.T @ (found.duals * self.unit)
        slope += self.below.slope(np.maximum(found.reduced * self.unit, 0.0), which_lower)
        slope += self.above.slope(np.minimum(found.reduced * self.unit, 0.0), which_upper)
        values = np.zeros(self.programme.columns)
        values[self.own], values[self.links] = found.values, x
        return Found(found.cost * self.unit + float(cost_x @ x), slope, values)

    def allows(self, x: Floats) -> bool:
        """Say whether a choice keeps the rows among the links alone."""
        total, (low, high) = self.alone @ x, self.alone_ends
        slack = BROKEN * np.maximum(1.0, np.abs(total))
        return bool(np.all(total >= low - slack) and np.all(total <= high + slack))


class _Moved:
    """Bounds of columns that move with x: column[k] is held by side[k] - across[k].x."""

    def __init__(self, column: Ints, side: Floats, across: sp.csr_array) -> None:
        finite = np.flatnonzero(np.isfinite(side))
        self.column, self.side = column[finite], side[finite]
        self.across = sp.csr_array(across[finite])

    def tightest(self, x: Floats, fixed: Floats, tighter: np.ufunc) -> tuple[Floats, Ints]:
        """Return the bounds of all columns, and for each the moved bound that holds it, -1 where the fixed one does."""
        moved = self.side - self.across @ x
        bounds = fixed.copy()
        tighter.at(bounds, self.column, moved)
        which = np.full(fixed.size, -1)
        holds = (moved == bounds[self.column]) & (moved != fixed[self.column])
        which[self.column[holds]] = np.flatnonzero(holds)
        return bounds, which

    def slope(self, reduced: Floats, which: Ints) -> Floats:
        """Return how cost moves with x through these bounds."""
        held = np.flatnonzero((which >= 0) & (reduced != 0))
        return np.asarray(-(self.across[which[held]].T @ reduced[held]))
