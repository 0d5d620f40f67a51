"""A user's own cells: rows of a data sheet as CSV or TOML, or a BPX file, checked like the shipped cells.

The columns are those of the fact table `cells`. Only these must be filled in:

    maker, model, chemistry, format, capacity_Ah, nominal_V

A TOML file holds one cell, or several under `[[cell]]`:

    maker = "EVE"
    model = "LF280K"
    chemistry = "LFP"
    format = "prismatic"
    capacity_Ah = 280
    nominal_V = 3.2
    mass_g = 5490

Everything that is wrong is told at once. A JSON file is read as BPX (see `bpx`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cellroad.chain.cells import typed
from cellroad.chain.fact_tables import DataSheet
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.sheet import Raw, sheet_of_csv, sheet_of_rows
from cellroad.engineering import bpx
from cellroad.engineering.catalogue import of_row
from cellroad.engineering.cell import Cell
from cellroad.engineering.cell_check import check, check_cells, refused

TABLE = "cells"


def read(path: Path | str) -> tuple[Cell, ...]:
    """Return the cells of a CSV, TOML or BPX file. Raises ChainError with everything that is wrong with them."""
    found, findings = inspect(path)
    blockers = [finding for finding in findings if finding.severity == "blocker"]
    if blockers:
        raise ChainError(blockers)
    return found


def inspect(path: Path | str) -> tuple[tuple[Cell, ...], list[Finding]]:
    """Return the cells of a file that can be used, and all that is wrong or unusual with the file."""
    place = Path(path)
    if not place.is_file():
        return (), [_bad(place.name, "no file there", "a CSV, TOML or BPX file with cells", "Check the path.")]
    if place.suffix.casefold() == ".json":
        return _physics(place)
    if place.suffix.casefold() == ".toml":
        raw = _sheet_of_toml(place)
    else:
        raw = sheet_of_csv(TABLE, place.read_bytes(), DataSheet)
    return _cells_of(raw)


def of_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[Cell, ...]:
    """Return the cells of rows by column name, as texts or numbers. Raises ChainError with all that is wrong."""
    found, findings = _cells_of(_sheet_of(rows))
    blockers = [finding for finding in findings if finding.severity == "blocker"]
    if blockers:
        raise ChainError(blockers)
    return found


def _cells_of(raw: Raw) -> tuple[tuple[Cell, ...], list[Finding]]:
    sheet, findings = raw
    if sheet is None:
        return (), findings
    frame, told = typed(sheet)
    findings += told
    if frame.is_empty() and not findings:
        findings.append(_bad(TABLE, "no cells", "a row for each cell", "Write a row below the header."))
    frame = frame.with_columns(
        cell_id=pl.coalesce(
            "cell_id",
            pl.concat_str("maker", "model", separator="-", ignore_nulls=True).str.replace_all(r"[^\w.+\-]+", "-"),
        ),
        energy_Wh=pl.coalesce("energy_Wh", pl.col("capacity_Ah") * pl.col("nominal_V")),
        sheet_row=sheet.rows,
    )
    # What could not be read is told once; whether the rest of the row can be is asked all the same.
    unread = {one.row for one in findings if one.severity == "blocker"}
    told = check(frame.drop("sheet_row"), TABLE, frame["sheet_row"].to_list())
    findings += told
    bad = unread | refused(told)
    if bad & {None, 1}:
        return (), findings
    good = frame.filter(~pl.col("sheet_row").is_in([row for row in bad if row is not None]))
    return tuple(of_row(row) for row in good.iter_rows(named=True)), findings


def _physics(place: Path) -> tuple[tuple[Cell, ...], list[Finding]]:
    """Return the cell of a BPX file, and what is wrong or strange about it."""
    try:
        found = bpx.read(place)
    except ChainError as error:
        return (), list(error.findings)
    told = [*found.warnings, *check_cells([found.cell], place.name)]
    return (() if refused(told) else (found.cell,)), told


def _sheet_of_toml(place: Path) -> Raw:
    try:
        told = tomllib.loads(place.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return None, [
            _bad(place.name, f"{error}", "a file of keys and values as TOML", 'Write lines as maker = "EVE".')
        ]
    rows = told.get("cell", [told])
    rows = rows if isinstance(rows, list) else [rows]
    if not rows or not all(isinstance(row, dict) for row in rows):
        return None, [_bad(place.name, "no cells", "one cell, or several under [[cell]]", "See the columns of cells.")]
    return _sheet_of(rows)


def _sheet_of(rows: Sequence[Mapping[str, Any]]) -> Raw:
    """Return rows as the texts of a sheet, in which the n-th cell stands in row n + 1."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    grid = [["" if row.get(name) is None else str(row[name]) for name in header] for row in rows]
    return sheet_of_rows(TABLE, [header, *grid], schema=DataSheet)


def _bad(place: str, found: str, expected: str, mend: str) -> Finding:
    return Finding("blocker", place, None, "", found, expected, mend)
