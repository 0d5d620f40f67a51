"""Why a cell is not taken: what takes each of its layouts out, what is nearest, or which packs beat it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from cellroad.engineering.cell import Cell
from cellroad.engineering.design.nearest import Near, nearest
from cellroad.engineering.design.out import DIRTY
from cellroad.engineering.design.result import AIMS, Design


@dataclass(frozen=True)
class Why:
    """The answer for one cell: `verdict` is on the front, beaten or out; `words` tell it line by line.

    `cell` is None where its row is not believed.
    """

    cell: Cell | None
    name: str
    verdict: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        """Return the answer as text."""
        return "\n".join((f"{self.name}: {self.verdict}", *self.words))


def why(found: Design, cell: str) -> Why:
    """Return why a cell, by id or name, is taken or not. Raises KeyError for a cell that is not known."""
    dirty = found.out.filter(reason=DIRTY)
    for row in dirty.iter_rows(named=True):
        if cell.casefold() in (row["cell_id"].casefold(), row["cell"].casefold()):
            return Why(None, row["cell"], "out", (f"{DIRTY}: {row['asked']}",))
    one = _named(found.admitted.layouts.cells, cell)
    ranks = found.pareto.filter(pl.col("cell_id") == one.cell_id)
    if ranks.height:
        told = [f"rank {row['rank']}: {row['layout']}, {row['mass_kg']:.3g} kg, ${row['cost_usd']:,.0f}, "
                f"{row['years']:.3g} years" for row in ranks.iter_rows(named=True)]  # fmt: skip
        return Why(one, one.name, "on the front", tuple(told))
    mine = np.flatnonzero([found.admitted.layouts.cells[place] is one for place in found.admitted.layouts.cell])
    if len(mine):
        return Why(one, one.name, "beaten", tuple(_beaten(found, mine)))
    rows = found.out.filter(pl.col("cell_id") == one.cell_id)
    told = [
        f"{row['reason']}: asked for {row['asked']}" + (f"; {row['layouts']} layouts" if row["layouts"] else "")
        for row in rows.iter_rows(named=True)
    ]
    return Why(one, one.name, "out", (*told, *(_near(near, found) for near in nearest([one], found.unit))))


def _beaten(found: Design, mine: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[str]:
    """Return for the layouts of a cell that come nearest which pack of the front is no worse in everything."""
    aims = np.stack([sign * found.admitted.measures[name] for name, sign in AIMS.values()], axis=1)
    told = []
    for place in mine[:3]:
        over = [rank for rank, other in enumerate(found.order, 1) if (aims[other] <= aims[place]).all()]
        best = found.pareto.row(over[0] - 1, named=True)
        told.append(
            f"{found.admitted.layouts.layout(int(place)).name} is no better in mass, volume, cost or life than "
            f"{best['cell']} {best['layout']} (rank {over[0]})"
        )
    more = len(mine) - 3
    return told + ([f"and {more} more layouts likewise"] if more > 0 else [])


def _near(near: Near, found: Design) -> str:
    missed = "; ".join(f"{name.replace('_', ' ')}: {has}, asked for {asked}" for name, asked, has in
                       near.asked_and_has(found.unit))  # fmt: skip
    return f"nearest, {near.layout.name}: {missed}" if missed else f"{near.layout.name} meets everything"


def _named(cells: tuple[Cell, ...], word: str) -> Cell:
    folded = word.casefold()
    exact = [cell for cell in cells if folded in {own.casefold() for own in (cell.cell_id, cell.model, cell.name)}]
    if exact:
        return exact[0]
    part = [cell for cell in cells if folded in cell.name.casefold()]
    if len(part) == 1:
        return part[0]
    raise KeyError(f"no cell {word!r}" + (f"; is it {' or '.join(cell.name for cell in part[:5])}?" if part else ""))
