"""How does a person start a chain? From an example, whose files are copied as they are, or from empty tables."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import polars as pl

from cellroad.chain import examples
from cellroad.chain.atomic import replace_files
from cellroad.chain.chain import Chain
from cellroad.chain.files import load, write
from cellroad.chain.settings import declared


def start_folder(directory: Path, example: str | None) -> None:
    """Write a folder of CSV: the files of an example with its README, or every table as a header."""
    origin = examples.folder(example) if example else None
    replace_files(directory, partial(_copy, origin) if origin else _headers, obsolete=())


def start_workbook(file: Path, example: str | None) -> None:
    """Write a workbook: that of an example, or one of empty tables."""
    write(load(example) if example else blank(file.stem), file)


def blank(name: str) -> Chain:
    """Return a chain that holds nothing but the settings with their defaults."""
    defaults = declared().filter(pl.col("default") != "")
    return Chain.of(name, settings=defaults.select("name", value="default", note="meaning"))


def _copy(origin: Path, folder: Path) -> None:
    shutil.copytree(origin, folder, dirs_exist_ok=True)


def _headers(folder: Path) -> None:
    for table, frame in blank(folder.name).tables.items():
        frame.write_csv(folder / f"{table}.csv")
