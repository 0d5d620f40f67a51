"""Which fuse, contactor, precharge, busbar, cable and insulation protect a pack, and whether they hold together.

`protect` chooses the smallest shipped parts that pass every check together; where none do, it shows those that come
nearest and says what is refused. A user's own parts are checked as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl

from cellroad.chain.finding import Finding
from cellroad.engineering.family import defaults
from cellroad.engineering.layout import Layout
from cellroad.engineering.protection import check, parts
from cellroad.engineering.protection.balancing import CURRENT_A as BALANCING_A
from cellroad.engineering.protection.balancing import DUTY, Balancing, balance
from cellroad.engineering.protection.check import Check, at_most
from cellroad.engineering.protection.conductor import ENCLOSED, Conductor, choose_busbar, choose_cable
from cellroad.engineering.protection.fusing import (
    LOADING,
    candidates,
    fuse_checks,
    least_rating,
    let_through,
    melting_current,
)
from cellroad.engineering.protection.insulation import CLASS_B_V, creepage, largest_y_capacitance, least_resistance
from cellroad.engineering.protection.parts import Contactor, Fuse
from cellroad.engineering.protection.short import Short, pack_resistance, resistances, short_circuit
from cellroad.engineering.protection.switching import Precharge, contactor_checks, precharge, precharge_check

TRIP = 1.25
"""The battery management opens at this multiple of the peak current at the latest: assumption."""
PULSES = 10_000.0
"""How often the peak comes in the life of the pack where nobody says: assumption."""
HEAT_CAPACITY = 1000.0
"""Heat capacity of a cell in J/(kg K): assumption, 900 to 1100."""
SHORT_RISE_K = 20.0
"""How much a short circuit may warm the cells before it is cleared: assumption."""
ADIABATIC_S = 5.0
"""Up to this time a short circuit counts as adiabatic (IEC 60364-4-43, 434.5.2)."""
SPREAD = 0.01
"""Spread of state of charge that balancing must take away: assumption."""


@dataclass(frozen=True)
class Protection:
    """The protection of a pack: what was chosen, every check, and what was assumed.

    `fuse`, `contactor`, `busbar`, `cable` are None where nothing fits. `checks` hold each rule; `assumptions` name
    every figure that no fact and no source gives.
    """

    layout: Layout
    voltage_v: float
    short: Short
    fuse: Fuse | None
    contactor: Contactor | None
    precharge: Precharge | None
    busbar: Conductor | None
    cable: Conductor | None
    balancing: Balancing
    least_ohm: float
    checks: tuple[Check, ...]
    assumptions: tuple[str, ...]

    @property
    def verdict(self) -> check.Verdict:
        """Refused where a check is, unknown where one is and none is refused, ok otherwise."""
        verdicts = {held.verdict for held in self.checks}
        return "refused" if "refused" in verdicts else "unknown" if "unknown" in verdicts else "ok"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is refused (blockers) and what is not known (warnings)."""
        return check.findings(self.checks)

    def table(self) -> pl.DataFrame:
        """Return the checks as a frame: check, verdict, found, limit, unit, reason, mend, source."""
        return check.frame(self.checks)

    def parts(self) -> pl.DataFrame:
        """Return the parts as a frame: part, what it is, its ratings in words, source, confidence."""
        rows = [
            ("fuse", *_fuse(self.fuse)),
            ("contactor", *_contactor(self.contactor)),
            *_conductors(self.busbar, self.cable),
            *_precharge(self.precharge),
            (
                "balancing",
                f"{self.balancing.resistor_ohm:.0f} ohm a group",
                f"{100 * SPREAD:g} % in {self.balancing.hours:.0f} h, {self.balancing.heat_w:.1f} W",
                "", "assumption",
            ),
            (
                "insulation", f"at least {self.least_ohm / 1000:.0f} kohm", _distance(self.voltage_v),
                "ISO 6469-3", "reported",
            ),
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=["part", "choice", "ratings", "source", "confidence"], orient="row")


