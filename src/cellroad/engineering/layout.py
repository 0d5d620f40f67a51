"""How many cells stand in series and in parallel, and what that alone decides."""

from __future__ import annotations

from dataclasses import dataclass

from cellroad.engineering.cell import Cell


@dataclass(frozen=True)
class Layout:
    """`series` groups in a row, each of `parallel` cells of one model."""

    cell: Cell
    series: int
    parallel: int

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return self.series * self.parallel

    @property
    def nominal_v(self) -> float:
        """Nominal voltage in V."""
        return self.series * self.cell.nominal_v

    @property
    def capacity_ah(self) -> float:
        """Capacity in Ah."""
        return self.parallel * self.cell.capacity_ah

    @property
    def energy_kwh(self) -> float:
        """Nominal energy in kWh: never the largest voltage by the capacity, as some sheets have it."""
        return self.cells * self.cell.energy_wh / 1000

    @property
    def name(self) -> str:
        """As engineers write it: 32s4p."""
        return f"{self.series}s{self.parallel}p"
