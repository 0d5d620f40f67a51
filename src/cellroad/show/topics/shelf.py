"""How old does stock become, what has to be scrapped, and where is less on hand than there should be?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts.base import call, names
from cellroad.show.topics.base import YEAR, Sheet, marks, sheet

REASONS = {
    "expired": "too old",
    "unused": "nobody takes it",
    "lost": "lost in stock",
    "missing": "not there as planned",
}


def sheets(plan: Plan) -> list[Sheet]:
    """Return stock by age, scrap and the least stock."""
    return [*_ages(plan), *_scrapped(plan), *_reserves(plan)]


def _places(plan: Plan) -> tuple[pl.Expr, pl.Expr]:
    item, site = names(plan.chain, "items"), names(plan.chain, "sites")
    return call("item", item).alias("Item"), call("site", site).alias("Site")


def _ages(plan: Plan) -> list[Sheet]:
    item, site = _places(plan)
    left = pl.col("shelf_months") - pl.col("age_months")
    rows = (
        plan.ages.group_by("site", "item", "period", "start", maintain_order=True)
        .agg(
            pl.col("quantity").sum(), pl.col("age_months").max(), pl.col("shelf_months").first(),
            mean=(pl.col("age_months") * pl.col("quantity")).sum() / pl.col("quantity").sum(), left=left.min(),
        )
        .sort("item", "site", "period")
        .join(plan.periods.select("period", "end"), on="period", how="left", maintain_order="left")
        .select(
            item, site, pl.col("end").alias("On"), pl.col("quantity").alias("On hand"),
            pl.col("mean").alias("Mean age, months"), pl.col("age_months").alias("Oldest, months"),
            pl.when(pl.col("shelf_months").is_finite()).then("shelf_months").alias("Shelf life, months"),
            pl.when(pl.col("shelf_months").is_finite()).then("left").alias("Left of it, months"),
            key="item",
        )
    )  # fmt: skip
    return sheet("Stock by age, when it is used next", rows, plan.chain.items.rename({"item": "key"}), ["key"], ["key"])


def _scrapped(plan: Plan) -> list[Sheet]:
    item, site = _places(plan)
    rows = plan.scrapped.group_by("site", "item", YEAR, "reason", maintain_order=True).agg(
        pl.col("quantity", "cost_usd").sum()
    )
    told = rows.sort("item", "site", "Year").select(
        item, site, "Year", pl.col("reason").cast(pl.String).replace(REASONS).alias("Why"),
        pl.col("quantity").alias("Scrapped"), pl.col("cost_usd").alias("Paid for it, $"), key="item",
    )  # fmt: skip
    return sheet("Scrapped", told, plan.chain.items.rename({"item": "key"}), ["key"], ["key"])


def _reserves(plan: Plan) -> list[Sheet]:
    item, site = _places(plan)
    missed = pl.col("below") > 1e-6 * pl.max_horizontal("min_units", pl.lit(1.0))
    rows = plan.reserves.group_by("site", "item", maintain_order=True).agg(
        pl.col("min_units").max(), pl.col("min_days").max(), lowest=pl.col("held").min(), worst=pl.col("below").max(),
        short=missed.sum(), periods=pl.len(), usd=pl.col("penalty_usd").sum(),
    )  # fmt: skip
    if rows.is_empty():
        return []
    told = rows.select(
        item, site, pl.col("min_units").alias("Least, units"), pl.col("min_days").alias("Least, days"),
        pl.col("lowest").alias("Lowest on hand"), pl.col("worst").alias("Most below it"),
        pl.format("{} of {}", "short", "periods").alias("Periods below it"), pl.col("usd").alias("Penalty, $"),
    )  # fmt: skip
    return [Sheet("Least stock", told, tuple(marks(rows, plan.chain.stocks, ["site", "item"])))]
