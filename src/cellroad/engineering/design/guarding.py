"""What protects a pack in the use that was asked for: the parts of `protection` at its currents."""

from __future__ import annotations

from cellroad.engineering.design.specification import Specification
from cellroad.engineering.layout import Layout
from cellroad.engineering.protection.protect import Protection, protect

CAPACITANCE_F = 1e-3
"""What the contactor closes on: the link of an inverter or a drive (assumption)."""
AMBIENT_C = 40.0
"""Air at fuse and contactor (assumption)."""


def guarded(layout: Layout, spec: Specification) -> Protection:
    """Return the protection of a unit at the power that was asked for, at its nominal voltage."""
    amps = spec.power * 1000 / layout.nominal_v
    peak = max(spec.peak_power, spec.power) * 1000 / layout.nominal_v
    return protect(layout, amps, peak, spec.peak_s, CAPACITANCE_F, AMBIENT_C)
