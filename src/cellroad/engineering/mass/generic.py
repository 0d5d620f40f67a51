"""A cell where none is named: of a chemistry, a format and a capacity, as the known cells like it are.

Everything such a cell has is an assumption, and its confidence says so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np

from cellroad.chain import facts
from cellroad.chain.tell import FIRST_ROW
from cellroad.engineering.catalogue import cells, refusals
from cellroad.engineering.cell import Cell, family_of
from cellroad.engineering.cell_check import BANDS
from cellroad.engineering.family import named

LIKE = {"NMC": ("NMC", "NCA"), "NCA": ("NCA", "NMC"), "LMO": ("NMC",)}
"""Families whose cells are like each other in mass and size; by itself where it is not here."""
NEAREST = 3
"""How many cells of the nearest capacity tell what one weighs, beside the middle of its chemistry's band."""
CAPACITY_AH = {"cylindrical": 5.0, "prismatic": 100.0, "pouch": 60.0}
"""Capacity where none is told (assumption)."""
ROUND = {"18650": 3.0, "21700": 5.0, "2170": 5.0, "26650": 3.6, "32140": 15.0, "33140": 15.0, "4680": 23.5}
"""Usual capacity in Ah by the size of a round cell, where none is told (assumption)."""
DENSITY = 2.2
"""Mass by volume where no cell like it tells, in kg/L (assumption)."""


def find_cell(words: str, chemistry: str = "") -> Cell | None:
    """Return the cell of the catalogue that words mean, such as "Samsung SDI 94Ah" or "EVE LF280K"; None: none of it.

    Its maker must be named and either its capacity or a part of its model that has a digit; without its maker, a part
    of four characters or more with letters and digits. A chemistry that is told must be of its family.
    """
    told = words.casefold()
    parts = set(re.findall(r"[a-z0-9][a-z0-9.\-]*", told))
    capacity = _capacity(told)
    best: tuple[float, Cell] | None = None
    for cell in cells():
        if chemistry and cell.family not in LIKE.get(family_of(chemistry), (family_of(chemistry),)):
            continue
        model = cell.model.casefold()
        maker = cell.maker.casefold().split()[0] in parts
        code = max((len(part) for part in parts if len(part) >= 3 and re.search(r"\d", part) and part in model
                    and not part.endswith("ah")), default=0)  # fmt: skip
        lettered = any(len(p) >= 4 and re.search(r"\d", p) and re.search(r"[a-z]", p) and p in model
                       and not p.endswith("ah") for p in parts)  # fmt: skip
        named = any(len(part) >= 4 and part.isalpha() and part in model for part in parts)
        same = capacity is not None and abs(cell.capacity_ah / capacity - 1) < 0.01
        if (maker and (code or same)) or lettered or (named and same):
            score = code + 3.0 * maker + 2.0 * same + 1.0 * named
            if best is None or score > best[0]:
                best = (score, cell)
    return None if best is None else best[1]


def generic_cell(
    chemistry: str, format: str, capacity_ah: float | None = None, words: str = "", nominal_v: float | None = None
) -> Cell:
    """Return an assumed cell: its energy by mass and by volume are the medians of the known cells nearest in capacity.

    Those are of the same family (nickel-rich ones together) and format; of the maker that `words` name, where the
    catalogue has such cells of it. Unusual rows of the catalogue do not count. Without any, the middle of the
    chemistry's band in the facts is taken.
    """
    family = family_of(chemistry)
    size = next((size for size in ROUND if size in words), None)
    if capacity_ah is None:
        capacity_ah = _capacity(words.casefold()) or (ROUND[size] if size else CAPACITY_AH[format])
    like = [cell for cell in _usual() if cell.family in LIKE.get(family, (family,)) and cell.format == format]
    voltage = nominal_v or _nominal(family)
    energy = capacity_ah * voltage
    like = sorted(like, key=lambda cell: abs(np.log(cell.capacity_ah / capacity_ah)))
    near = like[:NEAREST]
    by_kg = float(np.median([*(cell.energy_wh / (cell.mass_kg or np.nan) for cell in near), _middle(family)]))
    of_maker = [cell for cell in like if cell.maker.casefold().split()[0] in words.casefold().split()][:1]
    if of_maker:
        by_kg = (by_kg + of_maker[0].energy_wh / (of_maker[0].mass_kg or np.nan)) / 2
        near = [*of_maker, *(cell for cell in near if cell not in of_maker)]
    densities = [(cell.mass_kg or np.nan) / volume for cell in near if (volume := cell.volume_l) is not None]
    density = float(np.median(densities)) if densities else DENSITY
    mass = energy / by_kg
    bodies = [cell for cell in near if cell.volume_l is not None]
    length, width, height = _body(format, mass / density, bodies[0] if bodies else None)
    low, high = named(family).min_v, named(family).max_v
    return Cell(
        cell_id="generic", maker="generic", model=f"{chemistry} {format} {capacity_ah:.3g} Ah", chemistry=chemistry,
        format=format, capacity_ah=capacity_ah, nominal_v=voltage, min_v=low, max_v=high, mass_kg=mass,
        length_mm=length, width_mm=width, height_mm=height, confidence="unverified",
        notes=f"assumed: {by_kg:.0f} Wh/kg as " + (", ".join(c.cell_id for c in near) or "the band of its chemistry"),
    )  # fmt: skip


