"""How large a short-circuit current a pack drives: the largest, which the fuse must break, and the least.

The largest comes from a full, warm, new pack over the resistance at 1 kHz and the joints; the least from an empty,
cold, old one over the direct-current resistance. Source: IEC 61660-1 (short-circuit currents of batteries) for the
idea; factors are assumptions named here.
"""

from __future__ import annotations

from dataclasses import dataclass

from cellroad.engineering.cell import Cell
from cellroad.engineering.cellmodel import cell_model
from cellroad.engineering.family import defaults
from cellroad.engineering.layout import Layout

DIRECT_OVER_KHZ = 2.0
"""Direct-current resistance over that at 1 kHz: assumption, 1.5 to 2.5 for most cells."""
WORST_RESISTANCE = 3.0
"""Resistance of an old, cold cell over that of a new one at 25 degC: assumption."""
FULL_SOC = 0.98
"""How full a pack is that has rested after a charge: assumption."""
JOINT_OHM = 5e-5
"""Resistance of a welded or bolted joint and its bar, per cell: assumption."""
OHM_AH = {"prismatic": 0.035, "pouch": 0.035, "cylindrical": 0.06}
"""Resistance at 1 kHz times capacity in ohm Ah where a sheet is silent: assumption, low among the shipped."""


@dataclass(frozen=True)
class Short:
    """Prospective short-circuit currents in A, and what had to be assumed for them."""

    least_a: float
    largest_a: float
    assumed: tuple[str, ...]


def resistances(cell: Cell) -> tuple[float, float, tuple[str, ...]]:
    """Return resistance of a cell at 1 kHz and by direct current in ohm, and what had to be assumed."""
    if cell.acir_ohm is not None and cell.dcir_ohm is not None:
        return min(cell.acir_ohm, cell.dcir_ohm), max(cell.acir_ohm, cell.dcir_ohm), ()
    told = f"direct-current resistance {DIRECT_OVER_KHZ:g} times that at 1 kHz"
    if cell.acir_ohm is not None:
        return cell.acir_ohm, DIRECT_OVER_KHZ * cell.acir_ohm, (told,)
    if cell.dcir_ohm is not None:
        return cell.dcir_ohm / DIRECT_OVER_KHZ, cell.dcir_ohm, (told,)
    guess = OHM_AH.get(cell.format, min(OHM_AH.values())) / cell.capacity_ah
    silent = f"resistance of {1000 * guess:.3g} mohm at 1 kHz: {cell.name} tells none"
    return guess, DIRECT_OVER_KHZ * guess, (silent, told)


def pack_resistance(layout: Layout) -> float:
    """Return the direct-current resistance of a new pack at 25 degC in ohm: S / P (R_cell + R_joint)."""
    return layout.series / layout.parallel * (resistances(layout.cell)[1] + JOINT_OHM)


def short_circuit(layout: Layout) -> Short:
    """Return the prospective short-circuit currents at the terminals.

        I_max = P U(z_full) / (R_1kHz + R_joint),   I_min = P U_min / (k R_dc + R_joint),   k = WORST_RESISTANCE

    U(z_full) is the voltage at rest of a nearly full cell, not the one to which it is charged; contactor, fuse and
    cables, which make the largest smaller, are left out.
    """
    cell = layout.cell
    quick, slow, assumed = resistances(cell)
    curve = cell_model(cell).curve.volts
    full = float(curve[round(FULL_SOC * (len(curve) - 1))])
    return Short(
        least_a=layout.parallel * (cell.min_v or defaults(cell).min_v) / (WORST_RESISTANCE * slow + JOINT_OHM),
        largest_a=layout.parallel * full / (quick + JOINT_OHM),
        assumed=(*assumed, f"an old, cold cell has {WORST_RESISTANCE:g} times the resistance"),
    )
