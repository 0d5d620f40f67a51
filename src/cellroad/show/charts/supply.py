"""Which source supplies the energy that is sold, and when does that change?

One stage of the chain is shown: cells where the chain knows them, else the next one on. What is sold without passing
through that stage (a pack bought complete) is told as such, so that every step adds up to the energy sold.
"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts.base import (
    ENERGY,
    Option,
    base,
    brief,
    by_step,
    call,
    grid,
    legend,
    names,
    scale,
    short,
    time_axis,
    value_axis,
    wide,
)
from cellroad.show.palette import GREY, series

STAGES = ("cell", "module", "pack", "system", "component", "material")
COMPLETE = "bought or on hand complete"
ON_HAND = "on hand at the start"


def stage(plan: Plan) -> str:
    """Return the stage whose sources are shown."""
    present = set(plan.origins["stage"].cast(pl.String))
    return next((stage for stage in STAGES if stage in present), "cell")


def table(plan: Plan) -> pl.DataFrame:
    """Return energy sold by step of time and by source of its cells: when, one column of kWh per source."""
    place, what = call("site", names(plan.chain, "sites")), call("item", names(plan.chain, "items"))
    first = pl.when(pl.col("how") == "on hand").then(pl.lit(ON_HAND)).otherwise(brief(place, what))
    of_stage = plan.origins.filter(pl.col("stage").cast(pl.String) == stage(plan)).with_columns(source=first)
    sold = by_step(plan, plan.sales).group_by("when", maintain_order=True).agg(pl.col("kwh").sum())
    traced = by_step(plan, of_stage).group_by("when", "source", maintain_order=True).agg(pl.col("kwh").sum())
    rest = (
        sold.join(traced.group_by("when").agg(known=pl.col("kwh").sum()), on="when", how="left")
        .with_columns(kwh=pl.col("kwh") - pl.col("known").fill_null(0.0))
        .filter(pl.col("kwh") > 1e-6 * max(float(sold["kwh"].sum()), 1.0))
        .select("when", pl.lit(COMPLETE).alias("source"), "kwh")
    )
    order = traced["source"].unique(maintain_order=True).to_list()
    frame = wide(plan, pl.concat([traced, rest]), "source", "kwh", [*order, COMPLETE]).fill_null(0.0)
    return frame.rename({name: f"{name}, kWh" for name in frame.columns[1:]})


def chart(plan: Plan) -> Option:
    """Return stacked bars of energy sold by source."""
    frame = table(plan)
    sources = frame.columns[1:]
    total = frame.select(pl.sum_horizontal(sources) if sources else pl.lit(0.0)).to_series()
    divisor, unit = scale(float(total.max() or 0.0), ENERGY)  # type: ignore[arg-type]
    shown = [name.removesuffix(", kWh") for name in sources]
    return base(
        f"Stacked bars of energy sold in {unit} by the source of its {stage(plan)}s: {', '.join(shown)}.",
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        legend=legend(shown),
        grid=grid(shown),
        xAxis=time_axis(frame["when"].to_list()),
        yAxis=value_axis(f"{unit} sold"),
        series=[
            {
                "type": "bar",
                "name": name,
                "stack": "supply",
                "barCategoryGap": "25%",
                "itemStyle": {"color": GREY if name == COMPLETE else series(index)},
                "data": short(frame[column], divisor),
            }
            for index, (name, column) in enumerate(zip(shown, sources, strict=True))
        ],
    )
