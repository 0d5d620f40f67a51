"""What does a kWh cost when it reaches the customer, and what is that made of?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from cellroad.plan.result import COST_KINDS, Plan
from cellroad.rules.landed import Landed
from cellroad.show import format as fmt
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
    tip,
    value_axis,
    wide,
)
from cellroad.show.palette import COST, WORDS, series


def parts_table(plan: Plan) -> pl.DataFrame:
    """Return landed cost over the horizon by kind: label, kind, usd, usd_per_kwh, share_of_total; the total last."""
    kwh = float(plan.sales["kwh"].sum())
    order = pl.DataFrame({"kind": COST_KINDS, "label": [WORDS[kind] for kind in COST_KINDS]})
    summed = plan.landed.group_by(pl.col("kind").cast(pl.String)).agg(pl.col("usd").sum())
    parts = order.join(summed, on="kind", how="inner", maintain_order="left").filter(pl.col("usd").abs() > 1e-9)
    if parts.is_empty() or kwh <= 0:
        return parts.select("label", "kind", "usd", usd_per_kwh="usd", share_of_total="usd").clear()
    total = pl.DataFrame({"kind": ["total"], "label": [WORDS["total"]], "usd": [float(parts["usd"].sum())]})
    return pl.concat([parts, total]).select(
        "label",
        "kind",
        "usd",
        usd_per_kwh=pl.col("usd") / kwh,
        share_of_total=pl.col("usd") / total["usd"].item(),
    )


def parts_chart(plan: Plan) -> Option:
    """Return the waterfall of landed cost per kWh over the whole plan."""
    frame = parts_table(plan).filter(pl.col("kind") != "total")
    return waterfall(frame["label"].to_list(), frame["usd_per_kwh"].to_list(), [COST[kind] for kind in frame["kind"]])


ITEM_KINDS = {
    "price": "purchase",
    "make": "make",
    "inland freight": "freight",
    "freight": "freight",
    "dangerous goods": "freight",
    "insurance": "insurance",
    "mpf": "fees",
    "hmf": "fees",
    "carrying": "holding",
}
"""Which kind of cost of a plan a bar of a single item belongs to; whatever begins with "duty" is duty."""


def item_table(landed: Landed) -> pl.DataFrame:
    """Return the waterfall of one item: label, usd_per_unit, usd_per_kwh, rate_pct, fact, confidence."""
    return landed.waterfall.select("label", "usd_per_unit", "usd_per_kwh", "rate_pct", "fact", "confidence")


def item_chart(landed: Landed) -> Option:
    """Return the waterfall of landed cost of one item, per kWh where it holds energy, else per unit."""
    column, per = ("usd_per_kwh", "kWh") if landed.per_kwh is not None else ("usd_per_unit", landed.unit)
    bars = landed.waterfall.filter((pl.col("kind") != "total") & pl.col(column).is_not_null())
    kinds = [ITEM_KINDS.get(kind, "duty") for kind in bars["kind"]]
    return waterfall(bars["label"].to_list(), bars[column].to_list(), [COST[kind] for kind in kinds], per)


def waterfall(labels: Sequence[str], values: Sequence[float], colours: Sequence[str], per: str = "kWh") -> Option:
    """Return a waterfall in USD per kWh or unit: each bar begins where the last one ended, the sum stands last.

    Serves the landed cost of a plan and that of a single item alike. A bar may go down (a credit).
    """
    ends = [0.0]
    for value in values:
        ends.append(ends[-1] + value)
    total = WORDS["total"]
    parts = zip([*labels, total], [*values, ends[-1]], [*colours, COST["total"]], strict=True)
    bars = [_bar(label, value, colour, per) for label, value, colour in parts]
    foot = [min(a, b) for a, b in pairwise(ends)] + [0.0]
    return base(
        f"Waterfall of landed cost in USD per {per}: {', '.join(map(_spoken, labels, values))}; "
        f"together {fmt.money(ends[-1], per)}.",
        grid=grid(top=36),
        xAxis={
            "type": "category",
            "data": [*labels, total],
            "axisLabel": {"interval": 0, "fontSize": 11, "width": max(66, 640 / len(bars) - 4), "overflow": "break"},
            "axisTick": {"show": False},
        },
        yAxis=value_axis(f"USD per {per}"),
        series=[
            {"type": "bar", "stack": "w", "silent": True, "itemStyle": {"color": "transparent"}, "data": short(foot)},
            {"type": "bar", "stack": "w", "barMaxWidth": 64, "data": bars},
        ],
    )


def _spoken(label: str, value: float) -> str:
    return f"{label} {fmt.money(value)}"


def _bar(label: str, value: float, colour: str, per: str) -> Option:
    return {
        "value": short([abs(value)])[0],
        "itemStyle": {"color": colour},
        "label": {"show": True, "position": "top", "formatter": fmt.money(value)},
        "tooltip": tip(label, fmt.money(value, per)),
    }


def markets_table(plan: Plan) -> pl.DataFrame:
    """Return landed cost by step of time and market: when, one column of $ per kWh each; blank where nothing sold."""
    sums = (
        by_step(plan, plan.landed)
        .group_by("when", "market", maintain_order=True)
        .agg(usd=pl.col("usd").sum())
        .join(
            by_step(plan, plan.sales).group_by("when", "market").agg(kwh=pl.col("kwh").sum()),
            on=["when", "market"],
            how="left",
        )
        .filter(pl.col("kwh") > 0)
        .with_columns(call("market", names(plan.chain, "sites")), value=pl.col("usd") / pl.col("kwh"))
    )
    order = sums["market"].unique(maintain_order=True).to_list()
    frame = wide(plan, sums, "market", "value", order)
    return frame.rename({name: f"{name}, $/kWh" for name in frame.columns[1:]})


def markets_chart(plan: Plan) -> Option:
    """Return lines of landed cost per kWh over time, one per market."""
    frame = markets_table(plan)
    markets = [name.removesuffix(", $/kWh") for name in frame.columns[1:]]
    return base(
        f"Lines of landed cost in USD per kWh over time for {', '.join(markets)}.",
        tooltip={"trigger": "axis", "confine": True},
        legend=legend(markets),
        grid=grid(markets),
        xAxis={**time_axis(frame["when"].to_list()), "boundaryGap": False},
        yAxis=value_axis("USD per kWh", scale=True),
        series=[
            {
                "type": "line",
                "name": name,
                "connectNulls": True,
                "symbolSize": 5,
                "lineStyle": {"width": 2.5},
                "itemStyle": {"color": series(index)},
                "data": short(frame[column]),
            }
            for index, (name, column) in enumerate(zip(markets, frame.columns[1:], strict=True))
        ],
    )
