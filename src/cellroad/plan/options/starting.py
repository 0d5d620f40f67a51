"""Which investments, closures and certification campaigns may start, when, and what does each start cost?

A start is a decision at the beginning of a period: option o in period s, a closure, or the campaign of an item and
standard. Capacity, yield and permission then depend on the start alone, so that a ramp by age needs no extra variable:
each start brings its own line (its vintage). Of every undertaking at most one start is taken.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.chain.column import several
from cellroad.chain.settings import PlanSettings
from cellroad.plan.options.delays import delays
from cellroad.plan.periods import Openness, Periods, add_months

EXISTING = -1
"""The start of a line that stands already."""


@dataclass(frozen=True)
class Starts:
    """Every start that may be decided, and the money it moves.

    An undertaking is what is started at most once: an option, a closure, or the campaign for an item and standard.
    An option that may be taken several times is so many undertakings, its copies 0, 1, 2 and so on, taken in that
    order; only a campaign that lapses may be started again (again).

    frame     start (id), kind (option, closure, certificate), what, standard, cell, undertaking, copy, again, resource,
              one_of, requires, period (decided), decided, planned (first day of use without delay), ready (with the
              delay that is counted; of a closure the first day without production), ready_day, ready_month, until_day
              (day on which a campaign lapses; null: never), cost_usd, residual_usd, life_years, lab
    cash      start, kind (capex, certificate, fixed, closing, recovered, end_plant), period (T: at the horizon), usd
              (income positive)
    needs     undertaking, condition, needed (undertaking): of each condition one must be in operation first
    excludes  undertaking, other (undertaking): at most one of both is started
    spend     start, option, year, usd: capex by calendar year
    """

    frame: pl.DataFrame
    cash: pl.DataFrame
    needs: pl.DataFrame
    excludes: pl.DataFrame
    spend: pl.DataFrame


FRAME: dict[str, pl.DataType | type[pl.DataType]] = {
    "start": pl.Int64, "kind": pl.String, "what": pl.String, "standard": pl.String, "cell": pl.String,
    "undertaking": pl.String, "copy": pl.Int64, "again": pl.Boolean, "resource": pl.String, "one_of": pl.String,
    "requires": pl.List(pl.String), "period": pl.Int64, "decided": pl.Date, "planned": pl.Date, "ready": pl.Date,
    "ready_day": pl.Int64, "ready_month": pl.Int64, "until_day": pl.Int64, "cost_usd": pl.Float64,
    "residual_usd": pl.Float64, "life_years": pl.Float64, "lab": pl.String,
}  # fmt: skip
CASH = {"start": pl.Int64, "kind": pl.String, "period": pl.Int64, "usd": pl.Float64}
NEEDS = {"undertaking": pl.String, "condition": pl.Int64, "needed": pl.String}
EXCLUDES = {"undertaking": pl.String, "other": pl.String}
SPEND = {"start": pl.Int64, "option": pl.String, "year": pl.Int64, "usd": pl.Float64}


@dataclass
class _Collected:
    """The rows of starts, collected one undertaking at a time."""

    frame: list[dict[str, object]] = field(default_factory=list)
    cash: list[tuple[int, str, int, float]] = field(default_factory=list)
    needs: list[tuple[str, int, str]] = field(default_factory=list)
    excludes: list[tuple[str, str]] = field(default_factory=list)
    spend: list[tuple[int, str, int, float]] = field(default_factory=list)

    def start(self, **row: object) -> int:
        number = len(self.frame)
        self.frame.append(
            dict.fromkeys(FRAME) | {"requires": [], "residual_usd": 0.0, "again": False, "start": number} | row
        )
        return number

    def pay(self, start: int, kind: str, period: int, usd: float) -> None:
        if usd:
            self.cash.append((start, kind, period, float(usd)))

    def need(self, undertaking: str, *conditions: list[str]) -> None:
        first = len(self.needs)
        self.needs += [(undertaking, first + n, one) for n, some in enumerate(conditions) for one in some]

    def done(self) -> Starts:
        def frame(rows: Sequence[object], schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
            return pl.DataFrame(rows, schema=dict(schema), orient="row")

        return Starts(
            pl.DataFrame(self.frame, schema=FRAME), frame(self.cash, CASH), frame(self.needs, NEEDS),
            frame(self.excludes, EXCLUDES), frame(self.spend, SPEND),
        )  # fmt: skip


def make_starts(chain: Chain, periods: Periods, settings: PlanSettings) -> Starts:
    """Return the starts of options, closures and campaigns whose result comes before the horizon ends."""
    found = _Collected()
    closed = chain.resources.filter(pl.col("status") == "closed").select("resource")
    options = chain.options.join(closed, on="resource", how="anti", maintain_order="left")
    own_fixed = chain.resources.select("resource", resource_fixed="fixed_usd_per_month")
    options = options.join(own_fixed, on="resource", how="left", maintain_order="left").with_columns(
        pl.col("fixed_usd_per_month").fill_null(pl.col("resource_fixed").fill_null(0.0)),
        *(several(name) for name in ("requires", "requires_any", "excludes")),
    )
    held_up = delays(chain, settings)
    for option in options.iter_rows(named=True):
        for copy in range(option["times"]):
            _start_option(found, option, copy, held_up.get(option["option"], 0), periods, settings)
    closures = chain.closures.join(closed, on="resource", how="anti", maintain_order="left")
    several_ends = closures.filter(pl.col("resource").is_duplicated())["resource"].unique()
    for closure in closures.iter_rows(named=True):
        group = f"closing of {closure['resource']}" if closure["resource"] in several_ends else None
        _start_closure(found, closure, group, chain, periods, settings)
    for campaign in chain.certificates.iter_rows(named=True):
        _start_campaigns(found, campaign, periods, settings)
    return found.done()


def undertaking(kind: str, what: str, copy: int = 0) -> str:
    """Return the name of an undertaking."""
    return f"{kind} {what} #{copy + 1}" if copy else f"{kind} {what}"


def _start_option(
    found: _Collected, option: dict[str, Any], copy: int, delay: int, periods: Periods, settings: PlanSettings
) -> None:
    """Add the starts of one copy of an option.

    A delay lengthens the building time: the spending is spread over the longer time, and all that follows comes later.
    """
    name = undertaking("option", option["option"], copy)
    if copy:
        found.need(name, [undertaking("option", option["option"], copy - 1)])
    else:
        alternatives = [undertaking("option", other) for other in option["requires_any"] if other]
        found.need(
            name,
            *([undertaking("option", other)] for other in option["requires"] if other),
            *([alternatives] if alternatives else []),
            *([[undertaking("closure", option["replaces"])]] if option["replaces"] else []),
        )
        found.excludes += [(name, undertaking("option", other)) for other in option["excludes"] if other]
    building = option["build_months"] + delay
    for period in candidates(periods, settings, option["earliest"], option["latest"]):
        decided_month = int(periods.first_month[period])
        ready_month = decided_month + building
        if ready_month >= settings.months:
            continue
        ready = add_months(periods.start, ready_month)
        residual = settings.terminal_plant_share * straight_line(option, settings.months - ready_month)
        start = found.start(
            kind="option", what=option["option"], undertaking=name, copy=copy, resource=option["resource"],
            one_of=option["one_of"] or None if copy == 0 else None,
            requires=[first for first in option["requires"] if first] if copy == 0 else [], period=period,
            decided=periods.frame["start"][period], ready=ready, ready_day=periods.day_number(ready),
            planned=add_months(periods.start, decided_month + option["build_months"]), ready_month=ready_month,
            cost_usd=option["capex_usd"], residual_usd=residual, life_years=option["life_years"],
        )  # fmt: skip
        spend = spending(option["spend_profile"], building) * option["capex_usd"]
        months = decided_month + np.arange(spend.size)
        for month, usd in zip(months, spend, strict=True):
            found.pay(start, "capex", int(_period_of_month(periods, month)), -usd)
            if usd:
                found.spend.append((start, option["option"], add_months(periods.start, int(month)).year, float(usd)))
        for p, months_used in enumerate(months_in_use(periods, ready_month)):
            found.pay(start, "fixed", p, -option["fixed_usd_per_month"] * float(months_used))
        found.pay(start, "end_plant", periods.count, residual)


def straight_line(option: dict[str, Any], age_months: int) -> float:
    """Return what a plant is worth at an age: its cost less an even part of it in each year of its life."""
    return float(option["capex_usd"]) * max(0.0, 1 - age_months / 12 / float(option["life_years"]))


def _start_closure(
    found: _Collected, closure: dict[str, Any], group: str | None, chain: Chain, periods: Periods,
    settings: PlanSettings,
) -> None:  # fmt: skip
    """Add the starts of a closure. A line works to the end of the period in which its notice runs out."""
    resource = chain.resources.row(by_predicate=pl.col("resource") == closure["resource"], named=True)
    standing = resource["status"] == "operating"
    name = undertaking("closure", closure["closure"])
    if not standing:
        lines = [row for row in found.frame if row["kind"] == "option" and row["resource"] == closure["resource"]]
        brought = [row["undertaking"] for row in lines]
        if not brought:
            return
        found.need(name, [str(one) for one in dict.fromkeys(brought)])
    for period in candidates(periods, settings, closure["earliest"], closure["latest"]):
        notice = int(periods.first_month[period]) + closure["notice_months"]
        last = int(np.searchsorted(periods.first_month, notice))
        if last >= periods.count:
            continue
        start = found.start(
            kind="closure", what=closure["closure"], undertaking=name, copy=0,
            resource=closure["resource"], one_of=group, period=period, decided=periods.frame["start"][period],
            planned=periods.frame["start"][last], ready=periods.frame["start"][last],
            ready_day=int(periods.first_day[last]), ready_month=int(periods.first_month[last]),
            cost_usd=closure["cost_usd"],
        )  # fmt: skip
        found.pay(start, "closing", last, -closure["cost_usd"])
        found.pay(start, "recovered", last, closure["value_usd"])
        if standing:
            for p in range(last, periods.count):
                if in_operation(resource["since"], periods.frame["start"][p]):
                    found.pay(start, "fixed", p, resource["fixed_usd_per_month"] * float(periods.months[p]))


def in_operation(since: dt.date | None, first_day: dt.date) -> bool:
    """Say whether what stands is in operation in a period, by its first day."""
    return since is None or since <= first_day


def _start_campaigns(found: _Collected, row: dict[str, Any], periods: Periods, settings: PlanSettings) -> None:
    """Add the campaigns of a certificate.

    A campaign whose validity ends may be run again, before it lapses or after; a certificate that is valid until a day
    can be renewed where it says how long a campaign holds.
    """
    again = row["valid_months"] is not None
    if row["status"] == "lapsed" or (row["status"] == "valid" and (not again or row["valid_to"] is None)):
        return
    what = " ".join(part for part in (row["item"], row["standard"], row["cell"]) if part)
    for period in candidates(periods, settings, row["earliest"] or periods.start, None):
        decided = periods.frame["start"][period]
        ready = decided + dt.timedelta(days=round(7 * row["weeks"]))
        if ready >= periods.end:
            continue
        until = later(ready, row["valid_months"]) if again else None
        if row["valid_to"] is not None and row["status"] == "planned":
            last = row["valid_to"] + dt.timedelta(days=1)
            until = min(until or last, last)
        start = found.start(
            kind="certificate", what=row["item"], standard=row["standard"], cell=row["cell"],
            undertaking=undertaking("certificate", what), copy=0, again=again, period=period, decided=decided,
            planned=ready, ready=ready, ready_day=periods.day_number(ready), ready_month=0, cost_usd=row["cost_usd"],
            lab=row["lab"], until_day=None if until is None else periods.day_number(until),
        )  # fmt: skip
        found.pay(start, "certificate", period, -row["cost_usd"])


def later(date: dt.date, months: int) -> dt.date:
    """Return the same day so many months later, the last of the month where it has no such day."""
    first = add_months(date.replace(day=1), months)
    return first.replace(day=min(date.day, calendar.monthrange(first.year, first.month)[1]))


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

        hours[s,t] = hours_per_month * max_use_share * open share of the site's days in t
                     * sum over months of t of capacity_share[age]

    An option may bring other hours than its resource has, as an expansion does; the ramp is that of the resource.
    Lines of one resource with the same yield in a period do the same work: they are one batch, whatever their age.
    """
    ramps = {
        str(name): group.sort("month").select("month", "capacity_share", "yield_share").to_numpy()
        for (name,), group in chain.ramps.group_by("ramp")
    }
    brought = starts.frame.filter(pl.col("kind") == "option").join(
        chain.options.select("option", "hours_per_month"), left_on="what", right_on="option", maintain_order="left"
    )
    parts: list[pl.DataFrame] = []
    for resource in chain.resources.filter(pl.col("status") != "closed").iter_rows(named=True):
        usual = resource["hours_per_month"]
        ages: list[tuple[int, int, float]] = []
        if resource["status"] == "operating":
            ages.append((EXISTING, _months_before(resource["since"], periods), usual))
        mine = brought.filter(pl.col("resource") == resource["resource"])
        ages += list(mine.select("start", "ready_month", pl.col("hours_per_month").fill_null(usual)).iter_rows())
        for start, ready_month, most in ages:
            capacity, ramp_yield = _ramped(ramps.get(resource["ramp"]), periods, ready_month)
            hours = most * resource["max_use_share"] * capacity * open_at[resource["site"]].share
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
