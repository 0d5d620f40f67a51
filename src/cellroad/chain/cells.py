"""How the texts of a table become typed columns, with everything that cannot be read told at once.

Header names may stand in any order and case. A blank takes the default of its column. Dates are ISO, a month means its
first day. Numbers have a decimal point, or a decimal comma in a semicolon-separated file; separators of thousands are
refused because 1,234 is one thing to one reader and another to the next. A share may be written 40 %.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import dataframely as dy
import polars as pl

from cellroad.chain.chain import complete
from cellroad.chain.column import COUNTRY_PATTERN, default_of, is_required, separator_of, unit_of
from cellroad.chain.finding import Finding, Severity
from cellroad.chain.limits import breaches, wanted
from cellroad.chain.sheet import Sheet
from cellroad.chain.tables import own_columns
from cellroad.chain.tell import closest, did_you_mean, listed

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
COMMA_NUMBER = r"^[+-]?\d*,\d+([eE][+-]?\d+)?$"
PERCENT = r"^([+-]?[\d.]+)\s*%$"
DAY = r"^(\d{4}-\d{2}-\d{2})([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$"
MIDNIGHT = r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"
"""How a day in a cell of Excel reads where a text is wanted."""

EXCEL_EPOCH = dt.date(1899, 12, 30)


def typed(sheet: Sheet) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the typed frame of a sheet and all that is wrong with it; cells that cannot be read are blank."""
    places, findings = _header(sheet)
    columns = own_columns(sheet.schema)
    comma = _has_decimal_comma(sheet, places)
    values: dict[str, pl.Series] = {}
    for name, place in places.items():
        text = sheet.cells[place].alias(name)
        values[name] = parsed(text, columns[name], comma)
        unread = text.is_not_null() & values[name].is_null()
        for row, found in zip(sheet.rows.filter(unread), text.filter(unread), strict=True):
            advice = _advice(found, columns[name], comma)
            findings.append(Finding("blocker", sheet.table, row, name, repr(found), wanted(columns[name]), advice))
    told = {(f.column, f.row) for f in findings if f.row is not None}
    told |= {(name, row) for name in columns.keys() - places.keys() if is_required(columns[name]) for row in sheet.rows}
    frame = complete(sheet.schema, pl.DataFrame(values) if values else None)
    if values:
        findings += breaches(sheet.table, frame, sheet.rows, told, sheet.schema)
    return frame, findings


def parsed(text: pl.Series, column: dy.Column, decimal_comma: bool = False) -> pl.Series:
    """Return the values of texts as the type of their column; what cannot be read is null."""
    if isinstance(column, dy.Enum):
        words = {word.casefold(): word for word in column.categories}
        folded = text.str.to_lowercase()
        return folded.replace_strict(words, default=None, return_dtype=pl.String).cast(column.dtype)
    if isinstance(column, dy.Date):
        return _dates(text)
    if isinstance(column, dy.Int64):
        return _wholes(text)
    if isinstance(column, dy.Float64):
        return _numbers(text, decimal_comma, unit_of(column).startswith("share"))
    separator = separator_of(column)
    if separator:
        return _joined(text, separator)
    if getattr(column, "regex", None) == COUNTRY_PATTERN:
        return text.str.to_uppercase()
    return text.str.replace(MIDNIGHT, "$1")


def _numbers(text: pl.Series, decimal_comma: bool, is_share: bool) -> pl.Series:
    plain = text.str.replace("−", "-", literal=True)
    if decimal_comma:
        plain = plain.set(plain.str.contains(".", literal=True).fill_null(False), None)
        plain = plain.str.replace(",", ".", literal=True)
    number = _cast(plain.set(~plain.str.contains(NUMBER).fill_null(False), None))
    if not is_share:
        return number
    return number.fill_null(_cast(plain.str.extract(PERCENT) + "e-2"))


def _cast(text: pl.Series) -> pl.Series:
    return text.cast(pl.Float64, strict=False)


def _wholes(text: pl.Series) -> pl.Series:
    number = _numbers(text, False, False)
    whole = number.set((number != number.floor()).fill_null(False), None).cast(pl.Int64, strict=False)
    return text.cast(pl.Int64, strict=False).fill_null(whole)


def _dates(text: pl.Series) -> pl.Series:
    month = text.str.extract(r"^(\d{4}-\d{2})$") + "-01"
    return text.str.extract(DAY).fill_null(month).str.to_date("%Y-%m-%d", strict=False)


def _joined(text: pl.Series, separator: str) -> pl.Series:
    parts = text.str.split(separator).list.eval(pl.element().str.strip_chars())
    return parts.list.eval(pl.element().filter(pl.element() != "")).list.join(separator)


@dataclass(frozen=True, slots=True)
class _Heading:
    place: str
    written: str
    name: str


