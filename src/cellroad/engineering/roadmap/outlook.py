"""What do past prices alone say of those to come? The curve of the back-test, fitted to all years that are known.

The band is that of volume and minerals (see `backtest`) with the volumes that a programme expects. It stands beside the
costs that are built up from components: where the two part, one of them is off.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from cellroad.engineering.roadmap.backtest import LEAST, known_years, two_factors
from cellroad.engineering.roadmap.history import HISTORIES
from cellroad.engineering.roadmap.reading import RoadmapTables


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
