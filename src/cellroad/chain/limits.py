"""Which rows of a table break its declaration, told for people.

The rules (key, blank, least, most, form) are dataframely's; this module runs them over a typed frame and translates
each breach into a finding with what was found, what is expected with its unit, and how to mend it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

import dataframely as dy
import polars as pl

from cellroad.chain.column import COUNTRY_PATTERN, HTS_PATTERN, ID_PATTERN, unit_of, words_of
from cellroad.chain.finding import Finding
from cellroad.chain.tables import CLOCK_PATTERN, CURRENCY_PATTERN, TABLES, key_of, own_columns

Place = tuple[str, int]
"""Column and sheet row of one cell."""


def breaches(
    table: str,
    frame: pl.DataFrame,
    rows: pl.Series,
    told: Collection[Place] = (),
    schema: type[dy.Schema] | None = None,
) -> list[Finding]:
    """Return what breaks the declaration of a table; cells in `told` have been told already.

    `frame` has every declared column with its type, `rows` the sheet row of each of its rows; `schema` is given
    where it is not a table of a chain.
    """
    schema = schema or TABLES[table]
    known = set(told)
    _, failure = _with_row(schema).filter(frame.with_columns(rows.alias("sheet_row")))
    details = failure.details()
    columns = own_columns(schema)
    findings: list[Finding] = []
    for name, column in columns.items():
        for rule in (c for c in details.columns if c.startswith(f"{name}|")):
            wrong = details.filter(pl.col(rule).cast(pl.String) == "invalid").select("sheet_row", name)
            findings += [
                _breach(table, row, name, column, rule.partition("|")[2], value)
                for row, value in wrong.iter_rows()
                if (name, row) not in known
            ]
    return findings + _doubles(table, key_of(schema), frame, rows)


@cache
def _with_row(schema: type[dy.Schema]) -> type[dy.Schema]:
    return type(f"{schema.__name__}WithRow", (schema,), {"sheet_row": dy.Int64()})


def _doubles(table: str, key: list[str], frame: pl.DataFrame, rows: pl.Series) -> list[Finding]:
    numbered = frame.select(key).with_columns(rows.alias("sheet_row"))
    again = (
        numbered.drop_nulls()
        .with_columns(pl.col("sheet_row").first().over(key).alias("first_row"))
        .filter(pl.col("sheet_row") != pl.col("first_row"))
    )
    return [
        Finding(
            "blocker", table, row["sheet_row"], ", ".join(key),
            " | ".join(str(row[name]) for name in key) + f", as in row {row['first_row']}",
            f"each {' | '.join(key)} once", "Remove one of the two rows or give it another key.",
        )
        for row in again.iter_rows(named=True)
    ]  # fmt: skip


def wanted(column: dy.Column) -> str:
    """Return in words what a cell of a column holds: its limits and its unit."""
    if isinstance(column, dy.Enum):
        return "one of " + ", ".join(column.categories)
    if isinstance(column, dy.Date):
        return "a date, such as 2027-10-01 or 2027-10"
    if isinstance(column, dy.Float64 | dy.Int64):
        kind = "a whole number" if isinstance(column, dy.Int64) else "a number"
        unit = unit_of(column)
        return f"{kind}{_bounds(column)}" + (f" ({unit})" if unit else "")
    words = words_of(column)
    if words:
        return "any of " + ", ".join(words) + ", separated by ';'"
    forms = {
        ID_PATTERN: "an id of letters, digits and _ . + -",
        COUNTRY_PATTERN: "a country code of two capital letters, such as CN",
        HTS_PATTERN: "a tariff code of 4, 6, 8 or 10 digits with dots, such as 8507.60.0020",
        CURRENCY_PATTERN: "a currency of three capital letters, such as CNY, or a blank for US dollars",
        CLOCK_PATTERN: "a time of the day with four digits, such as 09:00",
    }
    return forms.get(getattr(column, "regex", None) or "", "text")


def _bounds(column: dy.Float64 | dy.Int64) -> str:
    least, most = column.min, column.max
    above, below = column.min_exclusive, column.max_exclusive
    if least is not None and most is not None:
        return f" from {least:g} to {most:g}"
    words = []
    if least is not None:
        words.append(f"at least {least:g}")
    if above is not None:
        words.append(f"above {above:g}")
    if most is not None:
        words.append(f"at most {most:g}")
    if below is not None:
        words.append(f"below {below:g}")
    return " " + " and ".join(words) if words else ""


def _breach(table: str, row: int, name: str, column: dy.Column, rule: str, value: object) -> Finding:
    if rule == "nullability":
        meaning = column.description or name
        return Finding("blocker", table, row, name, "a blank", wanted(column), f"Fill it in: {meaning}.")
    return Finding("blocker", table, row, name, _shown(value), wanted(column), _mend(column, value))


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)


def _mend(column: dy.Column, value: object) -> str:
    pattern = getattr(column, "regex", None)
    if pattern == ID_PATTERN:
        plain = re.sub(r"[^A-Za-z0-9_.+\-]+", "_", str(value)).strip("_.+-")
        return f"Write {plain!r}, and the same wherever it is named." if plain else "Give it another id."
    if pattern == COUNTRY_PATTERN:
        return "Write the two letters of ISO 3166, such as CN, US, MY, KR, JP or DE."
    if pattern == HTS_PATTERN:
        return "Write it with dots; where a spreadsheet dropped a zero (8507.6), format the column as text."
    if unit_of(column).startswith("share") and isinstance(value, float) and 1 < value <= 100:
        return f"Write {value / 100:g} or {value:g} % if {value:g} per cent is meant."
    if isinstance(value, float) and value < 0:
        return "Write it without the minus sign, or correct it."
    return "Correct the value."
