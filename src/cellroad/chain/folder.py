"""A folder of CSV files, each a table of some declaration, read with everything that is wrong told at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import dataframely as dy
import polars as pl

from cellroad.chain.cells import typed
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.sheet import sheet_of_csv
from cellroad.chain.tell import condensed, did_you_mean, listed


def folder_of(name_or_path: str | Path, known: Mapping[str, Path], needed: Collection[str]) -> Path:
    """Return the folder at a path, or that of a shipped example. Raises ChainError where there is neither.

    needed  tables without which a folder is none of its kind
    """
    path = Path(name_or_path)
    folder = path if path.is_dir() else known.get(str(name_or_path))
    if folder is None:
        raise ChainError([Finding(
            "blocker", str(name_or_path), None, "", "no folder or example of that name",
            f"a folder with {listed(f'{table}.csv' for table in needed)}, or an example: {listed(known)}",
            did_you_mean(str(name_or_path), known, "Check the spelling."),
        )])  # fmt: skip
    return folder


def read_folder(folder: Path, schemas: Mapping[str, type[dy.Schema]], kind: str) -> dict[str, pl.DataFrame]:
    """Return the typed frame of every CSV file in a folder, by the name of its table. Raises ChainError.

    kind  what the tables are of, as in "no table of law"
    """
    findings: list[Finding] = []
    frames: dict[str, pl.DataFrame] = {}
    for file in sorted(folder.glob("*.csv")) if folder.is_dir() else []:
        if file.stem not in schemas:
            findings.append(Finding(
                "blocker", file.name, None, "", f"file {file.name!r}, which is no table of {kind}",
                f"one of {', '.join(schemas)}", did_you_mean(file.stem, schemas, "Rename or remove it."),
            ))  # fmt: skip
            continue
        sheet, told = sheet_of_csv(file.stem, file.read_bytes(), schemas[file.stem])
        findings += told
        if sheet is not None:
            frames[file.stem], told = typed(sheet)
            findings += told
    blockers = [finding for finding in findings if finding.severity == "blocker"]
    if blockers:
        raise ChainError(condensed(blockers))
    return frames


def blank(tables: Mapping[str, pl.DataFrame], needed: Collection[str]) -> list[Finding]:
    """Return what is wrong with needed tables that have no row."""
    return [
        Finding("blocker", table, None, "", "no row", "at least one", f"Fill in {table}.csv.")
        for table in needed
        if tables[table].is_empty()
    ]
