"""When is each piece of work done, how long may it slip, and what does the end hang on?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from cellroad.plan.schedule.critical import Path
from cellroad.show import format as fmt
from cellroad.show.charts.base import Option, base, below, legend, tip
from cellroad.show.palette import BLUE, GREY, VERMILLION

PHASES = {"Critical": VERMILLION, "Work": BLUE, "May slip until": GREY}


def table(path: Path, called: Mapping[str, str]) -> pl.DataFrame:
    """Return the tasks in order of their start, with the names that people give them."""
    return path.tasks.sort("start", "finish", maintain_order=True).with_columns(pl.col("task").replace(dict(called)))


def chart(path: Path, called: Mapping[str, str]) -> Option:
    """Return a Gantt chart: a bar for each task, and behind it how long it may slip before the end does."""
    rows = list(enumerate(table(path, called).iter_rows(named=True)))
    bars: dict[str, list[Option]] = {phase: [] for phase in PHASES}
    for index, row in rows:
        begins, over = _stamp(row["start"]), _stamp(row["finish"]) + DAY
        words = [f"{fmt.day(row['start'])} to {fmt.day(row['finish'])}",
                 f"may slip {row['slack_days']} worked days" if row["slack_days"] else "no slack"]  # fmt: skip
        if row["criticality"] is not None:
            words.append(f"critical in {row['criticality']:.0%} of draws")
        shown = {"value": [index, begins, over], "tooltip": tip(row["task"], *words)}
        bars["Critical" if row["critical"] else "Work"].append(shown)
        late = _stamp(row["latest_finish"]) + DAY
        if late > over:
            bars["May slip until"].append({"value": [index, over, late], "tooltip": tip(row["task"], *words)})
    used = [phase for phase in PHASES if bars[phase]]
    spoken = "; ".join(f"{row['task']} done {fmt.day(row['finish'])}" for _, row in rows)
    return base(
        f"Gantt chart of {len(rows)} milestones: {spoken}.",
        legend=legend(used),
        grid={"left": 8, "right": 24, "top": 16 + below(used), "bottom": 8, "containLabel": True},
        xAxis={"type": "time", "splitLine": {"show": True}, "min": min(_stamp(row["start"]) for _, row in rows),
               "max": max(_stamp(row["latest_finish"]) for _, row in rows) + DAY},
        yAxis={
            "type": "category", "inverse": True, "data": [row["task"] for _, row in rows],
            "axisLabel": {"width": 240, "overflow": "break", "lineHeight": 15}, "axisTick": {"show": False},
        },
        series=[
            {"type": "custom", "renderItem": "gantt", "name": phase, "itemStyle": {"color": PHASES[phase]},
             "encode": {"x": [1, 2], "y": 0}, "data": bars[phase]}
            for phase in used
        ],
    )  # fmt: skip


def pixels(count: int) -> int:
    """Return how high the chart of so many tasks is."""
    return 90 + 34 * count


DAY = 24 * 3600 * 1000


def _stamp(day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp() * 1000)
