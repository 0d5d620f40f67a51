"""How much of an entity does a set of holders hold, is that enough, and which missing fact would tell?

Shares in, three answers out: yes, no, or unknown with the facts that would decide it. Bounds are sound (no statement
of the stakes that fits their ranges lies outside) and attained. A rule of `attribution.RULES` says what counts through
others. One entity is answered in exact fractions on what lies upstream of it; a whole graph in floating point, and
exactly again wherever that comes near a threshold.

Unknown holders: what no stake accounts for may be held by members of the set where `open_` says so, and is harmless
where it does not.

Source of the closed form: Brioschi, Buzzacchi and Colombo (1989); of the rules: see `attribution`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellroad.chain.finding import Finding
from cellroad.rules.attribution import HALF, ONE, RULES, ZERO, Compare, Rule, meets
from cellroad.rules.graph import Floats, Graph, Mask
from cellroad.rules.ownership_exact import (
    RING,
    Case,
    Side,
    Solved,
    Stake,
    Trail,
    added,
    again,
    case_of,
    exactly,
    solve,
    trail,
)
from cellroad.rules.ownership_whole import roughly, whole

TRIED = 200
"""Facts that are tried out, those nearest to the target."""
LONG = 12
"""Entities in a ring from which on floating point is tried first."""
FEW = 4
"""Facts that are tried out in long rings, where each costs a pass; none where each member is looked at alone."""
Verdict = Literal["yes", "no", "unknown"]
Kind = Literal["stake", "remainder", "holder"]


class Interval(NamedTuple):
    """The least and the most that a share can be, exactly, 0..1."""

    low: Fraction
    high: Fraction


@dataclass(frozen=True)
class Missing:
    """A fact that is not known and bears on an answer.

    kind: "stake" (its share is a range; `place` is its entry), "remainder" (who holds what no stake accounts for;
    `place` is the entity) or "holder" (whether it belongs to the set; `place` is the holder). moves: by how much
    knowing it narrows the interval, the mean of both ends. answers: what the answer would be with the fact at either
    end: the share at its least and its most; the remainder, or the holder, harmless and of the set.
    """

    kind: Kind
    place: int
    moves: Fraction
    answers: tuple[Verdict, Verdict]

    @property
    def decides(self) -> bool:
        """Say whether knowing this fact alone would decide, at either end."""
        return "unknown" not in self.answers


@dataclass(frozen=True)
class Answer:
    """Whether a share meets a threshold, and what leads there.

    low, high: bounds of the share. witnesses: entries of the stakes that carry a yes; otherwise all that were or may
    be counted. missing: the facts that would tell, most telling first; empty where the answer is known. holder: the
    holder that was looked at alone, where holders were. overfull: entities upstream whose stated shares sum to more
    than 1, so that something stated there is wrong.
    """

    answer: Verdict
    low: Fraction
    high: Fraction
    witnesses: tuple[int, ...]
    missing: tuple[Missing, ...] = ()
    holder: int | None = None
    overfull: tuple[int, ...] = ()


class Shares(NamedTuple):
    """The least and the most of every entity that a set holds, 0..1, by position."""

    low: Floats
    high: Floats


def aggregate(graph: Graph, caught: Mask, maybe: Mask, open_: Mask, rule: Rule) -> Shares:
    """Return the least and the most of every entity that the set holds together; members of the set count 1.

    caught: who belongs to the set; maybe: who may; open_: whose unknown holders may. Masks over the entities. Errors
    are below 1e-12; in a ring of more than 300 entities that comes within 1e-9 of the threshold of the rule, the least
    takes it as not reached and the most as reached.
    """
    low = whole(graph, caught, open_, rule, "low")
    rough = rule.at is not None and np.bincount(graph.order.component, minlength=1).max() > RING
    certain = not (rough or maybe.any() or open_.any() or (graph.low < graph.high).any())
    return Shares(low, low if certain else whole(graph, caught | maybe, open_, rule, "high"))


def overfull(graph: Graph) -> list[Finding]:
    """Return a warning for every entity whose stakes, at their least, sum to more than the whole.

    Such stakes cannot all be true. They are kept as they are stated; together they never count for more than 1.
    """
    total = np.bincount(graph.owned, graph.low, graph.size)
    mend = "Correct a share, or end the stake that another has replaced."
    return [
        Finding("warning", "stakes", None, "share_min", f"{total[k]:.4g} of {graph.entities[k]!r}", "at most 1", mend)
        for k in np.flatnonzero(total > 1 + NEAR).tolist()
    ]


def screen(
    graph: Graph, caught: Mask, maybe: Mask, open_: Mask, rule: Rule, compare: Compare, threshold: Fraction | float
) -> NDArray[np.str_]:
    """Return for every entity whether the set holds at least (or more than) a threshold: yes, no or unknown.

    Worked out in floating point, and in fractions where a bound comes within 1e-9 of the threshold.
    """
    exact, shares = _fraction(threshold), aggregate(graph, caught, maybe, open_, rule)
    at = float(exact)
    reached = [bound >= at if compare == "at least" else bound > at for bound in shares]
    near = np.flatnonzero((np.abs(shares.low - at) <= NEAR) | (np.abs(shares.high - at) <= NEAR))
    if near.size:
        case = case_of(graph, near, caught, maybe, open_, rule)
        for side, met in zip(SIDES, reached, strict=True):
            found = _solved(case, side)
            met[near] = [meets(found[place], compare, exact) for place in near.tolist()]
    return np.where(reached[0], "yes", np.where(reached[1], "unknown", "no"))


def verdict(interval: Interval, compare: Compare, threshold: Fraction | float) -> Verdict:
    """Say whether a share that lies in an interval is at least, or more than, a threshold."""
    exact = _fraction(threshold)
    if meets(interval.low, compare, exact):
        return "yes"
    return "unknown" if meets(interval.high, compare, exact) else "no"


def interval(graph: Graph, target: int, caught: Mask, maybe: Mask, open_: Mask, rule: Rule) -> Interval:
    """Return the least and the most of the target that the set holds together, exactly.

    caught: who belongs to the set; maybe: who may; open_: whose unknown holders may. Masks over the entities.
    """
    return _together(_case(graph, target, caught, maybe, open_, rule), target)


def largest(
    graph: Graph, target: int, caught: Mask, maybe: Mask, open_: Mask, rule: Rule
) -> tuple[Interval, int | None]:
    """Return the share of the single largest holder among the set, exactly, and who it is.

    Each member is looked at alone; the others are ordinary holders then and are looked through. One unknown holder
    may hold every open remainder. The holder is the one that holds most for certain, or may hold most where none
    does; None where nobody known holds anything.
    """
    case = _case_of_each(graph, target, caught, maybe, open_, rule)
    return _bounds(case, target, True, _start(case, True, False))


def decide(
    graph: Graph, target: int, caught: Mask, maybe: Mask, open_: Mask, rule: Rule,
    compare: Compare, threshold: Fraction | float, singly: bool = False, tries: int = TRIED,
) -> Answer:  # fmt: skip
    """Return whether the set holds at least (or more than) a threshold of the target, with witnesses.

    singly: whether any one member does, alone. Where the answer is unknown, missing facts are tried at both of their
    ends to tell how much hangs on each: who may belong to the set, then what is nearest to the target, up to `tries`.
    Long rings are worked out in floating point, widened by 1e-9, and in fractions where that comes near the threshold.
    """
    exact = _fraction(threshold)
    case = (_case_of_each if singly else _case)(graph, target, caught, maybe, open_, rule)
    start = _start(case, singly, case.longest > LONG)
    found, holder = _bounds(case, target, singly, start)
    if start.ways is None and not case.large and _close(found, exact):
        start = _start(case, singly, False)
        found, holder = _bounds(case, target, singly, start)
    answer = verdict(found, compare, exact)
    tries = tries if start.ways else 0 if singly else min(tries, FEW)
    looked = case
    if singly:
        one = frozenset() if holder is None else frozenset({holder})
        looked = replace(case, caught=one, maybe=frozenset())
    return Answer(
        answer,
        found.low,
        found.high,
        _counted(looked, target, "low" if answer == "yes" else "high"),
        _missing(case, target, found, compare, exact, singly, start, tries) if answer == "unknown" else (),
        holder,
        tuple(
            sorted(place for place, stakes in case.stakes.items() if added(stake.low for stake in stakes) > ONE + OVER)
        ),
    )


NEAR = 1e-9
OVER = Fraction(1, 10**9)  # by how much shares may sum to more than 1 through rounding
SIDES: tuple[Side, Side] = ("low", "high")


def _close(found: Interval, threshold: Fraction) -> bool:
    """Say whether a bound lies so near a threshold that rounding may decide."""
    return any(abs(bound - threshold) <= OVER * 4 for bound in found)


def _solved(case: Case, side: Side) -> dict[int, Fraction]:
    return roughly(case, side) if case.large else solve(case, side).shares


def _fraction(share: Fraction | float) -> Fraction:
    return share if isinstance(share, Fraction) else exactly(float(share))


def _case(graph: Graph, target: int, caught: Mask, maybe: Mask, open_: Mask, rule: Rule) -> Case:
    return case_of(graph, np.array([target]), caught, maybe, open_, rule)


def _case_of_each(graph: Graph, target: int, caught: Mask, maybe: Mask, open_: Mask, rule: Rule) -> Case:
    """Return the case of a target that also looks behind members of the set."""
    nobody = np.zeros(graph.size, dtype=bool)
    whole = case_of(graph, np.array([target]), nobody, nobody, open_, rule)
    near = {target, *(stake.owner for stakes in whole.stakes.values() for stake in stakes)}
    places = np.array(sorted(near))
    return replace(
        whole, caught=frozenset(places[caught[places]].tolist()), maybe=frozenset(places[maybe[places]].tolist())
    )


def _together(case: Case, target: int) -> Interval:
    """Return what the set holds together."""
    low = _solved(case, "low")[target]
    return Interval(low, low if case.certain and not case.large else _solved(case, "high")[target])


class _Start(NamedTuple):
    """A question worked out, from which others are that differ in one fact; without ways where rings are too large."""

    ways: Trail | None
    solved: dict[int | None, dict[Side, Solved]]


def _views(case: Case, singly: bool) -> dict[int | None, Case]:
    """Return the case as it is asked: of all together (None), or of each alone, None being somebody without a name."""
    if not singly:
        return {None: case}
    views: dict[int | None, Case] = {None: replace(case, caught=frozenset(), maybe=frozenset())}
    spare = replace(case, open=case.open | case.taken, taken=frozenset())
    for member in sorted(case.caught | case.maybe):
        one = frozenset({member})
        views[member] = replace(spare, caught=case.caught & one, maybe=case.maybe & one)
    return views


def _start(case: Case, singly: bool, rough: bool) -> _Start:
    """Work out a question; each member from the case in which nobody counts. Roughly: leave it to floating point."""
    if rough or case.large:
        return _Start(None, {})
    ways, views = trail(case), _views(case, singly)
    first: dict[Side, Solved] = {side: solve(views[None], side) for side in SIDES}
    solved: dict[int | None, dict[Side, Solved]] = {None: first}
    for member, view in views.items():
        if member is not None:
            solved[member] = {side: again(view, side, first[side], [member], ways) for side in SIDES}
    return _Start(ways, solved)


def _bounds(
    case: Case, target: int, singly: bool, start: _Start, changed: tuple[int, ...] = ()
) -> tuple[Interval, int | None]:
    """Return the bounds in a case that differs from the start at some entities, and who holds most, asked singly."""
    found: dict[int | None, Interval] = {}
    for who, view in _views(case, singly).items():
        if start.ways is None:
            found[who] = Interval(*(roughly(view, side)[target] for side in SIDES))
        else:
            before = start.solved[who]
            found[who] = Interval(*(again(view, s, before[s], changed, start.ways).shares[target] for s in SIDES))
    named = {who: bounds for who, bounds in found.items() if who is not None and bounds.high}
    holder = max(named, key=lambda who: (named[who], -who), default=None)
    return Interval(max(low for low, _ in found.values()), max(high for _, high in found.values())), holder


def _counted(case: Case, target: int, side: Side) -> tuple[int, ...]:
    """Return the stakes that count, or may count, towards the share of the target, in the order of the graph."""
    shares = _solved(case, side)
    members = case.caught if side == "low" else case.caught | case.maybe
    entries, front, seen = set[int](), [target], {target}
    while front:
        place = front.pop()
        if place in members:
            continue
        for stake in case.stakes.get(place, ()):
            passes = ONE if stake.owner in members else case.rule.passed(shares[stake.owner])
            if passes and (stake.low if side == "low" else stake.high):
                entries.add(stake.entry)
                if stake.owner not in seen:
                    seen.add(stake.owner)
                    front.append(stake.owner)
    return tuple(sorted(entries))


def _missing(
    case: Case,
    target: int,
    now: Interval,
    compare: Compare,
    threshold: Fraction,
    singly: bool,
    start: _Start,
    tries: int,
) -> tuple[Missing, ...]:
    """Return the facts that would narrow the answer, most telling first; all of them where none does alone."""
    facts = []
    for kind, place, changed, ends in islice(_unknowns(case), tries):
        found = [_bounds(end, target, singly, start, (changed,))[0] for end in ends]
        moves = (now.high - now.low) - sum((end.high - end.low for end in found), ZERO) / 2
        answers = (verdict(found[0], compare, threshold), verdict(found[1], compare, threshold))
        facts.append((found != [now, now], Missing(kind, place, moves, answers)))
    telling = [fact for tells, fact in facts if tells] or [fact for _, fact in facts]
    return tuple(sorted(telling, key=lambda fact: (-fact.moves, not fact.decides, fact.kind, fact.place)))


def _unknowns(case: Case) -> Iterator[tuple[Kind, int, int, tuple[Case, Case]]]:
    """Yield every fact of a case that is not known, nearest to the target first: its kind, its place, the entity at
    which it changes the case, and the case at both ends of it.
    """
    for holder in sorted(case.maybe - case.caught):
        harmless = replace(case, maybe=case.maybe - {holder})
        yield "holder", holder, holder, (harmless, replace(harmless, caught=case.caught | {holder}))
    for owned in (place for group, _ in reversed(case.groups) for place in group if place not in case.caught):
        stakes = case.stakes[owned]
        room = max(ONE - added(stake.low for stake in stakes), ZERO)
        for stake in stakes:
            if stake.ranges:
                ends = stake.low, min(stake.high, stake.low + room)
                low, high = (case.stated(owned, Stake(stake.entry, stake.owner, end, end)) for end in ends)
                yield "stake", stake.entry, owned, (low, high)
        if owned in case.open and room:
            harmless = replace(case, open=case.open - {owned})
            yield "remainder", owned, owned, (harmless, replace(harmless, taken=case.taken | {owned}))


def related(graph: Graph, a: int, b: int, open_: Mask | None = None) -> Verdict:
    """Say whether two entities are under more than 50 percent common control.

    Parent and subsidiary: one heads a chain in which each company is held more than half by others of the chain, or a
    third company heads chains to both. Brother and sister: five or fewer common ultimate owners hold more than half of
    both, counting of each owner only the smaller of the two shares. 26 USC 52(a) and (b), 1563(a), in plain form.

    Simplified, so have a lawyer look: votes and value are the one interest of the graph; ultimate owners are entities
    that nobody holds, whether persons or not; holdings of a family, options and excluded stock are not looked at; the
    shares of owners go in proportion along every chain, without the 5 percent floor of 1563(e). `open_`: whose
    remainder may be held by a common owner; as a rule every entity of which a stake is known. The upper bound takes
    each owner at the most for itself, so it may say unknown where all owners together would tell no.
    """
    if a == b:
        return "yes"
    held = np.diff(graph.holders.start) > 0
    wide = held if open_ is None else open_
    nobody = np.zeros(graph.size, dtype=bool)
    above = [np.union1d(graph.upstream(place), [place]) for place in (a, b)]
    chain, owners = (
        case_of(graph, np.array([a, b]), nobody, nobody, wide, RULES[name])
        for name in ("section_1563_chain", "multiplicative")
    )
    common = np.union1d(above[0], above[1]) if chain.open else np.intersect1d(above[0], above[1])
    answers = {_parent(chain, head, a, b) for head in [None, *common.tolist()]}
    if "yes" in answers:
        return "yes"
    shares = [_shared(owners, owner, a, b) for owner in [None, *common[~held[common]].tolist()]]
    five = [sum(sorted(ends, reverse=True)[:5], ZERO) for ends in zip(*shares, strict=True)]
    answers.add(verdict(Interval(five[0], five[1]), "more than", HALF))
    return "yes" if "yes" in answers else "unknown" if "unknown" in answers else "no"


def _parent(case: Case, head: int | None, a: int, b: int) -> Verdict:
    """Say whether a head (None: somebody unknown) leads chains of more than half to both; it leads one to itself."""
    low, high = _of_one(case, head)
    return verdict(Interval(min(low[a], low[b]), min(high[a], high[b])), "more than", HALF)


def _shared(case: Case, owner: int | None, a: int, b: int) -> tuple[Fraction, Fraction]:
    """Return the smaller of the shares that one owner (None: somebody unknown) has in two entities."""
    low, high = _of_one(case, owner)
    return min(low[a], low[b]), min(high[a], high[b])


def _of_one(case: Case, owner: int | None) -> tuple[dict[int, Fraction], dict[int, Fraction]]:
    one = replace(case, caught=frozenset() if owner is None else frozenset({owner}))
    return _solved(one, "low"), _solved(one, "high")


def integrated(graph: Graph) -> Floats:
    """Return what every entity holds of every other at the least shares, in proportion along every chain.

    A matrix of owners by owned: diag(V)^-1 (V − I) with V = (I − W)^-1, W the direct shares. For graphs of up to some
    thousand entities; the shares of the ultimate owners of an entity that is held in full sum to 1. Raises ValueError
    where entities hold each other in full, so that nobody is behind them.
    """
    direct = np.zeros((graph.size, graph.size))
    np.add.at(direct, (graph.owner, graph.owned), graph.low)
    try:
        inverse = np.linalg.inv(np.eye(graph.size) - direct)
    except np.linalg.LinAlgError:
        raise ValueError("some entities hold each other in full, so nobody is behind them") from None
    return np.asarray((inverse - np.eye(graph.size)) / np.diag(inverse)[:, None], dtype=np.float64)
