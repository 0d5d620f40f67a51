"""How long does it live? Every published model of the family whose box holds the use, each with its band.

`life` never gives one number. A model whose box does not hold the use is refused, told which bound and by how much;
with `widen` it is shown as an interval from its edge to what it extrapolates, marked "outside". A family without a
published model is unknown. No model here knows the knee after which a cell falls faster.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from cellroad.engineering.cell import Cell
from cellroad.engineering.layout import Layout
from cellroad.engineering.life.box import SCHEMA, compare, found_in
from cellroad.engineering.life.marching import march
from cellroad.engineering.life.models import Model, models
from cellroad.engineering.life.rainflow import Array, Cycles
from cellroad.engineering.life.result import Life
from cellroad.engineering.life.use import Use, hourly, steady

SPREAD = 0.15
"""Standard deviation of the pace of ageing between cells of a kind: the default of BLAST-Lite 1.1.1, an assumption."""
BAND = 1.645
"""How many of it the band of a model reaches to either side: nine cells of ten, were it normal."""
PACK_FASTER = (1 / 0.8, 1 / 0.75, 1 / 0.7)
"""How much faster a pack ages than its cells, at best, likely and at worst: its life is 20 to 30 % shorter (README of
BLAST-Lite 1.1.1), for spread of temperature and of cells; an assumption, and the middle of it ours."""

ASSUMPTIONS = (
    "the knee, after which capacity falls faster, is in no model: below about 80 % the truth may be worse",
    f"pace of ageing between cells: a standard deviation of {100 * SPREAD:.0f} % (BLAST-Lite), {BAND} of it each way",
    "the energy of a cycle stays as the cell ages, so that cycles go deeper",
    "a model speaks of the cell it was fitted to: another cell of the family may live longer or shorter",
    "where a program takes the mean rate over all hours, the band also holds that of the hours in which current flows",
)
OF_A_PACK = "a pack lives 20 to 30 % shorter than its cells (BLAST-Lite), likely 25 %"


def life(
    of: Cell | Layout,
    *,
    cycles_per_day: float = 1.0,
    depth: float = 0.8,
    charge_rate: float = 0.5,
    discharge_rate: float = 0.5,
    temperature_c: float | Sequence[float] = 25.0,
    mean_soc: float = 0.5,
    rest_full: float = 0.5,
    history: pl.DataFrame | None = None,
    years: int = 15,
    widen: bool = False,
) -> Life:
    """Return how a cell, or the pack of a layout, ages over years of a duty.

    `depth` is the part of nominal capacity a cycle takes around `mean_soc`, rates in 1/h, `temperature_c` that of the
    cells, one value or twelve monthly means. An hourly `history` (columns soc, temperature_c; whole days, repeated)
    takes the place of the duty. `widen` also shows models outside their box. Raises ValueError for a duty that cannot
    be, such as a cycle longer than its time.
    """
    if years < 1:
        raise ValueError("years: at least 1")
    use = (
        hourly(history)
        if history is not None
        else steady(
            cycles_per_day=cycles_per_day, depth=depth, charge_rate=charge_rate, discharge_rate=discharge_rate,
            temperature_c=temperature_c, mean_soc=mean_soc, rest_full=rest_full,
        )
    )  # fmt: skip
    cell, faster = (of.cell, PACK_FASTER) if isinstance(of, Layout) else (of, (1.0, 1.0, 1.0))
    found, known = use.cycles(), models(cell.family)
    asked = found_in(use, found)
    boxes = pl.concat([pl.DataFrame(schema=SCHEMA), *(compare(model.name, model.box, asked) for model in known)])
    outside = set(boxes.filter(~pl.col("inside"))["model"])
    shown = [model for model in known if widen or model.name not in outside]
    curves = [
        _curve(model, use, found, years, faster, outside=model.name in outside) for model in shown
    ]  # fmt: skip
    notes = (*ASSUMPTIONS, *((OF_A_PACK,) if isinstance(of, Layout) else ()))
    if len(shown) == 1:
        notes = (*notes, "only one published model speaks here: the spread between models is not known")
    return Life(
        cell=cell,
        years=years,
        curves=pl.concat([pl.DataFrame(schema=CURVE), *curves]),
        boxes=boxes,
        models=pl.DataFrame(
            [(m.name, m.cell, m.name not in outside, m.limits, m.doi, m.row) for m in known],
            schema={"model": pl.String, "fitted_to": pl.String, "inside": pl.Boolean, "limits": pl.String,
                    "doi": pl.String, "row": pl.String}, orient="row",
        ),
        assumptions=notes if known else (f"no published model for {cell.family}: only the claim of the maker",),
    )  # fmt: skip


CURVE = {
    "model": pl.String, "year": pl.Int64, "low": pl.Float64, "likely": pl.Float64, "high": pl.Float64,
    "resistance": pl.Float64, "full_cycles": pl.Float64, "box": pl.String,
}  # fmt: skip


def _curve(
    model: Model, use: Use, found: Cycles, years: int, faster: tuple[float, float, float], *, outside: bool
) -> pl.DataFrame:
    """Return the years of a model: likely as published, low and high over paces, readings of the rate and edges."""
    best, likely, worst = faster
    paces = np.array([likely, worst * (1 + BAND * SPREAD), best * (1 - BAND * SPREAD)])
    run = march(model, use, found, years, paces, resting=model.resting)
    held = [run.health]
    if model.resting:
        held.append(march(model, use, found, years, paces, resting=False).health)
    if outside:
        edge = lambda stress: stress.clamped(model.box)  # noqa: E731
        held.append(march(model, use, found, years, paces, resting=model.resting, meet=edge).health)
    every: Array = np.concatenate(held, axis=1)
    return pl.DataFrame({
        "model": [model.name] * (years + 1),
        "year": range(years + 1),
        "low": every.min(axis=1),
        "likely": run.health[:, 0],
        "high": every.max(axis=1).clip(max=1.0),
        "resistance": pl.Series(run.resistance[:, 0]).fill_nan(None),
        "full_cycles": run.full_cycles,
        "box": ["outside" if outside else "inside"] * (years + 1),
    }, schema=CURVE)  # fmt: skip
