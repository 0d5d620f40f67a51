"""Money for what is made that is supposed beside the law: claims that a scenario makes, whatever the law says.

A row of `incentives` is a claim on every process that makes its item in its country, by whoever runs it:

    usd_per_unit[year] = sum over rows of usd_per_kwh * kwh * paid_share * part of the days of the year that they hold

Nothing is asked of the maker or of materials. It is then earned as any credit: counted when a unit is made, at the rate
of the year in which it is sold, and in no year on more than is sold.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.rules.eligibility import CLAIM_SCHEMA, Eligibility


def with_incentives(chain: Chain, rules: Eligibility, first: int, last: int) -> Eligibility:
    """Return what the law allows with what a chain supposes beside it, from a first to a last year."""
    paid = chain.incentives.filter((pl.col("paid_share") > 0) & (pl.col("usd_per_kwh") > 0))
    if paid.is_empty():
        return rules
    years = pl.DataFrame({"year": list(range(first, last + 1))})
    by_year = paid.join(years, how="cross").with_columns(part=_part()).filter(pl.col("part") > 0)
    runs = (
        chain.processes.select("process", "site", "item", "resource")
        .join(chain.sites.select("site", "country", site_partner="partner"), on="site", maintain_order="left")
        .join(chain.resources.select("resource", "partner"), on="resource", how="left", maintain_order="left")
        .join(chain.items.select("item", "kwh"), on="item", maintain_order="left")
    )
    claims = (
        runs.join(by_year.rename({"country": "within"}), on="item", maintain_order="left_right")
        .filter((pl.col("within") == "") | (pl.col("within") == pl.col("country")))
        .group_by("process", "incentive", "year", maintain_order=True)
        .agg(
            pl.col("site", "item").first(),
            taxpayer=pl.coalesce("partner", "site_partner").first(),
            usd_per_unit=(pl.col("usd_per_kwh") * pl.col("kwh") * pl.col("paid_share") * pl.col("part")).sum(),
            rows=pl.format("incentives {}", "incentive").first(),
            confidence=pl.col("confidence").cast(pl.String).first(),
        )
        .with_columns(
            credit="incentive", program="incentive", component=pl.lit(""), cost_share=pl.lit(None, pl.Float64),
            answer=pl.lit("yes"), least_share=pl.lit(None, pl.Float64), because=pl.lit("supposed beside the law"),
            year=pl.col("year").cast(pl.Int64),
        )
        .select(*CLAIM_SCHEMA)
    )  # fmt: skip
    return replace(rules, claims=pl.concat([rules.claims, claims.cast(pl.Schema(CLAIM_SCHEMA))]))


def _part() -> pl.Expr:
    """Return the part of the days of a year on which a row holds."""
    day = pl.date(pl.col("year"), 1, 1)
    end = pl.date(pl.col("year"), 12, 31)
    first = pl.max_horizontal("valid_from", day)
    last = pl.min_horizontal(pl.col("valid_to").fill_null(dt.date.max), end)
    days = pl.when(day.dt.is_leap_year()).then(366).otherwise(365)
    return ((last - first).dt.total_days() + 1).clip(0) / days
