"""Which certificates the unit of a design needs; cells are taken to come with their UN 38.3 test summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from cellroad.engineering.certify import Product, certify

if TYPE_CHECKING:
    from cellroad.engineering.design.result import Design

HELD = ("UN 38.3 cell",)
"""What comes with a cell that is bought (assumption: no maker ships one without its test summary)."""


def product(found: Design, rank: int = 1) -> Product:
    """Return one unit of a design as certification sees it."""
    row = found.pareto.row(rank - 1, named=True)
    spec = found.unit
    return Product(
        spec.use.use, energy_kwh=row["energy_kwh"], mass_kg=row["mass_kg"], voltage_v=row["most_v"],
        regions=spec.regions, on_road=spec.on_road, by_air=spec.by_air, inverter=spec.inverter > 0 or None,
        cell=found.catalogue_cell(rank), layout=row["layout"],
    )  # fmt: skip


def steps(found: Design, rank: int = 1) -> pl.DataFrame:
    """Return every step of certification of a unit; see `certify.certify`."""
    return certify(product(found, rank), held=HELD)