@cache
def filled(cell: Cell) -> tuple[Cell, tuple[str, ...]]:
    """Return a cell whose mass and size are known, and what of it had to be assumed, in words."""
    missing = []
    model = generic_cell(cell.chemistry, cell.format, cell.capacity_ah, cell.name, cell.nominal_v)
    mass = cell.mass_kg
    if mass is None:
        mass = model.mass_kg
        missing.append(f"mass of {cell.name}: {1000 * (mass or 0):.0f} g, as known cells like it")
    if cell.volume_l is None:
        volume = model.volume_l or (mass or 0) / DENSITY
        scale = ((mass or 0) / (model.mass_kg or 1)) ** (1 / 3)
        length, width, height = (None if side is None else side * scale
                                 for side in (model.length_mm, model.width_mm, model.height_mm))  # fmt: skip
        missing.append(f"size of {cell.name}: {volume:.2g} L, as known cells like it")
        return replace(cell, mass_kg=mass, length_mm=length, width_mm=width, height_mm=height), tuple(missing)
    return replace(cell, mass_kg=mass), tuple(missing)


@cache
def _usual() -> tuple[Cell, ...]:
    """Return the cells of the catalogue with a mass that nothing is said against, not even that they are unusual."""
    odd = {finding.row for finding in refusals()}
    ids = facts.cells()["cell_id"]
    strange = {ids[row - FIRST_ROW] for row in odd if row is not None}
    return tuple(cell for cell in cells() if cell.mass_kg is not None and cell.cell_id not in strange
                 and cell.confidence != "unverified")  # fmt: skip


def _capacity(words: str) -> float | None:
    found = re.search(r"(\d+(?:\.\d+)?)\s*ah\b", words)
    return float(found.group(1)) if found else None


def _of_family(family: str) -> dict[str, float]:
    known = facts.chemistries()
    ids = BANDS.get(family, ("nmc622",))
    return {name: float(known.filter(known["chem_id"].is_in(ids))[name].to_list()[0])
            for name in ("v_nom", "cell_whkg_low", "cell_whkg_high")}  # fmt: skip


def _nominal(family: str) -> float:
    return _of_family(family)["v_nom"]


def _middle(family: str) -> float:
    of = _of_family(family)
    return (of["cell_whkg_low"] + of["cell_whkg_high"]) / 2


def _body(format: str, litres: float, like: Cell | None) -> tuple[float, float | None, float]:
    """Return the sides of a body of a volume, of the shape of another cell; a usual shape where there is none."""
    shapes = {"cylindrical": (21.2, None, 70.2), "prismatic": (36.0, 148.0, 110.0), "pouch": (10.0, 300.0, 100.0)}
    length, width, height = shapes[format]
    if like is not None and like.length_mm is not None and like.height_mm is not None:
        length, width, height = like.length_mm, like.width_mm, like.height_mm
    area = np.pi / 4 * length**2 if format == "cylindrical" else length * (width or 0.0)
    scale = float((litres * 1e6 / (area * height)) ** (1 / 3))
    return length * scale, None if width is None else width * scale, height * scale
