"""How large a busbar or a cable must be: warm in steady state, and once in a short circuit.

Steady state is a balance of heat, a short circuit is too short for any heat to leave. Sources: IEC 60949 and
IEC 60364-4-43 (adiabatic), Incropera (natural convection), DIN 43671 as the published table to be met.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

STEFAN_BOLTZMANN = 5.670374e-8
EMISSIVITY = 0.15
"""Emissivity of a bare, slightly dull bar: assumption; 0.1 bright, 0.4 dull, 0.9 in a sleeve."""
ENCLOSED = 0.8
"""What a closed box leaves of the current in free air: assumption."""


@dataclass(frozen=True)
class Metal:
    """A conductor: resistivity at 20 degC in ohm m, the reciprocal of its temperature coefficient at 0 degC in K,
    heat capacity by volume in J/(K m3), density in kg/m3. Source: IEC 60949, table I; densities from handbooks."""

    name: str
    resistivity: float
    beta: float
    heat_capacity: float
    density: float

    def resistivity_at(self, celsius: float) -> float:
        """Return the resistivity in ohm m: rho_20 (beta + T) / (beta + 20)."""
        return self.resistivity * (self.beta + celsius) / (self.beta + 20)


COPPER = Metal("copper", 1.7241e-8, 234.5, 3.45e6, 8900)
ALUMINIUM = Metal("aluminium", 2.8264e-8, 228.0, 2.5e6, 2700)
METALS = {metal.name: metal for metal in (COPPER, ALUMINIUM)}
INSULATION_C = {"PVC": (70.0, 160.0), "XLPE": (90.0, 250.0), "bare": (90.0, 200.0)}
"""Temperature in service and after a short circuit in degC (IEC 60364-4-43, table 43A; bare: assumption)."""


def adiabatic_constant(metal: Metal, start_c: float, end_c: float) -> float:
    """Return k in A sqrt(s) / mm2, with which a conductor of A mm2 takes I2t = (k A)^2 from `start_c` to `end_c`.

        k = sqrt(Qc (beta + 20) / rho_20 * ln((beta + T_end) / (beta + T_start)))

    Source: IEC 60949 and IEC 60364-5-54, annex A; 115 and 143 for copper in PVC and XLPE.
    """
    rise = math.log((metal.beta + end_c) / (metal.beta + start_c))
    return math.sqrt(metal.heat_capacity * (metal.beta + 20) / metal.resistivity * rise) * 1e-6


def short_circuit_area(i2t: float, metal: Metal = COPPER, insulation: str = "bare") -> float:
    """Return the least cross-section in mm2 that survives an I2t in A2s: sqrt(I2t) / k."""
    return math.sqrt(i2t) / adiabatic_constant(metal, *INSULATION_C[insulation])


def surface_coefficient(rise_k: float, ambient_c: float, height_m: float, emissivity: float = EMISSIVITY) -> float:
    """Return the heat that leaves a vertical face in W/(m2 K): natural convection and radiation.

        h = 1.42 (dT / H)^0.25 + eps sigma (T_s^4 - T_a^4) / dT

    Source: Incropera, laminar natural convection on a vertical plate in air (simplified); Stefan-Boltzmann.
    """
    surface, ambient = ambient_c + rise_k + 273.15, ambient_c + 273.15
    radiation = emissivity * STEFAN_BOLTZMANN * (surface**4 - ambient**4) / rise_k
    return float(1.42 * (rise_k / height_m) ** 0.25 + radiation)


def busbar_ampacity(
    width_mm: float,
    thickness_mm: float,
    ambient_c: float,
    limit_c: float,
    metal: Metal = COPPER,
    emissivity: float = EMISSIVITY,
) -> float:
    """Return the direct current in A at which a bar on edge in still air reaches `limit_c`.

        I^2 rho(T) / A = h P dT

    A is the cross-section, P the perimeter. Source: heat balance; within a few per cent of DIN 43671.
    """
    rise = limit_c - ambient_c
    if rise <= 0:
        return 0.0
    area, perimeter = width_mm * thickness_mm * 1e-6, 2e-3 * (width_mm + thickness_mm)
    leaving = surface_coefficient(rise, ambient_c, width_mm / 1000, emissivity) * perimeter * rise
    return math.sqrt(leaving * area / metal.resistivity_at(limit_c))


def cable_ampacity(
    area_mm2: float, ambient_c: float, limit_c: float = 90.0, metal: Metal = COPPER, wall_mm: float = 1.5
) -> float:
    """Return the direct current in A of a single insulated cable in still air.

        I^2 rho(T) / A = dT / (ln(D / d) / (2 pi lambda) + 1 / (pi D h)),   h = 1.32 (dT_s / D)^0.25 + radiation

    d is the strand's diameter (filled to 0.75), D that over the insulation, lambda 0.28 W/(m K) of cross-linked
    polyethylene. Sources: Incropera, horizontal cylinder in air; IEC 60287 for lambda. The temperature of the surface
    follows by halving.
    """
    if limit_c <= ambient_c:
        return 0.0
    core = 2 * math.sqrt(area_mm2 / 0.75 / math.pi) / 1000
    outer = core + 2 * wall_mm / 1000
    wall = math.log(outer / core) / (2 * math.pi * 0.28)

    def away(surface_c: float) -> float:
        rise, ambient = surface_c - ambient_c, ambient_c + 273.15
        radiation = 0.9 * STEFAN_BOLTZMANN * ((surface_c + 273.15) ** 4 - ambient**4)
        return float(math.pi * outer * (1.32 * (rise / outer) ** 0.25 * rise + radiation))

    low, high = ambient_c, limit_c
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if away(middle) < (limit_c - middle) / wall else (low, middle)
    return math.sqrt(away(low) * area_mm2 * 1e-6 / metal.resistivity_at(limit_c))


@dataclass(frozen=True)
class Conductor:
    """A busbar or a cable that was chosen: shape, cross-section, what it carries and what it survives."""

    kind: str
    metal: str
    width_mm: float | None
    thickness_mm: float | None
    area_mm2: float
    ampacity_a: float
    survives_a2s: float

    @property
    def ohm_per_m(self) -> float:
        """Resistance per metre at 20 degC in ohm."""
        return METALS[self.metal].resistivity / (self.area_mm2 * 1e-6)

    @property
    def kg_per_m(self) -> float:
        """Mass of the metal per metre in kg."""
        return METALS[self.metal].density * self.area_mm2 * 1e-6


WIDTHS = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)
THICKNESSES = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
BARS = sorted(
    ((width, thickness) for width in WIDTHS for thickness in THICKNESSES if width >= 4 * thickness),
    key=lambda bar: (bar[0] * bar[1], bar[0]),
)
"""Flat bars in mm, the smallest cross-section first."""
CABLES = (1.5, 2.5, 4, 6, 10, 16, 25, 35, 50, 70, 95, 120, 150, 185, 240)
"""Cross-sections of cables in mm2 (IEC 60228)."""


def choose_busbar(
    continuous_a: float, i2t: float | None, ambient_c: float, limit_c: float = 90.0, metal: Metal = COPPER
) -> Conductor | None:
    """Return the smallest flat bar that carries a current for ever and survives an I2t (None: not known).

    None where no bar of the series does.
    """
    k = adiabatic_constant(metal, *INSULATION_C["bare"])
    for width, thickness in BARS:
        carries = ENCLOSED * busbar_ampacity(width, thickness, ambient_c, limit_c, metal)
        survives = (k * width * thickness) ** 2
        if carries >= continuous_a and survives >= (i2t or 0.0):
            return Conductor("busbar", metal.name, width, thickness, width * thickness, carries, survives)
    return None


def choose_cable(
    continuous_a: float, i2t: float | None, ambient_c: float, limit_c: float = 90.0, metal: Metal = COPPER
) -> Conductor | None:
    """Return the smallest cable that carries a current for ever and survives an I2t (None: not known).

    None where no cable of the series does.
    """
    k = adiabatic_constant(metal, *INSULATION_C["XLPE"])
    for area in CABLES:
        carries = ENCLOSED * cable_ampacity(area, ambient_c, limit_c, metal)
        if carries >= continuous_a and (k * area) ** 2 >= (i2t or 0.0):
            return Conductor("cable", metal.name, None, None, area, carries, (k * area) ** 2)
    return None
