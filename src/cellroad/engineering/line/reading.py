"""A line as people write it: a folder of CSV files, read with everything that is wrong in it told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cellroad.chain import examples
from cellroad.chain.chain import completed
from cellroad.chain.check_references import dangling
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.folder import blank, folder_of, read_folder
from cellroad.chain.tell import numbered, tell
from cellroad.engineering.line.tables import LINE

NEEDED = ("products", "stations", "shifts")
DEFAULTS = {
    "energy_usd_per_kwh": 0.15,
    "material_usd_per_kwh": 100.0,
    "fixed_usd_per_year": 0.0,
    "target_gwh_per_year": 0.0,
    "target_automation_share": 0.0,
}
"""Settings that are not given: prices of electricity and material are assumptions; no fixed cost, no target."""


@dataclass(frozen=True, slots=True)
class LineTables:
    """The tables of a line, each there, if only empty; `name` is that of its folder."""

    name: str
    tables: Mapping[str, pl.DataFrame]

    @classmethod
    def of(cls, name: str, **frames: pl.DataFrame) -> LineTables:
        """Build a line from frames; missing tables are empty, missing columns take their default.

        Raises ChainError with all that is wrong, KeyError for a table that does not exist.
        """
        made = cls(name, completed(LINE, frames))
        wrong = [finding for finding in check_line(made) if finding.severity == "blocker"]
        if wrong:
            raise ChainError(wrong)
        return made

    def setting(self, name: str) -> float:
        """Return a setting, or its default."""
        given = self.tables["settings"].filter(pl.col("name") == name)
        return float(given["value"][0]) if given.height else DEFAULTS[name]

    @property
    def hours_per_year(self) -> float:
        """Hours in a year in which the line is manned and meant to run."""
        shifts = self.tables["shifts"]
        return float((shifts["days_per_year"] * (shifts["hours"] - shifts["breaks_hours"])).sum())


def read_line(name_or_path: str | Path) -> LineTables:
    """Return the line in a folder, or the shipped example of that name. Raises ChainError with every fault."""
    folder = folder_of(name_or_path, examples.lines(), NEEDED)
    frames = read_folder(folder, LINE, "a line")
    return LineTables.of(folder.resolve().name, **frames)


def check_line(line: LineTables) -> list[Finding]:
    """Return everything that is wrong or strange with a line: what is missing, names of nothing, sums, people."""
    tables = line.tables
    findings = blank(tables, NEEDED) + dangling(LINE, tables)
    total = float(tables["products"]["mix_share"].sum())
    if tables["products"].height and abs(total - 1) > 1e-6:
        findings.append(Finding(
            "blocker", "products", None, "mix_share", f"shares that add up to {total:.6g}", "1", "Correct the shares.",
        ))  # fmt: skip
    rows = numbered(tables["stations"])
    findings += tell(
        rows.filter(pl.col("mtbf_h").is_not_null() & (pl.col("mttr_h") == 0)), "warning", "stations", "mttr_h",
        found="failures without a time of repair", expected="hours of repair", mend="Fill in mttr_h.",
    )  # fmt: skip
    findings += tell(
        rows.filter((pl.col("people") > 0) & pl.col("pool").is_null()), "blocker", "stations", "pool",
        found="{people} people of no pool", expected="a pool", mend="Name the pool, or set people to 0.",
    )  # fmt: skip
    asked = rows.join(tables["pools"].select("pool", there="people"), on="pool").filter(
        pl.col("people") > pl.col("there")
    )
    findings += tell(
        asked.sort("row"), "blocker", "stations", "people", found="{people} people where {pool!r} has {there}",
        expected="at most {there}", mend="Correct one of the two; otherwise nothing is ever made.",
    )  # fmt: skip
    findings += tell(
        numbered(tables["shifts"]).filter(pl.col("breaks_hours") >= pl.col("hours")), "blocker", "shifts",
        "breaks_hours", found="{breaks_hours} hours of {hours}", expected="less than {hours}", mend="Correct one.",
    )  # fmt: skip
    return findings
