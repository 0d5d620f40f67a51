"""Whether every id that is named exists.

References are declared with the columns, so one rule serves every table. A name that is used in many rows is told once,
at its first row.
"""

from __future__ import annotations

from collections.abc import Mapping

import dataframely as dy
import holidays
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.column import reference_of, separator_of
from cellroad.chain.finding import Finding
from cellroad.chain.tables import TABLES, own_columns
from cellroad.chain.tell import FIRST_ROW, did_you_mean, numbered

MISTAKEN = {"UK": "GB", "EL": "GR", "KO": "KR", "JA": "JP"}
"""Codes that people write for another; none of them is a country of its own."""

COMMERCIAL = "commercial"
"""The segment that needs no row: customers bound by no rule."""


def references(tables: Mapping[str, pl.DataFrame], rows: Mapping[str, pl.Series] | None = None) -> list[Finding]:
    """Return the ids that name nothing. Tables that are not given are not looked at.

    `rows` are the sheet rows of a table where they are not simply 2, 3, 4 and so on.
    """
    findings = dangling(TABLES, tables, rows)
    if "demand" in tables and "segments" in tables:
        demand, there = tables["demand"], tables["segments"]["segment"].drop_nulls()
        lines = (rows or {}).get("demand", pl.Series(range(FIRST_ROW, demand.height + FIRST_ROW), dtype=pl.Int64))
        known = pl.concat([there, pl.Series([COMMERCIAL])])
        findings += _dangling("demand", "segment", demand["segment"], lines, None, ("segments", "segment"), known)
    return findings


def dangling(
    schemas: Mapping[str, type[dy.Schema]],
    tables: Mapping[str, pl.DataFrame],
    rows: Mapping[str, pl.Series] | None = None,
) -> list[Finding]:
    """Return the ids that name nothing in tables of any declaration; `rows` as of `references`."""
    findings: list[Finding] = []
    for table, frame in tables.items():
        lines = (rows or {}).get(table, pl.Series(range(FIRST_ROW, frame.height + FIRST_ROW), dtype=pl.Int64))
        for name, column in own_columns(schemas[table]).items():
            target = reference_of(column)
            if target and target[0] in tables:
                there = tables[target[0]][target[1]].drop_nulls()
                findings += _dangling(table, name, frame[name], lines, separator_of(column), target, there)
    return findings


def countries(chain: Chain) -> list[Finding]:
    """Warn of country codes that are no country of ISO 3166."""
    known = holidays.list_supported_countries(include_aliases=False)
    findings = []
    for table, name in (("partners", "country"), ("sites", "country"), ("items", "origin")):
        wrong = numbered(chain.tables[table]).filter(pl.col(name).is_not_null() & ~pl.col(name).is_in(list(known)))
        for row, code in wrong.select("row", name).iter_rows():
            mend = f"Did you mean {MISTAKEN[code]!r}?" if code in MISTAKEN else "Correct the code."
            findings.append(Finding("warning", table, row, name, repr(code), "a country code of ISO 3166", mend))
    return findings


def _dangling(
    table: str, name: str, values: pl.Series, lines: pl.Series, separator: str | None, target: tuple[str, str],
    there: pl.Series,
) -> list[Finding]:  # fmt: skip
    named = pl.DataFrame({"row": lines, "value": values})
    if separator:
        named = named.with_columns(pl.col("value").str.split(separator)).explode("value", empty_as_null=True)
        named = named.with_columns(pl.col("value").str.strip_chars()).filter(pl.col("value") != "")
    wrong = (
        named.drop_nulls()
        .filter(~pl.col("value").is_in(there.implode()))
        .group_by("value", maintain_order=True)
        .agg(pl.col("row").first(), pl.len().alias("times"))
    )
    known = sorted(set(there))
    return [
        Finding(
            "blocker", table, row, name, repr(value) + (f" (in {times} rows)" if times > 1 else ""),
            f"an id of table {target[0]}",
            did_you_mean(value, known, f"Add it to {target[0]}, or correct the name."),
        )
        for value, row, times in wrong.iter_rows()
    ]  # fmt: skip
