"""What share of an entity a set of holders holds, in exact fractions.

Shares are decimals that people wrote, and a law asks for "at least 25 percent": 0.1 + 0.15 must be 0.25 and not a
hair less. So a question about one entity is answered in fractions, on what lies upstream of it only.

Entities are taken holders first. Where some hold each other they are worked out together: a linear system, solved by
Gaussian elimination; then whoever has come to the threshold of the rule passes on more, and the system is solved
again, until nobody is added. Only ever adding gives the least solution, which is the answer (see `attribution`).

Bounds. A stake is between low and high, the shares in one entity sum to 1, and what no stake accounts for is held by
somebody unknown. The least that S may hold counts every stake at its low. The most gives every stake its low and the
rest of the 1 to the holders who pass on most, each up to its high, or to unknown members of S where they may be:

    most_j = Σ_i low_ij f_i + max { Σ_i y_ij f_i + y_j : y_ij <= high_ij − low_ij,  Σ_i y_ij + y_j <= 1 − Σ_i low_ij }

Where the stated lows sum to more than 1, they cannot all be true: the 1 is filled from the holders who pass on most.
In a ring the choice of y is improved until no other choice gives more (Howard 1960), so the bound is attained.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from heapq import heappop, heappush
from itertools import chain
from math import lcm
from typing import Literal, NamedTuple

import numpy as np

from cellroad.rules.attribution import ONE, ZERO, Rule
from cellroad.rules.graph import Graph, Ints, Mask

Side = Literal["low", "high"]
RING = 300  # entities that hold each other, up to which fractions are quick


class Stake(NamedTuple):
    """One stake: its entry in the graph, its owner, and the share that it is."""

    entry: int
    owner: int
    low: Fraction
    high: Fraction

    @property
    def ranges(self) -> bool:
        """Say whether the share is a range."""
        return self.low is not self.high and self.low != self.high


class Terms(NamedTuple):
    """What an entity is made of: shares that are held, shares that may be, room for these, and what counts anyway."""

    must: list[tuple[int, Fraction]]
    may: list[tuple[int, Fraction]]
    room: Fraction
    gift: Fraction


@dataclass(frozen=True)
class Case:
    """What bears on some entities, in exact numbers.

    groups: entities, holders first; those of one group hold each other where it is marked as a ring. stakes: by the
    entity that is held. caught: who counts for certain; maybe: who may; open: whose remainder unknown members may
    hold; taken: whose remainder they do hold. known: f of entities that are not looked behind.
    """

    groups: tuple[tuple[tuple[int, ...], bool], ...]
    stakes: Mapping[int, tuple[Stake, ...]]
    caught: frozenset[int]
    maybe: frozenset[int]
    open: frozenset[int]
    rule: Rule
    taken: frozenset[int] = frozenset()
    known: Mapping[int, Fraction] = field(default_factory=dict)

    def members(self, side: Side) -> frozenset[int]:
        """Return who counts: for the least those who do for certain, for the most those who may, too."""
        return self.caught if side == "low" else self.caught | self.maybe

    @property
    def certain(self) -> bool:
        """Say whether everything is known: one share for every stake, no doubt about holders or remainders."""
        ranges = (stake.ranges for stakes in self.stakes.values() for stake in stakes)
        return not (self.maybe or self.open or self.taken or any(ranges))

    @property
    def large(self) -> bool:
        """Say whether more entities hold each other than fractions can be worked out for."""
        return self.longest > RING

    @property
    def longest(self) -> int:
        """Return how many entities the longest ring has."""
        return max((len(group) for group, ring in self.groups if ring), default=0)

    def stated(self, owned: int, stake: Stake) -> Case:
        """Return the case with one stake in an entity told otherwise."""
        stakes = tuple(stake if old.entry == stake.entry else old for old in self.stakes[owned])
        return replace(self, stakes={**self.stakes, owned: stakes})

    def knowing(self, known: Mapping[int, Fraction]) -> Case:
        """Return the case with what some entities pass on known."""
        return replace(self, known=known)


@lru_cache(maxsize=1 << 16)
def exactly(share: float) -> Fraction:
    """Return a share as the decimal that it is written as."""
    return Fraction(Decimal(repr(share)))


def case_of(graph: Graph, targets: Ints, caught: Mask, maybe: Mask, open_: Mask, rule: Rule) -> Case:
    """Return what bears on the targets: everything upstream, but nothing behind those who count for certain."""
    return cut(graph, targets, graph.upstream(targets, ~caught), caught, maybe, open_, rule, caught)


def cut(
    graph: Graph, targets: Ints, behind: Ints, caught: Mask, maybe: Mask, open_: Mask, rule: Rule, settled: Mask
) -> Case:
    """Return the case of the targets and of the entities behind them, those that are settled left out."""
    places = np.union1d(targets, behind[~settled[behind]])
    component = graph.order.component[places]
    places = places[np.lexsort((component, graph.order.level[places]))]
    groups: list[tuple[list[int], bool]] = []
    last = -1
    columns = graph.order.component[places].tolist(), graph.order.ring[places].tolist()
    for place, name, ring in zip(places.tolist(), *columns, strict=True):
        if name != last:
            groups.append(([], ring))
        groups[-1][0].append(place)
        last = name
    stakes = _stakes(graph, places)
    owners = (stake.owner for held in stakes.values() for stake in held)
    near = np.fromiter(chain(stakes, owners), dtype=np.int64)
    return Case(
        tuple((tuple(group), ring) for group, ring in groups),
        stakes,
        frozenset(near[caught[near]].tolist()),
        frozenset(near[maybe[near]].tolist()),
        frozenset(places[open_[places]].tolist()),
        rule,
    )


def _stakes(graph: Graph, places: Ints) -> dict[int, tuple[Stake, ...]]:
    """Return the stakes in the entities, exactly."""
    entries = graph.holders.of(places)
    entries = entries[graph.high[entries] > 0]
    columns = (column[entries].tolist() for column in (graph.owned, graph.owner, graph.low, graph.high))
    stakes: dict[int, list[Stake]] = {place: [] for place in places.tolist()}
    for entry, owned, owner, low, high in zip(entries.tolist(), *columns, strict=True):
        stakes[owned].append(Stake(entry, owner, exactly(low), exactly(high)))
    return {owned: tuple(rows) for owned, rows in stakes.items()}


class Solved(NamedTuple):
    """The share of every entity of a case, and what it passes on."""

    shares: dict[int, Fraction]
    passed: dict[int, Fraction]


class Trail(NamedTuple):
    """Where a change goes: the group of every entity, and the groups in which it holds something."""

    group: dict[int, int]
    onward: dict[int, set[int]]


def solve(case: Case, side: Side) -> Solved:
    """Return the least or the most that may be held of every entity of a case; members of the set count 1."""
    members = case.members(side)
    solved = Solved(dict.fromkeys(members, ONE), {**case.known, **dict.fromkeys(members, ONE)})
    for number in range(len(case.groups)):
        _settle(case, side, number, members, solved)
    return solved


def trail(case: Case) -> Trail:
    """Return where a change of an entity of a case goes."""
    group = {place: number for number, (places, _) in enumerate(case.groups) for place in places}
    onward: dict[int, set[int]] = {}
    for owned, stakes in case.stakes.items():
        for stake in stakes:
            onward.setdefault(stake.owner, set()).add(group[owned])
    return Trail(group, onward)


def again(case: Case, side: Side, before: Solved, changed: Iterable[int], ways: Trail) -> Solved:
    """Return the solution of a case from that of another which differs only at some entities, or in whether they count.

    Only what such a change comes to is worked out again.
    """
    members = case.members(side)
    solved = Solved(dict(before.shares), dict(before.passed))
    waiting = sorted({ways.group[place] for place in changed})
    while waiting:
        number = heappop(waiting)
        places = case.groups[number][0]
        was = [solved.passed[place] for place in places]
        _settle(case, side, number, members, solved)
        moved = [place for place, old in zip(places, was, strict=True) if solved.passed[place] != old]
        for further in {number for place in moved for number in ways.onward.get(place, ())} - {number, *waiting}:
            heappush(waiting, further)
    return solved


def _settle(case: Case, side: Side, number: int, members: frozenset[int], solved: Solved) -> None:
    """Work out the entities of one group from their holders, and write them down."""
    places, ring = case.groups[number]
    for member in members.intersection(places):
        solved.shares[member] = solved.passed[member] = ONE
    terms = {place: _terms(case, place, side) for place in places if place not in members}
    found = _ring(terms, solved.passed, case.rule) if ring else _alone(terms, solved.passed)
    for place, share in found.items():
        solved.shares[place] = share
        solved.passed[place] = case.rule.passed(share) if share else ZERO


def _terms(case: Case, place: int, side: Side) -> Terms:
    """Return what an entity is made of, for the least or for the most that may be held of it."""
    stakes = case.stakes[place]
    total = added(stake.low for stake in stakes)
    if total > 1:
        return Terms([], [(stake.owner, stake.low if side == "low" else stake.high) for stake in stakes], ONE, ZERO)
    must = [(stake.owner, stake.low) for stake in stakes]
    if side == "low":
        sure = max(ONE - added(stake.high for stake in stakes), ZERO) if place in case.taken else ZERO
        return Terms(must, [], ZERO, sure)
    if place in case.open or place in case.taken:
        return Terms(must, [], ZERO, ONE - total)
    may = [(stake.owner, stake.high - stake.low) for stake in stakes if stake.ranges]
    return Terms(must, may, ONE - total, ZERO)


def added(shares: Iterable[Fraction]) -> Fraction:
    """Return the sum of shares; over one denominator, which is quicker than one by one."""
    parts = [(share.numerator, share.denominator) for share in shares]
    scale = lcm(*(below for _, below in parts))
    return Fraction(sum(above * (scale // below) for above, below in parts), scale)


def _alone(terms: Mapping[int, Terms], passed: Mapping[int, Fraction]) -> dict[int, Fraction]:
    """Return the shares of entities whose holders are all worked out."""
    return {
        place: of.gift + _worth(of.must, passed) + (_worth(_filled(of, passed), passed) if of.may else ZERO)
        for place, of in terms.items()
    }


def _worth(held: Iterable[tuple[int, Fraction]], passed: Mapping[int, Fraction]) -> Fraction:
    """Return what held shares pass on together."""
    worth = ZERO
    for owner, share in held:
        passes = passed.get(owner, ZERO)
        if passes is ONE:
            worth += share
        elif passes is not ZERO:
            worth += share * passes
    return worth


def _filled(terms: Terms, passed: Mapping[int, Fraction]) -> list[tuple[int, Fraction]]:
    """Return who gets the room: those who pass on most, each up to what they may hold, and nobody for nothing."""
    filled, room = [], terms.room
    for owner, share in sorted(terms.may, key=lambda held: passed.get(held[0], ZERO), reverse=True):
        if not room or not passed.get(owner):
            break
        filled.append((owner, min(share, room)))
        room -= filled[-1][1]
    return filled


def _ring(terms: Mapping[int, Terms], passed: Mapping[int, Fraction], rule: Rule) -> dict[int, Fraction]:
    """Return the shares of entities that hold each other: the least solution under the best choice."""
    held = {place: list(of.must) for place, of in terms.items()}
    reached: set[int] = set()
    while True:
        lines = {place: rule.line(place in reached) for place in terms}
        shares = _least({place: _row(of.gift, held[place], passed, lines) for place, of in terms.items()})
        grown = {place for place, share in shares.items() if rule.reached(share)} - reached
        if grown:
            reached |= grown
            continue
        passing = {**passed, **{place: lines[place][0] + lines[place][1] * share for place, share in shares.items()}}
        better = {}
        for place, of in terms.items():
            choice = of.must + _filled(of, passing)
            if of.may and of.gift + _worth(choice, passing) > shares[place]:
                better[place] = choice
        if not better:
            return shares
        held |= better


Row = tuple[Fraction, dict[int, Fraction]]


def _row(
    gift: Fraction, held: Iterable[tuple[int, Fraction]], passed: Mapping[int, Fraction],
    lines: Mapping[int, tuple[Fraction, Fraction]],
) -> Row:  # fmt: skip
    """Return x = constant + Σ coefficient x of one entity of a ring."""
    constant, slopes = gift, dict[int, Fraction]()
    for owner, share in held:
        fixed, slope = lines.get(owner) or (passed.get(owner, ZERO), ZERO)
        constant += share * fixed
        if slope:
            slopes[owner] = slopes.get(owner, ZERO) + share * slope
    return constant, slopes


def _least(rows: Mapping[int, Row]) -> dict[int, Fraction]:
    """Return the least solution of x = c + A x, for rows of shares that sum to at most 1.

    Gaussian elimination, the unknown that fills in least first. Where a row is all its own (x = x), its constant is 0,
    and so is x.
    """
    constant = {place: row[0] for place, row in rows.items()}
    slopes = {place: dict(row[1]) for place, row in rows.items()}
    users: dict[int, set[int]] = {place: set() for place in rows}
    for place, row in slopes.items():
        for owner in row:
            users[owner].add(place)
    left, eliminated = set(rows), []
    while left:
        pivot = min(left, key=lambda place: (len(slopes[place]) * len(users[place]), place))
        left.remove(pivot)
        eliminated.append(pivot)
        row = slopes[pivot]
        own = row.pop(pivot, ZERO)
        users[pivot].discard(pivot)
        for owner in row:
            users[owner].discard(pivot)
        if own and own != 1:
            constant[pivot] /= 1 - own
            for owner in row:
                row[owner] /= 1 - own
        for user in users[pivot]:
            weight = slopes[user].pop(pivot)
            constant[user] += weight * constant[pivot]
            for owner, slope in row.items():
                slopes[user][owner] = slopes[user].get(owner, ZERO) + weight * slope
                users[owner].add(user)
    shares: dict[int, Fraction] = {}
    for place in reversed(eliminated):
        shares[place] = constant[place] + sum((slope * shares[o] for o, slope in slopes[place].items()), ZERO)
    return shares
