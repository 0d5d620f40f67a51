"""`propose`: which mixtures should be tried next, when every experiment is dear?

Bayesian optimisation over a mixture, whose shares add up to one. A Gaussian process (Matern 5/2 with a length for each
component, and noise) is fitted to what was tried; the mixture is proposed whose expected improvement on the best is
largest (Jones, Schonlau and Welch 1998). Several at once are found one after the other, each as if those before had
come out as predicted (Ginsbourger, Le Riche and Carraro 2010). The process is that of scikit-learn.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.interval import Z95

Floats = NDArray[np.float64]
Bounds = Mapping[str, tuple[float, float]]
CANDIDATES = 4000
"""Mixtures that are looked at: as many again lie around the best one."""
NEAR = 0.05
"""Share by which those around the best one differ from it."""


class NoLearnerError(ImportError):
    """scikit-learn is not installed."""


def first(components: Bounds, count: int, *, seed: int = 0) -> pl.DataFrame:
    """Return so many mixtures that lie far from each other, to begin with: one column for each component.

    components  least and most share of each; a mixture adds up to one

    Raises ChainError for bounds that leave no mixture, ValueError for fewer than one.
    """
    if count < 1:
        raise ValueError(f"{count} experiments: expected at least one")
    rows = _mixtures(components, np.random.default_rng(seed), CANDIDATES)
    chosen = [int(np.argmin(((rows - rows.mean(axis=0)) ** 2).sum(axis=1)))]
    far = ((rows - rows[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < count:
        chosen.append(int(np.argmax(far)))
        far = np.minimum(far, ((rows - rows[chosen[-1]]) ** 2).sum(axis=1))
    return pl.DataFrame(dict(zip(components, rows[chosen].T, strict=True)))


def propose(tried: pl.DataFrame, components: Bounds, result: str, *, count: int = 1, seed: int = 0) -> pl.DataFrame:
    """Return the mixtures to try next: a column for each component, then mean, low, high and improvement.

    tried       a row for each experiment: the shares, and in the column `result` what came of it; larger is better
    components  least and most share of each
    count       how many to propose at once

    mean with low and high (95 %) is what is expected of each, improvement how much better than the best so far on
    average, nothing where it is worse. Raises ChainError with all that is wrong with what was tried and the bounds,
    ValueError for fewer than one, NoLearnerError where scikit-learn is missing.
    """
    if count < 1:
        raise ValueError(f"{count} experiments: expected at least one")
    wrong = _wrong(tried, components, result)
    if wrong:
        raise ChainError(wrong)
    chance = np.random.default_rng(seed)
    x, y = tried.select(list(components)).to_numpy().astype(float), tried[result].to_numpy().astype(float)
    rows = []
    for _ in range(count):
        process = _fitted(x, y, seed)
        best = float(y.max())
        some = np.vstack([_mixtures(components, chance, CANDIDATES), _around(x[int(y.argmax())], components, chance)])
        mean, deviation = process.predict(some[:, :-1], return_std=True)
        gain = _improvement(mean, deviation, best)
        at = int(np.argmax(gain))
        rows.append((*some[at], mean[at], mean[at] - Z95 * deviation[at], mean[at] + Z95 * deviation[at], gain[at]))
        x, y = np.vstack([x, some[at]]), np.append(y, mean[at])
    return pl.DataFrame(rows, schema=[*components, "mean", "low", "high", "improvement"], orient="row")


def _improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    """Return the expected improvement on the best: (m - b) F(z) + s f(z) with z = (m - b) / s."""
    spread = np.maximum(deviation, 1e-12)
    z = (mean - best) / spread
    return np.asarray((mean - best) * stats.norm.cdf(z) + spread * stats.norm.pdf(z))


def _fitted(x: Floats, y: Floats, seed: int) -> Any:
    """Return a Gaussian process of what was tried; the last share follows from the others and is left out."""
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
    except ImportError:
        raise NoLearnerError('proposals need a learner: pip install "cellroad[experiments]"') from None
    free = x.shape[1] - 1
    kernel = ConstantKernel(1.0, (1e-2, 1e3)) * Matern(np.full(free, 0.3), (0.02, 10.0), nu=2.5) + WhiteKernel(
        1e-4, (1e-8, 1.0)
    )
    process = GaussianProcessRegressor(kernel, normalize_y=True, n_restarts_optimizer=2, random_state=seed)
    with warnings.catch_warnings():  # of several starts the best is taken, wherever the others end
        warnings.simplefilter("ignore", ConvergenceWarning)
        return process.fit(x[:, :-1], y)


def _mixtures(components: Bounds, chance: np.random.Generator, count: int) -> Floats:
    """Return mixtures within their bounds by chance: even over the whole where bounds are wide.

    What is above the least shares is divided as by a Dirichlet law, and cut at the most, until it fits.
    """
    low, high = (np.array([bound[side] for bound in components.values()]) for side in (0, 1))
    wrong = _bounds(components)
    if wrong:
        raise ChainError(wrong)
    free = 1.0 - low.sum()
    rows = low + free * chance.dirichlet(np.ones(low.size), count)
    for _ in range(100):
        over = np.maximum(rows - high, 0.0)
        if not over.any():
            break
        rows = np.minimum(rows, high)
        room = high - rows
        rows = rows + over.sum(axis=1, keepdims=True) * room / np.maximum(room.sum(axis=1, keepdims=True), 1e-300)
    return np.asarray(np.clip(rows, low, high))


def _around(best: Floats, components: Bounds, chance: np.random.Generator) -> Floats:
    """Return mixtures near the best one that are within their bounds."""
    low, high = (np.array([bound[side] for bound in components.values()]) for side in (0, 1))
    step = chance.normal(0.0, NEAR, (CANDIDATES, best.size))
    some = best + step - step.mean(axis=1, keepdims=True)
    return np.asarray(some[((some >= low) & (some <= high)).all(axis=1)])


def _bounds(components: Bounds) -> list[Finding]:
    findings = [
        Finding(
            "blocker", "components", None, name, f"from {low:g} to {high:g}", "0 <= least <= most <= 1", "Correct it."
        )
        for name, (low, high) in components.items()
        if not 0 <= low <= high <= 1
    ]
    least, most = (sum(bound[side] for bound in components.values()) for side in (0, 1))
    if not findings and not least <= 1 <= most:
        findings.append(Finding(
            "blocker", "components", None, "", f"least shares that add up to {least:g}, most to {most:g}",
            "bounds between which shares can add up to 1", "Widen them.",
        ))  # fmt: skip
    return findings


def _wrong(tried: pl.DataFrame, components: Bounds, result: str) -> list[Finding]:
    missing = [name for name in (*components, result) if name not in tried.columns]
    findings = [
        Finding("blocker", "tried", None, name, "no such column", f"one of {', '.join(tried.columns)}", "Add it.")
        for name in missing
    ]
    if missing:
        return findings + _bounds(components)
    sums = tried.select(pl.sum_horizontal(*components)).to_series()
    findings += [
        Finding("blocker", "tried", row + 2, "", f"shares that add up to {total:.6g}", "1", "Correct the shares.")
        for row, total in enumerate(sums)
        if abs(total - 1) > 1e-6
    ]
    if tried.height < 2:
        findings.append(
            Finding("blocker", "tried", None, "", f"{tried.height} experiments", "at least 2", "Begin with `first`.")
        )
    return findings + _bounds(components)
