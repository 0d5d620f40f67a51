"""What one more member, or more money, does to a programme: effort by phase."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cellroad.engineering.roadmap.reading import RoadmapTables
from cellroad.engineering.roadmap.tables import PHASES


def joined(read: RoadmapTables) -> pl.DataFrame:
    """Return the members that work in the programme when it starts."""
    return read.tables["members"].filter(pl.col("joined").is_not_null() & (pl.col("joined") <= read.start))


def candidates(read: RoadmapTables) -> pl.DataFrame:
    """Return the members that may join later."""
    return read.tables["members"].filter(pl.col("joined").is_null() | (pl.col("joined") > read.start))


def effort_of(members: pl.DataFrame) -> dict[str, float]:
    """Return the effort of members by phase."""
    rows = members.select("effort_share", "phases").rows()
    return {phase: sum(share for share, where in rows if not where or phase in where.split(";")) for phase in PHASES}


def changes(read: RoadmapTables) -> dict[str, Mapping[str, float]]:
    """Return what is tried, by what people call it: effort by phase against what there is now.

    Each member that may join, each that may leave, one more like the mean of those in it, and a tenth more or less
    effort everywhere, as a budget would buy it.
    """
    there, now = joined(read), effort_of(joined(read))

    def against(effort: Mapping[str, float], sign: int) -> dict[str, float]:
        return {
            phase: max((now[phase] + sign * effort[phase]) / now[phase], 0.05) if now[phase] else 1.0
            for phase in PHASES
        }  # fmt: skip

    def called(row: Mapping[str, str]) -> str:
        return row["name"] or row["member"]

    found: dict[str, Mapping[str, float]] = {
        "a tenth more effort everywhere": dict.fromkeys(PHASES, 1.1),
        "a tenth less effort everywhere": dict.fromkeys(PHASES, 0.9),
    }
    if there.height:
        mean = {phase: share / there.height for phase, share in now.items()}
        found["one more member like the mean"] = against(mean, 1)
    for row in candidates(read).iter_rows(named=True):
        found[f"{called(row)} joins"] = against(effort_of(pl.DataFrame([row])), 1)
    for row in there.iter_rows(named=True):
        found[f"{called(row)} leaves"] = against(effort_of(pl.DataFrame([row])), -1)
    return found
