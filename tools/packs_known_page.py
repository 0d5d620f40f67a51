"""Write docs/packs-known.md: packs that were built beside what is computed of them, each with its errors.

Run `python tools/packs_known_page.py` after a change of the facts or of the sums; a test holds the page against them.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cellroad.engineering.catalogue import cells, conflicts, refusals
from cellroad.engineering.mass import known
from cellroad.engineering.mass.construction import constructions
from cellroad.engineering.mass.held_out import leave_one_out
from cellroad.engineering.mass.reference import reference, shares

PAGE = Path(__file__).resolve().parent.parent / "docs" / "packs-known.md"

INTRODUCTION = """\
# Known packs

How far are the masses, energies and voltages that Cellroad computes from those of packs that were built? Each pack of
the facts is listed, also where the sum lies far off, with what we know of the reason.

A pack is summed from components: cells, module hardware, potting, busbars, harness, battery management, switches and
fuse, cooling, enclosure, control unit, fixed parts and inverter. [Methods](methods.md) has the equations,
[Facts](facts.md) the constructions. No pack has a figure of its own. What was set by looking at packs is the mass of
the shell by area and the room in the box, one row a construction; thicknesses, densities, current densities and the
masses of bought parts are the same for all.

A cell that is not in the catalogue (marked *) is assumed from known cells of its chemistry, format and capacity.

This page is made by `tools/packs_known_page.py`; `cellroad.engineering.mass.known` does the same for packs of your own,
as rows with the columns of the fact table `packs`, of which any may be blank.
"""


def page() -> str:
    """Return the page as Markdown."""
    found = known()
    return "\n".join([INTRODUCTION, _packs(found), _reasons(found), _volumes(found), _held_out(), _batpac(), _cells()])


def _packs(found: pl.DataFrame) -> str:
    errors = found["mass_error"].drop_nulls().abs()
    head = (
        f"## Mass, energy and voltage\n\n{len(errors)} packs have a mass. The median error is {errors.median():.1%}; "
        f"{(errors > 0.15).sum()} lie off by more than 15 %. Energy and voltage follow from the cells; an error is "
        "left out where they were needed to find the layout.\n\n"
    )
    rows = [
        (
            row["name"], f"{row['S']}s{row['P']}p", row["cell"] + ("" if row["found"] else " *"), _kg(row["mass_kg"]),
            _kg(row["mass_model_kg"]), _off(row["mass_error"]), _off(row["energy_error"]), _off(row["nominal_error"]),
        )
        for row in found.iter_rows(named=True)
    ]  # fmt: skip
    return head + _table(("pack", "layout", "cell", "told kg", "computed kg", "mass", "energy", "voltage"), rows)


def _reasons(found: pl.DataFrame) -> str:
    rows = [(row["name"], row["remark"]) for row in found.iter_rows(named=True) if row["remark"]]
    head = (
        "## Why they lie off\n\nOur reading, not that of the sources. Where sources dispute a mass, the error against "
        "the nearest of them is "
        + " and ".join(f"{row['mass_off']:+.1%} ({row['name']})" for row in _disputed(found).iter_rows(named=True))
        + ".\n\n"
    )
    return head + _table(("pack", "remark"), rows)


def _disputed(found: pl.DataFrame) -> pl.DataFrame:
    return found.filter(pl.col("mass_off") != pl.col("mass_error"))


def _volumes(found: pl.DataFrame) -> str:
    told = found.filter(pl.col("bbox_L").is_not_null())
    error = told["bbox_model_L"] / told["bbox_L"] - 1
    rows = [
        (name, f"{litres:.3g}", f"{model:.3g}", _off(off))
        for (name, litres, model), off in zip(
            told.select("name", "bbox_L", "bbox_model_L").iter_rows(), error, strict=True
        )
    ]
    head = (
        "## Size\n\nThe box follows from a grid of cells and the room that a construction leaves beside them. Median "
        f"error {error.abs().median():.0%}; but that room was set by looking at these few packs, so that a new one may "
        "well lie off by twice as much and more. Take a size as a first guess.\n\n"
    )
    return head + _table(("pack", "told L", "computed L", "error"), rows)


def _held_out() -> str:
    found = leave_one_out()
    error = found["held_out_error"].abs()
    rows = [
        (row["name"], row["construction"] + (" (alone)" if row["alone"] else ""), f"{row['shell_kg_m2']:.1f}",
         _kg(row["mass_held_out_kg"]), _off(row["held_out_error"]))
        for row in found.iter_rows(named=True)
    ]  # fmt: skip
    head = (
        "## Leave one out\n\nEach pack computed with a shell that was set without it: to the other packs of its "
        "construction, or, where it is alone, to the middle of the other constructions. Median error "
        f"{error.median():.1%}, {(error > 0.12).sum()} of {len(error)} beyond 12 %, {(error > 0.15).sum()} beyond 15 %:"
        " what to expect for a pack that nobody has looked at.\n\n"
    )
    return head + _table(("pack", "construction", "shell kg/m2", "computed kg", "error"), rows)


def _batpac() -> str:
    rows = [(row["case"], row["chemistry"], _kg(row["mass_kg"]), _kg(row["mass_model_kg"]), _off(row["mass_error"]))
            for row in reference().iter_rows(named=True)]  # fmt: skip
    parts = [
        (name, f"{share:.1%}", f"{model:.1%}", f"{points:+.1f}") for name, share, model, points in shares().iter_rows()
    ]
    return (
        "## BatPaC\n\nReference designs of BatPaC v5, with the mass of the cell as given there and cooling panels on "
        "both faces.\n\n" + _table(("design", "chemistry", "BatPaC kg", "computed kg", "error"), rows)
        + "\nShares of the reference pack of 82 kWh:\n\n"
        + _table(("component", "BatPaC", "computed", "points"), parts)
    )  # fmt: skip


def _cells() -> str:
    refused = [one for one in refusals() if one.severity == "blocker"]
    names = {cell.cell_id: cell.name for cell in cells()}
    rows = [
        (names[row["cell_id"]], row["column"], _given(row["value"]) + (" (taken)" if row["taken"] == "yes" else ""),
         row["notes"])
        for row in conflicts().iter_rows(named=True)
    ]  # fmt: skip
    known_by = "".join(f"- {one.found}; expected {one.expected}. {one.mend}\n" for one in refused)
    return (
        f"## Cells\n\n{len(cells())} cells are in the catalogue. Rows that cannot be are refused:\n\n{known_by}\nWhere "
        "sources disagree, both stand:\n\n" + _table(("cell", "column", "value", "notes"), rows)
        + f"\n## Constructions\n\n{len(constructions())} rows of the facts, most of them assumptions:\n\n"
        + _table(
            ("construction", "shell kg/m2", "fill", "fixed kg", "confidence"),
            [(one.name, f"{one.shell_kg_m2:g}", f"{one.fill:.0%}", f"{one.fixed_kg:g}", one.confidence)
             for one in constructions().values()],
        )
    )  # fmt: skip


def _given(value: float | None) -> str:
    return "not known" if value is None else f"{value:g}"


def _kg(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _off(value: float | None) -> str:
    return "" if value is None else f"{value:+.1%}"


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
