"""A user's own packs: a CSV with the columns of the fact table `packs`, of which any may be missing or blank."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cellroad.chain.cells import typed
from cellroad.chain.fact_tables import PackSheet
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.sheet import sheet_of_csv

TABLE = "packs"


def read_packs(path: Path | str) -> pl.DataFrame:
    """Return the packs of a file, typed. Raises ChainError with everything that cannot be read."""
    place = Path(path)
    if not place.is_file():
        raise ChainError([_bad(place.name, "no file there", "a CSV file with packs", "Check the path.")])
    sheet, findings = sheet_of_csv(TABLE, place.read_bytes(), PackSheet)
    frame = pl.DataFrame()
    if sheet is not None:
        frame, told = typed(sheet)
        findings = [*findings, *told]
    blockers = [finding for finding in findings if finding.severity == "blocker"]
    if not blockers and frame.is_empty():
        blockers = [_bad(TABLE, "no packs", "a row for each pack", "Write a row below the header.")]
    if blockers:
        raise ChainError(blockers)
    return frame


def _bad(place: str, found: str, expected: str, mend: str) -> Finding:
    return Finding("blocker", place, None, "", found, expected, mend)
