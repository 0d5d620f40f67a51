"""Packs that were built, held against what their cells, their use and their cooling let expect.

A row tells what is known of a pack, in the columns of the fact table `packs`; any of them may be blank or absent. Its
measured mass, size and energy by mass are never read to predict it: they are only what the prediction is held against.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cellroad.chain import facts
from cellroad.engineering.cell import Cell, family_of
from cellroad.engineering.layout import Layout
from cellroad.engineering.mass.construction import DRAWER_KWH, LOW_V
from cellroad.engineering.mass.generic import ROUND, find_cell, generic_cell
from cellroad.engineering.mass.masses import Masses, masses

USES = {
    "golf-cart": ("golf", "golf cart", "cart"),
    "utv": ("powersports", "utv", "atv", "motorcycle", "e-moto", "off-road", "snowmobile"),
    "light-ev": ("e-bike", "ebike", "bicycle", "scooter", "light-ev", "lev"),
    "portable": ("portable", "power station"),
    "industrial": ("industrial", "forklift", "marine", "agv"),
    "c-and-i": ("c&i", "c-and-i", "commercial", "utility", "grid", "container"),
    "storage-residential": ("residential", "home", "storage", "storage-residential"),
    "ev": ("ev", "bev", "phev", "car", "bus", "truck", "van", "vehicle"),
}
"""Words of a segment by the use that they mean."""
COOLINGS = {
    "refrigerant": ("refrigerant",), "liquid": ("liquid", "water", "glycol", "plate", "ribbon"),
    "passive": ("passive",), "air": ("fan", "air", "forced"),
}  # fmt: skip
"""Words of a cooling by what they mean."""
INVERTER_RATE = 0.4
"""Power of an inverter by the energy beside it, in 1/h, where it is not told (assumption)."""

LEAD_V = 30.0
"""Nominal voltage up to which a small pack takes the place of a lead battery (assumption)."""
USABLE = 0.95
"""Usable over nominal energy, where only the usable one is told (assumption)."""
SMALL_KWH = 16.0
"""Energy below which a pack of which no voltage is told is one of 48 V (assumption)."""


@dataclass(frozen=True)
class Reading:
    """What a row was read as: its cells, its use, how it is built and cooled, and what was assumed for that."""

    layout: Layout
    use: str
    cooling: str
    construction: str | None
    inverter_kw: float
    found: bool
    assumed: tuple[str, ...]


def known(packs: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return a row per pack with what is predicted of it and how far that lies from what it has.

    `packs` has any of the columns of the fact table `packs` (None: that table). Columns returned: `name`, `use`,
    `construction`, `cooling`, `cell` and whether it is in the catalogue (`found`), `S`, `P`, `n_cells`; `mass_kg`,
    `energy_kWh` and `nominal_V` as the row tells them, beside `mass_model_kg`, `energy_model_kWh`, `nominal_model_V`
    and `mass_error`, `energy_error`, `nominal_error` as shares (null where the row tells none, or where the prediction
    was made from it); `mass_off`: the error against the nearest end of the band where sources dispute the mass;
    `bbox_L` and `bbox_model_L`, the boxes around them; `cells_model_kg`, `min_model_V`, `max_model_V`, `remark` and
    `assumed`.
    """
    table = facts.packs() if packs is None else packs
    rows = [_held(row) for row in table.iter_rows(named=True)]
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col(pl.Null).cast(pl.Float64))


def predicted(row: Mapping[str, Any]) -> Masses:
    """Return the components of the pack of a row."""
    return _masses(read(row))


def _masses(reading: Reading) -> Masses:
    found = masses(
        reading.layout, use=reading.use, cooling=reading.cooling, construction=reading.construction,
        inverter_kw=reading.inverter_kw,
    )  # fmt: skip
    return replace(found, assumed=(*reading.assumed, *found.assumed))


