"""Published ageing of LFP cells against graphite: what calendar and cycles take, each model with its equation.

T is the temperature of the cell in K, U the potential of graphite against lithium in V, s the state of charge, d the
depth of a cycle, C a rate in 1/h, N equivalent full cycles, t days. A bar over time means the mean over a segment.
"""

from __future__ import annotations

import numpy as np

from cellroad.engineering.life.growth import Loss, Power, Sigmoid, by_cycles, by_time
from cellroad.engineering.life.rainflow import Array
from cellroad.engineering.life.stress import Stress

GAS = 8.3144598
REFERENCE = 298.15

__all__ = ["large_prismatic", "naumann", "schimpe", "sony_murata", "wang"]


def large_prismatic(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a prismatic cell above 250 Ah: Gasper et al., J. Energy Storage 73 (2023) 109042.

    calendar = 83700 exp(-5210/T) exp(-3560 U/T) t^0.526; cycles = (4.38e-8 + 1.55e-8 d + 1.68e-7 C) (exp(2190/T) +
    exp(-155000/T)) N^0.828. The term of cycles falls with temperature, to balance the calendar over the few
    temperatures that were tested: at low temperature it overstates, and a warmer cell may seem to live longer.
    """
    kelvin = s.kelvin
    calendar = s.mean(8.37e4 * np.exp(-5.21e3 / kelvin - 3.56e3 * s.anode / kelvin))
    warmth = s.cycle(s.mean(np.exp(2.19e3 / kelvin) + np.exp(-1.55e5 / kelvin)))
    cycles = (4.38e-8 + 1.55e-8 * s.depth + 1.68e-7 * s.cycle(s.rate)) * warmth
    return by_time("calendar", calendar, s.days, 0.526), by_cycles("cycles", cycles, s.full_cycles, 0.828)


def sony_murata(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 3 Ah Sony-Murata cell: Gasper et al., J. Electrochem. Soc. 169 (2022) 080518.

    calendar = q1 tanh((1.305e-4 t)^q3 / 2) with q1 = 0.98969 exp(-2881068 U^(1/2)/T^2 + 8742.06 U^(1/2)/T) and q3 =
    3.3285e-4 exp(7.3455e11 U^(1/3)/T^4 - 2.8216e-6 U^(1/4) T^3 - 3.2850e9 U^(1/3)/T^3 + 1.27228e-3 U^(1/4) T^2);
    cycles = (|-6.8126e-6 + 2.5962e-5 d + 2.1156e-6 exp(d^2 C^3)| N)^1.12848. Resistance is that of Naumann et al. The
    break-in that the authors see above three full cycles a day is left out, and so are such duties. Data of Naumann
    et al.; cycles were tested at 25 and 45 °C only, and the term of cycles knows no temperature.
    """
    kelvin, anode = s.kelvin, s.anode
    limit = 0.989687151293590 * np.exp(anode**0.5 * (-2881067.56019324 / kelvin**2 + 8742.06309157261 / kelvin))
    exponent = 0.000332850281062177 * np.exp(
        anode ** (1 / 3) * (734553185711.369 / kelvin**4 - 3284991315.45121 / kelvin**3)
        + anode**0.25 * (-2.82161575620780e-06 * kelvin**3 + 0.00127227593657290 * kelvin**2)
    )
    calendar = Sigmoid(s.mean(limit), np.float64(0.000130510034211874) * np.ones(1), s.mean(exponent), s.days)
    pace = np.abs(
        -6.81260579372875e-06 + 2.59615973160844e-05 * s.depth
        + 2.11559710307295e-06 * np.exp(s.depth**2 * s.cycle(s.rate) ** 3)
    )  # fmt: skip
    return (
        Loss("calendar", calendar),
        by_cycles("cycles", pace**1.12847759334355, s.full_cycles, 1.12847759334355),
        *naumann_resistance(s),
    )


def naumann(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 3 Ah Sony cell as its testers fitted them: Naumann et al. 2018 and 2020.

    calendar = 1.2571e-5 exp(-17126/R (1/T - 1/298.15)) (2.8575 (s - 1/2)^3 + 0.60225) t^0.5 with t in s (J. Energy
    Storage 17 (2018) 153); cycles = (0.0630 C + 0.0971) (4.0253 (d - 0.6)^3 + 1.0923) N^0.5 in percent (J. Power
    Sources 451 (2020) 227666).
    """
    calendar = 1.2571e-5 * s.mean(warming(17126.0, s.kelvin)) * s.mean(2.8575 * (s.soc - 0.5) ** 3 + 0.60225)
    return (
        by_time("calendar", calendar * 86400**0.5, s.days, 0.5),
        by_cycles("cycles", naumann_cycles(s), s.full_cycles, 0.5),
        *naumann_resistance(s),
    )


def naumann_cycles(s: Stress) -> Array:
    """Return what a full cycle takes in the model of Naumann et al. 2020, a part of capacity."""
    return (0.0630 * s.cycle(s.rate) + 0.0971) * (4.0253 * (s.depth - 0.6) ** 3 + 1.0923) / 100


def naumann_resistance(s: Stress) -> tuple[Loss, ...]:
    """Return the growth of resistance of Naumann et al.: linear in time and in full cycles.

    calendar = 3.4194e-10 exp(-71827/R (1/T - 1/298.15)) (-3.3903 (s - 1/2)^3 + 1.5604) t with t in s; cycles = (-0.002
    C + 0.0021) (6.8477 (d - 1/2)^3 + 0.91882) N/100.
    """
    calendar = 3.4194e-10 * s.mean(warming(71827.0, s.kelvin)) * s.mean(-3.3903 * (s.soc - 0.5) ** 3 + 1.5604)
    cycles = (-0.002 * s.cycle(s.rate) + 0.0021) * (6.8477 * (s.depth - 0.5) ** 3 + 0.91882) / 100
    return (
        by_time("calendar resistance", calendar * 86400, s.days, 1.0, "resistance"),
        by_cycles("cycles resistance", cycles, s.full_cycles, 1.0, "resistance"),
    )


WANG_RATES = (0.5, 2.0, 6.0, 10.0)
WANG_FACTORS = (31630.0, 21681.0, 12934.0, 15512.0)
WANG_AH = 2.0
"""Capacity in Ah of the cell that was tested, which the throughput of the model counts in."""


def wang(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 2.2 Ah A123 cell by cycles, with the calendar of Naumann et al. 2018 beside them.

    cycles = B exp((-31700 + 370.3 C)/(R T)) Ah^0.55 in percent with Ah what a cell of 2 Ah has discharged: Wang et al.,
    J. Power Sources 196 (2011) 3942. B is 31630, 21681, 12934, 15512 at C of 1/2, 2, 6, 10, and runs straight in its
    logarithm between them. The tests were short and know no calendar of their own; that of Naumann stands in for it,
    so that time in the tests counts twice.
    """
    rate = s.cycle(s.discharge_rate)
    factor = np.exp(np.interp(rate, WANG_RATES, np.log(WANG_FACTORS)))
    kelvin = 1 / s.cycle(s.mean(1 / s.kelvin))
    cycles = factor * np.exp((-31700 + 370.3 * rate) / (8.314 * kelvin)) / 100 * WANG_AH**0.55
    return naumann(s)[0], by_cycles("cycles", cycles, s.full_cycles, 0.55)


def schimpe(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 3 Ah Sony cell with what cold does: Schimpe et al., J. Electrochem. Soc. 165 (2018) A181.

    calendar = 3.69e-4 w(20600) (exp(0.384 F/R (0.123 - U)/298.15) + 0.142) h^0.5; warm cycles = 1.46e-4 w(32700)
    Q^0.5; cold cycles = 4.01e-4 w(-55500) exp(2.64 (C - 1)) q^0.5; cold and full = 2.03e-6 w(-233000) exp(7.84 (C - 1))
    q', with w(E) = exp(-E/R (1/T - 1/298.15)), h in hours, Q what a cell of 3 Ah has taken and given, q what it has
    taken, q' what of that above a state of charge of 0.82, and C the rate of charge.
    """
    charge = s.cycle(s.charge_rate)
    taken = 3.0 * s.full_cycles
    slow = np.exp(0.384 * 96485 / 8.314 * (0.123 - s.anode) / REFERENCE) + 0.142
    calendar = 3.69e-4 * s.mean(warming(2.06e4, s.kelvin) * slow)
    warm = 1.46e-4 * s.cycle(s.mean(warming(3.27e4, s.kelvin)))
    cold = 4.01e-4 * s.cycle(s.mean(warming(-5.55e4, s.kelvin))) * np.exp(2.64 * (charge - 1))
    full = 2.03e-6 * s.cycle(s.mean(warming(-2.33e5, s.kelvin))) * np.exp(7.84 * (charge - 1))
    return (
        by_time("calendar", calendar, s.days * 24, 0.5),
        by_cycles("warm cycles", warm, 2 * taken, 0.5),
        by_cycles("cold cycles", cold, taken, 0.5),
        Loss("cold and full", Power(full, taken * _above(s, 0.82), 1.0)),
    )


def warming(energy: float, kelvin: Array) -> Array:
    """Return the factor of Arrhenius against 25 °C for an energy of activation in J/mol."""
    return np.asarray(np.exp(-energy / GAS * (1 / kelvin - 1 / REFERENCE)))


def _above(s: Stress, level: float) -> Array:
    """Return the part of each cycle that lies above a state of charge."""
    ends = s.soc[s.found.start], s.soc[s.found.end]
    top, bottom = np.maximum(*ends), np.minimum(*ends)
    swing = np.maximum(top - bottom, 1e-12)
    return np.asarray((np.maximum(top, level) - np.maximum(bottom, level)) / swing)
