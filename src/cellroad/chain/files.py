"""How a chain is read from and written to disk.

A chain is a folder of `<table>.csv` or `<table>.parquet`, a workbook with one sheet a table, or a zip of CSV files.
Reading tells everything that is wrong at once; writing puts all files in place or none. What is written reads back
unchanged, but that a blank text and a missing one are the same.
"""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import polars as pl

from cellroad.chain import examples
from cellroad.chain.atomic import replace_file, replace_files
from cellroad.chain.cells import typed
from cellroad.chain.chain import Chain, complete
from cellroad.chain.check_references import references
from cellroad.chain.excel import SUFFIXES, sheets_of_excel
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.sheet import Raw, sheet_of_csv, sheet_of_parquet
from cellroad.chain.tables import TABLES
from cellroad.chain.tell import condensed, did_you_mean, listed
from cellroad.chain.workbook import write_workbook

Form = Literal["csv", "parquet", "xlsx", "zip"]
LARGEST_ZIP = 2_000_000_000
"""Bytes that a zip may unpack to; far beyond any chain, so that a broken archive cannot fill the memory."""


def load(name_or_path: str | Path) -> Chain:
    """Return the chain at a path, or the shipped example of that name. Raises ChainError."""
    path = Path(name_or_path)
    if path.exists():
        return read(path)
    example = examples.folder(str(name_or_path))
    if example is not None:
        return read(example)
    advice = did_you_mean(str(name_or_path), examples.names(), "Check the spelling.")
    raise ChainError([Finding(
        "blocker", str(name_or_path), None, "", "no file, folder or example of that name",
        f"a path, or an example: {listed(examples.names()) or 'none are installed'}", advice,
    )])  # fmt: skip


def read(path: str | Path) -> Chain:
    """Return the chain at a path. Raises ChainError with every blocker; `inspect` tells the warnings too."""
    chain, findings = inspect(path)
    if chain is None:
        raise ChainError([finding for finding in findings if finding.severity == "blocker"])
    return chain


def inspect(path: str | Path) -> tuple[Chain | None, list[Finding]]:
    """Return the chain at a path, None where something blocks it, and everything strange or wrong in its files.

    This looks at files and cells; `check` looks at what the tables mean together. Where a cell blocks the chain, ids
    that name nothing are told as well, so that they can be mended in the same go.
    """
    path = Path(path)
    raws = _raws(path)
    findings = [finding for _, told in raws for finding in told]
    sheets = [sheet for sheet, _ in raws if sheet is not None]
    findings += _twice([sheet.table for sheet in sheets])
    frames: dict[str, pl.DataFrame] = {}
    for sheet in sheets:
        frame, told = typed(sheet)
        findings += told
        if frame.height == len(sheet.rows):  # else none of its columns is known
            frames[sheet.table] = frame
    if all(finding.severity == "warning" for finding in findings):
        return Chain.of(path.resolve().stem if path.is_file() else path.resolve().name, **frames), condensed(findings)
    unread = {finding.table for finding in findings} - frames.keys()
    draft = {table: complete(schema, frames.get(table)) for table, schema in TABLES.items() if table not in unread}
    rows = {sheet.table: sheet.rows for sheet in sheets}
    return None, condensed(findings + (references(draft, rows) if sheets else []))


def write(chain: Chain, path: str | Path, form: Form | None = None) -> None:
    """Write a chain in a form: csv or parquet (a folder), xlsx or zip (a file); the suffix decides if none is given.

    Empty tables are left out of folders and zips. Files of a folder that are no tables stay. What was there before
    stays as it was when anything fails. Raises ChainError where the place cannot be written.
    """
    path = Path(path).resolve()
    form = form or _form(path)
    try:
        if form in ("csv", "parquet"):
            if path.exists() and not path.is_dir():
                raise FileExistsError(f"{path.name} is a file")
            obsolete = [f"{table}{suffix}" for table in TABLES for suffix in (".csv", ".parquet")]
            replace_files(path, _folder_writer(chain, form), obsolete)
        else:
            if path.is_dir():
                raise IsADirectoryError(f"{path.name} is a folder")
            replace_file(path, lambda fresh: _write_file(chain, fresh, form))
    except OSError as error:
        raise ChainError([Finding(
            "blocker", path.name, None, "", f"a place that cannot be written ({error.strerror or error})",
            "a place to write the chain", "Choose another path, or close the program that has it open.",
        )]) from error  # fmt: skip


