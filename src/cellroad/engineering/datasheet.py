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

import re
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
    return inspect_bytes(place.read_bytes(), place.name)


def inspect_bytes(data: bytes, file: str) -> tuple[tuple[Cell, ...], list[Finding]]:
    """Return the same of the bytes of a file, whose name tells what it is: .json, .toml, else a table as CSV or TSV."""
    kind = Path(file).suffix.casefold()
    if kind == ".json":
        return _physics(data, file)
    return _cells_of(_sheet_of_toml(data, file) if kind == ".toml" else sheet_of_csv(TABLE, data, DataSheet))


def kind_of(text: str) -> str:
    """Return what a pasted text is, as the ending of its file: .json, .toml, else .csv."""
    if text.lstrip().startswith("{"):
        return ".json"
    first = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
    return ".toml" if re.match(r"\s*(\w+\s*=|\[\[)", first) else ".csv"


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
    if frame.height < len(sheet.rows):  # none of its columns is known
        return (), findings
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


def _physics(data: bytes, file: str) -> tuple[tuple[Cell, ...], list[Finding]]:
    """Return the cell of a BPX file, and what is wrong or strange about it."""
    try:
        found = bpx.parse(data, file)
    except ChainError as error:
        return (), list(error.findings)
    told = [*found.warnings, *check_cells([found.cell], file)]
    return (() if refused(told) else (found.cell,)), told


def _sheet_of_toml(data: bytes, file: str) -> Raw:
    try:
        told = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, [_bad(file, f"{error}", "a file of keys and values as TOML", 'Write lines as maker = "EVE".')]
    rows = told.get("cell", [told])
    rows = rows if isinstance(rows, list) else [rows]
    if not rows or not all(isinstance(row, dict) for row in rows):
        return None, [_bad(file, "no cells", "one cell, or several under [[cell]]", "See the columns of cells.")]
    return _sheet_of(rows)


def _sheet_of(rows: Sequence[Mapping[str, Any]]) -> Raw:
    """Return rows as the texts of a sheet, in which the n-th cell stands in row n + 1."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    grid = [["" if row.get(name) is None else str(row[name]) for name in header] for row in rows]
    return sheet_of_rows(TABLE, [header, *grid], schema=DataSheet)


def _bad(place: str, found: str, expected: str, mend: str) -> Finding:
    return Finding("blocker", place, None, "", found, expected, mend)
