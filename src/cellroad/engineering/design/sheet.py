"""The full sheet of one pack of a design: what it is made of, how it behaves, what protects it, how long it lives, what
must be proven, what it costs, what it takes for granted.

Each part is the answer of the room that it comes from, whole: `mass`, `cellmodel`, `protection`, `life`, `certify`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import polars as pl

from cellroad.chain.finding import Finding
from cellroad.engineering.cellmodel import (
    FORCED_AIR,
    NATURAL,
    Duty,
    Run,
    constant,
    cycle,
    discharge,
    off_road,
    pack_ohm,
    power_map,
    solar_day,
)
from cellroad.engineering.cellmodel.cooling import COLD_PLATE
from cellroad.engineering.design import cost
from cellroad.engineering.design.filled import filled
from cellroad.engineering.design.guarding import CAPACITANCE_F, guarded
from cellroad.engineering.design.lives import lived
from cellroad.engineering.design.result import Design
from cellroad.engineering.design.specification import TABLE, Specification
from cellroad.engineering.design.standards import steps
from cellroad.engineering.design.strength import model
from cellroad.engineering.layout import Layout
from cellroad.engineering.life import Life
from cellroad.engineering.mass import Masses, masses
from cellroad.engineering.protection.check import findings
from cellroad.engineering.protection.faults import fault_table
from cellroad.engineering.protection.limits import Limits, bms_limits
from cellroad.engineering.protection.protect import Protection
from cellroad.engineering.protection.use import check_use

COOLINGS = {"passive": NATURAL, "air": FORCED_AIR, "liquid": COLD_PLATE}
GUST_STEP_S = 2.0
"""Step of a day of gusts, which last 4 s and more."""
SOLAR, LOAD = 1.5, 1.6
"""Sun and load of a home by the energy of its storage, in its day (assumption)."""


@dataclass(frozen=True)
class Sheet:
    """Everything about one pack; figures of one unit.

    layout          its cell with blanks of the sheet filled, in series and parallel
    figures         section, figure, value, unit: what a data sheet of the pack would print
    mass            its components and the box around them
    cost            component, low_usd, likely_usd, high_usd
    bill            part, quantity, unit, kg, likely_usd, source: what it is built of
    power           power by state of charge and temperature; see `cellmodel.power_map`
    discharge       a discharge at the continuous power
    day, duty       the use of a day, and what it asks
    protection      fuse, contactor, conductors with every check
    limits          of the battery management, in three levels
    life            capacity left by every model that speaks
    certificates    every step of certification
    warnings        what a person must know before building it
    assumptions     what no fact and no source gives
    """

    rank: int
    units: int
    spec: Specification
    layout: Layout
    figures: pl.DataFrame
    mass: Masses
    cost: pl.DataFrame
    bill: pl.DataFrame
    power: pl.DataFrame
    discharge: Run
    day: Run
    duty: Duty
    protection: Protection
    limits: Limits
    life: Life
    certificates: pl.DataFrame
    warnings: tuple[Finding, ...]
    assumptions: tuple[str, ...]

    def faults(self, seed: int = 0) -> pl.DataFrame:
        """Return what the management does when something goes wrong, fault by fault; see `protection.fault_table`."""
        return fault_table(self.layout, self.limits, seed)

    def _repr_html_(self) -> str:
        """Return the figures as a notebook shows them."""
        return self.figures._repr_html_()


def sheet(found: Design, rank: int = 1) -> Sheet:
    """Return the sheet of a pack of the front. Raises KeyError for a rank that is not there."""
    spec, row = found.unit, found.pareto.row(_there(found, rank) - 1, named=True)
    layout = Layout(filled(found.catalogue_cell(rank))[0], row["series"], row["parallel"])
    asked = (spec.power, max(spec.peak_power, spec.power), spec.charge_power)
    amps, peak, charged = (_amps(kw, row) for kw in asked)
    weighed = masses(layout, use=spec.use.use, cooling=spec.cooling, amps=amps, inverter_kw=spec.inverter)
    cell = model(layout.cell, spec.peak_s)
    cooled = COOLINGS[spec.cooling]
    duty = day_of(spec, layout)
    emptied = discharge(layout, power_w=spec.power * 1000, ambient_c=spec.temperature, cooling=cooled, model=cell)
    day = cycle(
        layout, duty, soc=0.5 if _stands(spec) else 0.95, ambient_c=spec.temperature, cooling=cooled, model=cell
    )
    kept = guarded(layout, spec)
    # what its sheet leaves open stays assumed
    told = Layout(found.catalogue_cell(rank), row["series"], row["parallel"])
    limits = bms_limits(
        told, amps, peak, max(amps, charged), peak_s=spec.peak_s,
        break_a=kept.contactor.break_a if kept.contactor else None,
    )  # fmt: skip
    allowed = check_use(limits, spec.temperature, charge_a=charged, discharge_a=amps)
    aged = lived(layout, spec.use, spec.cycles_per_day, row["energy_kwh"] / spec.energy[0])
    proven = steps(found, rank)
    costs = _cost(found, rank)
    return Sheet(
        rank, found.units, spec, layout,
        _figures(spec, row, layout, weighed, emptied, day, aged, kept),
        weighed, costs, _bill(found, rank, row, weighed, costs, kept), power_map(layout, model=cell), emptied, day,
        duty, kept, limits, aged, proven,
        (*found.warnings, *kept.findings, *findings(allowed),
         *_warnings(spec, row, layout, emptied, day, aged, proven)),
        tuple(dict.fromkeys([
            *found.assumptions(rank), *weighed.assumed, *emptied.assumptions, *kept.assumptions,
            f"{len(limits.assumptions)} limits of the management are usual practice or margins of the family",
            *aged.assumptions, f"contactor closes on {CAPACITANCE_F * 1e3:g} mF",
            "cells come with their UN 38.3 test summary",
        ])),
    )  # fmt: skip


def day_of(spec: Specification, layout: Layout) -> Duty:
    """Return what a day asks of a pack: sun and load of a home, gusts of a vehicle, or its energy at its power."""
    kwh = layout.energy_kwh
    if _stands(spec):
        return solar_day(SOLAR * kwh, LOAD * kwh)
    mean = spec.use.usable_share * spec.energy[0] / spec.use.hours
    if spec.use.use == "portable":
        return constant(mean * 1000, spec.use.hours, 10.0)
    gusts = max(1.5, min(3.0, max(spec.peak_power, spec.power) / mean))
    return off_road(mean * 1000, spec.use.hours, peak_by_mean=gusts, seconds=GUST_STEP_S)


def _stands(spec: Specification) -> bool:
    return spec.use.use in ("storage-residential", "c-and-i")


def _there(found: Design, rank: int) -> int:
    found.place(rank)
    return rank


def _amps(kw: float, row: dict[str, float]) -> float:
    """Return the current of a power at nominal voltage, in A."""
    return kw * 1000 / row["nominal_v"]


def _figures(
    spec: Specification, row: dict[str, float], layout: Layout, weighed: Masses, emptied: Run, day: Run, aged: Life,
    kept: Protection,
) -> pl.DataFrame:  # fmt: skip
    """Return what a data sheet of the pack would print."""
    length, width, height = weighed.size_mm
    promise = aged.warranty(spec.use.retention)
    rows = [
        ("Pack", "cells", float(layout.cells), ""),
        ("Pack", "nominal voltage", row["nominal_v"], "V"),
        ("Pack", "least voltage", row["least_v"], "V"),
        ("Pack", "largest voltage", row["most_v"], "V"),
        ("Pack", "capacity", layout.capacity_ah, "Ah"),
        ("Pack", "nominal energy", row["energy_kwh"], "kWh"),
        ("Pack", "usable energy", row["energy_kwh"] * spec.use.usable_share, "kWh"),
        ("Pack", "mass", weighed.kg, "kg"),
        ("Pack", "length", length, "mm"),
        ("Pack", "width", width, "mm"),
        ("Pack", "height", height, "mm"),
        ("Pack", "volume", weighed.litres, "L"),
        ("Pack", "specific energy", weighed.wh_per_kg, "Wh/kg"),
        ("Pack", "energy density", weighed.wh_per_l, "Wh/L"),
        ("Electrical", "continuous power", row["power_kw"], "kW"),
        ("Electrical", f"power for {spec.peak_s:g} s", row["peak_kw"], "kW"),
        ("Electrical", "charge power", row["charge_kw"], "kW"),
        ("Electrical", "current at the power asked for", _amps(spec.power, row), "A"),
        ("Electrical", "resistance after 10 s", pack_ohm(layout, model(layout.cell, spec.peak_s)) * 1000, "mohm"),
        ("Electrical", "energy at the power asked for", emptied.energy_kwh, "kWh"),
        ("Electrical", "short-circuit current, most", kept.short.largest_a, "A"),
        ("Thermal", "warmest cell, discharged at the power asked for", _warmest(emptied), "degC"),
        ("Thermal", "warmest cell, in its use", _warmest(day), "degC"),
        ("Thermal", "heat, discharged at the power asked for", _mean_heat(emptied), "W"),
        ("Life", "for the comparison", row["years"], "years"),
        ("Life", "every model keeps, at least", _least(promise, "years_low"), "years"),
        ("Life", "any model keeps, at most", _most(promise, "years_high"), "years"),
        ("Life", "throughput that every model keeps", _least(promise, "mwh_per_kwh_low") * row["energy_kwh"], "MWh"),
        ("Cost", "low", row["cost_low_usd"], "USD"),
        ("Cost", "likely", row["cost_usd"], "USD"),
        ("Cost", "high", row["cost_high_usd"], "USD"),
    ]
    schema = {"section": pl.String, "figure": pl.String, "value": pl.Float64, "unit": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("value").fill_nan(None))


def _warmest(run: Run) -> float:
    return float(run.frame["max_temperature_c"].to_numpy().max())


def _mean_heat(run: Run) -> float:
    return float(run.frame["heat_w"].to_numpy().mean())


def _least(frame: pl.DataFrame, column: str) -> float:
    return float(frame[column].to_numpy().min()) if frame.height else math.nan


def _most(frame: pl.DataFrame, column: str) -> float:
    return float(frame[column].to_numpy().max()) if frame.height else math.nan


def _cost(found: Design, rank: int) -> pl.DataFrame:
    """Return what the pack costs, component by component."""
    place = found.place(rank)
    rows = [(cost.NAMES[name], *(float(end) for end in usd[:, place])) for name, usd in found.costs.components.items()]
    schema = {"component": pl.String, "low_usd": pl.Float64, "likely_usd": pl.Float64, "high_usd": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").filter(pl.col("high_usd") > 0)


def _bill(
    found: Design, rank: int, row: dict[str, Any], weighed: Masses, costs: pl.DataFrame, kept: Protection
) -> pl.DataFrame:
    """Return the bill of materials: cells by number, parts as sets with what was chosen for them."""
    price = found.price(rank)
    usd = dict(costs.select("component", "likely_usd").iter_rows())
    chosen = "; ".join(part.name for part in (kept.fuse, kept.contactor) if part)
    rows = [(row["cell"], float(row["cells"]), "piece", weighed.of("cells"), usd[cost.NAMES["cells"]], price.source,
             price.note)]  # fmt: skip
    body = {name: float(kg[found.place(rank)]) for name, kg in found.admitted.body.parts_kg.items()}
    rows += [
        (part.name, 1.0, "set", body.get(part.part, 0.0), usd.get(part.name, 0.0), "",
         chosen if part.part == "switchgear" else "")
        for part in cost.PARTS if part.name in usd
    ]  # fmt: skip
    schema = {"part": pl.String, "quantity": pl.Float64, "unit": pl.String, "kg": pl.Float64, "likely_usd": pl.Float64,
              "source": pl.String, "note": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _warnings(
    spec: Specification, row: dict[str, float], layout: Layout, emptied: Run, day: Run, aged: Life, proven: pl.DataFrame
) -> list[Finding]:
    """Return what a person must know before building the pack, beyond what protects it."""

    def warn(column: str, found: str, expected: str, mend: str) -> Finding:
        return Finding("warning", TABLE, None, column, found, expected, mend)

    told = []
    hot = layout.cell.discharge_max_c or math.inf
    for what, run in (("a discharge at the power asked for", emptied), ("its use", day)):
        if _warmest(run) > hot:
            told.append(warn("cooling", f"{_warmest(run):.0f} degC in {what}", f"at most {hot:g} degC",
                             "Cool it better, or take more or stronger cells."))  # fmt: skip
    if row["years"] < spec.horizon:
        told.append(warn("years", f"{row['years']:.3g} years", f"{spec.horizon:g} years of {spec.use.title}",
                         "Take a pack that lives longer, or count on replacing it."))  # fmt: skip
    if not aged.known:
        told.append(warn("years", f"no published model speaks for {layout.cell.family} in this use", "two or more",
                         "Only the claim of the maker stands behind its life."))  # fmt: skip
    unknown = proven.filter(answer="unknown")
    if unknown.height:
        questions = sorted({part for words in unknown["missing"] for part in words.split("; ") if part})
        told.append(warn("regions", f"{unknown.height} steps of certification not decided", "yes or no",
                         f"Find out: {'; '.join(questions)}."))  # fmt: skip
    return told
