"""How alike are the names of two people, whatever the order of their parts?

Titles fall away, particles (bin, al, van) weigh little, an initial stands for any name that it opens, and sounds that
transliterations write in several ways are made one. What only one name tells (a middle name, a patronymic) weighs
little; where both tell something and it differs, they are two people.

    score = A / (A + G),   A = weight of the paired words,   G = SPARE × what one name adds + DIFFER × what differs
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from cellroad.rules.names_pairs import Pair, initials, pairs, run_together, same, slip_share, slips
from cellroad.rules.names_read import Likeness, Name, Word
from cellroad.rules.names_script import latin

TITLES = """
mr mrs ms miss dr prof professor sir lord lady dame madam president prasident chairman minister general gen colonel col
major captain capt lieutenant sheikh shaikh sheik shaykh haji hajji hajj mullah maulavi maulawi mawlawi qari imam
ayatollah hojjatoleslam sayyid seyed sayed herr frau monsieur madame senor senora don dona phd md jr sr esq hon rev
reverend king queen prince princess comrade gospodin na
"""
PARTICLES = """
al el ul as ad ar bin ben ibn bint ould abu de da do dos das di del della der den van von zu le la y e i of the
"""
SKIPPED, LIGHT = set(TITLES.split()), set(PARTICLES.split())
WEIGHT = {"own": 1.0, "particle": 0.1, "letter": 0.3, "syllable": 1.0}
# Sounds that transliterations write in several ways, in the order in which they are made one.
SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("sch|sh", "s"), ("tch|tsch|ch", "c"), ("ph", "f"), ("kh|ck|q", "k"), ("^x", "s"), ("x", "ks"), ("gh", "g"),
        ("dj|dzh|zh|j|y", "i"), ("z", "s"), ("w", "v"), ("oo|ou", "u"), ("ee|ie", "i"), ("ae", "e"), ("th", "t"),
        ("dh", "d"), ("^abd[aeu]l$", "abd"), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip
SLIPS = ((13, 3), (8, 2), (4, 1))
SAME_SOUND = 0.03  # share of a word that another spelling of the same sound counts as slipped on
VOWELS_ONLY = 0.5  # how much a slip counts that leaves the consonants alone
SPARE = 0.25  # how much a word counts that one name adds
LONE = 0.5  # the same where only one word is paired
DIFFER = 2.5  # how much a word counts where the other name has another
ONE_WORD = 1.2  # weight of the paired words up to which only one is taken to be paired
TELLING = {"own", "syllable"}


APOSTROPHE = re.compile(r"['’‘`´ʼ]")
WORD = re.compile(r"[^\W_]+")
SYLLABLE = re.compile(r"[\u3400-\u9fff\uac00-\ud7af]$")
SYLLABIC = re.compile(r"(?<=[\u3400-\u9fff\uac00-\ud7af])(?=[\u3400-\u9fff\uac00-\ud7af])")
VOWELS = re.compile("[aeiou]")
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")


def person_likeness(left: str, right: str) -> Likeness:
    """Return how alike the names of two people are. Symmetric; the order of the parts does not matter."""
    if left == right:
        return Likeness(1.0, "same name")
    return _people(*sorted((left, right)))


@lru_cache(maxsize=100_000)
def _people(left: str, right: str) -> Likeness:
    one, other = _read(left), _read(right)
    if not one.words or not other.words:
        return Likeness(0.0, "no word to compare")
    if sorted(word.shown for word in one.words) == sorted(word.shown for word in other.words):
        return Likeness(1.0, "same name")
    found = pairs(one, other, RULES)
    if not any(
        one.words[i].kind in TELLING and other.words[j].kind in TELLING
        for p in found
        for i, j in [(p.left[0], p.right[0])]
    ):
        return Likeness(0.0, "no word in common")
    left_over = [word for i, word in enumerate(one.words) if not any(i in pair.left for pair in found)]
    right_over = [word for j, word in enumerate(other.words) if not any(j in pair.right for pair in found)]
    weights = [(_sum(one.words[i] for i in p.left) + _sum(other.words[j] for j in p.right)) / 2 for p in found]
    agree = sum(pair.surely * weight for pair, weight in zip(found, weights, strict=True))
    more, less = _sum(left_over), _sum(right_over)
    spare = LONE if sum(weights) <= ONE_WORD else SPARE
    against = sum(weights) - agree + spare * abs(more - less) + DIFFER * min(more, less)
    return Likeness(round(agree / (agree + against), 4), _reason(left_over, right_over, found))


def _reason(left: Sequence[Word], right: Sequence[Word], found: Sequence[Pair]) -> str:
    one, other = (" ".join(word.shown for word in words) for words in (left, right))
    told = (
        [f"'{one}' against '{other}'"] if one and other else [f"'{one or other}' in one only"] if one or other else []
    )
    return "; ".join([*told, *(pair.reason for pair in found if pair.reason)]) or "same name"


@lru_cache(maxsize=200_000)
def _read(name: str) -> Name:
    parted = SYLLABIC.sub(" ", CAPITAL.sub(" ", name))
    plain = APOSTROPHE.sub("", parted.replace(".", " "))
    found = [(latin(word), bool(SYLLABLE.match(word))) for word in WORD.findall(plain)]
    telling = [(word, syllable) for word, syllable in found if word not in SKIPPED] or found
    words = tuple(
        Word(_sound(word), word, kind := "syllable" if syllable else _kind(word), WEIGHT[kind])
        for word, syllable in telling
    )
    return Name(words, frozenset(), frozenset(), ())


def _kind(word: str) -> str:
    return "particle" if word in LIGHT else "letter" if len(word) == 1 and word.isascii() else "own"


def _sound(word: str) -> str:
    for pattern, sound in SOUNDS:
        word = pattern.sub(sound, word)
    return word


def _slip(left: Word, right: Word) -> float | None:
    """Return which share of a name was slipped on: other spelling, initial, short form, slip of the pen."""
    if "letter" in (left.kind, right.kind):
        return 0.0 if left.shown[0] == right.shown[0] else None
    if "particle" in (left.kind, right.kind):
        return 0.5 if left.kind == right.kind else None
    if "syllable" in (left.kind, right.kind):
        return 0.0 if left.text == right.text else None
    if left.text == right.text:
        return SAME_SOUND
    shares = (slip_share(left.text, right.text, SLIPS), slip_share(left.shown, right.shown, SLIPS))
    share = min((share for share in shares if share is not None), default=None)
    if share is not None and VOWELS.sub("", left.text) == VOWELS.sub("", right.text):
        return VOWELS_ONLY * share
    return share


RULES = (same, run_together(1), initials, slips(_slip))


def _sum(words: Iterable[Word]) -> float:
    return sum(word.weight for word in words)
