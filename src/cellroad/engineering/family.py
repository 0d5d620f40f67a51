"""What is assumed of a cell where its data sheet is silent? One row a family, read by all that need it.

Voltages are those of the facts on chemistries, with source and confidence there; every other number here is an
assumption, and who uses it tells so by name. Source: what the sheets of the family commonly print, from memory; the
safety margins of LFP as in the manual of the EG4 LL-S (3.8 V and 2.3 V a cell, trips 70 and 75 degC) and of the Victron
Lynx Smart BMS (3.75 V).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from cellroad.chain import facts
from cellroad.engineering.cell import Cell


@dataclass(frozen=True)
class Family:
    """What is usual for a family of cells.

    chemistry       its row of the facts on chemistries
    over_v, under_v  safety beyond the voltages of the sheet, in V
    ease_v, low_v    where derating begins before them, in V
    charge_c, discharge_c  temperatures between which it may be charged and discharged, in degC
    charge_rate, discharge_rate  continuous, in 1/h
    ohm_ah          resistance over ten seconds by capacity, in ohm Ah: near the middle of the shipped cells with one
    activation      of that resistance, in J/mol: at 0 degC it is 3.0 times that at 25 degC for 30 kJ/mol, 2.7 for 27,
                    1.9 for 18; within what impedance studies report for ohmic (10 to 20) and transfer (40 to 60) parts
    hysteresis_v    half of what lies between the curves after charge and after discharge, in V: 5 to 25 mV are reported
                    between them for LFP
    volts           least and largest voltage in V where the facts know no such chemistry
    """

    chemistry: str
    over_v: float
    under_v: float
    ease_v: float
    low_v: float
    charge_c: tuple[float, float]
    discharge_c: tuple[float, float]
    charge_rate: float
    discharge_rate: float
    ohm_ah: float
    activation: float
    hysteresis_v: float = 0.0
    volts: tuple[float, float] | None = None

    @property
    def min_v(self) -> float:
        """Least voltage of a cell in V."""
        return (self.volts or _voltages(self.chemistry))[0]

    @property
    def max_v(self) -> float:
        """Largest voltage of a cell in V."""
        return (self.volts or _voltages(self.chemistry))[1]


FAMILIES = {
    "LFP": Family("lfp", 0.15, 0.2, 0.10, 0.3, (0, 45), (-20, 60), 0.5, 1.0, 0.11, 30e3, 0.010),
    "LMFP": Family("lmfp", 0.10, 0.3, 0.08, 0.3, (0, 45), (-20, 60), 0.5, 1.0, 0.11, 30e3, 0.012),
    "NMC": Family("nmc811", 0.05, 0.25, 0.05, 0.35, (0, 45), (-20, 60), 0.5, 1.0, 0.12, 27e3),
    "NCA": Family("nca", 0.05, 0.2, 0.05, 0.4, (0, 45), (-20, 60), 0.5, 1.0, 0.12, 27e3),
    "LCO": Family("nmc811", 0.05, 0.3, 0.05, 0.3, (0, 45), (-20, 60), 0.5, 1.0, 0.12, 27e3, volts=(3.0, 4.2)),
    "LTO": Family("lto", 0.10, 0.2, 0.05, 0.2, (-30, 50), (-30, 55), 3.0, 5.0, 0.02, 18e3),
    "Na-ion": Family("na_ion", 0.10, 0.3, 0.10, 0.3, (-10, 45), (-30, 60), 0.5, 1.0, 0.12, 22e3, 0.015),
}
OTHER = Family("nmc811", 0.05, 0.2, 0.05, 0.3, (5, 40), (-10, 50), 0.3, 0.5, 0.12, 27e3, volts=(3.0, 4.2))
"""The narrowest of the known, for a family that is not known."""


def defaults(cell: Cell) -> Family:
    """Return what is assumed of a cell's family."""
    return named(cell.family)


def named(family: str) -> Family:
    """Return what is assumed of a family, as `Cell.family` names it."""
    return FAMILIES.get(family, OTHER)


CHEMISTRY = {name: family.chemistry for name, family in FAMILIES.items()}
"""The row of the facts on chemistries that speaks for a family."""


@cache
def _voltages(chemistry: str) -> tuple[float, float]:
    row = facts.chemistries().filter(pl.col("chem_id") == chemistry)
    return float(row["v_min"].item()), float(row["v_max"].item())
