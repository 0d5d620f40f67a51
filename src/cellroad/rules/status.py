"""Does an organisation fall under a regime on a day? Regimes and their tests are rows of law; this reads them.

A regime is met when one of its tests is. Tests come in six kinds (`fact_tables.Tests`): listed, seat, status of another
regime, owned, held, and contract. Readings of one contested rule are combined by `verdict.readings`: where they differ
the answer is unknown and both are told. What is measured at the end of a tax year is measured on 31 December.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.rules.attribution import RULES
from cellroad.rules.graph import Graph, Mask
from cellroad.rules.holding import STATED, Scene, agreed, grants, told
from cellroad.rules.law import Law
from cellroad.rules.listing import Lists, holds_on
from cellroad.rules.ownership import Answer as Held
from cellroad.rules.ownership import decide, interval, largest, related, screen
from cellroad.rules.ownership import verdict as enough
from cellroad.rules.parties import HOLDER, Parties, parties
from cellroad.rules.verdict import Answer, Kind, Reason, Verdict, answer_any, answer_same, any_of, readings

Row = dict[str, Any]
NOBODY = "-"
"""What a reading names that hits nobody."""
TELLING = 12
"""Missing facts that are tried out for each answer; the three that tell most are told."""
DEAD, UNSETTLED = ("void", "not listed"), ("unknown", "contested")
"""States of a rule that catches nobody, and of one of which it is not known whether it holds."""
OWNERLESS = ("person", "government", "consortium", HOLDER)


def register(chain: Chain, law: Law) -> Register:
    """Return the register that answers who falls under what, for the partners of a chain under a law."""
    return Register(parties(chain, law), law)


@dataclass(frozen=True)
class Register:
    """Answers about parties under a law, each worked out once. `verdict` is a `Standing`."""

    parties: Parties
    law: Law
    _graphs: dict[tuple[str, dt.date], tuple[Graph, pl.DataFrame]] = field(default_factory=dict)
    _held: dict[dt.date, pl.DataFrame] = field(default_factory=dict)
    _answers: dict[tuple[str, dt.date], dict[str, Answer]] = field(default_factory=dict)
    _verdicts: dict[tuple[str, str, dt.date], Verdict] = field(default_factory=dict)

    def verdict(self, entity: str, regime: str, on: dt.date) -> Verdict:
        """Return whether an entity falls under a regime on a day, with the reasons.

        A regime that the law does not know, or that is not in force on the day, is met by nobody. Raises KeyError for
        an entity that is not among the parties.
        """
        if entity not in self.parties.by_id:
            raise KeyError(f"no partner {entity!r}")
        row = self.regimes.get(regime)
        if row is None:
            known = f", as known on {self.law.as_known}" if self.law.as_known else ""
            return Verdict("no", (Reason(f"no rule {regime!r} is known{known}"),))
        return self._judged(entity, row, measured(row, on))

    def answer(self, entity: str, regime: str, on: dt.date) -> Answer:
        """Return the answer of `verdict` without its reasons, which takes less time."""
        row = self.regimes.get(regime)
        return "no" if row is None else self.answers(regime, measured(row, on))[entity]

    def related(self, one: str, other: str, on: dt.date) -> Verdict:
        """Return whether two entities are under more than 50 percent common control, by the equity held on a day."""
        graph, _ = self._graph("equity", on)
        open_ = self._open(graph, {"unknown_float": "ignored", "interest": "equity"}) & (
            np.diff(graph.holders.start) > 0
        )
        answer = related(graph, graph.position[one], graph.position[other], open_)
        words = {"yes": "are", "no": "are not", "unknown": "may be"}[answer]
        text = f"{self.parties.name(one)} and {self.parties.name(other)} {words} under common control of more than half"
        return Verdict(answer, (Reason(text, kind="missing" if answer == "unknown" else "because"),))

    @cached_property
    def regimes(self) -> dict[str, Row]:
        """Return the regimes of the law by id."""
        return {row["regime_id"]: row for row in self.law.regimes.iter_rows(named=True)}

    @cached_property
    def tests(self) -> dict[str, list[Row]]:
        """Return the tests of the law by regime."""
        found: dict[str, list[Row]] = {name: [] for name in self.regimes}
        for row in self.law.tests.iter_rows(named=True):
            found.setdefault(row["regime"], []).append(row)
        return found

    @cached_property
    def lists(self) -> Lists:
        """Return the lists of the law, indexed."""
        return Lists.of(self.parties, self.law)

    def _judged(self, entity: str, regime: Row, day: dt.date) -> Verdict:
        """Return the verdict of a regime on its day of measure."""
        key = (entity, regime["regime_id"], day)
        if key not in self._verdicts:
            ring = Reason(f"the rule ({regime['name']}) rests on itself", (regime["regime_id"],), kind="missing")
            self._verdicts[key] = Verdict("unknown", (ring,))
            self._verdicts[key] = self._judge(entity, regime, day)
        return self._verdicts[key]

    def _judge(self, entity: str, regime: Row, day: dt.date) -> Verdict:
        if not holds_on(regime, day):
            when = (
                f"ended {regime['valid_to']}"
                if (regime["valid_from"] or day) <= day
                else f"begins {regime['valid_from']}"
            )
            text = f"the rule ({regime['name']}) is not in force: it {when}"
            return Verdict("no", (Reason(text, (regime["regime_id"],), str(regime["confidence"])),))
        points: dict[str, list[Verdict]] = {}
        for test in self.tests[regime["regime_id"]]:
            if holds_on(test, day):
                points.setdefault(test["point"] or test["test_id"], []).append(
                    _as_reading(test, self._test(entity, test, day))
                )
        if not points:
            return Verdict("unknown", (Reason(f"no test of {regime['name']} is known", kind="missing"),))
        return _of_state(any_of(readings(each) for each in points.values()), regime)

    def answers(self, regime: str, day: dt.date) -> dict[str, Answer]:
        """Return the answer of every entity under a regime, measured on that very day, without reasons.

        What rests on itself (a regime whose test names the regime) is unknown where it does.
        """
        key = (regime, day)
        if key not in self._answers:
            everybody = list(self.parties.by_id)
            self._answers[key] = dict.fromkeys(everybody, "unknown")
            row = self.regimes.get(regime)
            if row is None or not holds_on(row, day):
                self._answers[key] = dict.fromkeys(everybody, "no")
            else:
                self._answers[key] = self._all_answers(row, day)
        return self._answers[key]

    def _all_answers(self, regime: Row, day: dt.date) -> dict[str, Answer]:
        points: dict[str, list[dict[str, Answer]]] = {}
        for test in self.tests[regime["regime_id"]]:
            if holds_on(test, day):
                points.setdefault(test["point"] or test["test_id"], []).append(self._quick(test, day))
        found: dict[str, Answer] = {}
        for entity in self.parties.by_id:
            settled = [answer_same(answers[entity] for answers in each) for each in points.values()]
            found[entity] = _in_state(answer_any(settled) if points else "unknown", str(regime["state"]))
        return found

    def _quick(self, test: Row, day: dt.date) -> dict[str, Answer]:
        """Return the answer of every entity to a test, without reasons."""
        everybody = self.parties.by_id
        if test["kind"] == "status" and test["of"] != NOBODY:
            under = [self._under(name, day) for name in test["of"].split(";")]
            return {entity: answer_any(each[entity] for each in under) for entity in everybody}
        if test["kind"] != "owned" or test["of"] == NOBODY:
            return {entity: self._test(entity, test, day).answer for entity in everybody}
        graph, _ = self._graph(test["interest"], day)
        caught, maybe = self._masks(graph, test["of"], day)
        open_ = self._open(graph, test)
        counting = graph, caught, maybe, open_, RULES[test["attribution"]]
        together = screen(*counting, test["compare"], test["threshold"])
        found: dict[str, Answer] = {}
        for entity in everybody:
            place = graph.position[entity]
            alone = test["by"] == "one" and together[place] != "no"  # who holds too little together does alone, too
            counted = caught[place] or maybe[place]
            found[entity] = (
                _exactly(graph, place, caught, maybe, open_, test) if alone or counted else _answer(together[place])
            )
        return found

    def _graph(self, interest: str, day: dt.date) -> tuple[Graph, pl.DataFrame]:
        """Return the graph of an interest on a day, with its stakes; votes follow equity where none are stated."""
        key = (interest, day)
        if key not in self._graphs:
            held = self._held_on(day)
            mine = held.filter(pl.col("interest") == interest)
            if interest == "votes":
                equity = held.filter(pl.col("interest") == "equity")
                mine = pl.concat([mine, equity.join(mine.select("owned").unique(), on="owned", how="anti")])
            self._graphs[key] = Graph.of(mine, self.parties.by_id), mine
        return self._graphs[key]

    def _votes_stated(self, entity: str, day: dt.date) -> bool:
        """Say whether anybody's votes are stated in an entity or in those above it; else votes are the equity."""
        graph, stakes = self._graph("votes", day)
        place = graph.position[entity]
        above = np.append(graph.upstream(place), place)
        entries = graph.holders.of(above)
        return "votes" in set(stakes["interest"].gather(entries))

    def _held_on(self, day: dt.date) -> pl.DataFrame:
        if day not in self._held:
            self._held[day] = self.parties.held_on(day)
        return self._held[day]

    def _masks(self, graph: Graph, of: str, day: dt.date) -> tuple[Mask, Mask]:
        """Return who of a graph is, and who may be, under one of the regimes or on one of the lists."""
        answers = [self._under(name, day) for name in of.split(";")]
        caught = graph.mask(e for found in answers for e, answer in found.items() if answer == "yes")
        maybe = graph.mask(e for found in answers for e, answer in found.items() if answer == "unknown")
        return caught, maybe & ~caught

    def _under(self, name: str, day: dt.date) -> dict[str, Answer]:
        """Return who is under a regime or on a list."""
        if name in self.lists.lists and (name, day) not in self._answers:
            found = {entity: self.lists.verdict(entity, name, day).answer for entity in self.parties.by_id}
            self._answers[name, day] = found
        return self.answers(name, day)

    def _open(self, graph: Graph, test: Row) -> Mask:
        """Return whose unknown holders may count: people have none, some entities are known to be outside.

        Debt and seats on a board that are not stated are taken as not there.
        """
        row = self.parties.by_id
        if test["interest"] not in STATED:
            return np.zeros(graph.size, dtype=bool)
        closed = (
            entity
            for entity in graph.entities
            if row[entity]["kind"] in OWNERLESS or row[entity]["outside"] or self._traded(entity, test)
        )
        return ~graph.mask(closed)

    def _traded(self, entity: str, test: Row) -> bool:
        return str(test["unknown_float"]) == "ignored" and bool(self.parties.by_id[entity]["listed"])

    def _test(self, entity: str, test: Row, day: dt.date) -> Verdict:
        if test["of"] == NOBODY:
            return Verdict("no", (Reason(test["about"], (test["test_id"],), str(test["confidence"])),))
        return KINDS[test["kind"]](self, entity, test, day)

    def _listed(self, entity: str, test: Row, day: dt.date) -> Verdict:
        """Is it on one of the lists?"""
        return any_of(self.lists.verdict(entity, name, day) for name in test["of"].split(";"))

    def _seat(self, entity: str, test: Row, day: dt.date) -> Verdict:
        """Is its seat, nationality or place of management in one of the countries?"""
        row = self.parties.by_id[entity]
        rows, trust = (*filter(None, row["row"].split(";")), test["test_id"]), row["confidence"]
        if test["of"].startswith("government:") and row["kind"] != "government":
            if row["kind"] != HOLDER:
                return Verdict("no", (Reason(f"{row['name']} is no government", rows, trust),))
            return Verdict("unknown", (Reason(f"whether {row['name']} is a government", rows, trust, "missing"),))
        if not row["seats"]:
            return Verdict("unknown", (Reason(f"the seat or nationality of {row['name']}", rows, trust, "missing"),))
        wanted = {name.rpartition(":")[2] for name in test["of"].split(";")}
        inside = [country for country in row["seats"] if country in wanted]
        text = f"{row['name']} is seated in, of or run from {', '.join(inside or row['seats'])}"
        turn = [Reason("seat, nationality and management elsewhere", kind="would change")] if inside else []
        return Verdict("yes" if inside else "no", (Reason(text, rows, trust), *turn))

    def _status(self, entity: str, test: Row, day: dt.date) -> Verdict:
        """Does it fall under one of the other regimes?"""
        rows = [self.regimes[name] for name in test["of"].split(";") if name in self.regimes]
        if not rows:
            return Verdict("no", (Reason(f"no rule {test['of']!r} is known"),))
        return any_of(self._judged(entity, row, day) for row in rows)

    def _owned(self, entity: str, test: Row, day: dt.date) -> Verdict:
        """Do those under the regime hold enough of it?"""
        if test["interest"] == "votes" and not self._votes_stated(entity, day):
            test = {**test, "interest": "equity"}
        graph, stakes = self._graph(test["interest"], day)
        caught, maybe = self._masks(graph, test["of"], day)
        open_ = self._open(graph, test)
        held = self._decide(graph, graph.position[entity], caught, maybe, open_, test)
        traded = graph.mask(name for name in graph.entities if self._traded(name, test))
        scene = Scene(self.parties, graph, stakes, caught, traded)
        return Verdict(held.answer, tuple(told(entity, test, scene, held)))

    def _decide(self, graph: Graph, place: int, caught: Mask, maybe: Mask, open_: Mask, test: Row) -> Held:
        """Return whether others that are counted hold enough of an entity; what it is itself does not matter here."""
        others = np.arange(graph.size) != place
        return decide(
            graph, place, caught & others, maybe & others, open_, RULES[test["attribution"]], test["compare"],
            test["threshold"], singly=test["by"] == "one", tries=TELLING,
        )  # fmt: skip

    def _has(self, entity: str, test: Row, day: dt.date) -> Verdict:
        """Do those under the regime hold any of the interest themselves?"""
        return self._one_of(entity, test, day, lambda stake: "yes" if stake["share_max"] > 0 else "no")

    def _contract(self, entity: str, test: Row, day: dt.date) -> Verdict:
        """Do those under the regime have an agreement with it whose terms count?"""
        return self._one_of(entity, test, day, lambda stake: grants(stake, test))

    def _one_of(self, entity: str, test: Row, day: dt.date, counts: Callable[[Row], Answer]) -> Verdict:
        """Return whether a stake that somebody under the regime holds in the entity counts."""
        mine = self._held_on(day).filter(pl.col("owned") == entity, pl.col("interest") == test["interest"])
        under = [self._under(name, day) for name in test["of"].split(";")]
        found = [
            agreed(stake, counts(stake), answer_any(each[stake["owner"]] for each in under), test, self.parties)
            for stake in mine.iter_rows(named=True)
        ]
        if found:
            return any_of(found)
        text = f"no {test['interest']} in {self.parties.name(entity)} is stated"
        return Verdict("no", (Reason(text, (test["test_id"],), "assumption", "assumed"),))


