"""Random chains from the declarations: every column within its limits, every key once, references left open."""

from __future__ import annotations

import datetime as dt
from typing import Any

import dataframely as dy
import polars as pl
from hypothesis import strategies as st

from cellroad.chain.chain import Chain
from cellroad.chain.column import default_of, separator_of, words_of
from cellroad.chain.sheet import BLANKS
from cellroad.chain.tables import TABLES, Table, key_of, own_columns

words = st.text(st.characters(categories=["L", "N", "P", "S", "M", "Zs"]), min_size=1, max_size=8).filter(
    lambda text: text == text.strip(BLANKS) and bool(text.strip())
)
days = st.dates(dt.date(1890, 1, 1), dt.date(2150, 12, 31))


def value_of(column: dy.Column) -> st.SearchStrategy[Any]:
    """Return values that a column may hold; blanks where they mean nothing."""
    if column.nullable and default_of(column) is None:
        return st.none() | _filled(column)
    return _filled(column)


def _filled(column: dy.Column) -> st.SearchStrategy[Any]:
    if isinstance(column, dy.Enum):
        return st.sampled_from(list(column.categories))
    if isinstance(column, dy.Date):
        return days
    if isinstance(column, dy.Int64):
        low, high = column.min, column.max
        return st.integers(-(2**40) if low is None else low, 2**40 if high is None else high)
    if isinstance(column, dy.Float64):
        low = column.min if column.min is not None else column.min_exclusive
        high = column.max if column.max is not None else column.max_exclusive
        return st.floats(
            low, high, allow_nan=False, allow_infinity=False,
            exclude_min=column.min is None and low is not None, exclude_max=column.max is None and high is not None,
        )  # fmt: skip
    if words_of(column):
        return st.lists(st.sampled_from(words_of(column)), max_size=3, unique=True).map(";".join)
    if separator_of(column):
        return st.lists(st.from_regex(r"[a-z0-9]{1,4}", fullmatch=True), min_size=1, max_size=3).map(";".join)
    pattern = getattr(column, "regex", None)
    return st.from_regex(pattern.removeprefix("^").removesuffix("$"), fullmatch=True) if pattern else words


def frames_of(schema: type[Table]) -> st.SearchStrategy[pl.DataFrame]:
    """Return frames of a table of up to three rows."""
    columns = own_columns(schema)
    key = list(key_of(schema))
    rows = st.lists(
        st.fixed_dictionaries({name: value_of(column) for name, column in columns.items()}),
        max_size=3, unique_by=lambda row: tuple(str(row[name]) for name in key),
    )  # fmt: skip
    dtypes = {name: column.dtype for name, column in columns.items()}
    return rows.map(lambda made: pl.DataFrame(made, schema=dtypes, orient="row"))


def chains() -> st.SearchStrategy[Chain]:
    """Return chains with a few rows in a few tables."""
    tables = st.lists(st.sampled_from(sorted(TABLES)), min_size=1, max_size=4, unique=True)
    made = tables.flatmap(lambda names: st.fixed_dictionaries({name: frames_of(TABLES[name]) for name in names}))
    return made.map(lambda frames: Chain.of("made", **frames)).filter(
        lambda chain: any(map(len, chain.tables.values()))
    )
