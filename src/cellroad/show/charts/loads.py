"""How many containers leave on which lane, and when?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.plan.transport.containers import WITH_DANGEROUS
from cellroad.show.charts.base import (
    Option,
    base,
    by_step,
    call,
    grid,
    legend,
    names,
    short,
    time_axis,
    value_axis,
    wide,
)
from cellroad.show.palette import series

MOST, OTHERS = 8, "other lanes"
"""Lanes that are drawn apart; the smallest of more are added up."""


def table(plan: Plan) -> pl.DataFrame:
    """Return containers by step of time: when, one column for each lane, the busiest first."""
    loads = boxes(plan)
    if loads.is_empty():
        return pl.DataFrame(schema={"when": pl.String})
    called = names(plan.chain, "sites")
    lanes = plan.chain.lanes.select(
        "lane", name=pl.format("{} → {}", call("origin", called), call("destination", called))
    )
    named = by_step(plan, loads).join(lanes, on="lane", how="left", maintain_order="left")
    largest = named.group_by("name", maintain_order=True).agg(pl.col("containers").sum())
    order = largest.sort("containers", descending=True)["name"].to_list()
    if len(order) > MOST:
        kept = order[: MOST - 1]
        named = named.with_columns(name=pl.when(pl.col("name").is_in(kept)).then("name").otherwise(pl.lit(OTHERS)))
        order = [*kept, OTHERS]
    return wide(plan, named, "name", "containers", order).fill_null(0.0)


def chart(plan: Plan) -> Option | None:
    """Return stacked bars of containers by lane."""
    frame = table(plan)
    lanes = frame.columns[1:]
    if not lanes:
        return None
    return base(
        f"Stacked bars of containers over time by lane: {', '.join(lanes)}.",
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        legend=legend(lanes),
        grid=grid(lanes),
        xAxis=time_axis(frame["when"].to_list()),
        yAxis=value_axis("Containers"),
        series=[
            {"type": "bar", "name": name, "stack": "containers", "barCategoryGap": "25%",
             "itemStyle": {"color": series(n)}, "data": short(frame[name])}
            for n, name in enumerate(lanes)
        ],
    )  # fmt: skip


def boxes(plan: Plan) -> pl.DataFrame:
    """Return the containers of the lanes that are paid or limited by containers, or that sail on a timetable: lane,
    period, start, months, kg, dg_kg, filled, containers (sent; as many as are filled where parts are paid),
    freight_usd (with the surcharge for dangerous goods; null where parts are paid), whole.
    """
    if plan.loads.is_empty():
        return pl.DataFrame()
    counted = (pl.col("cost_per") == "container") | (pl.col("whole_containers") == "yes")
    counted |= pl.any_horizontal(pl.col("max_containers_per_month", "every_weeks").is_not_null())
    lanes = plan.chain.lanes.filter(counted).select("lane")
    surcharge = pl.col("cargo") == WITH_DANGEROUS
    mine = plan.loads.join(lanes, on="lane", how="semi")
    return (
        mine.group_by("lane", "period", "start", maintain_order=True)
        .agg(
            pl.col("kg", "dg_kg", "filled").filter(~surcharge).sum(),
            containers=pl.coalesce("containers", "filled").filter(~surcharge).sum(),
            freight_usd=pl.col("freight_usd").sum(), whole=pl.col("containers").is_not_null().any(),
        )
        .join(plan.periods.select("period", "months"), on="period", how="left", maintain_order="left")
        .sort("lane", "period")
    )  # fmt: skip
