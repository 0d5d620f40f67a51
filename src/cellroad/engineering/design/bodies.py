"""What many layouts weigh and how much room they take: the component sums of `mass`.

Only layouts that are worth it are weighed; of the others mass and size are not numbers. Components are gathered as the
parts that `cost` prices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellroad.engineering import mass
from cellroad.engineering.design.search import Layouts, Numbers

PART = {
    "cells": "cells", "module hardware": "fixing", "potting": "fixing", "busbars": "busbars", "harness": "harness",
    "battery management": "bms", "switches and fuse": "switchgear", "cooling": "cooling", "enclosure": "enclosure",
    "control unit and base": "enclosure", "fixed parts": "enclosure", "inverter": "inverter",
}  # fmt: skip
"""The part that a component of the mass is priced as."""
AT_ONCE = 20_000
"""Layouts that are weighed at once, for memory."""

Watch = Callable[[str], None]
"""Called with what is being done, again and again; what it raises ends the work."""


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


def bodies(
    found: Layouts, use: str, cooling: str, amps: Numbers, weigh: NDArray[np.bool_], inverter_kw: float = 0.0,
    watch: Watch = lambda words: None,
) -> Bodies:  # fmt: skip
    """Return what layouts weigh and how large they are, for continuous currents of `amps`, where `weigh` says so.

    A cell whose mass or size no row tells is not weighed: what is not known is not offered.
    """
    told = np.array([cell.mass_kg is not None and cell.volume_l is not None for cell in found.cells], dtype=bool)
    places = np.flatnonzero(weigh & told[found.cell])
    parts = {name: np.full(len(found), np.nan) for name in dict.fromkeys(PART.values())}
    box, litres = np.full((3, len(found)), np.nan), np.full(len(found), np.nan)
    for at in range(0, len(places), AT_ONCE):
        watch(f"weighing packs: {at:,} of {len(places):,}")
        some = places[at : at + AT_ONCE]
        weighed = mass.bodies(
            found.cells, found.cell[some], found.series[some], found.parallel[some], use=use, cooling=cooling,
            amps=amps[some], inverter_kw=inverter_kw,
        )  # fmt: skip
        for kg in parts.values():
            kg[some] = 0.0
        for component, part in PART.items():
            parts[part][some] += weighed.parts_kg[component]
        box[:, some], litres[some] = weighed.box_mm, weighed.volume_l
    return Bodies(parts, box, litres)
