"""Which cells are out, and for what: each reason with the number of layouts that it takes out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from cellroad.chain import facts
from cellroad.chain.tell import FIRST_ROW
from cellroad.engineering import catalogue
from cellroad.engineering.cell import Cell
from cellroad.engineering.design.evaluate import TINY, Evaluated
from cellroad.engineering.design.filters import Through
from cellroad.engineering.design.search import series_windows
from cellroad.engineering.design.specification import Specification
from cellroad.engineering.design.words import ASKED

SCHEMA = {"cell_id": pl.String, "cell": pl.String, "reason": pl.String, "layouts": pl.Int64, "asked": pl.String}
DIRTY, UNKNOWN = "dirty row", "mass or size not known"


def out(cells: Sequence[Cell], spec: Specification, through: Through, looked: Evaluated) -> pl.DataFrame:
    """Return why cells are out: cell_id, cell, reason, layouts (that it takes out; null: all), asked.

    A cell without a single admissible layout stands here with every reason that took layouts of it out; so does every
    shipped row that cannot be, which is no cell at all.
    """
    rows: list[tuple[str, str, str, int | None, str]] = [*_dirty()]
    low, high = series_windows(cells, spec)
    good = np.bincount(looked.layouts.cell[looked.feasible & looked.body.known], minlength=len(cells)) > 0
    tried = np.bincount(looked.layouts.cell, minlength=len(cells)) > 0
    for place, cell in enumerate(cells):
        told = [name for name, lets in through.items() if not lets[place]]
        if told:
            rows += [(cell.cell_id, cell.name, name, None, ASKED[name](spec)) for name in told]
        elif good[place]:
            continue
        elif cell.mass_kg is None or cell.volume_l is None:
            rows.append((cell.cell_id, cell.name, UNKNOWN, None, "a row with mass and size"))
        elif not tried[place]:
            reason = "voltage" if low[place] > high[place] else "energy"
            rows.append((cell.cell_id, cell.name, f"{reason} window", None, ASKED[reason](spec)))
        else:
            mine = looked.layouts.cell == place
            for name, miss in looked.misses.items():
                many = int((miss[mine] > TINY).sum())
                if many:
                    rows.append((cell.cell_id, cell.name, name.replace("_", " "), many, ASKED[name](spec)))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _dirty() -> list[tuple[str, str, str, int | None, str]]:
    """Return the shipped rows that are not believed, each with what would be."""
    rows = facts.table("cells").select("cell_id", pl.format("{} {}", "maker", "model")).rows()
    return [
        (*rows[told.row - FIRST_ROW], DIRTY, None, f"{told.found}: {told.expected}")
        for told in catalogue.refusals() if told.severity == "blocker" and told.row is not None
    ]  # fmt: skip