KINDS: dict[str, Callable[[Register, str, Row, dt.date], Verdict]] = {
    "listed": Register._listed, "seat": Register._seat, "status": Register._status, "owned": Register._owned,
    "held": Register._has, "contract": Register._contract,
}  # fmt: skip


def measured(regime: Row, on: dt.date) -> dt.date:
    """Return the day on which a regime is measured for a question about a day."""
    return dt.date(on.year, 12, 31) if str(regime["measured"]) == "tax year end" else on


def _exactly(graph: Graph, place: int, caught: Mask, maybe: Mask, open_: Mask, test: Row) -> Answer:
    """Return whether others that are counted hold enough of an entity, worked out in fractions."""
    others = np.arange(graph.size) != place
    args = graph, place, caught & others, maybe & others, open_, RULES[test["attribution"]]
    share = largest(*args)[0] if test["by"] == "one" else interval(*args)
    return enough(share, test["compare"], test["threshold"])


def _answer(word: Any) -> Answer:
    """Return a word of an array as the answer that it is."""
    answers: dict[str, Answer] = {"yes": "yes", "no": "no", "unknown": "unknown"}
    return answers[str(word)]


def _in_state(answer: Answer, state: str) -> Answer:
    """Return an answer as the state of its rule allows: unknown where it is contested or not known to hold."""
    if answer == "no" or state in DEAD:
        return "no"
    return "unknown" if state in UNSETTLED else answer


def _as_reading(test: Row, found: Verdict) -> Verdict:
    """Put the reading of a contested point before its reasons."""
    if not test["point"]:
        return found
    text = f"{test['point']}, read as “{test['reading']}”: {found.answer}"
    head = Reason(text, (test["test_id"],), str(test["confidence"]), "reading")
    return Verdict(found.answer, (*found.reasons, head) if found.answer == "yes" else (head, *found.reasons))


def _of_state(found: Verdict, regime: Row) -> Verdict:
    """Return a verdict as the state of its rule allows, and say which state that is."""
    state = str(regime["state"])
    if state == "in force" or found.answer == "no":
        return found
    kind: Kind = "missing" if state in UNSETTLED else "assumed"
    head = Reason(f"the rule ({regime['name']}) is {state}", (regime["regime_id"],), str(regime["confidence"]), kind)
    return Verdict(_in_state(found.answer, state), (head,) if state in DEAD else (*found.reasons, head))
