"""`cells` on the web: the catalogue with its sources, the rows that are refused, and a check of one's own sheet."""

from __future__ import annotations

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from cellroad.chain import facts
from cellroad.engineering import catalogue
from cellroad.show import html
from cellroad.show.cell_tables import cells_table
from cellroad.show.web.replies import csv_reply, json_reply, page
from cellroad.show.web.sorting import sorted_by, sorted_table
from cellroad.show.web.verb import Verb

VERB = Verb("cells", "Which cells are packs designed from, where do their figures come from, which rows are "
            "not believed?")  # fmt: skip
router = APIRouter()
NAMES = {
    "cell_id": "Row", "cell": "Cell", "chemistry": "Chemistry", "format": "Format", "Ah": "Ah", "V": "V", "kg": "kg",
    "Wh_per_kg": "Wh/kg", "Wh_per_L": "Wh/L", "confidence": "Confidence", "source": "Source",
}  # fmt: skip
SORTS = tuple(name for name in NAMES if name != "source")


@router.get("/cells", include_in_schema=False)
def cells_page(request: Request, sort: str = "cell_id", find: str = "") -> Response:
    """The catalogue as a page; `find` keeps the rows in which a word stands."""
    shown = _sourced(find)
    keep = f"&find={find}" if find else ""
    return page(
        "web_cells.html.j2", title="Cells", verb=VERB, find=find, many=shown.height, all=len(catalogue.cells()),
        table=sorted_table(
            sorted_by(shown, sort, SORTS), NAMES, sort, SORTS, lambda by: f"/cells?sort={by}{keep}",
            {"cell": [f"/cells/{row}" for row in sorted_by(shown, sort, SORTS)["cell_id"]]}, "Cells",
        ),
        refused=[one for one in catalogue.refusals() if one.severity == "blocker"],
        strange=[one for one in catalogue.refusals() if one.severity == "warning"],
        conflicts=html.table(_conflicts(), caption="Where sources disagree"),
        downloads=(("Cells (CSV)", "/cells.csv"), ("Every column (CSV)", "/cells/rows.csv"), ("JSON", "/cells.json")),
    )  # fmt: skip


@router.get("/cells.csv", include_in_schema=False)
def cells_csv() -> Response:
    """The cells as a table."""
    return csv_reply(cells_table(catalogue.cells()), "cells.csv")


@router.get("/cells/rows.csv", include_in_schema=False)
def rows_csv() -> Response:
    """The rows of the facts, every column: the shape of a data sheet of one's own."""
    return csv_reply(facts.cells(), "cells-rows.csv")


@router.get("/cells.json", include_in_schema=False)
def cells_json() -> Response:
    """What the command writes with --json."""
    return json_reply(_machine(), file="cells.json")


@router.get("/cells/{cell_id}", include_in_schema=False)
def cell_page(cell_id: str) -> Response:
    """Everything that is known of one cell, with its source and what other sources say."""
    row, source = _row(cell_id)
    told = [(name, value) for name, value in row.items() if value not in (None, "")]
    frame = pl.DataFrame({"Column": [name for name, _ in told], "Value": [str(value) for _, value in told]})
    disputed = _conflicts().filter(cell_id=row["cell_id"])
    return page(
        "web_cell.html.j2", title=f"{row['maker']} {row['model']}", verb=VERB, row=row, source=source,
        table=html.table(frame, caption="As the row of facts tells it"),
        conflicts=html.table(disputed, caption="Where sources disagree") if disputed.height else "",
        refused=[one for one in catalogue.refusals() if one.row is not None
                 and facts.cells().row(one.row - 2, named=True)["cell_id"] == row["cell_id"]],
        back=("All cells", "/cells"),
    )  # fmt: skip


@router.get("/api/v1/cells", tags=["cells"])
def api(find: Annotated[str, Query(description="keep the cells in whose row this word stands")] = "") -> Response:
    """The catalogue: cells, what is wrong or strange with rows, and where sources disagree."""
    return json_reply(_machine(find))


def _machine(find: str = "") -> dict[str, Any]:
    cells = cells_table(catalogue.cells())
    kept = cells.filter(pl.col("cell_id").is_in(_sourced(find)["cell_id"].to_list())) if find else cells
    return {"cells": kept, "findings": catalogue.refusals(), "conflicts": catalogue.conflicts()}


def _sourced(find: str) -> pl.DataFrame:
    """Return cells with the title of their source, those in which a word stands."""
    cells, sources = facts.cells(), facts.table("sources").select("source_id", source="title")
    told = cells_table(catalogue.cells()).join(
        cells.select("cell_id", "source_id").join(sources, on="source_id", how="left"), on="cell_id", how="left",
        maintain_order="left",
    ).select(*SORTS, source=pl.coalesce("source", "source_id"))  # fmt: skip
    whole = pl.concat_str(pl.all().cast(pl.String), separator=" ", ignore_nulls=True).str.to_lowercase()
    return told.filter(whole.str.contains(find.lower(), literal=True)) if find else told


def _conflicts() -> pl.DataFrame:
    return catalogue.conflicts().select("cell_id", "column", "value", "taken", "notes")


def _row(cell_id: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the row of a cell and that of its source. Raises KeyError where there is none."""
    rows = facts.cells().filter(pl.col("cell_id").str.to_lowercase() == cell_id.lower())
    if rows.is_empty():
        raise KeyError(f"there is no cell {cell_id!r}")
    row = rows.row(0, named=True)
    source = facts.table("sources").filter(source_id=row["source_id"])
    return row, source.row(0, named=True) if source.height else None
