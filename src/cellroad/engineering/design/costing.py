"""What layouts of a design cost: their cells by price, their parts by what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cellroad.engineering.design.cost import Built, cost, total
from cellroad.engineering.design.evaluate import Evaluated
from cellroad.engineering.design.prices import Price, cell_price
from cellroad.engineering.design.search import Numbers
from cellroad.engineering.design.specification import Specification


@dataclass(frozen=True)
class Costs:
    """What each layout costs in USD by component, arrays of (3, layouts), and the price of each cell."""

    components: dict[str, Numbers]
    prices: tuple[Price, ...]

    @property
    def total(self) -> Numbers:
        """Return the sum, (3, layouts): low, likely, high."""
        return total(self.components)


def priced(looked: Evaluated, spec: Specification, offers: Mapping[str, Price] | None = None) -> Costs:
    """Return what layouts cost at the volume of a specification, in units.

    Cells go by the price of the specification, else by the `offers` of a chain, else by facts.
    """
    known = offers or {}
    cells = looked.layouts.cells
    given = spec.cell_price
    prices = tuple(
        known.get(cell.cell_id) or cell_price(cell)
        if given is None
        else Price(given, given, given, "", "assumption", "as the specification says")
        for cell in cells
    )
    usd = np.array([[one.low for one in prices], [one.likely for one in prices], [one.high for one in prices]])
    built = Built(
        series=looked.layouts.series.astype(np.float64),
        parallel=looked.layouts.parallel.astype(np.float64),
        energy_kwh=looked.measures["energy_kwh"],
        max_v=looked.measures["most_v"],
        current_a=looked.measures["current_a"],
        parts_kg=looked.body.parts_kg,
        inverter_kw=spec.inverter,
    )
    return Costs(cost(built, usd[:, looked.layouts.cell], spec.packs_per_year * (spec.units or 1)), prices)
