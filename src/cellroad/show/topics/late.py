"""Who waits, for how long, and what is he allowed for it?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts.base import call, names
from cellroad.show.topics.base import Sheet, marks


def sheets(plan: Plan) -> list[Sheet]:
    """Return what is served after the period in which it was wanted."""
    late = plan.sales.filter(pl.col("wanted_period") < pl.col("period"))
    if late.is_empty():
        return []
    when = plan.periods.select(wanted_period="period", asked="label", first="start")
    served = plan.periods.select("period", delivered="label")
    sites = names(plan.chain, "sites")
    key = ["market", "want", "segment"]
    rows = (
        late.join(when, on="wanted_period", maintain_order="left")
        .join(served, on="period", maintain_order="left")
        .group_by(*key, "asked", "first", "delivered", "start", maintain_order=True)
        .agg(pl.col("quantity", "late_usd", "revenue_usd").sum())
        .sort("first", "start", *key)
    )
    told = rows.select(
        pl.col("want").alias("Wanted"), call("market", sites).alias("Market"), pl.col("asked").alias("For"),
        pl.col("delivered").alias("Delivered in"), pl.col("quantity").alias("Quantity"),
        pl.col("late_usd").alias("Allowed for it, $"),
        (pl.col("late_usd") / pl.col("revenue_usd")).alias("of its price, %"),
    )  # fmt: skip
    behind = plan.chain.demand.select(*key, "confidence", "source")
    return [Sheet("Delivered late", told, tuple(marks(rows, behind, key)))]
