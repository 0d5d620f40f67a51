"""What stands in a file, before anything is understood: a header and rows of text with their sheet row numbers.

CSV, Excel and Parquet all become the same `Sheet` here, so that one reader of cells serves them all. The separator of
a CSV is the one that makes its header name the most columns of the table; the encoding is UTF-8, with or without mark,
UTF-16 with mark, else Windows-1252 with a warning.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

import dataframely as dy
import polars as pl

from cellroad.chain.finding import Finding
from cellroad.chain.tables import TABLES
from cellroad.chain.tell import FIRST_ROW

SEPARATORS = (",", ";", "\t")
BLANKS = " \t\r\n\v\f\u00a0\u2007\u202f\u200b\ufeff"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as text: `cells` has one String column per header cell; `rows` are the sheet row numbers."""

    table: str
    header: tuple[str, ...]
    cells: pl.DataFrame
    rows: pl.Series
    schema: type[dy.Schema]
    separator: str = ","


Raw = tuple[Sheet | None, list[Finding]]


def sheet_of_rows(
    table: str, grid: list[list[str]], separator: str = ",", schema: type[dy.Schema] | None = None
) -> Raw:
    """Return the sheet of a grid of texts whose first line is the header; blank lines are left out, but counted."""
    header = tuple(cell.strip(BLANKS) for cell in grid[0]) if grid else ()
    while header and not header[-1]:
        header = header[:-1]
    if not header:
        return None, [_bad(table, 1, "nothing", "a header in the first row", "Write the column names or remove it.")]
    width = len(header)
    kept: list[list[str]] = []
    rows: list[int] = []
    blank: list[int] = []
    findings: list[Finding] = []
    for number, line in enumerate(grid[1:], start=FIRST_ROW):
        if len(line) == width or (not any(line[width:]) and len(line) > width):
            kept.append(line[:width])
            rows.append(number)
        elif any(cell.strip(BLANKS) for cell in line):
            findings.append(_bad(
                table, number, f"a row of {len(line)}", f"{width} cells, as in the header",
                f"Add or remove a {_named(separator)}; put text that holds one in double quotes.",
            ))  # fmt: skip
        else:
            blank.append(number)
    cells = pl.DataFrame(
        dict(zip(map(str, range(width)), zip(*kept, strict=True), strict=True)) if kept else {},
        schema=dict.fromkeys(map(str, range(width)), pl.String),
    ).select(pl.all().str.strip_chars(BLANKS).replace("", None))
    filled = cells.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    lines = pl.Series("sheet_row", rows, dtype=pl.Int64)
    last = max(lines.filter(filled), default=0)
    findings += _gap(table, sorted(row for row in (*blank, *lines.filter(~filled)) if row < last))
    return Sheet(
        table, header, cells.filter(filled), lines.filter(filled), schema or TABLES[table], separator
    ), findings


def sheet_of_csv(table: str, data: bytes, schema: type[dy.Schema] | None = None) -> Raw:
    """Return the sheet of the bytes of a CSV file; `schema` where it is not a table of a chain."""
    schema = schema or TABLES[table]
    text, findings = _decoded(table, data)
    if text is None:
        return None, findings
    separator = _separator(schema, text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    grid: list[list[str]] = []
    try:
        grid.extend(reader)
    except csv.Error as error:
        found = "a quoted cell that does not end" if "end of data" in str(error) else f"text that is no CSV ({error})"
        return None, [*findings, _bad(
            table, len(grid) + 1, found, "every opening double quote to be closed",
            "Close the quote; write a quote inside a quoted cell twice.",
        )]  # fmt: skip
    sheet, more = sheet_of_rows(table, grid, separator, schema)
    return sheet, findings + more


def sheet_of_parquet(table: str, path: Path) -> Raw:
    """Return the sheet of a Parquet file, its values as text."""
    try:
        frame = pl.read_parquet(path)
        cells = frame.select(
            pl.col(name).cast(pl.String).str.strip_chars(BLANKS).replace("", None).alias(str(place))
            for place, name in enumerate(frame.columns)
        )
    except (pl.exceptions.PolarsError, OSError) as error:
        found = f"{path.name}, which is no table ({str(error).splitlines()[0]})"
        return None, [_bad(table, None, found, "a Parquet file", "Write it anew.")]
    rows = pl.Series("sheet_row", range(FIRST_ROW, frame.height + FIRST_ROW), dtype=pl.Int64)
    return Sheet(table, tuple(frame.columns), cells, rows, TABLES[table]), []


def _gap(table: str, between: list[int]) -> list[Finding]:
    """Warn about blank rows between rows: checks of the whole chain count without them."""
    if not between:
        return []
    return [Finding(
        "warning", table, between[0], "", "a blank row between rows", "rows without gaps",
        "Remove it; later checks count rows without blank ones.",
    )]  # fmt: skip


def _decoded(table: str, data: bytes) -> tuple[str | None, list[Finding]]:
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            text = data.decode("utf-16")
        else:
            text = data.decode("utf-8-sig")
        findings = []
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
        findings = [Finding(
            "warning", table, None, "", "text that is not UTF-8; read as Windows-1252", "UTF-8",
            "Save it as 'CSV UTF-8'; look at accents and signs such as €.",
        )]  # fmt: skip
    odd = sum(character < " " and character not in "\t\r\n\f\v" for character in text)
    if odd:
        return None, [_bad(table, None, "bytes that are no text", "a CSV file", "Save the table as 'CSV UTF-8'.")]
    return text, findings


def _separator(schema: type[dy.Schema], text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip(BLANKS)), "")
    known = schema.columns().keys()

    def fit(separator: str) -> tuple[int, int]:
        names = [name.strip(BLANKS + '"').casefold() for name in first.split(separator)]
        return len(known & set(names)), len(names)

    return max(SEPARATORS, key=fit)


def _named(separator: str) -> str:
    return {",": "comma", ";": "semicolon", "\t": "tab"}[separator]


def _bad(table: str, row: int | None, found: str, expected: str, mend: str) -> Finding:
    return Finding("blocker", table, row, "", found, expected, mend)
