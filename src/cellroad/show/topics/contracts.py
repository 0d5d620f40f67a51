"""What is taken under contracts, against what they ask for, and which price the volume has reached?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts.base import call, names
from cellroad.show.topics.base import Sheet, sheet, without_blank


def sheets(plan: Plan) -> list[Sheet]:
    """Return what is taken by contract and year, which contracts are left, and the tiers that are reached."""
    return [*_signed(plan), *_left(plan), *_tiers(plan)]


def _goods(plan: Plan) -> tuple[pl.Expr, pl.Expr]:
    item, site = names(plan.chain, "items"), names(plan.chain, "sites")
    return call("item", item).alias("Item"), call("site", site).alias("From")


def _signed(plan: Plan) -> list[Sheet]:
    item, site = _goods(plan)
    rows = plan.contracts.filter(pl.col("status") != "do not sign").sort("contract", "start").select(
        pl.col("contract").alias("Contract"), item, site,
        pl.when(pl.col("status") == "sign").then(pl.lit("to be signed")).otherwise("status").alias("Status"),
        pl.col("year").cast(pl.String).alias("Year"),
        pl.col("taken").alias("Taken"), pl.col("minimum").alias("Minimum"), pl.col("maximum").alias("Maximum"),
        pl.col("price_usd").alias("Mean price, $"),
        pl.col("not_taken").alias("Not taken"), pl.col("not_taken_usd").alias("Paid for it, $"),
        pl.col("made_up").alias("Made up"), pl.col("made_up_usd").alias("Came back for it, $"),
        pl.col("prepaid_usd").alias("Prepaid, $"), pl.col("credited_usd").alias("Settled from it, $"),
        contract="contract",
    )  # fmt: skip
    rows = without_blank(
        rows, "Maximum", "Not taken", "Paid for it, $", "Made up", "Came back for it, $", "Prepaid, $",
        "Settled from it, $",
    )  # fmt: skip
    return sheet("Taken under contracts", rows, plan.chain.contracts, ["contract"], ["contract"])


def _left(plan: Plan) -> list[Sheet]:
    item, site = _goods(plan)
    left = plan.contracts.filter(pl.col("status") == "do not sign").sort("contract", "start")
    rows = left.group_by("contract", "item", "site", maintain_order=True).agg(
        pl.col("taken").sum(), pl.col("minimum").sum(), pl.col("price_usd").mean()
    )
    told = rows.select(
        pl.col("contract").alias("Contract"), item, site, pl.col("minimum").alias("Minimum over its term"),
        pl.col("price_usd").alias("Mean price, $"), pl.col("taken").alias("Bought of it without the contract"),
        contract="contract",
    )  # fmt: skip
    return sheet("Contracts that are not signed", told, plan.chain.contracts, ["contract"], ["contract"])


def _tiers(plan: Plan) -> list[Sheet]:
    if plan.tiers.is_empty():
        return []
    item, site = _goods(plan)
    offers = plan.chain.offers.select("offer", "item", "site")
    following = (
        plan.tiers.with_row_index("row")
        .join(plan.chain.tiers.select("offer", upper="from_quantity"), on="offer")
        .filter(pl.col("upper") > pl.max_horizontal("quantity", "from_quantity") * (1 + 1e-9))
        .group_by("row")
        .agg(pl.col("upper").min())
    )
    rows = (
        plan.tiers.with_row_index("row")
        .join(following, on="row", how="left", maintain_order="left")
        .join(offers, on="offer", how="left", maintain_order="left")
        .select(
            item, site, pl.col("start").alias("Counted from"), pl.col("end").alias("to"),
            pl.col("quantity").alias("Bought"), pl.col("from_quantity").alias("Tier from"),
            pl.col("price_usd").alias("Price reached, $"),
            pl.when(pl.col("kind") == "all_units").then(pl.lit("all units")).otherwise(pl.lit("units beyond it"))
            .alias("Holds for"),
            pl.col("rebate_usd").alias("Taken off prices, $"), pl.col("upper").alias("Next tier from"), "offer",
        )
    )  # fmt: skip
    rows = without_blank(rows, "Next tier from")
    return sheet("Prices by volume", rows, plan.chain.offers, ["offer"], ["offer"])