def _held(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of `known`."""
    reading = read(row)
    found = _masses(reading)
    layout = found.layout
    energy, voltage, mass = _number(row, "energy_kWh"), _number(row, "nominal_V"), _number(row, "mass_kg")
    used = " ".join(reading.assumed)
    low, high = _number(row, "mass_low_kg") or mass, _number(row, "mass_high_kg") or mass
    off = None
    if low is not None and high is not None:
        off = min(found.kg / low - 1, 0.0) + max(found.kg / high - 1, 0.0)
    return {
        "pack_id": text_of(row, "pack_id"),
        "name": text_of(row, "name"),
        "use": reading.use,
        "construction": found.construction.name,
        "cooling": found.cooling,
        "cell": layout.cell.name,
        "found": reading.found,
        "S": layout.series,
        "P": layout.parallel,
        "n_cells": layout.cells,
        "mass_kg": mass,
        "mass_model_kg": found.kg,
        "mass_error": None if mass is None else found.kg / mass - 1,
        "mass_off": off,
        "cells_model_kg": found.of("cells"),
        "bbox_L": _number(row, "bbox_L"),
        "bbox_model_L": found.litres,
        "energy_kWh": energy,
        "energy_model_kWh": layout.energy_kwh,
        "energy_error": None if energy is None or "by energy" in used else layout.energy_kwh / energy - 1,
        "nominal_V": voltage,
        "nominal_model_V": layout.nominal_v,
        "nominal_error": None if voltage is None or "by voltage" in used else layout.nominal_v / voltage - 1,
        "min_model_V": None if layout.cell.min_v is None else layout.series * layout.cell.min_v,
        "max_model_V": None if layout.cell.max_v is None else layout.series * layout.cell.max_v,
        "remark": text_of(row, "remark"),
        "assumed": "; ".join(found.assumed),
    }


def read(row: Mapping[str, Any]) -> Reading:
    """Return what the row of a pack is read as.

    The cell is that of the catalogue which `cell` means, else an assumed one of the chemistry, with the format and the
    capacity that its words and the other columns tell. Cells in series come from `S`, else from the voltage; in
    parallel from `P`, the number of cells, the capacity or the energy, in this order.
    """
    use, cooling = _use(row), _cooling(row)
    cell, told = _cell(row, use)
    found = cell.cell_id != "generic"
    series, parallel, more = _layout(row, cell)
    layout = Layout(cell, series, parallel)
    construction, inverter = _built(row, use, layout)
    return Reading(layout, use, cooling, construction, inverter, found, (*told, *more))


def _cell(row: Mapping[str, Any], use: str) -> tuple[Cell, tuple[str, ...]]:
    """Return the cell of a row, and what was assumed about it."""
    words, chemistry = text_of(row, "cell"), text_of(row, "chemistry") or "LFP"
    cell = find_cell(words, chemistry)
    if cell is not None:
        return cell, ()
    format = _format(words, family_of(chemistry), use)
    capacity, why = _capacity(row, words, chemistry, format)
    generic = generic_cell(chemistry, format, capacity, words)
    return generic, (f"cell: {generic.model}, {generic.notes.removeprefix('assumed: ')}{why}",)


def _format(words: str, family: str, use: str) -> str:
    """Return the format that words tell; else round where cells are small or rich in nickel, else prismatic."""
    told = words.casefold()
    for format in ("pouch", "prismatic", "cylindrical"):
        if format in told:
            return format
    if any(size in told for size in ROUND):
        return "cylindrical"
    if family in ("LFP", "LMFP", "LTO", "Na-ion"):
        return "prismatic"
    if use == "ev" and family != "NCA" and any(maker in told for maker in ("lg", "sk", "aesc", "farasis", "envision")):
        return "pouch"
    return "cylindrical" if family == "NCA" or use in ("portable", "light-ev", "utv") else "prismatic"


def _capacity(row: Mapping[str, Any], words: str, chemistry: str, format: str) -> tuple[float | None, str]:
    """Return the capacity of one cell in Ah where a row tells it, and how it was told if not by the cell's name."""
    named = re.search(r"(\d+(?:\.\d+)?)\s*ah\b", words.casefold())
    if named:
        return float(named.group(1)), ""
    series, parallel = _number(row, "S"), _number(row, "P")
    cells, capacity, energy = _number(row, "n_cells"), _number(row, "capacity_Ah"), _energy(row)
    if parallel is None and cells and series:
        parallel = cells / series
    if capacity and (parallel or format != "cylindrical"):
        return capacity / (parallel or 1), "; capacity of the pack"
    each = generic_cell(chemistry, format).nominal_v
    if energy and cells:
        return 1000 * energy / cells / each, "; cell by energy"
    # Large cells are not set in parallel without need: one string, whose capacity is what the energy asks for.
    voltage = series * each if series else _number(row, "nominal_V") or _usual_v(energy)
    if energy and format != "cylindrical":
        return 1000 * energy / voltage, "; capacity by energy"
    return None, ""


def _usual_v(energy_kwh: float | None) -> float:
    """Return the nominal voltage where nothing tells it: the usual low one for small packs, that of cars for large."""
    return 48.0 if (energy_kwh or 0.0) < SMALL_KWH else 350.0


def _layout(row: Mapping[str, Any], cell: Cell) -> tuple[int, int, tuple[str, ...]]:
    """Return cells in series and in parallel, and what was assumed for them."""
    series, parallel, cells = _number(row, "S"), _number(row, "P"), _number(row, "n_cells")
    voltage, capacity, energy = _number(row, "nominal_V"), _number(row, "capacity_Ah"), _energy(row)
    assumed: list[str] = []
    if not series and parallel and cells:
        series = cells / parallel
    if not series and voltage:
        series = voltage / cell.nominal_v
        assumed.append(f"{max(1, round(series))} in series by voltage")
    if series is None:
        usual = _usual_v(energy)
        series = usual / cell.nominal_v
        assumed.append(f"{max(1, round(series))} in series, as {usual:g} V is usual")
    whole = max(1, round(series or 1.0))
    if not parallel and cells:
        parallel = cells / whole
    if not parallel and capacity:
        parallel = capacity / cell.capacity_ah
    if not parallel and energy:
        parallel = 1000 * energy / cell.energy_wh / whole
        assumed.append(f"{max(1, round(parallel))} in parallel by energy")
    return whole, max(1, round(parallel or 1)), tuple(assumed)


def _built(row: Mapping[str, Any], use: str, layout: Layout) -> tuple[str | None, float]:
    """Return the construction and the power of an inverter that the boundary of the mass tells."""
    boundary = f"{text_of(row, 'mass_boundary')}".casefold()
    words = f"{boundary} {text_of(row, 'name')}".casefold()
    inverter = 0.0
    if re.search(r"(incl|with)[^,;]*inverter|hybrid|all-in-one", boundary) and "no inverter" not in boundary:
        inverter = _number(row, "cont_dis_kW") or round(INVERTER_RATE * layout.energy_kwh, 1)
    if use == "ev" and re.search(r"cell[- ]to[- ]pack|\bctp\b|blade", f"{words} {text_of(row, 'cell')}".casefold()):
        return "CT02", inverter
    if use in ("industrial", "golf-cart", "storage-residential") and layout.nominal_v <= LEAD_V:
        return "CT15", inverter
    if use == "c-and-i":
        whole = re.search(r"cabinet|rack|system|container", boundary) or not re.search(r"pack|module|drawer", boundary)
        return "CT11" if whole else "CT14", inverter
    if use != "storage-residential":
        return None, inverter
    if "module in stack" in words or re.search(r"^\s*module\b|one module|single module", boundary):
        return "CT04", inverter
    if re.search(r"stack|modules|\bbase\b|tower", boundary):
        return "CT12", inverter
    if inverter or layout.nominal_v > LOW_V or layout.energy_kwh > DRAWER_KWH:
        return "CT05", inverter
    return "CT03", inverter


def _use(row: Mapping[str, Any]) -> str:
    told = text_of(row, "segment").casefold()
    for use, words in USES.items():
        if any(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", told) for word in words):
            return use
    return "ev" if (_energy(row) or 0.0) > SMALL_KWH else "storage-residential"


def _cooling(row: Mapping[str, Any]) -> str:
    told = text_of(row, "cooling").casefold()
    return next((name for name, words in COOLINGS.items() if any(word in told for word in words)), "passive")


def _number(row: Mapping[str, Any], name: str) -> float | None:
    value = row.get(name)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return None if value is None or isinstance(value, bool) or value != value or value <= 0 else float(value)


def _energy(row: Mapping[str, Any]) -> float | None:
    """Return the nominal energy in kWh; where only the usable one is told, what it is usually a part of."""
    usable = _number(row, "usable_kWh")
    return _number(row, "energy_kWh") or (usable / USABLE if usable else None)


def text_of(row: Mapping[str, Any], name: str) -> str:
    """Return what a row says in a column; nothing where it has none."""
    value = row.get(name)
    return "" if value is None else str(value)
