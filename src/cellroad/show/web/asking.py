"""What was asked: words of a specification, cells of one's own, a chain whose prices count; from an address or JSON.

An address says all of it, so that it can be kept and passed on:

    /design?use=storage-residential&nominal=100V&energy=5kWh
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from cellroad.chain import examples
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.tell import did_you_mean, listed
from cellroad.engineering import datasheet
from cellroad.engineering.cell import Cell
from cellroad.engineering.design.specification import KEYS, TABLE, Specification, specified

CELLS = "cells"
"""The name of a data sheet of one's own in an address, a form and JSON; what its findings call their table."""
CHAIN = "chain"
"""The name of a chain whose offers price cells."""
SHOWN = ("sort", "why", "rank", "site", "made_of")
"""What an address says of how an answer is looked at, not of what is asked."""
MOST_CELLS = 24_000
"""Characters of a data sheet that an address can hold."""


@dataclass(frozen=True)
class Asked:
    """What stands in an address: words by key, as typed, blanks left out; a data sheet as text; a chain by name."""

    words: Mapping[str, str] = field(default_factory=dict)
    cells: str = ""
    chain: str = ""

    def __bool__(self) -> bool:
        """Say whether anything is asked."""
        return bool(self.words or self.cells or self.chain)

    def query(self, **more: Any) -> str:
        """Return the part of an address after the question mark, with more or other words; None takes one out."""
        order = {key: self.words[key] for key in (*KEYS, *self.words) if key in self.words}
        told = {**order, CHAIN: self.chain, CELLS: self.cells, **more}
        return urlencode({key: value for key, value in told.items() if value is not None and value != ""})


@dataclass(frozen=True)
class Question:
    """What was understood: one question for a design. Two that are equal have the same answer."""

    specification: Specification
    cells: tuple[Cell, ...] = ()
    chain: str = ""
    remarks: tuple[Finding, ...] = field(default=(), compare=False)


def asked(pairs: Iterable[tuple[str, str]]) -> Asked:
    """Return what pairs of names and texts ask; a name that comes again adds to a list."""
    words: dict[str, str] = {}
    for key, text in pairs:
        if text.strip() and key not in SHOWN:
            words[key] = f"{words[key]}, {text.strip()}" if key in words else text.strip()
    return Asked(words, words.pop(CELLS, ""), words.pop(CHAIN, ""))


def understood(told: Asked) -> Question:
    """Return what was asked as a question. Raises ChainError with everything that is wrong with it, at once."""
    return question(told.words, told.cells, told.chain)


def question(words: Mapping[str, Any], cells: str | Sequence[Mapping[str, Any]] = "", chain: str = "") -> Question:
    """Return the question of words or values by key, of cells as text or rows, and of a chain by name.

    Raises ChainError with everything that is wrong with it, at once.
    """
    wrong: list[Finding] = []
    spec: Specification | None = None
    try:
        spec = specified(**{str(key): value for key, value in words.items()})
    except ChainError as error:
        wrong += error.findings
    own, findings = _cells(cells)
    wrong += [one for one in findings if one.severity == "blocker"]
    known = examples.names()
    if chain and chain not in known:
        mend = did_you_mean(chain, known, "Choose one of them, or none.")
        wrong.append(Finding("blocker", TABLE, None, CHAIN, repr(chain), f"one of {listed(known)}", mend))
    if wrong or spec is None:
        raise ChainError(wrong)
    return Question(spec, own, chain, tuple(one for one in findings if one.severity == "warning"))


def _cells(cells: str | Sequence[Mapping[str, Any]]) -> tuple[tuple[Cell, ...], list[Finding]]:
    """Return cells of one's own and what is wrong or strange with them."""
    if not cells:
        return (), []
    if isinstance(cells, str):
        file = f"{CELLS}{datasheet.kind_of(cells)}"
        own, findings = datasheet.inspect_bytes(cells.encode("utf-8", "replace"), file)
        return own, [replace(one, table=CELLS) for one in findings]
    try:
        return datasheet.of_rows(cells), []
    except ChainError as error:
        return (), list(error.findings)


def too_long(cells: str) -> Finding:
    """Return what to tell of a data sheet that no address can hold."""
    return Finding(
        "blocker", CELLS, None, "", f"{len(cells):,} characters", f"at most {MOST_CELLS:,}, which an address can hold",
        "Keep the cells that may be taken, or send all of them to /api/v1/design.",
    )  # fmt: skip
