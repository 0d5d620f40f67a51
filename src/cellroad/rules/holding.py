"""Holdings and agreements in words: who holds how much, under which rule, and what is not known about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from cellroad.rules.attribution import RULES
from cellroad.rules.bars import TRUST
from cellroad.rules.graph import Graph, Mask
from cellroad.rules.ownership import Answer as Held
from cellroad.rules.ownership import Missing
from cellroad.rules.ownership_exact import exactly
from cellroad.rules.parties import Parties
from cellroad.rules.verdict import Answer, Kind, Reason, Verdict, answer_all, answer_any

Row = dict[str, Any]
STATED = ("equity", "votes")
"""Interests that somebody always holds, so that a part of which nothing is stated may be anybody's."""


@dataclass(frozen=True)
class Scene:
    """What an ownership answer is about: the parties, the graph of one interest, its stakes, whose holdings count."""

    parties: Parties
    graph: Graph
    stakes: pl.DataFrame
    caught: Mask
    left_out: Mask

    def name(self, place: int) -> str:
        """Return what people call the entity at a place of the graph."""
        return self.parties.name(self.graph.entities[place])


def told(entity: str, test: Row, scene: Scene, held: Held) -> Iterator[Reason]:
    """Yield an ownership answer in words: who holds how much, what is not known, what was left out."""
    if test["interest"] not in STATED and not held.witnesses:
        text = f"no {test['interest']} of {scene.parties.name(entity)} is stated to be with such holders; taken as none"
        yield Reason(text, (test["test_id"],), "assumption", "assumed")
        return
    behind = [scene.stakes.row(entry, named=True) for entry in held.witnesses]
    counted = [row["owner"] for row in behind if scene.caught[scene.graph.position[row["owner"]]]]
    holders = [scene.parties.name(owner) for owner in dict.fromkeys(counted)]
    span = percent(held.low) if held.low == held.high else f"{percent(held.low)} to {percent(held.high)}"
    alone = ", the largest alone" if test["by"] == "one" else ""
    way = RULES[test["attribution"]].title
    threshold = percent(exactly(test["threshold"]))
    asked = f"{test['compare']} {threshold} is asked"
    who = listed(holders) + (" holds" if len(holders) == 1 else " hold") if holders else "such holders hold"
    text = f"{who} {span} of the {test['interest']} of {scene.parties.name(entity)}{alone} ({way}); {asked}"
    rows = tuple(dict.fromkeys([*(part for row in behind for part in row["row"].split(";")), test["test_id"]]))
    trust = max([str(test["confidence"]), *(row["confidence"] for row in behind)], key=TRUST.index)
    yield Reason(text, rows, trust)
    for fact in held.missing[:3]:
        yield _lacks(fact, scene, test)
    if held.overfull:
        names = listed([scene.name(place) for place in held.overfull])
        yield Reason(f"the stated shares of {names} add up to more than 100 %", (), "unverified", "missing")
    if held.answer == "yes":
        under = "less than" if test["compare"] == "at least" else "at most"
        yield Reason(f"{under} {threshold} of the {test['interest']} with such holders", kind="would change")
    else:
        yield from _left_out(entity, test, scene)
    if held.answer == "no" and held.high > 0:
        yield Reason(f"{test['compare']} {threshold} of the {test['interest']} with such holders", kind="would change")


def _left_out(entity: str, test: Row, scene: Scene) -> Iterator[Reason]:
    """Yield whose unknown holders were left out of an answer that is not yes."""
    place = scene.graph.position[entity]
    looked = [place, *scene.graph.upstream(place).tolist()]
    traded = [scene.name(k) for k in looked if scene.left_out[k]]
    if traded:
        names = listed(traded[:3])
        text = f"holders of {names} that are not known are left out: shares are traded and large holders report"
        yield Reason(text, (test["test_id"],), "unverified", "assumed")


def _lacks(fact: Missing, scene: Scene, test: Row) -> Reason:
    """Return a missing fact in words."""
    settles = " (this alone would settle it)" if fact.decides else ""
    if fact.kind == "stake":
        row = scene.stakes.row(fact.place, named=True)
        names = f"{scene.parties.name(row['owner'])} in {scene.parties.name(row['owned'])}"
        rows = tuple(row["row"].split(";"))
        return Reason(f"the exact share of {names}{settles}", rows, row["confidence"], "missing")
    name = scene.name(fact.place)
    rest = f"who holds the rest of the {test['interest']} of {name}"
    what = rest if fact.kind == "remainder" else f"whether {name} is such a person"
    return Reason(f"{what}{settles}", (), "assumption", "missing")


def grants(stake: Row, test: Row) -> Answer:
    """Say whether the terms of an agreement are among those that count; unknown where they have not been read.

    `test["terms"]` are words separated by ';', with a number of years where a term counts only beyond it: royalty>10.
    """
    if test["signed_from"] and stake["valid_from"] and stake["valid_from"] < test["signed_from"]:
        return "no"
    terms = set(filter(None, stake["terms"].split(";")))
    if not terms:
        return "unknown"
    answers = list[Answer]()
    for wanted in test["terms"].split(";"):
        term, _, years = wanted.partition(">")
        if term in terms and not years:
            answers.append("yes")
        elif term in terms:
            known = stake["term_years"] is not None
            answers.append("unknown" if not known else "yes" if stake["term_years"] > float(years) else "no")
    return answer_any(answers)


def agreed(stake: Row, counts: Answer, under: Answer, test: Row, parties: Parties) -> Verdict:
    """Return whether an agreement or seat counts and its holder is one of those that matter."""
    answer = answer_all([counts, under])
    head = f"{stake['interest']} of {parties.name(stake['owner'])} in {parties.name(stake['owned'])}"
    terms = stake["terms"].replace(";", ", ").replace("_", " ")
    if answer == "yes":
        text = f"{head}, terms: {terms}" if terms else head
    elif answer == "unknown":
        text = f"{head}: " + (
            "what it grants is not known" if counts == "unknown" else "whether the holder is one is not known"
        )
    else:
        text = f"{head}: " + (
            "the holder is not such a person" if under == "no" else f"{terms or 'nothing'} does not count"
        )
    rows = (*stake["row"].split(";"), test["test_id"])
    kind: Kind = "missing" if answer == "unknown" else "because"
    return Verdict(answer, (Reason(text, rows, stake["confidence"], kind),))


def percent(share: Fraction) -> str:
    """Return a share as people write it."""
    return f"{float(share) * 100:.4g} %"


def listed(names: list[str]) -> str:
    """Return names as a sentence lists them."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
