"""How packs of a kind are built: the rows of the table `constructions`, and which of them a specification means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cellroad.chain import facts

LOW_V = 60.0
"""Nominal voltage up to which a pack is low voltage: switched by transistors, sold as drawers (SELV, IEC 61140)."""
DRAWER_KWH = 6.0
"""Energy that a drawer of a rack holds at most (assumption: two people carry it)."""
BEAM_MM = 600.0
"""Length from which a cell spans the floor of a vehicle and needs no module (assumption: blade cells have 960 mm)."""


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


@cache
def constructions() -> dict[str, Construction]:
    """Return every construction by its id."""
    rows = facts.table("constructions").rename({"module_kWh": "module_kwh", "rate_C": "rate"})
    names = list(Construction.__dataclass_fields__)
    return {row["construction_id"]: Construction(**{name: row[name] for name in names})
            for row in rows.iter_rows(named=True)}  # fmt: skip


def usual(use: str, nominal_v: float, energy_kwh: float, longest_mm: float | None = None) -> Construction:
    """Return the construction that a use has at a voltage and an energy.

    Storage at home is a drawer of a rack at low voltage, a stack of modules above it, a unit for the wall where it is
    one low-voltage box of more than a drawer. A vehicle whose cells are beams has no modules. Raises KeyError for a use
    that no construction is built for.
    """
    fitting = [one for one in constructions().values() if use in one.uses.split(";")]
    if not fitting:
        raise KeyError(f"no construction for use {use!r}")
    of = {one.construction_id: one for one in fitting}
    if use == "storage-residential":
        return of["CT12" if nominal_v > LOW_V else "CT03" if energy_kwh <= DRAWER_KWH else "CT05"]
    if use == "ev":
        return of["CT02" if longest_mm is not None and longest_mm >= BEAM_MM else "CT01"]
    return fitting[0]
