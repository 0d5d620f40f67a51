"""The answer of `stock`: where safety stock is held, what it costs, and what shorter ways would save."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.plan.stock.placing import Placement, place
from cellroad.plan.stock.supplied import Supplied

LEVELS = (0.9, 0.95, 0.98, 0.99, 0.995)
"""Levels of service whose cost is told."""


@dataclass(frozen=True, slots=True)
class Stock:
    """Where to hold safety stock.

    stock       site, item, inbound_days (when its inputs are there after an order), service_time_days (quoted to what
                it supplies), net_replenishment_days (that its own stock covers), mean_per_day, sd_per_day,
                safety_stock, early_stock (came before it was due), base_stock (order up to it), days_of_cover (safety
                stock over mean), value_usd (a unit), holding_usd_per_year
    ways        how goods come to places: way, kind, site, item, from_site, from_item, units, part, days, spread
    placements  placement (best; everywhere: every place covers its own wait; at the ends: only where it is sold),
                holding_usd_per_year
    gap         distance of the best from its proven bound, relative
    remarks     what had to be assumed
    """

    chain: Chain
    stock: pl.DataFrame
    ways: pl.DataFrame
    placements: pl.DataFrame
    cost_usd_per_year: float
    bound_usd_per_year: float
    gap: float
    remarks: tuple[str, ...]
    supplied: Supplied

    def _repr_html_(self) -> str:
        """Return the places that hold stock as a notebook shows them."""
        return self.held()._repr_html_()

    def held(self) -> pl.DataFrame:
        """Return the places that hold safety stock, the dearest first."""
        return self.stock.filter(pl.col("safety_stock") > 0).sort("holding_usd_per_year", descending=True)

    def summary(self) -> pl.DataFrame:
        """Return the figures that a planner asks for first: figure, value, unit."""
        others = dict(self.placements.iter_rows())
        rows = [
            ("holding safety stock where it is best", self.cost_usd_per_year, "USD/year"),
            ("no placement costs less than", self.bound_usd_per_year, "USD/year"),
            ("if every place covered its own wait", others["everywhere"], "USD/year"),
            ("if all lay where it is sold", others["at the ends"], "USD/year"),
            ("places that hold safety stock", float(self.held().height), ""),
            ("value of safety stock", float((self.stock["safety_stock"] * self.stock["value_usd"]).sum()), "USD"),
        ]
        return pl.DataFrame(rows, schema={"figure": pl.String, "value": pl.Float64, "unit": pl.String}, orient="row")

    def by(self, column: str) -> pl.DataFrame:
        """Return safety stock by `site` or `item`: the column, places, value_usd, days_of_cover, holding_usd_per_year.

        Units of different items are added up at what they are worth: days of cover are the value of the safety stock
        over the value of what passes in a day, at the places that hold it.
        """
        worth = pl.col("safety_stock") * pl.col("value_usd")
        return (
            self.held()
            .group_by(column, maintain_order=True)
            .agg(
                places=pl.len(),
                value_usd=worth.sum(),
                passing=(pl.col("mean_per_day") * pl.col("value_usd")).sum(),
                holding_usd_per_year=pl.col("holding_usd_per_year").sum(),
            )
            .with_columns(days_of_cover=pl.when(pl.col("passing") > 0).then(pl.col("value_usd") / pl.col("passing")))
            .select(column, "places", "value_usd", "days_of_cover", "holding_usd_per_year")
            .sort("holding_usd_per_year", descending=True, maintain_order=True)
        )

    def markets(self) -> pl.DataFrame:
        """Return what markets are promised and what they get it from.

        site, item, service (part of days on which all is there), quoted_days, mean_per_day, sd_per_day (units),
        safety_stock, days_of_cover and holding_usd_per_year at the market itself.
        """
        law = NormalDist()
        promised = self.supplied.places.filter("sold").select(
            "site", "item", quoted_days="promise",
            service=pl.col("safety").map_elements(law.cdf, return_dtype=pl.Float64),
        )  # fmt: skip
        return promised.join(self.stock, on=["site", "item"], maintain_order="left").select(
            "site", "item", "service", "quoted_days", "mean_per_day", "sd_per_day", "safety_stock", "days_of_cover",
            "holding_usd_per_year",
        )  # fmt: skip

    def services(self, levels: Iterable[float] = LEVELS, *, market: str | None = None) -> pl.DataFrame:
        """Return what other levels of service cost: service, holding_usd_per_year, more_usd (than as it is).

        For all markets, or for one with the others as they are. Raises KeyError for a market at which nothing is sold,
        and ValueError for a level outside 0.5 to 1.
        """
        here = pl.col("sold") & (pl.lit(True) if market is None else pl.col("site") == market)
        if self.supplied.places.filter(here).is_empty():
            raise KeyError(f"nothing is sold at {market!r}")
        told = []
        for level in levels:
            if not 0.5 <= level < 1:
                raise ValueError("a level of service lies between 0.5 and 1")
            safety = pl.when(here).then(NormalDist().inv_cdf(level)).otherwise("safety")
            told.append((level, self._anew(places=self.supplied.places.with_columns(safety=safety))))
        costs = pl.DataFrame(told, schema={"service": pl.Float64, "holding_usd_per_year": pl.Float64}, orient="row")
        return costs.with_columns(more_usd=pl.col("holding_usd_per_year") - self.cost_usd_per_year)

    def pooling(self) -> float:
        """Return what is saved, in USD a year, because markets do not all move together."""
        return self._anew(correlation=1.0) - self.cost_usd_per_year

    def effect(self, way: str, days: float, *, steadier: float = 0.0) -> float:
        """Return what is saved, in USD a year, where a way takes so many days less.

        `steadier` is the part of its spread that goes, too. A negative number of days is a longer way. Raises KeyError
        for a way that is not there.
        """
        return self._shorter(pl.col("way") == way, days, steadier, f"way {way!r}", "way")

    def nearer(self, site: str, days: float, *, steadier: float = 0.0) -> float:
        """Return what is saved, in USD a year, where everything from a site, as of a vendor, arrives so much sooner.

        All lanes from it take so many days less, and lose the part `steadier` of their spread. Raises KeyError for a
        site that nothing comes from.
        """
        lanes = (pl.col("kind") == "lane") & (pl.col("from_site") == site)
        return self._shorter(lanes, days, steadier, f"lane from {site!r}", "from_site")

    def _shorter(self, which: pl.Expr, days: float, steadier: float, called: str, column: str) -> float:
        if self.ways.filter(which).is_empty():
            raise KeyError(f"no {called}; there are {', '.join(self.ways[column].drop_nulls().unique().sort())}")
        ways = self.ways.with_columns(
            days=pl.when(which).then((pl.col("days") - days).clip(0.0)).otherwise("days"),
            spread=pl.when(which).then(pl.col("spread") * (1 - steadier)).otherwise("spread"),
        )
        return self.cost_usd_per_year - self._anew(ways=ways)

    def _anew(self, **changes: Any) -> float:
        """Return what stock costs where it is placed anew, with what is supplied changed."""
        return place(replace(self.supplied, **changes).stages(), gap=1e-4).cost

    def effects(self, days: float = 7.0) -> pl.DataFrame:
        """Return what ways would save if they took some days less: way, kind, days, saves_usd_per_year."""
        ways = self.ways.filter(pl.col("days") > 0).select("way", "kind", "days").unique("way", maintain_order=True)
        saved = [self.effect(way, days) for way in ways["way"]]
        return ways.with_columns(saves_usd_per_year=pl.Series(saved, dtype=pl.Float64)).sort(
            "saves_usd_per_year", descending=True, maintain_order=True
        )

    def minimums(self) -> Chain:
        """Return the chain with the safety stock as the least stock of its places, so that a plan keeps it."""
        least = self.stock.filter(pl.col("safety_stock") > 0).select("site", "item", asked="safety_stock")
        told = self.chain.stocks
        joined = told.join(least, on=["site", "item"], how="full", coalesce=True, maintain_order="left_right")
        stocks = joined.with_columns(min_units=pl.max_horizontal("min_units", "asked")).drop("asked")
        return self.chain.replace(stocks=stocks.select(told.columns))


def placed(supplied: Supplied, found: Placement, values: pl.Series, sd: pl.Series) -> pl.DataFrame:
    """Return the frame of stock for the places of a placement."""
    size = supplied.places.height
    told = {
        name: pl.Series(array[:size], dtype=pl.Float64)
        for name, array in (
            ("inbound_days", found.inbound), ("service_time_days", found.outbound),
            ("net_replenishment_days", found.net), ("safety_stock", found.safety), ("early_stock", found.early),
        )
    }  # fmt: skip
    mean = pl.Series(supplied.stages().mean[:size])
    frame = supplied.places.select("site", "item", "holding", "held").with_columns(
        **told, mean_per_day=mean, sd_per_day=sd, value_usd=values
    )
    stock = pl.col("safety_stock") + pl.col("early_stock")
    return frame.select(
        "site", "item", "inbound_days", "service_time_days", "net_replenishment_days", "mean_per_day", "sd_per_day",
        "safety_stock", "early_stock",
        base_stock=pl.col("mean_per_day") * pl.col("net_replenishment_days") + pl.col("safety_stock"),
        days_of_cover=pl.when(pl.col("mean_per_day") > 0).then(pl.col("safety_stock") / pl.col("mean_per_day")),
        value_usd="value_usd",
        holding_usd_per_year=pl.when(stock > 0).then(stock * pl.col("holding")).otherwise(0.0),
    )  # fmt: skip
