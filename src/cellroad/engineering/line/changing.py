"""What to change: how the bottleneck moves with the mix, which places to wait pay, and the cheapest way to a target.

All of it compares runs on the same luck. The cheapest way is sought step by step: of all single changes (a channel, two
places to wait in front of a station, a person more in a pool) the one is taken that gains most volume for its money,
until the target is reached; where none gains, because several stations hold the line alike, a channel is added where
there is least capacity. Then every change is tried without, the dearest first, and left out where the target holds
without it. What comes is a good way, not proven the cheapest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from cellroad.engineering.line.floor import floor_of
from cellroad.engineering.line.reading import LineTables
from cellroad.engineering.line.result import Line
from cellroad.engineering.line.running import capacity_per_hour, run_floor
from cellroad.engineering.line.verb import line

PLACES = 2
"""Places to wait that are added at a time."""
MOST_STEPS = 30
PAID_SHARE = 8.0
"""Years over which a person's pay is counted against an investment: an assumption."""


@dataclass(frozen=True, slots=True)
class Change:
    """One more of something: `what` (channel, places, person), where (station or pool), what it costs."""

    what: str
    where: str
    usd: float


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """Changes that bring a line to a target.

    steps    what, where, usd, gwh_per_year (with it and all before), reached (whether the target is)
    line     the line with all of them
    reached  whether it makes what was asked for
    """

    steps: pl.DataFrame
    line: Line
    reached: bool


def by_mix(tables: LineTables, **asked: int | float) -> pl.DataFrame:
    """Return what the line makes of each product alone, and of its mix: product, packs_per_hour, gwh_per_year, oee,
    bottleneck."""
    rows = []
    for product in [*tables.tables["products"]["product"], "mix"]:
        found = line(tables if product == "mix" else with_mix(tables, {product: 1.0}), **asked)  # type: ignore[arg-type]
        oee = float(found.oee.filter(factor="oee")["value"][0])
        rate = float(found.volume.filter(product="all")["packs_per_hour"][0])
        rows.append((product, rate, found.gwh_per_year, oee, found.bottleneck))
    names = ["product", "packs_per_hour", "gwh_per_year", "oee", "bottleneck"]
    return pl.DataFrame(rows, schema=names, orient="row")


def with_mix(tables: LineTables, shares: dict[str, float]) -> LineTables:
    """Return a line with another mix: shares of the packs by product, nothing of those that are not named."""
    products = tables.tables["products"].with_columns(
        mix_share=pl.col("product").replace_strict(shares, default=0.0, return_dtype=pl.Float64)
    )
    return LineTables.of(tables.name, **{**tables.tables, "products": products})


def changes(tables: LineTables) -> Iterator[Change]:
    """Yield every single change that has a price."""
    for row in tables.tables["stations"].iter_rows(named=True):
        if row["channel_usd"] is not None:
            yield Change("channel", row["station"], row["channel_usd"])
        if row["place_usd"] is not None and row["buffer"] is not None:
            yield Change("places", row["station"], PLACES * row["place_usd"])
    shifts = tables.tables["shifts"]
    paid = float((shifts["days_per_year"] * shifts["hours"]).sum())
    for row in tables.tables["pools"].iter_rows(named=True):
        yield Change("person", row["pool"], PAID_SHARE * paid * row["usd_per_hour"])


def changed(tables: LineTables, change: Change) -> LineTables:
    """Return a line with one more of something."""
    table, key, column, more = {
        "channel": ("stations", "station", "channels", 1),
        "places": ("stations", "station", "buffer", PLACES),
        "person": ("pools", "pool", "people", 1),
    }[change.what]
    rows = tables.tables[table].with_columns(
        pl.when(pl.col(key) == change.where).then(pl.col(column) + more).otherwise(pl.col(column)).alias(column)
    )
    return LineTables.of(tables.name, **{**tables.tables, table: rows})


def reach(
    tables: LineTables, gwh_per_year: float, *, replications: int = 6, hours: float = 80.0, warm_hours: float = 8.0,
    seed: int = 1,
) -> Way:  # fmt: skip
    """Return changes that bring a line to so many GWh a year.

    Raises ValueError for a target that is not positive.
    """
    if not gwh_per_year > 0:
        raise ValueError(f"a target of {gwh_per_year:g} GWh: expected more than nothing")

    def makes(one: LineTables) -> float:
        found = run_floor(
            floor_of(one), one, replications=replications, hours=hours, warm_hours=warm_hours, seed=seed
        )  # fmt: skip
        return float(found.gwh_per_year(one).mean())

    now, made, taken = tables, makes(tables), list[Change]()
    while made < gwh_per_year and len(taken) < MOST_STEPS:
        tried = [(change, makes(changed(now, change))) for change in changes(now)]
        if not tried:
            break
        best, gain = max(tried, key=lambda one: (one[1] - made) / max(one[0].usd, 1.0))
        if gain <= made:  # several stations hold the line alike: begin with the one that can least
            capacity = capacity_per_hour(now, floor_of(now))
            slowest = now.tables["stations"]["station"][int(capacity.argmin())]
            both = [(change, volume) for change, volume in tried if (change.what, change.where) == ("channel", slowest)]
            if not both:
                break
            best, gain = both[0]
        now, made, taken = changed(now, best), gain, [*taken, best]
    for change in sorted(taken, key=lambda one: -one.usd):
        fewer = list(taken)
        fewer.remove(change)
        without = tables
        for one in fewer:
            without = changed(without, one)
        if makes(without) >= gwh_per_year:
            taken, now = fewer, without
    rows, step = [], tables
    for change in taken:
        step = changed(step, change)
        volume = makes(step)
        rows.append((change.what, change.where, change.usd, volume, volume >= gwh_per_year))
    schema = {"what": pl.String, "where": pl.String, "usd": pl.Float64, "gwh_per_year": pl.Float64,
              "reached": pl.Boolean}  # fmt: skip
    answer = line(now, replications=max(replications, 2), hours=hours, warm_hours=warm_hours, seed=seed)
    return Way(pl.DataFrame(rows, schema=schema, orient="row"), answer, answer.gwh_per_year >= gwh_per_year)


def place_buffers(
    tables: LineTables,
    places: int,
    *,
    replications: int = 6,
    hours: float = 80.0,
    warm_hours: float = 8.0,
    seed: int = 1,
) -> pl.DataFrame:
    """Return where so many more places to wait gain most: station, places (more), gwh_per_year (with all of them).

    One place after the other, each where it gains most on the same luck (Gershwin and Schor 2000 call it the gradient
    way); nothing in front of the first station, which takes packs when it can. Raises ValueError for fewer than none.
    """
    if places < 0:
        raise ValueError(f"{places} places: expected none or more")
    stations = tables.tables["stations"]
    floor, more = floor_of(tables), np.zeros(stations.height, np.int64)
    limited = [at for at in range(1, stations.height) if floor.buffer[at] >= 0]

    def makes(added: np.ndarray) -> float:
        buffer = floor.buffer.copy()
        buffer[: added.size] += np.where(buffer[: added.size] >= 0, added, 0)
        found = run_floor(
            floor._replace(buffer=buffer), tables, replications=replications, hours=hours, warm_hours=warm_hours,
            seed=seed,
        )  # fmt: skip
        return float(found.gwh_per_year(tables).mean())

    made = makes(more)
    for _ in range(places if limited else 0):
        tried = []
        for at in limited:
            one = more.copy()
            one[at] += 1
            tried.append((makes(one), at))
        made, best = max(tried)
        more[best] += 1
    return pl.DataFrame({"station": stations["station"], "places": more}).with_columns(gwh_per_year=pl.lit(made))
