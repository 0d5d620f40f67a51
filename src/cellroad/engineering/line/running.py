"""`run_line`: how much does a line make, where does it lose time, how many people and how much automation does it take?

Independent replications of some hundred hours each, after a warm-up, on numbers by chance that hang on what they are
for: two lines are compared on the same luck. Intervals are those of Student's t over the replications.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from cellroad.engineering.line.chance import EXPONENTIAL, TRIANGULAR
from cellroad.engineering.line.floor import HOUR, floor_of, sequence
from cellroad.engineering.line.kernel import STATES, Floor, Run, empty_run, simulate
from cellroad.engineering.line.reading import LineTables, read_line

Floats = NDArray[np.float64]
TRACE = 40_000
"""Ends of pieces of work that are kept of the first replication, for drawing a shift."""
Progress = Callable[[float], bool]
"""Told the part that is done; answers whether to go on."""


@dataclass(frozen=True, slots=True)
class Replications:
    """What came of all replications of a line: means unless the name says otherwise.

    hours     hours that were counted in each, after the warm-up
    good      packs that left good: shape (replications, products)
    scrapped  likewise, that were scrapped
    lead_s    seconds from entering to leaving of every good pack
    time_in   share of time of each server in each state: shape (replications, servers, 6)
    counts    of each station: began, passed at the first go, failed, scrapped: shape (replications, stations, 4)
    held      mean units in front of each place and in it: shape (replications, places, 2)
    first     of the first replication: ends of work as (second, unit, place)
    """

    hours: float
    good: Floats
    scrapped: Floats
    lead_s: Floats
    time_in: Floats
    counts: Floats
    held: Floats
    first: tuple[Floats, NDArray[np.int64], NDArray[np.int64]]

    def gwh_per_year(self, tables: LineTables) -> Floats:
        """Energy of the good packs of a year, in GWh: shape (replications,)."""
        energy = self.good @ tables.tables["products"]["kwh"].to_numpy()
        return np.asarray(energy / self.hours * tables.hours_per_year / 1e6)

    @property
    def packs_per_hour(self) -> Floats:
        """Good packs an hour: shape (replications,)."""
        return np.asarray(self.good.sum(axis=1) / self.hours)


def run_line(
    line: LineTables | str,
    *,
    replications: int = 20,
    hours: float = 160.0,
    warm_hours: float = 16.0,
    seed: int = 1,
    progress: Progress | None = None,
) -> Replications:
    """Return what comes of so many replications of a line, each of so many counted hours.

    Raises ChainError for a line that cannot be read, ValueError for numbers that make no sense.
    """
    tables = read_line(line) if isinstance(line, str) else line
    return run_floor(
        floor_of(tables), tables, replications=replications, hours=hours, warm_hours=warm_hours, seed=seed,
        progress=progress,
    )  # fmt: skip


def run_floor(
    floor: Floor, tables: LineTables, *, replications: int, hours: float, warm_hours: float, seed: int,
    arrivals: pl.DataFrame | None = None, progress: Progress | None = None,
) -> Replications:  # fmt: skip
    """Return what comes of a line whose arrays are given; its tables tell the products and their mix.

    arrivals  hour (from the start of a run), packs: how many packs the cells and parts that come then are for; without,
              the line is never short of them

    Raises ValueError for fewer than two replications and hours that are not positive.
    """
    if replications < 2 or not hours > 0 or warm_hours < 0:
        raise ValueError(
            f"{replications} replications of {hours:g} h after {warm_hours:g} h: expected at least 2, more than 0 h, "
            "and no less than 0 h"
        )
    end, warm = (warm_hours + hours) * HOUR, warm_hours * HOUR
    product = sequence(tables, most_units(floor, end))
    release = np.zeros(product.size) if arrivals is None else released(arrivals, product.size)

    def one(replication: int) -> Run:
        run = empty_run(floor, product.size, TRACE if replication == 0 else 0)
        simulate(floor, product, release, warm, end, seed, replication, run)
        return run

    runs: list[Run] = []
    with ThreadPoolExecutor() as pool:
        for run in pool.map(one, range(replications)):
            runs.append(run)
            if progress and not progress(len(runs) / replications):
                pool.shutdown(cancel_futures=True)
                break
    kinds = tables.tables["products"].height
    left = [(run.left >= warm) & ~np.isnan(run.left) for run in runs]
    through = [there & (run.scrapped < 0) for there, run in zip(left, runs, strict=True)]
    count = min(int(runs[0].traced[0]), TRACE)
    return Replications(
        hours=hours,
        good=np.array([np.bincount(product[there], minlength=kinds) for there in through], dtype=float),
        scrapped=np.array(
            [
                np.bincount(product[there & (run.scrapped >= 0)], minlength=kinds)
                for there, run in zip(left, runs, strict=True)
            ],
            dtype=float,
        ),
        lead_s=np.concatenate([(run.left - run.entered)[there] for there, run in zip(through, runs, strict=True)]),
        time_in=np.array([run.time_in for run in runs]) / (hours * HOUR),
        counts=np.array([run.counts for run in runs], dtype=float),
        held=np.array([run.held for run in runs]) / (hours * HOUR),
        first=(runs[0].trace_time[:count], runs[0].trace_unit[:count], runs[0].trace_place[:count]),
    )


def released(arrivals: pl.DataFrame, units: int) -> Floats:
    """Return the second from which each pack may begin: when the cells and parts for it have come, else never."""
    rows = arrivals.sort("hour")
    packs = np.floor(rows["packs"].cast(pl.Float64).cum_sum().to_numpy() + 1e-9).astype(np.int64)
    when = np.full(units, np.inf)
    begin = 0
    for hour, upto in zip(rows["hour"], packs, strict=True):
        when[begin : min(int(upto), units)] = hour * HOUR
        begin = max(begin, int(upto))
    return when


def most_units(floor: Floor, seconds: float) -> int:
    """Return more units than can enter a line in a time: its slowest station at its shortest times, and all places."""
    quickest = np.where(floor.shape == EXPONENTIAL, 0.0, floor.likely.min(axis=1) * np.minimum(floor.low, 1.0))
    servers = np.diff(floor.first)[: floor.likely.shape[0]]
    rate = float(np.min(servers / np.maximum(quickest, floor.likely.min(axis=1) / 2 + 1e-3)))
    places = int(np.where(floor.buffer < 0, 0, floor.buffer).sum() + floor.first[-1])
    return math.ceil(seconds * rate) + places + 1


def interval(values: Floats, share: float = 0.95) -> tuple[float, float, float]:
    """Return the mean of replications and the ends of its interval (Student's t)."""
    mean = float(values.mean())
    half = float(stats.t.ppf(0.5 + share / 2, values.size - 1) * values.std(ddof=1) / math.sqrt(values.size))
    return mean, mean - half, mean + half


def station_frame(tables: LineTables, floor: Floor, found: Replications) -> pl.DataFrame:
    """Return what each station does: station, name, channels, share of time in each state, waiting and in work (mean
    packs), first_pass, capacity_per_hour (alone, by likely times, failures, changes and what goes through again)."""
    stations = tables.tables["stations"]
    m = stations.height
    share = np.add.reduceat(found.time_in.mean(axis=0), floor.first[:-1], axis=0) / np.diff(floor.first)[:, None]
    counts, held = found.counts.mean(axis=0), found.held.mean(axis=0)
    return stations.select("station", "name", "channels").with_columns(
        *(pl.Series(state, share[:m, at]) for at, state in enumerate(STATES)),
        pl.Series("waiting", held[:m, 0]),
        pl.Series("in_work", held[:m, 1]),
        pl.Series("first_pass", counts[:, 1] / np.maximum(counts[:, 0], 1)),
        pl.Series("capacity_per_hour", capacity_per_hour(tables, floor)),
    )


def capacity_per_hour(tables: LineTables, floor: Floor) -> Floats:
    """Return packs an hour of each station alone:

        channels / (work (1 + mttr / mtbf) goes + change chance of a change) * 3600

    work is the mean over the mix, `goes` how often a pack is worked on here: (1 - f^(tries + 1)) / (1 - f), where f is
    the chance to fail. Changes are counted as if each channel saw every change of the sequence.
    """
    products = tables.tables["products"]
    order = sequence(tables, 2000)
    share = np.bincount(order, minlength=products.height) / order.size
    change = float((np.diff(order) != 0).mean())
    mean_factor = np.where(floor.shape == TRIANGULAR, (floor.low + 1.0 + floor.high) / 3, 1.0)
    work = (floor.likely @ share) * mean_factor
    stops = np.divide(floor.mttr, floor.mtbf, out=np.zeros_like(floor.mttr), where=floor.mtbf > 0)
    fails = 1.0 - floor.passes
    goes = np.where(fails < 1, (1 - fails ** (floor.tries + 1)) / np.maximum(1 - fails, 1e-12), floor.tries + 1)
    seconds = work * (1 + stops) * goes + floor.setup * change
    servers = np.diff(floor.first)[: work.size]
    return np.asarray(np.divide(HOUR * servers, seconds, out=np.full(work.size, np.inf), where=seconds > 0))
