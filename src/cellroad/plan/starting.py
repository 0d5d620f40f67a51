"""Which investments and certification campaigns may start, when, and what does each start cost?

A start is a decision at the beginning of a period: option o in period s, or the campaign of an item and standard.
Capacity, yield and permission then depend on the start alone, so that a ramp by age needs no extra variable: each
start brings its own line (its vintage). Of every undertaking at most one start is taken.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.chain.column import several
from cellroad.chain.settings import PlanSettings
from cellroad.plan.periods import Openness, Periods, add_months

EXISTING = -1
"""The start of a line that stands already."""


@dataclass(frozen=True)
class Starts:
    """Every start that may be decided, and the money it moves.

    frame   start (id), kind (option, certificate), what, standard, resource, one_of, requires, period (decided),
            decided, ready (first day of use), ready_day, ready_month, cost_usd, residual_usd
    cash    start, kind (capex, certificate, fixed, end_plant), period (T: at the horizon), usd (income positive)
    """

    frame: pl.DataFrame
    cash: pl.DataFrame


FRAME: dict[str, pl.DataType | type[pl.DataType]] = {
    "start": pl.Int64, "kind": pl.String, "what": pl.String, "standard": pl.String, "resource": pl.String,
    "one_of": pl.String, "requires": pl.List(pl.String), "period": pl.Int64, "decided": pl.Date, "ready": pl.Date,
    "ready_day": pl.Int64, "ready_month": pl.Int64, "cost_usd": pl.Float64, "residual_usd": pl.Float64,
}  # fmt: skip
CASH = {"start": pl.Int64, "kind": pl.String, "period": pl.Int64, "usd": pl.Float64}


def make_starts(chain: Chain, periods: Periods, settings: PlanSettings) -> Starts:
    """Return the starts of options and planned certificates whose result comes before the horizon ends."""
    fixed = dict(chain.resources.select("resource", "fixed_usd_per_month").iter_rows())
    closed = chain.resources.filter(pl.col("status") == "closed").select("resource")
    frame: list[dict[str, object]] = []
    cash: list[tuple[int, str, int, float]] = []
    options = chain.options.join(closed, on="resource", how="anti", maintain_order="left")
    for option in options.with_columns(several("requires")).iter_rows(named=True):
        for period in candidates(periods, settings, option["earliest"], option["latest"]):
            ready_month = int(periods.first_month[period]) + option["build_months"]
            if ready_month >= settings.months:
                continue
            ready = add_months(periods.start, ready_month)
            left = 1 - (settings.months - ready_month) / 12 / option["life_years"]
            residual = settings.terminal_plant_share * option["capex_usd"] * max(0.0, left)
            start = len(frame)
            frame.append(
                {
                    "start": start, "kind": "option", "what": option["option"], "standard": None,
                    "resource": option["resource"], "one_of": option["one_of"] or None,
                    "requires": [first for first in option["requires"] if first], "period": period,
                    "decided": periods.frame["start"][period], "ready": ready,
                    "ready_day": periods.day_number(ready), "ready_month": ready_month,
                    "cost_usd": option["capex_usd"], "residual_usd": residual,
                }
            )  # fmt: skip
            spend = spending(option["spend_profile"], option["build_months"]) * option["capex_usd"]
            at = _period_of_month(periods, int(periods.first_month[period]) + np.arange(spend.size))
            cash += [(start, "capex", int(p), -float(usd)) for p, usd in zip(at, spend, strict=True) if usd]
            monthly = fixed[option["resource"]]
            if monthly:
                months = months_in_use(periods, ready_month)
                cash += [(start, "fixed", p, -monthly * float(m)) for p, m in enumerate(months) if m]
            if residual:
                cash.append((start, "end_plant", periods.count, residual))
    for campaign in chain.certificates.filter(pl.col("status") == "planned").iter_rows(named=True):
        for period in candidates(periods, settings, campaign["earliest"] or periods.start, None):
            decided = periods.frame["start"][period]
            ready = decided + dt.timedelta(days=round(7 * campaign["weeks"]))
            if ready >= periods.end:
                continue
            start = len(frame)
            frame.append(
                {
                    "start": start, "kind": "certificate", "what": campaign["item"],
                    "standard": campaign["standard"], "resource": None, "one_of": None, "requires": [],
                    "period": period, "decided": decided, "ready": ready,
                    "ready_day": periods.day_number(ready), "ready_month": 0,
                    "cost_usd": campaign["cost_usd"], "residual_usd": 0.0,
                }
            )  # fmt: skip
            if campaign["cost_usd"]:
                cash.append((start, "certificate", period, -campaign["cost_usd"]))
    return Starts(pl.DataFrame(frame, schema=FRAME), pl.DataFrame(cash, schema=CASH, orient="row"))


def candidates(periods: Periods, settings: PlanSettings, earliest: dt.date, latest: dt.date | None) -> list[int]:
    """Return the periods in which a decision with this window may fall, at the pace of the settings.

    The first period of a window counts whatever the pace: no option is lost to the grid, and a window that ends later
    allows all that a shorter one did.
    """
    window = [
        period
        for period, start in enumerate(periods.frame["start"])
        if start >= earliest and (latest is None or start <= latest)
    ]
    return [p for p in window if p == window[0] or periods.first_month[p] % settings.decide_every_months == 0]


def spending(profile: str, months: int) -> NDArray[np.float64]:
    """Return the share of the investment that is spent in each month of the building time.

    The profile's shares cover equal parts of that time; without one the spending is even; without building time
    all of it falls in the month of the decision. Shape (max(months, 1),), sums to one.
    """
    shares = np.array([float(part) for part in profile.split(";")] if profile else [1.0])
    edges = np.linspace(0, 1, max(months, 1) + 1)
    cumulative = np.interp(edges, np.linspace(0, 1, shares.size + 1), np.concatenate([[0], np.cumsum(shares)]))
    return np.asarray(np.diff(cumulative) / shares.sum())


def months_in_use(periods: Periods, ready_month: int) -> NDArray[np.int64]:
    """Return how many months of each period lie at or after a month number: shape (T,)."""
    begin, end = periods.first_month[:-1], periods.first_month[1:]
    return np.clip(end - np.maximum(begin, ready_month), 0, None)


def make_lines(chain: Chain, periods: Periods, starts: Starts, open_at: dict[str, Openness]) -> pl.DataFrame:
    """Return the capacity of every line in every period: resource, start, period, hours, ramp_yield, batch.

        hours[s,t] = hours_per_month * open share of the site's days in t * sum over months of t of capacity_share[age]

    Lines of one resource with the same yield in a period do the same work: they are one batch, whatever their age.
    """
    ramps = {
        str(name): group.sort("month").select("month", "capacity_share", "yield_share").to_numpy()
        for (name,), group in chain.ramps.group_by("ramp")
    }
    parts: list[pl.DataFrame] = []
    for resource in chain.resources.filter(pl.col("status") != "closed").iter_rows(named=True):
        ages: list[tuple[int, int]] = []
        if resource["status"] == "operating":
            ages.append((EXISTING, _months_before(resource["since"], periods)))
        mine = starts.frame.filter(pl.col("resource") == resource["resource"])
        ages += list(mine.select("start", "ready_month").iter_rows())
        for start, ready_month in ages:
            capacity, ramp_yield = _ramped(ramps.get(resource["ramp"]), periods, ready_month)
            hours = resource["hours_per_month"] * capacity * open_at[resource["site"]].share
            parts.append(
                pl.DataFrame(
                    {
                        "resource": resource["resource"], "start": start,
                        "period": np.arange(periods.count), "hours": hours, "ramp_yield": ramp_yield,
                    },
                    schema_overrides={"start": pl.Int64},
                ).filter(pl.col("hours") > 0)
            )  # fmt: skip
    schema = {
        "resource": pl.String, "start": pl.Int64, "period": pl.Int64, "hours": pl.Float64,
        "ramp_yield": pl.Float64,
    }  # fmt: skip
    lines = pl.concat([pl.DataFrame(schema=schema), *parts]).with_columns(pl.col("ramp_yield").round(9))
    return lines.with_columns(batch=pl.struct("resource", "period", "ramp_yield").rank("dense").cast(pl.Int64) - 1)


def _ramped(
    ramp: NDArray[np.float64] | None, periods: Periods, ready_month: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (months of full capacity, mean yield factor) in each period of a line that starts in a month."""
    months = np.arange(int(periods.first_month[-1]))
    age = months - ready_month
    if ramp is None:
        capacity, yields = np.ones(months.size), np.ones(months.size)
    else:
        row = np.clip(np.searchsorted(ramp[:, 0], age, side="right") - 1, 0, None)
        capacity, yields = ramp[row, 1].copy(), ramp[row, 2]
    capacity[age < 0] = 0
    per_period = np.add.reduceat(capacity, periods.first_month[:-1])
    weighted = np.add.reduceat(capacity * yields, periods.first_month[:-1])
    return per_period, np.divide(weighted, per_period, out=np.ones_like(weighted), where=per_period > 0)


def _months_before(since: dt.date | None, periods: Periods) -> int:
    """Return the month number of a start of production; far in the past where it is not told."""
    if since is None:
        return -1200
    return (since.year - periods.start.year) * 12 + since.month - periods.start.month


def _period_of_month(periods: Periods, months: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.searchsorted(periods.first_month, months, side="right") - 1
