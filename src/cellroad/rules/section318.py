"""Whose stock counts as whose under 26 USC 318(a): family, partnerships, estates, trusts, corporations, options.

Stock of one corporation is cut into slices, each with those who own it. A slice that an entity owns is cut further
among those who hold the entity, in proportion (318(a)(2)); a relative (1), an entity of which one is a member (3) and
the holder of an option (4) own the slice as it is. So every bit of stock counts once for a person, however many ways
lead to it (26 CFR 1.318-1(b)(2)), and two things stay apart: stock owned through family goes to no further relative
(318(a)(5)(B)), stock owned through a member is not handed on to another member (5)(C).

A reading, not advice. Left out: employees' trusts, grantor trusts, adoption, S corporations (enter them as
partnerships), options on stock that is not issued. For the 50 percent of a corporation counts what is owned itself,
through family and through entities, not what an entity owns through its members. Stock of a family corporation that an
individual owns through a relative's holding is taken not to go to a further relative. Corporations that hold each
other are refused. For shares in a whole graph see `ownership`; this is for a page of persons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Literal

from cellroad.rules.attribution import HALF, ZERO

Kind = Literal["individual", "corporation", "partnership", "estate", "trust"]
Persons = frozenset[str]


@dataclass(frozen=True)
class Slice:
    """A part of the stock of a corporation.

    owners own it and may hand it on to their relatives; kin own it but may not. splits are ways to cut it further.
    """

    amount: Fraction
    owners: Persons
    kin: Persons
    splits: tuple[tuple[Slice, ...], ...]


@dataclass(frozen=True)
class People:
    """Persons, who holds what, and who is related.

    kinds: every person. holdings: (holder, held) to the share, by value for a corporation, of capital or profits for a
    partnership, by actuarial value for an estate or trust. spouses: pairs, once each. parents: (parent, child).
    options: (who may buy, from whom, of which corporation) to the share. remote: (beneficiary, trust) whose interest
    is contingent and worth at most 5 percent. least: the share of a corporation from which it is looked through; half,
    unless the provision that is applied says otherwise.
    """

    kinds: Mapping[str, Kind]
    holdings: Mapping[tuple[str, str], Fraction]
    spouses: frozenset[tuple[str, str]] = frozenset()
    parents: frozenset[tuple[str, str]] = frozenset()
    options: Mapping[tuple[str, str, str], Fraction] = field(default_factory=dict)
    remote: frozenset[tuple[str, str]] = frozenset()
    least: Fraction = HALF

    @cached_property
    def relatives(self) -> dict[str, Persons]:
        """Return of whom an individual is considered to own the stock: spouse, children, grandchildren, parents."""
        children = {person: {child for parent, child in self.parents if parent == person} for person in self.kinds}
        near = {
            person: {other for pair in self.spouses if person in pair for other in pair if other != person}
            | children[person].union(*(children[child] for child in children[person]))
            | {parent for parent, child in self.parents if child == person}
            for person in self.kinds
        }
        return {person: frozenset(found - {person}) for person, found in near.items()}


def constructive(people: People, corporation: str) -> dict[str, Fraction]:
    """Return the share of the stock of a corporation that each person is considered to own, 0..1.

    Raises ValueError where entities hold each other, directly or through others.
    """
    _refuse_rings(people)
    stock = _slices(people, corporation)
    return {person: _share(people, corporation, person, stock, members=True) for person in people.kinds}


def _refuse_rings(people: People) -> None:
    pairs = {*people.holdings, *((buyer, held) for buyer, _, held in people.options)}
    left = {held: {holder for holder, other in pairs if other == held} for _, held in pairs}
    while free := [held for held, holders in left.items() if not holders & left.keys()]:
        for held in free:
            del left[held]
    if left:
        raise ValueError(f"{', '.join(sorted(left))} hold each other, and section 318 is not worked out for that here")


def _slices(people: People, held: str) -> tuple[Slice, ...]:
    """Return the stock of a corporation, or the interests in another entity, by who holds it."""
    return tuple(
        _slice(people, amount, frozenset(owners), frozenset(), ()) for owners, amount in _lots(people, held) if amount
    )


def _lots(people: People, held: str) -> Iterator[tuple[set[str], Fraction]]:
    """Yield what each holder holds; what somebody has an option on is also the option's holder's."""
    for (holder, other), share in people.holdings.items():
        if other != held:
            continue
        wanted = {buyer: part for (buyer, *lot), part in people.options.items() if lot == [holder, held]}
        for buyer, part in wanted.items():
            yield {holder, buyer}, part
        yield {holder}, share - sum(wanted.values(), ZERO)


def _slice(
    people: People, amount: Fraction, owners: Persons, kin: Persons, splits: tuple[tuple[Slice, ...], ...]
) -> Slice:
    """Return a slice, cut further among those who hold its owners (318(a)(2))."""
    entities = sorted(owner for owner in owners if people.kinds[owner] != "individual")
    further = tuple(
        tuple(_through(people, amount, entity, part) for part in _slices(people, entity)) for entity in entities
    )
    return Slice(amount, owners, kin, splits + further)


def _through(people: People, amount: Fraction, entity: str, part: Slice) -> Slice:
    """Return what a part of an entity makes of an amount of stock that the entity owns.

    A partner or beneficiary owns in proportion (318(a)(2)(A), (B)); a shareholder only from 50 percent on (C), with all
    that he owns of the corporation, family's included (26 CFR 1.318-1(b)(3)).
    """
    splits = tuple(tuple(_through(people, amount, entity, each) for each in split) for split in part.splits)
    if people.kinds[entity] != "corporation":
        return _slice(people, amount * part.amount, part.owners, part.kin, splits)
    stock = _slices(people, entity)
    large = {p for p in people.kinds if _share(people, entity, p, stock, members=False) >= people.least}
    kin = {p for p in large - part.owners if p in part.kin or people.relatives[p] & part.owners}
    return _slice(people, amount * part.amount, part.owners & large, frozenset(kin), splits)


def _share(people: People, corporation: str, person: str, stock: tuple[Slice, ...], members: bool) -> Fraction:
    """Return how much of the stock a person owns; `members`: also what an entity owns through its members."""

    def measure(part: Slice) -> Fraction:
        if _owns(people, corporation, person, part, members):
            return part.amount
        return max((sum(map(measure, split), ZERO) for split in part.splits), default=ZERO)

    return sum(map(measure, stock), ZERO)


def _owns(people: People, corporation: str, person: str, part: Slice, members: bool) -> bool:
    """Say whether a person owns a slice: itself, through a relative (1), or an entity through a member (3)."""
    if person in part.owners or person in part.kin or people.relatives[person] & part.owners:
        return True
    if not members or person == corporation or people.kinds[person] == "individual":
        return False
    return any(_owns(people, corporation, member, part, members) for member in _members(people, person))


def _members(people: People, entity: str) -> list[str]:
    """Return whose stock an entity is considered to own (318(a)(3))."""
    if people.kinds[entity] == "corporation":
        stock = _slices(people, entity)
        return [p for p in people.kinds if _share(people, entity, p, stock, members=False) >= people.least]
    holders = [holder for holder, held in people.holdings if held == entity]
    return [holder for holder in holders if (holder, entity) not in people.remote]
