"""Does a pack stay within its limits under its duty, and does the management act in time when something goes wrong?

One loop: the pack moves a step under the current that charger and load may have, sensors read it, the filter says how
full it is, the management says what is allowed next. Under normal duty charger and load obey; a fault makes one of
them, a cell, a sensor or a contactor do what it should not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from cellroad.engineering.cellmodel import NATURAL, Cooling, Spread
from cellroad.engineering.layout import Layout
from cellroad.engineering.protection.estimator import Doubt, Filter
from cellroad.engineering.protection.limits import Limit, Limits, bms_limits
from cellroad.engineering.protection.management import Management, Reading
from cellroad.engineering.protection.plant import ZERO_C, Sensors, believed, frozen, plant, weakened, within

Array = npt.NDArray[np.float64]

OPENING_S = 0.025
"""Time in which the contacts part (TE EVC 250: at most 25 ms); within one step of the simulation."""
GOOD_OHM = 5e6
"""Insulation of a sound pack in ohm: assumption."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong, from `at_s` on; every field that is left alone is sound.

    `disobeyed`: charger and load take what they ask for. `stuck_group`: a voltage that reads the same for ever.
    `weak_share`: what is left of the capacity of the first group. `leak_ohm`: a short circuit within the first group.
    `silent`: no messages come. `insulation_ohm`: to the case. `welded`: the main contactor does not open; a second one
    in series does. `sink_c`: the temperature around the cells.
    """

    at_s: float = 0.0
    disobeyed: bool = False
    stuck_group: int | None = None
    weak_share: float = 1.0
    leak_ohm: float | None = None
    silent: bool = False
    insulation_ohm: float = GOOD_OHM
    welded: bool = False
    sink_c: float | None = None


SOUND = Fault()


@dataclass(frozen=True)
class Trip:
    """A limit that tripped, and when."""

    limit: Limit
    at_s: float


@dataclass(frozen=True)
class Day:
    """What happened: a row per step, what tripped, when the contactors opened, and the extremes of the pack itself.

    `trace`: seconds, asked_a, current_a, soc, believed_soc, low_v, high_v, low_c, high_c, charge_a, discharge_a and
    closed. Currents are positive on discharge; soc, voltages and temperatures are true, believed_soc is the filter's.
    """

    layout: Layout
    limits: Limits
    seconds: float
    trace: pl.DataFrame
    trips: tuple[Trip, ...]
    opened_s: float | None
    fault: Fault = field(default=SOUND)

    @property
    def passed(self) -> tuple[Trip, ...]:
        """Operating and safety limits that tripped: none in a day that is proved."""
        return tuple(trip for trip in self.trips if trip.limit.level != "recommended")

    @property
    def proved(self) -> bool:
        """Whether no operating or safety limit tripped, and the pack itself passed none of them either."""
        near = self.margins().filter(pl.col("level") != "recommended")["margin"]
        return not self.passed and bool((near >= 0).all())

    @property
    def soc_error(self) -> tuple[float, float]:
        """Error of the believed state of charge: root of the mean square, and the largest."""
        error = (self.trace["believed_soc"] - self.trace["soc"]).to_numpy()
        return float(np.sqrt(np.mean(error**2))), float(np.abs(error).max())

    def margins(self) -> pl.DataFrame:
        """Return how near the pack itself came to each limit of voltage, temperature and current.

        A row per limit: limit_id, level, limit, extreme, margin (below zero where it was passed), unit. Temperature and
        current count while current flows in the direction of the limit; current without its delay.
        """
        rows = []
        for limit in self.limits.rows:
            values = _held(self.trace, limit, self.layout.capacity_ah)
            if values is not None and len(values):
                extreme = float(values.max() if limit.side == "high" else values.min())
                margin = limit.value - extreme if limit.side == "high" else extreme - limit.value
                rows.append((limit.limit_id, limit.level, limit.value, extreme, margin, limit.unit))
        return pl.DataFrame(rows, schema=["limit_id", "level", "limit", "extreme", "margin", "unit"], orient="row")

    def trip_table(self) -> pl.DataFrame:
        """Return what tripped as a frame: at_s, limit_id, level, reaction."""
        rows = [(trip.at_s, trip.limit.limit_id, trip.limit.level, trip.limit.reaction) for trip in self.trips]
        schema = {"at_s": pl.Float64, "limit_id": pl.String, "level": pl.String, "reaction": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")


def simulated_day(
    layout: Layout,
    limits: Limits | None = None,
    asked_a: Array | None = None,
    *,
    seconds: float | None = None,
    ambient_c: float = 25.0,
    soc: float = 0.5,
    cooling: Cooling = NATURAL,
    seed: int = 0,
) -> Day:
    """Return a day of normal duty: the proof that the limits are never passed.

    `asked_a` is what charger and load ask for in A, positive on discharge, a value per step of `seconds`; `hard_day`
    where none is given, which asks for more than there is at both ends, in steps short enough for its currents
    (`usual_step`). `soc` is where it begins. Raises ValueError for a duty without the length of its steps.
    """
    limits = limits or bms_limits(layout)
    if seconds is None:
        if asked_a is not None:
            raise ValueError("say how many seconds a step of asked_a takes")
        seconds = usual_step(limits)
    asked = hard_day(limits, seconds) if asked_a is None else np.asarray(asked_a, float)
    return simulate(layout, limits, asked, seconds, ambient_c=ambient_c, soc=soc, cooling=cooling, seed=seed)


def usual_step(limits: Limits) -> float:
    """Return steps in s in which the largest current moves the charge by a 240th, from 1 s to 10 s."""
    lasts = 3600 * limits.layout.capacity_ah / limits.largest_a
    return float(np.clip(round(lasts / 240), 1, 10))


def hard_day(limits: Limits, seconds: float) -> Array:
    """Return a day in A that asks for more than a pack has: empty, full, empty and full again, with peaks.

    Six quarters of it: discharge at what may last, with the peak for ten seconds in each five minutes; charge at the
    largest charge current; each until well beyond the end.
    """
    charge, peak = float(limits.charge.current_a.max()), float(limits.discharge.current_a.max())
    lasting = limits.of("current", "high", "recommended", "discharge").recover
    hours = np.arange(0, 24, seconds / 3600)
    out = np.where((hours * 3600) % 300 < 10, peak, lasting)
    legs = np.minimum(1.3 * limits.layout.capacity_ah / np.array([lasting, charge]), 8.0)
    return np.where(hours % legs.sum() < legs[0], out, -charge)


def simulate(
    layout: Layout,
    limits: Limits,
    asked_a: Array,
    seconds: float,
    *,
    ambient_c: float = 25.0,
    soc: float = 0.5,
    start_c: float | None = None,
    cooling: Cooling = NATURAL,
    spread: Spread | None = None,
    fault: Fault = SOUND,
    guess: float | None = None,
    rest_s: float = np.inf,
    seed: int = 0,
) -> Day:
    """Return what a pack does when `asked_a` is asked of it, step by step, with a fault.

    `guess` is where the filter begins (the truth where none is given), `start_c` the temperature at which the cells do
    (the ambient where none is given). The pack stands still once its contactors are open; the day ends `rest_s` later.
    """
    made, state = plant(layout, seconds, ambient_c, soc, start_c, cooling, spread)
    draw = np.random.default_rng(seed)
    largest = limits.largest_a
    sensors = Sensors(largest)
    management = Management.of(limits)
    per_cell = largest / layout.parallel
    counting = Filter(believed(layout), Doubt(per_cell * sensors.current_noise, offset_a=per_cell * 0.002, soc=0.1))
    belief = counting.start(soc if guess is None else guess)
    sight = sensors.read(draw, made.volts(state), state.kelvin[1] - ZERO_C, 0.0, GOOD_OHM, True)
    memory, age, stuck = management.start(sight, float(belief.soc)), 0.0, 0.0
    charge, discharge = memory.allowed
    main, second = True, True
    none = np.zeros(layout.series)
    trips: list[Trip] = []
    opened: float | None = None
    rows = []
    faulty = False
    for n, asked in enumerate(asked_a):
        now = n * seconds
        if opened is not None and now > opened + rest_s:
            break
        if not faulty and fault is not SOUND and now >= fault.at_s:
            faulty, stuck = True, float(sight.cell_v[fault.stuck_group or 0])
            made, state = weakened(made, state, 0, fault.weak_share)
            made = made if fault.sink_c is None else within(made, fault.sink_c)
        free = faulty and fault.disobeyed
        current = float(asked) if free else float(np.clip(asked, -charge, discharge))
        current = current if main and second else 0.0
        leak = none
        if faulty and fault.leak_ohm is not None:
            leak = np.where(np.arange(layout.series) == 0, made.volts(state)[0] / fault.leak_ohm, 0.0)
        state = made.step(state, current, leak)
        volts, celsius = made.volts(state), state.kelvin[1] - ZERO_C
        ohm = fault.insulation_ohm if faulty else GOOD_OHM
        age = age + seconds if faulty and fault.silent else 0.0
        if age == 0.0:
            sight = sensors.read(draw, volts, celsius, current, ohm, main)
        if faulty and fault.stuck_group is not None:
            sight = frozen(sight, fault.stuck_group, stuck)
        reading = Reading(*sight[:5], age, main)
        each = np.array(reading.current_a / layout.parallel)
        belief = counting.step(
            belief, each, np.array(reading.cell_v.mean()), np.array(reading.cell_c.mean() + ZERO_C), seconds
        )
        before = memory.tripped
        memory, command = management.step(memory, reading, float(belief.soc), seconds)
        fresh = np.flatnonzero(memory.tripped & ~before)
        trips += [Trip(limits.rows[i], now + seconds) for i in fresh]
        charge, discharge = command.charge_a, command.discharge_a
        main = main and (command.close or (faulty and fault.welded))
        second = second and command.close
        if opened is None and not (main and second):
            opened = now + seconds + OPENING_S
        rows.append((
            now + seconds, float(asked), current, float(state.soc.mean()), float(belief.soc), float(volts.min()),
            float(volts.max()), float(celsius.min()), float(celsius.max()), charge, discharge, main and second,
        ))  # fmt: skip
    names = [
        "seconds", "asked_a", "current_a", "soc", "believed_soc", "low_v", "high_v", "low_c", "high_c", "charge_a",
        "discharge_a", "closed",
    ]  # fmt: skip
    trace = pl.DataFrame(rows, schema=names, orient="row")
    return Day(layout, limits, seconds, trace, tuple(trips), opened, fault)


def _held(trace: pl.DataFrame, limit: Limit, capacity_ah: float) -> Array | None:
    """Return the true values that a limit is about, while it holds; None where it is not about the pack's own state."""
    signs = {"charge": -1.0, "discharge": 1.0}
    current = trace["current_a"].to_numpy()
    flowing = current * signs.get(limit.direction, 1.0) > 0.01 * capacity_ah
    holds = flowing if limit.direction in signs else np.ones(len(current), bool)
    columns = {
        ("cell_voltage", "high"): "high_v", ("cell_voltage", "low"): "low_v",
        ("cell_temperature", "high"): "high_c", ("cell_temperature", "low"): "low_c",
    }  # fmt: skip
    if limit.quantity == "current":
        return np.asarray(np.abs(current[holds]))
    name = columns.get((limit.quantity, limit.side))
    return None if name is None else trace[name].to_numpy()[holds]
