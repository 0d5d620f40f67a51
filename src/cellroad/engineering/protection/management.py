"""What the battery management does with what it measures: which limits are passed, and what it commands.

It sees measured signals only, never the state of the cells. Per step: the signals are held against every limit at once;
a limit trips when it has been passed for its delay and clears when the reading has been back for its time of recovery,
unless it is latched. From what has tripped follow the currents that are allowed and whether the contactors are closed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellroad.engineering.protection.limits import Level, Limit, Limits

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FLOWING = 0.01
"""Share of capacity and largest current below which no current counts as flowing, for the sensor: assumption."""
OPENS = ("open",)
STOPS_CHARGE = ("stop", "stop charge", "open")
STOPS_DISCHARGE = ("stop", "stop discharge", "open")
"""Reactions after which nothing is charged, nothing discharged."""
SPREAD_SOC = (0.1, 0.95)
"""States of charge between which cells differ in voltage for a fault and not because one is empty or full first."""
EASED_AT = 0.8
"""How far from the recommended to the operating voltage nothing is left of the current: assumption, for the noise."""
RAMP_S = 60.0
"""Time in which a current that was eased off comes back: assumption."""
UNSEEN = 0.1
"""Share of the largest current that no map forbids, so that what trickles trips no share of nothing: assumption."""
SIGNALS = (
    "cell_voltage_high", "cell_voltage_low", "cell_temperature_high", "cell_temperature_low", "current_high",
    "current_share_high", "temperature_spread_high", "voltage_spread_high", "insulation_low", "message_age_high",
    "frozen_reading_high", "sum_of_cells_high", "contactor_weld_high",
)  # fmt: skip


class Reading(NamedTuple):
    """What is measured at one instant. Current in A, positive on discharge; temperatures in degC."""

    cell_v: Array
    cell_c: Array
    current_a: float
    pack_v: float
    insulation_ohm: float
    age_s: float
    closed: bool


class Command(NamedTuple):
    """What is asked of charger and load in A (magnitudes), and of the contactors."""

    charge_a: float
    discharge_a: float
    close: bool
    hold: bool


@dataclass(frozen=True)
class Memory:
    """What it remembers: how long each limit has been passed and kept, what has tripped, what it read and allowed."""

    passed_s: Array
    kept_s: Array
    tripped: Flags
    same: Array
    last_v: Array
    allowed: tuple[float, float]
    eased: tuple[float, float]
    close: bool


@dataclass(frozen=True)
class Management:
    """The limits of a pack as arrays, ready to be held against readings."""

    limits: Limits
    signal: npt.NDArray[np.intp]
    sign: Array
    direction: Array
    value: Array
    delay_s: Array
    recover: Array
    recover_s: Array
    latched: Flags
    opens: Flags
    stops_charge: Flags
    stops_discharge: Flags
    lasting: int
    flowing_a: float
    easing: tuple[tuple[float, float], tuple[float, float]]

    @classmethod
    def of(cls, limits: Limits) -> Management:
        """Return the management that keeps these limits."""
        rows = limits.rows
        ways = {"any": 0.0, "charge": -1.0, "discharge": 1.0}

        def column(name: str) -> Array:
            return np.array([getattr(row, name) for row in rows], float)

        def among(reactions: tuple[str, ...]) -> Flags:
            return np.array([row.reaction in reactions for row in rows])

        def easing(side: str) -> tuple[float, float]:
            begin = limits.of("cell_voltage", side, "recommended").value
            end = limits.of("cell_voltage", side, "operating").value
            return begin, begin + EASED_AT * (end - begin)

        return cls(
            limits,
            np.array([SIGNALS.index(f"{row.quantity}_{row.side}") for row in rows]),
            np.array([1.0 if row.side == "high" else -1.0 for row in rows]),
            np.array([ways[row.direction] for row in rows]),
            column("value"), column("delay_s"), column("recover"), column("recover_s"),
            np.array([row.latched for row in rows]),
            among(OPENS), among(STOPS_CHARGE), among(STOPS_DISCHARGE),
            rows.index(limits.of("current", "high", "recommended", "discharge")),
            FLOWING * max(limits.layout.capacity_ah, limits.largest_a), (easing("high"), easing("low")),
        )  # fmt: skip

    def start(self, reading: Reading, soc: float) -> Memory:
        """Return the memory before the first step: nothing tripped, contactors closed, what the maps allow."""
        zero = np.zeros(len(self.value))
        still = np.zeros(len(reading.cell_v))
        none = np.zeros(len(zero), bool)
        return Memory(zero, zero, none, still, reading.cell_v, self._mapped(reading, soc), (1.0, 1.0), True)

    def step(self, memory: Memory, reading: Reading, soc: float, seconds: float) -> tuple[Memory, Command]:
        """Return memory and command after a reading that holds for so many seconds; `soc` is what it believes."""
        same = np.where(reading.cell_v != memory.last_v, 0.0, memory.same + 1.0)
        signals = self._signals(memory, reading, same, soc)
        way = np.sign(reading.current_a) * (abs(reading.current_a) > self.flowing_a)
        holds = (self.direction == 0) | (self.direction == way)
        now = signals[self.signal]
        beyond = (self.sign * (now - self.value) > 0) & holds
        back = (self.sign * (now - self.recover) <= 0) | ~holds
        passed = np.where(beyond, memory.passed_s + seconds, 0.0)
        kept = np.where(back, memory.kept_s + seconds, 0.0)
        tripping = beyond & (passed >= self.delay_s - 1e-9)
        clearing = ~self.latched & ~tripping & (kept >= self.recover_s)
        tripped = (memory.tripped | tripping) & ~clearing
        allowed = self._mapped(reading, soc)
        eased = self._eased(memory.eased, reading, seconds)
        command = self._command(tripped, reading, allowed, eased)
        return Memory(passed, kept, tripped, same, reading.cell_v, allowed, eased, command.close), command

    def reset(self, memory: Memory) -> Memory:
        """Return the memory after somebody has looked: latched limits are cleared, contactors close again."""
        zero = np.zeros_like(memory.passed_s)
        return replace(memory, tripped=np.zeros_like(memory.tripped), passed_s=zero, kept_s=zero, close=True)

    def tripped(self, memory: Memory, level: Level | None = None) -> list[Limit]:
        """Return the limits that have tripped, of one level where it is given."""
        rows = zip(self.limits.rows, memory.tripped, strict=True)
        return [row for row, out in rows if out and level in (None, row.level)]

    def _signals(self, memory: Memory, reading: Reading, same: Array, soc: float) -> Array:
        """Return the signals in the order of SIGNALS; of a pack nearly empty or full no difference of voltage."""
        volts, warm, current = reading.cell_v, reading.cell_c, reading.current_a
        grid = self.limits.charge if current < 0 else self.limits.discharge
        allowed = memory.allowed[0] if current < 0 else memory.allowed[1]
        low_v, high_v, low_c, high_c = volts.min(), volts.max(), warm.min(), warm.max()
        (full, _), (empty, _) = self.easing
        level = SPREAD_SOC[0] < soc < SPREAD_SOC[1] and low_v > empty and high_v < full
        spread = high_v - low_v if level else 0.0
        return np.array([
            high_v, low_v, high_c, low_c, abs(current), abs(current) / (allowed + UNSEEN * grid.current_a.max()),
            high_c - low_c, spread, reading.insulation_ohm, reading.age_s, same.max(),
            abs(float(volts.sum()) - reading.pack_v), float(reading.closed and not memory.close),
        ])  # fmt: skip

    def _mapped(self, reading: Reading, soc: float) -> tuple[float, float]:
        """Return the charge and discharge current of the maps in A: the worse of the coldest and the hottest cell."""
        low, high = float(reading.cell_c.min()), float(reading.cell_c.max())
        maps = (self.limits.charge, self.limits.discharge)
        charge, discharge = (min(one.at(low, soc), one.at(high, soc)) for one in maps)
        return charge, discharge

    def _command(
        self, tripped: Flags, reading: Reading, allowed: tuple[float, float], eased: tuple[float, float]
    ) -> Command:
        """Return what follows from what has tripped; of an over-current of long standing what lasts is left."""
        charge, discharge = allowed[0] * eased[0], allowed[1] * eased[1]
        if tripped[self.lasting]:
            discharge = min(discharge, float(self.recover[self.lasting]))
        if np.any(tripped & self.stops_charge):
            charge = 0.0
        if np.any(tripped & self.stops_discharge):
            discharge = 0.0
        out, most = bool(np.any(tripped & self.opens)), self.limits.hold_above_a
        hold = out and most is not None and abs(reading.current_a) > most
        return Command(charge, discharge, not out or hold, hold)

    def _eased(self, before: tuple[float, float], reading: Reading, seconds: float) -> tuple[float, float]:
        """Return the shares of charge and discharge current that the voltages leave.

        From 1 at the recommended voltage to 0 shortly before the operating one, in a straight line; down at once, up by
        no more than the whole in `RAMP_S`, so that a cell that springs back does not swing.
        """
        ends = (float(reading.cell_v.max()), float(reading.cell_v.min()))
        shares = [
            min((end - volts) / (end - begin), last + seconds / RAMP_S, 1.0)
            for volts, last, (begin, end) in zip(ends, before, self.easing, strict=True)
        ]
        return max(shares[0], 0.0), max(shares[1], 0.0)
