"""What does a pack do when it is asked for current or power over time?

The loop that all verbs of this room share: in every step the asked-for power or current becomes a current, is kept
within the voltages of the weakest group where that is wanted, is divided among the cells in parallel, and moves every
cell on. What happened is recorded as one row a step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from cellroad.engineering.cellmodel.circuit import ZERO_C, State
from cellroad.engineering.cellmodel.pack import Groups, Pack

Floats = npt.NDArray[np.float64]
Control = Callable[[int, Groups], Floats | None]
"""The current of a step in A from its number and the groups of the pack; None ends the run."""


Ended = Literal["done", "full", "voltage"]
"""A run ends when all steps are done, when a charge has nothing more to take, or at a voltage that it must not pass."""


@dataclass(frozen=True)
class Run:
    """What happened: `frame` has a row a step, `state` is where the cells stand at its end, `ended` says why it ended.

    time_s         the end of the step
    asked_w        the power that was asked for over the step; null where a current was
    power_w        electrical power at the terminals over the step, positive on discharge
    current_a      current of the pack over the step
    voltage_v      of the pack, mean over the step
    min_cell_v     voltage of its lowest group, mean over the step; max_cell_v of its highest
    soc            mean of all cells at the end of the step; min_soc of the emptiest
    temperature_c  mean of the cores at the end of the step; max_temperature_c of the warmest; surface_c of the surfaces
    heat_w         of cells, joints and the rest of the way
    """

    frame: pl.DataFrame
    state: State
    ended: Ended
    assumptions: tuple[str, ...] = ()

    @property
    def energy_kwh(self) -> float:
        """Net energy that the pack gave, in kWh."""
        seconds = self.frame["time_s"].diff().fill_null(self.frame["time_s"][0]) if len(self.frame) else 0.0
        return float((self.frame["power_w"] * seconds).sum()) / 3.6e6


def simulate(
    pack: Pack, state: State, control: Control, steps: int, *, held: bool = False
) -> tuple[Floats, State, Ended]:
    """Return what each step recorded, the last state and why it ended.

    With `held` the run ends where the lowest group falls below its least voltage on discharge or the highest rises
    above its largest on charge.
    """
    circuit, cells = pack.circuit, pack.circuit.cells
    least, most = float(np.max(cells.min_v)), float(np.min(cells.max_v))
    parts: list[Floats] = []
    ended: Ended = "done"
    while len(parts) * CHUNK < steps and ended == "done":
        length = min(CHUNK, steps - len(parts) * CHUNK)
        seen = [np.empty((length, *cells.shape)) for _ in range(5)]
        currents, volts = np.empty(length), np.empty((length, cells.shape[-2]))
        for n in range(length):
            middle = circuit.middle(state)
            groups = pack.groups(middle)
            current = control(len(parts) * CHUNK + n, groups)
            if current is None:
                ended, length = "full", n
                break
            volts[n] = groups.source - groups.ohm * current
            if held and ((current > 0 and volts[n].min() < least) or (current < 0 and volts[n].max() > most)):
                ended, length = "voltage", n
                break
            each = pack.divide(middle, groups, current)
            state = pack.step(state, middle, each)
            currents[n] = current
            for array, value in zip(seen, (each, state.soc, *state.kelvin, state.heat), strict=True):
                array[n] = value
        parts.append(_recorded(pack, currents[:length], volts[:length], [array[:length] for array in seen]))
    return np.concatenate(parts) if parts else np.empty((0, len(COLUMNS))), state, ended


def _recorded(pack: Pack, current: Floats, volts: Floats, seen: list[Floats]) -> Floats:
    """Return the rows of a chunk of steps, in the order of `COLUMNS`."""
    each, soc, kelvin, surface, heat = seen
    cells = (1, 2)
    joints = (each**2 * pack.joint_ohm).sum(axis=cells) + current**2 * pack.once_ohm
    return np.column_stack([
        current, volts.sum(axis=1) - current * pack.once_ohm, volts.min(axis=1), volts.max(axis=1),
        soc.mean(axis=cells), soc.min(axis=cells), kelvin.mean(axis=cells) - ZERO_C, kelvin.max(axis=cells) - ZERO_C,
        surface.mean(axis=cells) - ZERO_C,
        heat.sum(axis=cells) + joints,
    ])  # fmt: skip


CHUNK = 512
"""So many steps are kept cell by cell before they are summed up."""
COLUMNS = (
    "current_a", "voltage_v", "min_cell_v", "max_cell_v", "soc", "min_soc", "temperature_c", "max_temperature_c",
    "surface_c", "heat_w",
)  # fmt: skip


def table(rows: Floats, seconds: float, asked_w: Floats | None = None) -> pl.DataFrame:
    """Return recorded rows as a frame."""
    frame = pl.DataFrame({name: rows[:, n] for n, name in enumerate(COLUMNS)})
    asked = (
        pl.Series("asked_w", np.asarray(asked_w[: len(rows)], float))
        if asked_w is not None
        else pl.lit(None, pl.Float64)
    )
    return frame.select(
        (pl.int_range(1, pl.len() + 1) * float(seconds)).alias("time_s"),
        asked.alias("asked_w"),
        (pl.col("current_a") * pl.col("voltage_v")).alias("power_w"),
        *COLUMNS,
    )
