"""What may be late, what is closed, who has run out of budget, and which laboratory is busy?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.audit.stages import invested, occupied
from cellroad.plan.result import Plan
from cellroad.show.charts.base import call, names
from cellroad.show.charts.schedule import opening_name
from cellroad.show.topics.base import Sheet, sheet, without_blank


def sheets(plan: Plan) -> list[Sheet]:
    """Return what is counted as late, what closes, the budgets, the campaigns and the laboratories."""
    return [*_late(plan), *_closed(plan), *_budgets(plan), *_campaigns(plan), *_labs(plan)]


def _late(plan: Plan) -> list[Sheet]:
    held = plan.openings.filter((pl.col("kind") == "option") & (pl.col("planned") < pl.col("ready")))
    options = plan.chain.options.select(what="option", chance="delay_probability", months="delay_months")
    rows = held.join(options, on="what", how="left", maintain_order="left").select(
        opening_name().alias("What"), pl.col("decided").alias("Decide by"), pl.col("planned").alias("Ready as planned"),
        pl.col("ready").alias("Counted on from"), pl.col("chance").alias("Chance of delay, %"),
        pl.col("months").alias("Delay then, months"), option="what",
    )  # fmt: skip
    return sheet("Plants that may be late", without_blank(rows, "Chance of delay, %", "Delay then, months"),
                 plan.chain.options, ["option"], ["option"])  # fmt: skip


def _closed(plan: Plan) -> list[Sheet]:
    closed = plan.openings.filter(pl.col("kind") == "closure")
    lines = plan.chain.resources.select("resource", monthly="fixed_usd_per_month")
    rows = closed.join(lines, on="resource", how="left", maintain_order="left").sort("ready").select(
        opening_name().alias("What"), call("resource", names(plan.chain, "resources")).alias("Line"),
        pl.col("decided").alias("Decide by"), pl.col("ready").alias("First day without it"),
        pl.col("cost_usd").alias("Costs, $"), pl.col("recovered_usd").alias("Recovers, $"),
        pl.col("monthly").alias("Fixed cost of the line, $ a month"), closure="what",
    )  # fmt: skip
    return sheet("What is closed", rows, plan.chain.closures, ["closure"], ["closure"])


def _budgets(plan: Plan) -> list[Sheet]:
    partners = names(plan.chain, "partners")
    rows = invested(plan).sort("year", "budget").select(
        pl.col("budget").alias("Budget"), pl.coalesce(call("partner", partners), pl.lit("everybody")).alias("Whose"),
        pl.col("year").cast(pl.String).alias("Year"), pl.col("capex_usd").alias("May be spent, $"),
        pl.col("spent_usd").alias("Spent, $"), (pl.col("capex_usd") - pl.col("spent_usd")).alias("Left, $"),
        pl.when(pl.col("capex_usd") > 0).then(pl.col("spent_usd") / pl.col("capex_usd")).alias("Used, %"),
        budget="budget",
    )  # fmt: skip
    return sheet("Budgets", rows, plan.chain.budgets, ["budget"], ["budget"])


def _campaigns(plan: Plan) -> list[Sheet]:
    """Return the campaigns, where something is said of them that the openings do not: a cell, a laboratory, an end."""
    key = ["item", "standard", "cell"]
    run = plan.openings.filter(pl.col("kind") == "certificate").rename({"what": "item"})
    given = plan.chain.certificates.select(*key, "lab", "weeks", "valid_months", "valid_to")
    rows = run.join(given, on=key, how="left", maintain_order="left", nulls_equal=True).sort("decided")
    if not rows.filter(pl.any_horizontal(pl.col("lab", "valid_months", "ends").is_not_null(),
                                         pl.col("cell").fill_null("") != "")).height:  # fmt: skip
        return []
    labs = names(plan.chain, "labs")
    told = rows.select(
        pl.col("standard").alias("Standard"), call("item", names(plan.chain, "items")).alias("Item"),
        pl.when(pl.col("cell") != "").then("cell").alias("With cells"), call("lab", labs).alias("Laboratory"),
        pl.col("decided").alias("Starts by"), pl.col("ready").alias("Certified"), pl.col("weeks").alias("Weeks"),
        pl.coalesce("ends", "valid_to").alias("Holds until"), pl.col("cost_usd").alias("Costs, $"), *key,
    )  # fmt: skip
    told = without_blank(told, "With cells", "Laboratory", "Holds until")
    return sheet("Campaigns", told, plan.chain.certificates, key, key)


def _labs(plan: Plan) -> list[Sheet]:
    busy = occupied(plan).join(plan.periods.select("period", "months"), on="period")
    rows = busy.group_by("lab", "name", "at_once").agg(
        most=pl.col("running").max(), full=pl.col("months").filter(pl.col("running") >= pl.col("at_once")).sum()
    )
    told = rows.sort("lab").select(
        pl.when(pl.col("name").fill_null("") == "").then("lab").otherwise("name").alias("Laboratory"),
        pl.col("at_once").alias("Campaigns at a time"), pl.col("most").alias("Most that run"),
        pl.col("full").alias("Months in which it is full"), lab="lab",
    )  # fmt: skip
    return sheet("Laboratories", told, plan.chain.labs, ["lab"], ["lab"])
