"""Who bears what over a series, so that nobody bears more than must be: the leximin of sums of choices.

Every turn takes one of its options; an option puts a burden on each person. Sums over all turns are compared by the
largest first, then the second largest, and so on (Ogryczak and Sliwinski 2003). With b[p] the sum of a person,

    theta[k]  = minimum over t, d of  k * t + sum over p of d[p],   d[p] >= b[p] - t,  d[p] >= 0

is the sum of the k largest burdens; theta[1], theta[2], ... are minimised in this order, those before it kept.
Turns with the same options are counted together, so that a year of weeks is as small as one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

Ints = NDArray[np.int64]


def fairest(options: Sequence[Ints]) -> list[int]:
    """Return which option each turn takes, so that the sums of burdens are as even and as small as they can be.

    options   for every turn an array (options, persons) of whole burdens, at least one option each

    Among turns that may swap their options, those that come first are given so that sums stay even on the way.
    """
    if not options:
        return []
    kinds = [tuple(map(tuple, np.unique(one, axis=0))) for one in options]
    groups = list(dict.fromkeys(kinds))
    sizes = np.array([kinds.count(group) for group in groups])
    taken = _counts([_undominated(np.array(group)) for group in groups], sizes)
    left = {
        group: {vector: count for vector, count in mine if count} for group, mine in zip(groups, taken, strict=True)
    }
    sums, chosen = np.zeros(options[0].shape[1], dtype=np.int64), []
    for kind, mine in zip(kinds, options, strict=True):
        vector = min(left[kind], key=lambda one: sorted(sums + np.array(one), reverse=True))
        left[kind][vector] -= 1
        if not left[kind][vector]:
            del left[kind][vector]
        sums += np.array(vector)
        chosen.append(int(np.flatnonzero((mine == np.array(vector)).all(axis=1))[0]))
    return chosen


def _undominated(vectors: Ints) -> Ints:
    """Return the options that no other beats for everybody."""
    beaten = np.array([((vectors <= one).all(axis=1) & (vectors < one).any(axis=1)).any() for one in vectors])
    return np.asarray(vectors[~beaten], dtype=np.int64)


def _counts(groups: Sequence[Ints], sizes: Ints) -> list[list[tuple[tuple[int, ...], int]]]:
    """Return how often each option of each group is taken."""
    owner = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    burden = np.concatenate(groups)
    many, people = burden.shape
    # columns: how often each option is taken, then t and d[p] for every k
    width = many + people * (1 + people)
    whole = np.zeros(width)
    whole[:many] = 1
    lower = np.zeros(width)
    rows = [np.zeros((len(groups), width))]
    rows[0][owner, np.arange(many)] = 1
    low, high = [sizes.astype(float)], [sizes.astype(float)]
    thetas = np.zeros((people, width))
    for k in range(people):
        at = many + k * (1 + people)
        lower[at] = -np.inf
        thetas[k, at], thetas[k, at + 1 : at + 1 + people] = k + 1, 1
        above = np.zeros((people, width))  # d[p] + t - b[p] >= 0
        above[:, :many] = -burden.T
        above[:, at] = 1
        above[:, at + 1 : at + 1 + people] = np.eye(people)
        rows.append(above)
        low.append(np.zeros(people))
        high.append(np.full(people, np.inf))
    values = np.zeros(width)
    for theta in thetas:
        found = milp(
            theta, integrality=whole, bounds=Bounds(lower, np.inf),
            constraints=LinearConstraint(np.concatenate(rows), np.concatenate(low), np.concatenate(high)),
        )  # fmt: skip
        if found.x is None:
            raise RuntimeError(f"no fair choice was found: {found.message}")
        values = found.x
        rows.append(theta[None, :])
        low.append(np.array([-np.inf]))
        high.append(np.array([np.round(found.fun) + 0.1]))  # sums of whole burdens are whole
    counts = np.round(values[:many]).astype(int)
    return [
        [(tuple(int(b) for b in burden[at]), int(counts[at])) for at in np.flatnonzero(owner == group)]
        for group in range(len(groups))
    ]
