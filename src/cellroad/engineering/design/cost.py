"""What a pack costs to make, from its parts up: low, likely and high.

    pack = (cells + parts + labour + capital + buildings) (1 + overhead) / yield (1 + warranty)

Cells go by their price and the cells lost on the way. A part costs a sum per pack, per group in series, per cell, per
A and per kg; what is bought gets cheaper with volume, c = c0 (N / N0)^(e - 1). Labour, capital and floor space of
module and pack assembly follow the power laws of the BatPaC plant (facts BF01, BF02: baseline times (N / N0) to the
exponent), so that a small plant needs more of each by the pack. Low and high take every part at its low or high end
together: wider than what is likely, never narrower than what is known.

Sources: BatPaC v5 plant as read in the facts; warranty share as told there. What a part costs is our assumption for
packs of 3 to 30 kWh, held against published pack prices (PR013, PR015, PR016) and BatPaC (BR01) by tests. It is cost,
without the profit of the maker.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain import facts

Numbers = NDArray[np.float64]
ENDS = ("low", "likely", "high")
End = int
"""Which end of an interval: 0 low, 1 likely, 2 high."""
Three = tuple[float, float, float]


@dataclass(frozen=True)
class Part:
    """What one kind of part costs in USD, at `PARTS_VOLUME` packs a year; each rate is low, likely and high."""

    part: str
    name: str
    per_pack: Three = (0.0, 0.0, 0.0)
    per_series: Three = (0.0, 0.0, 0.0)
    per_cell: Three = (0.0, 0.0, 0.0)
    per_a: Three = (0.0, 0.0, 0.0)
    per_kg: Three = (0.0, 0.0, 0.0)
    per_kw: Three = (0.0, 0.0, 0.0)


PARTS_VOLUME = 20_000.0
"""Packs a year at which parts cost what `PARTS` says (assumption)."""
PARTS_EXPONENT = 0.92
"""Exponent of what is bought in volume: twice as many packs, 5 % less by the part (assumption)."""
PARTS = (
    Part("bms", "Battery management", per_pack=(18, 32, 60), per_series=(0.7, 1.3, 2.5)),
    Part("switchgear", "Contactor, fuse, shunt, connectors", per_pack=(14, 24, 45), per_a=(0.05, 0.12, 0.25)),
    Part("busbars", "Busbars and joints", per_cell=(0.05, 0.12, 0.3), per_kg=(10, 14, 20)),
    Part("harness", "Harness and sensors", per_pack=(4, 7, 12), per_series=(0.25, 0.45, 0.9)),
    Part("fixing", "Spacers, holders, end plates", per_kg=(3.5, 5.5, 9)),
    Part("enclosure", "Enclosure with seals and vents", per_pack=(8, 14, 28), per_kg=(3, 4.5, 8)),
    Part("cooling", "Cooling", per_kg=(8, 12, 20)),
    Part("inverter", "Inverter", per_kw=(35, 60, 110)),
)  # fmt: skip
"""What parts cost (assumption of ours, none of them a quotation)."""
HIGH_VOLTAGE_V = 60.0
"""Above it a pack has a second contactor, precharge and watching of insulation (extra-low voltage ends there)."""
HIGH_VOLTAGE = Part("switchgear", "High-voltage set", per_pack=(22, 38, 70))

WAGE: Three = (22.0, 32.0, 45.0)
"""USD an hour with all charges, assembly in the US (assumption)."""
EQUIPMENT_YEARS: Three = (8.0, 6.0, 5.0)
"""Over which equipment is written off (assumption; BatPaC writes it off over six)."""
BUILDING_USD_PER_M2: Three = (2000.0, 3000.0, 4000.0)
"""Building with services (assumption)."""
BUILDING_YEARS = 20.0
CELLS_LOST: Three = (0.003, 0.006, 0.02)
"""Part of the cells that is turned down at incoming test or lost (assumption)."""
YIELD: Three = (0.999, 0.995, 0.985)
"""Good packs by pack begun, after rework (assumption)."""
OVERHEAD: Three = (0.02, 0.05, 0.1)
"""Development, sales and administration, on top of everything made (assumption)."""
WARRANTY: Three = (0.03, 0.056, 0.08)
"""Put aside for warranty; likely: 5.6 %, as BatPaC v5 has it, the ends are ours."""
GROUPS_PER_MODULE = 16
"""Groups in series that are built as one module (assumption: what one chip of the management watches)."""

COMPONENTS = ("cells", *(part.part for part in PARTS), "labour", "capital", "overhead", "scrap", "warranty")
NAMES = {
    "cells": "Cells", **{part.part: part.name for part in PARTS}, "labour": "Assembly labour",
    "capital": "Equipment and building", "overhead": "Overhead", "scrap": "Packs scrapped", "warranty": "Warranty",
}  # fmt: skip


@dataclass(frozen=True)
class Built:
    """What cost needs to know of packs, as arrays of one length.

    `parts_kg` has the mass of what is bought by the kg, by part: busbars, fixing, enclosure, cooling; `inverter_kw` the
    power of an inverter in each.
    """

    series: Numbers
    parallel: Numbers
    energy_kwh: Numbers
    max_v: Numbers
    current_a: Numbers
    parts_kg: dict[str, Numbers]
    inverter_kw: float = 0.0


def cost(built: Built, cell_usd_per_kwh: Numbers, packs_per_year: float) -> dict[str, Numbers]:
    """Return what packs cost in USD, component by component: arrays of (3, packs), low, likely and high.

    `cell_usd_per_kwh` has the shape (3, packs).
    """
    told: dict[str, Numbers] = {"cells": cell_usd_per_kwh * built.energy_kwh * (1 + _ends(CELLS_LOST))}
    cheaper = (packs_per_year / PARTS_VOLUME) ** (PARTS_EXPONENT - 1)
    for part in PARTS:
        told[part.part] = _bought(part, built) * cheaper
    told["switchgear"] = told["switchgear"] + _bought(HIGH_VOLTAGE, built) * cheaper * (built.max_v > HIGH_VOLTAGE_V)
    told["labour"] = labour_hours(built.series, packs_per_year) * _ends(WAGE)
    told["capital"] = capital_usd(built.series, packs_per_year)
    made = sum(told.values(), start=np.zeros((3, 1)))
    told["overhead"] = made * _ends(OVERHEAD)
    told["scrap"] = (made + told["overhead"]) * (1 / _ends(YIELD) - 1)
    told["warranty"] = (made + told["overhead"] + told["scrap"]) * _ends(WARRANTY)
    return told


def total(told: dict[str, Numbers]) -> Numbers:
    """Return the sum over components: (3, packs)."""
    return np.asarray(sum(told.values(), start=np.zeros((3, 1))))


def labour_hours(series: Numbers, packs_per_year: float) -> Numbers:
    """Return hours of assembly by the pack, modules and pack: baseline (N / N0)^0.70 over N (facts BF01, BF02)."""
    return np.asarray(_plant("labour", series, packs_per_year))


def capital_usd(series: Numbers, packs_per_year: float) -> Numbers:
    """Return equipment and building by the pack and year written off, (3, packs): baseline (N / N0)^0.95 over N."""
    equipment = _plant("capital", series, packs_per_year) * 1e6 / _ends(EQUIPMENT_YEARS)
    area = _plant("area", series, packs_per_year) * _ends(BUILDING_USD_PER_M2) / BUILDING_YEARS
    return np.asarray(equipment + area)


def _plant(what: str, series: Numbers, packs_per_year: float) -> Numbers:
    """Return what module and pack assembly need by the pack, by the power laws of the plant."""
    column = {"labour": "baseline_labour_h_per_y", "capital": "baseline_capital_musd", "area": "baseline_area_m2"}[what]
    modules = np.ceil(series / GROUPS_PER_MODULE)
    needed = np.zeros(len(series))
    for step, per_pack in (("BF01", modules), ("BF02", np.ones(len(series)))):
        row = facts.table("batpac_factory_baseline").row(by_predicate=pl.col("step_id") == step, named=True)
        scaled = (packs_per_year * per_pack / row["baseline_volume"]) ** row[f"exp_{what}"]
        needed = needed + row[column] * scaled / packs_per_year
    return needed


def _bought(part: Part, built: Built) -> Numbers:
    kg = built.parts_kg.get(part.part, np.zeros(len(built.series)))
    cells = built.series * built.parallel
    return np.asarray(
        _ends(part.per_pack) + _ends(part.per_series) * built.series + _ends(part.per_cell) * cells
        + _ends(part.per_a) * built.current_a + _ends(part.per_kg) * kg
        + _ends(part.per_kw) * built.inverter_kw
    )  # fmt: skip


def _ends(three: Three) -> Numbers:
    return np.asarray(three, dtype=np.float64)[:, None]


def assumptions() -> list[str]:
    """Return in words what this cost assumes."""
    return [
        "what parts, wages, buildings and overheads cost is our assumption for packs of 3 to 30 kWh, no quotation",
        f"parts are priced for {PARTS_VOLUME:,.0f} packs a year and get cheaper with volume to the power "
        f"{PARTS_EXPONENT - 1:.2f}",
        "labour and equipment follow the power laws of the BatPaC plant (BF01, BF02), drawn out to smaller plants",
        f"warranty takes {WARRANTY[1]:.1%} of cost; profit of the maker is not in it",
    ]
