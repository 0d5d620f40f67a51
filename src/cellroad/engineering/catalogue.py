"""The cells that are known: those that ship with the package, and those of a user's own data sheets.

A row that cannot be (see `cell_check`) is never a cell: it is refused, and `refusals` says why.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl

from cellroad.chain import facts
from cellroad.chain.finding import Finding
from cellroad.chain.tell import FIRST_ROW
from cellroad.engineering.cell import Cell
from cellroad.engineering.cell_check import check, refused


@cache
def cells() -> tuple[Cell, ...]:
    """Return every cell of the shipped table that can be, in its order."""
    wrong = refused(refusals())
    rows = enumerate(facts.cells().iter_rows(named=True), start=FIRST_ROW)
    return tuple(of_row(row) for number, row in rows if number not in wrong)


@cache
def refusals() -> tuple[Finding, ...]:
    """Return what is wrong (blocker) or unusual (warning) with the shipped rows of cells."""
    return tuple(check(facts.cells()))


def conflicts(cell_id: str | None = None) -> pl.DataFrame:
    """Return what sources say of cells where they disagree, of one cell or of all; `taken` marks what a `Cell` has."""
    told = facts.table("cell_conflicts")
    return told if cell_id is None else told.filter(pl.col("cell_id") == cell_id)


def of_row(row: dict[str, Any]) -> Cell:
    """Return the cell of a row of the table of cells, in the units of a `Cell`."""
    return Cell(
        cell_id=row["cell_id"],
        maker=row["maker"],
        model=row["model"],
        chemistry=row["chemistry"],
        format=row["format"],
        capacity_ah=row["capacity_Ah"],
        nominal_v=row["nominal_V"],
        min_v=row["min_V"],
        max_v=row["max_V"],
        mass_kg=_thousandth(row["mass_g"]),
        length_mm=row["len_or_dia_mm"],
        width_mm=row["width_mm"],
        height_mm=row["height_mm"],
        acir_ohm=_thousandth(row["acir_mohm"]),
        dcir_ohm=_thousandth(row["dcir_mohm"]),
        charge_rate=row["cont_chg_C"],
        discharge_rate=row["cont_dis_C"],
        pulse_rate=row["pulse_dis_C"],
        pulse_s=row["pulse_s"],
        charge_min_c=row["T_chg_min_C"],
        charge_max_c=row["T_chg_max_C"],
        discharge_min_c=row["T_dis_min_C"],
        discharge_max_c=row["T_dis_max_C"],
        cycle_life=row["cycle_life"],
        cycle_conditions=row["cycle_conditions"],
        source=row["source_id"],
        confidence=row["confidence"],
        revision=row["revision"],
        mass_tolerance_kg=_thousandth(row["mass_tolerance_g"]),
        weaker=row["fields_with_weaker_source"],
        notes=row["notes"],
    )


def _thousandth(value: float | None) -> float | None:
    return None if value is None else value / 1000
