"""Would the model of costs have told the past? Fitted to the years up to one, it predicts those after it.

A line of log price over years (a fall per year, as the facts have no quantities), with the mineral apart where its
kilograms and prices are known:

    p(t) = m c(t) / 1000 + a exp(-g (t - t0))

a and g are fitted to the years to `until`; where these are fewer than four, g is held at the fall seen over all
cells, 13 % a year from 1992 to 2016 (Ziegler and Trancik 2021), and a alone is fitted. The mineral is taken at its
price as it came (`known`), and as it stood in the last year of the fit (`as then`): the first tells whether learning
was right, the second what a planner would have seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain import facts

Floats = NDArray[np.float64]
FALL = -float(np.log(1 - 0.13))
"""Fall of price per year of all cells from 1992 to 2016 (Ziegler and Trancik 2021), as a rate."""
SINCE = 2015
"""First year of a fit."""
LEAST = 4
"""Years of a fit below which its fall is not fitted."""
CARBONATE = "usgs_li2co3"
KG_OF_CARBONATE = {"lfp_cell_year": 0.6, "nmc_cell_year": 0.65}
"""Kilograms of lithium carbonate in a kWh: an assumption from the composition of cathodes."""
SERIES = ("bnef_pack_all", "lfp_cell_year", "nmc_cell_year")


def yearly(series: str) -> dict[int, float]:
    """Return a series of the price facts by year, where its period is one."""
    rows = facts.prices().filter((pl.col("series") == series) & pl.col("period").str.contains(r"^\d{4}$"))
    return {int(period): float(value) for period, value in rows.select("period", "value").iter_rows()}


def backtest(until: int = 2022) -> pl.DataFrame:
    """Return predictions beside what came: series, mineral (known, as then, none), fitted_years, fall_per_year,
    fall_is (fitted or held), year, told_usd, predicted_usd, error_share.

    Packs are told from 2015 on, as published in each year; cells of a chemistry from 2020 on alone, so that their fit
    stands on few years: `fitted_years` says on which.
    """
    rows: list[dict[str, Any]] = []
    for series in SERIES:
        told = yearly(series)
        fit = {year: price for year, price in told.items() if SINCE <= year <= until}
        later = {year: price for year, price in told.items() if year > until}
        if not fit or not later:
            continue
        kg = KG_OF_CARBONATE.get(series, 0.0)
        carbonate = yearly(CARBONATE)
        for mineral in ("known", "as then") if kg else ("none",):
            price = {year: carbonate.get(year if mineral == "known" else min(year, until), 0.0) for year in told}
            held = kg * np.array([price[year] for year in fit]) / 1000
            base, fall, fitted = fitting(np.array(list(fit)), np.array(list(fit.values())) - held)
            for year, real in later.items():
                predicted = kg * price[year] / 1000 + base * float(np.exp(-fall * (year - min(fit))))
                rows.append({
                    "series": series, "mineral": mineral, "fitted_years": ", ".join(map(str, sorted(fit))),
                    "fall_per_year": 1 - float(np.exp(-fall)), "fall_is": "fitted" if fitted else "held", "year": year,
                    "told_usd": real, "predicted_usd": predicted, "error_share": predicted / real - 1,
                })  # fmt: skip
    return pl.DataFrame(rows)


def fitting(years: NDArray[np.int64], prices: Floats) -> tuple[float, float, bool]:
    """Return base and fall of base exp(-fall (t - first)) through logs of prices, and whether the fall was fitted."""
    at, logs = years - years.min(), np.log(np.maximum(prices, 1.0))
    if years.size >= LEAST:
        slope, level = np.polyfit(at, logs, 1)
        return float(np.exp(level)), -float(slope), True
    return float(np.exp((logs + FALL * at).mean())), FALL, False
