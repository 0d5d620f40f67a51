"""Numbers by chance that hang on what they are for, and on nothing else.

Each is a hash of seed, replication, purpose, place, unit and try (the finaliser of SplitMix64; Steele, Lea and Flood
2014), so that the time of one pack at one station is the same whatever happens elsewhere: two lines are compared on the
same luck, and another simulator can draw the same numbers in another order.
"""

from __future__ import annotations

import numpy as np

from cellroad.chain.compiling import compiled, inlined

WORK, PASS, FAIL, REPAIR, MEND = 0, 1, 2, 3, 4
"""Purposes: time of a piece of work, whether it passes, time to a failure, its repair, time of rework."""
FIXED, TRIANGULAR, EXPONENTIAL = 0, 1, 2
"""Shapes of a time around its mean or likely value."""


@inlined
def _mixed(key: np.uint64) -> np.uint64:
    key = key + np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


@compiled
def uniform(root: np.uint64, purpose: int, place: int, unit: int, again: int) -> float:
    """Return a number from 0 to below 1 for what a draw is for; `root` is that of a seed and replication."""
    key = _mixed(root ^ (np.uint64(purpose) << np.uint64(60)) ^ (np.uint64(place) << np.uint64(40)) ^ np.uint64(unit))
    return float(_mixed(key ^ np.uint64(again)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def root_of(seed: int, replication: int) -> np.uint64:
    """Return where the numbers of one replication of a seed begin."""
    return _mixed(_mixed(np.uint64(seed)) ^ np.uint64(replication))


@compiled
def lasting(u: float, shape: int, likely: float, low: float, high: float) -> float:
    """Return a time from a number from 0 to 1: fixed, triangular from low to high times the likely one, exponential."""
    if shape == FIXED:
        return likely
    if shape == EXPONENTIAL:
        return float(-likely * np.log(1.0 - u))
    a, b = low * likely, high * likely
    if b <= a:
        return likely
    if u * (b - a) < likely - a:
        return float(a + np.sqrt(u * (b - a) * (likely - a)))
    return float(b - np.sqrt((1.0 - u) * (b - a) * (b - likely)))
