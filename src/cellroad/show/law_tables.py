"""What did the law give to a plan and take from it: credits earned and lost, and why; sales and crossings barred."""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts.base import call, names
from cellroad.show.html import Mark


def credits(plan: Plan) -> pl.DataFrame:
    """Return credits on what is made, years with the same answer as one row: what, where, who, how much and why.

    The ratio is the lowest of those years, the share that is asked the highest.
    """
    same = ["item", "site", "credit", "taxpayer", "answer", "because"]
    grouped = (
        plan.credits.sort("year")
        .group_by(same, maintain_order=True)
        .agg(
            pl.col("year").min().alias("first"),
            pl.col("year").max().alias("last"),
            pl.col("program").first(),
            pl.col("component").first(),
            earned_usd=(pl.col("usd") + pl.col("next_usd")).sum(),
            lost_usd=pl.col("lost_usd").sum(),
            lowest_ratio_share=pl.col("ratio").min(),
            asked_share=pl.col("least_share").max(),
            confidence=pl.col("confidence").first(),
        )
    )
    years = (
        pl.when(pl.col("first") == pl.col("last"))
        .then(pl.col("first").cast(pl.String))
        .otherwise(pl.format("{} to {}", "first", "last"))
    )
    return grouped.select(
        call("item", names(plan.chain, "items")),
        pl.format("{} {}", "program", "component").alias("credit"),
        years.alias("years"),
        "earned_usd",
        "lost_usd",
        pl.col("answer").alias("may_be_claimed"),
        "because",
        "lowest_ratio_share",
        "asked_share",
        call("taxpayer", names(plan.chain, "partners")).alias("claimed_by"),
        call("site", names(plan.chain, "sites")),
        "confidence",
    )


def bans(plan: Plan) -> pl.DataFrame:
    """Return the bans that bear on a plan: what is kept from whom or from which border, from when, and why."""
    kept_from = pl.coalesce(call("segment", names(plan.chain, "segments")), "binds")
    return plan.bans.sort("counts", "valid_from", "ban", "item", descending=[True, False, False, False]).select(
        call("item", names(plan.chain, "items")),
        kept_from.alias("kept_from"),
        "ban",
        "valid_from",
        pl.col("counts").alias("counted_as"),
        "because",
        pl.col("wants").alias("wants_at_stake"),
        pl.col("answer").alias("barred_by_law"),
        "valid_to",
        "confidence",
    )


def marks(frame: pl.DataFrame) -> list[Mark]:
    """Return the mark of every row: how firm its answer is."""
    return [(confidence or "", "") for confidence in frame["confidence"]]


def yearly(plan: Plan) -> pl.DataFrame:
    """Return credits by year of making: item, credit, outcome (earned, lost), year, usd."""
    both = plan.credits.select(
        "year",
        earned=pl.col("usd") + pl.col("next_usd"),
        lost="lost_usd",
        credit=pl.format("{} {}", "program", "component"),
        item=call("item", names(plan.chain, "items")),
    )
    long = both.unpivot(["earned", "lost"], index=["item", "credit", "year"], variable_name="outcome", value_name="usd")
    summed = long.group_by("item", "credit", "outcome", "year").agg(pl.col("usd").sum())
    kept = pl.col("usd").sum().over("item", "credit", "outcome") > 0
    return summed.filter(kept).sort("outcome", "item", "credit", "year")
