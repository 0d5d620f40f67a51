"""Columns of a table, declared once with type, unit, meaning, default and reference.

Everything a person or a program needs to know about a column stands in its declaration: validation, the Excel
template, the documentation page and the error messages are all made from it. A column is a dataframely column
whose `description` is its meaning and whose `metadata` holds the rest:

    unit        what the number counts, as printed in headers and notes ("USD per unit"); "" for a pure number
    default     what a blank means; a column with a default need not be present
    references  "table.column" that must hold the value
    separator   the character between several values in one cell

A column without default is required unless it is nullable.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import dataframely as dy
import polars as pl

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.+\-]*$"
COUNTRY_PATTERN = r"^[A-Z]{2}$"
HTS_PATTERN = r"^\d{4}(\.\d{2}(\.\d{2}(\.?\d{2})?)?)?$"


def ident(meaning: str) -> dy.String:
    """Return the key column of a table: a short readable id."""
    return dy.String(primary_key=True, regex=ID_PATTERN, description=meaning)


def ref(
    target: str, meaning: str, *, key: bool = False, optional: bool = False, many: bool = False,
    default: str | None = None,
) -> dy.String:  # fmt: skip
    """Return a column that names a row of another table; `many` allows several ids separated by ';'."""
    metadata: dict[str, Any] = {"references": target, **_default(default)}
    if many:
        metadata["separator"] = ";"
    return dy.String(
        primary_key=key,
        nullable=optional,
        regex=None if many else ID_PATTERN,
        description=meaning,
        metadata=metadata,
    )


def text(
    meaning: str, *, default: str | None = None, optional: bool = False, key: bool = False,
    pattern: str | None = None,
) -> dy.String:  # fmt: skip
    """Return a free-text column, or one of a fixed form where a pattern is given."""
    return dy.String(primary_key=key, nullable=optional, regex=pattern, description=meaning, metadata=_default(default))


def country(meaning: str, *, optional: bool = False, key: bool = False) -> dy.String:
    """Return a column of ISO 3166 two-letter country codes."""
    return dy.String(nullable=optional, primary_key=key, regex=COUNTRY_PATTERN, description=meaning)


def choice(
    values: Sequence[str], meaning: str, *, default: str | None = None, optional: bool = False,
    key: bool = False,
) -> dy.Enum:  # fmt: skip
    """Return a column that holds one of a few words."""
    return dy.Enum(list(values), nullable=optional, primary_key=key, description=meaning, metadata=_default(default))


def choices(values: Sequence[str], meaning: str, *, default: str | None = None) -> dy.String:
    """Return a column that holds any of a few words, separated by ';'."""
    word = "|".join(values)
    metadata = {"words": tuple(values), "separator": ";", **_default(default)}
    return dy.String(
        regex=rf"^(({word})(;({word}))*)?$", description=f"{meaning} ({', '.join(values)})", metadata=metadata
    )


def number(
    unit: str,
    meaning: str,
    *,
    default: float | None = None,
    optional: bool = False,
    key: bool = False,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> dy.Float64:
    """Return a column of finite numbers in the stated unit; low and high are allowed, above and below are not."""
    return dy.Float64(
        nullable=optional,
        primary_key=key,
        min=low,
        max=high,
        min_exclusive=above,
        max_exclusive=below,
        description=meaning,
        metadata={"unit": unit, **_default(default)},
    )


def money(
    unit: str, meaning: str, *, default: float | None = None, optional: bool = False, low: float | None = 0.0
) -> dy.Float64:
    """Return a column of nominal US dollars per stated unit, not negative unless `low` says so."""
    return number(unit, meaning, default=default, optional=optional, low=low)


def share(meaning: str, *, default: float | None = None, optional: bool = False) -> dy.Float64:
    """Return a column of fractions from 0 to 1."""
    return number("share 0..1", meaning, default=default, optional=optional, low=0.0, high=1.0)


def whole(
    unit: str, meaning: str, *, default: int | None = None, optional: bool = False, low: int | None = 0,
    high: int | None = None, key: bool = False,
) -> dy.Int64:  # fmt: skip
    """Return a column of whole numbers."""
    return dy.Int64(
        nullable=optional, primary_key=key, min=low, max=high, description=meaning,
        metadata={"unit": unit, **_default(default)},
    )  # fmt: skip


def day(meaning: str, *, default: dt.date | None = None, optional: bool = False, key: bool = False) -> dy.Date:
    """Return a column of dates, written 2027-10-01; a month is written 2027-10 and means its first day."""
    return dy.Date(nullable=optional, primary_key=key, description=meaning, metadata=_default(default))


def _default(value: object) -> dict[str, Any]:
    return {} if value is None else {"default": value}


def unit_of(column: dy.Column) -> str:
    """Return the unit of a column, "" where it has none."""
    return str((column.metadata or {}).get("unit", ""))


def default_of(column: dy.Column) -> Any:
    """Return what a blank cell of a column means, None where it means nothing."""
    return (column.metadata or {}).get("default")


def reference_of(column: dy.Column) -> tuple[str, str] | None:
    """Return (table, column) that a column refers to, None where it refers to nothing."""
    target = (column.metadata or {}).get("references")
    if target is None:
        return None
    table, _, name = str(target).partition(".")
    return table, name


def separator_of(column: dy.Column) -> str | None:
    """Return the character between several ids in one cell, None where a cell holds one value."""
    return (column.metadata or {}).get("separator")


def words_of(column: dy.Column) -> tuple[str, ...]:
    """Return the words of which a cell may hold several, none where a column is not of that kind."""
    return tuple((column.metadata or {}).get("words", ()))


def several(name: str) -> pl.Expr:
    """Return the values of a text column whose cells may hold several, separated by ';'; blanks around them go."""
    return pl.col(name).fill_null("").str.replace_all(" ", "").str.split(";")


def words_in(cell: str | None) -> list[str]:
    """Return the words of one cell that may hold several, separated by ';'; none of a blank."""
    return [word for word in (part.strip() for part in (cell or "").split(";")) if word]


def is_required(column: dy.Column) -> bool:
    """Say whether a person must fill the column in: it may not be blank and a blank has no meaning."""
    return not column.nullable and default_of(column) is None
