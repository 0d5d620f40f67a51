"""The mass and size of a pack: the sum of its components around a grid of its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from cellroad.engineering.layout import Layout
from cellroad.engineering.mass.arrange import Grid, arrange
from cellroad.engineering.mass.construction import Construction, constructions, usual
from cellroad.engineering.mass.generic import filled
from cellroad.engineering.mass.parts import (
    Part,
    modules,
    of_bms,
    of_busbars,
    of_cells,
    of_control,
    of_cooling,
    of_enclosure,
    of_fixed,
    of_harness,
    of_modules,
    of_potting,
    of_switches,
)  # fmt: skip


@dataclass(frozen=True)
class Masses:
    """The components of a pack, the grid of its cells with the box around it, and what had to be assumed."""

    layout: Layout
    construction: Construction
    cooling: str
    amps: float
    grid: Grid
    parts: tuple[Part, ...]
    assumed: tuple[str, ...] = ()

    @property
    def kg(self) -> float:
        """Mass of the pack."""
        return sum(part.kg for part in self.parts)

    @property
    def litres(self) -> float:
        """Volume of the box around the pack."""
        return self.grid.outer_l

    @property
    def size_mm(self) -> tuple[float, float, float]:
        """Length, width and height of the box."""
        return self.grid.outer_mm

    @property
    def wh_per_kg(self) -> float:
        """Nominal energy by mass."""
        return 1000 * self.layout.energy_kwh / self.kg

    @property
    def wh_per_l(self) -> float:
        """Nominal energy by volume."""
        return 1000 * self.layout.energy_kwh / self.litres

    def of(self, component: str) -> float:
        """Return the mass of a component in kg; 0 where the pack has none."""
        return sum(part.kg for part in self.parts if part.component == component)

    def frame(self) -> pl.DataFrame:
        """Return the components: component, kg, share of the mass, litres, why, assumed."""
        rows = [(p.component, p.kg, p.kg / self.kg, p.litres, p.why, p.assumed) for p in self.parts]
        schema = {"component": pl.String, "kg": pl.Float64, "share": pl.Float64, "litres": pl.Float64,
                  "why": pl.String, "assumed": pl.Boolean}  # fmt: skip
        return pl.DataFrame(rows, schema=schema, orient="row")


def masses(
    layout: Layout,
    *,
    use: str,
    cooling: str = "passive",
    amps: float | None = None,
    construction: str | None = None,
    extras: Sequence[Part] = (),
) -> Masses:
    """Return what a pack weighs and how large it is, as a sum of components.

    `use` is one of those of the fact table `constructions` (ev, storage-residential, portable, light-ev, utv,
    golf-cart, industrial, c-and-i); `construction` names a row of it where the usual one is not meant. `cooling`:
    passive, air, liquid, liquid-both or refrigerant. `amps`: continuous current in A that conductors and switches are
    made for; None: by the rate of the construction. `extras`: further parts inside the boundary, such as an inverter.

        m = sum of cells, module hardware, potting, busbars, harness, battery management, switches and fuse, cooling,
            enclosure, fixed parts and extras

    Mass and size of a cell that are not known are taken from known cells like it, and told in `assumed`. Raises
    KeyError for a use or a construction that is not known.
    """
    cell, assumed = filled(layout.cell)
    layout = replace(layout, cell=cell)
    if construction is None:
        longest = max(side for side in (cell.length_mm, cell.width_mm, cell.height_mm) if side is not None)
        built = usual(use, layout.nominal_v, layout.energy_kwh, longest)
    else:
        built = constructions()[construction]
    if amps is None:
        amps = built.rate * layout.capacity_ah
        assumed = (*assumed, f"continuous current: {amps:.0f} A, {built.rate:g} C")
    boxes = modules(layout, built) if built.shape == "stack" else 1
    grid = arrange(cell, layout.cells, built, boxes)
    parts = (
        of_cells(layout), of_modules(layout, grid, built), of_potting(layout, grid, built),
        of_busbars(layout, grid, amps), of_harness(layout, grid), of_bms(layout), of_switches(layout, amps),
        of_cooling(layout, grid, cooling), of_enclosure(grid, built), of_control(grid), of_fixed(grid, built), *extras,
    )  # fmt: skip
    kept = tuple(part for part in parts if part.kg > 0)
    return Masses(layout, built, cooling, amps, grid, kept, (*assumed, f"built as {built.name}"))
