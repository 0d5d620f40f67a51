"""How much stock that can expire is on hand, and how much of its life is left when it is used?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts.base import (
    COUNT,
    Option,
    base,
    by_step,
    grid,
    legend,
    scale,
    short,
    time_axis,
    value_axis,
    wide,
)
from cellroad.show.palette import BLUE, ORANGE, SKY

LEFT = {"more than half of its life left": BLUE, "a quarter to a half left": SKY, "less than a quarter left": ORANGE}


def table(plan: Plan) -> pl.DataFrame:
    """Return stock that can expire at the end of each step of time: when, units by what is left of its shelf life."""
    left = 1 - pl.col("age_months") / pl.col("shelf_months")
    first, second, third = LEFT
    words = pl.when(left > 0.5).then(pl.lit(first)).when(left >= 0.25).then(pl.lit(second)).otherwise(pl.lit(third))
    stock = by_step(plan, plan.ages.filter(pl.col("shelf_months").is_finite())).with_columns(left=words)
    last = stock.filter(pl.col("period") == pl.col("period").max().over("when"))
    return wide(plan, last, "left", "quantity", list(LEFT)).fill_null(0.0)


def chart(plan: Plan) -> Option | None:
    """Return stacked bars of stock by what is left of its life; nothing where several steps have none."""
    frame = table(plan)
    kinds = frame.columns[1:]
    if not kinds:
        return None
    largest = float(frame.select(pl.sum_horizontal(kinds)).to_series().max() or 0.0)  # type: ignore[arg-type]
    divisor, unit = scale(largest, COUNT)
    return base(
        "Stacked bars of stock that can expire, by what is left of its shelf life when it is used next.",
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        legend=legend(kinds),
        grid=grid(kinds),
        xAxis=time_axis(frame["when"].to_list()),
        yAxis=value_axis("Units on hand" if unit == "units" else f"On hand, {unit}"),
        series=[
            {"type": "bar", "name": name, "stack": "age", "barCategoryGap": "25%", "itemStyle": {"color": LEFT[name]},
             "data": short(frame[name], divisor)}
            for name in kinds
        ],
    )  # fmt: skip
