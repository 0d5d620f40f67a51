"""What each component of a pack weighs: one function a component, each from geometry, voltage or current.

Densities are those of handbooks. Thicknesses and the masses of bought parts are assumptions unless a source is named.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cellroad.engineering.layout import Layout
from cellroad.engineering.mass.arrange import Grid, box_m2
from cellroad.engineering.mass.construction import LOW_V, Construction

ALUMINIUM, COPPER, POLYMER, COOLANT = 2.70, 8.96, 1.15, 1.07
"""Densities in kg/L; the coolant is water and glycol in equal parts."""

POUCH_WALL_MM = 3.5
"""Wall of the box that holds and presses pouches, on all sides."""
END_PLATE_MM = 8.0
"""Aluminium of a ribbed end plate, as if solid."""
SIDE_WALL_MM = 1.5
"""Side plates and straps of modules of stiff cells."""
PAD_KG_M2 = {"pouch": 0.4, "prismatic": 0.4, "cylindrical": 0.0}
"""Foam or sheet between the faces of neighbours."""
HOLDER_KG_M2 = 2.6
"""A holder of round cells with the collectors' carrier, by footprint; there is one above and one below."""
FILLER_KG_L = 0.5
"""Adhesive and foam between round cells, by the volume between them."""
POTTING_KG_L = 1.0
"""Potting compound with its fillers of glass."""

AMP_MM2 = 3.0
"""Current density of copper bars in a closed pack, 2 to 4 A/mm2 in practice."""
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

PLATE_KG_M2 = 2 * 1.2 * ALUMINIUM
"""Two brazed sheets of aluminium."""
COOLANT_L_M2 = 2.2
"""Coolant in a plate with its manifolds, by area."""
INTERFACE_KG_M2 = 3.5
"""Gap filler between cells and plate: about 1.3 mm."""
PIPES_KG = 1.5
"""Pipes, ports and sensors of a liquid circuit."""
FAN_KG, DUCT_KG_KWH = 0.2, 0.06
"""Fans and ducts."""

INVERTER_KG, INVERTER_KG_KW = 4.0, 2.6
"""An inverter for a house with its choke and heat sink: 5 kW weigh 15 to 20 kg."""
BASE_KG_M2 = 50.0
"""Base of a stack and the housing of its control unit, by their floor."""


@dataclass(frozen=True)
class Part:
    """A component: what it weighs, how much room it takes (0: counted elsewhere), and where that comes from."""

    component: str
    kg: float
    litres: float
    why: str
    assumed: bool = True


def of_cells(layout: Layout) -> Part:
    """Return the cells: their number by the mass of one."""
    each = layout.cell.mass_kg or 0.0
    volume = (layout.cell.volume_l or 0.0) * layout.cells
    why = f"{layout.cells} of {1000 * each:.0f} g"
    return Part("cells", layout.cells * each, volume, why, layout.cell.confidence == "unverified")


def modules(layout: Layout, construction: Construction) -> int:
    """Return into how many modules the cells go: as few as the largest energy of one allows."""
    return max(1, math.ceil(layout.energy_kwh / construction.module_kwh - 1e-9))


def module_size(grid: Grid, count: int) -> tuple[float, float, float]:
    """Return the size of a module in mm: the block cut into equal parts, as square as they come."""
    length, width, height = grid.block_mm
    count = max(1, round(count / grid.boxes))
    sides = [max(length, width), min(length, width)]
    cut = max(1, round(math.sqrt(count * sides[0] / sides[1])))
    return sides[0] / cut, sides[1] * cut / count, height


def of_modules(layout: Layout, grid: Grid, construction: Construction) -> Part:
    """Return what holds the cells together, by their format.

    Pouches stand in closed boxes that press them; prismatic cells between end plates with side plates; round cells in
    two holders, glued. Between faces lie pads.
    """
    count = modules(layout, construction)
    size = module_size(grid, count)
    length, width, height = size
    ends, sides = 2 * width * height / 1e6, 2 * length * height / 1e6
    face = grid.pitch_mm[1] * grid.pitch_mm[2] / 1e6
    pads = layout.cells * face * PAD_KG_M2[layout.cell.format]
    if layout.cell.format == "pouch":
        frame = count * box_m2(size) * POUCH_WALL_MM * ALUMINIUM
        why = f"{count} boxes of {POUCH_WALL_MM:g} mm aluminium, pads"
    elif layout.cell.format == "prismatic":
        frame = count * ALUMINIUM * (ends * END_PLATE_MM + sides * SIDE_WALL_MM)
        why = f"{count} x end plates of {END_PLATE_MM:g} mm and sides of {SIDE_WALL_MM:g} mm aluminium, pads"
    else:
        between = max(grid.block_l - layout.cells * (layout.cell.volume_l or 0.0), 0.0)
        frame = 2 * HOLDER_KG_M2 * grid.footprint_m2 + FILLER_KG_L * between
        frame += count * ALUMINIUM * (ends + sides) * SIDE_WALL_MM
        why = f"{count} x two holders, adhesive and sides of {SIDE_WALL_MM:g} mm aluminium"
    return Part("module hardware", frame + pads, 0.0, why)


