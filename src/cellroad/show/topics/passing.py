"""At which price do goods pass from one partner to another, and which duty and tax hang on it?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts.base import call, names
from cellroad.show.topics.base import YEAR, Sheet, marks, without_blank


def sheets(plan: Plan) -> list[Sheet]:
    """Return what passes by seller, buyer, item and year, and the tax on profit of each partner."""
    return [*_passed(plan), *_taxed(plan)] if plan.transfers.height else []


def _passed(plan: Plan) -> list[Sheet]:
    way = ["origin", "destination", "item"]
    duty = plan.shipments.group_by(*way, "period").agg(pl.col("duty_usd").sum())
    called, items = names(plan.chain, "partners"), names(plan.chain, "items")
    sites = names(plan.chain, "sites")
    place = (
        pl.when(pl.col("origin") == pl.col("destination"))
        .then(call("origin", sites))
        .otherwise(pl.format("{} → {}", call("origin", sites), call("destination", sites)))
    )
    rows = (
        plan.transfers.join(duty, on=[*way, "period"], how="left", maintain_order="left")
        .group_by("seller", "buyer", *way, YEAR, "stated", maintain_order=True)
        .agg(pl.col("quantity", "usd", "duty_usd").sum())
        .sort("seller", "buyer", "item", "origin", "destination", "Year")
        .select(
            _party("seller", called).alias("From"), _party("buyer", called).alias("To"),
            call("item", items).alias("Item"), place.alias("Where"), "Year", pl.col("quantity").alias("Quantity"),
            (pl.col("usd") / pl.col("quantity")).alias("Mean price, $"), pl.col("usd").alias("Value, $"),
            pl.when("stated").then(pl.lit("stated")).otherwise(pl.lit("standard cost, assumed")).alias("Price is"),
            pl.col("duty_usd").alias("Duty on the way, $"), "stated", "seller", "buyer", "item",
        )
    )  # fmt: skip
    rows = without_blank(rows, "Duty on the way, $")
    found = [
        ("assumption", "") if not row["stated"] else _behind(plan, row["seller"], row["buyer"], row["item"])
        for row in rows.iter_rows(named=True)
    ]
    return [Sheet("What passes, by year", rows.drop("stated", "seller", "buyer", "item"), tuple(found))]


def _behind(plan: Plan, seller: str, buyer: str, item: str) -> tuple[str, str]:
    """Return confidence and source of the row of `transfers` that states a price; none where several may."""
    sites = dict(plan.chain.sites.select("site", "partner").iter_rows())
    mine = [
        (str(row["confidence"]), row["source"] or "")
        for row in plan.chain.transfers.iter_rows(named=True)
        if seller in (row["seller"], sites.get(row["seller"])) and buyer in (row["buyer"], sites.get(row["buyer"]))
        and row["item"] in (item, None)
    ]  # fmt: skip
    return mine[0] if len(set(mine)) == 1 else ("", "")


def _party(column: str, called: dict[str, str]) -> pl.Expr:
    return pl.when(pl.col(column).fill_null("") == "").then(pl.lit("nobody named")).otherwise(call(column, called))


def _taxed(plan: Plan) -> list[Sheet]:
    taxed = plan.accounts.filter(pl.col("kind").cast(pl.String) == "tax")
    if taxed.is_empty():
        return []
    rows = (
        taxed.group_by("partner", YEAR, maintain_order=True)
        .agg(paid=-pl.col("usd").sum())
        .filter(pl.col("paid").abs() > 0)
        .sort("partner", "Year")
    )
    called = names(plan.chain, "partners")
    seats = plan.chain.partners.select(partner="partner", payer="country")
    own = plan.chain.taxes.filter(pl.col("payer").is_in(rows["partner"].implode()))["payer"].to_list()
    payers = rows.join(seats, on="partner", how="left", maintain_order="left").with_columns(
        payer=pl.when(pl.col("partner").is_in(own)).then("partner").otherwise("payer")
    )
    told = rows.select(_party("partner", called).alias("Partner"), "Year", pl.col("paid").alias("Tax on profit, $"))
    return [Sheet("Tax that follows", told, tuple(marks(payers, plan.chain.taxes, ["payer"])))] if told.height else []
