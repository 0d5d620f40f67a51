"""What voltage does a cell show at rest, at every state of charge?

A cell at rest shows the difference of its electrodes. While it charges, lithium leaves the one (y falls) and fills the
other (x rises), both in proportion; the state of charge is 0 where the difference is the least voltage of the cell and
1 where it is the largest:

    U(z) = U_positive(y(z)) - U_negative(x(z)),  U(0) = min_V,  U(1) = max_V

Cut-off voltages so choose a window of the curve and do not bend it: a plateau stays where nature has it. A sloping
curve (NMC, NCA, LCO, Na-ion) is then lifted by at most 80 mV, most in its middle, so that its mean is the nominal
voltage and the drop at a fifth of the capacity per hour, at which makers rate; a plateau is not lifted. A curve of
the user's own, or of BPX, takes its place.

The temperature coefficient dU/dT is that of the electrodes; hysteresis is in `circuit`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from cellroad.engineering.cell import Cell
from cellroad.engineering.cellmodel import electrodes as of
from cellroad.engineering.cellmodel.electrodes import Floats
from cellroad.engineering.family import defaults

STEPS = 1000
"""Into how many equal steps the state of charge is cut; between them a curve is straight."""
LIFT_V = 0.08
"""By how much the middle of a sloping curve may be lifted to meet the nominal voltage, in V."""
ALONG = np.linspace(-0.06, 1.06, 40001)
"""Places along the path of two electrodes, a little beyond where they are used."""


@dataclass(frozen=True)
class Family:
    """Two electrodes, how full they are when the cell is empty and when it is full, and where that was read."""

    positive: Callable[[Floats], Floats]
    negative: Callable[[Floats], Floats]
    y: tuple[float, float]
    x: tuple[float, float]
    sloping: bool
    positive_entropy: Callable[[Floats], Floats] = of.none
    negative_entropy: Callable[[Floats], Floats] = of.none
    source: str = ""
    confidence: str = "reported"


FAMILIES = {
    "LFP": Family(
        of.lfp, of.graphite, (0.96, 0.0), (0.003, 0.81), False, of.lfp_entropy, of.graphite_entropy,
        "Afshar 2017; Mohtat 2020; O'Regan 2022",
    ),
    "LMFP": Family(
        of.lmfp, of.graphite, (0.96, 0.0), (0.003, 0.81), False, of.none, of.graphite_entropy,
        "shape assumed from the plateaus of iron and manganese", "assumed",
    ),
    "NMC": Family(
        of.nmc532, of.graphite, (0.8907, 0.0335), (0.0017, 0.8333), True, of.nmc_entropy,
        of.graphite_entropy, "Mohtat 2020; O'Regan 2022",
    ),
    "NMC high nickel": Family(
        of.nmc811, of.silicon_graphite, (0.9084, 0.2661), (0.0279, 0.9014), True, of.nmc_entropy,
        of.graphite_entropy, "Chen 2020; O'Regan 2022",
    ),
    "NCA": Family(
        of.nca, of.graphite, (0.95, 0.36), (0.005, 0.75), True, of.none, of.graphite_entropy,
        "Kim 2011; Mohtat 2020; O'Regan 2022",
    ),
    "LCO": Family(
        of.lco, of.graphite, (0.975, 0.47), (0.005, 0.80), True, of.none, of.graphite_entropy,
        "Doyle 1996; Mohtat 2020; O'Regan 2022",
    ),
    "LTO": Family(
        of.nmc532, of.lto, (0.8907, 0.0335), (0.01, 0.98), True, of.nmc_entropy, of.none,
        "Mohtat 2020; Ohzuku 1995, ends assumed", "assumed",
    ),
    "Na-ion": Family(
        of.sodium_layered, of.none, (1.0, 0.0), (0.0, 1.0), True,
        source="shape assumed from drawings of data sheets", confidence="assumed",
    ),
}  # fmt: skip
"""What is known of each family of chemistry; a chemistry of none of them is taken for NMC, and that is said."""


@dataclass(frozen=True)
class OpenCircuit:
    """Voltage at rest in V and its temperature coefficient in V/K at equal steps of the state of charge from 0 to 1."""

    volts: Floats
    volts_per_k: Floats
    source: str = ""
    confidence: str = "measured"
    assumptions: tuple[str, ...] = field(default=())

    def at(self, soc: float | Floats) -> Floats:
        """Return the voltage at a state of charge, straight between the steps and flat beyond them."""
        return np.asarray(np.interp(soc, np.linspace(0, 1, len(self.volts)), self.volts))

    @property
    def mean_v(self) -> float:
        """The mean over the state of charge in V: chemical energy by capacity."""
        return float(np.trapezoid(self.volts, dx=1 / (len(self.volts) - 1)))


def measured(
    soc: Sequence[float] | Floats, volts: Sequence[float] | Floats, volts_per_k: Sequence[float] | Floats | float = 0.0
) -> OpenCircuit:
    """Return the curve through points of the user's own: state of charge 0 to 1 rising, V, V/K.

    Raises ValueError where the states do not rise from 0 to 1 or the voltages fall.
    """
    states, heights = np.asarray(soc, float), np.asarray(volts, float)
    if states.ndim != 1 or len(states) < 2 or states.shape != heights.shape:
        raise ValueError("a curve at rest needs as many voltages as states of charge, and at least two")
    if np.any(np.diff(states) <= 0) or abs(states[0]) > 1e-9 or abs(states[-1] - 1) > 1e-9:
        raise ValueError("the states of charge of a curve at rest must rise from 0 to 1")
    if not np.all(np.isfinite(heights)) or np.any(np.diff(heights) < 0):
        raise ValueError("the voltage at rest must not fall as the state of charge rises")
    grid = np.linspace(0, 1, STEPS + 1)
    slopes = np.broadcast_to(np.asarray(volts_per_k, float), states.shape)
    return OpenCircuit(np.interp(grid, states, heights), np.interp(grid, states, slopes), "given by the user")


def family_of(cell: Cell) -> tuple[str, tuple[str, ...]]:
    """Return the name of the family whose curve a cell has, and what that assumes."""
    chemistry = cell.chemistry.upper()
    rich = any(mark in chemistry for mark in ("811", "712", "90", "NMCA", "SIGR", "NMC/NCA"))
    if cell.family == "NMC" and rich:
        return "NMC high nickel", ()
    if cell.family in FAMILIES:
        return cell.family, ()
    return "NMC", (f"the curve at rest of {cell.chemistry} is not known; that of NMC stands in",)


def open_circuit(cell: Cell, rating_drop_v: float = 0.0) -> OpenCircuit:
    """Return the curve at rest of a cell: that of its family within its own voltages.

    `rating_drop_v` is by how much its voltage falls at the rate at which its capacity is rated (a fifth per hour).
    """
    name, assumptions = family_of(cell)
    family, usual = FAMILIES[name], defaults(cell)
    low, high = cell.min_v or usual.min_v, cell.max_v or usual.max_v
    volts, coefficients = _window(family, low, high)
    if family.sloping:
        missing = cell.nominal_v + rating_drop_v - float(np.trapezoid(volts, dx=1 / STEPS))
        volts = _lifted(volts, float(np.clip(missing, -LIFT_V, LIFT_V)))
    if family.confidence == "assumed":
        assumptions += (f"curve at rest of {name}: {family.source}",)
    return OpenCircuit(volts, coefficients, family.source, family.confidence, assumptions)


def _window(family: Family, low: float, high: float) -> tuple[Floats, Floats]:
    """Return voltage and temperature coefficient between two voltages, at equal steps of charge."""
    y = np.clip(family.y[0] + (family.y[1] - family.y[0]) * ALONG, 0.0, 1.0)
    x = np.clip(family.x[0] + (family.x[1] - family.x[0]) * ALONG, -0.02, 1.0)
    volts = np.maximum.accumulate(family.positive(y) - family.negative(x))
    coefficients = family.positive_entropy(y) - family.negative_entropy(x)
    begin, end = (_place(volts, limit) for limit in (low, high))
    inside = np.linspace(begin, end, STEPS + 1)
    curve = np.interp(inside, ALONG, volts)
    left = np.linspace(0, 1, STEPS + 1)
    curve += (low - curve[0]) * np.exp(-left / 0.01) + (high - curve[-1]) * np.exp((left - 1) / 0.01)
    return np.maximum.accumulate(curve), np.interp(inside, ALONG, coefficients)


def _place(volts: Floats, limit: float) -> float:
    """Return where along the path a voltage is reached; the end of the path where it is not."""
    return float(np.interp(limit, volts + 1e-9 * np.arange(len(volts)), ALONG))


def _lifted(volts: Floats, mean_v: float) -> Floats:
    """Return a curve lifted by a mean of so many V, nothing at its ends; it never falls."""
    z = np.linspace(0, 1, len(volts))
    return np.maximum.accumulate(volts + 6 * mean_v * z * (1 - z))
