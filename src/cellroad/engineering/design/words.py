"""How a condition that is missed is told: what was asked, what a layout has, what would have to change."""

from __future__ import annotations

from collections.abc import Callable

from cellroad.engineering.design.specification import Specification

Has = dict[str, float]
"""Measures of one layout by name."""


def _range(low: float, high: float, unit: str) -> str:
    return f"{low:.6g} to {high:.6g} {unit}" if low != high else f"{low:.6g} {unit}"


def _voltage(spec: Specification) -> str:
    parts = []
    if spec.nominal is not None:
        parts.append(f"{_range(*spec.nominal, 'V')} nominal")
    if spec.voltage is not None:
        parts.append(f"never outside {_range(*spec.voltage, 'V')}")
    return ", ".join(parts)


ASKED: dict[str, Callable[[Specification], str]] = {
    "cell": lambda spec: "one of " + ", ".join(spec.cell),
    "maker": lambda spec: "one of " + ", ".join(spec.maker),
    "format": lambda spec: "one of " + ", ".join(spec.format),
    "chemistry": lambda spec: "one of " + ", ".join(spec.chemistry),
    "confidence": lambda spec: f"a row that is {spec.confidence} or better",
    "voltage": _voltage,
    "energy": lambda spec: _range(*spec.energy, "kWh"),
    "temperature": lambda spec: (
        f"{'charge and discharge' if spec.charge_power else 'discharge'} at {spec.temperature:g} degC"
    ),
    "power": lambda spec: f"{spec.power:.4g} kW at {spec.temperature:g} degC",
    "peak_power": lambda spec: f"{spec.peak_power:.4g} kW for {spec.peak_s:g} s at {spec.temperature:g} degC",
    "charge_power": lambda spec: f"{spec.charge_power:.4g} kW of charge at {spec.temperature:g} degC",
    "mass": lambda spec: f"at most {spec.mass:.4g} kg",
    "volume": lambda spec: f"at most {spec.volume:.4g} L",
    "size": lambda spec: "a box of {:.4g} x {:.4g} x {:.4g} mm".format(*(spec.size or (0, 0, 0))),
    "years": lambda spec: f"{spec.years:g} years",
}
"""What was asked, by condition."""

HAS: dict[str, Callable[[Has], str]] = {
    "voltage": lambda has: f"{has['nominal_v']:.4g} V nominal, {has['least_v']:.4g} to {has['most_v']:.4g} V",
    "energy": lambda has: f"{has['energy_kwh']:.6g} kWh",
    "temperature": lambda has: f"cells for {has['from_c']:g} to {has['to_c']:g} degC",
    "power": lambda has: f"{has['power_kw']:.4g} kW",
    "peak_power": lambda has: f"{has['peak_kw']:.4g} kW",
    "charge_power": lambda has: f"{has['charge_kw']:.4g} kW",
    "mass": lambda has: f"{has['mass_kg']:.4g} kg",
    "volume": lambda has: f"{has['volume_l']:.4g} L",
    "size": lambda has: f"{has['length_mm']:.4g} x {has['width_mm']:.4g} x {has['height_mm']:.4g} mm",
    "years": lambda has: f"{has['years']:.3g} years",
}
"""What a layout has, by condition."""
