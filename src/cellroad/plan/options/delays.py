"""By how many months is what is built held up?

A neighbourhood objects, a permit is contested, a grid connection waits: an option may be ready later than planned, and
how much later is not known. The delays of an option are one of its own columns, which comes with a probability or not
at all, and one for each row of risks of the kind `delay` that names the option, its site or '*'. A plan counts

    expected   sum of delays of their mean
    quantile   sum of delays of their quantile q: as if all came together, the careful side
    none       nothing

rounded up to whole months. Distributions are in months: `uniform` low;high, `triangular` low;likely;high, `normal`
mean;deviation; `bernoulli` is a probability of the row's duration_days.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.settings import PlanSettings

DAYS_PER_MONTH = 365.25 / 12


def delays(chain: Chain, settings: PlanSettings) -> dict[str, int]:
    """Return by option the whole months of delay that a plan counts; options without any are left out."""
    if settings.count_delays == "none":
        return {}
    quantile = settings.delay_quantile if settings.count_delays == "quantile" else None
    risks = chain.risks.filter(pl.col("kind") == "delay").select(
        "target", "distribution", "duration_days", pl.col("parameters").str.split(";")
    )
    places = chain.options.join(chain.resources.select("resource", "site"), on="resource", how="left")
    counted: dict[str, int] = {}
    for option, site, probability, months in places.select(
        "option", "site", "delay_probability", "delay_months"
    ).iter_rows():
        total = held_up("bernoulli", [probability], months, quantile)
        for target, distribution, days, parameters in risks.iter_rows():
            if target in (option, site, "*"):
                numbers = [float(part) for part in parameters]
                total += held_up(distribution, numbers, days / DAYS_PER_MONTH, quantile)
        if total > 1e-9:
            counted[option] = math.ceil(total - 1e-9)
    return counted


def held_up(distribution: str, numbers: Sequence[float], months: float, quantile: float | None) -> float:
    """Return the mean of a delay in months, or one of its quantiles; never less than nothing.

    The quantile of a delay that comes with probability p is all of it from 1 - p on: at 0.8 what comes in more than
    one of five cases is counted. Raises ValueError for a distribution that a delay cannot have.
    """
    if distribution == "bernoulli":
        (chance,) = numbers
        return chance * months if quantile is None else months * (quantile > 1 - chance)
    if distribution == "uniform":
        low, high = numbers
        return max(0.0, (low + high) / 2 if quantile is None else low + quantile * (high - low))
    if distribution == "triangular":
        low, likely, high = numbers
        return max(0.0, _triangular(low, likely, high, quantile))
    if distribution == "normal":
        mean, deviation = numbers
        if quantile is None or deviation == 0:
            return max(0.0, mean)
        return max(0.0, NormalDist(mean, deviation).inv_cdf(min(max(quantile, 1e-6), 1 - 1e-6)))
    raise ValueError(f"a delay cannot be {distribution}")


def _triangular(low: float, likely: float, high: float, quantile: float | None) -> float:
    if quantile is None or high == low:
        return (low + likely + high) / 3
    turn = (likely - low) / (high - low)
    if quantile <= turn:
        return low + math.sqrt(quantile * (high - low) * (likely - low))
    return high - math.sqrt((1 - quantile) * (high - low) * (high - likely))
