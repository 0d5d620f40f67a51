"""Would a curve have told the past? Fitted to the years up to one, it predicts those after it, error and all.

Four curves stand side by side, each through the last price of its fit (see `learning`):

    last price           stays as it is: what every other curve must beat
    trend in time        falls by the same share every year (Moore)
    volume               falls by the same share with every doubling of what has been made (Wright)
    volume and minerals  the same for what is left of the price without its minerals, which do not learn:
                         p(t) = m c(t) / 1000 + learnt part

What has been made is taken as it came. Minerals are taken as they came (`known`), which tells whether learning was
right, and as they stood in the last year of the fit (`as then`), which is what a planner would have seen: then they may
wander as far as they did before, and the band is that of both. Prices are nominal, in dollars of each year.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.engineering.roadmap.history import HISTORIES, History
from cellroad.engineering.roadmap.learning import SHARES, Steps, added, fitted

Floats = NDArray[np.float64]
SINCE = 2015
"""First year of a fit."""
LEAST = 5
"""Years below which nothing is fitted."""
CURVES = (("last price", "none"), ("trend in time", "none"), ("volume", "none"),
          ("volume and minerals", "known"), ("volume and minerals", "as then"))  # fmt: skip
"""Curves, and how they take minerals."""
_PARTS = (np.arange(300) + 0.5) / 300


def backtest(until: int = 2022) -> pl.DataFrame:
    """Return predictions beside what came: name, series, curve, mineral (known, as then, none), fitted_years, year,
    told_usd, predicted_usd, low_usd, high_usd (nine of ten lie inside), error_share, inside (yes, no).

    The fit stands on the years from 2015 to `until`; cells with fewer than five of them are left out, see `learned`.
    """
    rows: list[dict[str, Any]] = []
    for history in HISTORIES:
        years = known_years(history)
        fit, later = [year for year in years if year <= until], [year for year in years if year > until]
        if len(fit) < LEAST or not later:
            continue
        told = history.prices()
        for curve, mineral in CURVES:
            if mineral != "none" and not history.minerals:
                continue
            band = _ahead(history, curve, mineral, fit, later)
            for (low, middle, high), year in zip(band.T, later, strict=True):
                rows.append({
                    "name": history.name, "series": history.series, "curve": curve, "mineral": mineral,
                    "fitted_years": f"{fit[0]} to {fit[-1]}", "year": year, "told_usd": told[year],
                    "predicted_usd": float(middle), "low_usd": float(low), "high_usd": float(high),
                    "error_share": float(middle) / told[year] - 1,
                    "inside": "yes" if low <= told[year] <= high else "no",
                })  # fmt: skip
    return pl.DataFrame(rows, schema=_SCHEMA)


def scores(first: int = 2019) -> pl.DataFrame:
    """Return how each curve did from every year that one could have stood in, from `first` on: name, curve, mineral,
    forecasts, typical_error_share (root of the mean square of log errors, as a share), of_last_price (that error over
    the one of the last price: below 1 it was beaten), inside_share (meant: 0.9).

    Forecasts of one year from different years share what came, so that they are worth fewer than their count.
    """
    cuts = [
        backtest(until) for until in range(first, max(max(known_years(history), default=0) for history in HISTORIES))
    ]
    told = pl.concat(cuts).with_columns(off=(1 + pl.col("error_share")).log().pow(2))
    found = told.group_by("name", "curve", "mineral", maintain_order=True).agg(
        forecasts=pl.len(), off=pl.col("off").mean().sqrt(), inside_share=(pl.col("inside") == "yes").mean()
    )
    bare = pl.col("off").filter(pl.col("curve") == "last price").first().over("name")
    return found.select(
        "name", "curve", "mineral", "forecasts", typical_error_share=pl.col("off").exp() - 1,
        of_last_price=pl.col("off") / bare, inside_share="inside_share",
    )  # fmt: skip


def learned(until: int | None = None) -> pl.DataFrame:
    """Return how fast each kind of cells has learnt, as far as the facts tell: name, chemistry, years, doublings,
    learning_rate, rate_low, rate_high (of the price, with 90 % confidence), fall_per_year, bare_rate, bare_low,
    bare_high (of what is left of it without minerals), verdict.

    Rates are null with fewer than five years up to `until` (without one: all that are known).
    """
    rows: list[tuple[Any, ...]] = []
    for history in HISTORIES:
        years = [year for year in known_years(history) if until is None or year <= until]
        span = f"{years[0]} to {years[-1]}" if len(years) > 1 else ", ".join(map(str, years))
        if len(years) < LEAST:
            told = f"too few years to fit; told: {history.quotes()}"
            rows.append((history.name, history.chemistry, span, *[None] * 8, told))
            continue
        made = history.made()
        wright, moore = _fit(history, "volume", years), _fit(history, "trend in time", years)
        bare = _fit(history, "volume and minerals", years) if history.minerals else None
        rows.append((
            history.name, history.chemistry, span, float(np.log2(made[years[-1]] / made[years[0]])), wright.rate,
            *wright.rate_between(), 1 - float(np.exp(moore.slope)),
            *((bare.rate, *bare.rate_between()) if bare else [None] * 3), f"fitted to {len(years)} years",
        ))  # fmt: skip
    numbers = ("doublings", "learning_rate", "rate_low", "rate_high", "fall_per_year", "bare_rate", "bare_low",
               "bare_high")  # fmt: skip
    schema = {"name": pl.String, "chemistry": pl.String, "years": pl.String, **dict.fromkeys(numbers, pl.Float64),
              "verdict": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def strayed(chemistry: str) -> tuple[float, int]:
    """Return how far a year strays from the curve of volume and minerals, and the degrees of freedom of that.

    For a chemistry without a fit: the root of the mean square over those that have one.
    """
    fits = {
        history.chemistry: _fit(history, "volume and minerals", known_years(history))
        for history in HISTORIES
        if history.minerals and len(known_years(history)) >= LEAST
    }
    chosen = [fits[chemistry]] if chemistry in fits else list(fits.values())
    freedom = sum(fit.freedom for fit in chosen)
    return float(np.sqrt(sum(fit.sigma**2 * fit.freedom for fit in chosen) / freedom)), freedom


def known_years(history: History) -> list[int]:
    """Return the years from 2015 on that have prices, without a gap between them."""
    told = [year for year in history.prices() if year >= SINCE]
    return told[: next((at for at, year in enumerate(told) if year != told[0] + at), len(told))]


def _fit(history: History, curve: str, years: list[int]) -> Steps:
    prices = np.array([history.prices()[year] for year in years])
    return fitted(_bare(history, curve, prices, years), _driven(history, curve, years))


def _ahead(history: History, curve: str, mineral: str, fit: list[int], later: list[int]) -> Floats:
    """Return low, middle and high of the prices of later years: shape (3, years)."""
    total = np.cumsum(_driven(history, curve, [fit[-1], *later]))
    years = np.array(later) - fit[-1]
    if curve == "volume and minerals":
        known = history.mineral(later) if mineral == "known" else None
        return two_factors(history, fit, total, years, known)
    return _fit(history, curve, fit).ahead(history.prices()[fit[-1]], total, years, SHARES)


def two_factors(
    history: History, fit: list[int], total: Floats, years: NDArray[np.int64], minerals: Floats | None
) -> Floats:
    """Return low, middle and high of prices so many years after a fit: shape (3, years).

    total     logs of what will have been made over what had been
    minerals  what they cost then, in USD per kWh; None: as in the last year, give or take how they wandered
    """
    steps, last = _fit(history, "volume and minerals", fit), history.prices()[fit[-1]]
    now = history.mineral(fit)
    learnt = max(last - now[-1], 1.0)
    if minerals is not None:
        return steps.ahead(learnt, total, years, SHARES) + minerals
    wandering = fitted(now, np.zeros(len(fit) - 1)).ahead(now[-1], 0 * total, years, _PARTS)
    return added(steps.ahead(learnt, total, years, _PARTS), wandering, SHARES)


def _bare(history: History, curve: str, prices: Floats, years: list[int]) -> Floats:
    """Return prices without the minerals where a curve takes them apart; at least a dollar is left."""
    return np.maximum(prices - history.mineral(years), 1.0) if curve == "volume and minerals" else prices


def _driven(history: History, curve: str, years: list[int]) -> Floats:
    """Return what drives the fall in each step between years: shape (years - 1)."""
    if curve == "last price":
        return np.zeros(len(years) - 1)
    if curve == "trend in time":
        return np.ones(len(years) - 1)
    made = history.made()
    return np.diff(np.log([made[year] for year in years]))


_SCHEMA = {
    "name": pl.String, "series": pl.String, "curve": pl.String, "mineral": pl.String, "fitted_years": pl.String,
    "year": pl.Int64, "told_usd": pl.Float64, "predicted_usd": pl.Float64, "low_usd": pl.Float64,
    "high_usd": pl.Float64, "error_share": pl.Float64, "inside": pl.String,
}  # fmt: skip
