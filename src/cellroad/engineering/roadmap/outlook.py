"""What do past prices alone say of those to come? The curve of the back-test, fitted to all years that are known.

The band is that of volume and minerals (see `backtest`) with the volumes that a programme expects. It stands beside the
costs that are built up from components: where the two part, one of them is off.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from cellroad.engineering.roadmap.backtest import LEAST, known_years, learned, two_factors
from cellroad.engineering.roadmap.costs import learnt
from cellroad.engineering.roadmap.history import HISTORIES
from cellroad.engineering.roadmap.reading import RoadmapTables


def past() -> pl.DataFrame:
    """Return prices that are told, from 2015 on: name, chemistry, year, usd (per kWh)."""
    rows = [
        (history.name, history.chemistry, year, history.prices()[year])
        for history in HISTORIES
        for year in known_years(history)
    ]
    schema = {"name": pl.String, "chemistry": pl.String, "year": pl.Int64, "usd": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def outlook(read: RoadmapTables) -> pl.DataFrame:
    """Return prices that the past leads to: name, chemistry, year, p05, p50, p95 in USD per kWh.

    Years are those of the programme's volumes after the last known price. Chemistries with fewer than five years of
    prices, or of volumes that begin later, are left out: nothing is known to lead anywhere.
    """
    rows = []
    for history in HISTORIES:
        volumes = read.tables["volumes"].filter(pl.col("chemistry") == history.chemistry).sort("year")
        fit = known_years(history)
        ahead = volumes.filter(pl.col("year") > fit[-1]) if fit else volumes.clear()
        if len(fit) < LEAST or ahead.is_empty() or int(volumes["year"][0]) > fit[-1]:
            continue
        made = np.log(volumes["gwh_likely"].to_numpy())
        total = np.log(ahead["gwh_likely"].to_numpy()) - np.interp(fit[-1], volumes["year"].to_numpy(), made)
        band = two_factors(history, fit, total, ahead["year"].to_numpy() - fit[-1], None)
        rows += [
            (history.name, history.chemistry, year, *map(float, quantiles))
            for year, quantiles in zip(ahead["year"], band.T, strict=True)
        ]  # fmt: skip
    schema = {"name": pl.String, "chemistry": pl.String, "year": pl.Int64, "p05": pl.Float64, "p50": pl.Float64,
              "p95": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def beside(read: RoadmapTables) -> pl.DataFrame:
    """Return `learned` with what a programme assumes beside it: assumed_rate, against_past (slower, within, faster).

    assumed_rate = 1 - (c(last) / c(first))^(1 / doublings), c the likely costs of all parts of a chemistry without
    their minerals, in the first and the last year of its volumes. It is held against the 90 % of `bare_rate`.
    """
    assumed = pl.col("assumed_rate")
    against = (
        pl.when(assumed.is_null() | pl.col("bare_low").is_null()).then(None)
        .when(assumed < pl.col("bare_low")).then(pl.lit("slower"))
        .when(assumed > pl.col("bare_high")).then(pl.lit("faster"))
        .otherwise(pl.lit("within"))
    )  # fmt: skip
    rates = {chemistry: _assumed(read, chemistry) for chemistry in read.tables["components"]["chemistry"].unique()}
    found = learned().with_columns(
        assumed_rate=pl.col("chemistry").replace_strict(rates, default=None, return_dtype=pl.Float64)
    )  # fmt: skip
    return found.select(pl.exclude("verdict"), against.alias("against_past"), "verdict")


def _assumed(read: RoadmapTables, chemistry: str) -> float | None:
    """Return the share of the costs of parts that a programme lets fall away with each doubling; None: none comes."""
    volumes = read.tables["volumes"].filter(pl.col("chemistry") == chemistry).sort("year")["gwh_likely"]
    parts = read.tables["components"].filter((pl.col("chemistry") == chemistry) & (pl.col("usd_per_kwh") > 0))
    if volumes.is_empty() or parts.is_empty() or volumes[-1] <= volumes[0]:
        return None
    ratio = np.array([volumes[-1] / volumes[0]])
    begin = float(np.sum(parts["usd_per_kwh"].to_numpy()))
    end = sum(
        float(learnt(np.array([usd]), np.array([rate]), ratio, floor)[0])
        for usd, rate, floor in parts.select("usd_per_kwh", "learning_likely", "floor_usd_per_kwh").iter_rows()
    )
    return float(1 - (end / begin) ** (1 / np.log2(ratio[0])))
