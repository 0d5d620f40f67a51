"""What a data sheet leaves open and a design needs: taken from the family of the cell, and told as assumed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from cellroad.engineering.cell import Cell
from cellroad.engineering.family import defaults

WORDS = {
    "min_v": "lower voltage {} V", "max_v": "upper voltage {} V", "charge_rate": "charge {}C",
    "discharge_rate": "discharge {}C", "charge_min_c": "charge from {} degC", "charge_max_c": "charge to {} degC",
    "discharge_min_c": "discharge from {} degC", "discharge_max_c": "discharge to {} degC",
}  # fmt: skip


@cache
def filled(cell: Cell) -> tuple[Cell, tuple[str, ...]]:
    """Return a cell with limits of voltage, current and temperature where its sheet has none, and these in words."""
    family = defaults(cell)
    usual = {
        "min_v": family.min_v, "max_v": family.max_v, "charge_rate": family.charge_rate,
        "discharge_rate": family.discharge_rate, "charge_min_c": family.charge_c[0],
        "charge_max_c": family.charge_c[1], "discharge_min_c": family.discharge_c[0],
        "discharge_max_c": family.discharge_c[1],
    }  # fmt: skip
    blank: dict[str, Any] = {name: value for name, value in usual.items() if getattr(cell, name) is None}
    return replace(cell, **blank), tuple(WORDS[name].format(f"{value:g}") for name, value in blank.items())
