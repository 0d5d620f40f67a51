"""`line`: does a pack line make the volume, and what keeps it from making more?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from cellroad.engineering.line.floor import floor_of
from cellroad.engineering.line.kernel import Floor
from cellroad.engineering.line.reading import LineTables, read_line
from cellroad.engineering.line.result import Line, told
from cellroad.engineering.line.running import Progress, Replications, run_floor

FASTER = 1.1
"""Speed at which each station is tried, one after the other, to tell what the line gains."""


def line(
    tables: LineTables | str | Path,
    *,
    replications: int = 20,
    hours: float = 160.0,
    warm_hours: float = 16.0,
    seed: int = 1,
    month: int | None = None,
    arrivals: pl.DataFrame | None = None,
    gains: bool = False,
    progress: Progress | None = None,
) -> Line:
    """Return what a line makes in a year and why not more.

    tables        a line, the path of its folder, or the name of a shipped example
    replications  independent runs of so many counted hours each, after so many of warming up
    month         months since the start, for a line that still learns as its table `ramp` says; None: it has learnt
    arrivals      hour (from the start of each run, warm-up included), packs: cells and parts for so many packs come
                  then, as a plan delivers them; without, the line is never short of them
    gains         whether each station is tried a tenth faster, to tell what that gains (a run for each)

    Raises ChainError for a line that cannot be read, ValueError for numbers that make no sense.
    """
    read = tables if isinstance(tables, LineTables) else read_line(tables)
    floor = learning(read, month)

    def run(one: Floor, watched: Progress | None = None) -> Replications:
        return run_floor(
            one, read, replications=replications, hours=hours, warm_hours=warm_hours, seed=seed, arrivals=arrivals,
            progress=watched,
        )  # fmt: skip

    found = run(floor, progress)
    more = None
    if gains:
        base = float(found.packs_per_hour.mean())
        rows = [
            (station, float(run(faster(floor, at)).packs_per_hour.mean()) / base - 1 if base else 0.0)
            for at, station in enumerate(read.tables["stations"]["station"])
        ]
        more = pl.DataFrame(rows, schema={"station": pl.String, "gain_10": pl.Float64}, orient="row")
    return told(read, floor, found, more)


def learning(tables: LineTables, month: int | None) -> Floor:
    """Return the arrays of a line so many months after its start, as its table `ramp` has it; None: it has learnt."""
    rows = tables.tables["ramp"].filter(pl.col("month") <= (month or 0)).sort("month") if month is not None else None
    if rows is None or rows.is_empty():
        return floor_of(tables)
    last = rows.row(-1, named=True)
    return floor_of(tables, last["stop_factor"], last["speed_share"], last["fail_factor"])


def faster(floor: Floor, station: int) -> Floor:
    """Return a line one of whose stations works a tenth faster."""
    likely = floor.likely.copy()
    likely[station] /= FASTER
    return floor._replace(likely=np.ascontiguousarray(likely))
