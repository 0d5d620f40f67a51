"""How much of what the market wants does it get, and where does it fall short?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts.base import (
    COUNT,
    Option,
    base,
    by_step,
    call,
    grid,
    legend,
    names,
    scale,
    short,
    step_labels,
    time_axis,
    value_axis,
)
from cellroad.show.palette import SERVED, SHORT


def table(plan: Plan) -> pl.DataFrame:
    """Return demand by step of time and market: when, market, wanted, served, short (wants), served_share."""
    sums = (
        by_step(plan, plan.shortages)
        .group_by("when", "market", maintain_order=True)
        .agg(pl.col("wanted").sum(), short=pl.col("quantity").sum())
    )
    return sums.select(
        "when",
        call("market", names(plan.chain, "sites")),
        "wanted",
        served=pl.col("wanted") - pl.col("short"),
        short="short",
        served_share=pl.when(pl.col("wanted") > 0).then(1 - pl.col("short") / pl.col("wanted")),
    )


def chart(plan: Plan) -> Option:
    """Return stacked bars of demand served and short."""
    labels = step_labels(plan)
    sums = table(plan).group_by("when").agg(pl.col("wanted").sum(), pl.col("served").sum(), pl.col("short").sum())
    frame = pl.DataFrame({"when": labels}).join(sums, on="when", how="left", maintain_order="left").fill_null(0.0)
    divisor, unit = scale(float(frame["wanted"].max() or 0.0), COUNT)  # type: ignore[arg-type]
    title = "Wanted" if unit == "units" else f"Wanted, {unit}"
    return base(
        "Stacked bars of demand over time: what is served and what falls short.",
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        legend=legend(["Served", "Short"]),
        grid=grid(["Served", "Short"]),
        xAxis=time_axis(labels),
        yAxis=value_axis(title),
        series=[
            {
                "type": "bar",
                "name": name,
                "stack": "demand",
                "barCategoryGap": "25%",
                "itemStyle": {"color": colour},
                "data": short(frame[column], divisor),
            }
            for name, column, colour in (("Served", "served", SERVED), ("Short", "short", SHORT))
        ],
    )
