"""The mass and size of one pack, component by component, with what each stands on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from cellroad.engineering.layout import Layout
from cellroad.engineering.mass import parts
from cellroad.engineering.mass.bodies import Bodies, bodies
from cellroad.engineering.mass.construction import LOW_V, Construction, constructions
from cellroad.engineering.mass.generic import filled

SPREAD = 0.13
"""Relative error of mass that eight of ten packs stay within when they are left out of what the model was set by."""
Size = tuple[float, float, float]


@dataclass(frozen=True)
class Part:
    """A component: what it weighs and where that comes from."""

    component: str
    kg: float
    why: str
    assumed: bool = True


@dataclass(frozen=True)
class Masses:
    """The components of a pack, its cells as a grid in a box, and what had to be assumed.

    `grid` is how many cells stand along, across and in layers, in each of `boxes` boxes; `pitch_mm` the room of one
    cell along, across and upwards; `block_mm` the cells of a box with the room between them, `box_mm` the box.
    """

    layout: Layout
    construction: Construction
    cooling: str
    amps: float
    grid: tuple[int, int, int]
    boxes: int
    pitch_mm: Size
    block_mm: Size
    box_mm: Size
    size_mm: Size
    parts: tuple[Part, ...]
    assumed: tuple[str, ...]

    @property
    def kg(self) -> float:
        """Mass of the pack."""
        return sum(part.kg for part in self.parts)

    @property
    def litres(self) -> float:
        """Volume of the box around the pack."""
        length, width, height = self.size_mm
        return length * width * height / 1e6

    @property
    def wh_per_kg(self) -> float:
        """Nominal energy by mass."""
        return 1000 * self.layout.energy_kwh / self.kg

    @property
    def wh_per_l(self) -> float:
        """Nominal energy by volume."""
        return 1000 * self.layout.energy_kwh / self.litres

    @property
    def band_kg(self) -> tuple[float, float]:
        """Least and largest mass: within them lie eight of ten packs that were left out (see `held_out`)."""
        return self.kg / (1 + SPREAD), self.kg / (1 - SPREAD)

    def of(self, component: str) -> float:
        """Return the mass of a component in kg; 0 where the pack has none."""
        return sum(part.kg for part in self.parts if part.component == component)

    def frame(self) -> pl.DataFrame:
        """Return the components: component, kg, share of the mass, why, assumed."""
        rows = [(part.component, part.kg, part.kg / self.kg, part.why, part.assumed) for part in self.parts]
        schema = {"component": pl.String, "kg": pl.Float64, "share": pl.Float64, "why": pl.String,
                  "assumed": pl.Boolean}  # fmt: skip
        return pl.DataFrame(rows, schema=schema, orient="row")


def masses(
    layout: Layout,
    *,
    use: str,
    cooling: str = "passive",
    amps: float | None = None,
    construction: str | None = None,
    inverter_kw: float = 0.0,
) -> Masses:
    """Return what a pack weighs and how large it is, as a sum of components; see `bodies` for the arguments."""
    cell, assumed = filled(layout.cell)
    layout = replace(layout, cell=cell)
    one, zero = np.ones(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    found = bodies(
        [cell], zero, layout.series * one, layout.parallel * one, use=use, cooling=cooling,
        amps=None if amps is None else np.array([amps]), construction=construction, inverter_kw=inverter_kw,
    )  # fmt: skip
    if cell.mass_tolerance_kg is not None:
        assumed = (
            *assumed,
            f"mass of a cell: {cell.mass_kg:.3g} kg, from which it may lie {cell.mass_tolerance_kg:g} kg off",
        )
    built = constructions()[str(found.built.ids[0])]
    if amps is None:
        assumed = (*assumed, f"continuous current: {found.amps[0]:.0f} A, {built.rate:g} C")
    why = _why(layout, found, built, cooling, inverter_kw)
    known = {"cells"} if cell.confidence != "unverified" else set()
    listed = tuple(
        Part(name, float(kg[0]), why[name], name not in known) for name, kg in found.parts_kg.items() if kg[0] > 0
    )
    grids = found.grids
    return Masses(
        layout, built, cooling, float(found.amps[0]),
        (int(grids.along[0]), int(grids.across[0]), int(grids.layers[0])), int(grids.boxes[0]),
        _size(found.layouts.pitch_mm), _size(grids.block_mm), _size(grids.box_mm), _size(grids.outer_mm),
        listed, (*assumed, f"built as {built.name}"),
    )  # fmt: skip


def _size(sides: np.ndarray) -> Size:
    return float(sides[0, 0]), float(sides[1, 0]), float(sides[2, 0])


def _why(layout: Layout, found: Bodies, built: Construction, cooling: str, inverter_kw: float) -> dict[str, str]:
    """Return what each component stands on, in words."""
    grids, many = found.grids, found.layouts
    amps = found.amps[0]
    count = int(parts.modules(many, found.built)[0])
    frames = {
        "pouch": f"boxes of {parts.POUCH_WALL_MM:g} mm aluminium, pads",
        "prismatic": f"end plates of {parts.END_PLATE_MM:g} mm and sides of {parts.SIDE_WALL_MM:g} mm aluminium, pads",
        "cylindrical": f"two holders, adhesive, sides of {parts.SIDE_WALL_MM:g} mm aluminium",
    }
    plate = parts.PLATES[cooling] * grids.footprint_m2[0]
    filling = "refrigerant" if cooling == "refrigerant" else f"{plate * parts.COOLANT_L_M2:.1f} L of coolant"
    section = amps / parts.AMP_MM2
    return {
        "cells": f"{layout.cells} of {1000 * many.cell_kg[0]:.4g} g",
        "module hardware": f"{count} x {frames[layout.cell.format]}",
        "potting": f"{built.potting:.0%} of the voids",
        "busbars": f"{parts.busbar_m(many, grids)[0]:.1f} m of copper, {section:.3g} mm2 for {amps:.0f} A",
        "harness": f"{layout.series + 1} sense wires, {parts.harness_m(many, grids)[0]:.0f} m",
        "battery management": f"{layout.series} channels",
        "switches and fuse": f"{'contactors' if layout.nominal_v > LOW_V else 'transistors'}, fuse and shunt for "
        f"{amps:.0f} A",
        "cooling": "fans and ducts" if cooling == "air" else f"{plate:.2f} m2 of plate, gap filler, {filling}",
        "enclosure": f"{grids.outer_m2[0]:.2f} m2 of {built.shell_kg_m2:g} kg/m2",
        "control unit and base": f"{parts.BASE_KG_M2:g} kg/m2 of floor",
        "fixed parts": built.fixed_names,
        "inverter": f"{inverter_kw:g} kW",
    }
