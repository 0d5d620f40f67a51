"""Within which limits a pack is run, and what happens beyond them: three levels, as plain rows and as JSON.

    recommended   derate or warn: the controller eases off, nobody notices
    operating     no more current in that direction is asked for until it has recovered
    safety        the contactors open and stay open until somebody has looked

As in foxBMS 2, whose levels are maximum operating limit (told), recommended safety limit (warned) and maximum safety
limit (contactors open), with its delays: 0.5 s of readings and 0.2 s for voltage, 5 s and 1 s for temperature, 0.1 s
and 0.1 s for current. Values come from the cell's sheet where it tells them, else from its family, and are then marked
assumed. Functional safety of the functions is the matter of UL 1973 and UL 60730-1, not of these numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import polars as pl

from cellroad.engineering.family import defaults
from cellroad.engineering.layout import Layout
from cellroad.engineering.protection.currents import CurrentMap, charge_map, currents, discharge_map
from cellroad.engineering.protection.insulation import AC_OHM_PER_V, DC_OHM_PER_V, least_resistance

Level = Literal["recommended", "operating", "safety"]
Reaction = Literal["warn", "derate", "stop charge", "stop discharge", "stop", "open"]
Direction = Literal["any", "charge", "discharge"]
LEVELS: tuple[Level, ...] = ("recommended", "operating", "safety")
VERSION = "1.0"

VOLTAGE_S = 0.7
CURRENT_S = 0.2
TEMPERATURE_S = 6.0
"""Time from the first reading beyond a safety limit to the open contactor (foxBMS 2, diag_cfg.c)."""
RECOVER_S = 5.0
"""How long a reading must be back before a limit is taken as kept again: assumption."""
EASE_K = 5.0
"""A recommended temperature limit lies that far within the sheet's, a safety limit that far beyond: assumption."""
SPREAD_K = (5.0, 10.0, 15.0)
SPREAD_V = (0.15, 0.45, 0.6)
"""Differences between cells at which each level begins, in K and (no cell nearly empty or full) in V: assumption."""
OVER = (1.02, 1.05, 1.25)
"""Over-current by level, as multiples of the current that is allowed: assumption."""
SENSOR = 0.005
"""What a current sensor may be wrong by, as a share of the largest current: assumption, added to every over-current."""
SHARE = (1.05, 1.15, 1.5)
SHARE_S = (5.0, 10.0, 30.0)
"""Current over what the map allows at the moment, and for how long, by level: assumption."""
AGE_S = (0.3, 1.0, 1.2)
"""Age of the last message by level: stale after 1 s of missing messages and 0.2 s (foxBMS 2, CAN timing)."""
SUM_SHARE = 0.02
"""How far the sum of the cells may lie from the voltage of the pack: assumption."""
FROZEN = (20.0, 30.0, 60.0)
"""How many readings in a row may be the same, of a signal that is never without noise: assumption."""


@dataclass(frozen=True)
class Limit:
    """One limit: beyond `value` (above for `high`, below for `low`) for `delay_s` the reaction follows.

    It is kept again when the reading has been on the near side of `recover` for `recover_s`; a latched one stays until
    somebody resets it. `direction` says in which direction of current it holds.
    """

    limit_id: str
    quantity: str
    side: Literal["high", "low"]
    direction: Direction
    level: Level
    value: float
    unit: str
    delay_s: float
    recover: float
    recover_s: float
    reaction: Reaction
    latched: bool
    source: str
    confidence: str


@dataclass(frozen=True)
class Limits:
    """Every limit of a pack, the current it allows by temperature and state of charge, and what was assumed."""

    layout: Layout
    rows: tuple[Limit, ...]
    charge: CurrentMap
    discharge: CurrentMap
    hold_above_a: float | None
    assumptions: tuple[str, ...]

    @property
    def largest_a(self) -> float:
        """The largest current that is ever allowed, in A: the range of the sensor."""
        return float(max(self.charge.current_a.max(), self.discharge.current_a.max()))

    def table(self) -> pl.DataFrame:
        """Return the limits as a frame, one row each, in the order of `Limit`."""
        return pl.DataFrame([asdict(row) for row in self.rows])

    def of(self, quantity: str, side: str, level: Level, direction: Direction = "any") -> Limit:
        """Return one limit. Raises KeyError where there is none of that kind."""
        found = [row for row in self.rows if (row.quantity, row.side, row.level) == (quantity, side, level)]
        for row in found:
            if row.direction == direction:
                return row
        raise KeyError(f"no limit of {quantity}, {side}, {level}, {direction}")

    def document(self) -> dict[str, Any]:
        """Return what `to_json` writes, as plain objects; its form is `schema()`."""
        layout = self.layout
        return {
            "schema": f"cellroad-bms-limits-{VERSION}",
            "pack": {
                "layout": layout.name,
                "cell": layout.cell.name,
                "series": layout.series,
                "parallel": layout.parallel,
                "capacity_ah": layout.capacity_ah,
                "nominal_v": layout.nominal_v,
            },
            "limits": [asdict(row) for row in self.rows],
            "current": {"charge": self.charge.document(), "discharge": self.discharge.document()},
            "hold_contactors_above_a": self.hold_above_a,
            "assumptions": list(self.assumptions),
        }

    def to_json(self, indent: int | None = 2) -> str:
        """Return the limits as JSON, for the configuration of a battery management system."""
        return json.dumps(self.document(), indent=indent, ensure_ascii=False, allow_nan=False)


