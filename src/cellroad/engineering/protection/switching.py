"""What a contactor must carry, make, break and survive, and how the bus is charged before it closes.

A contactor breaks what the battery management opens it on, and stays closed for what the fuse is there for: between
them no current may be left that one cannot break and the other does not melt on in time. Sources: ISO 6469-3 (means of
disconnection), IEC 60947-4-1 (short-time withstand, coordination with fuses), makers' sheets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cellroad.engineering.protection.check import Check, at_least, at_most
from cellroad.engineering.protection.fusing import let_through, melting_time
from cellroad.engineering.protection.parts import Contactor, Fuse

Array = npt.NDArray[np.float64]

HOUR_S = 3600.0
CONFIRM_S = 0.2
"""Time in which an over-current is confirmed and the contactor opens: 0.1 s and 0.1 s (foxBMS 2, diag_cfg.c)."""


def withstand(contactor: Contactor, seconds: float | Array) -> Array | None:
    """Return the I2t in A2s that the closed contacts survive over so many seconds; None where it was not read.

    On logarithmic paper through the currents carried for ever (taken at an hour), for a minute and for `short_s`;
    below `short_s` the energy of that point: I2t = short_A^2 short_s.
    """
    if contactor.short_a is None or contactor.short_s is None:
        return None
    points = [(contactor.short_s, contactor.short_a), (HOUR_S, contactor.carry_a)]
    if contactor.minute_a is not None:
        points.insert(1, (60.0, contactor.minute_a))
    times, currents = np.array(points).T
    t = np.maximum(np.asarray(seconds, float), contactor.short_s)
    current = np.exp(np.interp(np.log(t), np.log(times), np.log(currents)))
    return np.where(t <= contactor.short_s, contactor.short_a**2 * contactor.short_s, current**2 * t)


@dataclass(frozen=True)
class Coordination:
    """The current at which fuse and contactor fit worst: what the fuse lets through there and the contacts survive."""

    current_a: float
    let_through_a2s: float
    withstand_a2s: float


def coordinate(fuse: Fuse, contactor: Contactor, trip_a: float, short_a: float) -> Coordination | None:
    """Return where fuse and contactor fit worst, over every current from the trip of the management to a dead short.

    Up to what the contactor breaks it opens after `CONFIRM_S` and must survive that long; above, it stays closed until
    the fuse has cleared. The worst current has the largest ratio of let-through to withstand. Of a fuse whose curve is
    not known the dead short alone is held against the short-time current. None where one of them tells too little.
    """
    breaks = contactor.break_a
    lowest = min(trip_a, short_a)
    if breaks is None or lowest <= 0:
        return None
    grid = np.geomspace(lowest, short_a, 200)
    currents = np.unique(np.append(grid, np.clip(breaks * 1.001, lowest, short_a)))
    fused, melting = let_through(fuse, currents), melting_time(fuse, currents)
    least = withstand(contactor, 0.0)
    if fused is None or least is None:
        return None
    if melting is None:
        return Coordination(short_a, float(fused[-1]), float(least))
    opened = currents**2 * CONFIRM_S
    by_contactor = (currents <= breaks) & (opened < fused)
    energy = np.where(by_contactor, opened, fused)
    limit = withstand(contactor, np.where(by_contactor, CONFIRM_S, np.minimum(melting, HOUR_S)))
    assert limit is not None
    worst = int(np.argmax(energy / limit))
    return Coordination(float(currents[worst]), float(energy[worst]), float(limit[worst]))


def contactor_checks(
    contactor: Contactor,
    fuse: Fuse | None,
    continuous_a: float,
    trip_a: float,
    voltage_v: float,
    short_a: float | None,
) -> tuple[Check, ...]:
    """Return the checks of a contactor, alone and with its fuse.

    `trip_a` is the current on which the battery management opens it at the latest; `voltage_v` the largest voltage of
    the pack; `short_a` the largest short-circuit current in A (None: not known).
    """
    breaks = contactor.break_a if contactor.break_v is not None and contactor.break_v >= voltage_v else None
    meeting = None if fuse is None or short_a is None else coordinate(fuse, contactor, trip_a, short_a)
    name = fuse.name if fuse else "the fuse"
    return (
        at_most(
            "contactor: continuous current", continuous_a, contactor.carry_a, "A",
            f"{contactor.name} carries the current for ever", "take a larger contactor", "maker's sheet",
        ),
        at_least(
            "contactor: voltage", contactor.rated_v, voltage_v, "V", "it switches the voltage of the full pack",
            "take a contactor for this voltage", "ISO 6469-3",
        ),
        at_least(
            "contactor: breaking", breaks, trip_a, "A",
            "it breaks the current on which the battery management opens it, at the voltage of the pack",
            "trip lower, or take a contactor that breaks more", "IEC 60947-4-1; maker's sheet",
        ),
        at_most(
            "fuse and contactor: let-through energy", None if meeting is None else meeting.let_through_a2s,
            None if meeting is None else meeting.withstand_a2s, "A2s",
            f"what {name} lets through stays below what the closed contacts survive"
            + (f", worst at {meeting.current_a:,.0f} A" if meeting else ""),
            "take a fuse that lets less through or a contactor that withstands more",
            "IEC 60947-4-1; IEC 60269-1",
        ),
    )  # fmt: skip


# Precharge ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Precharge:
    """The resistor through which the bus is charged: ohm, time constant, time, energy and power."""

    resistance_ohm: float
    time_constant_s: float
    seconds: float
    energy_j: float
    peak_w: float
    peak_a: float
    residual_v: float
    closing_a: float | None


def precharge(
    voltage_v: float,
    capacitance_f: float,
    seconds: float = 0.5,
    share: float = 0.98,
    loop_ohm: float | None = None,
) -> Precharge:
    """Return the resistor that charges a capacitance to a share of the voltage in so many seconds.

        R = t / (C ln(1 / (1 - share))),   tau = R C,   E = C U^2 / 2 (heat in R, whatever R is),   P = U^2 / R

    When the contactor closes, what is left of the voltage drives U (1 - share) / R_loop through it. Source: circuit
    theory; share 0.95 to 0.98 is practice (3 to 4 time constants).
    """
    constants = -math.log(1 - share)
    resistance = seconds / (capacitance_f * constants)
    residual = voltage_v * (1 - share)
    return Precharge(
        resistance_ohm=resistance,
        time_constant_s=resistance * capacitance_f,
        seconds=seconds,
        energy_j=capacitance_f * voltage_v**2 / 2,
        peak_w=voltage_v**2 / resistance,
        peak_a=voltage_v / resistance,
        residual_v=residual,
        closing_a=None if loop_ohm is None else residual / loop_ohm,
    )


def precharge_check(made: Precharge, contactor: Contactor) -> Check:
    """Return the check that the contactor closes on what the precharge has left."""
    return at_most(
        "contactor: making", made.closing_a, contactor.make_a, "A",
        "the charge that the precharge has left does not weld the contacts when they close",
        "precharge longer, or to a larger share", "maker's sheet",
    )  # fmt: skip
