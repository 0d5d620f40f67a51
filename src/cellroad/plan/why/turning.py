"""At which change of a price does a plan turn to something, or away from it? Where both ways cost the same.

With c(d) = c - d * g, g the money of a kind on some columns and d the part of it that is taken away,

    extra(d) = cost of the best plan that turns - cost of the best plan that stays,  both at c(d)

Both costs are the lowest of lines in d, so that Newton's step from two solved plans, extra / (g . (x_turns - x_stays)),
is exact after a few steps from the side on which the plan has turned (Dinkelbach 1967); halving keeps it inside its
bracket where g is on other columns, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellroad.plan.why.case import Answer, Condition

Floats = NDArray[np.float64]
Ask = Callable[[Condition | None, Floats | None], Answer | None]
STEPS = 40


@dataclass(frozen=True)
class Lever:
    """Money that may change: what a unit of each column costs, and what of it goes away for d = 1."""

    cost: Floats
    saved: Floats


def turning(ask: Ask, lever: Lever, stays: Condition, turns: Condition, most: float) -> float | None:
    """Return the smallest share d between 0 and `most` at which turning costs nothing, None where there is none.

    A negative `most` lets the money grow instead of going away. The bracket is widened from one step by step.
    """

    def extra(share: float) -> tuple[float, float, float] | None:
        at = lever.cost - share * lever.saved
        old, new = ask(stays, at), ask(turns, at)
        if old is None or new is None:
            return None
        change = new.values - old.values
        size = float(np.abs(at) @ np.abs(change))
        return float(at @ change), float(lever.saved @ change), 1e-9 * size + 1e-9

    low, found = 0.0, extra(0.0)
    if found is None or found[0] <= found[2]:
        return None if found is None else 0.0
    high = float(np.sign(most))
    while (found := extra(high)) is not None and found[0] > found[2]:
        if abs(high) >= abs(most):
            return None
        low, high = high, high * 10
    if found is None:
        return None
    for _ in range(STEPS):
        if abs(found[0]) <= found[2] or abs(high - low) <= 1e-10 * abs(most):
            break
        step = high + found[0] / found[1] if found[1] else np.nan
        tried = step if min(low, high) < step < max(low, high) else (low + high) / 2
        now = extra(tried)
        if now is None:
            return None
        if now[0] > now[2]:
            low = tried
        else:
            high, found = tried, now
    return high
