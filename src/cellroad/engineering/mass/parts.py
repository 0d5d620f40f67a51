"""What each component of a pack weighs, in kg: one function a component, each from geometry, voltage or current.

Densities are those of handbooks. Thicknesses and the masses of bought parts are assumptions unless a source is named.
Every function takes many layouts at once and gives an array of their length.
"""

from __future__ import annotations

import numpy as np

from cellroad.engineering.mass.arrange import Grids, area_m2
from cellroad.engineering.mass.construction import LOW_V, Built, Floats
from cellroad.engineering.mass.layouts import Layouts

ALUMINIUM, COPPER, COOLANT = 2.70, 8.96, 1.07
"""Densities in kg/L; the coolant is water and glycol in equal parts."""

POUCH_WALL_MM = 4.0
"""Aluminium wall of the box that holds and presses pouches, on all sides."""
END_PLATE_MM = 8.0
"""Aluminium of a ribbed end plate, as if solid."""
SIDE_WALL_MM = 1.5
"""Side plates and straps of modules of cans."""
PAD_KG_M2 = 0.4
"""Foam or sheet between the flat faces of neighbours."""
HOLDER_KG_M2 = 2.6
"""A holder of round cells with the collectors' carrier, by footprint; there is one above and one below."""
FILLER_KG_L = 0.5
"""Adhesive and foam between round cells, by the volume between them."""
POTTING_KG_L = 1.0
"""Potting compound with its fillers."""

AMP_MM2 = 3.0
"""Current density of copper bars in a closed pack; 2 to 4 A/mm2 is usual."""
LINK_MM = 30.0
"""What a link between two groups has beside the pitch of the groups: its ends and welds."""
SENSE_KG_M = 0.010
"""A sense wire with its share of fuses, plugs and sheath."""

BOARD_KG, CHANNEL_KG = 0.10, 0.015
"""Board of a battery management system, and what each cell group adds: chips, resistors, plugs."""
MASTER_KG = 0.8
"""Controller, insulation monitor and housing that only high voltage needs."""
SWITCH_KG, SWITCH_KG_A = 0.10, 0.004
"""Transistors, fuse, shunt and terminals of low voltage: what is there anyway, and what each ampere adds."""
CONTACTOR_KG, CONTACTOR_KG_A = 2.5, 0.025
"""Two contactors, precharge, fuse, shunt, service disconnect, connectors and their box, at high voltage."""

PLATE_KG_M2 = 2 * 1.5 * ALUMINIUM
"""Two brazed sheets of aluminium."""
COOLANT_L_M2 = 2.6
"""Coolant in a plate with its manifolds, by area; BatPaC has 3 in its reference pack."""
INTERFACE_KG_M2 = 3.5
"""Gap filler between cells and plate: about 1.3 mm."""
PIPES_KG = 1.5
"""Pipes, ports and sensors of a liquid circuit."""
FAN_KG, DUCT_KG_KWH = 0.2, 0.06
"""Fans and ducts."""
PLATES = {"passive": 0, "air": 0, "liquid": 1, "liquid-both": 2, "refrigerant": 1}
"""Plates by cooling."""

INVERTER_KG, INVERTER_KG_KW = 4.0, 2.6
"""An inverter for a house with its choke and heat sink: 5 kW weigh 15 to 20 kg."""
BASE_KG_M2 = 65.0
"""Base of a stack and the housing of its control unit, by their floor."""


def modules(layouts: Layouts, built: Built) -> Floats:
    """Return into how many modules the cells go: as few as the largest energy of one allows."""
    return np.maximum(1.0, np.ceil(layouts.energy_kwh / built.module_kwh - 1e-9))


def module_mm(grids: Grids, count: Floats) -> Floats:
    """Return the sizes of modules (3 x n): the block cut into equal parts, as square as they come."""
    long = np.maximum(grids.block_mm[0], grids.block_mm[1])
    short = np.minimum(grids.block_mm[0], grids.block_mm[1])
    each = np.maximum(1.0, np.round(count / grids.boxes))
    cut = np.maximum(1.0, np.round(np.sqrt(each * long / short)))
    return np.stack([long / cut, short * cut / each, grids.block_mm[2]])


def of_cells(layouts: Layouts) -> Floats:
    """Return the cells: their number by the mass of one."""
    return np.asarray(layouts.cells * layouts.cell_kg)


