"""The commands that look cells up and check data sheets, and that compute packs that were built."""

from __future__ import annotations

from pathlib import Path

from cellroad.show.exits import Exit
from cellroad.show.terminal import Face, counting, findings_tables, table


def cells(path: Path | None = None, /, *, face: Face = Face()) -> Exit:  # noqa: B008
    """List the cells that packs are designed from, or check a data sheet of your own; rows that cannot be are refused.

    Parameters
    ----------
    path
        CSV, TOML or BPX file (JSON) with cells of your own; without one, the cells that ship with Cellroad.
    """
    import polars as pl

    from cellroad.engineering import catalogue
    from cellroad.engineering.datasheet import inspect

    found, findings = (catalogue.cells(), list(catalogue.refusals())) if path is None else inspect(path)
    rows = [
        (cell.cell_id, cell.name, cell.chemistry, cell.format, cell.capacity_ah, cell.nominal_v, cell.mass_kg,
         None if cell.mass_kg is None else cell.energy_wh / cell.mass_kg,
         None if cell.volume_l is None else cell.energy_wh / cell.volume_l, cell.confidence)
        for cell in found
    ]  # fmt: skip
    names = ("cell_id", "cell", "chemistry", "format", "Ah", "V", "kg", "Wh_per_kg", "Wh_per_L", "confidence")
    listed = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    blockers = sum(finding.severity == "blocker" for finding in findings)
    said = f"{counting(len(found), 'cell')}; {counting(blockers, 'row')} refused."
    machine = {"cells": listed, "findings": findings, "conflicts": catalogue.conflicts() if path is None else None}
    disputed = [
        table(catalogue.conflicts().select("cell_id", "column", "value", "taken", "notes"), "where sources disagree")
    ]
    parts = [*([table(listed)] if rows else []), *(disputed if path is None else []), *findings_tables(findings)]
    face.answer([*parts, said], machine)
    return Exit.INVALID if path is not None and blockers else Exit.OK


def packs(path: Path | None = None, /, *, face: Face = Face()) -> Exit:  # noqa: B008
    """Hold packs that were built against what is computed of them: mass, energy and voltage, one by one.

    Parameters
    ----------
    path
        CSV file with packs of your own, with columns of the fact table packs, of which any may be blank; without one,
        the packs that ship with Cellroad.
    """
    import polars as pl

    from cellroad.engineering.mass import known
    from cellroad.engineering.mass.packsheet import read_packs
    from cellroad.show import format

    found = known(None if path is None else read_packs(path))
    shown = found.select(
        "name",
        pl.format("{}s{}p", "S", "P").alias("layout"),
        pl.concat_str("cell", pl.when("found").then(pl.lit("")).otherwise(pl.lit(" *"))).alias("cell"),
        "mass_kg", pl.col("mass_model_kg").alias("computed_kg"), "mass_error", "energy_error", "nominal_error",
    )  # fmt: skip
    errors = found["mass_error"].drop_nulls().abs()
    said = f"{counting(found.height, 'pack')}, {len(errors)} with a mass"
    if len(errors):
        said += f": median error {format.share(float(errors.to_frame().select(pl.all().median()).item()))}"
    forms = dict.fromkeys(("mass_error", "energy_error", "nominal_error"), _off)
    remarks = [f"{name}: {remark}" for name, remark in found.select("name", "remark").iter_rows() if remark]
    notes = ["", "* a cell that is assumed", *remarks]
    face.answer([table(shown, forms=forms), *notes, "", said + "."], {"packs": found})
    return Exit.OK


def _off(share: float) -> str:
    """Return an error as a percentage with its sign."""
    from cellroad.show.format import MINUS

    return f"{100 * share:+.1f} %".replace("-", MINUS)
