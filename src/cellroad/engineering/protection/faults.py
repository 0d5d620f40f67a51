"""Does each fault trip the right level in the right time? One fault put into a pack at a time, and what came of it.

For every fault stand what must trip, at which level, and how long it may take from the moment the pack itself (or the
reading, where that is what is wrong) has passed the limit: the delay of the limit, two readings, the contactor, and
while the pack creeps through the noise of its sensors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cellroad.engineering.layout import Layout
from cellroad.engineering.protection.day import OPENING_S, Day, Fault, simulate
from cellroad.engineering.protection.limits import Level, Limit, Limits, bms_limits

Array = npt.NDArray[np.float64]

BEGIN_S = 20.0
"""When the fault begins."""


@dataclass(frozen=True)
class Case:
    """A fault, the day around it, and what must come of it.

    `asked` is the current asked for as a multiple of the largest charge (below zero) or discharge current that the
    limits allow. One of `trips` (quantity and side) must trip at `level`; `opens` says whether the contactors must open
    (None: they may).
    """

    name: str
    fault: Fault
    asked: float
    trips: tuple[tuple[str, str], ...]
    level: Level = "safety"
    opens: bool | None = True
    soc: float = 0.5
    start_c: float = 25.0
    seconds: float = 0.1
    length_s: float = 120.0


def cases(limits: Limits) -> tuple[Case, ...]:
    """Return the faults that every pack must answer; their temperatures and times follow its limits.

    A charger that does not stop; the same with a welded contactor; too much current, out and in; a load that does not
    stop; charge in the cold; heat from outside; a short circuit within a cell; a weak cell; a stuck sensor; silence; a
    fault to the case.
    """
    cold = min(limits.of("cell_temperature", "low", "safety", "charge").value - 1, -10.0)
    cool = limits.of("cell_temperature", "low", "operating", "charge").value + 1
    hot = limits.of("cell_temperature", "high", "safety", "discharge").value
    least = limits.of("insulation", "low", "safety").value
    end, hour = Fault(BEGIN_S, disobeyed=True), 3600.0
    warm = Fault(BEGIN_S, disobeyed=True, sink_c=hot + 200)
    full, empty = (("cell_voltage", "high"),), (("cell_voltage", "low"),)
    spread, warmer = ("voltage_spread", "high"), (("cell_temperature", "high"),)
    return (
        Case("over-voltage charger", end, -0.15, full, soc=0.985, length_s=2 * hour, seconds=0.5),
        Case(
            "over-voltage charger, contactor welded", Fault(BEGIN_S, disobeyed=True, welded=True), -0.15,
            (("contactor_weld", "high"),), soc=0.985, length_s=2 * hour, seconds=0.5,
        ),
        Case("charger that takes no notice", end, -1.0, (("current_share", "high"),), start_c=cool, length_s=300),
        Case("over-current", end, 2.0, (("current", "high"),)),
        Case("over-current in charge", end, -2.0, (("current", "high"),)),
        Case("over-discharge", end, 0.1, empty, soc=0.04, length_s=3 * hour, seconds=0.5),
        Case("charge in the cold", end, -0.5, (("cell_temperature", "low"),), start_c=cold),
        Case("heat from outside", warm, 0.05, warmer, start_c=hot - 3, seconds=1.0, length_s=hour),
        Case(
            "short circuit within a cell", Fault(BEGIN_S, leak_ohm=_leak(limits)), 0.0, (spread, *empty), "recommended",
            None, length_s=60,
        ),
        Case(
            "weak cell", Fault(BEGIN_S, weak_share=0.5), 0.5, (spread, *empty), "recommended", None, soc=0.9,
            seconds=2.0, length_s=2 * hour,
        ),
        Case("stuck sensor", Fault(BEGIN_S, stuck_group=3), 0.3, (("frozen_reading", "high"),)),
        Case("silence", Fault(BEGIN_S, silent=True), 0.2, (("message_age", "high"),)),
        Case("fault to the case", Fault(BEGIN_S, insulation_ohm=0.5 * least), 0.2, (("insulation", "low"),)),
    )  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What came of a fault: what had to trip, when it was passed and when it tripped, and whether that is right."""

    case: Case
    day: Day
    limit: Limit | None
    passed_s: float | None
    tripped_s: float | None
    allowed_s: float

    @property
    def reaction_s(self) -> float | None:
        """Seconds from passing the limit to its trip, to the open contactor where it must open."""
        done = self.day.opened_s if self.case.opens else self.tripped_s
        return None if self.passed_s is None or done is None else done - self.passed_s

    @property
    def ok(self) -> bool:
        """Whether the right limit tripped, in time, the contactors opened if they must, and nothing flowed after."""
        reaction = self.reaction_s
        in_time = reaction is not None and reaction <= self.allowed_s + 1e-9
        return in_time and self.case.opens in (None, self.day.opened_s is not None) and self.still

    @property
    def still(self) -> bool:
        """Whether no current flowed once the contactors were open."""
        after = self.day.trace.filter(~pl.col("closed"))["current_a"]
        return bool((after[1:] == 0).all())


