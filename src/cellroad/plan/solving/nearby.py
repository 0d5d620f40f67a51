"""Better decisions nearby, as far as the cuts know: a local search that asks no solver.

The cuts say that a plan with decisions y costs at least max over k of (right[k] + slope[k] . y), and little more near
the points where they were made. One undertaking is begun at another date, begun or dropped; or one is dropped for
another; the move that the cuts like best is made until none is better. What it ends with is worth a solve.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOVES = 200


@dataclass
class Nearby:
    """Undertakings as groups of decisions of which at most one is taken, and the cuts over all decisions."""

    groups: list[Ints]
    size: int
    rights: list[float] = field(default_factory=list)
    slopes: list[Floats] = field(default_factory=list)

    def add(self, cost: float, slope: Floats, point: Floats) -> None:
        """Remember a cut: a plan with decisions y costs at least cost + slope . (y - point)."""
        self.rights.append(cost - float(slope @ point))
        self.slopes.append(np.append(slope, 0.0))

    def cost(self, point: Floats) -> float:
        """Return what a plan costs at least, as far as the cuts know."""
        return float(max(np.array(self.rights) + np.stack(self.slopes)[:, :-1] @ point))

    def __call__(self, point: Floats, moves: int = MOVES) -> Floats:
        """Return decisions that so many moves lead to, or that none improves: both of shape (decisions,)."""
        if not self.groups:
            return point
        none = self.size
        slopes = np.stack(self.slopes)
        taken = np.array([self._taken(point, group) for group in self.groups])
        fixed = point.copy()
        fixed[np.concatenate([np.zeros(0, np.int64), *self.groups])] = 0.0
        cost = np.array(self.rights) + slopes[:, :-1] @ fixed + slopes[:, taken].sum(axis=1)
        owner = np.concatenate([np.full(group.size + 1, n) for n, group in enumerate(self.groups)])
        other = np.concatenate([np.append(group, none) for group in self.groups])
        for _ in range(moves):
            best = cost.max() * (1 - 1e-9 * np.sign(cost.max()))
            single = (cost[:, None] - slopes[:, taken[owner]] + slopes[:, other]).max(axis=0)
            move = int(single.argmin())
            if single[move] < best:
                steps = [move]
            else:
                steps = self._swap(cost, slopes, taken, owner, other, best)
                if not steps:
                    break
            for move in steps:
                cost = cost - slopes[:, taken[owner[move]]] + slopes[:, other[move]]
                taken[owner[move]] = other[move]
        whole = np.append(fixed, 0.0)
        whole[taken] = 1.0
        return whole[:-1]

    def _swap(self, cost: Floats, slopes: Floats, taken: Ints, owner: Ints, other: Ints, best: float) -> list[int]:
        """Return the two moves that drop one undertaking and begin another, where the cuts like that."""
        found: list[int] = []
        idle = taken[owner] == self.size
        begins = np.flatnonzero(idle & (other != self.size))
        for drop in np.flatnonzero(~idle & (other == self.size)):
            without = cost - slopes[:, taken[owner[drop]]]
            swapped = (without[:, None] + slopes[:, other[begins]]).max(axis=0)
            if begins.size and swapped.min() < best:
                best, found = float(swapped.min()), [int(drop), int(begins[swapped.argmin()])]
        return found

    def _taken(self, point: Floats, group: Ints) -> int:
        chosen = group[point[group] > 0.5]
        return int(chosen[0]) if chosen.size else self.size
