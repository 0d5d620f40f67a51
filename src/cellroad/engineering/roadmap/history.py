"""What the facts tell of past prices: which series stands for which cells, what had been made, what minerals cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain import facts

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class History:
    """Prices of one kind of cells or packs by year, in USD per kWh.

    name       what people call them
    series     series of the price facts
    chemistry  chemistry and region of the volumes that they learn from
    minerals   kilograms in a kWh of each mineral that is told apart
    """

    name: str
    series: str
    chemistry: str
    region: str
    minerals: Mapping[str, float] = field(default_factory=dict)

    def prices(self) -> dict[int, float]:
        """Return prices by year."""
        return yearly(self.series)

    def quotes(self) -> str:
        """Return every price that the facts tell, in words."""
        rows = facts.prices().filter(pl.col("series") == self.series).select("value", "unit", "period")
        return "; ".join(f"{value:g} {unit} in {period}" for value, unit, period in rows.iter_rows())

    def made(self) -> dict[int, float]:
        """Return GWh that had gone into use in all until the end of each year."""
        return made(self.chemistry, self.region)

    def mineral(self, years: list[int]) -> Floats:
        """Return what the minerals in a kWh cost in years, in USD per kWh. Raises KeyError for a year not known."""
        found = np.zeros(len(years))
        for mineral, kg in self.minerals.items():
            prices = _mineral(mineral)
            found += kg / 1000 * np.array([prices[year] for year in years])
        return found


CARBONATE, NICKEL, COBALT = "usgs_li2co3", "lme_nickel", "us_cobalt"
HISTORIES = (
    History("packs of all kinds, world", "bnef_pack_all", "mix", "World"),
    History("LFP cells, China", "lfp_cell_cn", "LFP", "China", {CARBONATE: 0.6}),
    History("NMC cells, China", "nmc_cell_cn", "NMC", "China", {CARBONATE: 0.65, NICKEL: 0.6, COBALT: 0.2}),
    History("sodium-ion cells, world", "na_cell_quote", "sodium-ion", "World"),
    History("semi-solid cells, China", "semi_solid_cell_quote", "semi-solid", "China", {CARBONATE: 0.65}),
    History("solid-state cells, China", "solid_cell_quote", "solid-state", "China", {CARBONATE: 0.55}),
)
"""What is known. Kilograms in a kWh are assumptions: composition of LiFePO4 and of LiNi0.6Mn0.2Co0.2O2 and losses."""


def yearly(series: str) -> dict[int, float]:
    """Return a series of the price facts by year, where its period is one."""
    rows = facts.prices().filter((pl.col("series") == series) & pl.col("period").str.contains(r"^\d{4}$"))
    return {int(period): float(value) for period, value in rows.select("period", "value").sort("period").iter_rows()}


def made(chemistry: str, region: str) -> dict[int, float]:
    """Return GWh of a chemistry that had gone into use in all until the end of each year."""
    rows = facts.volumes().filter((pl.col("chemistry") == chemistry) & (pl.col("region") == region)).sort("year")
    return dict(zip(rows["year"], rows["gwh"].cum_sum(), strict=True))


def _mineral(series: str) -> dict[int, float]:
    return yearly(f"{series}_to_2017") | yearly(series)