def outcome(case: Case, layout: Layout, limits: Limits, seed: int = 0) -> Outcome:
    """Return what comes of a fault in a pack."""
    largest = limits.charge if case.asked < 0 else limits.discharge
    asked = np.full(round(case.length_s / case.seconds), case.asked * float(largest.current_a.max()))
    day = simulate(
        layout, limits, asked, case.seconds, ambient_c=case.start_c, soc=case.soc, fault=case.fault,
        rest_s=5.0, seed=seed,
    )  # fmt: skip
    wanted = [(*trip, case.level) for trip in case.trips]
    right = (trip for trip in day.trips if (trip.limit.quantity, trip.limit.side, trip.limit.level) in wanted)
    trip = next((trip for trip in right if trip.at_s > case.fault.at_s), None)
    if trip is None:
        return Outcome(case, day, None, None, None, 0.0)
    passed, creeping = _passed(day, trip.limit, case)
    allowed = trip.limit.delay_s + 2 * case.seconds + (OPENING_S if case.opens else 0.0) + creeping
    return Outcome(case, day, trip.limit, passed, trip.at_s, allowed)


def fault_table(layout: Layout, limits: Limits | None = None, seed: int = 0) -> pl.DataFrame:
    """Return the faults that a pack must answer, a row each.

    fault, trips (limit_id, None where nothing of that kind tripped), level, reaction, reaction_s, allowed_s, opened
    and ok.
    """
    limits = limits or bms_limits(layout)
    rows = []
    for case in cases(limits):
        one = outcome(case, layout, limits, seed)
        rows.append((
            case.name, one.limit and one.limit.limit_id, case.level, one.limit and one.limit.reaction,
            one.reaction_s, one.allowed_s, one.day.opened_s is not None, one.ok,
        ))  # fmt: skip
    schema = {
        "fault": pl.String, "trips": pl.String, "level": pl.String, "reaction": pl.String, "reaction_s": pl.Float64,
        "allowed_s": pl.Float64, "opened": pl.Boolean, "ok": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _leak(limits: Limits) -> float:
    """Return the resistance in ohm of a short circuit within a group: it drains the group at 6 C."""
    layout = limits.layout
    return layout.cell.nominal_v / (6 * layout.capacity_ah)


NOISE = {"V": 0.005, "°C": 0.7}
"""What the largest of many readings may be off by: four standard deviations of the sensors."""


def _passed(day: Day, limit: Limit, case: Case) -> tuple[float | None, float]:
    """Return when the pack itself came within the noise of a limit, and how long it took to clear it.

    Of what is only read: when the fault has lasted as long as the limit says.
    """
    trace = day.trace.filter(pl.col("seconds") > case.fault.at_s)
    sign, noise = (1.0 if limit.side == "high" else -1.0), NOISE.get(limit.unit, 0.0)
    columns = {
        ("cell_voltage", "high"): pl.col("high_v"), ("cell_voltage", "low"): pl.col("low_v"),
        ("cell_temperature", "high"): pl.col("high_c"), ("cell_temperature", "low"): pl.col("low_c"),
        ("current", "high"): pl.col("current_a").abs(), ("voltage_spread", "high"): pl.col("high_v") - pl.col("low_v"),
    }  # fmt: skip
    value = columns.get((limit.quantity, limit.side))
    if value is None:
        if limit.quantity == "contactor_weld":
            return day.opened_s, 0.0
        waits = {"frozen_reading": limit.value * day.seconds, "message_age": limit.value}
        return case.fault.at_s + waits.get(limit.quantity, 0.0), 0.0
    beyond = trace.select("seconds", over=(value - limit.value) * sign)
    near, clear = (beyond.filter(pl.col("over") > margin)["seconds"] for margin in (-noise, noise))
    if near.is_empty():
        return None, 0.0
    end = clear if len(clear) else beyond["seconds"]
    return float(near[0]), float(end[0] if len(clear) else end[-1]) - float(near[0])
