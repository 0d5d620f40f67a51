"""How warm does a cell get: one temperature, or core and surface?

Heat arises in the core, passes an inner resistance to the surface, and from there an outer one to what cools it
(Forgez et al. 2010, doi 10.1016/j.jpowsour.2009.10.105):

    C_core dT_core/dt = q_core - (T_core - T_surface) / R_in
    C_surf dT_surf/dt = q_surf + (T_core - T_surface) / R_in - (T_surf - T_sink) / R_out

Two linear equations: over a step of constant heat they are solved exactly by the exponential of their matrix. Without
inner resistance both nodes are one (lumped); without an outer way the cell is adiabatic.

The inner resistance is that of a body that heats evenly: 1 / (8 pi k L) from the mean of a cylinder to its side, and
L / (3 k A) from the mean of a plate to the face that is cooled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellroad.engineering.cell import Cell

Floats = npt.NDArray[np.float64]

CP = 1000.0
"""Specific heat of a cell in J/kg/K; 900 to 1,100 are measured. Assumed."""
ACROSS = {"cylindrical": 0.25, "prismatic": 0.6, "pouch": 0.5}
"""Conductivity across the layers in W/m/K; 0.2 to 1 are measured. Assumed."""
ALONG_LAYERS = 20.0
"""Conductivity along the layers in W/m/K; 15 to 30 are measured. Assumed."""
CASE_SHARE = 0.1
"""Part of the heat capacity that is in the case and counts to the surface. Assumed."""
WH_PER_KG = 170.0
WH_PER_L = 350.0
"""What a cell of unknown mass or size is taken to hold. Assumed."""


@dataclass(frozen=True)
class Body:
    """What a cell is as a body: heat capacity in J/K, sides and ends in m2, inner resistances to each in K/W."""

    heat_j_per_k: float
    side_m2: float
    end_m2: float
    to_side_k_per_w: float
    to_end_k_per_w: float
    assumptions: tuple[str, ...] = ()


def body(cell: Cell) -> Body:
    """Return a cell as a body. Its end is the one bottom; its side is all else but the top.

    Of a prismatic cell or a pouch the two large faces lean on its neighbours: its side is the two narrow ones.
    """
    assumptions: tuple[str, ...] = (f"specific heat {CP:g} J/kg/K",)
    mass = cell.mass_kg
    if mass is None:
        mass = cell.energy_wh / WH_PER_KG
        assumptions += (f"mass not known: {WH_PER_KG:g} Wh/kg",)
    if cell.volume_l is None:
        assumptions += (f"size not known: a cube at {WH_PER_L:g} Wh/l",)
    if cell.format == "cylindrical" and cell.length_mm and cell.height_mm:
        diameter, height = cell.length_mm / 1000, cell.height_mm / 1000
        end = math.pi / 4 * diameter**2
        return Body(
            mass * CP, math.pi * diameter * height, end, 1 / (8 * math.pi * ACROSS["cylindrical"] * height),
            height / (3 * ALONG_LAYERS * end), assumptions,
        )  # fmt: skip
    thin, wide, high = _edges(cell)
    narrow = 2 * thin * high
    return Body(
        mass * CP, narrow, thin * wide, wide / 2 / (3 * ALONG_LAYERS * narrow),
        high / (3 * ALONG_LAYERS * thin * wide), assumptions,
    )  # fmt: skip


def _edges(cell: Cell) -> tuple[float, float, float]:
    """Return thickness, width and height of a box in m: the height as printed, the thin edge of the others first."""
    if cell.length_mm and cell.width_mm and cell.height_mm:
        thin, wide = sorted((cell.length_mm / 1000, cell.width_mm / 1000))
        return thin, wide, cell.height_mm / 1000
    edge = (cell.energy_wh / WH_PER_L / 1000) ** (1 / 3)
    return edge, edge, edge


class Propagator(NamedTuple):
    """What becomes of core and surface over one step: T' = keep T + gain (q_core, q_surface) + drift.

    First axis: of which node; second: by which. `drift` is what comes from what cools, at its temperature.
    """

    keep: Floats
    gain: Floats
    drift: Floats

    def core(self, kelvin: Floats, core_w: Floats) -> Floats:
        """Return the temperature of the core in K after the step."""
        near, far = self.keep[0]
        result: Floats = near * kelvin[0] + far * kelvin[1] + self.gain[0, 0] * core_w + self.drift[0]
        return result

    def both(self, kelvin: Floats, core_w: Floats, surface_w: Floats | float = 0.0) -> Floats:
        """Return the temperatures of core and surface (first axis) in K after the step."""
        result: Floats = (self.keep * kelvin).sum(axis=1) + self.gain[:, 0] * core_w + self.drift
        return result if isinstance(surface_w, float) and surface_w == 0 else result + self.gain[:, 1] * surface_w


def propagator(
    core_j_per_k: Floats, surface_j_per_k: Floats, inner: Floats, outer: Floats, seconds: float, sink_k: float | Floats
) -> Propagator:
    """Return the exact step of `seconds`; `inner` in K/W (0: one body) and `outer` in W/K (0: adiabatic), per cell.

    With M the matrix of the two equations and l1, l2 its eigenvalues, both real and not positive, every function of M
    is p + q M with p and q from its values at l1 and l2: exp for what stays, (exp - 1) / x for what is added.
    """
    core, surface, inner, outer = np.broadcast_arrays(core_j_per_k, surface_j_per_k, inner, outer)
    lumped = inner <= 0
    link = 1 / np.where(lumped, 1.0, inner)
    a, b, g = link / core, link / surface, outer / surface
    total = a + b + g
    fast = -(total + np.sqrt(np.maximum(total**2 - 4 * a * g, 0.0))) / 2
    slow = a * g / fast
    matrix = np.array([[-a, a], [b, -(b + g)]])
    identity = np.array([[np.ones_like(a), np.zeros_like(a)], [np.zeros_like(a), np.ones_like(a)]])

    def function(at_fast: Floats, at_slow: Floats) -> Floats:
        q = (at_slow - at_fast) / (slow - fast)
        result: Floats = (at_slow - q * slow) * identity + q * matrix
        return result

    keep = function(np.exp(fast * seconds), np.exp(slow * seconds))
    added = function(seconds * _phi(fast * seconds), seconds * _phi(slow * seconds))
    gain = added / np.array([core, surface])
    cold = added[:, 1] * g
    one = core + surface
    x = -outer / one * seconds
    share = np.array([core, surface]) / one
    per_w = seconds * _phi(x) / one
    keep = np.where(lumped, np.exp(x) * np.array([share, share]), keep)
    gain = np.where(lumped, per_w, gain)
    cold = np.where(lumped, per_w * outer, cold)
    return Propagator(keep, gain, cold * sink_k)


def _phi(x: Floats) -> Floats:
    """Return (exp(x) - 1) / x, 1 at 0."""
    safe = np.where(np.abs(x) < 1e-12, 1.0, x)
    return np.where(np.abs(x) < 1e-12, 1.0, np.expm1(safe) / safe)
