"""Which gates are passed? Only those that a dated, sourced row proves; an announcement proves nothing."""

from __future__ import annotations

import polars as pl

from cellroad.engineering.roadmap.reading import RoadmapTables

TRUSTED = ("verified", "reported")


def passed(read: RoadmapTables) -> pl.DataFrame:
    """Return the gates that are passed at the start of the programme: gate, on, source, proves.

    A gate is passed on a row of evidence that shows it, happened on a day not after the start, names its source, and is
    verified or reported; of several the earliest counts. Without such a row a gate is open, whatever anybody claims.
    """
    evidence = read.tables["evidence"]
    proves = (
        (pl.col("shows").cast(pl.String) == "passed")
        & pl.col("on").is_not_null()
        & (pl.col("on") <= read.start)
        & (pl.col("source").str.strip_chars() != "")
        & pl.col("confidence").cast(pl.String).is_in(TRUSTED)
    )
    return (
        evidence.filter(proves).sort("on", maintain_order=True).unique("gate", keep="first", maintain_order=True)
        .select("gate", "on", "source", "proves")
    )  # fmt: skip
