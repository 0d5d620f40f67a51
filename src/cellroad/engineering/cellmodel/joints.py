"""What resists the current of a pack outside its cells?

    R_pack = S / P (R_cell + R_joint) + R_contactor + R_fuse + R_shunt + R_bus

with the joint of each cell (weld, tab, its part of the busbar) in its own way, where it helps to divide the current
between cells in parallel, and the rest once. Without values of the user's own they are usual ones, and assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

from cellroad.engineering.cellmodel.model import CellModel
from cellroad.engineering.cellmodel.resistance import PULSE_S
from cellroad.engineering.layout import Layout

JOINT_OHM = {"cylindrical": 0.5e-3, "prismatic": 0.08e-3, "pouch": 0.1e-3}
"""The two joints of one cell with its part of the busbar. Assumed."""


@dataclass(frozen=True)
class Joints:
    """Resistances in ohm: the joints of one cell, and what the whole current passes once."""

    cell_ohm: float
    contactor_ohm: float = 0.2e-3
    fuse_ohm: float = 0.3e-3
    shunt_ohm: float = 0.1e-3
    bus_ohm: float = 0.4e-3

    @property
    def once_ohm(self) -> float:
        """What the whole current passes once, in ohm."""
        return self.contactor_ohm + self.fuse_ohm + self.shunt_ohm + self.bus_ohm


def usual_joints(layout: Layout) -> Joints:
    """Return usual joints for the cells of a layout."""
    return Joints(JOINT_OHM.get(layout.cell.format, JOINT_OHM["prismatic"]))


def pack_ohm(layout: Layout, model: CellModel, seconds: float = PULSE_S, joints: Joints | None = None) -> float:
    """Return the resistance of a pack in ohm after `seconds` of a current, at 25 C at mid charge; 0 s: at 1 kHz."""
    known = joints or usual_joints(layout)
    return layout.series / layout.parallel * (model.resistance.after(seconds) + known.cell_ohm) + known.once_ohm
