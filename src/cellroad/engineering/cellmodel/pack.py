"""How does the current of a pack divide among cells in parallel, and what voltage do its groups add up to?

Each cell is, over a step, a source e behind a resistance R, its joint included (`circuit.Middle`). All cells of a group
share two nodes, so that with the group's current I and its voltage U

    sum_i (e_i - U) / R_i = I   so   U = (sum e_i / R_i - I) / sum 1 / R_i

which is Kirchhoff's law, solved anew in every step (Bruen and Marco 2016, doi 10.1016/j.jpowsour.2016.01.001). Groups
add up, less what contactor, fuse, shunt and busbars drop. Power and voltage are held by solving for the current:

    I (E - R I) = P  so  I = (E - sqrt(E^2 - 4 R P)) / 2 R ;   E - R I = V  so  I = (E - V) / R
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellroad.engineering.cellmodel.circuit import Circuit, Middle, State

Floats = npt.NDArray[np.float64]


class Groups(NamedTuple):
    """Groups of cells in parallel (last axis) over a step: mean voltage `source` - `ohm` I; and the pack's own."""

    source: Floats
    ohm: Floats
    share: Floats
    ways: Floats
    pack_source: Floats
    pack_ohm: Floats


@dataclass(frozen=True)
class Pack:
    """A circuit whose last two axes are groups in series and cells in parallel; axes before are packs side by side.

    `joint_ohm` belongs to each cell (any shape that fits), `once_ohm` to the pack.
    """

    circuit: Circuit
    joint_ohm: float | Floats = 0.0
    once_ohm: float | Floats = 0.0

    def groups(self, middle: Middle) -> Groups:
        """Return the groups over the step."""
        ways = 1 / (middle.ohm + self.joint_ohm)
        ohm = 1 / ways.sum(axis=-1)
        share = ways * ohm[..., None]
        source = (middle.source * share).sum(axis=-1)
        return Groups(source, ohm, share, ways, source.sum(axis=-1), ohm.sum(axis=-1) + self.once_ohm)

    def divide(self, middle: Middle, groups: Groups, current: Floats) -> Floats:
        """Return the current of each cell in A when the pack gives `current`."""
        volts = groups.source - groups.ohm * current[..., None]
        return (middle.source - volts[..., None]) * groups.ways

    def step(self, state: State, middle: Middle, cell_current: Floats) -> State:
        """Return the state after the step; what the joints lose warms the surfaces of their cells."""
        return self.circuit.move(state, middle, cell_current, cell_current**2 * self.joint_ohm)


def current_for_power(groups: Groups, power_w: Floats) -> Floats:
    """Return the current in A at which a pack gives (or takes, below zero) a power in W over the step.

    Where it cannot give so much, the current at which it gives most, E / 2 R.
    """
    rest, ohm = groups.pack_source, groups.pack_ohm
    root = np.sqrt(np.maximum(rest**2 - 4 * ohm * power_w, 0.0))
    return 2 * power_w / (rest + root) * (root > 0) + rest / (2 * ohm) * (root <= 0)


def current_for_voltage(groups: Groups, volts: Floats) -> Floats:
    """Return the current in A at which a pack shows a voltage over the step, below zero where it is charged."""
    return (groups.pack_source - volts) / groups.pack_ohm


def kept(groups: Groups, current: Floats, least_v: Floats, most_v: Floats) -> Floats:
    """Return the current nearest to the one asked for at which every group stays between two voltages in V."""
    most = ((groups.source - least_v) / groups.ohm).min(axis=-1)
    least = ((groups.source - most_v) / groups.ohm).max(axis=-1)
    giving, taking = np.minimum(current, np.maximum(most, 0.0)), np.maximum(current, np.minimum(least, 0.0))
    return np.asarray(np.where(current > 0, giving, taking))
