"""How long a gate takes by chance, with tries that fail.

A try takes low to high months with the likely ones most often; it succeeds with a chance, and otherwise is made again
in a share of the time, at most so often; then the branch ends. Each try of each gate has numbers of its own, so that a
gate that is added, faster or surer leaves the luck of all others alone and two programmes are compared on the same
luck.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, ndtri

Floats = NDArray[np.float64]
MOST = 10_000
"""Tries after which a gate that may be tried without end is taken to have failed."""


@dataclass(frozen=True, slots=True)
class Work:
    """The work of a gate: months of a try, its chance, how many tries (0: without end), and what another one takes."""

    gate: str
    low: float
    likely: float
    high: float
    shape: str = "pert"
    success: float = 1.0
    tries: int = 1
    repeat: float = 1.0


def drawn(work: Work, draws: int, seed: int, common: Floats | None = None) -> Floats:
    """Return months until a gate is passed, infinite where it never is: shape (draws).

    months = M1 + repeat * (M2 + ... + MK), where K is the first try that succeeds: P(K = k) = p (1 - p)^(k - 1)

    common  what the durations of all gates have in common; see `shared`
    """
    total = np.zeros(draws)
    open_ = np.ones(draws, dtype=np.bool_)
    for attempt in range(work.tries or MOST):
        if not open_.any():
            break
        lasts, passes = np.random.default_rng([seed, attempt, *work.gate.encode()]).random((2, draws))
        if common is not None:
            lasts = shared(lasts, common)
        total[open_] += lasting(lasts[open_], work) * (work.repeat if attempt else 1.0)
        open_ &= passes >= work.success
    return np.where(open_, np.inf, total)


def worked(work: Work, draws: int, seed: int) -> Floats:
    """Return how many times the work of its first try a gate takes in the draws of `drawn`: 1 + repeat * (K - 1).

    Where it runs out of tries all of them count.
    """
    total = np.zeros(draws)
    open_ = np.ones(draws, dtype=np.bool_)
    for attempt in range(work.tries or MOST):
        if not open_.any():
            break
        passes = np.random.default_rng([seed, attempt, *work.gate.encode()]).random((2, draws))[1]
        total[open_] += work.repeat if attempt else 1.0
        open_ &= passes >= work.success
    return total


def factor(share: float, draws: int, seed: int) -> Floats | None:
    """Return sqrt(share) F with F normal, and sqrt(1 - share): what `shared` needs, shape (2, draws); None of 0."""
    if share == 0:
        return None
    normal = np.random.default_rng([seed, *b"common"]).standard_normal(draws)
    return np.stack([np.sqrt(share) * normal, np.full(draws, np.sqrt(1 - share))])


def shared(u: Floats, common: Floats) -> Floats:
    """Return numbers from 0 to 1 of which a share hangs on a factor that all gates have in common.

        u' = N(sqrt(share) F + sqrt(1 - share) N^-1(u))

    N is the normal law (Gaussian copula of one factor, Vasicek 1987): each duration keeps its law, and the normal
    scores of any two have `share` as their correlation.
    """
    found: Floats = ndtr(common[0] + common[1] * ndtri(u))
    return found


def lasting(u: Floats, work: Work) -> Floats:
    """Return months of a try from numbers from 0 to 1, by the inverse of its distribution function.

    pert         beta on [low, high], alpha = 1 + 4 (likely - low) / (high - low), beta = 6 - alpha: mean
                 (low + 4 likely + high) / 6
    triangular   from low over likely to high; uniform: from low to high
    exponential  of mean likely; fixed: likely
    """
    low, likely, high = work.low, work.likely, work.high
    if work.shape == "exponential":
        return -likely * np.log1p(-u)
    if work.shape == "fixed" or high <= low:
        return np.full(u.shape, likely)
    if work.shape == "uniform":
        return low + u * (high - low)
    if work.shape == "triangular":
        up = low + np.sqrt(u * (high - low) * (likely - low))
        down = high - np.sqrt((1 - u) * (high - low) * (high - likely))
        return np.where(u * (high - low) < likely - low, up, down)
    alpha = 1 + 4 * (likely - low) / (high - low)
    found: Floats = low + (high - low) * betaincinv(alpha, 6 - alpha, u)
    return found
