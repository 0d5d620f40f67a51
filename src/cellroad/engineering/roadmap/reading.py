"""A programme as people write it: a folder of CSV files, read with everything that is wrong in it told at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import polars as pl

from cellroad.chain import examples, facts
from cellroad.chain.chain import completed
from cellroad.chain.check_references import dangling
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.folder import blank, folder_of, read_folder
from cellroad.chain.tell import condensed, numbered, tell
from cellroad.engineering.roadmap.tables import ROADMAP

NEEDED = ("programme", "gates")


@dataclass(frozen=True, slots=True)
class RoadmapTables:
    """The tables of a programme, each there, if only empty."""

    name: str
    tables: Mapping[str, pl.DataFrame]

    @classmethod
    def of(cls, name: str, **frames: pl.DataFrame) -> RoadmapTables:
        """Build a programme from frames; missing tables are empty, missing columns take their default.

        Raises ChainError with all that is wrong, KeyError for a table that does not exist.
        """
        made = cls(name, completed(ROADMAP, frames))
        wrong = [finding for finding in check_roadmap(made) if finding.severity == "blocker"]
        if wrong:
            raise ChainError(condensed(wrong))
        return made

    @property
    def start(self) -> dt.date:
        """Day from which months are counted."""
        return dt.date.fromisoformat(str(self.tables["programme"]["start"][0]))

    @property
    def by(self) -> dt.date:
        """Day by which the goal is to be reached."""
        return dt.date.fromisoformat(str(self.tables["programme"]["by"][0]))

    @property
    def goal(self) -> str:
        """Gate that is the goal."""
        return str(self.tables["programme"]["goal"][0])


def read_roadmap(name_or_path: str | Path) -> RoadmapTables:
    """Return the programme in a folder, or the shipped example of that name. Raises ChainError with every fault."""
    folder = folder_of(name_or_path, examples.roadmaps(), NEEDED)
    frames = read_folder(folder, ROADMAP, "a programme")
    named = folder.resolve()
    return RoadmapTables.of(named.parent.name if named.name == "roadmap" else named.name, **frames)


def check_roadmap(read: RoadmapTables) -> list[Finding]:
    """Return everything that is wrong or strange: what is missing, names of nothing, rings, orders, evidence."""
    tables = read.tables
    findings = blank(tables, NEEDED)
    if tables["programme"].height > 1:
        findings.append(Finding(
            "blocker", "programme", None, "", f"{tables['programme'].height} rows", "one", "Keep one programme.",
        ))  # fmt: skip
    findings += dangling(ROADMAP, tables)
    findings += _rings(tables["gates"], "gates", "gate") + _rings(tables["projects"], "projects", "project")
    rows = numbered(tables["gates"])
    disorder = (pl.col("months_low") > pl.col("months_likely")) | (pl.col("months_likely") > pl.col("months_high"))
    findings += tell(
        rows.filter(disorder & ~pl.col("shape").is_in(["exponential", "fixed"])), "blocker", "gates", "months_likely",
        found="{months_low}, {months_likely} and {months_high} months of {gate!r}", expected="low <= likely <= high",
        mend="Correct the order.",
    )  # fmt: skip
    findings += tell(
        rows.filter((pl.col("success_share") == 0) & (pl.col("tries") == 0)), "blocker", "gates", "tries",
        found="tries without end at {gate!r}, which never succeed", expected="a number of tries",
        mend="Fill in tries, or a chance above 0.",
    )  # fmt: skip
    without = (pl.col("crash_share") < 1) & pl.col("crash_usd").is_null() & (pl.col("budget_usd").fill_null(0.0) == 0)
    findings += tell(
        rows.filter(without), "warning", "gates", "crash_usd", found="no money that hurries {gate!r}",
        expected="crash_usd, or a budget", mend="It is not hurried until it has one.",
    )  # fmt: skip
    return findings + _unpriced(tables) + _strange_evidence(read)


def _unpriced(tables: Mapping[str, pl.DataFrame]) -> list[Finding]:
    """Tell of minerals of components that have no price to come."""
    rows = numbered(tables["components"]).filter(
        (pl.col("mineral") != "") & ~pl.col("mineral").is_in(tables["minerals"]["mineral"].to_list())
    )  # fmt: skip
    return tell(
        rows, "blocker", "components", "mineral", found="{mineral!r}, of which `minerals` has no row",
        expected="a mineral of the table minerals", mend="Add its prices to minerals.csv, or correct the name.",
    )  # fmt: skip


def _strange_evidence(read: RoadmapTables) -> list[Finding]:
    """Warn of rows that are meant to prove a gate and do not."""
    rows = numbered(read.tables["evidence"]).filter(pl.col("shows").cast(pl.String) == "passed")
    findings = tell(
        rows.filter(pl.col("on").is_null()), "warning", "evidence", "on",
        found="no day on which {gate!r} passed", expected="a day", mend="It does not count until it has one.",
    )  # fmt: skip
    findings += tell(
        rows.filter(pl.col("source").str.strip_chars() == ""), "warning", "evidence", "source",
        found="no source that {gate!r} passed", expected="a fact row or a document",
        mend="It does not count until it has one.",
    )  # fmt: skip
    ids = rows.select("row", id=pl.col("source").str.split(";")).explode("id").filter(
        pl.col("id").str.contains(r"^[A-Z]+-?\d*$|^[a-z0-9_]+$")
    )  # fmt: skip
    known = set(facts.sources()["source_id"])
    for row, name in ids.iter_rows():
        if name not in known and not facts.is_fact(name):
            findings.append(Finding(
                "warning", "evidence", row, "source", repr(name), "the id of a fact or source",
                "Correct the id, or name the document.",
            ))  # fmt: skip
    return findings


def _rings(frame: pl.DataFrame, table: str, key: str) -> list[Finding]:
    try:
        tuple(TopologicalSorter(before_of(frame, key)).static_order())
    except CycleError as error:
        told = " -> ".join(error.args[1])
        return [Finding("blocker", table, None, "after", f"a ring: {told}", "an order", "Break the ring.")]
    return []


def before_of(frame: pl.DataFrame, key: str) -> dict[str, list[str]]:
    """Return what comes before each row of gates or projects."""
    return {
        name: [part.strip() for part in (after or "").split(";") if part.strip()]
        for name, after in frame.select(key, "after").iter_rows()
    }
