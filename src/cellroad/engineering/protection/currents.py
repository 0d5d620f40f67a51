"""How much current a pack is allowed, by temperature and state of charge.

The cell's own rates set the height of each map; its shape (cold cells plate lithium, full and empty ones run out of
voltage) is an assumption named here. What the map allows is a wish of the management to charger and load, not a trip.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cellroad.engineering.family import defaults
from cellroad.engineering.layout import Layout

Array = npt.NDArray[np.float64]

COLD_CHARGE = ((0.0, 0.0), (1.0, 0.2), (10.0, 0.5), (20.0, 1.0))
"""Kelvin above the least charge temperature, share of the charge current: assumption."""
COLD_DISCHARGE = ((0.0, 0.0), (1.0, 0.3), (20.0, 0.8), (30.0, 1.0))
"""Kelvin above the least discharge temperature, share of the discharge current: assumption."""
HOT = ((10.0, 1.0), (5.0, 0.6), (1.0, 0.0), (0.0, 0.0))
"""Kelvin below the largest temperature, share of the current: assumption. The last kelvin is left to the sensors."""
FULL = ((0.0, 1.0), (0.85, 1.0), (1.0, 0.2))
EMPTY = ((0.0, 0.2), (0.1, 1.0), (1.0, 1.0))
"""State of charge, share of the charge and of the discharge current: assumption."""
STEP_C = 5.0
STEP_SOC = 0.05


@dataclass(frozen=True)
class Currents:
    """What a pack may give for ever, for `peak_s`, and take, in A; where each comes from, and what was assumed."""

    continuous_a: float
    peak_a: float
    peak_s: float
    charge_a: float
    charge_from: tuple[str, str]
    discharge_from: tuple[str, str]
    assumed: tuple[str, ...]


@dataclass(frozen=True)
class CurrentMap:
    """Allowed current in A, a row per temperature in degC, a column per state of charge."""

    temperature_c: Array
    soc: Array
    current_a: Array

    def at(self, temperature_c: float, soc: float) -> float:
        """Return the current in A at a temperature and a state of charge, by linear interpolation; held at the edges.

        No current is allowed outside the temperatures of the map.
        """
        t, z = self.temperature_c, self.soc
        if temperature_c < t[0] or temperature_c > t[-1]:
            return 0.0
        i = min(max(int(np.searchsorted(t, temperature_c)) - 1, 0), len(t) - 2)
        j = min(max(int(np.searchsorted(z, soc)) - 1, 0), len(z) - 2)
        u = (temperature_c - t[i]) / (t[i + 1] - t[i])
        v = min(max((soc - z[j]) / (z[j + 1] - z[j]), 0.0), 1.0)
        a = self.current_a
        return float(
            (1 - u) * ((1 - v) * a[i, j] + v * a[i, j + 1]) + u * ((1 - v) * a[i + 1, j] + v * a[i + 1, j + 1])
        )

    def document(self) -> dict[str, Any]:
        """Return the map as plain lists, rounded to a thousandth of an ampere."""
        return {
            "temperature_c": [float(value) for value in self.temperature_c],
            "soc": [round(float(value), 4) for value in self.soc],
            "current_a": [[round(float(value), 3) for value in row] for row in self.current_a],
        }


def currents(
    layout: Layout, continuous_a: float | None, peak_a: float | None, charge_a: float | None, peak_s: float
) -> Currents:
    """Return the currents of a pack: what is asked for, but no more than the cells give and take.

    The cells give their continuous rate for ever, their pulse rate for as long as the sheet says, and take their charge
    rate; where the sheet is silent the rate of the family is assumed.
    """
    cell, family, capacity = layout.cell, defaults(layout.cell), layout.capacity_ah
    assumed = []
    if cell.charge_rate is None:
        assumed.append(f"charge at {family.charge_rate:g} C: the sheet is silent")
    if cell.discharge_rate is None:
        assumed.append(f"discharge at {family.discharge_rate:g} C: the sheet is silent")
    origin = {True: (f"data sheet ({cell.source})", cell.confidence), False: ("usual for the family", "assumed")}
    lasting = (cell.discharge_rate or family.discharge_rate) * capacity
    pulsed = cell.pulse_rate is not None and (cell.pulse_s or 0.0) >= peak_s
    peak = max(lasting, (cell.pulse_rate or 0.0) * capacity if pulsed else 0.0)
    taken = (cell.charge_rate or family.charge_rate) * capacity
    for asked, given, words in (
        (continuous_a, lasting, "for ever"),
        (peak_a, peak, f"for {peak_s:g} s"),
        (charge_a, taken, "in charge"),
    ):
        if asked is not None and asked > given:
            assumed.append(f"{asked:.4g} A asked for {words}: the cells allow {given:.4g} A")
    lasting = min(lasting, continuous_a or lasting)
    return Currents(
        lasting, max(lasting, min(peak, peak_a or peak)), peak_s, min(taken, charge_a or taken),
        origin[cell.charge_rate is not None], origin[cell.discharge_rate is not None], tuple(assumed),
    )  # fmt: skip


def charge_map(layout: Layout, allowed: Currents) -> CurrentMap:
    """Return the charge current that a pack may take: nothing below the least charge temperature."""
    cell, family = layout.cell, defaults(layout.cell)
    low = family.charge_c[0] if cell.charge_min_c is None else cell.charge_min_c
    high = family.charge_c[1] if cell.charge_max_c is None else cell.charge_max_c
    return _map(low, high, allowed.charge_a, COLD_CHARGE, FULL)


def discharge_map(layout: Layout, allowed: Currents) -> CurrentMap:
    """Return the discharge current that a pack may give for a peak."""
    cell, family = layout.cell, defaults(layout.cell)
    low = family.discharge_c[0] if cell.discharge_min_c is None else cell.discharge_min_c
    high = family.discharge_c[1] if cell.discharge_max_c is None else cell.discharge_max_c
    return _map(low, high, allowed.peak_a, COLD_DISCHARGE, EMPTY)


def _map(
    low: float,
    high: float,
    current_a: float,
    cold: tuple[tuple[float, float], ...],
    soc: tuple[tuple[float, float], ...],
) -> CurrentMap:
    """Return a map between two temperatures: the current by the shares that cold, heat and charge leave of it."""
    rise, by_cold = np.array(cold).T
    room, by_hot = np.array(HOT[::-1]).T
    even = np.linspace(low, high, max(round((high - low) / STEP_C), 1) + 1)
    bends = np.concatenate([even, low + rise, high - room])
    temperatures = np.unique(np.round(bends[(bends >= low) & (bends <= high)], 6))
    states = np.linspace(0.0, 1.0, round(1 / STEP_SOC) + 1)
    edge, by_soc = np.array(soc).T
    warm = np.minimum(np.interp(temperatures - low, rise, by_cold), np.interp(high - temperatures, room, by_hot))
    return CurrentMap(temperatures, states, current_a * np.outer(warm, np.interp(states, edge, by_soc)))
