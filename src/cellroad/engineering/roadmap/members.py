"""What one more member, or more money, does to a programme: effort by phase, and money by gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Change:
    """What is tried: effort by phase and money of every gate, against what there is now (1: as it is)."""

    effort: Mapping[str, float]
    money: float = 1.0


def changes(read: RoadmapTables) -> dict[str, Change]:
    """Return what is tried, by what people call it.

    Each member that may join, each that may leave, one more like the mean of those in it, a tenth more or less effort
    everywhere, a tenth more or less money on every gate, and one more member with a tenth more money.
    """
    there, now = joined(read), effort_of(joined(read))

    def against(effort: Mapping[str, float], sign: int) -> dict[str, float]:
        return {
            phase: max((now[phase] + sign * effort[phase]) / now[phase], 0.05) if now[phase] else 1.0
            for phase in PHASES
        }  # fmt: skip

    def called(row: Mapping[str, str]) -> str:
        return row["name"] or row["member"]

    found = {
        "a tenth more effort everywhere": Change(dict.fromkeys(PHASES, 1.1)),
        "a tenth less effort everywhere": Change(dict.fromkeys(PHASES, 0.9)),
    }
    gates, same = read.tables["gates"], dict.fromkeys(PHASES, 1.0)
    hurried = gates.filter((pl.col("crash_share") < 1) & (pl.col("budget_usd") > 0)).height > 0
    if hurried:
        found["a tenth more money on every gate"] = Change(same, 1.1)
    if gates["budget_usd"].fill_null(0.0).sum() > 0:
        found["a tenth less money on every gate"] = Change(same, 0.9)
    if there.height:
        mean = {phase: share / there.height for phase, share in now.items()}
        found["one more member like the mean"] = Change(against(mean, 1))
        if hurried:
            found["one more member like the mean and a tenth more money"] = Change(against(mean, 1), 1.1)
    for row in candidates(read).iter_rows(named=True):
        found[f"{called(row)} joins"] = Change(against(effort_of(pl.DataFrame([row])), 1))
    for row in there.iter_rows(named=True):
        found[f"{called(row)} leaves"] = Change(against(effort_of(pl.DataFrame([row])), -1))
    return found
