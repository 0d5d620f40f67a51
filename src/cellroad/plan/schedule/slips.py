"""`slip`: what does it do when an order comes later, and what would the planner do about it?

First by days and with nothing else changed: stock at the dock is what the plan holds at the end of each period, evenly
in between but for what arrives in one lot,

    rate[t] = (held[t] - held[t-1] - arriving lots of t) / days of t

so that the same rates with the order moved show the first day on which it is missing, and how much of it. Then by the
plan made anew for the later day: what it buys elsewhere and what it still cannot serve.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.chain.day import Day, as_day
from cellroad.chain.orders import OPEN
from cellroad.chain.tell import did_you_mean, listed, on
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan

Floats = NDArray[np.float64]
LEAST = 1e-6
"""Part of an order below which nothing is missing."""


@dataclass(frozen=True, slots=True, eq=False)
class Slip:
    """What a later order does.

    order     its id
    from_day, to_day  when it was and when it is on the dock now
    days      day, on_hand (with the order on its former day), slipped (on its later one), missing: stock at the dock
    lacking   units that are missing on the worst day; `first_day` and `last_day` on which any are (None: none is)
    stops     item, units: what could not be made on time of the items that the missing ones go into
    changes   offer, vendor, item, quantity, kwh, usd: what the plan made anew buys more (or less) of each offer
    short     market, want, quantity: what it still serves less
    before, after  the plans for the former and the later day
    """

    order: str
    item: str
    site: str
    from_day: dt.date
    to_day: dt.date
    days: pl.DataFrame
    lacking: float
    first_day: dt.date | None
    last_day: dt.date | None
    stops: pl.DataFrame
    changes: pl.DataFrame
    short: pl.DataFrame
    before: Plan
    after: Plan

    def text(self) -> str:
        """Return what happens and what to do, in sentences."""
        names = dict(self.before.chain.items.select("item", "name").iter_rows())
        places = dict(self.before.chain.sites.select("site", "name").iter_rows())
        slipped = (self.to_day - self.from_day).days
        where = places.get(self.site, self.site)
        lines = [f"{self.order} slips {slipped} days, from {on(self.from_day)} to {on(self.to_day)}."]
        if self.first_day is None or self.last_day is None:
            lines.append(f"Nothing is missing at {where}: stock covers the days in between.")
        else:
            made = [f"{round(count):,} of {names.get(item, item)}" for item, count in self.stops.iter_rows()]
            lines.append(
                f"{where} lacks {self.lacking:,.0f} of {names.get(self.item, self.item)} from {on(self.first_day)} to "
                f"{on(self.last_day)}" + (f": {listed(made)} are late." if made else ".")
            )
        bought = [
            f"{'use' if row['kwh'] > 0 else 'drop'} {row['vendor']} for {abs(row['kwh']):,.0f} kWh ({row['offer']})"
            for row in self.changes.iter_rows(named=True)
        ]
        lost = [f"{row['quantity']:,.1f} {row['want']} at {row['market']}" for row in self.short.iter_rows(named=True)]
        worth = self.after.solution.objective_usd - self.before.solution.objective_usd
        proven = sum(abs(one.solution.bound_usd - one.solution.objective_usd) for one in (self.before, self.after))
        lines.append(
            f"Planned anew: {listed(bought)}." if bought else "Planned anew by its periods, nothing else is bought."
        )
        lines.append(f"It still serves less: {listed(lost)}." if lost else "All that was served still is.")
        if abs(worth) > proven:
            lines.append(f"The plan is worth ${abs(worth):,.0f} {'less' if worth < 0 else 'more'}.")
        else:
            lines.append(f"The plan is worth as much, as far as it is proven (${proven:,.0f}).")
        return "\n".join(lines)


def slip(
    chain: Chain, order: str, *, days: int | None = None, expected: Day | None = None, gap: float = 1e-4,
    time_limit: float = 60.0,
) -> Slip:  # fmt: skip
    """Return what happens when an open order comes so many days later, or on another day.

    Raises ValueError for an order that is not there or not open, for a day that is not later, and where neither or both
    of days and expected are given; NoPlanError where there is no plan.
    """
    row = _open_order(chain, order)
    was = row["expected"] or row["promised"]
    if (days is None) == (expected is None):
        raise ValueError("give either days or expected: by how much, or to which day the order slips")
    then = as_day(expected) if days is None else was + dt.timedelta(days=days)
    if then is None or then <= was:
        raise ValueError(f"{order} slips to {then}, which is not after {was}")
    horizon = plan(chain, gap=gap, time_limit=time_limit)
    later = _moved(chain, order, then)
    anew = plan(later, gap=gap, time_limit=time_limit)
    stock = projected(horizon, row["destination"], row["item"], row["quantity"], was, then)
    missing = stock["missing"].to_numpy()
    at = np.flatnonzero(missing > LEAST * row["quantity"])
    dates = stock["day"].to_list()
    lacking = float(missing.max(initial=0.0)) if at.size else 0.0
    return Slip(
        order=order, item=row["item"], site=row["destination"], from_day=was, to_day=then, days=stock, lacking=lacking,
        first_day=dates[at[0]] if at.size else None, last_day=dates[at[-1]] if at.size else None,
        stops=_stops(horizon, row["destination"], row["item"], lacking), changes=_bought(horizon, anew),
        short=_short(horizon, anew), before=horizon, after=anew,
    )  # fmt: skip


def projected(plan: Plan, site: str, item: str, quantity: float, was: dt.date, then: dt.date) -> pl.DataFrame:
    """Return stock at a dock day by day, with a lot on its former and on its later day: day, on_hand, slipped, missing.

    missing  units by which the slipped stock lies below nothing, beyond what it did before
    """
    periods = plan.periods
    start, end = periods["start"].min(), periods["end"].max()
    if not isinstance(start, dt.date) or not isinstance(end, dt.date):
        raise ValueError("a plan without periods")
    first = periods["start"].to_numpy().astype("datetime64[D]")
    calendar = np.arange(np.datetime64(start), np.datetime64(end) + 1)
    period = np.searchsorted(first, calendar, side="right") - 1
    held = np.zeros(periods.height)
    mine = plan.inventory.filter((pl.col("site") == site) & (pl.col("item") == item))
    held[mine["period"].to_numpy()] = mine["quantity"].to_numpy()
    lots = np.zeros(calendar.size)
    arriving = plan.chain.pipeline.filter(
        (pl.col("site") == site) & (pl.col("item") == item) & pl.col("arrives").is_between(start, end)
    )
    np.add.at(lots, (arriving["arrives"] - start).dt.total_days().to_numpy(), arriving["quantity"].to_numpy())
    opening = plan.chain.stocks.filter((pl.col("site") == site) & (pl.col("item") == item))["on_hand"].sum()
    by_period = np.bincount(period, lots, periods.height)
    size = np.bincount(period, minlength=periods.height)
    rate = (np.diff(held, prepend=float(opening)) - by_period) / size
    flow = rate[period] + lots
    on_hand = float(opening) + np.cumsum(flow)
    moved = np.zeros(calendar.size)
    late = (calendar >= np.datetime64(was)) & (calendar < np.datetime64(then))
    moved[late] = quantity
    slipped = on_hand - moved
    missing = np.maximum(-slipped, 0.0) - np.maximum(-on_hand, 0.0)
    return pl.DataFrame({"day": calendar, "on_hand": on_hand, "slipped": slipped, "missing": missing})


def _open_order(chain: Chain, order: str) -> dict[str, Any]:
    known = chain.orders.filter(OPEN)
    found = known.filter(pl.col("order") == order)
    if found.is_empty():
        there = order in chain.orders["order"]
        said = "is not open" if there else "is not among the orders"
        others = f"Open are {listed(known['order']) or 'none'}."
        raise ValueError(f"{order!r} {said}. {did_you_mean(order, known['order'], others)}")
    return found.row(0, named=True)


def _moved(chain: Chain, order: str, then: dt.date) -> Chain:
    late = pl.when(pl.col("order") == order).then(pl.lit(then)).otherwise(pl.col("expected"))
    return chain.replace(orders=chain.orders.with_columns(expected=late))


def _stops(plan: Plan, site: str, item: str, lacking: float) -> pl.DataFrame:
    """Return what the missing units would have gone into, in the proportions of the plan: item, units."""
    used = plan.consumption.filter((pl.col("site") == site) & (pl.col("item") == item))
    each = used.group_by("process", maintain_order=True).agg(taken=pl.col("quantity").sum())
    made = plan.production.group_by("process", "item").agg(good=pl.col("good").sum())
    both = each.join(made, on="process", maintain_order="left").filter(pl.col("taken") > 0)
    whole = float(both["taken"].sum())
    if not lacking or not whole:
        return pl.DataFrame(schema={"item": pl.String, "units": pl.Float64})
    return (
        both.group_by(pl.col("item").cast(pl.String), maintain_order=True)
        .agg(units=pl.col("good").sum() * lacking / whole)
        .filter(pl.col("units") > 0)
    )


def _bought(before: Plan, after: Plan) -> pl.DataFrame:
    """Return what the later plan buys more or less of each offer, the most energy first."""
    chain = before.chain

    def sums(one: Plan) -> pl.DataFrame:
        frame = one.purchases.with_columns(pl.col("offer", "site", "item").cast(pl.String))
        return frame.group_by("offer", "site", "item").agg(pl.col("quantity").sum(), usd=pl.col("cost_usd").sum())

    both = sums(after).join(sums(before), on=["offer", "site", "item"], how="full", coalesce=True, suffix="_before")
    change = both.with_columns(pl.col("quantity", "usd", "quantity_before", "usd_before").fill_null(0.0)).with_columns(
        quantity=pl.col("quantity") - pl.col("quantity_before"), usd=pl.col("usd") - pl.col("usd_before")
    )
    named = change.join(chain.items.select("item", each="kwh"), on="item", how="left").join(
        chain.sites.select("site", vendor="name"), on="site", how="left"
    )
    told = named.select("offer", "vendor", "item", "quantity", "usd", kwh=pl.col("quantity") * pl.col("each"))
    return told.filter(pl.col("quantity").abs() > 0.5).sort(pl.col("kwh").abs(), "offer", descending=[True, False])


def _short(before: Plan, after: Plan) -> pl.DataFrame:
    """Return what the later plan serves less: market, want, quantity."""

    def sums(one: Plan) -> pl.DataFrame:
        frame = one.shortages.with_columns(pl.col("market", "want").cast(pl.String))
        return frame.group_by("market", "want").agg(pl.col("quantity").sum())

    both = sums(after).join(sums(before), on=["market", "want"], how="left", suffix="_before")
    more = both.with_columns(quantity=pl.col("quantity") - pl.col("quantity_before").fill_null(0.0))
    return more.filter(pl.col("quantity") > 0.05).select("market", "want", "quantity").sort("market", "want")
