"""The facts that ship with the package, as typed frames that know two times.

`on` asks for what holds on a day; `as_known` for what was known on a day: rows known later are not there, an end that
was not known yet is open, and a state that was not known yet is "in force". Without either: every row, as known now.

    tariffs(on=date(2025, 5, 14), as_known=date(2025, 5, 27))    the duties of that entry date, as then known
    find("TR023")                                                ("tariffs", the row as a dict)

The two times are those of the SQL:2011 standard (application time and system time periods).
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib.resources import files
from typing import Any

import dataframely as dy
import polars as pl

from cellroad.chain.column import default_of
from cellroad.chain.day import Day, as_day
from cellroad.chain.fact_tables import FACTS, Dated, Fact


def names() -> list[str]:
    """Return the names of the fact tables."""
    return list(FACTS)


@cache
def table(name: str) -> pl.DataFrame:
    """Return a whole fact table, typed, in the order of its file. Raises KeyError for a table that does not exist."""
    if name not in FACTS:
        raise KeyError(f"no fact table {name!r}; there are {', '.join(FACTS)}")
    schema = FACTS[name]
    columns = columns_of(schema)
    raw = pl.read_csv((files("cellroad.chain") / "data" / f"{name}.csv").read_bytes(), infer_schema=False)
    typed = raw.select(_typed(name, column) for name, column in columns.items())
    return schema.validate(typed).select(*columns)


def columns_of(schema: type[dy.Schema]) -> dict[str, dy.Column]:
    """Return the columns of a fact table in reading order: its own, its times, where it comes from."""
    columns = schema.columns()
    shared = [*Dated.column_names()[3:], *Fact.column_names()] if issubclass(schema, Fact) else []
    tail = [name for name in shared if name in columns]
    return {name: columns[name] for name in (*(c for c in columns if c not in tail), *tail)}


def _typed(name: str, column: dy.Column) -> pl.Expr:
    value = pl.col(name)
    typed = value.str.to_date() if isinstance(column, dy.Date) else value.cast(column.dtype)
    default = default_of(column)
    return typed if default is None else typed.fill_null(pl.lit(default))


def known(facts: pl.DataFrame, as_known: Day | None) -> pl.DataFrame:
    """Return dated facts as they were known on a day: later rows gone, later ends open, later states in force."""
    as_known = as_day(as_known)
    if as_known is None:
        return facts
    seen = facts.filter(pl.coalesce("known_from", "valid_from").fill_null(dt.date.min) <= as_known)
    open_end = pl.when(pl.col("end_known_from") > as_known).then(None).otherwise(pl.col("valid_to")).alias("valid_to")
    if "state" not in facts.columns:
        return seen.with_columns(open_end)
    state = (
        pl.when(pl.col("state_known_from") > as_known)
        .then(pl.lit("in force"))
        .otherwise(pl.col("state").cast(pl.String))
    )
    return seen.with_columns(open_end, state.cast(facts.schema["state"]).alias("state"))


def valid(facts: pl.DataFrame, on: Day | None) -> pl.DataFrame:
    """Return the dated facts that hold on a day."""
    on = as_day(on)
    if on is None:
        return facts
    begun = pl.col("valid_from").fill_null(dt.date.min) <= on
    return facts.filter(begun & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= on)))


def _dated(name: str, on: Day | None, as_known: Day | None) -> pl.DataFrame:
    return valid(known(table(name), as_known), on)


def tariffs(on: Day | None = None, as_known: Day | None = None) -> pl.DataFrame:
    """Return the layers of duty; see `rules.duties` for what they add up to."""
    return _dated("tariffs", on, as_known)


@cache
def tariff_lines() -> pl.DataFrame:
    """Return the tariffs in long form: one row per rule, country of origin and tariff code.

    Beside the columns of the tariffs: `origin` one country or ALL, `reach` how specific it is (0 every country,
    1 a customs union, 2 a country), `digits` the first digits of the code without dots ("" for every code).
    """
    members = table("groups").select(origin="group", member="country")
    return (
        table("tariffs")
        .with_columns(pl.col("origin").str.split(";"), pl.col("hts").str.split(";"))
        .explode("origin")
        .explode("hts")
        .join(members, on="origin", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("member", "origin").alias("origin"),
            reach=pl.when(pl.col("origin") == "ALL").then(0).when(pl.col("member").is_not_null()).then(1).otherwise(2),
            digits=pl.when(pl.col("hts") == "ALL").then(pl.lit("")).otherwise(pl.col("hts").str.replace_all(r"\.", "")),
        )
        .drop("member")
    )


def customs_union(country: str) -> str:
    """Return the customs union of a country, the country itself where it is in none."""
    union = table("groups").filter(pl.col("country") == country)["group"]
    return str(union[0]) if union.len() else country


def fees(on: Day | None = None, as_known: Day | None = None) -> pl.DataFrame:
    """Return the user fees of customs."""
    return _dated("fees", on, as_known)


def incentives(on: Day | None = None, as_known: Day | None = None) -> pl.DataFrame:
    """Return credits, thresholds and rebates."""
    return _dated("incentives", on, as_known)


def bans(on: Day | None = None, as_known: Day | None = None) -> pl.DataFrame:
    """Return procurement bans, listings, import bans and export controls."""
    return _dated("bans", on, as_known)


def stakes(on: Day | None = None, as_known: Day | None = None) -> pl.DataFrame:
    """Return who holds what of whom."""
    return _dated("stakes", on, as_known)


def plants() -> pl.DataFrame:
    """Return plants that exist, are built or were planned."""
    return table("plants")


def organisations() -> pl.DataFrame:
    """Return companies, joint ventures and consortia."""
    return table("organisations")


def prices() -> pl.DataFrame:
    """Return prices, rates and ratios over time."""
    return table("prices")


def volumes() -> pl.DataFrame:
    """Return how many GWh of cells of a chemistry went into use, by year."""
    return table("volumes")


def chemistries() -> pl.DataFrame:
    """Return cell chemistries and their bands."""
    return table("chemistries")


def cells() -> pl.DataFrame:
    """Return cell models."""
    return table("cells")


def packs() -> pl.DataFrame:
    """Return packs that were built."""
    return table("packs")


def certifications() -> pl.DataFrame:
    """Return standards and transport rules."""
    return table("certifications")


def lanes() -> pl.DataFrame:
    """Return trade lanes with their times."""
    return table("lanes")


def emissions() -> pl.DataFrame:
    """Return what modes of transport usually emit."""
    return table("emissions")


def calendars() -> pl.DataFrame:
    """Return festivals with their shutdowns, and the days on which rules turn."""
    return table("calendars")


def groups() -> pl.DataFrame:
    """Return the members of customs unions."""
    return table("groups")


def batpac(part: str) -> pl.DataFrame:
    """Return a table of the BatPaC model: `component_masses`, `factory_baseline` or `reference`."""
    return table(f"batpac_{part}")


def sources() -> pl.DataFrame:
    """Return the sources behind the facts."""
    return table("sources")


def find(row_id: str) -> tuple[str, dict[str, Any]]:
    """Return the table and the row behind an id such as PL020, TR023 or LN01.

    Raises KeyError where no fact has that id.
    """
    try:
        name, position = _index()[row_id]
    except KeyError:
        raise KeyError(f"no fact {row_id!r}; ids look like TR023 (tariffs), PL020 (plants), PR033 (prices)") from None
    return name, table(name).row(position, named=True)


def is_fact(row_id: str) -> bool:
    """Say whether a fact has that id."""
    return row_id in _index()


@cache
def _index() -> dict[str, tuple[str, int]]:
    return {
        row_id: (name, position)
        for name in reversed(FACTS)
        for position, row_id in enumerate(table(name).to_series(0).to_list())
    }


def unverified() -> pl.DataFrame:
    """Return how many rows of each table stand on which confidence: table, verified, reported, unverified."""
    graded = (table(name).select(pl.lit(name).alias("table"), pl.col("confidence").cast(pl.String)) for name in FACTS)
    levels = ("verified", "reported", "unverified")
    return (
        pl.concat(graded)
        .group_by("table", maintain_order=True)
        .agg(*(pl.col("confidence").eq(level).sum().alias(level) for level in levels))
    )
