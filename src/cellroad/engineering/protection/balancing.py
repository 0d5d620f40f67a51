"""How long resistors take to balance a pack, and how warm they get. Source: foxBMS 2; makers' sheets of front ends."""

from __future__ import annotations

from dataclasses import dataclass

from cellroad.engineering.layout import Layout

CURRENT_A = 0.1
"""Balancing current of a usual front end: assumption, 50 to 200 mA."""
DUTY = 0.5
"""Share of the time in which a cell is bled, since it is measured in between: assumption."""


@dataclass(frozen=True)
class Balancing:
    """What it takes to take a spread of state of charge away."""

    hours: float
    heat_w: float
    resistor_ohm: float


def balance(
    layout: Layout,
    spread: float = 0.01,
    current_a: float = CURRENT_A,
    duty: float = DUTY,
    voltage_v: float | None = None,
) -> Balancing:
    """Return the time, the heat of all resistors at once and the resistor of passive balancing.

        t = spread Q / (I duty),   P = S I U duty,   R = U / I

    Q is the capacity of a group in Ah, U its voltage (nominal where none is given). A spread of 1 % of 280 Ah takes
    28 h of bleeding at 0.1 A.
    """
    volts = layout.cell.nominal_v if voltage_v is None else voltage_v
    hours = spread * layout.capacity_ah / (current_a * duty)
    return Balancing(hours, layout.series * current_a * volts * duty, volts / current_a)
