"""A design as words on a terminal: the front, the sheet of one pack, why cells are out, what was assumed."""

from __future__ import annotations

import polars as pl
from rich.console import RenderableType

from cellroad.engineering.design.result import Design
from cellroad.engineering.design.sheet import Sheet
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


def figures(sheet: Sheet) -> pl.DataFrame:
    """Return the figures of a sheet for people."""
    return sheet.figures.select(
        Section="section", Figure="figure",
        Value=pl.format("{} {}", pl.col("value").map_elements(fmt.number, return_dtype=pl.String), "unit"),
    )  # fmt: skip


def parts(sheet: Sheet) -> pl.DataFrame:
    """Return the bill of materials for people."""
    return sheet.bill.select(
        Part="part", Quantity="quantity", Unit="unit", **{"Mass, kg": pl.col("kg").round_sig_figs(3)},
        likely_usd="likely_usd", Note="note",
    )  # fmt: skip


def proofs(sheet: Sheet) -> pl.DataFrame:
    """Return the certificates that are needed, or may be, for people."""
    steps = sheet.certificates.filter((pl.col("answer") != "not needed") & (~pl.col("held")))
    return steps.select(
        Step="step", Answer="answer", Weeks=_span("weeks_low", "weeks_high"),
        Cost=_span("cost_usd_low", "cost_usd_high", "$"), Because="because",
    )  # fmt: skip


def _span(low: str, high: str, sign: str = "") -> pl.Expr:
    ends = [pl.col(name).map_elements(lambda v: sign + fmt.number(v), return_dtype=pl.String) for name in (low, high)]
    return pl.when(pl.col(low).is_null()).then(pl.lit("")).otherwise(pl.format("{} to {}", *ends))


def design_text(found: Design, rank: int = 1) -> list[RenderableType]:
    """Return a design for a terminal: the front, the sheet of one pack, what is out and what was assumed."""
    sheet = found.sheet(rank)
    told: list[RenderableType] = [headline(found, rank), ""]
    title = f"Packs that no other beats in mass, volume, cost and life ({len(found.front)} of {found.layouts.height})"
    told.append(terminal.table(front(found, MOST), title, {"Energy, kWh": fmt.number}))
    title = f"Rank {rank}: {sheet.layout.name} of {sheet.layout.cell.name}" + (", one unit" if found.units > 1 else "")
    told += ["", terminal.table(figures(sheet), title)]
    told += ["", terminal.table(parts(sheet), "Bill of materials", {"Quantity": fmt.count})]
    told += ["", terminal.table(sheet.protection.parts().select("part", "choice", "ratings"), "Protection")]
    told += ["", terminal.table(proofs(sheet), "Certificates")]
    told += ["", terminal.table(reasons(found), "Cells without such a pack")]
    told += terminal.findings_tables(sheet.warnings)
    return [*told, *(f"Assumed: {words}" for words in sheet.assumptions)]
