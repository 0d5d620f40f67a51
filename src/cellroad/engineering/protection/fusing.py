"""Which fuse a pack needs, when it melts, and how much energy it lets through.

The rating follows from the continuous current, the pulses from the time-current curve, the voltage and the breaking
capacity from the pack, and the energy that the fuse lets through decides what must stand behind it. Sources:
IEC 60269-1 and -4 (utilisation, pre-arcing and total I2t), IEC 60269-5 (use), and the makers' guides named below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cellroad.engineering.protection.check import Check, at_least, at_most
from cellroad.engineering.protection.parts import Fuse

Array = npt.NDArray[np.float64]

LOADING = 0.75
"""Share of its rating that a fuse carries for ever in a closed box: assumption, 0.75 (UL practice) to 0.8 (IEC)."""
HOT_C = 130.0
"""Temperature at which a fuse carries nothing: 130 to 150 degC (Ferraz Shawmut, application guide, appendix a)."""
RATED_C = 25.0
"""Ambient at which a fuse is rated: 25 to 30 degC (the same)."""
PULSES = (100.0, 1e3, 1e4, 1e5)
PULSE_SHARES = (0.48, 0.38, 0.29, 0.22)
"""Share of the melting I2t that a pulse may have, by how often it comes (Littelfuse, fuseology, chart 2)."""
ADIABATIC_S = 0.01
"""Below this time a fuse melts by energy alone: its I2t no longer depends on the current (IEC 60269-1)."""
HOUR_S = 3600.0
STANDARD_A = (
    10.0, 12.0, 16.0, 20.0, 25.0, 32.0, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0,
    500.0, 630.0, 800.0, 1000.0, 1250.0,
)  # fmt: skip
"""Rated currents of IEC 60269-1: the series R10 of ISO 3."""


def ambient_factor(ambient_c: float) -> float:
    """Return how much of its rating a fuse carries at an ambient temperature in degC.

        A1 = sqrt((T_hot - T) / (T_hot - T_rated)),   not above 1, 0 from T_hot

    Source: Ferraz Shawmut, application guide for semiconductor fuse links, appendix (a).
    """
    return math.sqrt(min(max((HOT_C - ambient_c) / (HOT_C - RATED_C), 0.0), 1.0))


def least_rating(continuous_a: float, ambient_c: float = RATED_C, loading: float = LOADING) -> float:
    """Return the least rated current in A for a current carried for ever; infinite where it is too hot for a fuse.

    I_n >= I / (loading * A1(T))
    """
    factor = loading * ambient_factor(ambient_c)
    return continuous_a / factor if factor > 0 else math.inf


def standard_rating(least_a: float) -> float | None:
    """Return the smallest rated current of IEC 60269-1 that is not below `least_a`; None beyond the series."""
    return next((rating for rating in STANDARD_A if rating >= least_a), None)


def pulse_share(pulses: float) -> float:
    """Return the share of the melting I2t that each of so many pulses may have.

    Between the printed points the share is read on logarithmic paper; beyond them it is held. Source: Littelfuse,
    fuseology, chart 2 (pulses at least 10 s apart).
    """
    return float(np.exp(np.interp(np.log(max(pulses, 1.0)), np.log(PULSES), np.log(PULSE_SHARES))))


def melting_current(fuse: Fuse, seconds: float | Array) -> Array | None:
    """Return the least current in A that melts a fuse in so many seconds; None where its curve is not known.

    The curve is drawn on logarithmic paper through its points at an hour, at 10 s and at 0.1 s and meets the adiabatic
    line I = sqrt(I2t / t) at 10 ms, which it follows below.
    """
    points = curve(fuse)
    if points is None or fuse.melting_a2s is None:
        return None
    times, currents = points
    t = np.asarray(seconds, float)
    drawn = np.exp(np.interp(np.log(t), np.log(times), np.log(currents)))
    return np.where(t < ADIABATIC_S, np.sqrt(fuse.melting_a2s / t), drawn)


def melting_time(fuse: Fuse, current_a: float | Array) -> Array | None:
    """Return the seconds in which a current in A melts a fuse at the latest its curve tells; infinite below `holds`.

    The inverse of `melting_current`; None where the curve is not known.
    """
    points = curve(fuse)
    if points is None or fuse.melting_a2s is None:
        return None
    times, currents = points
    i = np.maximum(np.asarray(current_a, float), 1e-9)
    drawn = np.exp(np.interp(np.log(i), np.log(currents[::-1]), np.log(times[::-1])))
    adiabatic = fuse.melting_a2s / i**2
    return np.where(i > currents[0], adiabatic, np.where(i <= currents[-1], np.inf, drawn))


def curve(fuse: Fuse) -> tuple[Array, Array] | None:
    """Return times in s, rising, and the least melting currents in A, falling; None where a point is not known."""
    points = (fuse.melts_100ms, fuse.melts_10s, fuse.holds)
    if fuse.melting_a2s is None or any(point is None for point in points):
        return None
    known = fuse.rated_a * np.array([point for point in points if point is not None])
    adiabatic = math.sqrt(fuse.melting_a2s / ADIABATIC_S)
    return np.array([ADIABATIC_S, 0.1, 10.0, HOUR_S]), np.concatenate([[adiabatic], known])


def let_through(fuse: Fuse, current_a: float | Array) -> Array | None:
    """Return the I2t in A2s that a fuse lets through at prospective currents, at most.

        W = max(W_clearing, I^2 t_melt(I))

    A short circuit far above the rating is limited, and the total I2t of the data sheet is the most; a smaller one
    melts the fuse slowly and lets more through. Infinite where the current never melts the fuse; None where the fuse
    does not tell its total I2t. Of a fuse whose curve is not known the total I2t stands for every current.
    """
    if fuse.clearing_a2s is None:
        return None
    current, seconds = np.asarray(current_a, float), melting_time(fuse, current_a)
    slow = 0.0 if seconds is None else current**2 * seconds
    most: Array = np.maximum(np.full(current.shape, fuse.clearing_a2s), slow)
    return most


def fuse_checks(
    fuse: Fuse,
    continuous_a: float,
    peak_a: float,
    peak_s: float,
    voltage_v: float,
    short_a: tuple[float, float] | None,
    ambient_c: float,
    pulses: float,
) -> tuple[Check, ...]:
    """Return the checks of a fuse alone.

    `voltage_v` is the largest voltage of the pack; `short_a` its prospective short-circuit currents, least and largest,
    in A (None: not known); `pulses` how often the peak comes in the life of the pack.
    """
    least, largest = short_a or (None, None)
    melting = melting_current(fuse, peak_s)
    allowed = None if melting is None else float(melting) * math.sqrt(pulse_share(pulses))
    weakest = None if fuse.least_breaking is None else fuse.least_breaking * fuse.rated_a
    carried = fuse.rated_a * LOADING * ambient_factor(ambient_c)
    return (
        at_most(
            "fuse: continuous current", continuous_a, carried, "A",
            f"{fuse.name} carries {LOADING:.0%} of its rating, less at {ambient_c:.0f} °C",
            "take a larger fuse or cool its place", "IEC 60269-5; Ferraz Shawmut application guide",
        ),
        at_most(
            "fuse: pulse", peak_a, allowed, "A",
            f"a pulse of {peak_s:g} s that comes {pulses:,.0f} times stays below the melting curve",
            "take a larger or slower fuse", "IEC 60269-1; Littelfuse fuseology, chart 2",
        ),
        at_least(
            "fuse: voltage", fuse.rated_v, voltage_v, "V", "the rated voltage for direct current covers the full pack",
            "take a fuse that is rated for this direct voltage", "IEC 60269-1",
        ),
        at_least(
            "fuse: breaking capacity", fuse.breaking_a, largest, "A",
            "the fuse breaks the largest short-circuit current of the pack: full, warm and new",
            "take a fuse of a higher breaking capacity", "IEC 60269-1",
        ),
        at_least(
            "fuse: weak short circuit", least, weakest, "A",
            "an empty, cold, old pack still drives more than the least current that the fuse breaks",
            "take a smaller fuse, or let the contactor break what the fuse cannot", "IEC 60269-4",
        ),
    )  # fmt: skip


def candidates(fuses: Sequence[Fuse], voltage_v: float) -> list[Fuse]:
    """Return the fuses rated for a direct voltage in V, the smallest first; of one size the lower voltage first."""
    rated = [fuse for fuse in fuses if fuse.rated_v is not None and fuse.rated_v >= voltage_v]
    return sorted(rated, key=lambda fuse: (fuse.rated_a, fuse.rated_v or 0.0))
