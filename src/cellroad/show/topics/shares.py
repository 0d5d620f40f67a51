"""Which part comes from which supplier, against the shares that rules ask for or allow?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts.base import call, names
from cellroad.show.topics.base import Sheet, sheet, without_blank

NEAR = 1e-6


def sheets(plan: Plan) -> list[Sheet]:
    """Return the shares by rule, year and source, and which of them are at a limit."""
    if plan.sourcing.is_empty():
        return []
    share, most, least = pl.col("share"), pl.col("max_share"), pl.col("min_share")
    quantity = pl.col("quantity")
    full = ((share >= most - NEAR) | (quantity >= pl.col("maximum") * (1 - NEAR))) & pl.col("named")
    empty = ((share <= least + NEAR) | (quantity <= pl.col("minimum") * (1 + NEAR))) & pl.col("named")
    only = pl.col("named")
    called = names(plan.chain, "partners") | names(plan.chain, "sites")
    rows = plan.sourcing.filter("holds").sort(
        "rule", "start", "named", "quantity", descending=[False, False, True, True]
    )
    told = rows.select(
        pl.col("rule").alias("Rule"), pl.col("year").cast(pl.String).alias("Year"),
        call("source", called).alias("Source"),
        quantity.alias("Quantity"), pl.col("measure").alias("Counted in"), share.alias("Part, %"),
        pl.when(only).then(least).alias("At least, %"), pl.when(only).then(most).alias("At most, %"),
        pl.when(only).then("minimum").alias("Least quantity"), pl.when(only).then("maximum").alias("Most quantity"),
        pl.col("min_sources").alias("Sources asked for"),
        pl.when(full.fill_null(False)).then(pl.lit("at its most"))
        .when(empty.fill_null(False) & pl.col("min_sources").is_null()).then(pl.lit("at its least"))
        .otherwise(pl.lit("")).alias("Limit"),
        rule="rule",
    )  # fmt: skip
    told = without_blank(told, "At least, %", "At most, %", "Least quantity", "Most quantity", "Sources asked for")
    return sheet("Shares by rule and year", told, plan.chain.sourcing, ["rule"], ["rule"])
