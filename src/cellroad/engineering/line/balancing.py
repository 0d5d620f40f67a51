"""`balance`: which tasks at which station, so that the slowest takes as little time as it can, or stations are few?

The simple assembly line balancing problem (Baybars 1986; SALBP-1 and -2 in Scholl and Becker 2006): tasks with times
and predecessors, stations in a row. Between two tasks that follow each other the strong rows

    sum over s <= k of x[j, s] <= sum over s <= k of x[i, s]      for every station k, j after i

hold. Solved by HiGHS to a proven optimum, or told with its gap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

import highspy
import numpy as np
import polars as pl

from cellroad.chain.finding import ChainError, Finding
from cellroad.engineering.line.reading import LineTables


@dataclass(frozen=True, slots=True)
class Balance:
    """Tasks assigned to stations.

    tasks     task, station (1, 2, ... in the order of the line), seconds
    stations  station, seconds, idle_s (against the slowest), tasks
    seconds   of the slowest station; bound: proven least
    """

    tasks: pl.DataFrame
    stations: pl.DataFrame
    seconds: float
    bound: float

    @property
    def efficiency(self) -> float:
        """Work over the time of all stations."""
        return float(self.tasks["seconds"].sum()) / (self.seconds * self.stations.height) if self.seconds else 1.0


def balance(
    tasks: pl.DataFrame | LineTables, *, stations: int | None = None, cycle_s: float | None = None,
    time_limit: float = 30.0,
) -> Balance:  # fmt: skip
    """Return tasks assigned to so many stations with the least cycle, or within a cycle with the fewest stations.

    tasks  task, seconds, after (predecessors, separated by ';'), or a line with such a table

    Raises ValueError where neither or both of stations and cycle_s are given or a task is longer than the cycle,
    ChainError for tasks that follow themselves or what is not there.
    """
    rows = tasks.tables["tasks"] if isinstance(tasks, LineTables) else tasks
    if (stations is None) == (cycle_s is None):
        raise ValueError("give either stations or cycle_s: how many there are, or how long each may take")
    names = rows["task"].to_list()
    seconds = rows["seconds"].to_numpy().astype(float)
    follows = _follows(rows)
    if stations is not None:
        if stations < 1:
            raise ValueError(f"{stations} stations: expected at least one")
        return _solved(names, seconds, follows, stations, time_limit)
    assert cycle_s is not None
    if seconds.size and seconds.max() > cycle_s:
        long = names[int(seconds.argmax())]
        raise ValueError(f"task {long!r} takes {seconds.max():g} s: longer than a cycle of {cycle_s:g} s")
    least = max(math.ceil(seconds.sum() / cycle_s - 1e-9), 1)
    for count in range(least, len(names) + 1):
        found = _solved(names, seconds, follows, count, time_limit, cycle_s)
        if found.seconds <= cycle_s + 1e-6:
            return found
    raise ValueError(f"no assignment within {cycle_s:g} s was found in {time_limit:g} s")


@dataclass(frozen=True, slots=True)
class Staffing:
    """Tasks assigned to stations with the fewest people.

    tasks     task, station, seconds
    stations  station, machine_s, manual_s, people
    people    how many in all; bound: proven fewest
    """

    tasks: pl.DataFrame
    stations: pl.DataFrame
    people: int
    bound: int


def staff(tasks: pl.DataFrame | LineTables, *, stations: int, cycle_s: float, time_limit: float = 30.0) -> Staffing:
    """Return tasks assigned to so many stations within a cycle, with the fewest people.

    Machines do automatic and mixed tasks one after the other, people manual and mixed ones, beside the machine; several
    people at a station share its work:

        sum of t[i] x[i, s] over automatic and mixed i <= cycle
        sum of t[i] x[i, s] over manual and mixed i    <= cycle people[s]

    tasks  task, seconds, automation, after, or a line with such a table. Raises ValueError where nothing fits.
    """
    rows = tasks.tables["tasks"] if isinstance(tasks, LineTables) else tasks
    names, seconds = rows["task"].to_list(), rows["seconds"].to_numpy().astype(float)
    how = rows["automation"].cast(pl.String)
    machine, manual = (how != "manual").to_numpy(), (how != "automatic").to_numpy()
    n, m = seconds.size, stations
    model = _model(time_limit)
    x = _assigned(model, n, m, _follows(rows))
    most = math.ceil(float(seconds @ manual) / cycle_s)
    people = [model.addIntegral(lb=0, ub=most) for _ in range(m)]
    for s in range(m):
        model.addConstr(sum(float(seconds[i]) * x[i][s] for i in range(n) if machine[i]) + 0 * people[s] <= cycle_s)
        model.addConstr(sum(float(seconds[i]) * x[i][s] for i in range(n) if manual[i]) <= cycle_s * people[s])
    model.minimize(sum(people))
    values = np.asarray(model.getSolution().col_value)
    if (
        model.getModelStatus() == highspy.HighsModelStatus.kInfeasible
        or not values.size
        or (not np.isfinite(model.getObjectiveValue()))
    ):
        raise ValueError(f"{m} stations cannot do these tasks within {cycle_s:g} s; give more of either")
    place = values[: n * m].reshape(n, m).argmax(axis=1)
    frame = pl.DataFrame({
        "station": np.arange(1, m + 1), "machine_s": np.bincount(place, seconds * machine, m),
        "manual_s": np.bincount(place, seconds * manual, m), "people": np.rint(values[n * m :]).astype(np.int64),
    })  # fmt: skip
    bound = math.ceil(model.getInfo().mip_dual_bound - 1e-6)
    return Staffing(_frame(names, seconds, (place + 1).tolist()), frame, int(frame["people"].sum()), bound)


def _model(time_limit: float) -> highspy.Highs:
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("time_limit", time_limit)
    model.setOptionValue("threads", 0)
    return model


def _assigned(model: highspy.Highs, tasks: int, stations: int, follows: list[tuple[int, int]]) -> list[list[Any]]:
    """Return whether each task stands at each station: at one of them, and not before those it follows."""
    x = [[model.addBinary() for _ in range(stations)] for _ in range(tasks)]
    for i in range(tasks):
        model.addConstr(sum(x[i]) == 1)
    for i, j in follows:
        for k in range(stations - 1):
            model.addConstr(sum(x[j][s] for s in range(k + 1)) <= sum(x[i][s] for s in range(k + 1)))
    return x


def _follows(rows: pl.DataFrame) -> list[tuple[int, int]]:
    """Return which task comes after which, by their rows."""
    at = {name: row for row, name in enumerate(rows["task"])}
    pairs, wrong = [], []
    for row, text in enumerate(rows["after"].fill_null("")):
        for name in filter(None, (part.strip() for part in text.split(";"))):
            if name in at:
                pairs.append((at[name], row))
            else:
                wrong.append(Finding("blocker", "tasks", row + 2, "after", repr(name), "a task", "Correct the name."))
    if wrong:
        raise ChainError(wrong)
    try:
        TopologicalSorter({j: {i for i, k in pairs if k == j} for j in range(rows.height)}).prepare()
    except CycleError as ring:
        told = " -> ".join(rows["task"][i] for i in ring.args[1])
        raise ChainError([
            Finding("blocker", "tasks", None, "after", f"tasks in a ring: {told}", "an order", "Remove one of them.")
        ]) from None  # fmt: skip
    return pairs


def _solved(
    names: list[str], seconds: np.ndarray, follows: list[tuple[int, int]], stations: int, time_limit: float,
    cycle_s: float | None = None,
) -> Balance:  # fmt: skip
    """Return the least cycle of so many stations; with a cycle, the first assignment that is within it."""
    n, m = seconds.size, stations
    model = _model(time_limit)
    least = max(seconds.sum() / m, seconds.max(initial=0.0))
    cycle = model.addVariable(lb=least, ub=highspy.kHighsInf if cycle_s is None else cycle_s)
    x = _assigned(model, n, m, follows)
    for s in range(m):
        model.addConstr(sum(float(seconds[i]) * x[i][s] for i in range(n)) <= cycle)
    model.minimize(cycle if cycle_s is None else 0 * cycle)
    if model.getModelStatus() == highspy.HighsModelStatus.kInfeasible or not np.isfinite(model.getObjectiveValue()):
        return Balance(_frame(names, seconds, [0] * n), pl.DataFrame(), math.inf, least)
    values = np.asarray(model.getSolution().col_value)
    if not values.size:
        return Balance(_frame(names, seconds, [0] * n), pl.DataFrame(), math.inf, least)
    place = values[1:].reshape(n, m).argmax(axis=1)
    load = np.bincount(place, seconds, m)
    frame = pl.DataFrame({
        "station": np.arange(1, m + 1), "seconds": load, "idle_s": load.max() - load,
        "tasks": np.bincount(place, minlength=m),
    })  # fmt: skip
    bound = model.getInfo().mip_dual_bound if cycle_s is None else least
    return Balance(_frame(names, seconds, (place + 1).tolist()), frame, float(load.max()), float(max(bound, least)))


def _frame(names: list[str], seconds: np.ndarray, station: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"task": names, "station": station, "seconds": seconds}).sort("station", maintain_order=True)