def of_modules(layouts: Layouts, grids: Grids, built: Built) -> Floats:
    """Return what holds the cells together, by their format.

    Pouches stand in closed boxes that press them; prismatic cells between end plates with side plates; round cells in
    two holders, glued. Between flat faces lie pads.

        pouch      n_modules area t rho + pads
        prismatic  n_modules (ends t_end + sides t_side) rho + pads
        round      2 holders by footprint + filler between + n_modules (ends + sides) t_side rho
    """
    count = modules(layouts, built)
    size = module_mm(grids, count)
    length, width, height = size / 1000
    ends, sides = 2 * width * height, 2 * length * height
    pads = PAD_KG_M2 * layouts.cells * layouts.pitch_mm[1] * layouts.pitch_mm[2] / 1e6
    pouch = count * area_m2(size) * POUCH_WALL_MM * ALUMINIUM + pads
    prismatic = count * ALUMINIUM * (ends * END_PLATE_MM + sides * SIDE_WALL_MM) + pads
    between = np.maximum(grids.block_l - layouts.cells * layouts.cell_l, 0.0)
    walls = count * ALUMINIUM * (ends + sides) * SIDE_WALL_MM
    round_ = 2 * HOLDER_KG_M2 * grids.footprint_m2 + FILLER_KG_L * between + walls
    return np.asarray(np.where(layouts.pouch, pouch, np.where(layouts.prismatic, prismatic, round_)))


def of_potting(layouts: Layouts, grids: Grids, built: Built) -> Floats:
    """Return the compound that fills a share of what the cells leave free in the box."""
    return np.asarray(POTTING_KG_L * built.potting * (grids.outer_l - layouts.cells * layouts.cell_l))


def busbar_m(layouts: Layouts, grids: Grids) -> Floats:
    """Return the length of the conductors in m: a link over each group, and the way out of the box.

    The square root of the cells in parallel is how many stand side by side.
    """
    link = np.sqrt(layouts.parallel) * layouts.pitch_mm[:2].min(axis=0) + LINK_MM
    return np.asarray((layouts.series * link + grids.box_mm[0] + grids.box_mm[1]) / 1000)


def of_busbars(layouts: Layouts, grids: Grids, amps: Floats) -> Floats:
    """Return the conductors: section by current, length by the pitch of the groups and the way out of the box.

    kg = rho (I / J) (S link + L + W)
    """
    return COPPER * amps / AMP_MM2 * busbar_m(layouts, grids) / 1000


def harness_m(layouts: Layouts, grids: Grids) -> Floats:
    """Return the length of the sense wires in m: one a group and one more, each half of length and width of a box."""
    return np.asarray((layouts.series + 1) * (grids.box_mm[0] + grids.box_mm[1]) / 2000)


def of_harness(layouts: Layouts, grids: Grids) -> Floats:
    """Return the sense wires with their plugs and fuses."""
    return SENSE_KG_M * harness_m(layouts, grids)


def of_management(layouts: Layouts) -> Floats:
    """Return the battery management system, by the groups that it watches and by its voltage."""
    return BOARD_KG + CHANNEL_KG * layouts.series + MASTER_KG * (layouts.nominal_v > LOW_V)


def of_switches(layouts: Layouts, amps: Floats) -> Floats:
    """Return what connects, protects and measures: transistors at low voltage, contactors above."""
    low, high = SWITCH_KG + SWITCH_KG_A * amps, CONTACTOR_KG + CONTACTOR_KG_A * amps
    return np.where(layouts.nominal_v > LOW_V, high, low)


def of_cooling(layouts: Layouts, grids: Grids, cooling: str) -> Floats:
    """Return what carries heat away.

    Passive: nothing. Air: fans and ducts. Liquid: a plate under the cells with coolant and gap filler; `liquid-both`:
    one above as well; refrigerant: a plate with gap filler and pipes.
    """
    if cooling == "air":
        return FAN_KG + DUCT_KG_KWH * layouts.energy_kwh
    plates = PLATES[cooling]
    wet = 0.0 if cooling == "refrigerant" else COOLANT * COOLANT_L_M2
    return plates * grids.footprint_m2 * (PLATE_KG_M2 + INTERFACE_KG_M2 + wet) + PIPES_KG * (plates > 0)


def of_enclosure(grids: Grids, built: Built) -> Floats:
    """Return the shell: its outer area by what a m2 of it weighs with ribs, rails and frame."""
    return grids.outer_m2 * built.shell_kg_m2


def of_control(grids: Grids) -> Floats:
    """Return the housing of the control unit and the base of a stack; nothing for a pack in one box."""
    return np.asarray(BASE_KG_M2 * grids.box_mm[0] * grids.box_mm[1] / 1e6 * (grids.boxes > 1))


def of_fixed(grids: Grids, built: Built) -> Floats:
    """Return what each box has once."""
    return grids.boxes * built.fixed_kg


def inverter_kg(power_kw: float) -> float:
    """Return the mass of an inverter in the box, by its power."""
    return INVERTER_KG + INVERTER_KG_KW * power_kw
