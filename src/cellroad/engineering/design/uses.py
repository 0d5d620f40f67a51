"""What a use asks of a pack where the specification does not say: how it is cycled, cooled, sold and preferred.

Every number here is an assumption of ours, told as one with each design.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Preference = Literal["cost", "mass", "volume", "life", "balanced"]
PREFERENCES: tuple[Preference, ...] = ("cost", "mass", "volume", "life", "balanced")
Cooling = Literal["passive", "air", "liquid"]
COOLINGS: tuple[Cooling, ...] = ("passive", "air", "liquid")


@dataclass(frozen=True)
class Use:
    """What a pack is used for.

    `usable_share` is the part of the nominal energy that a cycle takes; `hours` the time over which it is drawn, and by
    which power is set where none is asked for; `retention` the part of capacity at which its life ends.
    """

    use: str
    title: str
    prefer: Preference
    cooling: Cooling
    cycles_per_day: float
    usable_share: float
    hours: float
    years: float
    temperature_c: float
    retention: float = 0.8


USES = {
    use.use: use
    for use in (
        Use("storage-residential", "residential storage", "cost", "passive", 1.0, 0.9, 2.0, 10.0, 25.0, 0.7),
        Use("portable", "portable power station", "mass", "air", 0.3, 0.9, 1.5, 5.0, 25.0),
        Use("light-ev", "light electric vehicle", "mass", "passive", 0.5, 0.9, 2.0, 6.0, 25.0),
        Use("golf-cart", "golf cart", "cost", "passive", 0.7, 0.85, 3.0, 8.0, 25.0),
        Use("utv", "side-by-side utility vehicle", "mass", "passive", 0.5, 0.9, 2.0, 8.0, 25.0),
        Use("ev", "road vehicle", "balanced", "liquid", 0.4, 0.92, 3.0, 10.0, 25.0),
        Use("industrial", "industrial truck", "cost", "passive", 1.5, 0.85, 3.0, 8.0, 25.0),
        Use("c-and-i", "commercial and industrial storage", "cost", "liquid", 1.0, 0.95, 2.0, 15.0, 25.0, 0.7),
    )
}  # fmt: skip
