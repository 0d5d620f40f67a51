"""What share of every entity of a graph a set of holders holds, in floating point, for millions of stakes.

The same solution as in `ownership_exact`, in one pass over the steps of the graph, holders before what they hold: each
step is one gather and one sum by entity. Entities that hold each other are a sparse linear system of their own, solved
directly, or, where a ring has thousands of members, by adding up its rounds. Where an entity comes within 1e-9 of the
threshold of the rule, whether it has reached it is settled in exact numbers before anything behind it is worked out.

Nothing is approximated away: no limit on hops, no smallest share. Errors are those of rounding, below 1e-12.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from cellroad.rules.attribution import Rule
from cellroad.rules.graph import Floats, Graph, Ints, Mask
from cellroad.rules.ownership_exact import Case, Side, cut, solve

NEAR = 1e-9
BETTER = 1e-13
DIRECT, ROUNDS = 1000, 2000
FINE = 1e12  # shares of up to 12 decimals are whole numbers of this


class Terms(NamedTuple):
    """What entities are made of (see `ownership_exact.Terms`): must, may by stake; room, gift by entity."""

    must: Floats
    may: Floats
    room: Floats
    gift: Floats


class Lines(NamedTuple):
    """f of the rule as straight lines: (constant, slope) below the threshold and from it on."""

    constant: Floats
    slope: Floats

    def of(self, share: Floats, reached: Mask) -> Floats:
        """Return what entities of these shares pass on."""
        side = reached.astype(np.int64)
        return self.constant[side] + self.slope[side] * share


@dataclass(frozen=True)
class Pass:
    """One pass over a graph: the question, and what has been worked out so far."""

    graph: Graph
    members: Mask
    open_: Mask
    rule: Rule
    side: Side
    terms: Terms
    lines: Lines
    flexible: Mask
    share: Floats
    passed: Floats
    settled: Mask

    def keep(self, places: Ints, share: Floats, reached: Mask) -> None:
        """Write down the shares of a step; members of the set stay at 1."""
        free = ~self.members[places]
        places, share, reached = places[free], share[free], reached[free]
        self.share[places] = share
        self.passed[places] = self.lines.of(share, reached)
        self.settled[places] = (self.lines.slope[reached.astype(np.int64)] == 0) | (share == 0)


def whole(graph: Graph, members: Mask, open_: Mask, rule: Rule, side: Side) -> Floats:
    """Return the least or the most that members hold of every entity."""
    terms = _terms(graph, open_, side)
    lines = Lines(*(np.array([float(rule.line(reached)[i]) for reached in (False, True)]) for i in (0, 1)))
    share = np.where(members, 1.0, terms.gift)
    top = share >= float(rule.at) if rule.at is not None else np.zeros(graph.size, dtype=bool)
    flexible = (np.bincount(graph.owned, terms.may, graph.size) > 0) & (terms.room > 0)
    passed = np.where(members, 1.0, lines.of(share, top))
    settled = members | ((np.diff(graph.holders.start) == 0) & (share == 0))
    now = Pass(graph, members, open_, rule, side, terms, lines, flexible, share, passed, settled)
    order = graph.order
    owner, must, bendable = graph.owner[order.entries], terms.must[order.entries], bool(flexible.any())
    for first, last in order.steps:
        places, (start, end) = order.entities[first:last], order.start[[first, last]]
        if order.ring[places[0]]:
            _ring(now, places, order.entries[start:end])
            continue
        found = terms.gift[places]
        found += np.add.reduceat(must[start:end] * passed[owner[start:end]], order.start[first:last] - start)
        if bendable and (bent := flexible[places]).any():
            entries = graph.holders.of(places[bent])
            extra = _filled(now, entries, passed[graph.owner[entries]]) * passed[graph.owner[entries]]
            found[bent] += np.bincount(np.repeat(np.arange(bent.sum()), _counts(graph, places[bent])), extra)
        now.keep(places, found, _reached(now, places, found))
    return np.minimum(share, 1.0)


def roughly(case: Case, side: Side) -> dict[int, Fraction]:
    """Return the shares of `solve` for rings too large for fractions: worked out in floating point and widened by 1e-9.

    A remainder that is known to be held by the set counts for the most only.
    """
    owners = (stake.owner for stakes in case.stakes.values() for stake in stakes)
    places = np.unique(np.fromiter(chain(case.stakes, owners), dtype=np.int64))
    rows = [(stake.owner, owned, stake.low, stake.high) for owned, stakes in case.stakes.items() for stake in stakes]
    owner, owned, low, high = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    ends = np.searchsorted(places, owner), np.searchsorted(places, owned)
    graph = Graph(tuple(map(str, places)), *ends, low, high)
    members = np.isin(places, list(case.members(side)))
    share = whole(graph, members, np.isin(places, list(case.open | case.taken)), case.rule, side)
    share = np.maximum(share - NEAR, 0) if side == "low" else np.minimum(share + NEAR, 1)
    share[members] = 1
    return dict(zip(places.tolist(), map(Fraction, share.tolist()), strict=True))


def _counts(graph: Graph, places: Ints) -> Ints:
    count: Ints = graph.holders.start[places + 1] - graph.holders.start[places]
    return count


def _terms(graph: Graph, open_: Mask, side: Side) -> Terms:
    """Return what the entities are made of, for the least or for the most."""
    total = np.bincount(graph.owned, graph.low, graph.size)
    over = total > 1 + 1e-12
    stated = over[graph.owned]
    must = np.where(stated, 0.0, graph.low)
    if side == "low":
        return Terms(must, np.where(stated, graph.low, 0.0), over.astype(float), np.zeros(graph.size))
    left = np.where(over, 0.0, np.maximum(1 - total, 0.0))
    spare = np.where(open_[graph.owned], 0.0, graph.high - graph.low)
    return Terms(
        must,
        np.where(stated, graph.high, spare),
        np.where(over, 1.0, np.where(open_, 0.0, left)),
        np.where(open_, left, 0.0),
    )


def _filled(now: Pass, entries: Ints, passes: Floats) -> Floats:
    """Return how much of the room each stake gets: those who pass on most first, each up to what it may be.

    The entries of one entity stand together. Ranks are filled one after another, so that nothing is lost to rounding.
    """
    owned, may = now.graph.owned[entries], now.terms.may[entries]
    given = np.zeros(entries.size)
    worth = np.flatnonzero((may > 0) & (passes > 0))
    worth = worth[np.lexsort((-passes[worth], owned[worth]))]
    fresh = np.diff(owned[worth], prepend=-1) != 0
    entity = np.cumsum(fresh) - 1
    room = now.terms.room[owned[worth[fresh]]]
    rank = np.arange(worth.size) - np.flatnonzero(fresh)[entity]
    by_rank = np.argsort(rank, kind="stable")
    for front in np.split(by_rank, np.cumsum(np.bincount(rank))):
        given[worth[front]] = np.minimum(may[worth[front]], room[entity[front]])
        room[entity[front]] -= given[worth[front]]
    return given


def _ring(now: Pass, places: Ints, entries: Ints) -> None:
    """Work out entities that hold each other: solve, let pass on more who has come to the threshold, choose anew."""
    graph, terms, component = now.graph, now.terms, now.graph.order.component
    owner, row = graph.owner[entries], np.repeat(np.arange(places.size), _counts(graph, places))
    inside = (component[owner] == component[graph.owned[entries]]) & ~now.members[owner]
    local = np.zeros(graph.size, dtype=np.int64)
    local[places] = np.arange(places.size)
    held, reached = terms.must[entries].copy(), np.zeros(places.size, dtype=bool)
    bent = now.flexible[places]
    while True:
        sides = reached.astype(np.int64)
        constant, slope = now.lines.constant[sides], now.lines.slope[sides]
        known = np.where(inside, constant[local[owner]], now.passed[owner])
        weight = np.where(inside, held * slope[local[owner]], 0.0)
        carry = np.flatnonzero(weight)
        matrix = sp.csr_array((weight[carry], (row[carry], local[owner[carry]])), shape=(places.size, places.size))
        share = _least(matrix, terms.gift[places] + np.bincount(row, held * known, places.size), component[places])
        grown = _reached(now, places, share) & ~reached & ~now.members[places]
        if grown.any():
            reached |= grown
            continue
        if not bent.any():
            break
        passes = np.where(inside, (constant + slope * share)[local[owner]], now.passed[owner])
        choice = terms.must[entries] + _filled(now, entries, passes)
        worth = terms.gift[places] + np.bincount(row, choice * passes, places.size)
        better = bent & (worth > share + BETTER)
        if not better.any():
            break
        held = np.where(better[row], choice, held)
    now.keep(places, share, reached)


def _least(matrix: sp.csr_array, base: Floats, component: Ints) -> Floats:
    """Return the least solution of x = base + matrix x; what nothing flows into is 0."""
    flows = base > 0
    while (more := flows | (matrix @ flows.astype(float) > 0)).sum() > flows.sum():
        flows = more
    share = np.zeros(base.size)
    places = np.flatnonzero(flows)
    if not places.size:
        return share
    inner, base = sp.csr_array(matrix[places][:, places]), base[places]
    if np.unique(component[places], return_counts=True)[1].max() > DIRECT:
        found, part = base.copy(), base
        for _ in range(ROUNDS):
            part = inner @ part
            found += part
            if part.sum() < 1e-16:
                share[places] = found
                return share
    share[places] = splu(sp.csc_array(sp.eye_array(places.size) - inner)).solve(base)
    return share


def _reached(now: Pass, places: Ints, share: Floats) -> Mask:
    """Return who has reached the threshold of the rule, in exact numbers where it is near."""
    if now.rule.at is None:
        return np.zeros(places.size, dtype=bool)
    at = float(now.rule.at)
    reached = np.asarray(share >= at)
    near = np.flatnonzero(np.abs(share - at) <= NEAR)
    if near.size:
        reached[near] = _exactly(now, places[near])
    return reached


def _exactly(now: Pass, places: Ints) -> Mask:
    """Return who has reached the threshold, exactly."""
    graph, rule, terms = now.graph, now.rule, now.terms
    assert rule.at is not None
    entries, row = graph.holders.of(places), np.repeat(np.arange(places.size), _counts(graph, places))
    passes = now.passed[graph.owner[entries]]
    parts = terms.must[entries] * FINE
    plain = (
        (np.abs(parts - np.rint(parts)) < 1e-4) & ((passes == 0) | (passes == 1)) & now.settled[graph.owner[entries]]
    )
    simple = ~now.graph.order.ring[places] & ~now.flexible[places] & (np.bincount(row, ~plain, places.size) == 0)
    whole = np.rint(terms.gift[places] * FINE) + np.bincount(row, np.rint(parts) * passes, places.size)
    limit = float(rule.at * int(FINE))
    reached = whole >= limit if rule.compare == "at least" else whole > limit
    hard = places[~simple]
    if hard.size:
        reached[~simple] = reached_exactly(now, hard)
    return np.asarray(reached)


def reached_exactly(now: Pass, places: Ints) -> Mask:
    """Return who has reached the threshold, by fractions on what lies upstream and is not settled.

    In a ring that is too large for fractions, who comes near has not reached it for the least, and has for the most.
    """
    graph, open_ = now.graph, now.open_
    behind = graph.upstream(places, ~now.settled)
    nobody = np.zeros(graph.size, dtype=bool)
    case = cut(graph, places, behind, now.members, nobody, open_, now.rule, now.settled)
    if case.large:
        return np.full(places.size, now.side == "high")
    known = {place: Fraction(float(now.passed[place])) for place in behind[now.settled[behind]].tolist()}
    shares = solve(case.knowing(known), now.side).shares
    return np.array([now.rule.reached(shares[place]) for place in places.tolist()])
