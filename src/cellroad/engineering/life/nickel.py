"""Published ageing of NMC and NCA cells against graphite: what calendar and cycles take, each with its equation.

T is the temperature of the cell in K, U the potential of graphite against lithium in V, s the state of charge, d the
depth of a cycle, C a rate in 1/h, N equivalent full cycles, t days; T' = T over a reference, U' = U/0.123.
"""

from __future__ import annotations

import numpy as np

from cellroad.engineering.life.growth import Loss, Sigmoid, by_cycles, by_time
from cellroad.engineering.life.rainflow import Array
from cellroad.engineering.life.stress import Stress

SANYO_AH = 2.15
"""Capacity in Ah of the cell of Schmalstieg et al., which the throughput of the model counts in."""
SANYO_SOC = np.array([
    0.0, 0.0086, 0.0268, 0.0449, 0.0631, 0.0812, 0.0993, 0.1175, 0.1356, 0.1538, 0.1719, 0.1901, 0.2082, 0.2263,
    0.2445, 0.2626, 0.2808, 0.2989, 0.3171, 0.3352, 0.3533, 0.3715, 0.3896, 0.4078, 0.4259, 0.4441, 0.4622, 0.4803,
    0.4985, 0.5166, 0.5348, 0.5529, 0.5711, 0.5892, 0.6073, 0.6255, 0.6436, 0.6618, 0.6799, 0.698, 0.7162, 0.7343,
    0.7525, 0.7706, 0.7888, 0.8069, 0.825, 0.8432, 0.8613, 0.8795, 0.8976, 0.9158, 0.9339, 0.952, 0.9702, 0.9883,
    0.9982, 1.0,
])  # fmt: skip
SANYO_OCV = np.array([
    3.331, 3.345, 3.3792, 3.4116, 3.4406, 3.4663, 3.4903, 3.5113, 3.5299, 3.5472, 3.5617, 3.575, 3.5864, 3.5971,
    3.6055, 3.6134, 3.6203, 3.6264, 3.6321, 3.6369, 3.6421, 3.6469, 3.6521, 3.6576, 3.6635, 3.6702, 3.6774, 3.6868,
    3.6964, 3.7083, 3.7206, 3.7344, 3.7496, 3.7653, 3.7811, 3.7979, 3.8146, 3.8325, 3.8498, 3.8669, 3.8845, 3.9008,
    3.9178, 3.9348, 3.9535, 3.9719, 3.9914, 4.0118, 4.032, 4.052, 4.0708, 4.0878, 4.1042, 4.1201, 4.136, 4.1525,
    4.1606, 4.162,
])  # fmt: skip


