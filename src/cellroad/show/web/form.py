"""A form from the declaration of a specification: every key once, with its meaning, how it is written, and its default.

What the browser cannot know is not checked there: everything that is wrong is told by the answer, all at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache

from cellroad.chain.finding import Finding
from cellroad.engineering import catalogue
from cellroad.engineering.certify import REGIONS
from cellroad.engineering.design.specification import CHOICES, KEYS, TABLE, Specification
from cellroad.engineering.design.uses import USES
from cellroad.engineering.design.writing import in_words

GROUPS = {
    "What is asked": ("use", "energy", "nominal", "voltage", "name"),
    "Power": ("power", "peak_power", "peak_s", "charge_power", "temperature"),
    "One unit, at most": ("mass", "volume", "size", "units"),
    "Cells": ("chemistry", "format", "maker", "cell", "confidence", "cell_price"),
    "Life and choice": ("years", "cycles_per_day", "prefer", "packs_per_year"),
    "How it is built and sold": ("cooling", "inverter", "on_road", "by_air", "regions"),
}
"""Keys that stand together, in the order in which a person is asked."""
ALWAYS_OPEN = 2
"""Groups that are open before anything is filled in."""
LABELS = {
    "nominal": "Nominal voltage", "voltage": "Voltage limits", "peak_s": "Length of the peak", "format": "Format",
    "cell_price": "Price of cells", "packs_per_year": "Packs a year", "on_road": "On public roads",
    "by_air": "Shipped by air", "years": "Life", "prefer": "Best by", "confidence": "Least confidence",
}  # fmt: skip
"""Where the key itself is no label."""
ASKED = ("use", "energy")
"""Keys without which there is no answer; a voltage is the third."""


@dataclass(frozen=True)
class Field:
    """One key of a form: `choices` are value and words; `many` where several may be ticked; `offers` may be typed."""

    key: str
    label: str
    meaning: str
    expected: str
    example: str
    default: str
    value: str
    choices: tuple[tuple[str, str], ...]
    many: bool
    offers: tuple[str, ...]
    needed: bool
    findings: tuple[Finding, ...]

    @property
    def ticked(self) -> tuple[str, ...]:
        """What is ticked of several choices."""
        return tuple(word.strip() for word in self.value.split(",") if word.strip())


@dataclass(frozen=True)
class Group:
    """Fields that stand together; `open` where there is something to see."""

    title: str
    fields: tuple[Field, ...]
    open: bool


def groups(words: Mapping[str, str], findings: Sequence[Finding] = ()) -> list[Group]:
    """Return the form of a specification, filled with words, and what is wrong beside the key that it is about."""
    made = []
    for place, (title, keys) in enumerate(GROUPS.items()):
        shown = tuple(field(key, words.get(key, ""), findings) for key in keys)
        made.append(Group(title, shown, place < ALWAYS_OPEN or any(one.value or one.findings for one in shown)))
    return made


def field(key: str, value: str, findings: Sequence[Finding] = ()) -> Field:
    """Return the field of one key."""
    _, expected, meaning = KEYS[key]
    several = _several().get(key, ())
    choices = several or CHOICES.get(key, ())
    titles = {use.use: f"{use.use}: {use.title}" for use in USES.values()} if key == "use" else {}
    extra = [word.strip() for word in value.split(",")] if several else [value]
    values = (*choices, *(word for word in extra if word and word not in choices)) if choices else ()
    example = expected.partition(" as ")[2].partition(" or ")[0]
    return Field(
        key, label(key), _plain(meaning), expected, example, _defaults().get(key, ""), value,
        tuple((word, titles.get(word, word)) for word in values), bool(several), _offers().get(key, ()), key in ASKED,
        beside(findings, key),
    )  # fmt: skip


def label(key: str) -> str:
    """Return what a key is called."""
    return LABELS.get(key, key.replace("_", " ").capitalize())


def _plain(words: str) -> str:
    """Return words in which keys are called by their labels."""
    return re.sub(r"`(\w+)`", lambda found: label(found[1]).lower(), words)


def beside(findings: Sequence[Finding], key: str) -> tuple[Finding, ...]:
    """Return what is wrong with one key."""
    return tuple(one for one in findings if one.table == TABLE and one.column == key)


def elsewhere(findings: Sequence[Finding]) -> list[Finding]:
    """Return what is wrong and stands beside no key."""
    return [one for one in findings if one.table != TABLE or one.column not in KEYS]


@cache
def _several() -> dict[str, tuple[str, ...]]:
    """Return the words of keys of which several may be ticked."""
    cells = catalogue.cells()
    return {
        "regions": REGIONS,
        "chemistry": tuple(sorted({cell.family for cell in cells})),
        "format": tuple(sorted({cell.format for cell in cells})),
    }


@cache
def _offers() -> dict[str, tuple[str, ...]]:
    """Return words that are offered while one types."""
    cells = catalogue.cells()
    return {"maker": tuple(sorted({cell.maker for cell in cells})), "cell": tuple(cell.name for cell in cells)}


@cache
def _defaults() -> dict[str, str]:
    """Return what is taken where a key is blank and no use tells otherwise."""
    told = {one.name: one.default for one in fields(Specification) if one.default not in (MISSING, None, 0.0, (), "")}
    by_use = ("temperature", "cooling", "cycles_per_day", "prefer")
    words = in_words({key: told[key] for key in KEYS if key in told})
    return {**{key: f"{text}{_unit(key)}" for key, text in words.items()}, **dict.fromkeys(by_use, "by the use")}


def _unit(key: str) -> str:
    """Return the unit in which the example of a key is written."""
    found = re.search(r"as [\d.]+( [^\d\s]+)$", KEYS[key][1])
    return found[1] if found else ""
