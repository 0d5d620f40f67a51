"""Which item at which site is supplied from where, how much of it, and how long that takes, with its spread.

A way is an offer (from outside), a process (from its inputs at the site) or a lane (from the same item elsewhere). With
a plan, ways have the part in what came to a place that they have in the plan; without one, every way that exists counts
the same. Lead times of lanes are triangular between low, likely and high:

    mean = (low + likely + high) / 3
    sd   = sqrt((low^2 + likely^2 + high^2 - low likely - low high - likely high) / 18)

and a lane that sails every so many weeks adds them, since stock has to last from one sailing to the next.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.plan.result import Plan

DAYS_PER_MONTH = 365.2425 / 12
WAY_SCHEMA = {
    "way": pl.String, "kind": pl.String, "site": pl.String, "item": pl.String, "from_site": pl.String,
    "from_item": pl.String, "units": pl.Float64, "part": pl.Float64, "days": pl.Float64, "spread": pl.Float64,
}  # fmt: skip


def ways(chain: Chain, plan: Plan | None, begin: dt.date, end: dt.date) -> pl.DataFrame:
    """Return the ways by which goods come to places, a row for each input of a process.

    way      offer, process or lane; kind: which of them
    site, item, from_site, from_item (null: from outside)
    units    of what is supplied, for one unit here that comes this way
    part     of all that comes to the place, that comes this way
    days, spread   lead time and its standard deviation
    """
    offers = chain.offers.select(
        way="offer", kind=pl.lit("offer"), site="site", item="item", from_site=pl.lit(None, pl.String),
        from_item=pl.lit(None, pl.String), units=pl.lit(1.0), days=pl.col("lead_days").cast(pl.Float64),
        spread="lead_spread_days",
    )  # fmt: skip
    inputs = chain.bom.select("process", "quantity", "scrap_share", from_item="item")
    processes = chain.processes.join(inputs, on="process", how="left").select(
        way="process", kind=pl.lit("process"), site="site", item="item",
        from_site=pl.when(pl.col("from_item").is_not_null()).then("site"), from_item="from_item",
        units=(pl.col("quantity") / (1 - pl.col("scrap_share")) / pl.col("yield_share")).fill_null(1.0),
        days="lead_days", spread="lead_spread_days",
    )  # fmt: skip
    every = [offers, processes, _lanes(chain)]
    found = pl.concat([frame.select(name for name in WAY_SCHEMA if name != "part") for frame in every])
    amounts = _planned(plan, begin, end) if plan is not None else _alike(chain, found)
    whole = pl.col("amount").sum().over("site", "item")
    parts = amounts.filter(pl.col("amount") > 0).with_columns(part=pl.col("amount") / whole).drop("amount")
    joined = found.join(parts, on=["way", "kind", "site", "item"], how="inner")
    return joined.select(pl.col(name).cast(kind) for name, kind in WAY_SCHEMA.items())


def _lanes(chain: Chain) -> pl.DataFrame:
    likely = pl.col("transit_days")
    low, high = (pl.coalesce(f"transit_{which}_days", likely) for which in ("low", "high"))
    variance = (low**2 + likely**2 + high**2 - low * likely - low * high - likely * high) / 18
    waits = pl.col("transit_months") * DAYS_PER_MONTH + 7.0 * pl.col("every_weeks").fill_null(0)
    lanes = chain.lanes.with_columns(
        days=(low + likely + high) / 3 + waits, spread=pl.max_horizontal(variance, 0.0).sqrt()
    )
    return lanes.join(chain.items.select("item"), how="cross").select(
        way="lane", kind=pl.lit("lane"), site="destination", item="item", from_site="origin", from_item="item",
        units=pl.lit(1.0), days="days", spread="spread",
    )  # fmt: skip


def _planned(plan: Plan, begin: dt.date, end: dt.date) -> pl.DataFrame:
    """Return what came by each way within some days: way, kind, site, item, amount."""
    within = pl.col("start").is_between(begin, end)
    keys = ["way", "kind", "site", "item"]
    parts = [
        plan.purchases.filter(within).select(
            way="offer", kind=pl.lit("offer"), site="site", item="item", amount="quantity"
        ),
        plan.production.filter(within).select(
            way="process", kind=pl.lit("process"), site="site", item="item", amount="good"
        ),
        plan.shipments.filter(within).select(
            way="lane", kind=pl.lit("lane"), site="destination", item="item", amount="quantity"
        ),
    ]
    cast = [part.with_columns(pl.col(keys).cast(pl.String)) for part in parts]
    return pl.concat(cast).group_by(keys, maintain_order=True).agg(pl.col("amount").sum())


def _alike(chain: Chain, found: pl.DataFrame) -> pl.DataFrame:
    """Return one for each way whose goods can come from somewhere and whose item can be used where it arrives."""
    keys = ["way", "kind", "site", "item"]
    while True:
        made = found.select("site", "item").unique()
        sources = found.filter(pl.col("from_site").is_not_null())
        missing = sources.join(made, left_on=["from_site", "from_item"], right_on=["site", "item"], how="anti")
        used = pl.concat(
            [
                found.select(site="from_site", item="from_item").drop_nulls(),
                chain.demand.select(site="market", want="want")
                .unique()
                .join(chain.wants, on="want")
                .select("site", "item"),
            ]
        ).unique()
        left = found.join(missing.select(keys).unique(), on=keys, how="anti").join(
            used, on=["site", "item"], how="semi"
        )
        if left.height == found.height:
            return found.select(keys).unique(maintain_order=True).with_columns(amount=pl.lit(1.0))
        found = left