def protect(
    layout: Layout,
    continuous_a: float,
    peak_a: float | None = None,
    peak_s: float = 10.0,
    capacitance_f: float | None = None,
    ambient_c: float = 40.0,
    *,
    trip_a: float | None = None,
    pulses: float = PULSES,
    ac_coupled: bool = False,
    fuse: Fuse | None = None,
    contactor: Contactor | None = None,
    fuses: Sequence[Fuse] | None = None,
    contactors: Sequence[Contactor] | None = None,
) -> Protection:
    """Return the protection of a pack.

    `continuous_a` and `peak_a` are currents of the pack in A (the peak as large as the continuous where none is given),
    the peak lasts `peak_s` and comes `pulses` times; `capacitance_f` is what the contactor closes on (None: nothing to
    charge); `ambient_c` the air at the parts in degC; `trip_a` the current on which the battery management opens
    (`TRIP` times the peak where none is given); `ac_coupled` whether the circuit is joined to an AC one without
    insulation. `fuse` and `contactor` fix a part; `fuses` and `contactors` are what may be chosen from (the shipped
    tables where none are given).
    """
    peak = max(peak_a or continuous_a, continuous_a)
    trip = trip_a or TRIP * peak
    voltage = layout.series * (layout.cell.max_v or defaults(layout.cell).max_v)
    short = short_circuit(layout)
    prospective = (short.least_a, short.largest_a)

    def of_fuse(one: Fuse) -> tuple[Check, ...]:
        return fuse_checks(one, continuous_a, peak, peak_s, voltage, prospective, ambient_c, pulses)

    def of_contactor(one: Contactor, with_fuse: Fuse | None) -> tuple[Check, ...]:
        return contactor_checks(one, with_fuse, continuous_a, trip, voltage, short.largest_a)

    fitting = [fuse] if fuse else _best(candidates(parts.fuses() if fuses is None else fuses, voltage), of_fuse)
    switches = [contactor] if contactor else _ranked(parts.contactors() if contactors is None else contactors)
    tried: Iterable[Fuse | None] = fitting or [None]
    fuse, contactor = min(
        product(tried, switches), key=lambda pair: _badness(of_contactor(pair[1], pair[0])), default=(fuse, None)
    )
    energy = _energy(fuse, contactor, short)
    bar, cable = (choose(continuous_a, energy, ambient_c) for choose in (choose_busbar, choose_cable))
    charging = None
    if capacitance_f:
        charging = precharge(voltage, capacitance_f, loop_ohm=pack_resistance(layout))
    checks = (
        *(of_fuse(fuse) if fuse else _no_fuse(voltage, continuous_a, ambient_c)),
        *(of_contactor(contactor, fuse) if contactor else ()),
        *((precharge_check(charging, contactor),) if charging and contactor else ()),
        *_conductor_checks(bar, cable, continuous_a, energy),
        _peak_check(layout, peak, peak_s),
        _short_check(layout, energy),
    )
    return Protection(
        layout, voltage, short, fuse, contactor, charging, bar, cable, balance(layout, SPREAD),
        least_resistance(voltage, ac_coupled), checks, _assumptions(layout, short, fuse, contactor, trip_a, pulses),
    )  # fmt: skip


def _badness(checks: Sequence[Check]) -> tuple[int, int, float]:
    """Return how many checks are refused, how many are not known, and by what factor the worst misses its limit.

    Of parts that are alike in this the first is taken.
    """
    verdicts = [held.verdict for held in checks]
    refused = [held for held in checks if held.verdict == "refused" and held.found and held.limit]
    missed = (max(held.found / held.limit, held.limit / held.found) for held in refused if held.found and held.limit)
    return verdicts.count("refused"), verdicts.count("unknown"), max(missed, default=0.0)


def _best(fuses: Sequence[Fuse], checks: Callable[[Fuse], Sequence[Check]]) -> list[Fuse]:
    """Return the fuses that fail the fewest checks by themselves, in their order."""
    graded = [(_badness(checks(fuse)), fuse) for fuse in fuses]
    least = min((grade for grade, _ in graded), default=(0, 0, 0.0))
    return [fuse for grade, fuse in graded if grade == least]


def _energy(fuse: Fuse | None, contactor: Contactor | None, short: Short) -> float | None:
    """Return the most I2t in A2s that a short circuit puts through the conductors before something opens.

    Currents that the contactor breaks are its own affair; above them the fuse lets most through where it is slowest.
    What lasts longer than `ADIABATIC_S` is an overload, whose heat leaves the conductor while it flows.
    """
    broken = contactor.break_a if contactor and contactor.break_a else 0.0
    melting = None if fuse is None else melting_current(fuse, ADIABATIC_S)
    overload = 0.0 if melting is None else float(melting)
    slowest = min(max(broken, short.least_a, overload), short.largest_a)
    energy = None if fuse is None else let_through(fuse, np.array([slowest, short.largest_a]))
    return None if energy is None else float(energy.max())


def _ranked(contactors: Sequence[Contactor]) -> list[Contactor]:
    """Return contactors, the smallest first; of one size a product before a class."""
    return sorted(contactors, key=lambda one: (one.carry_a, one.confidence == "unverified"))


def _no_fuse(voltage_v: float, continuous_a: float, ambient_c: float) -> tuple[Check, ...]:
    least = least_rating(continuous_a, ambient_c)
    return (
        Check(
            "fuse: voltage", "refused", None, voltage_v, "V",
            f"no fuse of the table is rated for this direct voltage; {least:,.0f} A are needed",
            "give a fuse of your own", "IEC 60269-1",
        ),
    )  # fmt: skip


def _conductor_checks(
    bar: Conductor | None, cable: Conductor | None, continuous_a: float, energy: float | None
) -> tuple[Check, ...]:
    found = {"busbar": bar, "cable": cable}
    heat, short = "busbar and cable: heat", "busbar and cable: short circuit"
    carried = None if bar is None or cable is None else min(bar.ampacity_a, cable.ampacity_a)
    survived = None if bar is None or cable is None else min(bar.survives_a2s, cable.survives_a2s)
    missing = " and ".join(name for name, one in found.items() if one is None)
    if missing:
        reason = f"no {missing} of the series carries the current and survives the fuse"
        return (Check(heat, "refused", continuous_a, None, "A", reason, "lay several side by side", "IEC 60949"),)
    return (
        at_most(
            heat, continuous_a, carried, "A", "both stay below 90 °C", "take more metal",
            "heat balance; DIN 43671, IEC 60287",
        ),
        at_most(
            short, energy, survived, "A2s", "both survive what the fuse lets through", "take more metal",
            "IEC 60949; IEC 60364-4-43",
        ),
    )  # fmt: skip