def _header(sheet: Sheet) -> tuple[dict[str, str], list[Finding]]:
    """Return where each known column stands, and what is wrong with the header."""
    columns = own_columns(sheet.schema)
    spelled = {name.casefold(): name for name in columns}
    folded = ("_".join(written.casefold().replace("-", " ").split()) for written in sheet.header)
    headings = [
        _Heading(str(place), written, spelled.get(name, name))
        for place, (written, name) in enumerate(zip(sheet.header, folded, strict=True))
    ]
    findings: list[Finding] = []
    places: dict[str, str] = {}
    unknown: list[str] = []
    for heading in headings:
        if not heading.written:
            if sheet.cells[heading.place].is_not_null().any():
                findings.append(_in_header(
                    sheet, "warning", "", f"column {int(heading.place) + 1} without a name", "a name in the header",
                    "Name the column or empty it; it is not read.",
                ))  # fmt: skip
        elif heading.name in places:
            findings.append(_in_header(
                sheet, "blocker", heading.name, f"{heading.written!r} twice in the header", "each column once",
                "Remove or rename one of the two columns.",
            ))  # fmt: skip
        elif heading.name in columns:
            places[heading.name] = heading.place
        else:
            unknown.append(heading.name)
            advice = did_you_mean(heading.name, columns.keys() - places.keys(), "Remove it or use `note`.")
            findings.append(_in_header(
                sheet, "warning", heading.written, f"column {heading.written!r}, which is not read",
                f"columns of the table: {listed(columns, 30)}", advice,
            ))  # fmt: skip
    for name, column in columns.items():
        if name not in places and is_required(column):
            match = closest(name, unknown)
            findings.append(_in_header(
                sheet, "blocker", name, "no such column", f"a column {name!r}: {column.description}",
                f"Rename column {match!r} to {name!r}." if match else "Add the column and fill it in.",
            ))  # fmt: skip
    return places, findings


def _in_header(sheet: Sheet, severity: Severity, column: str, found: str, expected: str, mend: str) -> Finding:
    return Finding(severity, sheet.table, 1, column, found, expected, mend)


def _has_decimal_comma(sheet: Sheet, places: dict[str, str]) -> bool:
    """Say whether a semicolon-separated sheet writes its numbers with a decimal comma."""
    columns = own_columns(sheet.schema)
    numbers = [place for name, place in places.items() if isinstance(columns[name], dy.Float64)]
    return sheet.separator == ";" and any(sheet.cells[place].str.contains(COMMA_NUMBER).any() for place in numbers)


def _advice(found: str, column: dy.Column, decimal_comma: bool) -> str:
    """Return how to mend a cell that cannot be read."""
    if isinstance(column, dy.Enum):
        blank = default_of(column)
        otherwise = "Use one of them" + (f", or leave it blank for {blank!r}." if blank is not None else ".")
        return did_you_mean(found, column.categories, otherwise)
    if isinstance(column, dy.Date):
        return _date_advice(found)
    return _number_advice(found, column, decimal_comma)


def _date_advice(found: str) -> str:
    if found.isdigit() and len(found) == 5:
        day = EXCEL_EPOCH + dt.timedelta(days=int(found))
        return f"Write {day}: {found} is how a spreadsheet counts that day; format the cell as a date."
    if found.isdigit() and len(found) == 4:
        return f"Write {found}-01 for the start of that year."
    if len(found) >= 10 and found[4:5] == "-":
        return "There is no such day in the calendar; correct it."
    return "Write year-month-day, as in 2027-10-01; other orders can be misread."


def _number_advice(found: str, column: dy.Column, decimal_comma: bool) -> str:
    digits = "".join(character for character in found if character.isdigit() or character in "+-")
    if found.casefold() in ("nan", "inf", "+inf", "-inf", "infinity", "-infinity", "n/a", "na", "none", "-", "null"):
        optional = column.nullable or default_of(column) is not None
        return "Leave it blank." if optional else "Write the number; it has no default."
    if "%" in found:
        return "Write a plain number; only shares may be written in per cent."
    if not digits.strip("+-"):
        return "Write a number with digits only."
    if isinstance(column, dy.Int64) and found.replace(".", "", 1).replace(",", "", 1).lstrip("+-").isdigit():
        return "Write it without a fraction and without separators."
    if not found.strip("+-0123456789.,' \u00a0\u202f_"):
        return _separator_advice(found, decimal_comma)
    return f"Write the figure alone, without signs or units; the unit is {unit_of(column) or 'none'}."


def _separator_advice(found: str, decimal_comma: bool) -> str:
    if decimal_comma:
        return "Write no separators of thousands; numbers in this file have a decimal comma, as in 1234,5."
    if found.count(",") == 1 and "." not in found and len(found.partition(",")[2]) != 3:
        return f"Write {found.replace(',', '.')} with a decimal point."
    return "Write no separators of thousands, and a decimal point, as in 1234.5."
