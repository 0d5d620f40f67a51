"""What `design` answers: the packs that nobody beats, why the others are out, and the full sheet of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.finding import Finding
from cellroad.engineering.cell import Cell
from cellroad.engineering.design.cost import assumptions as cost_assumptions
from cellroad.engineering.design.costing import Costs
from cellroad.engineering.design.evaluate import Evaluated
from cellroad.engineering.design.filled import filled
from cellroad.engineering.design.guarding import guarded
from cellroad.engineering.design.prices import Price
from cellroad.engineering.design.search import Counts
from cellroad.engineering.design.specification import Specification, told
from cellroad.engineering.layout import Layout

NEARLY = 0.25
"""By how much worse, in what is preferred, a pack may be that comes first because known parts protect it."""

if TYPE_CHECKING:
    from cellroad.engineering.design.sheet import Sheet
    from cellroad.engineering.design.why import Why

AIMS = {"mass": ("mass_kg", 1.0), "volume": ("volume_l", 1.0), "cost": ("cost_usd", 1.0), "life": ("years", -1.0)}
"""What layouts are compared by: the measure, and -1 where more is better."""


@dataclass(frozen=True)
class Design:
    """Packs for a specification; all figures are of one unit of `unit.units`.

    pareto      the front, best first by what is preferred: rank, layout, cell_id, cell, chemistry, format, series,
                parallel, cells, nominal_v, least_v, most_v, energy_kwh, power_kw, peak_kw, charge_kw, mass_kg,
                volume_l, wh_per_kg, wh_per_l, cost_low_usd, cost_usd, cost_high_usd, usd_per_kwh, years, confidence
    layouts     every layout that meets all conditions, the same columns without rank, with `front`
    out         cells without any such layout: cell_id, cell, reason, layouts (that it takes out), asked
    warnings    what a person must know before building it
    catalogue   the cells that were looked at, as their rows tell them
    """

    specification: Specification
    unit: Specification
    admitted: Evaluated
    costs: Costs
    front: Counts
    out: pl.DataFrame
    warnings: tuple[Finding, ...]
    catalogue: tuple[Cell, ...]

    @property
    def units(self) -> int:
        """Boxes that make up the product."""
        return self.unit.units or 1

    @cached_property
    def order(self) -> Counts:
        """Return the places of the front in the admitted layouts, best first.

        Cost counts the packs that are needed for the years of the use. By another aim, what lasts that long comes
        before what does not. Then count all aims. Leaders that no known parts protect come after the first that they
        do, where that is nearly as good (`NEARLY`).
        """
        years = self.admitted.measures["years"][self.front]
        short = years < self.unit.horizon
        aims = {name: sign * self.admitted.measures[measure][self.front] for name, (measure, sign) in AIMS.items()}
        if self.unit.prefer == "cost":
            wanted, short = aims["cost"] * np.maximum(1.0, self.unit.horizon / years), np.zeros(len(years), dtype=bool)
        elif self.unit.prefer == "balanced":
            wanted = np.sum([_scaled(values) for values in aims.values()], axis=0)
        else:
            wanted = aims[self.unit.prefer]
        others = np.sum([_scaled(values) for values in aims.values()], axis=0)
        places = np.lexsort((others, wanted, short))
        order = self.front[places]
        first = wanted[places[0]]
        near = (wanted[places] - first <= NEARLY * abs(first)) & (short[places] == short[places[0]])
        for leader in np.flatnonzero(near):
            place = order[leader]
            if guarded(self.admitted.layouts.layout(int(place)), self.unit).verdict != "refused":
                return np.concatenate([order[leader : leader + 1], order[:leader], order[leader + 1 :]])
        return order

    @cached_property
    def layouts(self) -> pl.DataFrame:
        """Return every layout that meets all conditions."""
        found, measures = self.admitted.layouts, self.admitted.measures
        told = pl.DataFrame({
            "cell_id": [cell.cell_id for cell in found.cells],
            "cell": [cell.name for cell in found.cells],
            "chemistry": [cell.family for cell in found.cells],
            "format": [cell.format for cell in found.cells],
            "confidence": [cell.confidence for cell in found.cells],
        })[found.cell]  # fmt: skip
        many = found.series * found.parallel
        wh = measures["energy_kwh"] * 1000
        on_front = np.zeros(len(found), dtype=bool)
        on_front[self.front] = True
        return pl.DataFrame({
            "layout": [f"{s}s{p}p" for s, p in zip(found.series, found.parallel, strict=True)],
            **told.drop("confidence").to_dict(),
            "series": found.series, "parallel": found.parallel, "cells": many,
            **{name: measures[name] for name in (
                "nominal_v", "least_v", "most_v", "energy_kwh", "power_kw", "peak_kw", "charge_kw", "mass_kg",
                "volume_l",
            )},
            "wh_per_kg": wh / measures["mass_kg"], "wh_per_l": wh / measures["volume_l"],
            **{name: measures[name] for name in ("cost_low_usd", "cost_usd", "cost_high_usd")},
            "usd_per_kwh": measures["cost_usd"] / measures["energy_kwh"],
            "years": measures["years"],
            "confidence": told["confidence"],
            "front": on_front,
        })  # fmt: skip

    @cached_property
    def pareto(self) -> pl.DataFrame:
        """Return the layouts that no other beats, best first."""
        return self.layouts[self.order].drop("front").with_row_index("rank", offset=1).with_columns(
            pl.col("rank").cast(pl.Int64)
        )  # fmt: skip

    def layout(self, rank: int = 1) -> Layout:
        """Return the layout of a rank of the front. Raises KeyError for one that is not there."""
        return self.admitted.layouts.layout(self.place(rank))

    def place(self, rank: int) -> int:
        """Return the place of a rank of the front among the admitted layouts. Raises KeyError for one not there."""
        if not 1 <= rank <= len(self.order):
            raise KeyError(f"no rank {rank}; the front has 1 to {len(self.order)}")
        return int(self.order[rank - 1])

    def catalogue_cell(self, rank: int = 1) -> Cell:
        """Return the cell of a rank of the front as its row tells it, blanks left blank."""
        return self.catalogue[int(self.admitted.layouts.cell[self.place(rank)])]

    def price(self, rank: int = 1) -> Price:
        """Return what the cells of a rank of the front are taken to cost."""
        return self.costs.prices[int(self.admitted.layouts.cell[self.place(rank)])]

    def sheet(self, rank: int = 1) -> Sheet:
        """Return the full sheet of a rank of the front. Raises KeyError for one that is not there."""
        from cellroad.engineering.design.sheet import sheet

        if rank not in self._sheets:
            self._sheets[rank] = sheet(self, rank)
        return self._sheets[rank]

    @cached_property
    def _sheets(self) -> dict[int, Sheet]:
        """Sheets that were asked for, by rank."""
        return {}

    def to_chain(
        self, chain: Chain, *, site: str, rank: int = 1, item: str | None = None, cell: str | None = None,
        cell_site: str | None = None, resource: str | None = None, hours_per_unit: float | None = None,
        wants: Mapping[str, float] | Sequence[str] | None = None,
    ) -> Chain:  # fmt: skip
        """Return a chain with a pack of the front: item, parts, process, bill of materials, certificates.

        See `engineering.design.chaining.join` for what each name means; that also tells what is still missing. Raises
        ChainError with everything that keeps the pack from being added.
        """
        from cellroad.engineering.design.chaining import join

        return join(
            self, chain, site=site, rank=rank, item=item, cell=cell, cell_site=cell_site, resource=resource,
            hours_per_unit=hours_per_unit, wants=wants,
        ).chain  # fmt: skip

    def summary(self) -> pl.DataFrame:
        """Return the figures that an engineer asks for first, of the best pack: figure, value, unit."""
        best = self.pareto.row(0, named=True)
        rows = [
            ("layouts that meet everything", float(self.layouts.height), ""),
            ("on the front", float(len(self.front)), ""),
            ("units", float(self.units), ""),
            ("energy of a unit", best["energy_kwh"], "kWh"),
            ("nominal voltage", best["nominal_v"], "V"),
            ("mass of a unit", best["mass_kg"], "kg"),
            ("volume of a unit", best["volume_l"], "L"),
            ("cost of a unit, low", best["cost_low_usd"], "USD"),
            ("cost of a unit, likely", best["cost_usd"], "USD"),
            ("cost of a unit, high", best["cost_high_usd"], "USD"),
            ("life", best["years"], "years"),
        ]
        return pl.DataFrame(rows, schema={"figure": pl.String, "value": pl.Float64, "unit": pl.String}, orient="row")

    def told(self) -> dict[str, Any]:
        """Return what was asked of the product as plain values by key, with what the use implies."""
        return told(self.specification)

    def assumptions(self, rank: int = 1) -> list[str]:
        """Return in words what no fact and no source gives, of what was asked, of the cell and of its cost."""
        cell, price = self.catalogue_cell(rank), self.price(rank)
        blanks = filled(cell)[1]
        return [
            *self.unit.assumed,
            *([f"{cell.name}: {', '.join(blanks)}, which its row does not tell"] if blanks else []),
            f"cells at ${price.likely:.3g}/kWh (${price.low:.3g} to ${price.high:.3g}): {price.note}",
            *cost_assumptions(),
        ]

    def why(self, cell: str) -> Why:
        """Return why a cell, by id or name, is taken or not. Raises KeyError for a cell that is not known."""
        from cellroad.engineering.design.why import why

        return why(self, cell)

    def _repr_html_(self) -> str:
        """Return the front as a notebook shows it."""
        return self.pareto._repr_html_()


def _scaled(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    spread = float(np.ptp(values))
    return np.asarray((values - values.min()) / (spread or 1.0))
