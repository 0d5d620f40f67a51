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
"""Share of the capacity in A below which no current counts as flowing: assumption."""
RAMP_S = 60.0
"""Time in which a current that was eased off comes back: assumption."""
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
    changed_s: Array
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

    @classmethod
    def of(cls, limits: Limits) -> Management:
        """Return the management that keeps these limits."""
        rows = limits.rows
        ways = {"any": 0.0, "charge": -1.0, "discharge": 1.0}

        def column(name: str) -> Array:
            return np.array([getattr(row, name) for row in rows], float)

        return cls(
            limits,
            np.array([SIGNALS.index(f"{row.quantity}_{row.side}") for row in rows]),
            np.array([1.0 if row.side == "high" else -1.0 for row in rows]),
            np.array([ways[row.direction] for row in rows]),
            column("value"), column("delay_s"), column("recover"), column("recover_s"),
            np.array([row.latched for row in rows]),
        )  # fmt: skip

    def start(self, reading: Reading) -> Memory:
        """Return the memory before the first step: nothing tripped, contactors closed."""
        zero = np.zeros(len(self.value))
        full = self.limits.charge.current_a.max(), self.limits.discharge.current_a.max()
        still = np.zeros(len(reading.cell_v))
        none = np.zeros(len(zero), bool)
        return Memory(zero, zero, none, still, reading.cell_v, (full[0], full[1]), (1.0, 1.0), True)

    def step(self, memory: Memory, reading: Reading, soc: float, seconds: float) -> tuple[Memory, Command]:
        """Return memory and command after a reading that holds for so many seconds; `soc` is what it believes."""
        changed = np.where(reading.cell_v != memory.last_v, 0.0, memory.changed_s + seconds)
        signals = self._signals(memory, reading, changed)
        way = np.sign(reading.current_a) * (abs(reading.current_a) > FLOWING * self.limits.layout.capacity_ah)
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
        return Memory(passed, kept, tripped, changed, reading.cell_v, allowed, eased, command.close), command

    def reset(self, memory: Memory) -> Memory:
        """Return the memory after somebody has looked: latched limits are cleared, contactors close again."""
        zero = np.zeros_like(memory.passed_s)
        return replace(memory, tripped=np.zeros_like(memory.tripped), passed_s=zero, kept_s=zero, close=True)

    def tripped(self, memory: Memory, level: Level | None = None) -> list[Limit]:
        """Return the limits that have tripped, of one level where it is given."""
        rows = zip(self.limits.rows, memory.tripped, strict=True)
        return [row for row, out in rows if out and level in (None, row.level)]

    def _signals(self, memory: Memory, reading: Reading, changed: Array) -> Array:
        """Return the signals in the order of SIGNALS."""
        volts, warm, current = reading.cell_v, reading.cell_c, reading.current_a
        floor = 0.02 * self.limits.discharge.current_a.max()
        allowed = memory.allowed[0] if current < 0 else memory.allowed[1]
        low_v, high_v, low_c, high_c = volts.min(), volts.max(), warm.min(), warm.max()
        return np.array([
            high_v, low_v, high_c, low_c, abs(current), abs(current) / (allowed + floor), high_c - low_c,
            high_v - low_v,
            reading.insulation_ohm, reading.age_s, changed.max(), abs(float(volts.sum()) - reading.pack_v),
            float(reading.closed and not memory.close),
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
        rows = self.limits.rows
        out = {row.reaction for row, on in zip(rows, tripped, strict=True) if on}
        charge, discharge = allowed[0] * eased[0], allowed[1] * eased[1]
        lasting = self.limits.of("current", "high", "recommended", "discharge")
        if tripped[rows.index(lasting)]:
            discharge = min(discharge, lasting.recover)
        if out & {"stop", "stop charge", "open"}:
            charge = 0.0
        if out & {"stop", "stop discharge", "open"}:
            discharge = 0.0
        most = self.limits.hold_above_a
        hold = "open" in out and most is not None and abs(reading.current_a) > most
        return Command(charge, discharge, "open" not in out or hold, hold)

    def _eased(self, before: tuple[float, float], reading: Reading, seconds: float) -> tuple[float, float]:
        """Return the shares of charge and discharge current that the voltages leave.

        From 1 at the recommended voltage to 0 at the operating one, in a straight line; down at once, up by no more
        than the whole in `RAMP_S`, so that a cell that springs back does not swing.
        """
        shares = []
        for side, volts, last in (("high", reading.cell_v.max(), before[0]), ("low", reading.cell_v.min(), before[1])):
            begin = self.limits.of("cell_voltage", side, "recommended").value
            end = self.limits.of("cell_voltage", side, "operating").value
            share = min(max((end - float(volts)) / (end - begin), 0.0), 1.0)
            shares.append(min(share, last + seconds / RAMP_S))
        return shares[0], shares[1]
