"""What is a pack asked for over time?

Power at its terminals in W, positive where it gives, in steps of one length. A constant load; a vehicle on a schedule
of speed, by its road load; a day of sun, load and grid; pulses off the road.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cellroad.engineering.cellmodel.schedules import SCHEDULES

Floats = npt.NDArray[np.float64]

GRAVITY = 9.80665
AIR_KG_PER_M3 = 1.2
DAY_S = 86400.0


@dataclass(frozen=True)
class Duty:
    """A load: W by steps of `seconds`, what it is and where its shape is from."""

    name: str
    seconds: float
    watts: Floats
    source: str = ""

    @property
    def hours(self) -> float:
        """How long it lasts in h."""
        return self.seconds * len(self.watts) / 3600

    @property
    def energy_kwh(self) -> float:
        """Net energy asked for in kWh."""
        return float(self.watts.sum()) * self.seconds / 3.6e6


@dataclass(frozen=True)
class Vehicle:
    """What moves: mass in kg, drag area C_d A in m2, rolling resistance, efficiency from pack to wheel, the part of
    braking that comes back, the rest of the load in W."""

    mass_kg: float
    drag_m2: float
    rolling: float
    efficiency: float = 0.85
    recovered: float = 0.6
    auxiliary_w: float = 0.0


GOLF_CART = Vehicle(550.0, 1.5, 0.020, auxiliary_w=50.0)
SIDE_BY_SIDE = Vehicle(900.0, 1.8, 0.035, auxiliary_w=150.0)
CAR = Vehicle(1700.0, 0.65, 0.010, auxiliary_w=400.0)
"""Usual vehicles with two people. Assumed."""


def constant(power_w: float, hours: float, seconds: float = 1.0) -> Duty:
    """Return a constant power in W for some hours."""
    return Duty("constant", seconds, np.full(max(1, round(hours * 3600 / seconds)), float(power_w)))


def drive(vehicle: Vehicle, schedule: str = "UDDS", top_m_per_s: float | None = None) -> Duty:
    """Return the power of a vehicle on a schedule of speed, second by second, by its road load:

        P = v (m dv/dt + m g c_r + rho C_d A v^2 / 2)

    by the efficiency where it drives, times efficiency and the recovered part where it brakes, plus the auxiliaries.
    `top_m_per_s` scales the schedule down for a vehicle that is slower than its top. Raises KeyError for a schedule
    that is not in `SCHEDULES`.
    """
    known = SCHEDULES[schedule]
    speed = known.m_per_s * (1.0 if top_m_per_s is None else min(1.0, top_m_per_s / float(known.m_per_s.max())))
    mean, growth = (speed[1:] + speed[:-1]) / 2, np.diff(speed)
    force = vehicle.mass_kg * (growth + GRAVITY * vehicle.rolling * (mean > 0))
    wheel = mean * (force + AIR_KG_PER_M3 / 2 * vehicle.drag_m2 * mean**2)
    drawn = wheel / vehicle.efficiency
    returned = wheel * vehicle.efficiency * vehicle.recovered
    return Duty(f"{schedule} drive", 1.0, np.where(wheel > 0, drawn, returned) + vehicle.auxiliary_w, known.source)


def solar_day(pv_kwh: float, load_kwh: float, seconds: float = 60.0) -> Duty:
    """Return a day of a house with sun on its roof: the pack takes what is left of the sun and gives what lacks.

    Sun as the positive half of a cosine from six to six; load even, with humps of equal energy at seven in the morning
    and at eight in the evening that hold half of it. An own shape, not measured.
    """
    hours = (np.arange(int(DAY_S / seconds)) + 0.5) * seconds / 3600
    sun = np.maximum(np.cos((hours - 12) / 12 * np.pi), 0.0)
    humps = np.exp(-(((hours - 7) / 1.0) ** 2)) + np.exp(-(((hours - 20) / 1.5) ** 2)) / 1.5
    sun, humps = (shape / (shape.sum() * seconds / 3600) for shape in (sun, humps))
    load = load_kwh * (0.5 * humps + 0.5 / 24)
    return Duty("solar day", seconds, (load - pv_kwh * sun) * 1000, "own shape")


def off_road(power_w: float, hours: float, *, peak_by_mean: float = 3.0, seconds: float = 1.0, seed: int = 0) -> Duty:
    """Return work off the road: a mean power in W in gusts of some seconds, up to several times the mean.

    Gusts of 4 to 20 s, of a height that is the square of an even draw, scaled to the mean. An own shape, not measured;
    the seed makes it the same each time.
    """
    generator = np.random.default_rng(seed)
    steps = max(1, round(hours * 3600 / seconds))
    lengths = generator.integers(4, 21, size=steps)
    heights = generator.random(steps) ** 2 * peak_by_mean
    watts = np.repeat(heights, np.maximum(1, np.round(lengths / seconds).astype(int)))[:steps]
    return Duty("off road", seconds, watts * (power_w / watts.mean()), "own shape")
