"""What money comes in and goes out, and what is it worth today when it is all added up?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import CASH_KINDS, Plan
from cellroad.show.charts.base import (
    DOLLARS,
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
from cellroad.show.palette import CASH, WORDS

SUM = "Net present value so far"


def table(plan: Plan) -> pl.DataFrame:
    """Return cash by step of time: when, USD by kind (income positive) a column each, and the discounted sum so far."""
    kinds = by_step(plan, plan.cash).with_columns(kind=pl.col("kind").cast(pl.String).replace(WORDS))
    frame = wide(plan, kinds, "kind", "usd", [WORDS[kind] for kind in CASH_KINDS]).fill_null(0.0)
    worth = kinds.group_by("when").agg(worth=pl.col("discounted_usd").sum())
    kept = [name for name in frame.columns[1:] if frame[name].abs().max() > 1e-9]  # type: ignore[operator]
    return (
        frame.join(worth, on="when", how="left", maintain_order="left")
        .with_columns(pl.col("worth").fill_null(0.0).cum_sum())
        .select("when", *(pl.col(name).alias(f"{name}, $") for name in kept), pl.col("worth").alias(f"{SUM}, $"))
        if kept
        else pl.DataFrame(schema={"when": pl.String})
    )


def chart(plan: Plan) -> Option:
    """Return stacked bars of nominal cash by kind and a line of net present value so far."""
    frame = table(plan)
    columns = frame.columns[1:]
    kinds = [name.removesuffix(", $") for name in columns[:-1]]
    colour = {WORDS[kind]: CASH[kind] for kind in CASH_KINDS}
    largest = max((float(frame[name].abs().max() or 0.0) for name in columns), default=0.0)  # type: ignore[arg-type]
    divisor, unit = scale(largest, DOLLARS)
    line = {
        "type": "line",
        "name": SUM,
        "symbol": "none",
        "lineStyle": {"width": 2.5, "type": "solid"},
        "z": 5,
        "data": short(frame[columns[-1]], divisor) if columns else [],
    }
    return base(
        f"Stacked bars of cash in {unit} by kind with a line of net present value so far.",
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        legend=legend([SUM, *kinds]),
        grid=grid([SUM, *kinds]),
        xAxis={**time_axis(frame["when"].to_list()), "axisLine": {"onZero": False}},
        yAxis=value_axis(unit),
        series=[
            *(
                {
                    "type": "bar",
                    "name": name,
                    "stack": "cash",
                    "barCategoryGap": "25%",
                    "itemStyle": {"color": colour[name]},
                    "data": short(frame[column], divisor),
                }
                for name, column in zip(kinds, columns, strict=False)
            ),
            line,
        ],
    )
