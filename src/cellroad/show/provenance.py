"""What does the answer rest on: which rows are assumed, and which facts and sources stand behind the others?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.chain.tables import TABLES, key_of

DOUBTFUL = ("assumption", "unverified")
MOST_KEYS = 6
"""Keys named in a group of rows that share a note; the others are counted."""

_TELLING = ("name", "maker", "model", "program", "product", "series", "standard", "event", "origin", "destination")
_WITH_UNIT = (("value", "unit"), ("rate_pct", "%"), ("capacity", "capacity_unit"))


def counts(chain: Chain) -> pl.DataFrame:
    """Return for each table that holds rows: table, rows, and rows by confidence (verified … assumption)."""
    held = {name: frame for name, frame in chain.tables.items() if frame.height}
    levels = ("verified", "reported", "unverified", "assumption")
    rows = [
        {"table": name, "rows": frame.height, **{level: int((frame["confidence"] == level).sum()) for level in levels}}
        for name, frame in held.items()
    ]
    return pl.DataFrame(rows, schema={"table": pl.String, "rows": pl.Int64} | dict.fromkeys(levels, pl.Int64))


def assumptions(chain: Chain) -> dict[str, pl.DataFrame]:
    """Return the rows of each table that no firm source stands behind, those with the same note and source together.

    Columns: rows (how many), which (their keys, the first few), confidence, source, note; tables in reading order.
    """
    found = {}
    for name, frame in chain.tables.items():
        doubtful = frame.filter(pl.col("confidence").cast(pl.String).is_in(DOUBTFUL))
        if doubtful.height:
            key = pl.concat_str([pl.col(column).cast(pl.String) for column in key_of(TABLES[name])], separator=" | ")
            found[name] = (
                doubtful.with_columns(pl.col("confidence").cast(pl.String), key=key)
                .group_by("confidence", "source", "note", maintain_order=True)
                .agg(rows=pl.len(), which=pl.col("key").head(MOST_KEYS).str.join(", "))
                .with_columns(
                    which=pl.when(pl.col("rows") > MOST_KEYS)
                    .then(pl.format("{} and {} more", "which", pl.col("rows") - MOST_KEYS))
                    .otherwise("which")
                )
                .select("rows", "which", "confidence", "source", "note")
            )
    return found


def cited(chain: Chain) -> pl.DataFrame:
    """Return what the chain cites, in order of id, followed to its source.

    Columns: id (as cited), fact (its table, "" where the citation is no fact), what, confidence (of the fact), title,
    publisher, date, locator (of its source), used_in (tables of the chain).
    """
    uses = [
        frame.select(id=pl.col("source").str.split(";")).explode("id").with_columns(table=pl.lit(name))
        for name, frame in chain.tables.items()
        if frame.height
    ]
    if not uses:
        return pl.DataFrame(schema=_CITED)
    together = (
        pl.concat(uses)
        .with_columns(pl.col("id").str.strip_chars())
        .filter(pl.col("id").fill_null("") != "")
        .group_by("id")
        .agg(used_in=pl.col("table").unique(maintain_order=True).str.join(", "))
        .sort("id")
    )
    rows = [_followed(row_id) | {"used_in": used_in} for row_id, used_in in together.iter_rows()]
    return pl.DataFrame(rows, schema=_CITED)


_CITED = dict.fromkeys(
    ("id", "fact", "what", "confidence", "title", "publisher", "date", "locator", "used_in"), pl.String
)


def _followed(row_id: str) -> dict[str, str]:
    try:
        table, row = facts.find(row_id)
    except KeyError:
        return {"id": row_id, "fact": "", "what": row_id, "confidence": "", **source("")}
    if table == "sources":
        return {"id": row_id, "fact": table, "what": "", "confidence": str(row["confidence"]), **source(row_id)}
    return {
        "id": row_id,
        "fact": table,
        "what": _what(row),
        "confidence": str(row.get("confidence") or ""),
        **source(str(row.get("source_id") or row.get("source") or "")),
    }


def source(source_id: str) -> dict[str, str]:
    """Return title, publisher, date and locator of a source; its id as title where it is none of the facts."""
    named = facts.sources().filter(pl.col("source_id") == source_id)
    row = named.row(0, named=True) if named.height else {"title": source_id}
    return {name: str(row.get(name) or "") for name in ("title", "publisher", "date", "locator")}


def _what(row: Mapping[str, Any]) -> str:
    words = [str(row[name]) for name in _TELLING if row.get(name)][:3]
    for value, unit in _WITH_UNIT:
        if row.get(value) is not None:
            words.append(f"{row[value]:g} {row.get(unit) or unit}")
    return ", ".join(words)
