"""How a quantity with its unit is read: `100V`, `5 kWh`, `80-116.8 V`, `600 x 400 x 200 mm`.

Strict: a number with a decimal point, a unit of the kind that is asked for, nothing else. A bare number is in the unit
that the kind is told in.
"""

from __future__ import annotations

import math
import re

KINDS: dict[str, dict[str, float]] = {
    "V": {"V": 1.0, "mV": 1e-3, "kV": 1e3},
    "kWh": {"kWh": 1.0, "Wh": 1e-3, "MWh": 1e3},
    "kW": {"kW": 1.0, "W": 1e-3, "MW": 1e3},
    "kg": {"kg": 1.0, "g": 1e-3, "t": 1e3, "lb": 0.45359237},
    "L": {"L": 1.0, "l": 1.0, "litres": 1.0, "m3": 1e3},
    "mm": {"mm": 1.0, "cm": 10.0, "m": 1e3, "in": 25.4},
    "s": {"s": 1.0, "min": 60.0, "h": 3600.0},
    "degC": {"degC": 1.0, "C": 1.0, "°C": 1.0},
    "years": {"years": 1.0, "year": 1.0, "y": 1.0, "a": 1.0},
    "per day": {"per day": 1.0, "/day": 1.0},
    "USD/kWh": {"USD/kWh": 1.0, "$/kWh": 1.0},
    "packs": {"packs": 1.0, "": 1.0},
}
"""Kinds of quantity by the unit that they are told in: every unit that is read, and how many of the first it is."""

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"


def quantity(text: str | float, kind: str) -> float:
    """Return a quantity in the unit of its kind. Raises ValueError in words for a person."""
    return _parts(text, kind, rf"({NUMBER})")[0]


def window(text: str | float | list[float] | tuple[float, ...], kind: str) -> tuple[float, float]:
    """Return the two ends of a range: `80-116.8 V`, `80 to 116.8 V`, `80 V .. 116.8 V`, or a list of two."""
    if isinstance(text, list | tuple):
        low, high = (quantity(part, kind) for part in _as_many(text, 2))
    else:
        unit = _units(kind)
        low, high = _parts(text, kind, rf"({NUMBER})\s*(?:{unit})?\s*(?:-|–|\.\.|to)\s*({NUMBER})")
    if low > high:
        raise ValueError(f"a range from {low:g} to {high:g}, which ends before it begins")
    return low, high


def is_window(text: object) -> bool:
    """Say whether a text or list is a range rather than one quantity."""
    if isinstance(text, list | tuple):
        return True
    return isinstance(text, str) and re.match(rf"\s*{NUMBER}[^-–.]*(?:-|–|\.\.|\bto\b)\s*{NUMBER}", text) is not None


def size(text: str | list[float] | tuple[float, ...]) -> tuple[float, float, float]:
    """Return length, width and height in mm: `600 x 400 x 200 mm`, or a list of three."""
    if isinstance(text, list | tuple):
        a, b, c = (quantity(part, "mm") for part in _as_many(text, 3))
    else:
        a, b, c = _parts(text, "mm", r"\s*[x×]\s*".join([rf"({NUMBER})"] * 3))
    return a, b, c


def _parts(text: str | float, kind: str, pattern: str) -> list[float]:
    """Return the numbers of a text that is a pattern of numbers and one unit, in the unit of the kind."""
    if isinstance(text, bool):
        raise ValueError("yes or no")
    if isinstance(text, int | float):
        text = repr(text)
    if not isinstance(text, str):
        raise ValueError(repr(text))
    found = re.fullmatch(rf"\s*{pattern}\s*({_units(kind)})?\s*", text)
    if found is None:
        raise ValueError(repr(text))
    factor = KINDS[kind][found.groups()[-1] or next(iter(KINDS[kind]))]
    values = [float(number) * factor for number in found.groups()[:-1]]
    if not all(map(math.isfinite, values)):
        raise ValueError(repr(text))
    return values


def _units(kind: str) -> str:
    return "|".join(re.escape(unit) for unit in sorted(KINDS[kind], key=len, reverse=True) if unit)


def _as_many(values: list[float] | tuple[float, ...], many: int) -> list[float] | tuple[float, ...]:
    if len(values) != many:
        raise ValueError(f"{len(values)} values")
    return values
