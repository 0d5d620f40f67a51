"""The pack itself, as it is and not as it is seen: groups of cells that differ, heat, and what goes wrong in them.

The battery management never looks in here; it gets `Sensors.read`. The cells are those of the equivalent circuit of
`engineering/cellmodel`, one per group, since cells in parallel share what the management can see.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cellroad.engineering.cellmodel import (
    NATURAL,
    Circuit,
    Cooling,
    Spread,
    State,
    at_rest,
    cell_model,
    cells_of,
    voltage,
)
from cellroad.engineering.cellmodel.spread import drawn
from cellroad.engineering.layout import Layout
from cellroad.engineering.protection import estimator
from cellroad.engineering.protection.management import Reading

Array = npt.NDArray[np.float64]

ZERO_C = 273.15


@dataclass(frozen=True)
class Plant:
    """A pack as groups in series: its circuit over one step, and how many cells stand in parallel."""

    circuit: Circuit
    parallel: int

    def step(self, state: State, current_a: float, leak_a: Array) -> State:
        """Return the state after the step; `leak_a` is what flows within each group beside the pack's current, in A."""
        return self.circuit.step(state, (current_a + leak_a) / self.parallel)

    def volts(self, state: State) -> Array:
        """Return the voltage of each group in V under the current of the step before."""
        return voltage(self.circuit.cells, state)


def plant(
    layout: Layout, seconds: float, ambient_c: float, soc: float, start_c: float | None = None,
    cooling: Cooling = NATURAL, spread: Spread | None = None,
) -> tuple[Plant, State]:  # fmt: skip
    """Return a pack of groups that differ by `spread`, and where it begins: rested at a charge and a temperature."""
    alike = cells_of(cell_model(layout.cell), cooling).repeated(layout.series)
    cells, beside = drawn(alike, spread or Spread())
    begin = np.clip(soc + beside, 0.0, 1.0)
    warm = ambient_c if start_c is None else start_c
    return Plant(Circuit(cells, seconds, ambient_c), layout.parallel), at_rest(cells, begin, warm)


def believed(layout: Layout) -> estimator.Circuit:
    """Return what a filter believes of the cells of a layout: the circuit of its data sheet."""
    model = cell_model(layout.cell)
    part = model.resistance
    return estimator.Circuit(
        model.capacity_ah, model.curve.volts, part.rise, part.r0, part.r1, part.r1 * part.c1, part.r2,
        part.r2 * part.c2, model.hysteresis_v, model.hysteresis_pace, part.activation,
    )  # fmt: skip


@dataclass(frozen=True)
class Sensors:
    """What is between the pack and its management: noise, offset and steps of the readings.

    Standard deviation and step of voltage in V and of temperature in K; of current, noise and offset as shares of the
    largest, and the step in A. Values are assumptions of usual front ends and shunts.
    """

    largest_a: float
    voltage_noise_v: float = 0.001
    voltage_step_v: float = 0.001
    temperature_noise_k: float = 0.15
    temperature_step_k: float = 0.1
    current_noise: float = 0.001
    current_offset: float = 0.001
    current_step_a: float = 0.01
    pack_noise_v: float = 0.05

    def read(
        self, draw: np.random.Generator, volts: Array, celsius: Array, current_a: float, insulation_ohm: float,
        closed: bool,
    ) -> Reading:  # fmt: skip
        """Return what is read of true values."""
        read_v = volts + self.voltage_noise_v * draw.standard_normal(volts.shape)
        read_c = celsius + self.temperature_noise_k * draw.standard_normal(celsius.shape)
        lasting = self.current_offset + self.current_noise * draw.standard_normal()
        current = current_a + self.largest_a * lasting
        return Reading(
            np.round(read_v / self.voltage_step_v) * self.voltage_step_v,
            np.round(read_c / self.temperature_step_k) * self.temperature_step_k,
            float(np.round(current / self.current_step_a) * self.current_step_a),
            float(volts.sum() + self.pack_noise_v * draw.standard_normal()), insulation_ohm, 0.0, closed,
        )  # fmt: skip


def frozen(reading: Reading, group: int, volts: float) -> Reading:
    """Return a reading in which the voltage of one group is stuck."""
    cell_v = reading.cell_v.copy()
    cell_v[group] = volts
    return reading._replace(cell_v=cell_v)


def weakened(made: Plant, state: State, group: int, share: float) -> tuple[Plant, State]:
    """Return a pack in which one group has only a share of its capacity, as full as before; nothing of it is heat."""
    left = np.where(np.arange(len(state.soc)) == group, share, 1.0)
    cells = replace(made.circuit.cells, coulombs=made.circuit.cells.coulombs * left)
    return Plant(replace(made.circuit, cells=cells), made.parallel), state._replace(chemical=state.chemical * left)


def within(made: Plant, sink_c: float) -> Plant:
    """Return a pack with another temperature around it."""
    return Plant(replace(made.circuit, sink_c=sink_c), made.parallel)
