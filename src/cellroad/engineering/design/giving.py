"""What to ask instead, so that a pack which nearly meets a specification meets it: words for each condition it misses.

A limit is told with three figures, rounded to the side on which the pack is let through.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from cellroad.engineering.design.nearest import Near
from cellroad.engineering.design.specification import Specification

Way = dict[str, str]
"""Words by key of a specification that would have to be asked instead."""


def giving_way(near: Near, spec: Specification) -> Way:
    """Return the words to ask of the product instead, for a layout that nearly meets what is asked of one unit.

    Nothing is returned where no words would do: a power that is not there at all cannot be asked for.
    """
    way: Way = {}
    for name in near.misses:
        if name == "voltage":
            way |= _voltage(near, spec)
        elif name in _WORDS:
            way[name] = _WORDS[name](near, spec)
    return way if all(way.values()) else {}


def _voltage(near: Near, spec: Specification) -> Way:
    has, way = near.has, {}
    if spec.nominal is not None:
        way["nominal"] = _range(*spec.nominal, has["nominal_v"], has["nominal_v"], "V")
    if spec.voltage is not None:
        way["voltage"] = _range(*spec.voltage, has["least_v"], has["most_v"], "V")
    return way


def _energy(near: Near, spec: Specification) -> str:
    units, (low, high) = spec.units or 1, spec.energy
    kwh = near.has["energy_kwh"] * units
    return _range(low * units, high * units, kwh, kwh, "kWh")


def _range(low: float, high: float, least: float, most: float, unit: str) -> str:
    """Return a range with its ends moved as far as they must be."""
    return f"{low if low <= least else _down(least):.10g}-{high if high >= most else _up(most):.10g} {unit}"


def _power(measure: str) -> Callable[[Near, Specification], str]:
    def words(near: Near, spec: Specification) -> str:
        kw = near.has[measure] * (spec.units or 1)
        return f"{_down(kw):.10g} kW" if kw > 0 else ""

    return words


def _limit(measure: str, unit: str) -> Callable[[Near, Specification], str]:
    return lambda near, spec: f"{_up(near.has[measure]):.10g} {unit}"


def _also(key: str, own: Callable[[Near], str]) -> Callable[[Near, Specification], str]:
    def words(near: Near, spec: Specification) -> str:
        asked: Any = getattr(spec, key)
        return ", ".join((*asked, own(near)))

    return words


_WORDS: dict[str, Callable[[Near, Specification], str]] = {
    "energy": _energy,
    "power": _power("power_kw"),
    "peak_power": _power("peak_kw"),
    "charge_power": _power("charge_kw"),
    "temperature": lambda near, spec: f"{min(max(spec.temperature, near.has['from_c']), near.has['to_c']):.10g} degC",
    "mass": _limit("mass_kg", "kg"),
    "volume": _limit("volume_l", "L"),
    "size": lambda near, spec: " x ".join(
        f"{_up(near.has[side]):.10g}" for side in ("length_mm", "width_mm", "height_mm")
    ) + " mm",
    "cell": _also("cell", lambda near: near.layout.cell.name),
    "maker": _also("maker", lambda near: near.layout.cell.maker),
    "format": _also("format", lambda near: near.layout.cell.format),
    "chemistry": _also("chemistry", lambda near: near.layout.cell.family),
    "confidence": lambda near, spec: near.layout.cell.confidence,
}  # fmt: skip


def _up(value: float) -> float:
    return _rounded(value, math.ceil)


def _down(value: float) -> float:
    return _rounded(value, math.floor)


def _rounded(value: float, to: Callable[[float], int]) -> float:
    """Return a number above zero with three figures, rounded up or down."""
    step = 10.0 ** (math.floor(math.log10(value)) - 2)
    return float(f"{to(value / step) * step:.12g}")
