"""What resists the current of a cell: at once, after seconds and after minutes, by temperature and state of charge?

    R(z, T) = R * rise(z) * exp(E / R_gas (1/T - 1/298.15 K))

for R0, which drops voltage at once, and for two branches of a resistance beside a capacitor, R1 C1 (seconds: charge
transfer) and R2 C2 (minutes: diffusion). The capacitors are constant, so that a cold branch is slow, too. What a
sheet calls direct-current resistance is what is lost after ten seconds:

    R_dc = R0 + R1 (1 - exp(-10 s / R1 C1)) + R2 (1 - exp(-10 s / R2 C2))

and R0 is what it prints at 1 kHz. Sheets mostly print only the latter: then R_dc is twice that (1.5 to 2.5 times are
usual), and where none is printed, both follow from the capacity. Each of these is an assumption, and is told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cellroad.engineering.cell import Cell
from cellroad.engineering.family import defaults

Floats = npt.NDArray[np.float64]

GAS = 8.314462618
"""J/mol/K."""
REFERENCE_K = 298.15
DC_BY_AC = 2.0
"""Resistance over ten seconds by that at 1 kHz; 1.5 to 2.5 are usual. Assumed."""
PULSE_S = 10.0
FAST_S = 3.0
"""Time constant of the first branch at 25 C in the middle of the state of charge. Assumed."""
SLOW_S = 200.0
"""Time constant of the second. Assumed."""
SLOW_SHARE = 0.5
"""The resistance of the second branch by what ten seconds lose beyond 1 kHz. Assumed."""
POWER_RATE, POWER_SHARE = 4.0, 0.5
"""The part of its family's resistance for a cell that prints none and may be discharged at the rate (1/h) or above.
Assumed."""
EMPTY_RISE, EMPTY_SOC = 1.5, 0.08
FULL_RISE, FULL_SOC = 0.15, 0.05
"""Resistance rises by 1.5 times itself when the cell is empty, and by 0.15 when full, over so much charge. Assumed."""


@dataclass(frozen=True)
class Resistance:
    """Resistances in ohm and capacitors in F at 25 C at mid charge, what temperature does, and the rise with charge.

    `rise` is a factor at equal steps of the state of charge from 0 to 1. `lag` is by how much the surface of the
    particles is emptier than the cell, in state of charge per V of the slow branch; only a fit to traces tells it.
    """

    r0: float
    r1: float
    c1: float
    r2: float
    c2: float
    activation: float
    rise: Floats
    lag: float = 0.0
    assumptions: tuple[str, ...] = ()

    def after(self, seconds: float) -> float:
        """Return the resistance after so many seconds of a constant current, in ohm at 25 C at mid charge."""
        fast, slow = (-np.expm1(-seconds / (r * c)) if r else 0.0 for r, c in ((self.r1, self.c1), (self.r2, self.c2)))
        return float(self.r0 + self.r1 * fast + self.r2 * slow)

    def grown(self, factor: float) -> Resistance:
        """Return the resistances multiplied by a factor, as fast as before."""
        return replace(
            self, r0=self.r0 * factor, r1=self.r1 * factor, r2=self.r2 * factor,
            c1=self.c1 / factor, c2=self.c2 / factor, lag=self.lag / factor,
        )  # fmt: skip


def usual_rise(steps: int) -> Floats:
    """Return the factor of resistance over the state of charge, 1 at its middle."""
    soc = np.linspace(0, 1, steps + 1)
    factor = 1 + EMPTY_RISE * np.exp(-soc / EMPTY_SOC) + FULL_RISE * np.exp((soc - 1) / FULL_SOC)
    return factor / float(np.interp(0.5, soc, factor))


def warm(activation: float | Floats, kelvin: float | Floats) -> Floats:
    """Return the factor of resistance at a temperature: exp(E / R_gas (1/T - 1/298.15 K))."""
    return np.exp(np.asarray(activation) / GAS * (1 / np.asarray(kelvin) - 1 / REFERENCE_K))


def resistance(cell: Cell, steps: int) -> Resistance:
    """Return the resistances of a new cell, with the rise over `steps` equal steps of the state of charge."""
    activation = defaults(cell).activation
    alternating, direct, assumptions = printed(cell)
    branches = direct - alternating
    slow = SLOW_SHARE * branches
    fast = (branches + slow * math.expm1(-PULSE_S / SLOW_S)) / -math.expm1(-PULSE_S / FAST_S)
    assumptions += (
        f"branches of {FAST_S:g} s and {SLOW_S:g} s, {SLOW_SHARE:g} of the ten-second drop added by the slow one",
        f"resistance follows temperature with {activation / 1000:g} kJ/mol",
        f"resistance {1 + EMPTY_RISE:g} times its usual value when empty",
    )
    return Resistance(
        alternating, fast, FAST_S / fast, slow, SLOW_S / slow, activation, usual_rise(steps), 0.0, assumptions
    )


def printed(cell: Cell) -> tuple[float, float, tuple[str, ...]]:
    """Return the resistance of a cell at 1 kHz and over ten seconds in ohm, and what was assumed for them."""
    alternating, direct = cell.acir_ohm, cell.dcir_ohm
    if alternating and direct:
        if direct <= alternating:
            told = (
                f"ten-second resistance of {direct * 1000:.3g} mohm is not above that at 1 kHz; {DC_BY_AC:g} times that"
            )
            return alternating, alternating * DC_BY_AC, (told,)
        return alternating, direct, ()
    if direct:
        told = f"resistance at 1 kHz is the ten-second one divided by {DC_BY_AC:g}"
        return direct / DC_BY_AC, direct, (told,)
    if alternating:
        told = f"ten-second resistance is {DC_BY_AC:g} times that at 1 kHz (1.5 to 2.5 are usual)"
        return alternating, alternating * DC_BY_AC, (told,)
    usual = defaults(cell).ohm_ah
    if cell.family != "LTO" and (cell.discharge_rate or 0.0) >= POWER_RATE:
        usual *= POWER_SHARE
    direct = usual / cell.capacity_ah
    told = f"no resistance printed: {usual:g} ohm Ah over ten seconds, usual for {cell.family}"
    return direct / DC_BY_AC, direct, (told,)
