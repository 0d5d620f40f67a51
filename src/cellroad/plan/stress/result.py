"""What a stress test says: service, value, cost, fans, what drives the loss, sites, the worst futures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from cellroad.plan.result import Plan
from cellroad.plan.stress.batches import Trace, drawn, trace
from cellroad.plan.stress.policy import Operated
from cellroad.plan.stress.stories import Story, story
from cellroad.plan.stress.uncertain import Uncertain

SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Quantiles that are told."""
TAIL = 0.05
"""Part of the futures whose mean is the conditional value at risk."""


@dataclass(frozen=True)
class Stress:
    """A plan in thousands of futures.

    draws, seed  futures run (fewer than asked where it was stopped), and what they come from
    measures     measure, planned, calm (day by day with no risk), mean, deviation, mean_error (one standard error), p01
                 to p99, tail_mean (mean of the worst twentieth: lowest value, highest cost), unit
    service      market, want, segment, planned (part served in the plan), calm, fill (mean part served on its day),
                 fill_p05, fill_p50, fill_p95, service_level (mean part of days on which all was served),
                 service_p05, lost (mean wants lost), short (part of futures with any shortage)
    fans         series (fill:market|want|segment, stock, cash), month, p05, p25, p50, p75, p95, mean, calm
    drivers      risk, kind, target, alone_usd (mean change of value where nothing else happens), alone_error,
                 without_usd (mean gain of value where all but it happens), without_error (one standard error), futures
    sites        site, survive_days, recover_days, felt_days, outage_days, lost, begins (see `recovery`)
    worst        rank, draw, value_usd, story
    against      measure, value: this plan less another in the same futures; empty where it was run alone
    rank_error   by how much a quantile may be off, as a share of the futures (`quantiles`); fan_error of the fans
    imbalance    the largest share of goods of a node that could not be accounted for in any future
    remarks      what is not simulated
    """

    plan: Plan
    draws: int
    seed: int
    measures: pl.DataFrame
    service: pl.DataFrame
    fans: pl.DataFrame
    drivers: pl.DataFrame
    sites: pl.DataFrame
    worst: pl.DataFrame
    against: pl.DataFrame
    rank_error: float
    fan_error: float
    imbalance: float
    remarks: tuple[str, ...]
    operated: Operated
    uncertain: Uncertain

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return every frame by name."""
        names = ("measures", "service", "fans", "drivers", "sites", "worst", "against")
        return {name: getattr(self, name) for name in names}

    def trace(self, draw: int) -> Trace:
        """Return one of the futures day by day; the same as in the test, whenever it is asked for."""
        law = self.uncertain.law
        return trace(self.operated.built.system, self.uncertain.links, law, drawn(law, self.seed, draw))

    def story(self, draw: int) -> Story:
        """Return one of the futures as a story."""
        law = self.uncertain.law
        calm = law._replace(on=np.zeros(law.on.size, np.bool_))
        still = trace(self.operated.built.system, self.uncertain.links, calm, drawn(calm, self.seed, draw))
        return story(self.operated, self.uncertain, self.trace(draw), still)

    def stocks(self, draw: int) -> pl.DataFrame:
        """Return what is on hand in a future: day, site, item, units."""
        told = self.trace(draw)
        first = self.plan.chain.plan_settings().start
        days = pl.DataFrame({"n": np.arange(len(told.stock))}).select(day=pl.lit(first) + pl.duration(days="n"))
        wide = pl.DataFrame(told.stock, schema=[str(n) for n in range(told.stock.shape[1])], orient="row")
        long = pl.concat([days, wide], how="horizontal").unpivot(index="day", variable_name="node", value_name="units")
        names = self.operated.nodes.with_columns(node=pl.int_range(pl.len()).cast(pl.String))
        return long.join(names, on="node", maintain_order="left").select("day", "site", "item", "units")

    def summary(self) -> pl.DataFrame:
        """Return the figures that are asked for first: figure, value, unit."""
        told = {row["measure"]: row for row in self.measures.iter_rows(named=True)}
        value, cost = told["value_usd"], told["cost_usd_per_kwh"]
        wanted = self.service["wanted"].to_numpy()
        fill = float(np.average(self.service["fill"].to_numpy(), weights=wanted)) if wanted.sum() else float("nan")
        rows = [
            ("futures", float(self.draws), ""),
            ("net present value, planned", value["planned"], "USD"),
            ("net present value, day by day without risk", value["calm"], "USD"),
            ("net present value, mean", value["mean"], "USD"),
            ("net present value, one in twenty below", value["p05"], "USD"),
            ("net present value, mean of the worst twentieth", value["tail_mean"], "USD"),
            ("cost, mean", cost["mean"], "USD/kWh"),
            ("cost, mean of the dearest twentieth", cost["tail_mean"], "USD/kWh"),
            ("demand served on its day, mean", fill, "share"),
        ]
        return pl.DataFrame(rows, schema={"figure": pl.String, "value": pl.Float64, "unit": pl.String}, orient="row")

    def _repr_html_(self) -> str:
        """Return the summary as a notebook shows it."""
        return self.summary()._repr_html_()