def of_potting(layout: Layout, grid: Grid, construction: Construction) -> Part:
    """Return the compound that fills a share of what the cells leave free in the box."""
    void = grid.outer_l - layout.cells * (layout.cell.volume_l or 0.0)
    return Part("potting", construction.potting * void * POTTING_KG_L, construction.potting * void,
                f"{construction.potting:.0%} of {void:.1f} L of voids")  # fmt: skip


def of_busbars(layout: Layout, grid: Grid, amps: float) -> Part:
    """Return the conductors: section by current, length by the pitch of the groups and the way out of the box.

        kg = rho (I / J) (S link + 2 (L + W) / 2)

    A link goes over its group: the square root of the cells in parallel is how many stand side by side.
    """
    link = math.sqrt(layout.parallel) * min(grid.pitch_mm[0], grid.pitch_mm[1]) + LINK_MM
    metres = (layout.series * link + grid.outer_mm[0] + grid.outer_mm[1]) / 1000
    section = amps / AMP_MM2
    return Part("busbars", COPPER * section * metres / 1000, section * metres / 1000,
                f"{metres:.1f} m of copper, {section:.0f} mm2 for {amps:.0f} A")  # fmt: skip


def of_harness(layout: Layout, grid: Grid) -> Part:
    """Return the sense wires: one a group and one more, half the length and width of the box each."""
    metres = (layout.series + 1) * (grid.outer_mm[0] + grid.outer_mm[1]) / 2000
    return Part("harness", SENSE_KG_M * metres, 0.0, f"{layout.series + 1} sense wires, {metres:.0f} m")


def of_bms(layout: Layout) -> Part:
    """Return the battery management system, by the groups that it watches and by its voltage."""
    kg = BOARD_KG + CHANNEL_KG * layout.series + (MASTER_KG if layout.nominal_v > LOW_V else 0.0)
    return Part("battery management", kg, 2 * kg, f"{layout.series} channels")


def of_switches(layout: Layout, amps: float) -> Part:
    """Return what connects, protects and measures: transistors at low voltage, contactors above."""
    if layout.nominal_v <= LOW_V:
        kg, why = SWITCH_KG + SWITCH_KG_A * amps, f"transistors, fuse and shunt for {amps:.0f} A"
    else:
        kg, why = CONTACTOR_KG + CONTACTOR_KG_A * amps, f"contactors, precharge, fuse and disconnect for {amps:.0f} A"
    return Part("switches and fuse", kg, kg / 1.2, why)


def of_cooling(layout: Layout, grid: Grid, cooling: str) -> Part:
    """Return what carries heat away.

    Passive: nothing. Air: fans and ducts. Liquid: a plate under the cells with coolant and gap filler; `liquid-both`:
    one above as well; refrigerant: a plate with gap filler and pipes.
    """
    plates = {"liquid": 1, "liquid-both": 2, "refrigerant": 1}.get(cooling, 0)
    if cooling == "air":
        kg = FAN_KG + DUCT_KG_KWH * layout.energy_kwh
        return Part("cooling", kg, 5 * kg, "fans and ducts")
    if not plates:
        return Part("cooling", 0.0, 0.0, "through the walls")
    area = plates * grid.footprint_m2
    wet = 0.0 if cooling == "refrigerant" else COOLANT * COOLANT_L_M2
    kg = area * (PLATE_KG_M2 + INTERFACE_KG_M2 + wet) + PIPES_KG
    filling = "refrigerant" if cooling == "refrigerant" else f"{area * COOLANT_L_M2:.1f} L of coolant"
    return Part("cooling", kg, 8 * area, f"{area:.2f} m2 of plate, gap filler, {filling}")


def of_enclosure(grid: Grid, construction: Construction) -> Part:
    """Return the shell: its outer area by what a m2 of it weighs with ribs, rails and frame."""
    return Part("enclosure", grid.outer_m2 * construction.shell_kg_m2, 0.0,
                f"{grid.outer_m2:.2f} m2 of {construction.shell_kg_m2:g} kg/m2")  # fmt: skip


def of_control(grid: Grid) -> Part:
    """Return the housing of the control unit and the base of a stack; nothing for a pack in one box."""
    floor = grid.box_mm[0] * grid.box_mm[1] / 1e6 if grid.boxes > 1 else 0.0
    return Part("control unit and base", BASE_KG_M2 * floor, 0.0, f"{floor:.2f} m2 of floor")


def of_fixed(grid: Grid, construction: Construction) -> Part:
    """Return what each box has once."""
    return Part("fixed parts", grid.boxes * construction.fixed_kg, 0.0, construction.fixed_names)


def of_inverter(power_kw: float) -> Part:
    """Return an inverter in the box, by its power."""
    kg = INVERTER_KG + INVERTER_KG_KW * power_kw
    return Part("inverter", kg, 1.5 * kg, f"{power_kw:g} kW")