def _form(path: Path) -> Form:
    by_suffix: dict[str, Form] = {".xlsx": "xlsx", ".zip": "zip"}
    form = by_suffix.get(path.suffix.casefold(), "csv")
    if form == "csv" and path.suffix.casefold() in (*SUFFIXES, ".csv", ".parquet", ".json"):
        raise ChainError([Finding(
            "blocker", path.name, None, "", f"the suffix {path.suffix!r}", "a folder, .xlsx or .zip",
            f"Write to {path.stem!r} for a folder of CSV, or to {path.stem + '.xlsx'!r}.",
        )])  # fmt: skip
    return form


def _write_file(chain: Chain, path: Path, form: Form) -> None:
    if form == "xlsx":
        write_workbook(chain, path)
        return
    with (
        tempfile.TemporaryDirectory(dir=path.parent) as place,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack,
    ):
        _folder_writer(chain, "csv")(Path(place))
        for file in sorted(Path(place).iterdir()):
            # a fixed date, so that the same chain makes the same archive
            pack.writestr(zipfile.ZipInfo(file.name, (1980, 1, 1, 0, 0, 0)), file.read_bytes(), zipfile.ZIP_DEFLATED)


def _folder_writer(chain: Chain, form: Form) -> Callable[[Path], None]:
    def fill(folder: Path) -> None:
        for table, frame in chain.tables.items():
            if not frame.height:
                continue
            if form == "parquet":
                frame.write_parquet(folder / f"{table}.parquet")
            else:
                frame.with_columns(pl.col(pl.String).replace("", None)).write_csv(folder / f"{table}.csv")

    return fill


def _raws(path: Path) -> list[Raw]:
    """Return the raw sheets of whatever lies at a path."""
    try:
        if path.is_dir():
            return _raws_of_folder(path)
        if path.suffix.casefold() in SUFFIXES and path.is_file():
            return sheets_of_excel(path) or [_nothing(path)]
        if path.suffix.casefold() == ".zip" and path.is_file():
            return _raws_of_zip(path)
    except OSError as error:
        return [_unread(path, f"a place that cannot be read ({error.strerror or error})", "Check its permissions.")]
    if path.suffix.casefold() in (".csv", ".parquet"):
        return [_unread(path, "a single table", f"Give the folder that holds it: {path.parent}.")]
    found = f"a file of the kind {path.suffix or 'unknown'}" if path.exists() else "nothing at this path"
    return [_unread(path, found, "Check the path.")]


def _raws_of_folder(folder: Path) -> list[Raw]:
    files = sorted(p for p in folder.iterdir() if p.suffix.casefold() in (".csv", ".parquet") and p.is_file())
    raws = []
    for file in files:
        table = file.stem.casefold()
        if table not in TABLES:
            raws.append(_stranger(file.name, table))
        elif file.suffix.casefold() == ".csv":
            raws.append(sheet_of_csv(table, file.read_bytes()))
        else:
            raws.append(sheet_of_parquet(table, file))
    return raws if _any_table(raws) else [*raws, _nothing(folder)]


def _raws_of_zip(path: Path) -> list[Raw]:
    raws = []
    try:
        with zipfile.ZipFile(path) as pack:
            entries = [entry for entry in pack.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > LARGEST_ZIP:
                return [_unread(path, "an archive of more than 2 GB", "Give a folder or a smaller archive.")]
            for entry in entries:
                name = Path(entry.filename)
                if name.suffix.casefold() != ".csv" or name.name.startswith("._"):
                    continue
                table = name.stem.casefold()
                raws.append(sheet_of_csv(table, pack.read(entry)) if table in TABLES else _stranger(name.name, table))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, zlib.error) as error:
        return [_unread(path, f"an archive that cannot be read ({error})", "Pack it anew, without a password.")]
    return raws if _any_table(raws) else [*raws, _nothing(path)]


def _any_table(raws: list[Raw]) -> bool:
    return any(sheet is not None or any(f.severity == "blocker" for f in told) for sheet, told in raws)


def _twice(tables: list[str]) -> list[Finding]:
    return [
        Finding(
            "blocker", table, None, "", f"{count} files or sheets for this table", "one of each table",
            "Keep one of them.",
        )
        for table, count in Counter(tables).items() if count > 1
    ]  # fmt: skip


def _stranger(name: str, table: str) -> Raw:
    advice = did_you_mean(table, TABLES, "Remove it or leave it; it changes nothing.")
    found = f"file {name!r}, which is not read"
    return None, [Finding("warning", name, None, "", found, "files named as the tables", advice)]


def _nothing(path: Path) -> Raw:
    return _unread(path, "no table in it", f"Put tables such as items, sites, offers and demand into {path.name!r}.")


def _unread(path: Path, found: str, mend: str) -> Raw:
    expected = "a folder of CSV or Parquet tables, an Excel workbook, or a zip of CSV tables"
    return None, [Finding("blocker", path.name or str(path), None, "", found, expected, mend)]
