"""Is this partner the one on that list? How alike two names are, from 0 to 1, and why.

A name is read as words (`names_read`): its legal forms, words that many bear (energy, group), places, numbers, and what
is left, which tells it apart. Words of both names are paired (`names_pairs`), a slip in a long word forgiven:

    score = A / (A + G) × clashes,   A = Σ paired  surely × weight
    G = Σ paired (1 − surely) × weight + ½ Σ unpaired  missing × weight + min(unpaired weight of the left, of the right)

so what one name merely adds counts half (more for a word of its own), and much more where the other name has something
else in its place. Legal forms, countries, numbers and places that contradict each other are clashes: each takes the
score below the threshold, however long the rest; only a number that is one sign off is still asked about. A likeness is
a question for a person, never a verdict.

Source: weighting by distinctiveness after Fellegi and Sunter, "A Theory for Record Linkage", JASA 64 (1969); distance
of words by optimal string alignment (rapidfuzz).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import prod

import polars as pl
from rapidfuzz.distance import OSA

from cellroad.chain.finding import ChainError, Finding
from cellroad.rules import legal_forms
from cellroad.rules.legal_forms import Form
from cellroad.rules.names_block import candidates
from cellroad.rules.names_pairs import AS_ONE, Pair, initials, misspelt, pairs, run_together, same, slips
from cellroad.rules.names_people import person_likeness
from cellroad.rules.names_read import Likeness, Name, Word, read

__all__ = ["THRESHOLD", "Likeness", "likeness", "matches", "person_likeness"]

THRESHOLD = 0.7

RULES = (same, run_together(), initials, slips(misspelt))
CLASH = 0.65  # below the threshold
ONE_SIGN = 0.8  # numbers that are one sign apart: a slip, or the next of a series
LEFT_OUT = 0.99  # a legal form that one name leaves out
FORMS_SAY = {CLASH: "legal forms contradict", LEFT_OUT: "same but for the legal form", 1.0: "same name"}
REORDERED = 0.98
MISSING = {"own": 2.0, "arm": 3.0}  # how much heavier a word counts that the other name lacks; others 1
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
    left, right = _with_words(ours["name"]), _with_words(theirs["listed_name"])
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


def _with_words(names: pl.Series) -> list[str]:
    return [name for name in names.unique().sort() if read(name).words]


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


@lru_cache(maxsize=65_536)
def _organisations(left: str, right: str) -> Likeness:
    one, other = read(left), read(right)
    if not one.words or not other.words:
        return Likeness(0.0, "no word to compare")
    forms = _forms(one.forms, other.forms)
    if [word.text for word in one.words] == [word.text for word in other.words]:
        return Likeness(forms, FORMS_SAY[forms])
    if one.as_one & other.as_one:
        return Likeness(round(AS_ONE * forms, 4), "the same written as one")
    found = pairs(one, other, RULES)
    left_over = _without(one.words, [i for pair in found for i in pair.left])
    right_over = _without(other.words, [i for pair in found for i in pair.right])
    agree = sum(pair.surely * _weight(pair, one, other) for pair in found)
    against = sum((1 - pair.surely) * _weight(pair, one, other) for pair in found)
    more, less = _heavy(left_over), _heavy(right_over)
    against += (more + less) / 2 + min(_light(left_over), _light(right_over))
    score = agree / (agree + against) if agree else 0.0
    clashes = dict(_clashes(left_over, right_over)) | ({"legal forms contradict": CLASH} if forms == CLASH else {})
    in_order = all(a.right < b.right for a, b in pairwise(found))
    score *= prod(clashes.values()) * (1.0 if forms == CLASH else forms) * (1.0 if in_order else REORDERED)
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
    return sum(word.weight * MISSING.get(word.kind, 1.0) for word in words if word.kind not in ("country", "number"))


def _without(words: tuple[Word, ...], taken: Sequence[int]) -> list[Word]:
    return [word for i, word in enumerate(words) if i not in taken]


def _clashes(left: Sequence[Word], right: Sequence[Word]) -> Iterator[tuple[str, float]]:
    """Tell what in the words left over contradicts, and by how much: another country, another number, another place."""
    for kind in ("country", "number", "place"):
        one, other = ([word for word in words if word.kind == kind] for words in (left, right))
        shown, other_shown = (" ".join(word.shown for word in words) for words in (one, other))
        if one and other:
            near = kind == "number" and OSA.distance(shown, other_shown) <= 1
            yield f"{kind} '{shown}' against '{other_shown}'", ONE_SIGN if near else CLASH
        elif (one or other) and kind != "place" and not _first(one or other):
            yield f"{kind} '{shown or other_shown}' in one only", CLASH


def _first(words: Sequence[Word]) -> bool:
    """Tell whether words are the number one, which the first of a series may leave out."""
    return [(word.kind, word.text) for word in words] == [("number", "1")]


def _reason(
    clashes: Iterable[str], left: Sequence[Word], right: Sequence[Word], found: Sequence[Pair], in_order: bool
) -> str:
    """Return the weightiest reason first: what contradicts, what differs, what was forgiven."""
    if not found:
        return "no word in common"
    kinds = {clash.split()[0] for clash in clashes}
    one, other = (" ".join(word.shown for word in words if word.kind not in kinds) for words in (left, right))
    differ = (
        [f"'{one}' against '{other}'"] if one and other else [f"'{one or other}' in one only"] if one or other else []
    )
    forgiven = [pair.reason for pair in found if pair.reason] + ([] if in_order else ["another order"])
    return "; ".join([*clashes, *differ, *forgiven]) or "same name"
