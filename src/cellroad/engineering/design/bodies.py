"""What many layouts weigh and how much room they take: the component sums of `mass`, layout by layout.

Only layouts that are worth it are weighed; of the others mass and size are not numbers. The parts are those that `cost`
prices by the kg.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellroad.engineering.design.search import Layouts, Numbers
from cellroad.engineering.mass import masses

PART = {
    "cells": "cells", "module hardware": "fixing", "potting": "fixing", "busbars": "busbars", "harness": "harness",
    "battery management": "bms", "switches and fuse": "switchgear", "cooling": "cooling", "enclosure": "enclosure",
    "control unit and base": "enclosure", "fixed parts": "enclosure",
}  # fmt: skip
"""The part that a component of the mass is priced as."""
MOST_WEIGHED = 30_000
"""Layouts that are weighed in one search; where there are more, the specification is too wide to be one."""


@dataclass(frozen=True)
class Bodies:
    """Mass by part in kg, the box in mm (3, layouts), and its volume in litres, for each layout."""

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

    def take(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Bodies:
        """Return some of them, by mask or place."""
        parts = {name: kg[which] for name, kg in self.parts_kg.items()}
        return Bodies(parts, self.box_mm[:, which], self.volume_l[which])


def bodies(found: Layouts, use: str, cooling: str, amps: Numbers, weigh: NDArray[np.bool_]) -> Bodies:
    """Return what layouts weigh and how large they are, for continuous currents of `amps`, where `weigh` says so.

    A cell whose mass or size no row tells is not weighed: what is not known is not offered. Raises ValueError where
    there are more than `MOST_WEIGHED`.
    """
    told = np.array([cell.mass_kg is not None and cell.volume_l is not None for cell in found.cells], dtype=bool)
    places = np.flatnonzero(weigh & told[found.cell])
    if len(places) > MOST_WEIGHED:
        raise ValueError(f"{len(places):,} layouts meet voltage, energy and power: narrow the specification")
    names = tuple(dict.fromkeys(PART.values()))
    parts = np.full((len(names), len(found)), np.nan)
    box = np.full((3, len(found)), np.nan)
    litres = np.full(len(found), np.nan)
    parts[:, places] = 0.0
    for place in places:
        weighed = masses(found.layout(int(place)), use=use, cooling=cooling, amps=float(amps[place]))
        for part in weighed.parts:
            parts[names.index(PART[part.component]), place] += part.kg
        box[:, place] = weighed.size_mm
        litres[place] = weighed.litres
    return Bodies(dict(zip(names, parts, strict=True)), box, litres)
