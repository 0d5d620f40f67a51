"""How well a pack must be insulated: resistance, distances, and when it may be touched.

Sources: ISO 6469-3 and ECE R100 (ohm per volt, voltage classes, 0.2 J); IEC 60664-1 (creepage), whose table stands here
from memory and is an assumption.
"""

from __future__ import annotations

import math

import numpy as np

DC_OHM_PER_V = 100.0
AC_OHM_PER_V = 500.0
CLASS_B_V = 60.0
"""Above this direct voltage a circuit is of class B and must be guarded against touch (ISO 6469-3)."""
HARMLESS_J = 0.2
"""Energy that a capacitance may hold where it can be touched (ISO 6469-3)."""
CREEPAGE_V = (50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 320.0, 400.0, 500.0, 630.0, 800.0, 1000.0)
CREEPAGE_MM = (1.2, 1.25, 1.3, 1.4, 1.5, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.3, 8.0, 10.0)
"""Creepage for basic insulation, pollution degree 2, material group III: IEC 60664-1 from memory, an assumption."""


def least_resistance(voltage_v: float, ac_coupled: bool) -> float:
    """Return the least insulation resistance in ohm: 100 ohm/V, 500 ohm/V where the circuit is coupled to AC."""
    return (AC_OHM_PER_V if ac_coupled else DC_OHM_PER_V) * voltage_v


def creepage(voltage_v: float, reinforced: bool = False) -> float | None:
    """Return the creepage distance in mm, twice for reinforced insulation; None beyond the table.

    Between two voltages of the table the larger holds.
    """
    at = int(np.searchsorted(CREEPAGE_V, voltage_v))
    if at == len(CREEPAGE_V):
        return None
    return CREEPAGE_MM[at] * (2 if reinforced else 1)


def largest_y_capacitance(voltage_v: float) -> float:
    """Return the largest capacitance in F against the case that stays harmless: 2 E / U^2, infinite at no voltage."""
    return 2 * HARMLESS_J / voltage_v**2 if voltage_v > 0 else math.inf
