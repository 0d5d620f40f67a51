"""What a data sheet leaves open and a design needs: taken from the family of the cell, and told as assumed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from cellroad.chain import facts
from cellroad.engineering.cell import Cell

CHEMISTRY = {"LFP": "lfp", "LMFP": "lmfp", "NMC": "nmc811", "NCA": "nca", "LCO": "nmc811", "LTO": "lto",
             "Na-ion": "na_ion"}  # fmt: skip
"""The row of the facts on chemistries that speaks for a family."""
CHARGE_RATE = 0.5
"""Continuous charge of a cell whose sheet tells none, in 1/h (assumption: the rate at which most cells are tested)."""
DISCHARGE_RATE = 1.0
"""Likewise of discharge, in 1/h (assumption)."""
TEMPERATURES = {"LTO": (-30.0, 45.0, -30.0, 55.0)}
USUAL_TEMPERATURES = (0.0, 45.0, -20.0, 60.0)
"""Least and largest temperature of charge, then of discharge, in degC (assumption: the usual lines of data sheets)."""


@cache
def filled(cell: Cell) -> tuple[Cell, tuple[str, ...]]:
    """Return a cell with limits of voltage, current and temperature where its sheet has none, and these in words."""
    row = _chemistry(cell.family)
    temperatures = TEMPERATURES.get(cell.family, USUAL_TEMPERATURES)
    usual = {
        "min_v": row.get("v_min"), "max_v": row.get("v_max"),
        "charge_rate": CHARGE_RATE, "discharge_rate": DISCHARGE_RATE,
        "charge_min_c": temperatures[0], "charge_max_c": temperatures[1],
        "discharge_min_c": temperatures[2], "discharge_max_c": temperatures[3],
    }  # fmt: skip
    blank: dict[str, Any] = {
        name: value for name, value in usual.items() if getattr(cell, name) is None and value is not None
    }
    words = {
        "min_v": "lower voltage {} V", "max_v": "upper voltage {} V",
        "charge_rate": "charge {}C", "discharge_rate": "discharge {}C",
        "charge_min_c": "charge from {} degC", "charge_max_c": "charge to {} degC",
        "discharge_min_c": "discharge from {} degC", "discharge_max_c": "discharge to {} degC",
    }  # fmt: skip
    return replace(cell, **blank), tuple(words[name].format(f"{value:g}") for name, value in blank.items())


@cache
def _chemistry(family: str) -> dict[str, Any]:
    rows = facts.table("chemistries").filter(chem_id=CHEMISTRY.get(family, "")).to_dicts()
    return rows[0] if rows else {}
