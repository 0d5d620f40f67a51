"""The answer of `life`: capacity left by every model that speaks, its boxes, and what a warranty can promise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from cellroad.engineering.cell import Cell


@dataclass(frozen=True)
class Life:
    """How a cell or a pack ages.

    curves       model, year, low, likely, high (capacity left, of new), resistance (of new; null where the model does
                 not tell), full_cycles (so far), box (inside, outside)
    boxes        model, variable, unit, found_low, found_high, allowed_low, allowed_high, inside
    models       model, fitted_to, inside, limits, doi, row: every published model of the family
    assumptions  what was taken for granted
    """

    cell: Cell
    years: int
    curves: pl.DataFrame
    boxes: pl.DataFrame
    models: pl.DataFrame
    assumptions: tuple[str, ...]

    @property
    def known(self) -> bool:
        """Whether any model speaks."""
        return not self.curves.is_empty()

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why models do not speak: one line for each bound that the use passes."""
        passed = self.boxes.filter(~pl.col("inside"))
        return tuple(
            f"{row['model']}: {row['variable'].replace('_', ' ')} {_range(row['found_low'], row['found_high'])} "
            f"{row['unit']}, allowed {_range(row['allowed_low'], row['allowed_high'])}"
            for row in passed.iter_rows(named=True)
        )

    def band(self) -> pl.DataFrame:
        """Return the band over all models that speak: year, low (the worst), likely_low, likely_high, high, models."""
        return (
            self.curves.group_by("year", maintain_order=True)
            .agg(
                low=pl.col("low").min(),
                likely_low=pl.col("likely").min(),
                likely_high=pl.col("likely").max(),
                high=pl.col("high").max(),
                models=pl.len(),
            )
            .sort("year")
        )

    def retention(self, year: int) -> tuple[float, float] | None:
        """Return the least and the most capacity left after a year by any model; None where none speaks."""
        row = self.band().filter(year=year)
        return None if row.is_empty() else (row["low"][0], row["high"][0])

    def warranty(self, retention: float = 0.7) -> pl.DataFrame:
        """Return how long each model keeps a part of capacity, and what has gone through by then.

        model, years_low, years_likely, years_high, mwh_per_kwh_low, mwh_per_kwh_likely, mwh_per_kwh_high, beyond. The
        throughput is discharged energy for each kWh of nominal energy. `beyond` names the edges (low, likely, high)
        that keep it past the last year, at which their figures stop. The warranty that every model keeps is the least
        of `years_low`.
        """
        rows = []
        for (model,), curve in self.curves.group_by("model", maintain_order=True):
            years: dict[str, float] = {}
            beyond = []
            for edge in ("low", "likely", "high"):
                years[edge], passed = crossing(curve["year"].to_numpy(), curve[edge].to_numpy(), retention)
                beyond += [] if passed else [edge]
            through = {
                edge: float(np.interp(year, curve["year"], curve["full_cycles"])) / 1000
                for edge, year in years.items()
            }  # fmt: skip
            rows.append((model, *years.values(), *through.values(), "; ".join(beyond)))
        edges = ("low", "likely", "high")
        numbers = [f"{what}_{edge}" for what in ("years", "mwh_per_kwh") for edge in edges]
        schema = {"model": pl.String, **dict.fromkeys(numbers, pl.Float64), "beyond": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def claim(self, retention: float = 0.8) -> pl.DataFrame:
        """Return what the maker claims beside what models say: by, cycles_low, cycles_high, conditions.

        Cycles of a model are equivalent full cycles until `retention` in this duty; those of the maker are in the
        conditions that the data sheet tells, which are rarely those of the duty.
        """
        rows: list[tuple[str, float, float, str]] = []
        if self.cell.cycle_life is not None:
            rows.append(("the maker", self.cell.cycle_life, self.cell.cycle_life, self.cell.cycle_conditions))
        for row in self.warranty(retention).iter_rows(named=True):
            reached = f"until {retention:.0%} in this duty" + (", at least" if "high" in row["beyond"] else "")
            rows.append((row["model"], row["mwh_per_kwh_low"] * 1000, row["mwh_per_kwh_high"] * 1000, reached))
        schema = {"by": pl.String, "cycles_low": pl.Float64, "cycles_high": pl.Float64, "conditions": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")


def crossing(years: np.ndarray, health: np.ndarray, retention: float) -> tuple[float, bool]:
    """Return the year in which health first falls below a part, and whether it does; else the last year."""
    below = np.flatnonzero(health < retention)
    if not len(below):
        return float(years[-1]), False
    after = below[0]
    return float(np.interp(-retention, -health[after - 1 : after + 1], years[after - 1 : after + 1])), True


def _range(low: float | None, high: float | None) -> str:
    low_told, high_told = ("" if bound is None else f"{bound:.3g}" for bound in (low, high))
    if low_told == high_told:
        return low_told
    if not low_told or not high_told:
        return f"at most {high_told}" if high_told else f"at least {low_told}"
    return f"{low_told} to {high_told}"
