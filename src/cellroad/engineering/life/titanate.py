"""Published ageing of cells with a negative electrode of titanate: almost none by time, little by cycles."""

from __future__ import annotations

import numpy as np

from cellroad.engineering.life.growth import Loss, Power, by_cycles
from cellroad.engineering.life.stress import Stress


def bank(s: Stress) -> tuple[Loss, ...]:
    """Return the losses of a 10 Ah cell, NMC against titanate: Bank et al., J. Power Sources 473 (2020) 228566.

    calendar gives 3.11e11 exp(-34.8/T') exp(1.07 s/T') t^0.473 and takes 7.86e10 exp(-35.8/T') exp(3.94 s/T') t^-0.553
    (a loss that heals); cycles take (1.29 + 7.83e-5 C + 4.02 d^3) exp(-8.33/T') N^0.526, T' = T/318.15, as fitted in
    BLAST-Lite. It overstates most tests, and understates none below 60 °C.
    """
    warm = s.kelvin / 318.15
    gain = s.mean(3.11e11 * np.exp(-34.8 / warm + 1.07 * s.soc / warm))
    heal = s.mean(7.86e10 * np.exp(-35.8 / warm + 3.94 * s.soc / warm))
    cycles = (1.29 + 7.83e-5 * s.cycle(s.rate) + 4.02 * s.depth**3) * s.cycle(s.mean(np.exp(-8.33 / warm)))
    return (
        Loss("gain", Power(gain, s.days, 0.473, sign=-1.0)),
        Loss("heals", Power(heal, s.days, -0.553)),
        by_cycles("cycles", cycles, s.full_cycles, 0.526),
    )
