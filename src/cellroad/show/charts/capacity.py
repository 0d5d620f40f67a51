"""Which lines are the narrow place, and when?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show import format as fmt
from cellroad.show.charts.base import Option, base, brief, by_step, call, names, step_labels, tip, wide
from cellroad.show.palette import RAMP


def table(plan: Plan) -> pl.DataFrame:
    """Return use of capacity by step of time: when, one column of share per resource; blank while it is not there."""
    shares = _shares(plan)
    order = shares["called"].unique(maintain_order=True).to_list()
    frame = wide(plan, shares, "called", "share", order)
    return frame.rename({name: f"{name}, %" for name in frame.columns[1:]})


def _shares(plan: Plan) -> pl.DataFrame:
    called = names(plan.chain, "resources")
    return (
        by_step(plan, plan.capacity.filter(pl.col("hours_available") > 0))
        .group_by("resource", "site", "when", maintain_order=True)
        .agg(pl.col("hours_used").sum(), pl.col("hours_available").sum())
        .with_columns(
            called=brief(call("resource", called), call("site", names(plan.chain, "sites"))),
            share=pl.col("hours_used") / pl.col("hours_available"),
        )
    )


def chart(plan: Plan) -> Option:
    """Return a heatmap: a row per resource, a column per step of time, darker the fuller."""
    shares = _shares(plan)
    resources = shares["called"].unique(maintain_order=True).to_list()
    labels = step_labels(plan)
    row_of, column_of = {r: i for i, r in enumerate(resources)}, {w: i for i, w in enumerate(labels)}
    data = [
        {
            "value": [column_of[row["when"]], row_of[row["called"]], round(100 * row["share"], 1)],
            "tooltip": tip(row["called"], f"{row['when']}: {fmt.share(row['share'])} of capacity"),
        }
        for row in shares.iter_rows(named=True)
    ]
    return base(
        f"Heatmap of the use of capacity of {', '.join(resources)} over time, in percent.",
        grid={"left": 8, "right": 16, "top": 48, "bottom": 8, "containLabel": True},
        xAxis={"type": "category", "data": labels, "splitArea": {"show": False}, "axisTick": {"show": False}},
        yAxis={
            "type": "category",
            "inverse": True,
            "data": resources,
            "axisLabel": {"width": 230, "overflow": "break", "lineHeight": 14},
            "axisTick": {"show": False},
        },
        visualMap={
            "min": 0,
            "max": 100,
            "orient": "horizontal",
            "left": 0,
            "top": 0,
            "itemWidth": 12,
            "itemHeight": 120,
            "text": ["100 % of capacity", "0"],
            "inRange": {"color": list(RAMP)},
        },
        series=[{"type": "heatmap", "data": data, "itemStyle": {"borderWidth": 1.5}}],
    )
