"""`critical_path`: when is work with predecessors done on real calendars, what may slip, how likely is a date?

Work begins on the first worked day after all that comes before it, and takes so many worked days of its own calendar.
Backwards from the end the same says how late it may begin; the worked days in between are its slack (Kelley and Walker
1959). Where durations are uncertain, each is drawn from a triangle of low, likely and high, and the same passes run on
all draws at once; how often a task has no slack is its criticality (Van Slyke 1963).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.calendars import ALWAYS_OPEN, working

Ints = NDArray[np.int64]
YEARS = 30
"""Years after the start for which calendars are laid out."""


@dataclass(frozen=True)
class Task:
    """Work: worked days that it takes (low, likely and high are alike where one is known), on a calendar.

    A task of no days is a milestone. `earliest` is a day before which it cannot begin.
    """

    task: str
    days: int
    after: tuple[str, ...] = ()
    calendar: str = ALWAYS_OPEN
    low: int | None = None
    high: int | None = None
    earliest: dt.date | None = None


@dataclass(frozen=True)
class Path:
    """The dates of tasks.

    tasks   task, start, finish, latest_start, latest_finish, slack_days (worked days of its calendar), critical,
            criticality (share of draws without slack; null without draws)
    finish  the day on which all is done with likely durations
    ends    finish of every draw, empty without draws: days
    """

    tasks: pl.DataFrame
    finish: dt.date
    ends: NDArray[np.datetime64]

    @property
    def critical(self) -> list[str]:
        """Return the tasks without slack in order of their start: what moves the finish."""
        return self.tasks.filter("critical").sort("start", "finish")["task"].to_list()

    def probability(self, by: dt.date) -> float | None:
        """Return how likely all is done by a day (its end included), None where nothing was drawn."""
        return float((self.ends <= np.datetime64(by)).mean()) if self.ends.size else None

    def quantile(self, share: float) -> dt.date | None:
        """Return the first day by which all is done in so large a share of draws, None where nothing was drawn."""
        if not self.ends.size:
            return None
        ranked = np.sort(self.ends)
        return dt.date.fromisoformat(str(ranked[max(math.ceil(share * ranked.size) - 1, 0)]))


def critical_path(tasks: Sequence[Task], start: dt.date, *, draws: int = 0, seed: int = 0) -> Path:
    """Return when tasks that begin at `start` or later begin and end, and which have no slack.

    draws   how often uncertain durations are drawn, from one stream for every task, so that an added task leaves the
            draws of the others alone

    Raises ValueError for tasks that follow themselves or a task that is not there, with all that is wrong at once.
    """
    order = _order(tasks)
    ways = {name: _Days(name, start) for name in {task.calendar for task in tasks}}
    likely = {task.task: np.array([task.days]) for task in tasks}
    early = _forward(order, ways, likely, start)
    end = max(int(ready[0]) for _, ready in early.values())
    late = _backward(order, ways, likely, end)
    ends: NDArray[np.datetime64] = np.zeros(0, dtype="datetime64[D]")
    criticality: dict[str, float | None] = {task.task: None for task in tasks}
    if draws:
        drawn = {task.task: _draw(task, draws, seed) for task in tasks}
        some = _forward(order, ways, drawn, start)
        last = np.max([ready for _, ready in some.values()], axis=0)
        latest = _backward(order, ways, drawn, last)
        criticality = {
            task.task: float((ways[task.calendar].between(some[task.task][0], latest[task.task][0]) == 0).mean())
            for task in tasks
        }
        ends = (np.datetime64(start) + last - 1).astype("datetime64[D]")
    rows = []
    for task in tasks:
        way, (begins, ready), (by, over) = ways[task.calendar], early[task.task], late[task.task]
        slack = int(way.between(begins, by)[0])
        dates = (begins, ready - 1, by, way.before(over)) if task.days else (ready - 1, ready - 1, over - 1, over - 1)
        rows.append(
            (task.task, *(_day(start, max(at[0], 0)) for at in dates), slack, slack == 0, criticality[task.task])
        )
    frame = pl.DataFrame(rows, schema=_TASKS, orient="row")
    return Path(frame, _day(start, end - 1), ends)


_TASKS = {
    "task": pl.String, "start": pl.Date, "finish": pl.Date, "latest_start": pl.Date, "latest_finish": pl.Date,
    "slack_days": pl.Int64, "critical": pl.Boolean, "criticality": pl.Float64,
}  # fmt: skip


class _Days:
    """The worked days of a calendar, counted from the start: day[n] is one of them, upto[d] how many lie before d."""

    def __init__(self, calendar: str, start: dt.date) -> None:
        open_ = working(calendar, start, start.replace(year=start.year + YEARS, day=1))
        self.day: Ints = np.flatnonzero(open_)
        self.upto: Ints = np.concatenate([[0], np.cumsum(open_)])

    def ahead(self, ready: Ints, days: Ints) -> tuple[Ints, Ints]:
        """Return first day and the day after the last of work that may begin on `ready` and takes so many days."""
        first = self.upto[ready]
        begins = np.where(days > 0, self.day[first], ready)
        return begins, np.where(days > 0, self.day[first + np.maximum(days, 1) - 1] + 1, ready)

    def back(self, over: Ints, days: Ints) -> tuple[Ints, Ints]:
        """Return the last days on which work may begin that must be over before a day."""
        last = np.maximum(self.upto[over] - days, 0)
        return np.where(days > 0, self.day[last], over), over

    def before(self, over: Ints) -> Ints:
        """Return the last worked day before a day."""
        return self.day[np.maximum(self.upto[over] - 1, 0)]

    def between(self, one: Ints, other: Ints) -> Ints:
        """Return how many worked days lie from one day to before another."""
        return self.upto[other] - self.upto[one]


Spans = dict[str, tuple[Ints, Ints]]


def _forward(order: Sequence[Task], ways: dict[str, _Days], days: dict[str, Ints], start: dt.date) -> Spans:
    spans: Spans = {}
    for task in order:
        mine = days[task.task]
        ready = np.zeros(mine.size, dtype=np.int64)
        if task.earliest is not None:
            ready = ready + max((task.earliest - start).days, 0)
        for before in task.after:
            ready = np.maximum(ready, spans[before][1])
        spans[task.task] = ways[task.calendar].ahead(ready, mine)
    return spans


def _backward(order: Sequence[Task], ways: dict[str, _Days], days: dict[str, Ints], end: int | Ints) -> Spans:
    spans: Spans = {}
    for task in reversed(order):
        mine = days[task.task]
        over = np.zeros(mine.size, dtype=np.int64) + end
        for later in order:
            if task.task in later.after:
                over = np.minimum(over, spans[later.task][0])
        spans[task.task] = ways[task.calendar].back(over, mine)
    return spans


def _draw(task: Task, draws: int, seed: int) -> Ints:
    """Return durations of a task in whole days, drawn from a triangle; the stream hangs on its name alone."""
    low, high = task.days if task.low is None else task.low, task.days if task.high is None else task.high
    if low == high:
        return np.full(draws, task.days)
    numbers = np.random.default_rng([seed, *task.task.encode()])
    return np.ceil(numbers.triangular(low, task.days, high, draws) - 0.5).astype(np.int64)


def _order(tasks: Sequence[Task]) -> list[Task]:
    """Return the tasks, each after those before it."""
    named = {task.task: task for task in tasks}
    wrong = [
        *(["there is no task"] if not tasks else []),
        *(f"task {name!r} stands there twice" for name in named if sum(task.task == name for task in tasks) > 1),
        *(
            f"task {task.task!r} comes after {before!r}, which is not a task"
            for task in tasks for before in task.after if before not in named
        ),
        *(
            f"task {task.task!r} takes {task.low}, {task.days} or {task.high} days: expected 0 <= low <= likely <= high"
            for task in tasks
            if not 0 <= (task.days if task.low is None else task.low) <= task.days
            <= (task.days if task.high is None else task.high)
        ),
    ]  # fmt: skip
    if wrong:
        raise ValueError("\n".join(wrong))
    try:
        return [named[name] for name in TopologicalSorter({task.task: task.after for task in tasks}).static_order()]
    except CycleError as error:
        raise ValueError(f"tasks follow each other in a ring: {' -> '.join(error.args[1])}") from None


def _day(start: dt.date, count: int | np.int64) -> dt.date:
    return start + dt.timedelta(days=int(count))
