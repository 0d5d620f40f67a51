"""Rows of law in a folder: CSV files named as the fact tables, read like the tables of a chain, all faults at once."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from cellroad.chain.fact_tables import FACTS
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.folder import read_folder


def read_law(folder: Path, tables: Collection[str]) -> dict[str, pl.DataFrame]:
    """Return the typed rows of every CSV file that is named as one of the tables. Raises ChainError."""
    frames = read_folder(folder, {table: FACTS[table] for table in tables}, "law")
    if not frames:
        raise ChainError([Finding(
            "blocker", folder.name, None, "", "no rows of law here", "CSV files named " + ", ".join(tables),
            "Check the path.",
        )])  # fmt: skip
    return frames
