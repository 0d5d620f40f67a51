"""How is the battery used: a cycle that repeats, or a history hour by hour.

`Use` is what ageing sees of it: points in time with state of charge and temperature, cut into segments (one cycle of a
steady duty, a day of an hourly history), each of which stands for so many of its kind a year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.engineering.life.rainflow import Array, Cycles, cycles

DAYS = 365.0
"""Days of a year, as the published models count them."""
MOVING = 0.01
"""Below this rate, in 1/h, a cell rests."""


@dataclass(frozen=True)
class Use:
    """One history of use: points, segments, and how often a year each segment comes.

    `hours`, `soc`, `kelvin` are the points in order; `ends` is where segments end (the next begins at that point);
    `times` is how often a year each segment comes.
    """

    hours: Array
    soc: Array
    kelvin: Array
    ends: NDArray[np.int64]
    times: Array

    @cached_property
    def steps(self) -> Array:
        """Hours between points."""
        return np.diff(self.hours)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """The point at which each segment begins."""
        return np.concatenate(([0], self.ends[:-1])).astype(np.int64)

    @cached_property
    def days(self) -> Array:
        """Length of each segment in days."""
        return (self.hours[self.ends] - self.hours[self.starts]) / 24

    def mean(self, values: Array) -> Array:
        """Return the mean over time of a value known at the points, by segment: trapezoids."""
        return np.asarray(np.add.reduceat((values[1:] + values[:-1]) * self.steps, self.starts) / (self.days * 48))

    def of_cycles(self, by_segment: Array, found: Cycles) -> Array:
        """Return for each cycle the mean of a value by segment over the segments that it lies in."""
        first, last = self.segment(found.start), np.maximum(self.segment(found.start), self.segment(found.end - 1))
        total = np.concatenate(([0.0], np.cumsum(by_segment)))
        return np.asarray((total[last + 1] - total[first]) / (last + 1 - first))

    def segment(self, points: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the segment in which points lie."""
        return np.minimum(np.searchsorted(self.ends, points, side="right"), len(self.ends) - 1)

    def cycles(self) -> Cycles:
        """Return the cycles by rainflow, each once however often it comes."""
        return cycles(self.soc)

    @cached_property
    def middle(self) -> float:
        """Mean state of charge over time."""
        return float(np.average(self.mean(self.soc), weights=self.days * self.times))

    @cached_property
    def charge_rate(self) -> Array:
        """Mean rate of charge by segment while current flows, in 1/h."""
        return self.rate(1, resting=False)

    @cached_property
    def discharge_rate(self) -> Array:
        """Mean rate of discharge by segment while current flows, in 1/h."""
        return self.rate(-1, resting=False)

    @cached_property
    def moving_rate(self) -> Array:
        """Mean rate of both by segment while current flows, in 1/h."""
        return self.rate(0, resting=False)

    @cached_property
    def all_hours_rate(self) -> Array:
        """Mean rate of both by segment over all hours, in 1/h."""
        return self.rate(0, resting=True)

    def rate(self, sign: int, *, resting: bool) -> Array:
        """Return the mean rate by segment in 1/h: charging (1), discharging (-1) or both (0).

        With `resting` over all hours, a rest with zero; without it over the hours in which current flows that way.
        """
        steps = self.steps
        rates = np.diff(self.soc) / steps
        flows = np.abs(rates) >= MOVING
        flows &= (np.sign(rates) == sign) | (sign == 0)
        moved = np.add.reduceat(np.where(flows, np.abs(rates) * steps, 0.0), self.starts)
        hours = self.days * 24 if resting else np.add.reduceat(np.where(flows, steps, 0.0), self.starts)
        return np.divide(moved, hours, out=np.zeros_like(moved), where=hours > 0)


def steady(
    *,
    cycles_per_day: float,
    depth: float,
    charge_rate: float,
    discharge_rate: float,
    temperature_c: float | Sequence[float],
    mean_soc: float = 0.5,
    rest_full: float = 0.5,
) -> Use:
    """Return the use of one cycle that repeats.

    `depth` is the part of nominal capacity that a cycle takes, around `mean_soc`; rates in 1/h; `temperature_c` of the
    cells, one or a mean for each of twelve months; `rest_full` the part of the rest spent charged. Raises ValueError
    where a cycle does not fit: into its time, or between empty and full.
    """
    if cycles_per_day <= 0 or not 0 < depth <= 1 or min(charge_rate, discharge_rate) <= 0:
        raise ValueError("cycles a day, depth and rates must be above 0, and depth at most 1")
    top, bottom = mean_soc + depth / 2, mean_soc - depth / 2
    if top > 1 + 1e-9 or bottom < -1e-9:
        raise ValueError(f"a depth of {depth:.3g} does not fit around a mean state of charge of {mean_soc:.3g}")
    period, down, up = 24 / cycles_per_day, depth / discharge_rate, depth / charge_rate
    rest = period - down - up
    if rest < -1e-9:
        raise ValueError(f"a cycle takes {down + up:.3g} h at these rates and there are {period:.3g} h for it")
    corners = np.cumsum([0, down, max(rest, 0) * (1 - rest_full), up, max(rest, 0) * rest_full])
    hours = np.unique(np.concatenate((corners, np.linspace(0, corners[-1], 97))))
    soc = np.clip(np.interp(hours, corners, [top, bottom, bottom, top, top]), 0, 1)
    months = np.atleast_1d(np.asarray(temperature_c, dtype=float))
    if len(months) not in (1, 12):
        raise ValueError(f"temperature: one value or twelve monthly means, not {len(months)}")
    return Use(
        hours=np.concatenate([[0.0], *(hours[1:] + month * corners[-1] for month in range(len(months)))]),
        soc=np.concatenate([[top], *([soc[1:]] * len(months))]),
        kelvin=np.concatenate([months[:1], np.repeat(months, len(hours) - 1)]) + 273.15,
        ends=(np.arange(len(months)) + 1) * (len(hours) - 1),
        times=np.full(len(months), DAYS * cycles_per_day / len(months)),
    )


def hourly(history: pl.DataFrame) -> Use:
    """Return the use of a history hour by hour: columns `soc` (0 to 1) and `temperature_c`, whole days, repeated.

    Raises ValueError where there are no whole days, a value is missing or a state of charge lies outside 0 to 1.
    """
    if not {"soc", "temperature_c"} <= set(history.columns):
        raise ValueError("an hourly history has the columns soc and temperature_c")
    soc, celsius = (history[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("soc", "temperature_c"))
    if len(soc) < 24 or len(soc) % 24:
        raise ValueError(f"an hourly history has whole days of 24 rows, not {len(soc)} rows")
    if not (np.isfinite(soc) & np.isfinite(celsius) & (soc >= 0) & (soc <= 1)).all():
        raise ValueError("an hourly history has a state of charge from 0 to 1 and a temperature in every row")
    days = len(soc) // 24
    return Use(
        hours=np.arange(len(soc) + 1, dtype=float),
        soc=np.append(soc, soc[0]),
        kelvin=np.append(celsius, celsius[0]) + 273.15,
        ends=np.arange(1, days + 1) * 24,
        times=np.full(days, DAYS / days),
    )
