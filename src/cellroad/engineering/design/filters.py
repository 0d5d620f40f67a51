"""Which cells the filters of a specification let through, by name, whatever the case."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain import facts
from cellroad.chain.finding import Finding
from cellroad.chain.tell import FIRST_ROW, did_you_mean, listed
from cellroad.engineering import catalogue
from cellroad.engineering.cell import Cell
from cellroad.engineering.design.specification import CONFIDENCES, TABLE, Specification

Through = dict[str, NDArray[np.bool_]]


def let_through(cells: Sequence[Cell], spec: Specification) -> Through:
    """Return for each filter that is set which cells it lets through."""
    trusted = CONFIDENCES[: CONFIDENCES.index(spec.confidence) + 1]
    asked = {"cell": spec.cell, "maker": spec.maker, "format": spec.format, "chemistry": spec.chemistry}
    through = {
        name: np.array([any(_same(w, own) for w in words for own in _own(cell)[name]) for cell in cells], dtype=bool)
        for name, words in asked.items() if words
    }  # fmt: skip
    named = through.get("cell", np.zeros(len(cells), dtype=bool))
    return {**through, "confidence": named | np.array([cell.confidence in trusted for cell in cells], dtype=bool)}


def unknown_names(cells: Sequence[Cell], spec: Specification) -> list[Finding]:
    """Return the words of filters that name no cell at all, each with what may have been meant."""
    told = []
    for name, words in (("cell", spec.cell), ("maker", spec.maker), ("format", spec.format),
                        ("chemistry", spec.chemistry)):  # fmt: skip
        known = sorted({own for cell in cells for own in _own(cell)[name]})
        told += [
            Finding("blocker", TABLE, None, name, repr(word), f"one of {listed(known)}",
                    did_you_mean(word, known, "Name one that is there, or leave it out."))
            for word in words if not any(_same(word, own) for own in known)
        ]  # fmt: skip
    return told


def refused_names(spec: Specification) -> list[Finding]:
    """Return what is wrong with the rows of cells that a specification names and that cannot be."""
    rows = facts.cells()
    names = {
        word.casefold(): told
        for told in catalogue.refusals() if told.severity == "blocker" and told.row is not None
        for word in rows.select("cell_id", "model", pl.format("{} {}", "maker", "model")).row(told.row - FIRST_ROW)
    }  # fmt: skip
    return [names[word.casefold()] for word in spec.cell if word.casefold() in names]


def _own(cell: Cell) -> dict[str, tuple[str, ...]]:
    return {"cell": (cell.cell_id, cell.model, cell.name), "maker": (cell.maker,), "format": (cell.format,),
            "chemistry": (cell.family, cell.chemistry)}  # fmt: skip


def _same(word: str, own: str) -> bool:
    return word.casefold() == own.casefold()