def _peak_check(layout: Layout, peak_a: float, peak_s: float) -> Check:
    """Return the check that the cells themselves give the peak: the pulse of the sheet, or its continuous rate."""
    cell = layout.cell
    pulsed = cell.pulse_rate is not None and (cell.pulse_s or 0.0) >= peak_s
    rate = cell.pulse_rate if pulsed else cell.discharge_rate
    return at_most(
        "cells: peak current", peak_a, None if rate is None else rate * layout.capacity_ah, "A",
        f"the cells give the peak for {peak_s:g} s", "take more cells side by side, or a stronger cell", "data sheet",
    )  # fmt: skip


def _short_check(layout: Layout, energy: float | None) -> Check:
    """Return the check that a short circuit does not heat the cells much before it is cleared.

    dT = I2t / P^2 R / (m cp)
    """
    cell = layout.cell
    heat = None if energy is None else energy / layout.parallel**2 * resistances(cell)[1]
    rise = None if heat is None or cell.mass_kg is None else heat / (cell.mass_kg * HEAT_CAPACITY)
    return at_most(
        "fuse and cells: heat of a short circuit", rise, SHORT_RISE_K, "K",
        "the cells stay cool until the fuse has cleared", "take a fuse that lets less through",
        "adiabatic heat balance",
    )  # fmt: skip


def _assumptions(
    layout: Layout, short: Short, fuse: Fuse | None, contactor: Contactor | None, trip_a: float | None, pulses: float
) -> tuple[str, ...]:
    told = [*short.assumed, f"a fuse carries {LOADING:.0%} of its rating, conductors {ENCLOSED:.0%} of free air"]
    told += [
        f"{part.name}: figures not verified" for part in (fuse, contactor) if part and part.confidence == "unverified"
    ]
    told += [f"the management opens at {TRIP:g} times the peak"] if trip_a is None else []
    told += [f"the peak comes {pulses:,.0f} times"] if pulses == PULSES else []
    told += [f"balancing with {BALANCING_A:g} A, {DUTY:.0%} of the time"]
    silent = [name for name in ("max_v", "min_v") if getattr(layout.cell, name) is None]
    told += [f"{' and '.join(silent)} of the family {layout.cell.family}: the sheet is silent"] if silent else []
    return tuple(told)


def _fuse(fuse: Fuse | None) -> tuple[str, str, str, str]:
    if fuse is None:
        return "none fits", "", "", ""
    volts, amps = check.figure(fuse.rated_v), check.figure(fuse.breaking_a)
    ratings = f"{fuse.rated_a:g} A, {volts} V DC, breaks {amps} A, lets {check.figure(fuse.clearing_a2s)} A2s through"
    return fuse.name, ratings, fuse.source, fuse.confidence


def _contactor(contactor: Contactor | None) -> tuple[str, str, str, str]:
    if contactor is None:
        return "none fits", "", "", ""
    ratings = f"{contactor.carry_a:g} A, {contactor.rated_v:g} V, breaks {check.figure(contactor.break_a)} A"
    return contactor.name, ratings, contactor.source, contactor.confidence


def _conductors(bar: Conductor | None, cable: Conductor | None) -> list[tuple[str, str, str, str, str]]:
    rows = []
    if bar is not None:
        shape = f"{bar.metal}, {bar.width_mm:g} x {bar.thickness_mm:g} mm"
        rows.append(("busbar", shape, f"{bar.ampacity_a:.0f} A, survives {bar.survives_a2s:,.0f} A2s", "", "computed"))
    if cable is not None:
        shape = f"{cable.metal}, {cable.area_mm2:g} mm2"
        rows.append(
            ("cable", shape, f"{cable.ampacity_a:.0f} A, survives {cable.survives_a2s:,.0f} A2s", "", "computed")
        )
    return rows


def _precharge(made: Precharge | None) -> list[tuple[str, str, str, str, str]]:
    if made is None:
        return []
    ratings = f"{made.energy_j:.0f} J in {made.seconds:g} s, {made.peak_w:.0f} W at first"
    return [("precharge", f"{made.resistance_ohm:.3g} ohm", ratings, "", "computed")]


def _distance(voltage_v: float) -> str:
    distance = creepage(voltage_v, reinforced=voltage_v > CLASS_B_V)
    creep = "creepage beyond the table" if distance is None else f"creepage {distance:g} mm"
    touch = "class B, guarded against touch" if voltage_v > CLASS_B_V else "class A"
    return f"{creep}, {touch}, at most {1e6 * largest_y_capacitance(voltage_v):.1f} uF to the case"
