"""Random numbers that depend on nothing but where they are used: the same for a draw, a risk and a step whatever the
batch, the order or the number of cores.

A number is a hash of (seed, draw, name, purpose, step) by the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA
2014); normal numbers are its quantiles (Wichura, algorithm AS 241, Applied Statistics 37, 1988).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cellroad.chain.compiling import compiled, inlined, uncounted
from cellroad.plan.stress.arrays import Floats

NORMAL, LOGNORMAL, TRIANGULAR, UNIFORM, POISSON, REPLAY, FIXED = range(1, 8)
"""Shapes of uncertain things; a fixed one is its first number."""
MIDDLE = 0.425
"""How far from one half a number may lie for its quantile to be one fraction."""
EXACT_POISSON = 200.0
"""Mean from which on Poisson numbers come from the expansion of Cornish and Fisher, off by less than one unit."""
TABLE = 272
"""Rows of a table of Poisson distributions: beyond the ten-thousandth of the largest mean that is exact."""
Keys = NDArray[np.uint64]
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_PURPOSE = np.uint64(0xD1B54A32D192ED03)


@compiled
def mixed(x: np.uint64) -> np.uint64:
    """Return 64 bits from which no bit of x can be guessed."""
    x = np.uint64(x) + _STEP
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return x ^ (x >> np.uint64(31))


@compiled
def key_of(seed: int, draw: int) -> np.uint64:
    """Return what all numbers of a draw come from."""
    return mixed(mixed(np.uint64(seed)) + np.uint64(draw))


@inlined
def uniform(key: np.uint64, name: np.uint64, purpose: int, step: int) -> float:
    """Return a number between 0 and 1, neither of them."""
    return stepped(mixed(key + name + np.uint64(purpose) * _PURPOSE), step)


@inlined
def stepped(series: np.uint64, step: int) -> float:
    """Return the number of a step of a series of them."""
    x = mixed(series + np.uint64(step) * _SECOND)
    return (np.float64(x >> np.uint64(12)) + 0.5) * 2.0**-52


@compiled
def _middle(q: float) -> float:
    """Return the quantile at 0.5 + q, for q that are not far from 0."""
    r = 0.180625 - q * q
    num = ((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r
              + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r
           + 1.3314166789178437745e2) * r + 3.3871328727963666080e0  # fmt: skip
    den = ((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r
              + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2) * r
           + 4.2313330701600911252e1) * r + 1.0  # fmt: skip
    return q * num / den


@compiled
def quantile(u: float) -> float:
    """Return the quantile of the normal distribution, to 16 digits."""
    q = u - 0.5
    if abs(q) <= MIDDLE:
        return _middle(q)
    r = math.sqrt(-math.log(u if q < 0 else 1.0 - u))
    if r <= 5.0:
        r -= 1.6
        num = ((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r
                  + 1.27045825245236838258e0) * r + 3.64784832476320460504e0) * r + 5.76949722146069140550e0) * r
               + 4.63033784615654529590e0) * r + 1.42343711074968357734e0  # fmt: skip
        den = ((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r
                  + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940e0) * r
               + 2.05319162663775882187e0) * r + 1.0  # fmt: skip
    else:
        r -= 5.0
        num = ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r
                  + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580e0) * r
               + 5.46378491116411436990e0) * r + 6.65790464350110377720e0  # fmt: skip
        den = ((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r + 1.84631831751005468180e-5) * r
                  + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r
               + 5.99832206555887937690e-1) * r + 1.0  # fmt: skip
    return -num / den if q < 0 else num / den


@compiled
def shaped(z: float, shape: int, a: float, b: float, c: float) -> float:
    """Return the number of a distribution that lies where z lies in the normal one.

    normal a + b z; lognormal exp(a + b z); triangular from a over b to c and uniform from a to b by their quantiles.
    """
    if shape == NORMAL:
        return a + b * z
    if shape == LOGNORMAL:
        return math.exp(a + b * z)
    if shape == FIXED:
        return a
    return _flat(0.5 * math.erfc(-z / math.sqrt(2.0)), shape, a, b, c)


@compiled
def _flat(u: float, shape: int, a: float, b: float, c: float) -> float:
    """Return the quantile of a uniform or triangular distribution."""
    if shape == UNIFORM:
        return a + (b - a) * u
    if c <= a:
        return a
    rising = a + math.sqrt(u * (c - a) * (b - a))
    falling = c - math.sqrt((1.0 - u) * (c - a) * (c - b))
    return rising if u * (c - a) <= b - a else falling


@compiled
def poisson(u: float, mean: float) -> float:
    """Return the quantile of a Poisson distribution."""
    if mean <= 0.0:
        return 0.0
    if mean > EXACT_POISSON:
        z = quantile(u)
        return max(0.0, math.floor(mean + math.sqrt(mean) * z + (z * z - 1.0) / 6.0 + 0.5))
    k, p = 0.0, math.exp(-mean)
    total = p
    while total < u and p > 0.0:
        k += 1.0
        p *= mean / k
        total += p
    return k


@uncounted
def series(keys: Keys, name: np.uint64, purpose: int, out: Keys) -> None:
    """Write what the numbers of all steps come from, for each of some keys."""
    for b in range(out.size):
        out[b] = mixed(keys[b] + name + np.uint64(purpose) * _PURPOSE)


@uncounted
def numbers(of: Keys, step: int, out: Floats) -> None:
    """Write the number of a step of each of some series."""
    for b in range(out.size):
        out[b] = stepped(of[b], step)


@uncounted
def uniforms(keys: Keys, name: np.uint64, purpose: int, step: int, out: Floats) -> None:
    """Write `uniform` for each of some keys."""
    for b in range(out.size):
        out[b] = uniform(keys[b], name, purpose, step)


@uncounted
def quantiles(u: Floats, out: Floats) -> None:
    """Write `quantile` of each number; first as if all lay in the middle, where nothing has to be decided."""
    for b in range(out.size):
        out[b] = _middle(u[b] - 0.5)
    for b in range(out.size):
        if abs(u[b] - 0.5) > MIDDLE:
            out[b] = quantile(u[b])


@uncounted
def spread(u: Floats, shape: int, a: float, b: float, c: float, out: Floats) -> None:
    """Write the quantile of a distribution at each number between 0 and 1; `out` is another array than `u`."""
    if shape in (NORMAL, LOGNORMAL):
        quantiles(u, out)
        for i in range(out.size):
            out[i] = a + b * out[i]
        if shape == LOGNORMAL:
            for i in range(out.size):
                out[i] = math.exp(out[i])
    elif shape == FIXED:
        out[:] = a
    else:
        for i in range(out.size):
            out[i] = _flat(u[i], shape, a, b, c)


@uncounted
def poissons(u: Floats, mean: Floats, table: Floats, of: Floats, rows: int, count: Floats) -> int:
    """Replace each mean by the quantile of its Poisson distribution at a number; return how much of a table is filled.

    table   (TABLE, n) chance of at most so many, for the means `of`, in `rows` rows; filled anew for other means
    count   (n,) room
    """
    others, large, size = 0, 0, u.size
    for b in range(size):
        others += mean[b] != of[b]
        large += mean[b] > EXACT_POISSON
    if large > 0:
        for b in range(size):
            mean[b] = poisson(u[b], mean[b])
        return rows
    if others > 0:
        rows = _fill(mean, table, of, count)
    count[:] = 0.0
    same = 0
    for b in range(size):
        same += mean[b] == mean[0]
    for k in range(0, rows, 4):
        r0, r1, r2, r3 = table[k], table[k + 1], table[k + 2], table[k + 3]
        if same == size:
            x0, x1, x2, x3 = r0[0], r1[0], r2[0], r3[0]
            for b in range(size):
                v = u[b]
                count[b] += ((1.0 if x0 < v else 0.0) + (1.0 if x1 < v else 0.0)) + (
                    (1.0 if x2 < v else 0.0) + (1.0 if x3 < v else 0.0)
                )
        else:
            for b in range(size):
                v = u[b]
                count[b] += ((1.0 if r0[b] < v else 0.0) + (1.0 if r1[b] < v else 0.0)) + (
                    (1.0 if r2[b] < v else 0.0) + (1.0 if r3[b] < v else 0.0)
                )
    at_most = table[rows - 1]
    for b in range(size):
        if at_most[b] < u[b]:
            count[b] = poisson(u[b], mean[b])
    for b in range(size):
        mean[b] = count[b]
    return rows


@uncounted
def _fill(mean: Floats, table: Floats, of: Floats, p: Floats) -> int:
    """Fill a table of Poisson distributions until all of them are told but for a ten-thousandth; return its rows."""
    size = p.size
    before = table[0]
    for b in range(size):
        of[b] = mean[b]
        p[b] = math.exp(-mean[b])
        before[b] = p[b]
    for k in range(1, TABLE):
        row, open_ = table[k], 0
        for b in range(size):
            p[b] *= mean[b] / k
            row[b] = before[b] + p[b]
        for b in range(size):
            open_ += row[b] < 0.9999
        if open_ == 0:
            for j in range(k + 1, min(k + 4, TABLE)):  # rows are looked up by four
                table[j] = 2.0
            return k + 1
        before = row
    return TABLE