@cache
def schema() -> dict[str, Any]:
    """Return the JSON schema (2020-12) of `to_json`, which ships beside this module."""
    text = (files("cellroad.engineering.protection") / "limits.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def bms_limits(
    layout: Layout,
    continuous_a: float | None = None,
    peak_a: float | None = None,
    charge_a: float | None = None,
    *,
    peak_s: float = 10.0,
    break_a: float | None = None,
    ac_coupled: bool = False,
) -> Limits:
    """Return the limits of a pack.

    `continuous_a`, `peak_a` (for `peak_s`) and `charge_a` are what the use asks for in A; the cells' own currents hold
    where they are less or nothing is asked. `break_a` is the most that the contactors break: above it the management
    keeps them closed and leaves the current to the fuse.
    """
    cell, family = layout.cell, defaults(layout.cell)
    allowed = currents(layout, continuous_a, peak_a, charge_a, peak_s)
    wrong = SENSOR * max(allowed.charge_a, allowed.peak_a)
    sheet = _Sheet(cell.source, cell.confidence)
    max_v, max_from = sheet.or_family(cell.max_v, family.max_v)
    min_v, min_from = sheet.or_family(cell.min_v, family.min_v)
    rows = (
        *_cell_voltage(max_v, max_from, min_v, min_from, family.ease_v, family.over_v, family.low_v, family.under_v),
        *_temperature("charge", sheet, (cell.charge_min_c, cell.charge_max_c), family.charge_c),
        *_temperature("discharge", sheet, (cell.discharge_min_c, cell.discharge_max_c), family.discharge_c),
        *_current("charge", allowed.charge_a, allowed.charge_a, 10.0, wrong, allowed.charge_from),
        *_current("discharge", allowed.continuous_a, allowed.peak_a, allowed.peak_s, wrong, allowed.discharge_from),
        *_shares(),
        *_spread("temperature_spread", "K", SPREAD_K, TEMPERATURE_S),
        *_spread("voltage_spread", "V", SPREAD_V, VOLTAGE_S),
        *_insulation(least_resistance(layout.series * max_v, ac_coupled), ac_coupled),
        *_signals(layout.nominal_v),
    )
    told = sorted(
        {f"{row.quantity} {row.side}, {row.level}: {row.source}" for row in rows if row.confidence == "assumed"}
    )
    return Limits(
        layout, tuple(rows), charge_map(layout, allowed), discharge_map(layout, allowed), break_a,
        (*allowed.assumed, *told),
    )  # fmt: skip


@dataclass(frozen=True)
class _Sheet:
    """Where the figures of a cell come from."""

    source: str
    confidence: str

    def or_family(self, told: float | None, usual: float) -> tuple[float, tuple[str, str]]:
        """Return the figure of the sheet, else that of the family, with source and confidence."""
        if told is None:
            return usual, ("usual for the family", "assumed")
        return told, (f"data sheet ({self.source})" if self.source else "data sheet", self.confidence)


def _cell_voltage(
    max_v: float, max_from: tuple[str, str], min_v: float, min_from: tuple[str, str],
    ease: float, over: float, low: float, under: float,
) -> Iterator[Limit]:  # fmt: skip
    """Yield the limits of the voltage of a cell: ease off before the sheet's, stop at it, open beyond it."""
    margin = ("margin usual for the family", "assumed")
    highs = ((max_v - ease, "derate", margin), (max_v, "stop charge", max_from), (max_v + over, "open", margin))
    lows = ((min_v + low, "derate", margin), (min_v, "stop discharge", min_from), (min_v - under, "open", margin))
    for level, (value, reaction, origin) in zip(LEVELS, highs, strict=True):
        back = max_v - ease - 0.05
        yield _limit("cell_voltage", "high", "any", level, value, "V", VOLTAGE_S, back, reaction, origin)
    for level, (value, reaction, origin) in zip(LEVELS, lows, strict=True):
        back = min_v + low + 0.05
        yield _limit("cell_voltage", "low", "any", level, value, "V", VOLTAGE_S, back, reaction, origin)


