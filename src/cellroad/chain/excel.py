"""The sheets of an Excel workbook as text, one per table.

Read by calamine (fastexcel). Cells that hold an error of Excel (#REF!, #DIV/0!) would come back as blanks, and a blank
means a default; so they are looked up in the file itself and told.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import fastexcel
import polars as pl

from cellroad.chain.finding import Finding
from cellroad.chain.sheet import BLANKS, Raw, sheet_of_rows
from cellroad.chain.tables import TABLES
from cellroad.chain.tell import did_you_mean

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
FOR_PEOPLE = ("readme", "lists")
"""Sheets that explain and feed drop-downs; nothing is read from them."""

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def sheets_of_excel(path: Path) -> list[Raw]:
    """Return the raw sheet of every table in a workbook, and what is wrong with the others."""
    try:
        reader = fastexcel.read_excel(path)
        found = [(name, _grid(reader, name)) for name in reader.sheet_names]
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0]
        return [(None, [Finding(
            "blocker", path.name, None, "", f"a file that cannot be read as a workbook ({reason})",
            "an Excel workbook that is complete and has no password", "Open it in Excel and save it anew as .xlsx.",
        )])]  # fmt: skip
    try:
        errors = _error_cells(path)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError):  # another format under this name; calamine read it
        errors = {}
    raws: list[Raw] = []
    for name, grid in found:
        table = name.strip(BLANKS).casefold()
        if table in FOR_PEOPLE:
            continue
        if table not in TABLES:
            raws.append((None, [Finding(
                "warning", name, None, "", f"sheet {name!r}, which is not read", "sheets named as the tables",
                did_you_mean(table, TABLES, "Remove it or leave it; it changes nothing."),
            )]))  # fmt: skip
            continue
        sheet, findings = sheet_of_rows(table, grid)
        header = sheet.header if sheet else ()
        told = [_error_told(table, row, header[place] if place < len(header) else "", what)
                for row, place, what in errors.get(name, [])]  # fmt: skip
        raws.append((sheet, findings + told))
    return raws


def _grid(reader: fastexcel.ExcelReader, name: str) -> list[list[str]]:
    """Return the cells of a sheet as texts, numbers with all their digits.

    As text, fastexcel rounds numbers to nine decimals; where the number itself is another, its own digits are taken.
    """
    texts: pl.DataFrame = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    numbers: pl.DataFrame = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="float").to_polars()
    exact = [
        pl.when(text.cast(pl.Float64, strict=False) != number)
        .then(number.cast(pl.String))
        .otherwise(text)
        .alias(column)
        for column, text, number in zip(texts.columns, texts, numbers, strict=True)
    ]
    return [list(row) for row in texts.select(exact).fill_null("").iter_rows()]


def _error_told(table: str, row: int, column: str, what: str) -> Finding:
    return Finding("blocker", table, row, column, what, "a value", "Mend the formula, or write the value itself.")


def _error_cells(path: Path) -> dict[str, list[tuple[int, int, str]]]:
    """Return by sheet the (row, column counted from 0, error) of cells that hold an Excel error."""
    if path.suffix.casefold() not in (".xlsx", ".xlsm"):
        return {}
    with zipfile.ZipFile(path) as package:
        relations = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
        targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
        book = ElementTree.fromstring(package.read("xl/workbook.xml"))
        found = {}
        for sheet in book.iter(f"{MAIN}sheet"):
            target = targets.get(sheet.get(RELATION), "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            data = package.read(part) if part in package.namelist() else b""
            found[sheet.get("name", "")] = _errors_in(data)
    return found


def _errors_in(data: bytes) -> list[tuple[int, int, str]]:
    cells = re.findall(rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]+)(\d+)"[^>]*>.*?<v>([^<]*)</v>', data, re.DOTALL)
    return [(int(row), _place(letters.decode()), what.decode()) for letters, row, what in cells]


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
