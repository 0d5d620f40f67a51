"""How packs of a kind are built: the rows of the table `constructions`, and which of them a specification means."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from cellroad.chain import facts

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")
Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

LOW_V = 60.0
"""Nominal voltage up to which a pack is low voltage: switched by transistors, sold as drawers (SELV, IEC 61140)."""
DRAWER_KWH = 6.0
"""Energy that a drawer of a rack holds at most (assumption: two people carry it)."""
BEAM_MM = 600.0
"""Length from which a can spans the floor of a vehicle and needs no module (assumption: blade cells have 960 mm)."""


@dataclass(frozen=True)
class Construction:
    """A row of the fact table `constructions`, in its units."""

    construction_id: str
    name: str
    uses: str
    shape: str
    fill: float
    gap_mm: float
    max_height_mm: float
    max_ratio: float
    shell_kg_m2: float
    module_kwh: float
    potting: float
    rate: float
    fixed_kg: float
    fixed_names: str
    confidence: str


@dataclass(frozen=True)
class Built:
    """The constructions of some layouts: an array of each figure, with the length of the layouts."""

    ids: NDArray[np.str_]
    flat: Truths
    stack: Truths
    fill: Floats
    gap_mm: Floats
    max_height_mm: Floats
    max_ratio: Floats
    shell_kg_m2: Floats
    module_kwh: Floats
    potting: Floats
    rate: Floats
    fixed_kg: Floats


def taken(record: Record, which: slice) -> Record:
    """Return a part of a record of arrays: of each the places `which` along its last axis."""
    return replace(record, **{field.name: getattr(record, field.name)[..., which] for field in fields(record)})


@cache
def constructions() -> dict[str, Construction]:
    """Return every construction by its id."""
    rows = facts.table("constructions").rename({"module_kWh": "module_kwh", "rate_C": "rate"})
    names = list(Construction.__dataclass_fields__)
    return {row["construction_id"]: Construction(**{name: row[name] for name in names})
            for row in rows.iter_rows(named=True)}  # fmt: skip


def built(ids: NDArray[np.str_]) -> Built:
    """Return the figures of constructions by their ids. Raises KeyError for an id that no construction has."""
    known = constructions()
    names, place = np.unique(ids, return_inverse=True)
    rows = [known[str(name)] for name in names]

    def of(name: str) -> Floats:
        return np.array([getattr(row, name) for row in rows], dtype=np.float64)[place]

    shape = np.array([row.shape for row in rows])[place]
    figures = [name for name in Built.__dataclass_fields__ if name not in ("ids", "flat", "stack")]
    return Built(ids, shape == "flat", shape == "stack", **{name: of(name) for name in figures})


def usual(use: str, nominal_v: Floats, energy_kwh: Floats, pouch: Truths, beam_mm: Floats) -> NDArray[np.str_]:
    """Return the ids of the constructions that a use has, by voltage in V, energy in kWh and cells.

    Storage at home is a drawer of a rack at low voltage, a stack of modules above it, a unit for the wall where it is
    one low-voltage box of more than a drawer. A vehicle has modules of pouches (`pouch`) or of cans, and none where its
    cans are beams (`beam_mm`: their length). Raises KeyError for a use that no construction is built for.
    """
    fitting = [one.construction_id for one in constructions().values() if use in one.uses.split(";")]
    if not fitting:
        raise KeyError(f"no construction for use {use!r}")
    if use == "storage-residential":
        low = np.where(energy_kwh <= DRAWER_KWH, "CT03", "CT05")
        return np.where(nominal_v > LOW_V, "CT12", low)
    if use == "ev":
        return np.where(pouch, "CT01", np.where(beam_mm >= BEAM_MM, "CT02", "CT13"))
    return np.full(nominal_v.shape, fitting[0])