def _temperature(
    direction: Literal["charge", "discharge"],
    sheet: _Sheet,
    told: tuple[float | None, float | None],
    usual: tuple[float, float],
) -> Iterator[Limit]:
    """Yield the limits of the temperature of a cell while current flows in a direction."""
    (low, low_from), (high, high_from) = (sheet.or_family(*pair) for pair in zip(told, usual, strict=True))
    margin = (f"{EASE_K:g} K from the operating limit", "assumed")
    stop: Reaction = "stop charge" if direction == "charge" else "stop discharge"
    for level, shift, reaction in zip(LEVELS, (-EASE_K, 0.0, EASE_K), ("derate", stop, "open"), strict=True):
        hot_from, cold_from = (high_from, low_from) if shift == 0 else (margin, margin)
        back = 2.0 if level == "recommended" else EASE_K
        yield _limit(
            "cell_temperature", "high", direction, level, high + shift, "°C", TEMPERATURE_S, high + shift - back,
            reaction, hot_from,
        )  # fmt: skip
        yield _limit(
            "cell_temperature", "low", direction, level, low - shift, "°C", TEMPERATURE_S, low - shift + back,
            reaction, cold_from,
        )  # fmt: skip


def _current(
    direction: Literal["charge", "discharge"], lasting_a: float, peak_a: float, peak_s: float, wrong_a: float,
    origin: tuple[str, str],
) -> Iterator[Limit]:  # fmt: skip
    """Yield the limits of the current: too much for too long, more than the peak, far more than the peak."""
    stop: Reaction = "stop charge" if direction == "charge" else "stop discharge"
    steps = (
        (OVER[0] * lasting_a, peak_s, "derate"), (OVER[1] * peak_a, 1.0, stop), (OVER[2] * peak_a, CURRENT_S, "open"),
    )  # fmt: skip
    for level, (value, delay, reaction) in zip(LEVELS, steps, strict=True):
        yield _limit("current", "high", direction, level, value + wrong_a, "A", delay, lasting_a, reaction, origin)


def _shares() -> Iterator[Limit]:
    """Yield the limits of the current as a share of what the map allows at the temperature and charge of the moment."""
    origin = ("usual practice", "assumed")
    for direction in ("charge", "discharge"):
        for level, value, delay, reaction in zip(LEVELS, SHARE, SHARE_S, ("warn", "stop", "open"), strict=True):
            stop = f"stop {direction}" if reaction == "stop" else reaction
            yield _limit("current_share", "high", direction, level, value, "", delay, 1.02, stop, origin)


def _spread(quantity: str, unit: str, values: tuple[float, ...], delay: float) -> Iterator[Limit]:
    origin = ("usual practice", "assumed")
    for level, value, reaction in zip(LEVELS, values, ("warn", "stop", "open"), strict=True):
        yield _limit(quantity, "high", "any", level, value, unit, delay, 0.8 * value, reaction, origin)


def _insulation(least_ohm: float, ac_coupled: bool) -> Iterator[Limit]:
    """Yield the limits of the resistance to the case: stop at the least of ISO 6469-3, warn at twice."""
    origin = (f"ISO 6469-3: {AC_OHM_PER_V if ac_coupled else DC_OHM_PER_V:g} ohm/V", "reported")
    twice = ("twice the least", "assumed")
    steps = ((2 * least_ohm, "warn", twice), (1.2 * least_ohm, "stop", twice), (least_ohm, "open", origin))
    for level, (value, reaction, source) in zip(LEVELS, steps, strict=True):
        yield _limit("insulation", "low", "any", level, value, "ohm", 10.0, 1.2 * value, reaction, source)


def _signals(nominal_v: float) -> Iterator[Limit]:
    """Yield the limits of the signals themselves: their age, their sense, and a contactor that did not open."""
    fox, usual = ("foxBMS 2, diag_cfg.c", "reported"), ("usual practice", "assumed")
    for level, value, reaction in zip(LEVELS, AGE_S, ("warn", "stop", "open"), strict=True):
        yield _limit("message_age", "high", "any", level, value, "s", 0.0, AGE_S[0], reaction, fox)
    for level, value, reaction in zip(LEVELS, FROZEN, ("warn", "stop", "open"), strict=True):
        yield _limit("frozen_reading", "high", "any", level, value, "readings", 0.0, 1.0, reaction, usual)
    shares = (SUM_SHARE / 2, SUM_SHARE, 2 * SUM_SHARE)
    for level, share, reaction in zip(LEVELS, shares, ("warn", "stop", "open"), strict=True):
        value = share * nominal_v
        yield _limit("sum_of_cells", "high", "any", level, value, "V", CURRENT_S, 0.8 * value, reaction, usual)
    yield _limit("contactor_weld", "high", "any", "safety", 0.5, "", CURRENT_S, 0.0, "open", fox)


def _limit(
    quantity: str, side: Literal["high", "low"], direction: Direction, level: Level, value: float, unit: str,
    delay_s: float, recover: float, reaction: str, origin: tuple[str, str],
) -> Limit:  # fmt: skip
    turned = "" if direction == "any" else f"_{direction}"
    opens: Reaction = reaction  # type: ignore[assignment]
    return Limit(
        f"{quantity}{turned}_{side}_{level}", quantity, side, direction, level, round(value, 6), unit, delay_s,
        round(recover, 6), RECOVER_S, opens, reaction == "open", *origin,
    )  # fmt: skip
