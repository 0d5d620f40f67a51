"""One cell as its data sheet tells it, in SI units where the sheet does not speak otherwise.

A blank of the sheet is None: what is unknown stays unknown until the part that needs it says which value it assumes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

FAMILIES = {
    "LFP": "LFP",
    "LMFP": "LMFP",
    "LTO": "LTO",
    "NA": "Na-ion",
    "NMC": "NMC",
    "NMCA": "NMC",
    "NCA": "NCA",
    "LCO": "LCO",
}
"""The family a chemistry belongs to, by the letters its name begins with; behaviour is known by family."""


@dataclass(frozen=True)
class Cell:
    """A cell model: what its maker prints, where that was read and how far it may be trusted.

    `length_mm` is the diameter of a cylindrical cell, whose `width_mm` is None. Rates are in 1/h (C rates); resistances
    in ohm: `acir_ohm` at 1 kHz, `dcir_ohm` by direct current, which is the one that drops voltage.
    `weaker` tells what stands on a weaker source than the row.
    """

    cell_id: str
    maker: str
    model: str
    chemistry: str
    format: str
    capacity_ah: float
    nominal_v: float
    min_v: float | None
    max_v: float | None
    mass_kg: float | None
    length_mm: float | None
    width_mm: float | None
    height_mm: float | None
    acir_ohm: float | None = None
    dcir_ohm: float | None = None
    charge_rate: float | None = None
    discharge_rate: float | None = None
    pulse_rate: float | None = None
    pulse_s: float | None = None
    charge_min_c: float | None = None
    charge_max_c: float | None = None
    discharge_min_c: float | None = None
    discharge_max_c: float | None = None
    cycle_life: float | None = None
    cycle_conditions: str = ""
    source: str = ""
    confidence: str = "unverified"
    revision: str = ""
    mass_tolerance_kg: float | None = None
    weaker: str = ""
    notes: str = ""

    @property
    def name(self) -> str:
        """Maker and model."""
        return f"{self.maker} {self.model}"

    @property
    def family(self) -> str:
        """LFP, LMFP, NMC, NCA, LCO, LTO or Na-ion; the chemistry itself where it is none of them."""
        return family_of(self.chemistry)

    @property
    def energy_wh(self) -> float:
        """Nominal energy in Wh: capacity by nominal voltage."""
        return self.capacity_ah * self.nominal_v

    @property
    def volume_l(self) -> float | None:
        """Volume of the body in litres; None where a dimension is not known."""
        if self.length_mm is None or self.height_mm is None:
            return None
        if self.format == "cylindrical":
            return math.pi / 4 * self.length_mm**2 * self.height_mm / 1e6
        return None if self.width_mm is None else self.length_mm * self.width_mm * self.height_mm / 1e6


def family_of(chemistry: str) -> str:
    """Return the family of a chemistry: LFP, LMFP, NMC, NCA, LCO, LTO or Na-ion; itself where it is none of them."""
    letters = chemistry.upper().replace("-", " ").split("/")[0].split(" ")[0]
    stem = max((known for known in FAMILIES if letters.startswith(known)), key=len, default="")
    return FAMILIES.get(stem, chemistry)
