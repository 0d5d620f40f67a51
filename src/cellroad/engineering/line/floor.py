"""A line as the arrays of its kernel."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.engineering.line.chance import EXPONENTIAL, FIXED, TRIANGULAR
from cellroad.engineering.line.kernel import NONE, Floor
from cellroad.engineering.line.reading import LineTables

Floats = NDArray[np.float64]
SHAPES = {"fixed": FIXED, "triangular": TRIANGULAR, "exponential": EXPONENTIAL}
PER = {"pack": None, "module": "modules", "cell": "cells", "joint": "joints"}
HOUR = 3600.0


def floor_of(line: LineTables, stop_factor: float = 1.0, speed: float = 1.0, fail_factor: float = 1.0) -> Floor:
    """Return the arrays of a line; the factors are those of `Ramp` for a line that is still learning."""
    stations, reworks, pools = (line.tables[name] for name in ("stations", "reworks", "pools"))
    m = stations.height
    rework_of = {name: m + at for at, name in enumerate(reworks["rework"])}
    pool_of = {name: at for at, name in enumerate(pools["pool"])}
    both = pl.concat([stations.select("channels", "people", "pool"), reworks.select("channels", "people", "pool")])
    return Floor(
        first=np.concatenate([[0], both["channels"].to_numpy().cumsum()]).astype(np.int64),
        buffer=np.append(stations["buffer"].fill_null(-1).to_numpy(), np.full(reworks.height, -1)).astype(np.int64),
        likely=likely_s(line) / speed,
        shape=np.array([SHAPES[shape] for shape in stations["shape"]], np.int64),
        low=stations["low_share"].to_numpy().copy(),
        high=stations["high_share"].to_numpy().copy(),
        passes=np.maximum(1.0 - (1.0 - stations["pass_share"].to_numpy()) * fail_factor, 0.05),
        tries=stations["tries"].to_numpy().astype(np.int64),
        mended_at=np.array([rework_of.get(name, NONE) for name in stations["rework"]], np.int64),
        mend_s=stations["rework_s"].to_numpy().copy(),
        mtbf=stations["mtbf_h"].fill_null(0.0).to_numpy() * HOUR,
        mttr=stations["mttr_h"].to_numpy() * HOUR * stop_factor,
        setup=stations["changeover_s"].to_numpy().copy(),
        need=both["people"].to_numpy().astype(np.int64),
        pool=np.array([pool_of.get(name, NONE) for name in both["pool"]], np.int64),
        people=np.append(pools["people"].to_numpy(), 0).astype(np.int64),
    )


def likely_s(line: LineTables) -> Floats:
    """Return the likely seconds of work of a pack at each station: shape (stations, products)."""
    products = line.tables["products"]
    one = np.ones(products.height)
    pieces = {piece: one if column is None else products[column].to_numpy() for piece, column in PER.items()}
    rows = [
        row["fixed_s"] + row["piece_s"] * pieces[row["piece"]] for row in line.tables["stations"].iter_rows(named=True)
    ]
    return np.array(rows, dtype=np.float64).reshape(len(rows), products.height)


def sequence(line: LineTables, units: int) -> NDArray[np.int64]:
    """Return which product each unit is: lots in turn, each when it is furthest behind its share (as Toyota levels).

    Before every lot the product is taken that lacks most packs against share * packs made so far and in this lot.
    """
    products = line.tables["products"]
    share, lot = products["mix_share"].to_numpy(), products["lot"].to_numpy()
    made, order = np.zeros(products.height), np.empty(units, np.int64)
    at = 0
    while at < units:
        lack = share * (made.sum() + lot) - made - lot / 2
        lack[share <= 0] = -np.inf
        p = int(np.argmax(lack))
        size = min(int(lot[p]), units - at)
        order[at : at + size] = p
        made[p] += lot[p]
        at += size
    return order
