"""A design as words on a terminal: the front, the sheet of one pack, why cells are out, what was assumed."""

from __future__ import annotations

import polars as pl
from rich.console import RenderableType

from cellroad.engineering.design.result import Design
from cellroad.show import format as fmt
from cellroad.show import terminal

FRONT = {
    "rank": "Rank", "layout": "Layout", "cell": "Cell", "chemistry": "Chemistry", "nominal_v": "V",
    "energy_kwh": "Energy, kWh", "mass_kg": "Mass, kg", "volume_l": "Volume, L", "cost_usd": "Cost, $",
    "usd_per_kwh": "$ per kWh", "years": "Years", "confidence": "Cell row",
}  # fmt: skip
MOST = 12
"""Packs of the front that are listed on a terminal."""


def headline(found: Design, rank: int = 1) -> str:
    """Return the answer in one sentence."""
    row = found.pareto.row(rank - 1, named=True)
    units = f"{found.units} units of " if found.units > 1 else ""
    return (
        f"{units}{row['layout']} of {row['cell']}: {fmt.number(row['nominal_v'], 4)} V, "
        f"{fmt.number(row['energy_kwh'])} kWh, {fmt.number(row['mass_kg'])} kg, {fmt.number(row['volume_l'])} L, "
        f"{fmt.money(row['cost_usd'])} ({fmt.money(row['cost_low_usd'])} to {fmt.money(row['cost_high_usd'])}) each."
    )


def front(found: Design, most: int | None = None) -> pl.DataFrame:
    """Return the front for people."""
    shown = found.pareto.select(list(FRONT)).head(most or found.pareto.height)
    return shown.with_columns(pl.col(pl.Float64).round_sig_figs(4)).rename(FRONT)


def reasons(found: Design) -> pl.DataFrame:
    """Return for how many cells each reason holds, and which."""
    grouped = found.out.group_by("reason", maintain_order=True).agg(
        pl.col("cell_id").n_unique().alias("Cells"), pl.col("asked").first().alias("Asked"),
        pl.col("cell").unique(maintain_order=True).head(3).str.join("; ").alias("Such as"),
    )  # fmt: skip
    return grouped.rename({"reason": "Reason"}).sort("Cells", descending=True)


def design_text(found: Design, rank: int = 1) -> list[RenderableType]:
    """Return a design for a terminal."""
    told: list[RenderableType] = [headline(found, rank), ""]
    title = f"Packs that no other beats in mass, volume, cost and life ({len(found.front)} of {found.layouts.height})"
    told.append(terminal.table(front(found, MOST), title, {"Energy, kWh": fmt.number}))
    told += ["", terminal.table(reasons(found), "Cells without such a pack")]
    told += terminal.findings_tables(found.warnings)
    return [*told, *(f"Assumed: {words}" for words in found.assumptions(rank))]
