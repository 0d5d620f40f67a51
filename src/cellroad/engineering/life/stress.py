"""What wears the cell at a given state of health: charge, potential, temperature, depth and rate by segment and cycle.

The energy a duty asks for stays as the cell ages, so that what is left is used more deeply: with the capacity `health`
left, the swing is m + (soc - m)/health between empty and full, with m the mean over time, and a cycle takes the smaller
of what it takes when new and what there is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cellroad.engineering.life.box import Box
from cellroad.engineering.life.rainflow import Array, Cycles
from cellroad.engineering.life.use import Use


@dataclass(frozen=True)
class Stress:
    """What wears a cell over a year: by point, by segment, by cycle.

    `kelvin` by point; `depth` of cycles, of what capacity is left; `full_cycles` the equivalent full cycles a year of
    each, of nominal capacity; rates by segment in 1/h, of nominal capacity.
    """

    use: Use
    found: Cycles
    soc: Array
    kelvin: Array
    depth: Array
    full_cycles: Array
    rate: Array
    charge_rate: Array
    discharge_rate: Array

    @cached_property
    def anode(self) -> Array:
        """Potential of graphite against lithium in V at the points."""
        return anode_potential(self.soc)

    @property
    def days(self) -> Array:
        """Days a year of each segment."""
        return self.use.days * self.use.times

    def mean(self, values: Array) -> Array:
        """Return the mean over time by segment of a value known at the points."""
        return self.use.mean(values)

    def cycle(self, by_segment: Array) -> Array:
        """Return for each cycle the mean of a value known by segment."""
        return self.use.of_cycles(by_segment, self.found)

    def clamped(self, box: Box) -> Stress:
        """Return the stress with every value moved to the edge of a box that it lies beyond."""
        return replace(
            self,
            kelvin=np.clip(self.kelvin, box.low("temperature") + 273.15, box.high("temperature") + 273.15),
            soc=np.clip(self.soc, box.low("soc"), box.high("soc")),
            depth=np.clip(self.depth, box.low("depth"), box.high("depth")),
            rate=np.minimum(self.rate, max(box.high("charge_rate"), box.high("discharge_rate"))),
            charge_rate=np.clip(self.charge_rate, box.low("charge_rate"), box.high("charge_rate")),
            discharge_rate=np.clip(self.discharge_rate, box.low("discharge_rate"), box.high("discharge_rate")),
        )


def stress(use: Use, found: Cycles, health: float, *, resting: bool) -> Stress:
    """Return the stress on a cell that has so much of its capacity left.

    With `resting` the mean rate is that over all hours, without that of the hours in which current flows.
    """
    soc = np.clip(use.middle + (use.soc - use.middle) / health, 0.0, 1.0)
    depth = np.minimum(found.depth / health, np.abs(soc[found.end] - soc[found.start]))
    return Stress(
        use=use,
        found=found,
        soc=soc,
        kelvin=use.kelvin,
        depth=depth,
        full_cycles=found.count * depth * health * use.times[use.segment(found.start)],
        rate=use.all_hours_rate if resting else use.moving_rate,
        charge_rate=use.charge_rate,
        discharge_rate=use.discharge_rate,
    )


def anode_potential(soc: Array) -> Array:
    """Return the potential of a graphite electrode against lithium in V at states of charge of the cell.

    Safari and Delacourt, J. Electrochem. Soc. 158 (2011) A562, with the degree of lithiation x = 0.0085 + soc (0.78 -
    0.0085) of Schimpe et al., J. Electrochem. Soc. 165 (2018) A181.
    """
    x = 0.0085 + soc * (0.78 - 0.0085)
    return np.asarray(
        0.6379
        + 0.5416 * np.exp(-305.5309 * x)
        + 0.044 * np.tanh(-(x - 0.1958) / 0.1088)
        - 0.1978 * np.tanh((x - 1.0571) / 0.0854)
        - 0.6875 * np.tanh((x + 0.0117) / 0.0529)
        - 0.0175 * np.tanh((x - 0.5692) / 0.0875)
    )
