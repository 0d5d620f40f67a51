"""Is this partner the one on that list? How alike two names are, from 0 to 1, and why.

A name is read as words (`names_read`): its legal forms, words that many bear (energy, group), places, numbers, and what
is left, which tells it apart. Words of both names are paired, a slip of the pen in a long word forgiven; then

    score = A / (A + G) × clashes,   A = weight of the paired words,   G = weight of what stands against it

where a word without a partner stands against it with half its weight, one and a half where the other name has something
else in its place. Forms, countries, places and numbers that contradict each other are clashes: each takes the score
below the threshold, however long the rest. A likeness is a question for a person, never a verdict.

Source: weighting by distinctiveness after Fellegi and Sunter, "A Theory for Record Linkage", JASA 64 (1969); distance
of words by optimal string alignment (rapidfuzz).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import polars as pl

from cellroad.chain.finding import ChainError, Finding
from cellroad.rules import legal_forms
from cellroad.rules.legal_forms import Form
from cellroad.rules.names_block import candidates
from cellroad.rules.names_pairs import AS_ONE, Pair, misspelt, pairs, run_together, same, slips
from cellroad.rules.names_people import person_likeness
from cellroad.rules.names_read import Likeness, Name, Word, read

THRESHOLD = 0.7

CLASH = 0.69  # just below the threshold
LEFT_OUT = 0.99  # a legal form that one name leaves out
REORDERED = 0.98
MISSING = 2.0  # how much heavier a word of its own counts that the other name lacks
__all__ = ["THRESHOLD", "Likeness", "likeness", "matches", "person_likeness"]

SCORED_SCHEMA = {"name": pl.String, "listed_name": pl.String, "score": pl.Float64, "reason": pl.String}


def likeness(left: str, right: str) -> Likeness:
    """Return how alike the names of two organisations are.

    Symmetric, and 1 for names that differ in case, accents, script or punctuation only. A name without a letter or
    figure is like nothing but itself.
    """
    if left == right:
        return Likeness(1.0, "same name")
    return _organisations(*sorted((left, right)))


def matches(names: pl.DataFrame, listed: pl.DataFrame, threshold: float = THRESHOLD) -> pl.DataFrame:
    """Return which listed names organisations may stand under, best first.

    `names` has the columns key and name, `listed` entry and name; several rows of one key or entry are its aliases, and
    the best pair of each key and entry is kept. Columns: key, name, entry, listed_name, score, reason. Every row is a
    question for a person, who sees both names. Raises ChainError where a column is missing.
    """
    _check(names, "names", ("key", "name"))
    _check(listed, "listed", ("entry", "name"))
    ours = names.select("key", "name").drop_nulls()
    theirs = listed.select("entry", listed_name="name").drop_nulls()
    left, right = ours["name"].unique().sort().to_list(), theirs["listed_name"].unique().sort().to_list()
    scored = (
        (left[i], right[j], alike.score, alike.reason)
        for i, j in candidates([read(name) for name in left], [read(name) for name in right], threshold)
        if (alike := likeness(left[i], right[j])).score >= threshold
    )
    return (
        pl.DataFrame(scored, schema=SCORED_SCHEMA, orient="row")
        .join(ours, on="name")
        .join(theirs, on="listed_name")
        .sort("score", "key", "entry", "name", "listed_name", descending=[True, False, False, False, False])
        .unique(["key", "entry"], keep="first", maintain_order=True)
        .select("key", "name", "entry", "listed_name", "score", "reason")
    )


def _check(frame: pl.DataFrame, table: str, columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        found = ", ".join(frame.columns) or "no column"
        raise ChainError(
            [
                Finding("blocker", table, None, column, found, f"a column {column}", "Add or rename it.")
                for column in missing
            ]
        )


@lru_cache(maxsize=100_000)
def _organisations(left: str, right: str) -> Likeness:
    one, other = read(left), read(right)
    if not one.words or not other.words:
        return Likeness(0.0, "no word to compare")
    forms = _forms(one.forms, other.forms)
    if [word.text for word in one.words] == [word.text for word in other.words]:
        reason = {CLASH: "legal forms contradict", LEFT_OUT: "same but for the legal form", 1.0: "same name"}[forms]
        return Likeness(forms, reason)
    if one.as_one == other.as_one:
        return Likeness(round(AS_ONE * forms, 4), "the same written as one")
    found = pairs(one, other, RULES)
    left_over = _without(one.words, [i for pair in found for i in pair.left])
    right_over = _without(other.words, [i for pair in found for i in pair.right])
    agree = sum(pair.surely * _weight(pair, one, other) for pair in found)
    against = sum((1 - pair.surely) * _weight(pair, one, other) for pair in found)
    clashes = [*_clashes(left_over, right_over)]
    more, less = _heavy(left_over), _heavy(right_over)
    against += (more + less) / 2 + min(_light(left_over), _light(right_over))
    score = agree / (agree + against) if agree else 0.0
    if forms == CLASH:
        clashes.append("legal forms contradict")
    in_order = all(a.right < b.right for a, b in pairwise(found))
    score *= CLASH ** len(clashes) * (1.0 if forms == CLASH else forms) * (1.0 if in_order else REORDERED)
    return Likeness(round(score, 4), _reason(clashes, left_over, right_over, found, in_order))


def _forms(left: tuple[Form, ...], right: tuple[Form, ...]) -> float:
    if legal_forms.contradict(left, right):
        return CLASH
    return LEFT_OUT if bool(left) != bool(right) else 1.0


def _weight(pair: Pair, left: Name, right: Name) -> float:
    return (sum(left.words[i].weight for i in pair.left) + sum(right.words[i].weight for i in pair.right)) / 2


def _light(words: Sequence[Word]) -> float:
    return sum(word.weight for word in words if word.kind not in ("country", "number"))


def _heavy(words: Sequence[Word]) -> float:
    return sum(
        word.weight * (MISSING if word.kind == "own" else 1.0)
        for word in words
        if word.kind not in ("country", "number")
    )


def _without(words: tuple[Word, ...], taken: Sequence[int]) -> list[Word]:
    return [word for i, word in enumerate(words) if i not in taken]


def _clashes(left: Sequence[Word], right: Sequence[Word]) -> Iterator[str]:
    """Tell what in the words left over contradicts: another country, another number, another place."""
    for kind, missing in (("country", True), ("number", True), ("place", False)):
        one, other = ([word.shown for word in words if word.kind == kind] for words in (left, right))
        if kind == "number" and not (one and other):
            one, other = ([w.shown for w in words if w.kind == kind and w.text != "1"] for words in (left, right))
        if one and other:
            yield f"{kind} '{' '.join(one)}' against '{' '.join(other)}'"
        elif missing and (one or other):
            yield f"{kind} '{' '.join(one or other)}' in one only"


def _initials(left: Name, right: Name, free_left: list[int], free_right: list[int]) -> list[Pair]:
    """Pair a name of initials with the whole words of the other: IBM, International Business Machines."""
    for short, whole in ((left, right), (right, left)):
        if len(short.words) == 1 and short.words[0].shown in whole.acronyms:
            surely = 1 - 0.5 / (len(short.words[0].shown) - 1)  # the more letters, the less by chance
            return [Pair(tuple(free_left), tuple(free_right), surely, "initials")]
    return []


RULES = (same, run_together(), _initials, slips(misspelt))


def _reason(
    clashes: list[str], left: Sequence[Word], right: Sequence[Word], pairs: Sequence[Pair], in_order: bool
) -> str:
    """Return the weightiest reason first: what contradicts, what differs, what was forgiven."""
    told = list(clashes)
    one, other = (
        " ".join(word.shown for word in words if word.kind != "country" and word.kind != "number")
        for words in (left, right)
    )
    if not pairs:
        return "no word in common"
    if one and other:
        told.append(f"'{one}' against '{other}'")
    elif one or other:
        told.append(f"'{one or other}' in one only")
    told += [pair.reason for pair in pairs if pair.reason]
    if not in_order:
        told.append("another order")
    return "; ".join(told) or "same name"
