"""What many layouts weigh and how much room they take, at once (stand-in)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellroad.engineering.design.search import Layouts, Numbers


@dataclass(frozen=True)
class Bodies:
    """Mass by component in kg, the box in mm, and its volume in litres, for each layout."""

    parts_kg: dict[str, Numbers]
    box_mm: Numbers
    volume_l: Numbers

    @property
    def known(self) -> NDArray[np.bool_]:
        """Return of which layouts mass and size are known."""
        return np.asarray(np.isfinite(self.mass_kg) & np.isfinite(self.volume_l))

    @property
    def mass_kg(self) -> Numbers:
        """Return the whole mass in kg."""
        return np.asarray(sum(self.parts_kg.values()))


def bodies(found: Layouts, cooling: str) -> Bodies:
    """Return what layouts weigh and how large they are."""
    kg = found.of_cell([np.nan if cell.mass_kg is None else cell.mass_kg for cell in found.cells])
    litres = found.of_cell([np.nan if cell.volume_l is None else cell.volume_l for cell in found.cells])
    many = found.series * found.parallel
    cells = kg * many
    volume = litres * many * 1.8
    edge = np.cbrt(volume) * 100
    parts = {
        "cells": cells, "busbars": 0.02 * cells, "fixing": 0.05 * cells, "enclosure": 2 + 0.12 * cells,
        "cooling": 0.08 * cells * (cooling == "liquid"), "bms": 0.5 + 0 * cells,
    }  # fmt: skip
    return Bodies(parts, np.stack([edge, edge, edge]), volume)
