"""`stock`: where to hold safety stock in a chain, so that markets are served as surely as they ask at the least cost.

tables or plan -> ways and demand with their spread -> stages -> service times, proven -> frames.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.currencies import in_usd
from cellroad.chain.settings import PlanSettings
from cellroad.plan.network.network import expand
from cellroad.plan.periods import make_periods
from cellroad.plan.result import Plan
from cellroad.plan.stock.links import ways as make_ways
from cellroad.plan.stock.placing import evaluate, place, settled
from cellroad.plan.stock.result import Stock, placed
from cellroad.plan.stock.selling import sold
from cellroad.plan.stock.supplied import NOWHERE, Supplied, without_circles


def stock(
    chain: Chain,
    plan: Plan | None = None,
    *,
    service: float | None = None,
    begin: dt.date | None = None,
    end: dt.date | None = None,
    gap: float = 1e-4,
    time_limit: float = 60.0,
    seed: int = 0,
) -> Stock:
    """Return where a chain should hold safety stock, and how much (Graves and Willems 2000; Humair and others 2013).

    plan        ways and sales as this plan uses them; without one, every way that exists counts the same
    service     how surely markets are served from stock, 0..1; without it, as sites say, else the setting service_level
    begin, end  days whose demand and ways count; without them, the whole horizon
    gap, time_limit, seed   of the search: relative distance to the proven bound, seconds

    A unit held for a year costs its standard cost times what holding and the money in it cost. Raises ChainError where
    settings cannot be read, and ValueError for a level of service outside 0.5 to 1 or where nothing is asked for.
    """
    chain = in_usd(chain)
    settings = chain.plan_settings()
    periods = make_periods(settings)
    begin, end = begin or periods.start, end or periods.end - dt.timedelta(days=1)
    asked = sold(chain, plan, begin, end, settings.demand_spread)
    if asked.is_empty():
        raise ValueError(f"nothing is asked for from {begin} to {end}")
    ways, circular = without_circles(make_ways(chain, plan, begin, end))
    supplied = Supplied(_places(chain, settings, ways, asked, service), ways, settings.demand_correlation)
    stages = supplied.stages()
    found = place(stages, gap=gap, time_limit=time_limit, seed=seed)
    everywhere = evaluate(stages, *settled(stages, np.zeros(stages.size)))
    at_ends = place(replace(supplied, places=supplied.places.with_columns(held=pl.col("sold"))).stages(), gap=gap)
    placements = pl.DataFrame(
        [("best", found.cost), ("everywhere", everywhere.cost), ("at the ends", at_ends.cost)],
        schema={"placement": pl.String, "holding_usd_per_year": pl.Float64}, orient="row",
    )  # fmt: skip
    sd = np.divide(stages.factor * stages.mean, stages.swing, out=np.zeros(stages.size), where=stages.swing > 0)
    told = placed(supplied, found, supplied.places["value"], pl.Series(sd[: supplied.places.height]))
    remarks = _remarks(chain, plan, settings, ways, circular, supplied.places)
    return Stock(chain, told, ways, placements, found.cost, found.bound, found.gap, remarks, supplied)


def _places(
    chain: Chain, settings: PlanSettings, ways: pl.DataFrame, asked: pl.DataFrame, service: float | None
) -> pl.DataFrame:
    """Return the places: site, item, mean, sd, safety, promise, holding, held, sold, value."""
    keys = ["site", "item"]
    sources = ways.select(site="from_site", item="from_item").drop_nulls()
    every = pl.concat([asked.select(keys), ways.select(keys), sources]).unique(maintain_order=True)
    sites = chain.sites.select("site", pl.col("kind").cast(pl.String), "service_share", "quoted_days")
    shares = chain.stocks.select(*keys, "holding_share_per_year")
    joined = (
        every.join(asked, on=keys, how="left", maintain_order="left")
        .join(sites, on="site", how="left", maintain_order="left")
        .join(shares, on=keys, how="left", maintain_order="left")
        .join(_values(chain, every), on=keys, how="left", maintain_order="left")
    )
    level = pl.lit(service) if service is not None else pl.col("service_share").fill_null(settings.service_level)
    levels = joined.with_columns(level=level.cast(pl.Float64))["level"]
    if levels.len() and not ((levels >= 0.5) & (levels < 1.0)).all():
        raise ValueError("a level of service lies between 0.5 and 1")
    sold_here = pl.col("mean").is_not_null()
    rate = pl.col("holding_share_per_year").fill_null(settings.holding_per_year) + settings.carrying_per_year
    return joined.select(
        *keys,
        pl.col("mean").fill_null(0.0),
        pl.col("sd").fill_null(0.0),
        safety=pl.Series([NormalDist().inv_cdf(one) for one in levels], dtype=pl.Float64),
        promise=pl.when(sold_here).then("quoted_days").otherwise(np.inf),
        holding=pl.col("value") * rate,
        held=~pl.col("kind").is_in(NOWHERE),
        sold=sold_here,
        value="value",
    )


def _values(chain: Chain, places: pl.DataFrame) -> pl.DataFrame:
    """Return the standard cost of a unit at each place, its mean over the horizon: site, item, value (zero: none)."""
    net = expand(chain)
    node = places.with_columns(node=net.codes.node())["node"].to_numpy()
    worth = np.where(np.isfinite(net.worth), net.worth, 0.0)[node]
    known = (worth > 0).sum(axis=1)
    mean = np.divide(worth.sum(axis=1), known, out=np.zeros(known.size), where=known > 0)
    return places.with_columns(value=pl.Series(mean, dtype=pl.Float64))


def _remarks(
    chain: Chain, plan: Plan | None, settings: PlanSettings, ways: pl.DataFrame, circular: list[str],
    places: pl.DataFrame,
) -> tuple[str, ...]:  # fmt: skip
    """Return what had to be assumed."""
    remarks = []
    if plan is None:
        remarks.append("Nothing was planned: every way that exists counts the same.")
    if chain.risks.filter(pl.col("kind") == "demand").is_empty():
        remarks.append(
            f"No risk says how demand varies: a month by {settings.demand_spread:.0%} (setting demand_spread)."
        )
    if circular:
        remarks.append(f"Goods go in circles; left out as least used: {', '.join(sorted(set(circular)))}.")
    at_once = ways.filter((pl.col("kind") == "process") & (pl.col("days") == 0))["way"].unique().sort()
    if at_once.len():
        remarks.append(
            f"No lead time is known of {at_once.len()} of the processes ({at_once[0]} …): they count as done at once."
        )
    free = places.filter(pl.col("held") & (pl.col("value") == 0))
    if free.height:
        remarks.append(
            f"{free.height} places have no standard cost, so that stock there costs nothing: "
            f"{free['site'][0]} {free['item'][0]} …"
        )
    return tuple(remarks)
