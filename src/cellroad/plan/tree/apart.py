"""A tree taken apart: every future by itself, at prices on what it shares with others.

Give every future a copy of what it shares, and let it pay a price for each copy so that the prices of all copies of a
column sum to its cost. Whatever the prices, the best values of the futures sum to a bound of the tree, and one that
sees the whole decisions of each (Lagrangian bound: Caroe and Schultz 1999). The prices are the duals of the
strengthened relaxation, of which every future takes its part w by probability:

    cost[s, j] = sum over rows i of s of w[s, i] * dual[i] * a[i, j]  +  w[s, j] * reduced[j]

so the relaxations of the futures are worth together what that of the tree is, and each is a small problem. A row
belongs to all futures below the last node that decides one of its columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.kernel import Model, Timeline
from cellroad.plan.solving.branching import Branching
from cellroad.plan.solving.rounding import Rounding
from cellroad.plan.solving.scaled import Scaled
from cellroad.plan.solving.solve import Strategy, solve
from cellroad.plan.solving.strong import Rows
from cellroad.plan.solving.watching import Limits, NoPlanError, Outcome, Watch
from cellroad.plan.tree.model import TreeModel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """What a future keeps of the tree: its columns (its own order first), its rows and their weights, its matrix."""

    columns: Ints
    place: Ints
    rows: Ints
    row_weight: Floats
    column_weight: Floats
    matrix: sp.csr_array
    timelines: tuple[Timeline, ...]


@dataclass(frozen=True)
class Prices:
    """A relaxed tree: what it is worth at most, and the bounds and prices that its futures take."""

    worth: float
    lower: Floats
    upper: Floats
    duals: Floats
    reduced: Floats


@dataclass(frozen=True)
class Alone:
    """A future by itself at prices: its model, what it is worth more than its part of the tree (lent), the outcome.

    `worth` and `bound` are parts of a sum over futures; without an outcome only the relaxation is known.
    """

    model: Model
    lent: float
    outcome: Outcome | None
    relaxed: float

    @property
    def worth(self) -> float:
        """Return the best that was found."""
        return -np.inf if self.outcome is None else self.outcome.objective - self.lent

    @property
    def bound(self) -> float:
        """Return what the future is worth at most."""
        return (self.relaxed if self.outcome is None else min(self.outcome.bound, self.relaxed)) - self.lent


class Apart:
    """The futures of a tree, each with its part of a strengthened relaxation; all numbers are those of the solver."""

    def __init__(self, joint: TreeModel, scaled: Scaled, relaxed: highspy.Highs) -> None:
        """Share out the rows and columns of a relaxation that has been solved."""
        self.joint, self.scaled, self.highs = joint, scaled, relaxed
        programme = relaxed.getLp()
        self.lower, self.upper = np.array(programme.col_lower_), np.array(programme.col_upper_)
        self.row_lower, self.row_upper = np.array(programme.row_lower_), np.array(programme.row_upper_)
        matrix = programme.a_matrix_
        data = np.array(matrix.value_), np.array(matrix.index_), np.array(matrix.start_)
        shape = (self.row_lower.size, self.lower.size)
        by_row = matrix.format_ == highspy.MatrixFormat.kRowwise
        self.matrix = sp.csr_array(data, shape) if by_row else sp.csr_array(sp.csc_array(data, shape))
        self.matrix.sort_indices()
        self.every = np.arange(shape[1], dtype=np.int32)
        self.probability = joint.tree.probability
        self.parts = self._parts()
        self.roundings = [Rounding(leaf.net) for leaf in joint.leaves]

    def _parts(self) -> list[Part]:
        tree, owner, model = self.joint.tree, self.joint.owner, self.joint.model
        count = tree.frame.height
        depth = np.zeros(count, dtype=np.int64)
        for line in tree.lines:
            depth[list(line)] = np.arange(len(line))
        last = np.zeros(self.row_lower.size, dtype=np.int64)
        filled = np.flatnonzero(np.diff(self.matrix.indptr) > 0)
        known = (depth * count + np.arange(count))[owner[self.matrix.indices]]
        last[filled] = np.maximum.reduceat(known, self.matrix.indptr[filled]) % count
        of_node = tree.frame["probability"].to_numpy()
        kept: list[tuple[Ints, Ints]] = []
        held = np.zeros(owner.size)
        for p, leaf, line in zip(self.probability, self.joint.leaves, tree.lines, strict=True):
            rows = np.flatnonzero(np.isin(last, line))
            others = np.setdiff1d(self.matrix[rows].indices, leaf.ids)
            columns = np.concatenate([leaf.ids, others])
            held[columns] += p
            kept.append((rows, columns))
        parts = []
        for p, (rows, columns) in zip(self.probability, kept, strict=True):
            place = np.full(owner.size, -1)
            place[columns] = np.arange(columns.size)
            matrix = sp.csr_array(self.matrix[rows][:, columns])
            matrix.sort_indices()
            timelines = [replace(line, columns=place[line.columns]) for line in model.timelines]
            parts.append(
                Part(
                    columns, place, rows, p / of_node[last[rows]], p / held[columns], matrix,
                    tuple(line for line in timelines if np.all(line.columns >= 0)),
                )
            )  # fmt: skip
        return parts

    def relaxed(self, lower: Floats, upper: Floats, basis: highspy.HighsBasis | None) -> Prices | None:
        """Return the tree relaxed within bounds, None where there is nothing within them."""
        self.highs.changeColsBounds(self.every.size, self.every, lower, upper)
        if basis is not None:
            self.highs.setBasis(basis)
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self.highs.clearSolver()
            self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        worth = -float(self.highs.getInfo().objective_function_value)
        duals = np.array(self.highs.getSolution().row_dual)
        return Prices(worth, lower, upper, duals, self.scaled.cost - self.matrix.T @ duals)

    def priced(self, leaf: int, prices: Prices) -> Alone:
        """Return a future at prices, not solved yet.

        The constant of its model is such that its relaxation is worth its part of the tree: gaps of futures are then
        parts of that of the tree.
        """
        part, own = self.parts[leaf], self.joint.leaves[leaf].model
        duals = part.row_weight * prices.duals[part.rows]
        reduced = part.column_weight * prices.reduced[part.columns]
        lower, upper = prices.lower[part.columns], prices.upper[part.columns]
        row_lower, row_upper = self.row_lower[part.rows], self.row_upper[part.rows]
        cost = _at(reduced, lower, upper) + _at(duals, row_lower, row_upper)
        worth = self.probability[leaf] * prices.worth
        model = replace(
            own, cost=part.matrix.T @ duals + reduced, offset=worth + cost, lower=lower, upper=upper,
            whole=self.joint.model.whole[part.columns], size=np.ones(part.columns.size), row_lower=row_lower,
            row_upper=row_upper, matrix=part.matrix, rows={}, timelines=part.timelines, choices=(),
        )  # fmt: skip
        return Alone(model, worth + cost, None, worth)

    def ahead(self, waiting: Mapping[int, Alone], limits: Limits, goes_on: Callable[[], bool]) -> None:
        """Take note that these futures will be asked for; here they are solved when they are."""

    def close(self) -> None:
        """Let go of who plans the futures; here that is nobody else."""

    def solved(self, leaf: int, alone: Alone, limits: Limits, watch: Watch) -> Alone | None:
        """Return a future solved, None where it has no plan."""
        nothing = sp.csr_array((0, alone.model.cost.size))
        strategy = Strategy(lambda _: Rows(nothing, np.zeros(0)), Branching(alone.model), self.roundings[leaf])
        try:
            return replace(alone, outcome=solve(alone.model, strategy, limits, watch))
        except NoPlanError as none:
            return None if none.infeasible else alone

    def held_to(self, leaf: int, alone: Alone, columns: Ints, values: Floats) -> Alone:
        """Return a future in which columns of the tree have given values."""
        place = self.parts[leaf].place[columns]
        lower, upper = alone.model.lower.copy(), alone.model.upper.copy()
        lower[place[place >= 0]] = upper[place[place >= 0]] = values[place >= 0]
        return replace(alone, model=replace(alone.model, lower=lower, upper=upper), outcome=None)

    def mean(self, futures: Sequence[Alone]) -> Floats:
        """Return what futures do on average, column by column of the tree."""
        total = np.zeros(self.every.size)
        for part, alone in zip(self.parts, futures, strict=True):
            if alone.outcome is not None:
                total[part.columns] += part.column_weight * alone.outcome.values
        return total


def _at(duals: Floats, lower: Floats, upper: Floats) -> float:
    """Return what duals make of the sides at which they hold."""
    sides = np.where(duals > 0, lower, upper)
    return float(duals @ np.where(np.isfinite(sides), sides, 0.0))
