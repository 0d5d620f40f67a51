"""Which of many pairs of names can be alike at all? A bound on their likeness, for all pairs at once.

Words stand against a likeness with at least half their weight, so

    score ≤ 2 P / (T_left + T_right),   P = weight of the words that can be paired,   T = weight of all words

which is one product of sparse matrices: names × words, words that are the same or a slip apart, words × names. Names
that may match by initials, or because one writes as one word what the other writes as several, are looked up.

Countries and numbers are left out of T, for where they differ they are clashes and carry no weight of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA
from scipy import sparse

from cellroad.rules.names_pairs import MOST_INITIALS, SLIPS, misspelt, runs
from cellroad.rules.names_read import Name, Word

ROWS = 256  # names of the left side that are worked out at once
ROUNDING = 1e-6
MOST_SLIPS = SLIPS[0][1]
FORGIVEN = np.array(
    [next((slips for letters, slips in SLIPS if length >= letters), 0) for length in range(SLIPS[0][0] + 1)]
)

Floats = npt.NDArray[np.float64]


def candidates(left: Sequence[Name], right: Sequence[Name], threshold: float) -> Iterator[tuple[int, int]]:
    """Return the pairs of names, by position, that can be as alike as the threshold; none that can is left out."""
    found = set(_by_lookup(left, right))
    words, others = _vocabulary(left), _vocabulary(right)
    alike = _alike(list(words), list(others))
    held, held_right = _held(left, words), _held(right, others)
    whole, whole_right = _weights(left), _weights(right)
    for first in range(0, len(left), ROWS):
        paired = (held[first : first + ROWS] @ alike @ held_right.T).tocoo()
        row, col = paired.row + first, paired.col
        can = 2 * paired.data >= threshold * (whole[row] + whole_right[col]) - ROUNDING
        found.update(zip(row[can].tolist(), col[can].tolist(), strict=True))
    yield from sorted(found)


def _vocabulary(names: Sequence[Name]) -> dict[Word, int]:
    words = {word for name in names for word in name.words}
    return {word: at for at, word in enumerate(sorted(words, key=lambda word: (word.text, word.shown)))}


def _held(names: Sequence[Name], words: dict[Word, int]) -> sparse.csr_array:
    """Return how often each name (row) holds each word (column)."""
    entries = [(i, words[word]) for i, name in enumerate(names) for word in name.words]
    row, col = np.array(entries, dtype=np.int64).reshape(-1, 2).T
    return sparse.csr_array((np.ones(len(entries)), (row, col)), shape=(len(names), len(words)))


def _weights(names: Sequence[Name]) -> Floats:
    """Return the weight T of the words of each name."""
    told = ([word.weight for word in name.words if word.kind not in ("country", "number")] for name in names)
    return np.array([sum(weights) for weights in told], dtype=float)


def _alike(left: Sequence[Word], right: Sequence[Word]) -> sparse.csr_array:
    """Return what each word of the left (row) and of the right (column) can add to P."""
    spelt, spelt_right = _by_spelling(left), _by_spelling(right)
    near = _near(list(spelt), list(spelt_right))
    pairs = {(i, j) for one, other in near for i in spelt[one] for j in spelt_right[other]}
    adds = {
        (i, j): (left[i].weight + right[j].weight) / 2 * (1 - share)
        for i, j in pairs
        if (share := 0.0 if left[i].text == right[j].text else misspelt(left[i], right[j])) is not None
    }
    row, col = np.array(list(adds), dtype=np.int64).reshape(-1, 2).T
    return sparse.csr_array((np.array(list(adds.values())), (row, col)), shape=(len(left), len(right)))


def _by_spelling(words: Sequence[Word]) -> dict[str, list[int]]:
    spelt = defaultdict(list)
    for i, word in enumerate(words):
        for spelling in {word.text, word.shown}:
            spelt[spelling].append(i)
    return spelt


def _near(left: list[str], right: list[str]) -> Iterator[tuple[str, str]]:
    """Return the pairs of spellings that are the same or a slip apart."""
    lengths, lengths_right = (np.array([len(one) for one in words], dtype=np.int64) for words in (left, right))
    for first in range(0, len(left), ROWS):
        distance = process.cdist(
            left[first : first + ROWS], right, scorer=OSA.distance, score_cutoff=MOST_SLIPS, dtype=np.uint8
        )
        row, col = np.nonzero(distance <= MOST_SLIPS)
        forgiven = FORGIVEN[np.minimum(np.maximum(lengths[row + first], lengths_right[col]), len(FORGIVEN) - 1)]
        close = distance[row, col] <= forgiven
        yield from ((left[i], right[j]) for i, j in zip(row[close] + first, col[close], strict=True))


def _by_lookup(left: Sequence[Name], right: Sequence[Name]) -> Iterator[tuple[int, int]]:
    """Return the pairs of names that say the same, also as one word, by initials, or by words that run together."""
    for keys, keys_right in (
        (_as_one, _as_one),
        (_alone, _acronyms),
        (_acronyms, _alone),
        (_each, _run),
        (_run, _each),
    ):
        there = defaultdict(list)
        for j, name in enumerate(right):
            for key in keys_right(name):
                there[key].append(j)
        yield from ((i, j) for i, name in enumerate(left) for key in keys(name) for j in there.get(key, ()))


def _texts(name: Name) -> set[str]:
    return {" ".join(word.text for word in name.words)}


def _as_one(name: Name) -> frozenset[str]:
    return name.as_one


def _alone(name: Name) -> set[str]:
    return {name.words[0].shown} if len(name.words) == 1 else set()


def _acronyms(name: Name) -> frozenset[str]:
    return name.acronyms


def _each(name: Name) -> set[str]:
    return {word.shown for word in name.words}


def _run(name: Name) -> set[str]:
    """Return what words that follow each other are when written as one, and their initials."""
    shown = [word.shown for word in name.words]
    return {"".join(shown[i] for i in run) for run in runs(range(len(shown)))} | {
        "".join(shown[i][0] for i in run) for run in runs(range(len(shown)), MOST_INITIALS)
    }
