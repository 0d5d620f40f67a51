"""Cells and known packs as tables for people: what the commands print and the pages show."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cellroad.engineering.cell import Cell
from cellroad.show.format import MINUS, share

CELLS = {
    "cell_id": pl.String, "cell": pl.String, "chemistry": pl.String, "format": pl.String, "Ah": pl.Float64,
    "V": pl.Float64, "kg": pl.Float64, "Wh_per_kg": pl.Float64, "Wh_per_L": pl.Float64, "confidence": pl.String,
}  # fmt: skip
ERRORS = ("mass_error", "energy_error", "nominal_error")


def cells_table(found: Sequence[Cell]) -> pl.DataFrame:
    """Return cells, a row each: what they hold, weigh and how far their row may be trusted."""
    rows = [
        (cell.cell_id, cell.name, cell.chemistry, cell.format, cell.capacity_ah, cell.nominal_v, cell.mass_kg,
         None if cell.mass_kg is None else cell.energy_wh / cell.mass_kg,
         None if cell.volume_l is None else cell.energy_wh / cell.volume_l, cell.confidence)
        for cell in found
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=CELLS, orient="row")


def packs_table(found: pl.DataFrame) -> pl.DataFrame:
    """Return known packs with what is computed of them and by how much that is off."""
    return found.select(
        "name",
        pl.format("{}s{}p", "S", "P").alias("layout"),
        pl.concat_str("cell", pl.when("found").then(pl.lit("")).otherwise(pl.lit(" *"))).alias("cell"),
        "mass_kg", pl.col("mass_model_kg").alias("computed_kg"), *ERRORS,
    )  # fmt: skip


def packs_said(found: pl.DataFrame) -> str:
    """Return in a sentence how many packs there are, and how far off their masses are."""
    errors = found["mass_error"].drop_nulls().abs()
    said = f"{found.height} pack{'' if found.height == 1 else 's'}, {len(errors)} with a mass"
    if len(errors):
        said += f": median error {share(float(errors.to_frame().select(pl.all().median()).item()))}"
    return said + "."


def packs_remarks(found: pl.DataFrame) -> list[str]:
    """Return what is to be said of single packs."""
    return [f"{name}: {remark}" for name, remark in found.select("name", "remark").iter_rows() if remark]


def off(error: float) -> str:
    """Return an error as a percentage with its sign."""
    return f"{100 * error:+.1f} %".replace("-", MINUS)
