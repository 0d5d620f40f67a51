"""Which words of two names say the same? Rules are asked one after the other, each for the words that are still free.

same            the same word
run_together    written as one in the other name: Good Will, Goodwill
initials        initials of words in the other name: U.N., United Nations
slips           a slip of the pen, the nearest first; what counts as one is told by the caller
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from cellroad.rules.names_read import Name, Word

LONG = 8  # letters from which words that are run together may differ by a slip
AS_ONE = 0.97
LONGEST_RUN = 4
MOST_INITIALS = 8
SHORT = 4  # up to so many letters a slip puts one letter for another, but adds none
SLIPS = ((12, 3), (6, 2), (4, 1))  # so many slips are forgiven in a word from so many letters on


@dataclass(frozen=True, slots=True)
class Pair:
    """Words of the left and the right name that say the same, how surely (0 to 1), and why where that is not plain."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    surely: float
    reason: str = ""


Indices = tuple[int, ...]
Rule = Callable[[Name, Name, list[int], list[int]], list[Pair]]


def pairs(left: Name, right: Name, rules: Sequence[Rule]) -> list[Pair]:
    """Return the words that say the same in both names, in the order of the left one; no word is used twice."""
    found: list[Pair] = []
    for rule in rules:
        free_left = [i for i in range(len(left.words)) if not any(i in pair.left for pair in found)]
        free_right = [j for j in range(len(right.words)) if not any(j in pair.right for pair in found)]
        if not free_left or not free_right:
            break
        found += rule(left, right, free_left, free_right)
    return sorted(found, key=lambda pair: pair.left)


def same(left: Name, right: Name, free_left: list[int], free_right: list[int]) -> list[Pair]:
    """Pair the words that are the same, the first with the first."""
    found, free = [], list(free_right)
    for i in free_left:
        j = next((j for j in free if right.words[j].text == left.words[i].text), None)
        if j is not None:
            free.remove(j)
            found.append(Pair((i,), (j,), 1.0))
    return found


def run_together(slips: int = 0) -> Rule:
    """Return the rule that pairs words that are written as one in the other name, long ones with so many slips."""

    def one_way(
        short: Name, whole: Name, free_short: list[int], free_whole: list[int]
    ) -> Iterator[tuple[int, Indices]]:
        for i in free_short:
            one = short.words[i].shown
            for run in runs(free_whole):
                together = "".join(whole.words[j].shown for j in run)
                if one == together or (len(one) >= LONG and OSA.distance(one, together, score_cutoff=slips) <= slips):
                    yield i, run
                    return

    def rule(left: Name, right: Name, free_left: list[int], free_right: list[int]) -> list[Pair]:
        found = [Pair((i,), run, AS_ONE, "written as one") for i, run in one_way(left, right, free_left, free_right)]
        if found:
            return found
        return [Pair(run, (j,), AS_ONE, "written as one") for j, run in one_way(right, left, free_right, free_left)]

    return rule


def initials(left: Name, right: Name, free_left: list[int], free_right: list[int]) -> list[Pair]:
    """Pair initials with the words that they stand for; the more letters, the less it is by chance."""
    if len(left.words) == 1 and left.words[0].shown in right.acronyms:
        return [Pair((0,), tuple(free_right), by_initials(left.words[0]), "initials")]
    if len(right.words) == 1 and right.words[0].shown in left.acronyms:
        return [Pair(tuple(free_left), (0,), by_initials(right.words[0]), "initials")]
    for i, run in _initials_one_way(left, right, free_left, free_right):
        return [Pair((i,), run, by_initials(left.words[i]), "initials")]
    for j, run in _initials_one_way(right, left, free_right, free_left):
        return [Pair(run, (j,), by_initials(right.words[j]), "initials")]
    return []


def by_initials(word: Word) -> float:
    """Return how surely initials stand for words that begin with them."""
    return 1 - 0.5 / (len(word.shown) - 1)


def _initials_one_way(
    short: Name, whole: Name, free_short: list[int], free_whole: list[int]
) -> Iterator[tuple[int, Indices]]:
    for i in free_short:
        letters = short.words[i].shown
        if 2 <= len(letters) <= MOST_INITIALS:
            for run in runs(free_whole, len(letters)):
                if len(run) == len(letters) and all(
                    whole.words[j].shown[0] == a for j, a in zip(run, letters, strict=True)
                ):
                    yield i, run


def slips(slip: Callable[[Word, Word], float | None]) -> Rule:
    """Return the rule that pairs words that differ by a slip, the nearest first.

    `slip` tells which share of a word was slipped on, None where two words are not one misspelt.
    """

    def rule(left: Name, right: Name, free_left: list[int], free_right: list[int]) -> list[Pair]:
        shares = ((slip(left.words[i], right.words[j]), i, j) for i in free_left for j in free_right)
        found: list[Pair] = []
        for share, i, j in sorted((share, i, j) for share, i, j in shares if share is not None):
            if not any(i in pair.left or j in pair.right for pair in found):
                shown = f"'{left.words[i].shown}' as '{right.words[j].shown}'"
                found.append(Pair((i,), (j,), 1 - share, shown))
        return found

    return rule


def runs(free: Sequence[int], longest: int = LONGEST_RUN) -> Iterator[Indices]:
    """Return runs of two indices or more that follow each other, the longest first."""
    for count in range(min(longest, len(free)), 1, -1):
        for start in range(len(free) - count + 1):
            run = tuple(free[start : start + count])
            if run[-1] - run[0] == count - 1:
                yield run


def slip_share(left: str, right: str, forgiven: Sequence[tuple[int, int]]) -> float | None:
    """Return which share of the longer word its slips are, None where they are more than are forgiven.

    `forgiven` holds letters and slips, longest first: from so many letters on, so many. Letters added to a short word
    make another word, and who slips twice still has the first letter right.
    """
    longest, shortest = max(len(left), len(right)), min(len(left), len(right))
    allowed = next((slips for letters, slips in forgiven if longest >= letters), 0)
    if longest <= SHORT and shortest < longest:
        return None
    distance = OSA.distance(left, right, score_cutoff=allowed)
    if distance > allowed or (distance > 1 and left[0] != right[0]):
        return None
    return distance / longest


def misspelt(left: Word, right: Word) -> float | None:
    """Return which share of a word was slipped on, None where two words are not one misspelt.

    Two places that exist are never slips of each other; numbers are not words.
    """
    if "number" in (left.kind, right.kind) or {left.kind, right.kind} <= {"country", "place"}:
        return None
    spellings = {(left.text, right.text), (left.shown, right.shown)}
    return min((s for one, other in spellings if (s := slip_share(one, other, SLIPS)) is not None), default=None)
