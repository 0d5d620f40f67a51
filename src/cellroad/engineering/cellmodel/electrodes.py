"""What voltage does each electrode show at rest, and how does it move with temperature?

Potentials against lithium (sodium) in V and their temperature coefficients in V/K, each as a function of how full of
lithium the electrode is (0 to 1). Functions are those of the papers named with them; where no paper is named, the
shape is an assumption and says so.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def graphite(x: Floats) -> Floats:
    """Return the potential of graphite.

    U = 0.063 + 0.8 exp(-75 (x + 0.001)) and six steps of its stages; Mohtat et al. 2020, doi 10.1149/1945-7111/aba5d1.
    """
    steps = (
        0.0120 * np.tanh((x - 0.127) / 0.016)
        + 0.0118 * np.tanh((x - 0.155) / 0.016)
        + 0.0035 * np.tanh((x - 0.220) / 0.020)
        + 0.0095 * np.tanh((x - 0.190) / 0.013)
        + 0.0145 * np.tanh((x - 0.490) / 0.020)
        + 0.0800 * np.tanh((x - 1.030) / 0.055)
    )
    return 0.063 + 0.8 * np.exp(-75 * (x + 0.001)) - steps


def silicon_graphite(x: Floats) -> Floats:
    """Return the potential of graphite with some silicon.

    U = 0.2482 + 1.9793 exp(-39.3631 x) and three steps; Chen et al. 2020, doi 10.1149/1945-7111/ab9050.
    """
    steps = (
        0.0909 * np.tanh(29.8538 * (x - 0.1234))
        + 0.04478 * np.tanh(14.9159 * (x - 0.2769))
        + 0.0205 * np.tanh(30.4444 * (x - 0.6103))
    )
    return 0.2482 + 1.9793 * np.exp(-39.3631 * x) - steps


def lfp(y: Floats) -> Floats:
    """Return the potential of iron phosphate: a plateau that falls 20 mV, with a cliff at either end.

    U = 3.4077 - 0.020269 y + 0.5 exp(-150 y) - 0.9 exp(-30 (1 - y)); Afshar et al. 2017, arXiv 1709.03970.
    """
    return 3.4077 - 0.020269 * y + 0.5 * np.exp(-150 * y) - 0.9 * np.exp(-30 * (1 - y))


def lmfp(y: Floats) -> Floats:
    """Return the potential of manganese iron phosphate with three parts of manganese in five.

    The plateau of iron near 3.45 V and that of manganese near 4.05 V, joined where the iron is used up. An assumption:
    its ends are those of iron phosphate.
    """
    manganese = 1 / (1 + np.exp((y - 0.6) / 0.02))
    return 3.45 - 0.03 * y + 0.60 * manganese + 0.5 * np.exp(-150 * y) - 0.9 * np.exp(-30 * (1 - y))


def nmc532(y: Floats) -> Floats:
    """Return the potential of NMC with half of it nickel; Mohtat et al. 2020, doi 10.1149/1945-7111/aba5d1."""
    smooth = 4.3452 - 1.6518 * y + 1.6225 * y**2 - 2.0843 * y**3 + 3.5146 * y**4 - 2.2166 * y**5
    return smooth - 0.5623e-4 * np.exp(109.451 * y - 100.006)


def nmc811(y: Floats) -> Floats:
    """Return the potential of NMC with eight parts of nickel in ten; Chen et al. 2020, doi 10.1149/1945-7111/ab9050."""
    steps = (
        0.0428 * np.tanh(18.5138 * (y - 0.5542))
        + 17.7326 * np.tanh(15.7890 * (y - 0.3117))
        - 17.5842 * np.tanh(15.9308 * (y - 0.3120))
    )
    return 4.4875 - 0.8090 * y - steps


def nca(y: Floats) -> Floats:
    """Return the potential of NCA; Kim et al. 2011, doi 10.1149/1.3597614."""
    powers = (11.8058, -66.3691, 264.427, -554.774, 621.3475, -344.566, 81.246, -23.488, 15.056, -2.222, 1.638)
    return np.polynomial.polynomial.polyval(y, powers) - 0.61386 * np.exp(np.minimum(5.8201 * y**136.4, 700.0))


def lco(y: Floats) -> Floats:
    """Return the potential of cobalt oxide, as in DUALFOIL; Doyle et al. 1996, doi 10.1149/1.1836921."""
    s = 1.062 * y
    return (
        2.16216
        + 0.07645 * np.tanh(30.834 - 54.4806 * s)
        + 2.1581 * np.tanh(52.294 - 50.294 * s)
        - 0.14169 * np.tanh(11.0923 - 19.8543 * s)
        + 0.2051 * np.tanh(1.4684 - 5.4888 * s)
        + 0.2531 * np.tanh((0.56478 - s) / 0.1316)
        - 0.02167 * np.tanh((s - 0.525) / 0.006)
    )


def lto(x: Floats) -> Floats:
    """Return the potential of titanate: flat at 1.55 V (Ohzuku et al. 1995, doi 10.1149/1.2048592).

    The ends are an assumption: it climbs as the last lithium leaves and falls as it fills.
    """
    return 1.55 + 0.9 * np.exp(-60 * x) - 0.6 * np.exp(-60 * (1 - x))


def sodium_layered(y: Floats) -> Floats:
    """Return the potential of a sodium layered oxide less that of hard carbon, as one curve of the whole cell.

    A slope from 2 V to 4 V with its knee at the bottom, as data sheets draw it. An assumption: read from drawings, not
    measured.
    """
    filled = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
    volts = (4.02, 3.74, 3.60, 3.42, 3.27, 3.14, 3.04, 2.94, 2.83, 2.68, 2.46, 2.26, 1.80)
    return np.interp(y, filled, volts)


def none(x: Floats) -> Floats:
    """Return nothing: of a potential that is counted elsewhere, or of a coefficient that is not known."""
    return np.zeros_like(x)


def graphite_entropy(x: Floats) -> Floats:
    """Return dU/dT of graphite with some silicon; O'Regan et al. 2022, doi 10.1016/j.electacta.2022.140700."""
    return (0.02914 - 0.1112 * x + 0.3561 * np.exp(-((x - 0.08309) ** 2) / 0.004616)) / 1000


def nmc_entropy(y: Floats) -> Floats:
    """Return dU/dT of NMC; O'Regan et al. 2022, doi 10.1016/j.electacta.2022.140700."""
    hump = 0.04006 * np.exp(-((y - 0.2828) ** 2) / 0.0009855)
    return (hump - 0.06656 * np.exp(-((y - 0.8032) ** 2) / 0.02179)) / 1000


def lfp_entropy(y: Floats) -> Floats:
    """Return dU/dT of iron phosphate.

    -0.09 mV/K throughout, which is near the middle of Viswanathan et al. 2010, doi 10.1016/j.jpowsour.2009.11.103;
    an assumption.
    """
    return np.full_like(y, -0.09e-3)
