"""On what does the value of a plan hang most? Bars to either side of it, the widest on top."""

from __future__ import annotations

import polars as pl

from cellroad.plan.why.sensitivity import Tornado
from cellroad.show.charts.base import DOLLARS, Option, base, grid, legend, scale, short
from cellroad.show.palette import BLUE, ORANGE


def table(tornado: Tornado) -> pl.DataFrame:
    """Return the bars: lever, low_change_usd, high_change_usd (against the plan), the widest first."""
    return tornado.frame.select("lever", "low_change_usd", "high_change_usd")


def chart(tornado: Tornado) -> Option:
    """Return horizontal bars of the change of the net present value with each lever down and up."""
    frame = table(tornado).reverse()
    widest = pl.max_horizontal(pl.col("low_change_usd").abs(), pl.col("high_change_usd").abs()).max()
    divisor, unit = scale(float(frame.select(widest).item() or 0.0), DOLLARS)
    names = [f"{100 * tornado.change:g} % less", f"{100 * tornado.change:g} % more"]
    return base(
        "Horizontal bars: how the net present value changes when one thing is less or more than planned.",
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        legend=legend(names),
        grid=grid(names, bottom=36),
        xAxis={"type": "value", "name": f"Change of value, {unit}", "nameLocation": "middle", "nameGap": 28},
        yAxis={"type": "category", "data": frame["lever"].to_list(), "axisTick": {"show": False}},
        series=[
            {
                "type": "bar",
                "name": name,
                "barGap": "-100%",
                "itemStyle": {"color": colour},
                "data": short(frame[column].fill_null(0.0), divisor),
            }
            for name, column, colour in zip(names, frame.columns[1:], (ORANGE, BLUE), strict=True)
        ],
    )
