"""What travels in containers: how many are sent, how full are they, and what do they cost?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts.base import call, names
from cellroad.show.charts.loads import boxes
from cellroad.show.topics.base import YEAR, Sheet, sheet, without_blank

ANY_DAY = "any day"


def sheets(plan: Plan) -> list[Sheet]:
    """Return what goes by lane and year, in containers, tonnes and sailings."""
    loads = boxes(plan)
    if loads.is_empty():
        return []
    rows = (
        loads.group_by("lane", YEAR, maintain_order=True)
        .agg(
            pl.col("kg", "dg_kg", "filled", "containers", "freight_usd").sum(), whole=pl.col("whole").any(),
            fullest=(pl.col("containers") / pl.col("months")).max(),
        )
        .join(_lanes(plan), on="lane", how="left", maintain_order="left")
        .select(
            "Lane", pl.col("mode").cast(pl.String).alias("Mode"), "Year", "Sails",
            pl.col("containers").alias("Containers"),
            pl.when("whole").then(pl.col("filled") / pl.col("containers")).alias("Filled, %"),
            pl.col("fullest").alias("Most in a month"), pl.col("max_containers_per_month").alias("Limit a month"),
            (pl.col("kg") / 1000).alias("Tonnes"), (pl.col("dg_kg") / 1000).alias("Of these dangerous goods, t"),
            pl.when("whole").then("freight_usd").alias("Freight of containers, $"),
            pl.when("whole").then(pl.col("freight_usd") / pl.col("containers")).alias("per container, $"), "lane",
        )
    )  # fmt: skip
    if (rows["Sails"] == ANY_DAY).all():
        rows = rows.drop("Sails")
    rows = without_blank(
        rows,
        "Filled, %",
        "Limit a month",
        "Of these dangerous goods, t",
        "Freight of containers, $",
        "per container, $",
    )
    return sheet("Containers by lane and year", rows, plan.chain.lanes, ["lane"], ["lane"])


def _lanes(plan: Plan) -> pl.DataFrame:
    called = names(plan.chain, "sites")
    weeks = pl.col("every_weeks")
    return plan.chain.lanes.select(
        "lane", "mode", "max_containers_per_month",
        pl.format("{} → {}", call("origin", called), call("destination", called)).alias("Lane"),
        pl.when(weeks.is_null()).then(pl.lit(ANY_DAY)).when(weeks == 1).then(pl.lit("weekly"))
        .otherwise(pl.format("every {} weeks", weeks)).alias("Sails"),
    )  # fmt: skip
