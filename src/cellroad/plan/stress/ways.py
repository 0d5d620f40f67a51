"""What could be done with a planned chain, and what is planned of it by day: purchases, processes, lanes, sales.

What a plan does in a period is spread over its open days; goods are under way by the day. What the plan does not use
but could (an offer, a process on a line that stands, a lane, a certified item) is there too, with nothing planned.
Nodes are numbered as in the network of the plan.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.network import arcs
from cellroad.plan.network.network import Network
from cellroad.plan.network.worth import finite
from cellroad.plan.periods import MARGIN_DAYS, Openness, Periods
from cellroad.plan.result import Plan
from cellroad.plan.stress.arrays import Floats, Ints
from cellroad.plan.stress.assemble import Buy, Make, Row, Serve, Ship
from cellroad.plan.stress.packing import waiting
from cellroad.plan.transport import seasons

DAYS_PER_MONTH = 365.25 / 12
Flags = NDArray[np.bool_]
Kind = TypeVar("Kind", covariant=True)


@dataclass(frozen=True)
class Planned(Generic[Kind]):
    """A way with its name (ids) and what is planned of it by day: arrivals of a purchase, runs of a process, what
    leaves on a lane, units sold."""

    name: tuple[str, ...]
    way: Kind
    daily: Floats


@dataclass(frozen=True)
class Desk:
    """A plan on the table: its network, its days and calendars."""

    net: Network
    plan: Plan
    switch_days: int
    open_at: dict[str, Openness]

    @property
    def chain(self) -> Chain:
        """Return the chain, in US dollars."""
        return self.net.chain

    @property
    def periods(self) -> Periods:
        """Return the periods of the plan."""
        return self.net.periods

    @property
    def days(self) -> int:
        """Return the number of days of the horizon."""
        return int(self.net.periods.first_day[-1])

    def opened(self, site: str) -> Floats:
        """Return 1 on the days on which a site works, 0 on the others."""
        return np.asarray(~self.open_at[site].closed[MARGIN_DAYS : MARGIN_DAYS + self.days], float)

    def spread(self, by_period: Floats, weight: Floats) -> Floats:
        """Return units a day that add up to those of each period, in proportion to a weight by day."""
        period = self.periods.of_day
        total, even = np.bincount(period, weight)[period], np.bincount(period)[period]
        part = np.divide(weight, total, out=1.0 / even, where=total > 0)
        return np.asarray(by_period[period] * part)

    def summed(self, frame: pl.DataFrame | None, column: str) -> Floats:
        """Return a column added up by period; nothing without a frame."""
        if frame is None:
            return np.zeros(self.periods.count)
        out = np.bincount(frame["period"].to_numpy(), frame[column].to_numpy(), self.periods.count)
        return np.asarray(out, np.float64)

    def at(self, frame: pl.DataFrame, column: str) -> Floats:
        """Return the mean of a column by period; not a number where there is none."""
        size = np.bincount(frame["period"].to_numpy(), minlength=self.periods.count)
        total = self.summed(frame, column)
        return np.asarray(np.divide(total, size, out=np.full(self.periods.count, np.nan), where=size > 0), np.float64)


def purchases(desk: Desk) -> list[Planned[Buy]]:
    """Return every offer with what is bought of it: offer, site, item.

    A price with a floor or a cap is here what it would be without, and chance moves it within them.
    """
    found, free = [], _free_prices(desk)
    offers = {row["offer"]: row for row in desk.chain.offers.iter_rows(named=True)}
    bought = desk.plan.purchases.partition_by("offer", as_dict=True)
    for (name,), could in desk.net.buys.group_by("offer", maintain_order=True):
        offer, day = offers[name], np.arange(desk.days)
        opened = desk.opened(offer["site"]) > 0
        ordered = desk.open_at[offer["site"]].order_day(day, offer["lead_days"])
        last = desk.days if offer["valid_to"] is None else desk.periods.day_number(offer["valid_to"])
        valid = opened & (ordered >= 0) & (day >= desk.periods.day_number(offer["valid_from"])) & (day <= last)
        due = np.searchsorted(ordered, day)
        due = np.where(opened & (due >= day) & (due < desk.days), due, -1).astype(np.int64)
        most, quantity = desk.summed(could, "most"), desk.summed(bought.get((name,)), "quantity")
        cap = desk.spread(np.maximum(most, quantity), valid.astype(float)) * valid
        usd = free.get(name, _filled(desk.at(could, "price_usd")))
        low, high = (
            np.full(usd.size, none) if side is None else side / np.maximum(usd, 1e-12)
            for side, none in ((offer["floor_usd"], 0.0), (offer["cap_usd"], np.inf))
        )
        way = Buy(
            int(could["node"][0]), quantity, most > 0, usd, desk.switch_days, due,
            np.where(due >= 0, cap[np.maximum(due, 0)], 0.0), float(offer["moq"]),
            low, high,
        )  # fmt: skip
        found.append(Planned((name, offer["site"], offer["item"]), way, desk.spread(quantity, valid.astype(float))))
    return found


def _free_prices(desk: Desk) -> dict[str, Floats]:
    """Return by offer with a floor or a cap what its price would be without, by period."""
    offers = desk.chain.offers.with_columns(floor_usd=pl.lit(None, pl.Float64), cap_usd=pl.lit(None, pl.Float64))
    bound = desk.chain.offers.filter(pl.any_horizontal(pl.col("floor_usd", "cap_usd").is_not_null()))["offer"]
    prices = arcs.make_prices(desk.chain.replace(offers=offers), desk.periods)
    return {name: prices[n] for n, name in enumerate(offers["offer"]) if name in bound}


def processes(desk: Desk, lines: Sequence[str]) -> list[Planned[Make]]:
    """Return every process that has its line, with its runs: process, site, item, resource ("" for none)."""
    found = []
    inputs = arcs.make_inputs(desk.chain, desk.net.codes).partition_by("process", as_dict=True)
    beside = desk.chain.coproducts.join(desk.chain.processes.select("process", "site"), on="process")
    others = beside.select("process", "quantity", node=desk.net.codes.node()).partition_by("process", as_dict=True)
    done = desk.plan.production.partition_by("process", as_dict=True)
    rows = {row["process"]: row for row in desk.chain.processes.iter_rows(named=True)}
    for (name,), could in desk.net.makes.group_by("process", maintain_order=True):
        process = rows[name]
        if process["resource"] is not None and process["resource"] not in lines:
            continue
        runs, good, credit = (desk.summed(done.get((name,)), column) for column in ("runs", "good", "credit_usd"))
        usual = desk.at(could, "yield_share")
        earned = np.divide(credit, runs, out=np.full(runs.size, np.nan), where=runs > 0)
        way = Make(
            int(could["node"][0]), good, ~np.isnan(usual), _filled(desk.at(could, "cost_usd")) - _filled(earned),
            desk.switch_days, np.divide(good, runs, out=_filled(usual), where=runs > 0),
            _pairs(inputs.get((name,)), "input_node"), lines.index(process["resource"]) if process["resource"] else -1,
            float(process["hours_per_unit"]), _pairs(others.get((name,)), "node"),
        )  # fmt: skip
        names = (name, process["site"], process["item"], process["resource"] or "")
        found.append(Planned(names, way, desk.spread(runs, desk.opened(process["site"]))))
    return found


def transports(desk: Desk, lanes: Sequence[str]) -> list[Planned[Ship]]:
    """Return every lane with an item on it, with what leaves: lane, item, origin, destination, mode."""
    found = []
    priced = _priced(desk.net)
    sent = desk.plan.shipments.partition_by("lane", "item", as_dict=True)
    slow = seasons.of_lanes(desk.chain)
    days = arcs.transit_days(desk.chain.plan_settings().transit)
    rows = {row["lane"]: row for row in desk.chain.lanes.with_columns(planned_days=days).iter_rows(named=True)}
    boxed = waiting(desk.net, desk.plan)
    leads = {name: lead(desk, rows[name], slow.get(name, ())) for name in priced["lane"].unique()}
    for (name, item), could in priced.group_by("lane", "item", maintain_order=True):
        lane, mine = rows[name], sent.get((name, item))
        quantity, paid = desk.summed(mine, "quantity"), desk.summed(mine, "freight_usd")
        freight, held = desk.at(could, "freight_usd"), boxed.get((name, item))
        if held is None:  # else containers are paid for themselves
            freight = np.divide(paid, quantity, out=freight, where=quantity > 0)
        usd = _filled(freight) + _filled(desk.at(could, "insurance_usd"))
        way = Ship(
            int(could["node_to"][0]), quantity, ~np.isnan(desk.at(could, "customs")), usd,
            desk.switch_days, int(could["node_from"][0]), lanes.index(name),
            leads[name] if held is None else np.maximum(leads[name], 1), _filled(desk.at(could, "customs")),
            _filled(desk.at(could, "dues")), held=held or 0,
        )  # fmt: skip
        names = (name, item, lane["origin"], lane["destination"], lane["mode"])
        found.append(Planned(names, way, desk.spread(quantity, np.ones(desk.days))))
    return found


def _priced(net: Network) -> pl.DataFrame:
    """Return the shipments of a network with customs (value per unit) and dues (duty and fees per unit)."""
    lands = net.lands.group_by("ship").agg(pl.col("duty_usd", "fees_usd").sum(), rate=pl.col("duty_share").mean())
    value = finite(net.worth[net.ships["node_from"].to_numpy(), net.ships["period"].to_numpy()])
    return (
        net.ships.with_columns(value=pl.Series(value, dtype=pl.Float64))
        .join(lands, on="ship", how="left", maintain_order="left")
        .with_columns(
            pl.col("insurance_usd"),
            dues=pl.col("duty_usd").fill_null(0.0) + pl.col("fees_usd").fill_null(0.0),
            customs=pl.when(pl.col("rate") > 0).then(pl.col("duty_usd") / pl.col("rate")).otherwise("value"),
        )
    )


def lead(desk: Desk, lane: dict[str, Any], late: tuple[str, ...]) -> Ints:
    """Return days under way for what leaves on each day: until an open day and a sailing, then the way itself."""
    leave = desk.open_at[lane["origin"]].next_open[MARGIN_DAYS : MARGIN_DAYS + desk.days] - MARGIN_DAYS
    if lane["every_weeks"]:
        leave = -(-leave // (7 * lane["every_weeks"])) * 7 * lane["every_weeks"]
    arrive = desk.periods.months_on(leave, lane["transit_months"]) if lane["transit_months"] else leave
    arrive = arrive + round(lane["planned_days"])
    if late:
        extra = seasons.late_days(desk.chain, desk.periods, late)
        arrive = arrive + extra[np.minimum(leave, extra.size - 1)]
    return np.ascontiguousarray(arrive - np.arange(desk.days), dtype=np.int64)


def demands(desk: Desk) -> tuple[list[tuple[tuple[str, ...], Row]], list[list[Planned[Serve]]]]:
    """Return every row of demand (market, want, segment), and the items that may serve it (market, item)."""
    rows, serves = [], []
    sold = desk.plan.sales.partition_by("market", "want", "segment", "item", as_dict=True)
    kwh = dict(desk.chain.items.select("item", "kwh").iter_rows())
    proven = _proofs(desk)
    in_time = desk.net.sells.filter(pl.col("period") == pl.col("wanted_period"))
    could = in_time.partition_by("market", "want", "segment", as_dict=True)
    for key, wanted in desk.net.wanted.group_by("market", "want", "segment", maintain_order=True):
        base = _wants(desk, key)
        mine = []
        for (item,), ways in could[key].group_by("item", maintain_order=True) if key in could else ():
            wants, price, units = (
                desk.summed(sold.get((*key, item)), "quantity"), desk.at(ways, "price_usd"), float(ways["units"][0])
            )  # fmt: skip
            may = ~np.isnan(price) & (proven(str(item)) | (wants > 0))
            way = Serve(int(ways["node"][0]), units, wants, may, _filled(price), units * float(kwh[item]))
            mine.append(Planned((str(key[0]), str(item)), way, desk.spread(wants, base) * units))
        patience = round(float(np.max(wanted["late_months"].to_numpy(), initial=0.0)) * DAYS_PER_MONTH)
        row = Row(
            base, tuple(planned.way for planned in mine), _filled(desk.at(wanted, "short_usd")),
            _filled(desk.at(wanted, "late_usd")) / DAYS_PER_MONTH, patience,
            float(np.max(wanted["late_share"].to_numpy(), initial=0.0)) if patience else 0.0,
        )  # fmt: skip
        rows.append((tuple(str(part) for part in key), row))
        serves.append(mine)
    return rows, serves


def _wants(desk: Desk, key: Sequence[object]) -> Floats:
    """Return what a row of demand wants by day: that of each month, spread evenly over it."""
    market, want, segment = key
    mine = (pl.col("market") == market) & (pl.col("want") == want) & (pl.col("segment") == segment)
    monthly: dict[dt.date, float] = dict(desk.chain.demand.filter(mine).select("month", "quantity").iter_rows())
    months = pl.date_range(desk.periods.start, desk.periods.end, "1d", closed="left", eager=True).dt.month_start()
    each = months.replace_strict(
        pl.Series(list(monthly), dtype=pl.Date), pl.Series(list(monthly.values()), dtype=pl.Float64), default=0.0,
        return_dtype=pl.Float64,
    )  # fmt: skip
    return (each / months.dt.days_in_month()).to_numpy().copy()


def _proofs(desk: Desk) -> Callable[[str], Flags]:
    """Return by item the periods in which all campaigns that it needs have been run."""
    asked = desk.chain.certificates.filter(pl.col("status") != "valid").select("item", "standard").unique()
    run = desk.plan.openings.filter(pl.col("kind") == "certificate").select("what", "standard", "ready")
    ends = desk.periods.frame["end"]

    def proven(item: str) -> Flags:
        needed = asked.filter(pl.col("item") == item)["standard"]
        held = run.filter((pl.col("what") == item) & pl.col("standard").is_in(needed.implode()))
        if held["standard"].n_unique() < needed.len():
            return np.zeros(desk.periods.count, dtype=bool)
        if needed.is_empty():
            return np.ones(desk.periods.count, dtype=bool)
        return (ends >= held.group_by("standard").agg(pl.col("ready").min())["ready"].max()).to_numpy()

    return proven


def _pairs(frame: pl.DataFrame | None, node: str) -> tuple[tuple[int, float], ...]:
    return () if frame is None else tuple(frame.select(node, "quantity").iter_rows())


def _filled(values: Floats) -> Floats:
    """Return values by period with those that are missing taken from before, else from after, else nothing."""
    known = pl.Series(values).fill_nan(None)
    return known.fill_null(strategy="forward").fill_null(strategy="backward").fill_null(0.0).to_numpy().copy()
