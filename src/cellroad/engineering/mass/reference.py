"""The reference designs of BatPaC, the field's model of vehicle packs, held against the sums of components.

The designs are packs for one car: 288 pouches in 96 groups of three (432 in 108 of four for the larger car), 100 mm
high and 530 mm long as the cell of that car, with cooling panels on both faces of the modules. Their cells weigh what
the reference says; where it does not, what cells of the same chemistry weigh in it by energy. Rows of real packs of
that table have one panel.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from cellroad.chain import facts
from cellroad.engineering.cell import Cell
from cellroad.engineering.layout import Layout
from cellroad.engineering.mass.generic import generic_cell
from cellroad.engineering.mass.masses import Masses, masses

STRINGS = {288: (96, 3), 432: (108, 4)}
"""Cells in series and in parallel by how many there are."""
FACE_MM = (530.0, 100.0)
"""Length and height of the pouches of the car that the designs are for."""
KG_PER_L = 2.3
"""Mass by volume of a pouch (assumption: that of the car has 2.38)."""
USABLE = 0.94
"""Usable over whole energy, as in the design that tells both."""

COMPONENTS = {
    "cells": (("cells (288)",), ("cells",)),
    "modules": (
        ("module containers", "module row racks", "module thermal conductor", "module electronics",
         "module terminals/panels/pads/tabs/interconnects"), ("module hardware",),
    ),
    "conductors": (("cell group interconnects",), ("busbars",)),
    "cooling": (("cooling panels", "coolant", "cooling mains and connectors"), ("cooling",)),
    "enclosure": (("battery jacket (Al 27.99 + Fe 46.93 + insulation 1.47)",), ("enclosure", "fixed parts")),
    "management and switches": (
        ("battery management system", "pack terminals and heater"),
        ("battery management", "switches and fuse", "harness"),
    ),
}  # fmt: skip
"""Components of BatPaC and of the sums that stand for the same."""


def reference() -> pl.DataFrame:
    """Return each design: `case_id`, `case`, `chemistry`, `mass_kg` of BatPaC, `mass_model_kg` and `mass_error`."""
    rows = []
    for row in facts.batpac("reference").iter_rows(named=True):
        kg = designed(row).kg
        rows.append(
            (row["case_id"], row["case"], row["chemistry"], row["pack_mass_kg"], kg, kg / row["pack_mass_kg"] - 1)
        )
    names = ("case_id", "case", "chemistry", "mass_kg", "mass_model_kg", "mass_error")
    return pl.DataFrame(rows, schema=names, orient="row")


def shares() -> pl.DataFrame:
    """Return the shares of mass in the reference pack: `component`, `share` of BatPaC, `share_model` and `points`."""
    masses_of = dict(facts.batpac("component_masses").select("component", "mass_kg").iter_rows())
    whole = masses_of["pack total"]
    found = designed(facts.batpac("reference").row(0, named=True))
    rows = []
    for name, (theirs, ours) in COMPONENTS.items():
        share, model = sum(masses_of[one] for one in theirs) / whole, sum(found.of(one) for one in ours) / found.kg
        rows.append((name, share, model, 100 * (model - share)))
    return pl.DataFrame(rows, schema=("component", "share", "share_model", "points"), orient="row")


def designed(row: dict[str, Any]) -> Masses:
    """Return the sum of components for a row of the table of reference designs."""
    series, parallel = STRINGS[row["n_cells"]]
    whole = row["pack_kWh_total"] or row["usable_kWh"] / USABLE
    nominal = generic_cell(row["chemistry"], "pouch", 60.0).nominal_v
    capacity = 1000 * whole / row["n_cells"] / nominal
    kg = row["cell_mass_kg"] or 1000 * whole / row["n_cells"] / _wh_per_kg(row["chemistry"])
    real = row["case"].startswith("REAL")
    return masses(
        Layout(_pouch(row["chemistry"], capacity, kg), series, parallel), use="ev",
        cooling="liquid" if real else "liquid-both", construction="CT01",
    )  # fmt: skip


def _pouch(chemistry: str, capacity: float, kg: float) -> Cell:
    length, height = FACE_MM
    thick = kg / KG_PER_L * 1e6 / (length * height)
    return replace(
        generic_cell(chemistry, "pouch", capacity), mass_kg=kg, length_mm=thick, width_mm=length, height_mm=height
    )


def _wh_per_kg(chemistry: str) -> float:
    """Return the energy by mass of the cells of a chemistry in the reference designs."""
    known = facts.batpac("reference").filter(
        (pl.col("chemistry") == chemistry)
        & pl.col("pack_kWh_total").is_not_null()
        & pl.col("cell_mass_kg").is_not_null()
    )
    if known.is_empty():
        cell = generic_cell(chemistry, "pouch", 60.0)
        return cell.energy_wh / (cell.mass_kg or 1.0)
    row = known.row(0, named=True)
    return float(1000 * row["pack_kWh_total"] / row["n_cells"] / row["cell_mass_kg"])
