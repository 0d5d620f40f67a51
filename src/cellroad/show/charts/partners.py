"""What is the plan worth to each partner, by date, with what it holds of the others?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts.base import (
    DOLLARS,
    Option,
    base,
    by_step,
    grid,
    legend,
    names,
    scale,
    short,
    time_axis,
    value_axis,
    wide,
)
from cellroad.show.palette import series


def table(plan: Plan) -> pl.DataFrame:
    """Return value so far by step of time: when, and discounted USD of each partner, added up, a column each."""
    moved = plan.partner_cash.filter((pl.col("partner") != "") & (pl.col("discounted_usd") != 0))
    called = names(plan.chain, "partners")
    told = by_step(plan, moved).with_columns(partner=pl.col("partner").replace(called))
    order = [called.get(name, name) for name in plan.values.sort("usd", descending=True)["partner"]]
    frame = wide(plan, told, "partner", "discounted_usd", order).fill_null(0.0)
    return frame.select("when", *(pl.col(name).cum_sum().alias(f"{name}, $") for name in frame.columns[1:]))


def chart(plan: Plan) -> Option:
    """Return a line of value so far for each partner."""
    frame = table(plan)
    called = [name.removesuffix(", $") for name in frame.columns[1:]]
    largest = max((float(frame[name].abs().max() or 0.0) for name in frame.columns[1:]), default=0.0)  # type: ignore[arg-type]
    divisor, unit = scale(largest, DOLLARS)
    return base(
        f"Lines of net present value so far in {unit}, one for each partner, with its part of what it holds of others.",
        tooltip={"trigger": "axis", "confine": True},
        legend=legend(called),
        grid=grid(called),
        xAxis=time_axis(frame["when"].to_list()),
        yAxis=value_axis(unit),
        series=[
            {"type": "line", "name": name, "symbol": "none", "lineStyle": {"width": 2, "color": series(n)},
             "itemStyle": {"color": series(n)}, "data": short(frame[column], divisor)}
            for n, (name, column) in enumerate(zip(called, frame.columns[1:], strict=True))
        ],
    )  # fmt: skip
