"""A chain as an Excel workbook that explains itself.

The first sheet tells how to use it; each table is a sheet with notes on its headers, drop-downs for words and ids, and
the required columns in colour. `template` is the workbook of an empty chain. Rows start in row 2, headers in row 1, and
nothing but the tables is read back.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from cellroad.chain.atomic import replace_file
from cellroad.chain.chain import Chain
from cellroad.chain.column import default_of, is_required, reference_of, separator_of, unit_of
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.limits import wanted
from cellroad.chain.settings import declared
from cellroad.chain.tables import PROVENANCE, TABLES, Table, key_of, own_columns

LAST_ROW = 10_000
"""Drop-downs and formats reach this far down, so that new rows have them too."""

MOST_ROWS, LONGEST_TEXT = 1_048_575, 32_767
"""What a sheet and a cell can hold; XlsxWriter would cut off the rest without a word."""

EXCEL_FIRST_DAY = dt.date(1900, 3, 1)
"""Earlier days are counted wrongly by Excel and are written as text."""


class ExactWorksheet(Worksheet):  # type: ignore[misc]
    """A sheet that writes numbers with all their digits, so that they read back as the same number."""

    def _xml_number_element(self, number: float, attributes: list[tuple[str, str]]) -> None:
        attr = "".join(f' {name}="{value}"' for name, value in attributes)
        self.fh.write(f"<c{attr}><v>{number!r}</v></c>")


def template(path: str | Path) -> None:
    """Write the workbook of an empty chain, to be filled in."""
    target = Path(path).resolve()
    replace_file(target, lambda fresh: write_workbook(Chain.of("template"), fresh))


def write_workbook(chain: Chain, path: Path) -> None:
    """Write a chain as a workbook, in place; `files.write` is the safe way to do it.

    Raises ChainError for a table or a text that Excel cannot hold.
    """
    too_large = [finding for table, frame in chain.tables.items() for finding in _beyond_excel(table, frame)]
    if too_large:
        raise ChainError(too_large)
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": chain.name, "created": dt.datetime(2000, 1, 1)})
        formats = _formats(book)
        _readme(book.add_worksheet("README"), chain, formats)
        sheets = {table: book.add_worksheet(table, ExactWorksheet) for table in TABLES}
        ranges = _lists(book.add_worksheet("lists"), formats)
        for table, sheet in sheets.items():
            _table(sheet, table, chain.tables[table], formats, ranges)


def _beyond_excel(table: str, frame: pl.DataFrame) -> list[Finding]:
    texts = frame.select(pl.col(pl.String).str.len_chars().max())
    longest = max((length for length in texts.row(0) if length is not None), default=0)
    found = [
        words
        for words, beyond in (
            (f"{frame.height:,} rows", frame.height > MOST_ROWS),
            (f"a text of {longest:,} characters", longest > LONGEST_TEXT),
        )
        if beyond
    ]
    expected = f"at most {MOST_ROWS:,} rows and {LONGEST_TEXT:,} characters in a cell"
    return [
        Finding("blocker", table, None, "", words, expected, "Write CSV or Parquet instead.") for words in found
    ]  # fmt: skip


def _formats(book: Any) -> dict[str, Any]:
    head = {"bold": True, "bottom": 1, "valign": "top"}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "required": book.add_format({**head, "font_color": "#FFFFFF", "bg_color": "#1F5FA8"}),
        "head": book.add_format({**head, "bg_color": "#E3ECF7"}),
        "origin": book.add_format({**head, "bg_color": "#EEEEEE", "font_color": "#666666"}),
        "bold": book.add_format({"bold": True}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "text": book.add_format({"num_format": "@"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "whole": book.add_format({"num_format": "0"}),
        "number": book.add_format({"num_format": "General"}),
    }


def _table(sheet: Any, table: str, frame: pl.DataFrame, formats: dict[str, Any], ranges: dict[str, str]) -> None:
    schema = TABLES[table]
    columns = own_columns(schema)
    for place, (name, column) in enumerate(columns.items()):
        kind = _kind(column)
        header = "required" if is_required(column) else "origin" if name in PROVENANCE else "head"
        sheet.set_column(place, place, _width(name, frame[name]), formats[kind])
        sheet.write_string(0, place, name, formats[header])
        sheet.write_comment(0, place, note_of(schema, name), {"x_scale": 2, "y_scale": 1.4})
        _drop_down(sheet, place, column, ranges)
        _cells(sheet, place, frame[name], kind, formats)
    sheet.freeze_panes(1, len(key_of(schema)))
    sheet.autofilter(0, 0, max(frame.height, 1), len(columns) - 1)


def _kind(column: dy.Column) -> str:
    if isinstance(column, dy.Date):
        return "day"
    if isinstance(column, dy.Int64):
        return "whole"
    return "number" if isinstance(column, dy.Float64) else "text"


def _width(name: str, values: pl.Series) -> float:
    longest = values.cast(pl.String).str.len_chars().max()
    return min(max(len(name) + 4, (longest if isinstance(longest, int) else 0) + 2, 10), 48)


def _cells(sheet: Any, place: int, values: pl.Series, kind: str, formats: dict[str, Any]) -> None:
    for row, value in enumerate(values, start=1):
        if value is None or value == "":
            continue
        if kind == "text" or (kind == "day" and value < EXCEL_FIRST_DAY):
            sheet.write_string(row, place, str(value), formats["text"])
        elif kind == "day":
            sheet.write_datetime(row, place, value, formats[kind])
        else:
            sheet.write_number(row, place, value, formats[kind])


def note_of(schema: type[Table], name: str) -> str:
    """Return what a person should know about a column: meaning, form with unit, default, reference."""
    column = own_columns(schema)[name]
    lines = [(column.description or name).capitalize() + ".", f"Holds {wanted(column)}."]
    default, reference = default_of(column), reference_of(column)
    if is_required(column):
        lines.append("Required.")
    elif default not in (None, ""):
        lines.append(f"Blank means {default}.")
    else:
        lines.append("May be blank.")
    if reference:
        many = f" Several are separated by {separator_of(column)!r}." if separator_of(column) else ""
        lines.append(f"Names a row of sheet {reference[0]!r}.{many}")
    return "\n".join(lines)


def _lists(sheet: Any, formats: dict[str, Any]) -> dict[str, str]:
    """Write each list of words once as a column; return the range of each by its words."""
    ranges: dict[str, str] = {}
    for schema in TABLES.values():
        for name, column in schema.columns().items():
            if isinstance(column, dy.Enum) and "|".join(column.categories) not in ranges:
                words, place = list(column.categories), len(ranges)
                sheet.write_string(0, place, name, formats["bold"])
                for row, word in enumerate(words, start=1):
                    sheet.write_string(row, place, word, formats["text"])
                letter = xl_col_to_name(place)
                ranges["|".join(words)] = f"=lists!${letter}$2:${letter}${len(words) + 1}"
    return ranges


def _drop_down(sheet: Any, place: int, column: dy.Column, ranges: dict[str, str]) -> None:
    reference = reference_of(column)
    if isinstance(column, dy.Enum):
        source, error = ranges["|".join(column.categories)], "stop"
    elif reference and not separator_of(column):
        letter = xl_col_to_name(list(own_columns(TABLES[reference[0]])).index(reference[1]))
        source, error = f"={reference[0]}!${letter}$2:${letter}${LAST_ROW}", "warning"
    else:
        return
    sheet.data_validation(1, place, LAST_ROW, place, {
        "validate": "list", "source": source, "error_type": error, "error_title": "Not in the list",
        "error_message": "Pick a word of the list." if error == "stop" else f"Sheet {reference[0]} has no such row yet."
        if reference else "",
    })  # fmt: skip


def _readme(sheet: Any, chain: Chain, formats: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 60, formats["wrap"])
    sheet.set_column(2, 2, 46, formats["wrap"])
    sheet.set_column(3, 3, 8)
    sheet.write_string(0, 0, f"Chain {chain.name}", formats["title"])
    lines = [
        "One sheet is one table; its first row is the header, every row below is one thing.",
        "Blue headers must be filled in. The note on each header says what it means, its unit and what a blank means.",
        "Columns may stand in any order. Sheets that are not needed may stay empty or be deleted.",
        "Money is in US dollars, shares run from 0 to 1 (or 40 %), dates are written 2027-10-01, a month 2027-10.",
        "Ids are short and without spaces; other sheets name them. 'source' says where a row comes from, "
        "'confidence' how far to trust it.",
        "Save it and run: cellroad check, with the name of this file.",
    ]
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, line)
    top = len(lines) + 2
    for place, title in enumerate(("sheet", "one row is", "required columns", "rows")):
        sheet.write_string(top, place, title, formats["head"])
    for row, (table, schema) in enumerate(TABLES.items(), start=top + 1):
        sheet.write_url(row, 0, f"internal:'{table}'!A1", string=table)
        sheet.write_string(row, 1, " ".join((schema.__doc__ or "").split()), formats["wrap"])
        sheet.write_string(row, 2, ", ".join(_required(schema)), formats["wrap"])
        sheet.write_number(row, 3, chain.tables[table].height)
    _settings(sheet, top + len(TABLES) + 2, formats)


def _required(schema: type[Table]) -> list[str]:
    columns = own_columns(schema)
    return [f"{n} ({unit_of(c)})" if unit_of(c) else n for n, c in columns.items() if is_required(c)]


def _settings(sheet: Any, top: int, formats: dict[str, Any]) -> None:
    for place, title in enumerate(("setting", "meaning", "unit", "default")):
        sheet.write_string(top, place, title, formats["head"])
    for row, setting in enumerate(declared().iter_rows(named=True), start=top + 1):
        for place, name in enumerate(("name", "meaning", "unit", "default")):
            sheet.write_string(row, place, setting[name], formats["wrap"] if place in (1, 2) else None)
