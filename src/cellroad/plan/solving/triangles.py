"""Rows that half-opened plants break: three sources that share three customers in turns.

A relaxation likes to open every plant by half, because two halves serve a customer whom both reach. Whole decisions
cannot do that all around a triangle. With z[a, i] the part of what customer i wants that comes from source a, which is
at most what is wanted (z[a, i] + z[b, i] <= 1) and nothing before a start (z[a, i] <= Y[a]), whole Y keep

    z[a, i] + z[b, i] + z[b, j] + z[c, j] + z[c, k] + z[a, k] <= 1 + Y[a] + Y[b] + Y[c]

for any sources a, b, c and customers i, j, k: with one open the left is at most 2, with two or three at most 3.
At Y = 1/2 the left can be 3 and the right is 2.5. These are odd holes of plant location (Cornuejols and Thizy 1982;
Cho, Johnson, Padberg and Rao 1983), which hold in networks with limits too. A customer is what a market takes of an
item in a span of periods. There are many rows, so they are added where a relaxed solution breaks them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.solving.coarse import Coarse
from cellroad.plan.solving.strong import Deliveries, Rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BROKEN = 0.02
"""Rows broken by less than this are left alone."""
MOST_ROWS = 4000
"""Rows added at a time."""
RANKS = 10
"""Customers that each pair of sources shares, of which rows are made, those served most first."""


@dataclass(frozen=True)
class Triangles:
    """Sources that serve the same customers, and when they are open.

    served   (arcs, columns): the part of what a customer wants that comes from one source
    pairs    (pairs, 2): arcs to the same customer, that of the lower source first
    place    (pairs,): span * sources**2 + lower source * sources + higher source
    opened   (spans * sources, columns): starts that a source may use in a span
    sources  how many
    """

    served: sp.csr_array
    pairs: Ints
    place: Ints
    opened: sp.csr_array
    sources: int

    def over(self, small: Coarse) -> Triangles:
        """Return the same rows over the columns of a coarser model."""
        return replace(self, served=small.least(self.served), opened=small.most(self.opened))

    def broken(self, values: Floats, reduced: Floats) -> Rows:
        """Return rows that a solution breaks, those first that promise most by its reduced costs, then the most broken.

        Where many duals are optimal, reduced costs are often zero though a row would cost something.
        """
        served, begun = self.served @ values, self.opened @ values
        worth = self._worth(reduced)
        together = served[self.pairs[:, 0]] + served[self.pairs[:, 1]]
        order = np.lexsort((-together, self.place))
        count = np.zeros((begun.size // self.sources, self.sources, self.sources), dtype=np.int64)
        np.add.at(count.reshape(-1), self.place, 1)
        first = np.cumsum(count.ravel()).reshape(count.shape) - count
        found, gains, excesses = [], [], []
        for span in range(count.shape[0]):
            open_by = begun[span * self.sources : (span + 1) * self.sources]
            for corners in self._corners(together, order, first[span], count[span], open_by):
                edges = [(corners[:, 0], corners[:, 1]), (corners[:, 1], corners[:, 2]), (corners[:, 0], corners[:, 2])]
                many = np.stack([count[span][edge] for edge in edges], axis=1)
                begin = np.stack([first[span][edge] for edge in edges], axis=1)
                for rank in range(RANKS):
                    some = rank < many.max(axis=1)
                    sides = order[begin[some] + rank % many[some]]
                    excess = together[sides].sum(axis=1) - 1 - open_by[corners[some]].sum(axis=1)
                    over = excess > BROKEN
                    least = worth[self.pairs[sides[over]]].min(axis=(1, 2))
                    found.append(np.hstack([sides[over], span * self.sources + corners[some][over]]))
                    gains.append(excess[over] * least)
                    excesses.append(excess[over])
        if not found:
            return Rows(sp.csr_array((0, values.size)), np.zeros(0))
        best = np.lexsort((-np.concatenate(excesses), -np.concatenate(gains)))[:MOST_ROWS]
        return self._rows(np.concatenate(found)[best])

    def _worth(self, reduced: Floats) -> Floats:
        """Return what serving a customer whole from each source is worth: the most of its columns."""
        per = sp.csr_array((-reduced[self.served.indices] / self.served.data, self.served.indices, self.served.indptr))
        return np.asarray(per.max(axis=1).toarray()).ravel()

    def _corners(self, together: Floats, order: Ints, first: Ints, count: Ints, open_by: Floats) -> list[Ints]:
        """Return the triples of sources of a span whose most served customers break a row: shape (triples, 3) each."""
        best = np.full(count.shape, -np.inf)
        some = count > 0
        best[some] = together[order[first[some]]]
        best = np.maximum(best, best.T)
        found = []
        for a in range(self.sources):
            excess = best[a][:, None] + best + best[a][None, :] - 1 - open_by[a] - open_by[:, None] - open_by[None, :]
            excess[: a + 1] = -np.inf
            b, c = np.nonzero(np.triu(excess > BROKEN, 1))
            if b.size:
                found.append(np.column_stack([np.full(b.size, a), b, c]))
        return found

    def _rows(self, rows: Ints) -> Rows:
        """Return the rows of three pairs and three places of `opened` each."""
        number = np.arange(rows.shape[0])
        arcs = self.pairs[rows[:, :3]].reshape(-1)
        take = sp.csr_array(
            (np.ones(arcs.size), (np.repeat(number, 6), arcs)), shape=(number.size, self.served.shape[0])
        )
        place = rows[:, 3:].reshape(-1)
        opens = sp.csr_array(
            (np.ones(place.size), (np.repeat(number, 3), place)), shape=(number.size, self.opened.shape[0])
        )
        return Rows(sp.csr_array(take @ self.served - opens @ self.opened), np.ones(number.size))


def triangles(sent: Deliveries, span: Ints, weight: Floats) -> Triangles | None:
    """Return what the rows are made of, None where there are fewer than three sources.

    span      number of the span of each period
    weight    what a unit in each period counts, falling
    """
    if not sent.column.size:
        return None
    groups, source = np.unique(sent.source, return_inverse=True)
    sources, spans = groups.size, int(span.max()) + 1
    if sources < 3:
        return None
    when = span[sent.last]
    customer, number = np.unique(sent.node * spans + when, return_inverse=True)
    begin, end = np.full(customer.size, span.size), np.zeros(customer.size, np.int64)
    np.minimum.at(begin, number, sent.first)
    np.maximum.at(end, number, sent.last)
    until = np.pad(np.cumsum(sent.wanted * weight, axis=1), ((0, 0), (1, 0)))
    node = customer // spans
    most = until[node, end + 1] - until[node, begin]
    arc, of = np.unique(number * sources + source, return_inverse=True)
    wanted = most[arc // sources]
    part = np.divide(sent.share * weight[sent.last], wanted[of], out=np.zeros(of.size), where=wanted[of] > 0)
    served = sp.coo_array((part, (of, sent.column)), shape=(arc.size, sent.columns)).tocsr()
    served.eliminate_zeros()
    place = when * sources + source
    opens = sp.csr_array((np.ones(of.size), (place, np.arange(of.size))), shape=(spans * sources, of.size))
    opened = sp.csr_array((opens @ sent.enabling).sign())
    pairs = _pairs(arc // sources)
    lower, higher = (arc[pairs[:, side]] % sources for side in (0, 1))
    at = (customer % spans)[arc[pairs[:, 0]] // sources]
    return Triangles(served, pairs, at * sources**2 + lower * sources + higher, opened, sources)


def _pairs(group: Ints) -> Ints:
    """Return all pairs of neighbours in a sorted grouping: (pairs, 2)."""
    size = np.bincount(group)[group]
    first = np.searchsorted(group, group)
    later = size - (np.arange(group.size) - first) - 1
    one = np.repeat(np.arange(group.size), later)
    step = np.arange(one.size) - np.repeat(np.cumsum(later) - later, later)
    return np.column_stack([one, one + 1 + step])
