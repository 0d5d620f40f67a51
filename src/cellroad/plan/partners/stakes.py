"""What of a partner's cash belongs to whom, through what each holds of the others, by date?

Cash passes to the holders when it arises, and losses are carried by them, in proportion to their equity on that day:
with A the matrix of stakes (holder, held),

    S = I + A + A^2 + ... = (I - A)^-1,     value[k] = sum over p of S[k, p] * cash[p]

(the integrated ownership of Brioschi, Buzzacchi and Colombo 1989). A partner's value holds its own cash and its part of
all below it; what nobody named holds of a partner stays with that partner's unnamed holders. The values add up to the
chain's when each counts with the part that no other partner holds of it:

    sum over k of (1 - sum over j of A[j, k]) * value[k] = sum over p of cash[p].

A stake that is known as a range counts at its middle; the values at both ends are told beside it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.periods import Periods

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_HELD = 0.999999
"""More of one partner than this is not held by others together: a ring that holds all of itself belongs to nobody."""


@dataclass(frozen=True)
class Stakes:
    """Stakes by time: `time` is (T + 1,), the number of the time to which each period, and last the end, belongs.

    middle, least, most  (times, parties, parties): what the first holds of the second, with all that lies between
    free                 (T + 1, parties): the part of each that no other holds
    """

    time: Ints
    middle: Floats
    least: Floats
    most: Floats
    free: Floats

    def whole(self, money: Floats) -> Floats:
        """Return money by holder with what each holds of others: (parties, T + 1) to the same."""
        return np.asarray(np.einsum("tkp,pt->kt", self.middle[self.time], money))

    def weight(self, holders: Floats) -> Floats:
        """Return what money of each party is worth where holders count so much: (parties,) to (parties, T + 1)."""
        return np.asarray(np.einsum("k,tkp->pt", holders, self.middle)[:, self.time])

    def span(self, money: Floats) -> tuple[Floats, Floats]:
        """Return the least and the most that discounted money is worth to each holder: (parties, T + 1) to (parties,).

        Periods in which the same stakes hold count together, for a stake is one number, though not known.
        """
        together = np.zeros((money.shape[0], self.middle.shape[0]))
        np.add.at(together.T, self.time, money.T)
        ends = np.stack([self.least, self.most]) * together.T[None, :, None, :]
        return ends.min(axis=0).sum(axis=(0, 2)), ends.max(axis=0).sum(axis=(0, 2))


def make_stakes(chain: Chain, periods: Periods) -> Stakes:
    """Return who holds what of whom by equity: the mean over the days of each period, and the last day at the end."""
    names = {name: n for n, name in enumerate(chain.partners["partner"])}
    size = len(names) + 1
    stakes = [row for row in chain.stakes.iter_rows(named=True) if row["interest"] == "equity"]
    last = periods.end - dt.timedelta(days=1)
    held = np.array(
        [
            [*periods.share_of_days(row["valid_from"], row["valid_to"]),
             row["valid_from"] <= last and (row["valid_to"] is None or row["valid_to"] >= last)]
            for row in stakes
        ]
    ).reshape(len(stakes), periods.count + 1)  # fmt: skip
    times, time = np.unique(held.T, axis=0, return_inverse=True)
    direct = np.zeros((3, times.shape[0], size, size))
    for n, row in enumerate(stakes):
        least, most = row["share_min"], row["share_max"]
        for kind, share in enumerate(((least + most) / 2, least, most)):
            direct[kind, :, names[row["owner"]], names[row["owned"]]] += times[:, n] * share
    direct /= np.maximum(direct.sum(axis=2, keepdims=True), 1.0)
    direct[..., _rings(direct.max(axis=(0, 1)))] *= MOST_HELD
    middle, least, most = np.linalg.inv(np.eye(size) - direct)
    free = 1 - direct[0].sum(axis=1)
    return Stakes(time.ravel(), middle, least, np.maximum(most, middle), free[time.ravel()])


def _rings(held: Floats) -> NDArray[np.bool_]:
    """Return which partners hold something of themselves through others."""
    reach = held > 0
    for _ in range(int(np.ceil(np.log2(max(held.shape[0], 2))))):
        reach = reach | (reach.astype(float) @ reach.astype(float) > 0)
    return np.asarray(np.diag(reach))
