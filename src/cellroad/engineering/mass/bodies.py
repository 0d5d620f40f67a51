"""The mass and size of many packs at once: the sums of their components around grids of their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellroad.engineering.cell import Cell
from cellroad.engineering.mass.arrange import Grids, arrange
from cellroad.engineering.mass.construction import Built, Floats, built, usual
from cellroad.engineering.mass.generic import filled
from cellroad.engineering.mass.layouts import Layouts, layouts
from cellroad.engineering.mass.parts import (
    PLATES,
    inverter_kg,
    modules,
    of_busbars,
    of_cells,
    of_control,
    of_cooling,
    of_enclosure,
    of_fixed,
    of_harness,
    of_management,
    of_modules,
    of_potting,
    of_switches,
)

INVERTER_L_KG = 1.5
"""Room of an inverter by its mass (assumption)."""


@dataclass(frozen=True)
class Bodies:
    """Mass by component in kg, an array of layouts each; the grids of their cells with the boxes around them."""

    parts_kg: dict[str, Floats]
    grids: Grids
    layouts: Layouts
    built: Built
    amps: Floats

    @property
    def mass_kg(self) -> Floats:
        """Mass of the packs."""
        return np.asarray(sum(self.parts_kg.values()))

    @property
    def volume_l(self) -> Floats:
        """Volume of the boxes around the packs in litres."""
        return self.grids.outer_l

    @property
    def box_mm(self) -> Floats:
        """Length, width and height of the packs (3 x n)."""
        return self.grids.outer_mm


def bodies(
    cells: Sequence[Cell],
    which: NDArray[np.int64],
    series: NDArray[np.int64],
    parallel: NDArray[np.int64],
    *,
    use: str,
    cooling: str = "passive",
    amps: Floats | None = None,
    construction: str | None = None,
    inverter_kw: float = 0.0,
) -> Bodies:
    """Return what packs weigh and how large they are: arrays of layouts of the `which`-th of some cells.

        m = sum of cells, module hardware, potting, busbars, harness, battery management, switches and fuse, cooling,
            enclosure, control unit and base, fixed parts, inverter

    `use` is one of those of the fact table `constructions`; `construction` names a row of it where the usual one is not
    meant. `cooling`: passive, air, liquid, liquid-both or refrigerant. `amps`: continuous currents in A that conductors
    and switches are made for; None: by the rate of the construction. `inverter_kw`: power of an inverter in the box.
    Mass and size of a cell that are not known are those of known cells like it. Raises KeyError for a use, cooling or
    construction that is not known.
    """
    PLATES[cooling]
    many = layouts([filled(cell)[0] for cell in cells], which, series, parallel)
    if construction is None:
        beam = np.where(many.prismatic, many.long_mm, 0.0)
        how = built(usual(use, many.nominal_v, many.energy_kwh, many.pouch, beam))
    else:
        how = built(np.full(many.series.shape, construction))
    current = how.rate * many.capacity_ah if amps is None else np.broadcast_to(amps, many.series.shape)
    inverter = inverter_kg(inverter_kw) if inverter_kw > 0 else 0.0
    boxes = np.where(how.stack, modules(many, how), 1.0)
    grids = arrange(many, how, boxes, INVERTER_L_KG * inverter)
    parts = {
        "cells": of_cells(many),
        "module hardware": of_modules(many, grids, how),
        "potting": of_potting(many, grids, how),
        "busbars": of_busbars(many, grids, current),
        "harness": of_harness(many, grids),
        "battery management": of_management(many),
        "switches and fuse": of_switches(many, current),
        "cooling": of_cooling(many, grids, cooling),
        "enclosure": of_enclosure(grids, how),
        "control unit and base": of_control(grids),
        "fixed parts": of_fixed(grids, how),
        "inverter": np.full(many.series.shape, inverter),
    }
    return Bodies(parts, grids, many, how, np.asarray(current))
