"""How well layouts meet what is asked: each measure of each layout, and how far it misses each condition.

A condition that is missed has a miss above zero: the part by which it is missed, so that misses of different kinds can
be weighed against each other. Temperature counts by 10 degC; a filter that lets a cell not through counts 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellroad.engineering.cell import Cell
from cellroad.engineering.design.bodies import Bodies, Watch, bodies
from cellroad.engineering.design.search import Layouts, Numbers
from cellroad.engineering.design.specification import Specification
from cellroad.engineering.design.strength import strengths

TINY = 1e-9
"""A miss below this part is rounding."""


@dataclass(frozen=True)
class Evaluated:
    """Layouts with their measures and misses, each an array of their length by name."""

    layouts: Layouts
    body: Bodies
    measures: dict[str, Numbers]
    misses: dict[str, Numbers]

    @property
    def feasible(self) -> NDArray[np.bool_]:
        """Return which layouts meet everything."""
        return np.asarray(np.max(np.stack(list(self.misses.values())), axis=0) <= TINY)

    def take(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Evaluated:
        """Return some of them."""
        body = self.body.take(which)
        return Evaluated(
            self.layouts.take(which), body,
            {name: values[which] for name, values in self.measures.items()},
            {name: values[which] for name, values in self.misses.items()},
        )  # fmt: skip


def evaluate(
    found: Layouts, spec: Specification, let_through: dict[str, NDArray[np.bool_]], others: int = 0,
    watch: Watch = lambda words: None,
) -> Evaluated:  # fmt: skip
    """Return layouts with their measures and how far each misses what is asked of one unit.

    `let_through` tells for each filter which cells it lets through. Only layouts that meet all that needs no mass are
    weighed; of those that do not, the `others` that miss it least.
    """
    cells = found.cells
    s, p = found.series.astype(np.float64), found.parallel.astype(np.float64)
    strength = strengths(cells, spec.temperature, spec.peak_s)
    measures = {
        "nominal_v": s * found.of_cell([cell.nominal_v for cell in cells]),
        "least_v": s * found.of_cell([cell.min_v or np.nan for cell in cells]),
        "most_v": s * found.of_cell([cell.max_v or np.nan for cell in cells]),
        "energy_kwh": s * p * found.of_cell([cell.energy_wh / 1000 for cell in cells]),
        "power_kw": s * p * strength.power_w[found.cell] / 1000,
        "peak_kw": s * p * strength.peak_w[found.cell] / 1000,
        "charge_kw": s * p * strength.charge_w[found.cell] / 1000,
        "from_c": found.of_cell([_ends(cell, spec)[0] for cell in cells]),
        "to_c": found.of_cell([_ends(cell, spec)[1] for cell in cells]),
    }
    measures["current_a"] = np.maximum(spec.power, 1e-9) * 1000 / measures["nominal_v"]
    misses: dict[str, Numbers] = {
        name: np.where(through[found.cell], 0.0, 1.0) for name, through in let_through.items()
    }
    misses["voltage"] = _voltage(measures, spec)
    misses["energy"] = _outside(measures["energy_kwh"], *spec.energy)
    misses["temperature"] = _temperature(cells, spec)[found.cell]
    for name, measure, least in (
        ("power", "power_kw", spec.power), ("peak_power", "peak_kw", spec.peak_power),
        ("charge_power", "charge_kw", spec.charge_power),
    ):  # fmt: skip
        if least:
            misses[name] = _outside(measures[measure], least, np.inf)
    missed = np.sum(list(misses.values()), axis=0)
    weigh = missed <= TINY
    weigh[np.argsort(missed, kind="stable")[: weigh.sum() + others]] = True
    body = bodies(found, spec.use.use, spec.cooling, measures["current_a"], weigh, spec.inverter, watch)
    length, width, height = body.box_mm
    measures |= {"mass_kg": body.mass_kg, "volume_l": body.volume_l, "length_mm": length, "width_mm": width,
                 "height_mm": height}  # fmt: skip
    if spec.mass is not None:
        misses["mass"] = _outside(measures["mass_kg"], 0.0, spec.mass)
    if spec.volume is not None:
        misses["volume"] = _outside(measures["volume_l"], 0.0, spec.volume)
    if spec.size is not None:
        misses["size"] = _too_large(body.box_mm, spec.size)
    return Evaluated(found, body, measures, misses)


def _outside(values: Numbers, low: float, high: float) -> Numbers:
    """Return by what part values lie below a lower or above an upper end; what is not known misses by 1."""
    below = (low - values) / low if low > 0 else np.zeros(len(values))
    above = (values - high) / high if np.isfinite(high) else np.zeros(len(values))
    return np.where(np.isnan(values), 1.0, np.maximum(np.maximum(below, above), 0.0))


def _voltage(measures: dict[str, Numbers], spec: Specification) -> Numbers:
    miss = np.zeros(len(measures["nominal_v"]))
    if spec.nominal is not None:
        miss = np.maximum(miss, _outside(measures["nominal_v"], *spec.nominal))
    if spec.voltage is not None:
        miss = np.maximum(miss, _outside(measures["least_v"], spec.voltage[0], np.inf))
        miss = np.maximum(miss, _outside(measures["most_v"], 0.0, spec.voltage[1]))
    return miss


def _temperature(cells: Sequence[Cell], spec: Specification) -> Numbers:
    """Return by how many tens of degrees cells miss the temperature, in discharge and, where asked for, in charge."""
    low = np.array([_ends(cell, spec)[0] for cell in cells])
    high = np.array([_ends(cell, spec)[1] for cell in cells])
    return np.asarray(np.maximum(np.maximum(low - spec.temperature, spec.temperature - high), 0.0) / 10)


def _ends(cell: Cell, spec: Specification) -> tuple[float, float]:
    low, high = cell.discharge_min_c or 0.0, cell.discharge_max_c or 0.0
    if spec.charge_power:
        low, high = max(low, cell.charge_min_c or 0.0), min(high, cell.charge_max_c or 0.0)
    return low, high


def _too_large(box_mm: Numbers, room_mm: tuple[float, float, float]) -> Numbers:
    """Return by what part the longest overhang of a box exceeds a room, any way up."""
    room = np.sort(np.asarray(room_mm))[:, None]
    over = (np.sort(box_mm, axis=0) - room) / room
    return np.where(np.isnan(over).any(axis=0), 1.0, np.maximum(over.max(axis=0), 0.0))