def sanyo(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 2.15 Ah Sanyo cell: Schmalstieg et al., J. Power Sources 257 (2014) 325.

    calendar = (7.543 V - 23.75) 1e6 exp(-6976/T) t^0.75; cycles = (7.348e-3 (V' - 3.667)^2 + 7.6e-4 + 4.081e-3 d)
    Q^0.5, with V the open-circuit voltage, V' its root of the mean square and Q the Ah that went through both ways;
    resistance by the same forms, linear in Q. Cycles were tested at 35 °C and 1 C only: they know neither temperature
    nor rate, and the knees that the tests showed at great depth were not fitted.
    """
    volt = np.interp(s.soc, SANYO_SOC, SANYO_OCV)
    swing = s.cycle(np.sqrt(s.mean(volt**2)))
    charge = 2 * SANYO_AH * s.full_cycles
    calendar = s.mean((7.543 * volt - 23.75) * 1e6 * np.exp(-6976 / s.kelvin))
    resist = s.mean((5.270 * volt - 16.32) * 1e5 * np.exp(-5986 / s.kelvin))
    return (
        by_time("calendar", calendar, s.days, 0.75),
        by_cycles("cycles", 7.348e-3 * (swing - 3.667) ** 2 + 7.6e-4 + 4.081e-3 * s.depth, charge, 0.5),
        by_time("calendar resistance", resist, s.days, 0.75, "resistance"),
        by_cycles(
            "cycles resistance",
            2.153e-4 * (swing - 3.725) ** 2 - 1.521e-5 + 2.798e-4 * s.depth, charge, 1.0, "resistance",
        ),
    )  # fmt: skip


def kokam(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 75 Ah Kokam cell: Smith et al., American Control Conference 2017, pages 4062 to 4068.

    Lithium: calendar = q1 t^0.357 with q1 = 2.66e7 exp(-17.8/T') exp(-5.21 U'/T'), cycles = q3 N^0.778 with q3 = 3800
    exp(-18.4/T') exp(1.04 exp(d^2)), T' = T/308.15. Sites: tanh((N/q5)^10 / 2) with q5 = 10000 + 153 (T - 328.15) d
    s/0.6. What is left is the smaller of lithium and of 1.01 less sites (`lesser`). Resistance grows with the lithium
    that is lost. Cycles know no rate.
    """
    warm = s.kelvin / 308.15
    calendar = s.mean(2.66e7 * np.exp(-17.8 / warm - 5.21 * s.anode / 0.123 / warm))
    cycles = 3.80e3 * s.cycle(s.mean(np.exp(-18.4 / warm))) * np.exp(1.04 * np.exp(s.depth**2))
    celsius, charge = s.cycle(s.mean(s.kelvin)) - 273.15, s.cycle(s.mean(s.soc))
    sites = 1e4 + 153 * (celsius - 55) * s.depth * charge / 0.6
    return (
        by_time("calendar", calendar, s.days, 0.357),
        by_cycles("cycles", cycles, s.full_cycles, 0.778),
        Loss("sites", Sigmoid(np.ones(1), 1 / sites, np.full(1, 10.0), s.full_cycles), begins=1e-8),
        by_time("calendar resistance", 0.0570 * calendar, s.days, 1.25, "resistance"),
        by_cycles("cycles resistance", 4.87 * cycles, s.full_cycles, 0.712, "resistance"),
    )


def kokam_left(losses: dict[str, float]) -> float:
    """Return the capacity left where lithium and sites limit a cell: the smaller of both."""
    return min(1 - losses["calendar"] - losses["cycles"], 1.01 - losses["sites"])


def pouch_a(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 75 Ah pouch cell, NMC A of Gasper et al., J. Energy Storage 73 (2023) 109042.

    calendar = 8.71e-7 exp(10 T'^3 U'^(-1/3)) (t/1000)^0.578; cycles = |0.0267 + 1.64 T'^3 d^0.5 + 0.011 exp(C^2/T'^0.5)
    - 0.44 exp(d^0.5 T'^2 C^0.5)| (N/10000)^1.11, T' = T/308.15.
    """
    warm = s.kelvin / 308.15
    calendar = s.mean(8.71e-7 * np.exp(10 * warm**3 * (s.anode / 0.123) ** (-1 / 3)))
    hot, rate = s.cycle(s.mean(warm)), s.cycle(s.rate)
    cycles = np.abs(
        0.0267 + 1.64 * hot**3 * s.depth**0.5 + 0.011 * np.exp(rate**2 / hot**0.5)
        - 0.44 * np.exp(s.depth**0.5 * hot**2 * rate**0.5)
    )  # fmt: skip
    return by_time("calendar", calendar, s.days / 1e3, 0.578), by_cycles("cycles", cycles, s.full_cycles / 1e4, 1.11)


def pouch_b1(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 50 Ah pouch cell, NMC B1 of Gasper et al., J. Energy Storage 73 (2023) 109042.

    calendar = 36.2 exp(-4.4 U'^(1/3)/T'^3) (t/10000)^0.708; cycles = 0.844 (d^2 T'^3 C^0.5)^0.458 (N/100000)^0.467,
    T' = T/308.15.
    """
    warm = s.kelvin / 308.15
    calendar = s.mean(36.2 * np.exp(-4.4 / warm**3 * (s.anode / 0.123) ** (1 / 3)))
    hot = s.cycle(s.mean(warm ** (3 * 0.458)))
    cycles = 0.844 * (s.depth**2 * s.cycle(s.rate) ** 0.5) ** 0.458 * hot
    return by_time("calendar", calendar, s.days / 1e4, 0.708), by_cycles("cycles", cycles, s.full_cycles / 1e5, 0.467)


def pouch_b2(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 50 Ah pouch cell, NMC B2 of Gasper et al., J. Energy Storage 73 (2023) 109042.

    calendar = 12 exp(-3.91 U'^(1/3)/T'^3) (t/10000)^0.584; cycles = 2.2e9 (d C^0.5/T'^3)^11.9 exp(-35.7 d C^0.5/T'^2)
    exp(13.7 d^2 C/T'^3) (N/10000)^0.907, T' = T/308.15. The term of cycles vanishes where the rate does.
    """
    warm = s.kelvin / 308.15
    calendar = s.mean(12 * np.exp(-3.91 / warm**3 * (s.anode / 0.123) ** (1 / 3)))
    hot, drive = s.cycle(s.mean(warm)), s.depth * s.cycle(s.rate) ** 0.5
    cycles = 2.2e9 * (drive / hot**3) ** 11.9 * np.exp(-35.7 * drive / hot**2 + 13.7 * drive**2 / hot**3)
    return by_time("calendar", calendar, s.days / 1e4, 0.584), by_cycles("cycles", cycles, s.full_cycles / 1e4, 0.907)


def lg_m50(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 5 Ah LG M50 cell (NMC 811 against graphite with silicon): data of Bui et al. 2021.

    calendar = (-2.3916 + 2.4421 exp(T'^3 U'^(-1/3)) - 4.46 T'^3 U'^(-1/2) + 0.4481 exp(s^0.5/T'^2) - 0.1853 exp(s^3))
    (t/10000)^0.6517; cycles = 0.18124 exp(-0.12378 C^3) exp(1.2446 T'^3 C^0.5) (N/10000)^0.442, with C the rate of
    discharge and T' = T/308.15, as fitted in BLAST-Lite. All cycles were full, from 0 to 25 °C; depth and the rate of
    charge have no effect in it.
    """
    warm, anode = s.kelvin / 308.15, s.anode / 0.123
    calendar = s.mean(
        -2.39156628786525
        + 2.44205317834185 * np.exp(warm**3 * anode ** (-1 / 3))
        - 4.45998246136905 * warm**3 * anode**-0.5
        + 0.448140062203916 * np.exp(s.soc**0.5 / warm**2)
        - 0.185337797906876 * np.exp(s.soc**3)
    )
    hot, rate = s.cycle(s.mean(warm)), s.cycle(s.discharge_rate)
    cycles = 0.181235015387132 * np.exp(-0.123779206033993 * rate**3 + 1.24459541295018 * hot**3 * rate**0.5)
    return (
        by_time("calendar", calendar, s.days / 1e4, 0.651697743905278),
        by_cycles("cycles", cycles, s.full_cycles / 1e4, 0.441996792536332),
    )


def lg_mj1(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 3.5 Ah LG MJ1 cell (NMC 811 against graphite with silicon): EVERLASTING report D2.3, 2020.

    calendar = 0.0353 exp(-1030/T) exp(57.7 s/T) t^0.743; cycles = (1.77e-7 + 8.08e-13 C + 2.21e-7 d) (exp(2250/T) +
    exp(-11400/T)) N^0.695, as fitted in BLAST-Lite. All cycles ran from 10 to 90 %: what depth does is assumed.
    """
    kelvin = s.kelvin
    calendar = s.mean(0.0353 * np.exp(-1.03e3 / kelvin + 57.7 * s.soc / kelvin))
    warmth = s.cycle(s.mean(np.exp(2.25e3 / kelvin) + np.exp(-1.14e4 / kelvin)))
    cycles = (1.77e-7 + 8.08e-13 * s.cycle(s.rate) + 2.21e-7 * s.depth) * warmth
    return by_time("calendar", calendar, s.days, 0.743), by_cycles("cycles", cycles, s.full_cycles, 0.695)


def panasonic(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 3.2 Ah Panasonic NCA cell: data of Keil et al. 2016 and Preger et al. 2020.

    calendar = 75.4 exp(-3340/T) exp(353 s/T) t^0.512; cycles = 2 (1.86e-6 + 4.74e-11 C + 1.77e-4 d) N^0.699, as fitted
    in BLAST-Lite, whose factor of temperature is 2 for every temperature.
    """
    calendar = s.mean(75.4 * np.exp(-3.34e3 / s.kelvin + 353 * s.soc / s.kelvin))
    warmth = s.cycle(s.mean(np.exp(3.34e-11 / s.kelvin) + np.exp(-2.81e-9 / s.kelvin)))
    cycles = (1.86e-6 + 4.74e-11 * s.cycle(s.rate) + 0.000177 * s.depth) * warmth
    return by_time("calendar", calendar, s.days, 0.512), by_cycles("cycles", cycles, s.full_cycles, 0.699)


def vtc5a(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 2.5 Ah Sony-Murata VTC5A cell (NCA, silicon): data 10.1016/j.jpowsour.2022.232498.

    calendar = k tanh((3.41 t/5000)^p / 2) with k = 0.00748 exp(8.9 T'^2 U'^(-1/3) - 4.87 T'^2 U'^(-1/2)) and p = 1.01
    exp(-0.133 T'^3 + 1.22 T'^3 s^3 - 0.56 T'^2 U'^-3); cycles = k tanh((0.479 N/100000)^p / 2) with k = 5.49 - 64.9 u s
    + 21.3 exp(u s) + 8.01e-4 exp(C- s^0.5/T'^3), u = C+^0.5/T'^3, at least 0.15, and p = |0.422 + 2.64 exp(C-
    h^0.5/T'^3) + 0.00627 exp((d C+)^0.5 T'^3 l^2) - 0.0342 T'^2 l + 1.29 (d C- C+)^0.5/T' - 2.14 exp(d^0.5
    C+^3 T' C-^0.5)|, where T' = T/318.15, C+ and C- charge and discharge, h and l the highest and lowest state of
    charge; as fitted in BLAST-Lite. The knee near 80 % at full depth was left out of the fit.
    """
    warm, anode = s.kelvin / 318.15, s.anode / 0.123
    limit = s.mean(0.00748 * np.exp(warm**2 * (8.9 * anode ** (-1 / 3) - 4.87 * anode**-0.5)))
    exponent = s.mean(1.01 * np.exp(-0.133 * warm**3 + 1.22 * warm**3 * s.soc**3 - 0.56 * warm**2 * anode**-3.0))
    up, down = _by_point(s, s.charge_rate), _by_point(s, s.discharge_rate)
    ends = s.soc[s.found.start], s.soc[s.found.end]
    top, bottom = np.maximum(*ends), np.minimum(*ends)
    drive = up**0.5 / warm**3 * s.soc
    taken = s.cycle(s.mean(5.49 - 64.9 * drive + 21.3 * np.exp(drive) + 0.000801 * np.exp(down / warm**3 * s.soc**0.5)))
    hot, charge, discharge = s.cycle(s.mean(warm)), s.cycle(s.charge_rate), s.cycle(s.discharge_rate)
    bend = np.abs(
        0.422 + 2.64 * np.exp(discharge / hot**3 * top**0.5)
        + 0.00627 * np.exp((s.depth * charge) ** 0.5 * hot**3 * bottom**2)
        - 0.0342 * hot**2 * bottom
        + 1.29 * (s.depth * discharge * charge) ** 0.5 / hot
        - 2.14 * np.exp(s.depth**0.5 * charge**3 * hot * discharge**0.5)
    )  # fmt: skip
    return (
        Loss("calendar", Sigmoid(limit, np.full(1, 3.41), exponent, s.days, scale=5e3)),
        Loss("cycles", Sigmoid(np.maximum(taken, 0.15), np.full(1, 0.479), bend, s.full_cycles, scale=1e5)),
    )


def _by_point(s: Stress, by_segment: Array) -> Array:
    points = np.arange(len(s.soc))
    return by_segment[s.use.segment(points)]
