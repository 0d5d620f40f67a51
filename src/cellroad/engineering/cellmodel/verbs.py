"""Discharge, charge and cycle a pack: what voltage, current, temperature and heat over time?

Without a spread all cells are alike and one is simulated for all; with a spread every cell has its own capacity,
resistance and charge, and the current divides among them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cellroad.engineering.cellmodel.cells import cells_of
from cellroad.engineering.cellmodel.circuit import Circuit, at_rest
from cellroad.engineering.cellmodel.cooling import NATURAL, Cooling
from cellroad.engineering.cellmodel.duty import Duty
from cellroad.engineering.cellmodel.joints import Joints, usual_joints
from cellroad.engineering.cellmodel.model import CellModel, cell_model
from cellroad.engineering.cellmodel.pack import Groups, Pack, current_for_power, kept
from cellroad.engineering.cellmodel.run import COLUMNS, Control, Run, simulate, table
from cellroad.engineering.cellmodel.spread import Spread, drawn
from cellroad.engineering.layout import Layout

Floats = npt.NDArray[np.float64]

STEPS_OF_A_CHARGE = 600
SHORTEST_S, LONGEST_S = 0.5, 60.0
CUT_OFF_PER_H = 0.05
"""A charge at constant voltage ends where the current has fallen to this rate."""
TOO_LONG = 3.0
"""A discharge or charge is given up after this many times the time that its capacity lasts."""


def discharge(
    layout: Layout, *, power_w: float | None = None, current_a: float | None = None, soc: float = 1.0,
    ambient_c: float = 25.0, cooling: Cooling = NATURAL, spread: Spread | None = None, model: CellModel | None = None,
    joints: Joints | None = None, seconds: float | None = None,
) -> Run:  # fmt: skip
    """Return a discharge at constant power in W or current in A, until the lowest group is at its least voltage.

    `soc` is where it begins, `ambient_c` its temperature then and that of what cools it; `model` takes the place of
    the cell's usual one. `seconds` is the step, chosen by the rate where it is None. Raises ValueError unless exactly
    one of power and current is given, above zero.
    """
    amount = _one_of(power_w, current_a)
    pack = _Alike(layout, model, cooling, ambient_c, spread, joints)
    rate = amount / (layout.energy_kwh * 1000 if power_w else layout.capacity_ah)
    step = seconds or float(np.clip(3600 / rate / STEPS_OF_A_CHARGE, SHORTEST_S, LONGEST_S))
    steps = int(np.ceil(TOO_LONG * 3600 / rate / step))
    watts, amperes = pack.inside_w(amount), np.asarray(pack.inside_a(amount))

    def control(_: int, groups: Groups) -> Floats | None:
        return current_for_power(groups, watts) if power_w else amperes

    return pack.run(soc, step, control, steps, held=True, asked_w=np.full(steps, power_w) if power_w else None)


def charge(
    layout: Layout, *, power_w: float | None = None, current_a: float | None = None, soc: float = 0.0,
    ambient_c: float = 25.0, cooling: Cooling = NATURAL, spread: Spread | None = None, model: CellModel | None = None,
    joints: Joints | None = None, seconds: float | None = None,
) -> Run:  # fmt: skip
    """Return a charge at constant power or current, then at the largest voltage of the highest group (CC-CV).

    It ends where the current has fallen to a twentieth of the capacity per hour. Currents and powers of the frame are
    below zero; arguments are as those of `discharge`.
    """
    amount = _one_of(power_w, current_a)
    pack = _Alike(layout, model, cooling, ambient_c, spread, joints)
    rate = amount / (layout.energy_kwh * 1000 if power_w else layout.capacity_ah)
    step = seconds or float(np.clip(3600 / rate / STEPS_OF_A_CHARGE, SHORTEST_S, LONGEST_S))
    steps = int(np.ceil((TOO_LONG / rate + 3.0) * 3600 / step))
    watts, amperes = -pack.inside_w(amount), np.asarray(-pack.inside_a(amount))
    least, most = pack.voltages
    cut_off = -pack.inside_a(CUT_OFF_PER_H * layout.capacity_ah)

    def control(_: int, groups: Groups) -> Floats | None:
        wanted = current_for_power(groups, watts) if power_w else amperes
        current = kept(groups, wanted, least, most)
        return None if current > max(cut_off, float(wanted)) else current

    return pack.run(soc, step, control, steps, asked_w=np.full(steps, -power_w) if power_w else None)


def cycle(
    layout: Layout, duty: Duty, *, soc: float = 0.5, ambient_c: float = 25.0, cooling: Cooling = NATURAL,
    spread: Spread | None = None, model: CellModel | None = None, joints: Joints | None = None, repeats: int = 1,
) -> Run:  # fmt: skip
    """Return what a pack does under a duty, `repeats` times over.

    Power is as asked, held back where a group would leave its voltages: asked_w and power_w of the frame tell what the
    pack could not do.
    """
    pack = _Alike(layout, model, cooling, ambient_c, spread, joints)
    asked = np.tile(duty.watts, repeats)
    inside = pack.inside_w(asked)
    least, most = pack.voltages

    def control(n: int, groups: Groups) -> Floats:
        return kept(groups, current_for_power(groups, inside[n]), least, most)

    return pack.run(soc, duty.seconds, control, len(asked), asked_w=asked)


def _one_of(power_w: float | None, current_a: float | None) -> float:
    given = [value for value in (power_w, current_a) if value is not None]
    if len(given) != 1 or not given[0] > 0:
        raise ValueError("give either a power in W or a current in A, above zero")
    return given[0]


class _Alike:
    """A pack as it is simulated: cell by cell where they differ, one for all where they are alike.

    With one for all, the pack's current is that of `parallel` cells and its voltage that of `series`; what the pack has
    once stands, seen from one cell, for P / S times its resistance.
    """

    def __init__(
        self, layout: Layout, model: CellModel | None, cooling: Cooling, ambient_c: float, spread: Spread | None,
        joints: Joints | None,
    ) -> None:  # fmt: skip
        self.model, self.joints = model or cell_model(layout.cell), joints or usual_joints(layout)
        self.ambient_c = ambient_c
        self.sink_c = ambient_c if cooling.sink_c is None else cooling.sink_c
        one = cells_of(self.model, cooling)
        self.series, self.parallel = (1, 1) if spread else (layout.series, layout.parallel)
        self.cells = one.repeated(layout.series // self.series, layout.parallel // self.parallel)
        self.extra_soc = np.zeros(self.cells.shape)
        if spread:
            self.cells, self.extra_soc = drawn(self.cells, spread)

    @property
    def voltages(self) -> tuple[Floats, Floats]:
        """The least and the largest voltage of a cell in V."""
        return np.asarray(self.model.limits.min_v), np.asarray(self.model.limits.max_v)

    def inside_a(self, current_a: float) -> float:
        """Return the current that is simulated for one of the pack."""
        return current_a / self.parallel

    def inside_w(self, power_w: Floats | float) -> Floats:
        """Return the power that is simulated for one of the pack."""
        return np.asarray(power_w, float) / (self.series * self.parallel)

    def run(
        self,
        soc: float,
        seconds: float,
        control: Control,
        steps: int,
        *,
        held: bool = False,
        asked_w: Floats | None = None,
    ) -> Run:
        """Simulate and return what happened, told for the whole pack."""
        circuit = Circuit(self.cells, seconds, self.sink_c)
        pack = Pack(circuit, self.joints.cell_ohm, self.joints.once_ohm * self.parallel / self.series)
        state = at_rest(self.cells, np.clip(soc + self.extra_soc, 0.0, 1.0), self.ambient_c)
        rows, state, ended = simulate(pack, state, control, steps, held=held)
        scale = dict.fromkeys(COLUMNS, 1.0) | {
            "current_a": self.parallel, "voltage_v": self.series, "heat_w": self.series * self.parallel,
        }  # fmt: skip
        frame = table(rows * np.array([scale[name] for name in COLUMNS]), seconds, asked_w)
        return Run(frame, state, ended, self.model.assumptions)
