"""What a part of a report is made of that appears only where the chain has such rows: tables, and a chart where
looking beats reading.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts.base import Option
from cellroad.show.html import Mark

YEAR = pl.col("start").dt.year().cast(pl.String).alias("Year")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a part: its caption, its rows, and what stands behind each of them."""

    caption: str
    frame: pl.DataFrame
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """A part of a report: its name and title, the question that it answers, the chart that it follows, and its tables.

    `sheets` returns the tables that have rows, none where the part is left out; the first is the twin of `option`,
    which draws a chart so many `pixels` high, or returns None where a table says it all.
    """

    name: str
    title: str
    question: str
    after: str
    sheets: Callable[[Plan], list[Sheet]]
    option: Callable[[Plan], Option | None] = lambda _: None
    pixels: Callable[[Plan], int] = lambda _: 380


def sheet(caption: str, rows: pl.DataFrame, behind: pl.DataFrame, on: list[str], hidden: list[str]) -> list[Sheet]:
    """Return a table, or none where it has no rows; each row is marked by the row of `behind` with the same keys.

    on       keys of both; hidden  columns of `rows` that are only there for it
    """
    if rows.is_empty():
        return []
    return [Sheet(caption, rows.drop(hidden), tuple(marks(rows, behind, on)))]


def marks(rows: pl.DataFrame, behind: pl.DataFrame, on: list[str]) -> list[Mark]:
    """Return what stands behind each row: confidence and source of the row of `behind` with the same keys."""
    known = behind.select(*on, "confidence", "source").unique(on, keep="first", maintain_order=True)
    joined = rows.select(on).join(known, on=on, how="left", maintain_order="left", nulls_equal=True)
    return [
        (str(confidence or ""), source or "")
        for confidence, source in joined.select("confidence", "source").iter_rows()
    ]


def without_blank(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Return a frame without those of some columns that say nothing: all of them null or nought."""
    blank = [
        name
        for name in columns
        if not frame[name].drop_nulls().len()
        or (frame[name].dtype.is_numeric() and not (frame[name].fill_null(0) != 0).any())
    ]
    return frame.drop(blank)
