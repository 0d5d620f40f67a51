"""Rows of law in a folder: CSV files named as the fact tables, read like the tables of a chain, all faults at once."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from cellroad.chain.cells import typed
from cellroad.chain.fact_tables import FACTS
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.sheet import sheet_of_csv
from cellroad.chain.tell import did_you_mean


def read_law(folder: Path, tables: Collection[str]) -> dict[str, pl.DataFrame]:
    """Return the typed rows of every CSV file that is named as one of the tables. Raises ChainError."""
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    findings = [_stranger(file.name, file.stem, tables) for file in files if file.stem not in tables]
    frames: dict[str, pl.DataFrame] = {}
    for file in files:
        if file.stem in tables:
            sheet, told = sheet_of_csv(file.stem, file.read_bytes(), FACTS[file.stem])
            findings += told
            if sheet is not None:
                frames[file.stem], told = typed(sheet)
                findings += told
    if not frames and not findings:
        findings = [Finding(
            "blocker", folder.name, None, "", "no rows of law here", "CSV files named " + ", ".join(tables),
            "Check the path.",
        )]  # fmt: skip
    blockers = [finding for finding in findings if finding.severity == "blocker"]
    if blockers:
        raise ChainError(blockers)
    return frames


def _stranger(name: str, stem: str, tables: Collection[str]) -> Finding:
    return Finding(
        "blocker", name, None, "", f"file {name!r}, which is no table of law", "one of " + ", ".join(tables),
        did_you_mean(stem, tables, "Rename or remove it."),
    )  # fmt: skip
