"""What is a cash flow worth to the one who has it: rate of return, payback, the most money that is ever tied up.

Flows are nominal and fall on day numbers; years have 365.25 days.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Floats = NDArray[np.float64]
RATES = np.concatenate([np.linspace(-0.99, 1.0, 400), np.geomspace(1.0, 1000.0, 200)[1:]])
"""Rates a year among which a return is looked for."""


def worth_at(rate: float, usd: Floats, day: Floats) -> float:
    """Return the value of flows at a rate a year on day 0."""
    return float(usd @ (1.0 + rate) ** (-day / 365.25))


def irr(usd: Floats, day: Floats) -> float | None:
    """Return the rate a year at which flows are worth nothing; None where there is no such rate, or more than one.

        sum of usd / (1 + rate)^(day / 365.25) = 0

    Flows whose sign changes more than once may have several such rates, and then none of them says anything.
    """
    if not (usd > 0).any() or not (usd < 0).any():
        return None
    values = np.array([worth_at(rate, usd, day) for rate in RATES])
    scale = np.abs(usd).sum()
    crossing = np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0)
    exact = np.flatnonzero(np.abs(values) <= 1e-15 * scale)
    if crossing.size + exact.size != 1:
        return None
    if exact.size:
        return float(RATES[exact[0]])
    low, high = RATES[crossing[0]], RATES[crossing[0] + 1]
    return float(brentq(worth_at, low, high, args=(usd, day), xtol=1e-12))


def payback(usd: Floats, day: Floats) -> float | None:
    """Return the years until money put in has come back for good; None where it never does, or none was put in."""
    total = np.cumsum(usd)
    short = np.flatnonzero(total < -1e-9 * max(float(np.abs(usd).max(initial=0.0)), 1e-9))
    if not short.size or short[-1] == total.size - 1:
        return None
    last = int(short[-1])
    part = -total[last] / usd[last + 1]
    return float((day[last] + part * (day[last + 1] - day[last])) / 365.25)


def peak(usd: Floats) -> float:
    """Return the most money that is ever tied up: the depth of the cumulated flows, undiscounted."""
    return float(max(0.0, -np.cumsum(usd).min(initial=0.0)))
