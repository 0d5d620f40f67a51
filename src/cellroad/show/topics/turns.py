"""What comes in by itself, what stands in for what, and what comes back?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts.base import call, names
from cellroad.show.topics.base import YEAR, Sheet, sheet, without_blank


def sheets(plan: Plan) -> list[Sheet]:
    """Return arrivals, substitutes, returns and what comes out beside the main items."""
    return [*_arrivals(plan), *_substitutes(plan), *_returned(plan), *_coproducts(plan)]


def _arrivals(plan: Plan) -> list[Sheet]:
    items, sites = names(plan.chain, "items"), names(plan.chain, "sites")
    days = plan.chain.pipeline.select("arrival", "arrives")
    rows = plan.arrivals.join(days, on="arrival", how="left", maintain_order="left").sort("arrives").select(
        pl.col("arrival").alias("Arrival"), call("item", items).alias("Item"), call("site", sites).alias("At"),
        pl.col("arrives").alias("On"), pl.col("quantity").alias("Quantity"), pl.col("due_usd").alias("Still due, $"),
        pl.col("lane").alias("Lane"), arrival="arrival",
    )  # fmt: skip
    rows = without_blank(rows, "Lane", "Still due, $")
    return sheet("Under way at the start", rows, plan.chain.pipeline, ["arrival"], ["arrival"])


def _substitutes(plan: Plan) -> list[Sheet]:
    items, key = names(plan.chain, "items"), ["process", "instead_of", "item"]
    rows = plan.substitutions.group_by(*key, YEAR, maintain_order=True).agg(
        pl.col("replaced", "quantity", "cost_usd").sum()
    )
    needed = plan.consumption.group_by("process", YEAR, instead_of="item").agg(pl.col("quantity").sum().alias("own"))
    told = rows.join(needed, on=["process", "instead_of", "Year"], how="left", maintain_order="left").select(
        call("item", items).alias("Stands in"), call("instead_of", items).alias("For"),
        pl.col("process").alias("In process"), "Year", pl.col("replaced").alias("Replaced"),
        (pl.col("replaced") / (pl.col("replaced") + pl.col("own").fill_null(0.0))).alias("Part of what is needed, %"),
        pl.col("quantity").alias("Used for it"), pl.col("cost_usd").alias("Extra cost, $"), *key,
    )  # fmt: skip
    return sheet("Substitutes in use", told, plan.chain.substitutes, key, key)


def _returned(plan: Plan) -> list[Sheet]:
    items, sites = names(plan.chain, "items"), names(plan.chain, "sites")
    key = ["market", "item", "returned", "site"]
    rows = plan.returned.group_by(*key, YEAR, maintain_order=True).agg(pl.col("quantity", "cost_usd").sum())
    told = rows.sort(*key, "Year").select(
        call("item", items).alias("Sold"), call("market", sites).alias("In"),
        call("returned", items).alias("Comes back as"),
        call("site", sites).alias("At"), "Year", pl.col("quantity").alias("Quantity"),
        pl.col("cost_usd").alias("Paid, $"), *key,
    )  # fmt: skip
    return sheet("Comes back to be recycled", told, plan.chain.returns, key, key)


def _coproducts(plan: Plan) -> list[Sheet]:
    items, sites = names(plan.chain, "items"), names(plan.chain, "sites")
    key = ["process", "item"]
    rows = plan.coproducts.group_by(*key, "site", YEAR, maintain_order=True).agg(pl.col("quantity").sum())
    told = rows.sort(*key, "Year").select(
        call("item", items).alias("Item"), pl.col("process").alias("Beside process"), call("site", sites).alias("At"),
        "Year", pl.col("quantity").alias("Quantity"), *key,
    )  # fmt: skip
    return sheet("Comes out beside", told, plan.chain.coproducts, key, key)
