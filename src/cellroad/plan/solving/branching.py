"""Which strategic decision to settle next?

Every option, campaign and group has a relaxed distribution over "when", with "never" as its last date. The one whose
distribution is spread the widest, weighed by the money at stake, is split at its mean date: started by then, or not.

    score = money at stake * sum over dates of share * |date - mean date| / number of dates

Both sides then change the relaxation much, which is what a branch is for (a special ordered set split at its mean:
Beale and Tomlin 1970). A claim of a credit that has to be decided is a timeline with one date.
"""

from __future__ import annotations

from collections.abc import Set

import numpy as np
from numpy.typing import NDArray

from cellroad.plan.kernel import Model

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WHOLE = 1e-6
"""A value this near to a whole number is whole."""


class Branching:
    """Chooses the column of a model to branch on."""

    def __init__(self, model: Model) -> None:
        """Take the timelines of a model."""
        self.timelines = model.timelines

    def __call__(self, values: Floats) -> int | None:
        """Return the column to decide next, None where all decisions are whole."""
        best, column = 0.0, None
        for timeline in self.timelines:
            by_then = values[timeline.columns]
            if np.all(np.abs(by_then - np.round(by_then)) <= WHOLE):
                continue
            place = np.arange(by_then.size + 1)
            share = np.diff(np.concatenate([[0.0], np.minimum(by_then, 1.0), [1.0]]))
            mean = float(share @ place)
            score = timeline.stake_usd * float(share @ np.abs(place - mean)) / place.size
            if column is None or score > best:
                best, column = score, int(timeline.columns[_split(by_then, mean)])
        return column

    def undecided(self, values: Floats, decided: Set[int]) -> int | None:
        """Return a column on which a whole strategy still hangs, the largest stake first, None where it is decided.

        A timeline is decided by its last "not yet" and its first "by then".
        """
        for timeline in sorted(self.timelines, key=lambda timeline: -timeline.stake_usd):
            turn = int(np.sum(values[timeline.columns] < 0.5))
            for column in timeline.columns[max(turn - 1, 0) : turn + 1][::-1]:
                if int(column) not in decided:
                    return int(column)
        return None


def _split(by_then: Floats, mean: float) -> int:
    """Return the date nearest to the mean at which the relaxed value is not whole."""
    broken = np.flatnonzero(np.abs(by_then - np.round(by_then)) > WHOLE)
    return int(broken[np.argmin(np.abs(broken + 0.5 - mean))])
