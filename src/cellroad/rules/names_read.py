"""What does a name say, word by word? A name of any script as words with their kind and weight, and its legal forms.

Dots and spaces between single letters fall away (S.p.A., L.X.C.), a form that is glued to the last word is cut off
(SiemensAG), numbers become figures whether they are written in figures, words or Roman numerals, and a Chinese name is
cut at the places, trades and forms that it is made of by law: 厦门 | 海辰 | 储能 | 科技 | 股份有限公司.

Source: order of a Chinese company name as in the Provisions on Administration of Enterprise Name Registration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from cellroad.rules import legal_forms
from cellroad.rules.legal_forms import Form
from cellroad.rules.names_script import latin
from cellroad.rules.names_words import CHINESE, CITY, COMMON, COUNTRY, LINK, NUMBER, PHRASES, ROMANS, singular

WEIGHT = {
    "own": 1.0,
    "letter": 0.5,
    "country": 0.5,
    "place": 0.5,
    "trade": 0.5,
    "arm": 0.5,
    "number": 0.5,
    "frame": 0.25,
    "link": 0.0,
}

GLUED = re.compile(r"(?<=[^\W\d_A-Z])([A-Z]{2,}\w*)")
DOTTED = re.compile(r"(?<!\w)(?:[^\W\d_][./]\s?)+[^\W\d_](?:\.|(?!\w))")
APOSTROPHE = re.compile(r"['’‘`´ʼ]s\b|['’‘`´ʼ]")
WORD = re.compile(r"[^\W_]+")
FIGURES = re.compile(r"(\d+)(?:st|nd|rd|th)?$")
HAN = re.compile(r"([\u3400-\u9fff]+)")
HAN_WORDS = re.compile(
    "|".join(sorted({*CHINESE, *(f for f in legal_forms.BY_SPELLING if HAN.match(f))}, key=len, reverse=True))
)
WEB = {"com", "net"}  # links even where they close a name
LONGEST_PHRASE = max(map(len, PHRASES))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two names are: `score` from 0 to 1 (1: the same name), `reason` in a few words."""

    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name: as it is compared, as it stands there, what it says and how much that weighs."""

    text: str
    shown: str
    kind: str
    weight: float


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared: its words in order without links, what initials may stand for it, all its words written
    as one, its legal forms.
    """

    words: tuple[Word, ...]
    acronyms: frozenset[str]
    as_one: frozenset[str]
    forms: tuple[Form, ...]


@lru_cache(maxsize=200_000)
def read(name: str) -> Name:
    """Return the words and legal forms of an organisation's name."""
    core, forms = _split(tokens(name))
    words = tuple(_words(_phrases(core)))
    telling = tuple(word for word in words if word.kind != "link") or words
    without_and = [word for word in words if word.shown != "and"]
    as_one = frozenset("".join(word.shown for word in some) for some in (words, telling, without_and) if some)
    return Name(telling, _acronyms(telling, words, forms), as_one, forms)


def _split(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Form, ...]]:
    """Return the words without legal forms, and the forms, also where a place follows them: Siemens AG Austria."""
    core, forms = legal_forms.split(words)
    for count in range(1, 4):
        place = words[-count:]
        if not forms and len(words) > count + 1 and (" ".join(place) in COUNTRY or " ".join(place) in CITY):
            core, forms = legal_forms.split(words[:-count])
            core += place
    return core, forms


def _acronyms(telling: tuple[Word, ...], words: tuple[Word, ...], forms: tuple[Form, ...]) -> frozenset[str]:
    """Return the initials of three words or more, with or without links, and letters of the legal form after them."""
    closing = [word[0] for form in forms for word in form.name.split()][:4]
    ends = {"".join(letters) for count in range(len(closing) + 1) for letters in combinations(closing, count)}
    starts = {"".join(word.shown[0] for word in some) for some in (telling, words) if len(some) >= 3}
    return frozenset(start + end for start in starts for end in ends)


def tokens(name: str) -> tuple[str, ...]:
    """Return the words of a name in small Latin letters where the script allows, Chinese cut at known words."""
    text = latin(_unglued(name))
    text = DOTTED.sub(lambda dotted: re.sub(r"[./\s]", "", dotted[0]) + " ", text)
    text = APOSTROPHE.sub("", text).replace("&", " and ").replace("+", " and ")
    return tuple(_joined(token for word in WORD.findall(text) for token in _cut(word)))


def _unglued(name: str) -> str:
    """Cut off a legal form that is written in capitals right after a word."""
    return GLUED.sub(lambda tail: f" {tail[0]}" if tail[0].casefold() in legal_forms.BY_SPELLING else tail[0], name)


def _cut(word: str) -> list[str]:
    if word.isascii() or not HAN.search(word):
        return [word]
    runs = [run for run in HAN.split(word) if run]
    return [part for run in runs for part in (_cut_han(run) if HAN.match(run) else [run])]


def _cut_han(run: str) -> list[str]:
    parts, last = [], 0
    for known in HAN_WORDS.finditer(run):
        parts += [run[last : known.start()], known[0]]
        last = known.end()
    return [part for part in (*parts, run[last:]) if part]


def _joined(words: Iterator[str]) -> Iterator[str]:
    """Join single letters that follow each other."""
    letters = ""
    for word in words:
        if len(word) == 1 and word.isalpha() and word.isascii():
            letters += word
            continue
        if letters:
            yield letters
            letters = ""
        yield word
    if letters:
        yield letters


def _phrases(words: tuple[str, ...]) -> list[str]:
    """Put one word where several stand for one: a country, a city, a number of two words."""
    found, i = [], 0
    while i < len(words):
        for count in range(min(LONGEST_PHRASE, len(words) - i), 1, -1):
            phrase = words[i : i + count]
            tens, ones = (NUMBER.get(word, int(word) if word.isdecimal() else 0) for word in phrase[:2])
            if phrase in PHRASES:
                found.append(PHRASES[phrase])
                break
            if count == 2 and phrase[0] in NUMBER and tens >= 20 and 0 < ones < 10:
                found.append(str(tens + ones))
                break
        else:
            count = 1
            found.append(words[i])
        i += count
    return found


def _words(words: list[str]) -> Iterator[Word]:
    for i, shown in enumerate(words):
        text, kind = _kind(shown, i, len(words))
        yield Word(text, shown, kind, WEIGHT[kind])


def _kind(word: str, i: int, count: int) -> tuple[str, str]:
    if figures := FIGURES.match(word):
        return str(int(figures[1])), "number"
    if word in NUMBER:
        return str(NUMBER[word]), "number"
    if word in ROMANS and (i > 0 and (len(word) > 1 or i == count - 1)):
        return str(ROMANS[word]), "number"
    if word in COUNTRY:
        return COUNTRY[word], "country"
    if word in CITY:
        return CITY[word], "place"
    if word in LINK and (i < count - 1 or word in WEB):
        return word, "link"
    text = singular(word)
    if text in COMMON:
        return text, COMMON[text]
    return text, "letter" if len(text) == 1 else "own"
