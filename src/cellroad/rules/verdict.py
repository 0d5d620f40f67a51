"""An answer with its reasons: yes, no or unknown, the rows that led to it, and what would settle or change it.

Three-valued logic after Kleene: `any_of` is yes as soon as one is yes, no only when all are no; `all_of` is no as soon
as one is no. `readings` combines ways to read one contested rule: where they differ the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cellroad.rules.bars import TRUST

Answer = Literal["yes", "no", "unknown"]
Kind = Literal["because", "reading", "missing", "assumed", "would change"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of an answer: what it is (`kind`), in words, the ids of the rows behind it, how far to trust them.

    because: a row that led to the answer. reading: one way to read a contested rule. missing: what is not known and
    would settle it. assumed: what was taken for granted. would change: what would turn the answer.
    """

    text: str
    rows: tuple[str, ...] = ()
    confidence: str = "verified"
    kind: Kind = "because"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer and what led to it."""

    answer: Answer
    reasons: tuple[Reason, ...] = ()

    @property
    def confidence(self) -> str:
        """Return the worst confidence among the reasons that led to the answer, or leave it open."""
        settled = self.answer != "unknown"
        led = [r.confidence for r in self.reasons if r.kind != "would change" and (r.kind != "missing" or not settled)]
        return max(led, key=TRUST.index, default="assumption")

    @property
    def because(self) -> str:
        """Return the reason that tells most in words: what led to the answer, or what would settle it."""
        wanted = {"yes": ("because",), "no": ("because", "assumed"), "unknown": ("reading", "missing")}[self.answer]
        told = sorted(self.reasons, key=lambda reason: wanted.index(reason.kind) if reason.kind in wanted else 9)
        return told[0].text if told else ""


Standing = Callable[[str, str, date], Verdict]
"""Does a partner fall under a regime on a day? `standing(partner, regime, day)`."""


def answer_any(answers: Iterable[Answer]) -> Answer:
    """Return yes if one is yes, no if all are no, else unknown."""
    seen = set(answers)
    return "yes" if "yes" in seen else "unknown" if "unknown" in seen else "no"


def answer_all(answers: Iterable[Answer]) -> Answer:
    """Return no if one is no, yes if all are yes, else unknown."""
    seen = set(answers)
    return "no" if "no" in seen else "unknown" if "unknown" in seen else "yes"


def answer_same(answers: Iterable[Answer]) -> Answer:
    """Return what all answers are, unknown where they differ."""
    seen = set(answers)
    return seen.pop() if len(seen) == 1 else "unknown"


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Return whether one of the verdicts is yes, with the reasons of those that decide."""
    listed = list(verdicts)
    return _kept(answer_any(verdict.answer for verdict in listed), listed)


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Return whether all verdicts are yes, with the reasons of those that decide."""
    listed = list(verdicts)
    return _kept(answer_all(verdict.answer for verdict in listed), listed)


def opposite(verdict: Verdict) -> Verdict:
    """Return the verdict on the opposite question, for the same reasons."""
    turned: dict[Answer, Answer] = {"yes": "no", "no": "yes", "unknown": "unknown"}
    return Verdict(turned[verdict.answer], verdict.reasons)


def readings(verdicts: Iterable[Verdict]) -> Verdict:
    """Return what all readings of a contested rule say; unknown, with every reading, where they differ.

    Where they agree it does not matter how the rule is read, and the readings are left out.
    """
    listed = list(verdicts)
    if len({verdict.answer for verdict in listed}) == 1:
        agreed = _kept(listed[0].answer, listed)
        return Verdict(agreed.answer, tuple(reason for reason in agreed.reasons if reason.kind != "reading"))
    return Verdict("unknown", _once(reason for verdict in listed for reason in verdict.reasons))


def _kept(answer: Answer, verdicts: list[Verdict]) -> Verdict:
    return Verdict(answer, _once(r for verdict in verdicts if verdict.answer == answer for r in verdict.reasons))


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return each reason once, told apart by what it says."""
    kept: dict[tuple[str, str], Reason] = {}
    for reason in reasons:
        kept.setdefault((reason.kind, reason.text), reason)
    return tuple(kept.values())
