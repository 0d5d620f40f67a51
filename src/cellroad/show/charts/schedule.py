"""When is each line decided, built and running, and each certificate worked for and held?"""

from __future__ import annotations

import datetime as dt

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show import format as fmt
from cellroad.show.charts.base import Option, base, below, legend, names, tip
from cellroad.show.palette import BUILD, CERTIFY, CLOSE, RUN

PHASES = {
    "Building": BUILD, "Certification campaign": CERTIFY, "Notice of closing": CLOSE, "In operation or valid": RUN,
}  # fmt: skip


def table(plan: Plan) -> pl.DataFrame:
    """Return what is opened and closed, in order of decision: kind, name, site, decided, ready, ends, cost_usd,
    residual_usd."""
    called = names(plan.chain, "sites")
    return plan.openings.sort("decided", "ready").select(
        pl.col("kind").cast(pl.String),
        opening_name(),
        pl.col("site").cast(pl.String).replace(called),
        "decided",
        "ready",
        "ends",
        "cost_usd",
        "residual_usd",
    )


def opening_name(ids: str = "what") -> pl.Expr:
    """Return what people call an opening; its id, from the column `ids`, where it has no name."""
    return pl.when(pl.col("name").fill_null("") == "").then(pl.col(ids)).otherwise(pl.col("name")).alias("name")


def chart(plan: Plan) -> Option:
    """Return a Gantt chart: one row per opening or closure, the time to build it, then the time in operation.

    Bars are drawn by a custom series called `gantt` (row, from, to), registered once by the page.
    """
    frame = table(plan)
    end = _stamp(plan.periods["end"].max())
    rows = list(enumerate(frame.iter_rows(named=True)))
    before = {"option": "Building", "certificate": "Certification campaign", "closure": "Notice of closing"}
    bars: dict[str, list[Option]] = {phase: [] for phase in PHASES}
    for index, row in rows:
        words = (f"decided {fmt.day(row['decided'])}, ready {fmt.day(row['ready'])}", fmt.money(row["cost_usd"]))
        decided, ready = _stamp(row["decided"]), _stamp(row["ready"])
        phase = before.get(row["kind"], "Building")
        bars[phase].append({"value": [index, decided, ready], "tooltip": tip(row["name"], *words)})
        until = end if row["ends"] is None else min(end, _stamp(row["ends"]))
        if until > ready and row["kind"] != "closure":
            bars["In operation or valid"].append({"value": [index, ready, until], "tooltip": tip(row["name"], *words)})
    used = [phase for phase in PHASES if bars[phase]]
    spoken = "; ".join(f"{row['name']} decided {fmt.day(row['decided'])}" for _, row in rows)
    return base(
        f"Gantt chart of {len(rows)} openings: {spoken}.",
        legend=legend(used),
        grid={"left": 8, "right": 24, "top": 16 + below(used), "bottom": 8, "containLabel": True},
        xAxis={
            "type": "time",
            "min": _stamp(plan.periods["start"].min()),
            "max": end,
            "splitLine": {"show": True},
        },
        yAxis={
            "type": "category",
            "inverse": True,
            "data": [f"{row['name']}, {fmt.money(row['cost_usd'])}" for _, row in rows],
            "axisLabel": {"width": 240, "overflow": "break", "lineHeight": 15},
            "axisTick": {"show": False},
        },
        series=[
            {
                "type": "custom",
                "renderItem": "gantt",
                "name": phase,
                "itemStyle": {"color": PHASES[phase]},
                "encode": {"x": [1, 2], "y": 0},
                "data": bars[phase],
            }
            for phase in used
        ],
    )


def _stamp(date: object) -> int:
    if not isinstance(date, dt.date):
        return 0
    return int(dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC).timestamp() * 1000)
