"""What a family of cells stands where a data sheet is silent: voltages, temperatures, rates. Every number assumed.

Source: what the sheets of the family commonly print, from memory; the safety margins of LFP as in the manual of the EG4
LL-S (3.8 V and 2.3 V a cell, trips 70 and 75 degC) and of the Victron Lynx Smart BMS (3.75 V).
"""

from __future__ import annotations

from dataclasses import dataclass

from cellroad.engineering.cell import Cell


@dataclass(frozen=True)
class Family:
    """Limits of a family: voltages in V, margins beyond them in V, temperatures in degC, rates in 1/h."""

    max_v: float
    min_v: float
    over_v: float
    under_v: float
    ease_v: float
    low_v: float
    charge_c: tuple[float, float]
    discharge_c: tuple[float, float]
    charge_rate: float
    discharge_rate: float


FAMILIES = {
    "LFP": Family(3.65, 2.5, 0.15, 0.2, 0.10, 0.3, (0, 45), (-20, 60), 0.5, 1.0),
    "LMFP": Family(4.2, 2.5, 0.10, 0.3, 0.08, 0.3, (0, 45), (-20, 60), 0.5, 1.0),
    "NMC": Family(4.2, 2.75, 0.05, 0.25, 0.05, 0.35, (0, 45), (-20, 60), 0.5, 1.0),
    "NCA": Family(4.2, 2.5, 0.05, 0.2, 0.05, 0.4, (0, 45), (-20, 60), 0.5, 1.0),
    "LCO": Family(4.2, 3.0, 0.05, 0.3, 0.05, 0.3, (0, 45), (-20, 60), 0.5, 1.0),
    "LTO": Family(2.7, 1.5, 0.10, 0.2, 0.05, 0.2, (-30, 50), (-30, 55), 3.0, 5.0),
    "Na-ion": Family(3.95, 2.0, 0.10, 0.3, 0.10, 0.3, (-10, 45), (-30, 60), 0.5, 1.0),
}
"""`over_v` and `under_v`: safety beyond the sheet; `ease_v` and `low_v`: where derating begins before it."""
OTHER = Family(4.2, 3.0, 0.05, 0.2, 0.05, 0.3, (5, 40), (-10, 50), 0.3, 0.5)
"""The narrowest of the known, for a family that is not known."""


def defaults(cell: Cell) -> Family:
    """Return what is assumed of a cell's family."""
    return FAMILIES.get(cell.family, OTHER)
