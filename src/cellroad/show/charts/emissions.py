"""What has a kWh emitted when it reaches the customer, and what does it cost to emit less?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.pareto import EmissionFrontier
from cellroad.plan.result import CARBON_KINDS, Plan
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
    tip,
    value_axis,
    wide,
)
from cellroad.show.palette import CARBON, GREEN

UNIT = "kg CO2e/kWh"
KINDS = {
    "opening": "Opening stock", "embodied": "Goods bought", "process": "Own processes", "transport": "Transport",
}  # fmt: skip


def table(plan: Plan) -> pl.DataFrame:
    """Return what a kWh sold has emitted, as far as it is known: when, one column of kg CO2e per kWh by kind."""
    sold = by_step(plan, plan.sales).group_by("when").agg(kwh=pl.col("kwh").sum())
    sums = (
        by_step(plan, plan.footprint)
        .group_by("when", "kind", maintain_order=True)
        .agg(kg=pl.col("kg").sum())
        .join(sold.filter(pl.col("kwh") > 0), on="when")
        .with_columns(pl.col("kind").replace(KINDS), value=pl.col("kg") / pl.col("kwh"))
    )
    shown = [KINDS[kind] for kind in CARBON_KINDS if KINDS[kind] in sums["kind"]]
    frame = wide(plan, sums, "kind", "value", shown)
    return frame.rename({name: f"{name}, {UNIT}" for name in frame.columns[1:]})


def chart(plan: Plan) -> Option:
    """Return stacked bars of what a kWh sold has emitted, over time."""
    frame = table(plan)
    kinds = [name.removesuffix(f", {UNIT}") for name in frame.columns[1:]]
    colour = {KINDS[kind]: CARBON[kind] for kind in CARBON_KINDS}
    return base(
        f"Stacked bars of what a kWh sold has emitted, in {UNIT}: {', '.join(kinds)}.",
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        legend=legend(kinds),
        grid=grid(kinds),
        xAxis=time_axis(frame["when"].to_list()),
        yAxis=value_axis(UNIT),
        series=[
            {"type": "bar", "name": kind, "stack": "kg", "barCategoryGap": "25%",
             "itemStyle": {"color": colour[kind]}, "data": short(frame[column])}
            for kind, column in zip(kinds, frame.columns[1:], strict=True)
        ],
    )  # fmt: skip


def front_table(front: EmissionFrontier) -> pl.DataFrame:
    """Return the points of a front: tonnes, kg per kWh, value, what the last tonne less cost."""
    return front.frame.select("t_co2e", "kg_per_kwh", "npv_usd", "bound_usd", "kwh", "usd_per_t")


def front_chart(front: EmissionFrontier) -> Option:
    """Return net present value over emissions as steps between plans that are best for what they emit."""
    rows = list(front.frame.select("t_co2e", "npv_usd", "kg_per_kwh", "usd_per_t").iter_rows())
    largest = max((abs(value) for _, value, *_ in rows), default=0.0)
    divisor, unit = scale(largest, DOLLARS)
    points = []
    for tonnes, value, each, price in rows:
        told = [f"{tonnes:,.4g} t CO2e", f"{value / divisor:,.4g} {unit}"]
        told += [f"{each:,.3g} {UNIT}"] if each is not None else []
        told += [f"${price:,.3g} for each tonne less than the next plan"] if price is not None else []
        points.append({"value": [float(f"{tonnes:.6g}"), short([value], divisor)[0]], "tooltip": tip(*told)})
    return base(
        f"Net present value in {unit} over emissions in t CO2e, from the least that can be to the best plan.",
        tooltip={"trigger": "item", "confine": True},
        grid=grid(),
        xAxis={**value_axis("t CO2e"), "scale": True, "nameLocation": "middle", "nameGap": 28},
        yAxis={**value_axis(unit), "scale": True},
        series=[{"type": "line", "name": "Plans", "color": GREEN, "symbolSize": 9,
                 "lineStyle": {"type": "dashed", "width": 1}, "data": points}],
    )  # fmt: skip
