"""Everything that could move material, before we know what is worth keeping: frames with dense integer codes.

A node is an item at a site (node = site * items + item). Offers put material into nodes, processes turn nodes into
another node of the same site, lanes carry a node's item to another site, wants take it out at markets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.goods.backlog import deliveries
from cellroad.plan.law.barred import Crossings
from cellroad.plan.law.border import origins
from cellroad.plan.periods import Openness, Periods, openness
from cellroad.plan.transport import seasons
from cellroad.rules.freight import accepts, freight_usd


@dataclass(frozen=True)
class Codes:
    """Numbers for sites and items, and from them for nodes."""

    sites: pl.DataFrame
    items: pl.DataFrame

    @property
    def nodes(self) -> int:
        """Return how many nodes there could be."""
        return self.sites.height * self.items.height

    def node(self, site: str = "site", item: str = "item") -> pl.Expr:
        """Return the node of two id columns."""
        site_code = pl.col(site).replace_strict(self.sites["site"], self.sites["code"], return_dtype=pl.Int64)
        item_code = pl.col(item).replace_strict(self.items["item"], self.items["code"], return_dtype=pl.Int64)
        return site_code * self.items.height + item_code

    def site_of(self, node: pl.Expr) -> pl.Expr:
        """Return the site id of a node expression."""
        return (node // self.items.height).replace_strict(
            self.sites["code"], self.sites["site"], return_dtype=pl.String
        )

    def item_of(self, node: pl.Expr) -> pl.Expr:
        """Return the item id of a node expression."""
        return (node % self.items.height).replace_strict(self.items["code"], self.items["item"], return_dtype=pl.String)

    def places(self, sites: pl.Series) -> NDArray[np.int64]:
        """Return the code of each site id, -1 where there is none."""
        return sites.replace_strict(
            self.sites["site"], self.sites["code"], default=-1, return_dtype=pl.Int64
        ).to_numpy()


def make_codes(chain: Chain) -> Codes:
    """Number the sites and items of a chain in the order of their tables."""
    return Codes(
        chain.sites.select("site").with_row_index("code").cast({"code": pl.Int64}),
        chain.items.select("item").with_row_index("code").cast({"code": pl.Int64}),
    )


def open_days(chain: Chain, periods: Periods) -> dict[str, Openness]:
    """Return on which days each site works, by site id."""
    calendars = chain.sites.select(
        "site", calendar=pl.when(pl.col("calendar") == "").then("country").otherwise("calendar")
    )
    made = {calendar: openness(periods, calendar) for calendar in calendars["calendar"].unique()}
    return {site: made[calendar] for site, calendar in calendars.iter_rows()}


def make_buys(chain: Chain, codes: Codes, periods: Periods, open_at: dict[str, Openness]) -> pl.DataFrame:
    """Return what can be bought: offer, node, period, price_usd, most, moq, order_by, incoterm.

    `price_usd` is the mean over the valid days of the period, `most` the largest quantity (infinite without limit):
    the monthly limit for the part of the period that is valid, open and not sooner than the order lead time.
    """
    price = make_prices(chain, periods)
    most, order_day = np.zeros(price.shape), np.zeros(price.shape, dtype=np.int64)
    for n, offer in enumerate(chain.offers.iter_rows(named=True)):
        site = open_at[offer["site"]]
        most[n] = _most(offer, site, periods)
        order_day[n] = np.maximum(site.order_day(periods.first_day[:-1], offer["lead_days"]), 0)
    row, period = np.indices(price.shape).reshape(2, -1)
    return (
        chain.offers.select("offer", "site", "item", "moq", pl.col("incoterm").cast(pl.String))[row]
        .with_columns(
            period=pl.Series(period),
            price_usd=pl.Series(price.ravel()),
            most=pl.Series(most.ravel()),
            order_by=pl.Series(np.datetime64(periods.start, "D") + order_day.ravel()),
        )
        .filter(pl.col("most") > 0)
        .with_columns(node=codes.node())
        .select("offer", "site", "item", "period", "price_usd", "most", "moq", "order_by", "incoterm", "node")
    )


def make_prices(chain: Chain, periods: Periods) -> NDArray[np.float64]:
    """Return the price of every offer in every period, USD per unit: shape (offers, T).

    An indexed price is worked out month by month, from the index as it was lag_months before, and held from its last
    known month; a period has the mean of its months.

        price = min(cap, max(floor, factor * index + adder))
    """
    months = index_series(chain)
    price = [_price(offer, months, periods) for offer in chain.offers.iter_rows(named=True)]
    return np.array(price).reshape(chain.offers.height, periods.count)


def _price(offer: dict[str, Any], index_months: dict[str, pl.DataFrame], periods: Periods) -> NDArray[np.float64]:
    """Return the price of an offer in each period."""
    if offer["index"] is None:
        return np.full(periods.count, offer["price_usd"])
    market = _index_by_month(index_months[offer["index"]], periods, offer["lag_months"])
    low, high = offer["floor_usd"], offer["cap_usd"]
    price = np.clip(
        offer["index_factor"] * market + offer["adder_usd"],
        -np.inf if low is None else low,
        np.inf if high is None else high,
    )
    return np.asarray(np.add.reduceat(price, periods.first_month[:-1]) / periods.months)


def _most(offer: dict[str, Any], site: Openness, periods: Periods) -> NDArray[np.float64]:
    """Return the most that an offer gives in each period; infinite without limit, zero where it gives nothing."""
    ready = _first_ready(site, offer["lead_days"])
    valid = periods.share_of_days(max(offer["valid_from"], periods.date_of(ready)), offer["valid_to"])
    worked = np.minimum(valid, site.share)
    limit = np.inf if offer["max_per_month"] is None else offer["max_per_month"] * periods.months
    return np.multiply(worked, limit, out=np.zeros(periods.count), where=(valid > 0) & (worked > 0))


def _first_ready(site: Openness, lead_days: int) -> int:
    """Return the first day number on which goods ordered on the first day of the horizon are ready."""
    days = np.arange(int(site.periods.first_day[-1]))
    return int(np.searchsorted(site.order_day(days, lead_days), 0))


def index_series(chain: Chain) -> dict[str, pl.DataFrame]:
    """Return the months and values of every index, by its id."""
    groups = chain.indices.group_by("index")
    return {str(name): group.sort("month").select("month", "value") for (name,), group in groups}


def index_by_period(series: pl.DataFrame, periods: Periods) -> NDArray[np.float64]:
    """Return the mean of a monthly index over each period, held from its last known month."""
    values = _index_by_month(series, periods, 0)
    return np.asarray(np.add.reduceat(values, periods.first_month[:-1]) / periods.months)


def _index_by_month(series: pl.DataFrame, periods: Periods, lag: int) -> NDArray[np.float64]:
    """Return a monthly index in each month of the horizon, so many months late, held beyond what is known."""
    months = pl.date_range(periods.start, periods.end, interval="1mo", closed="left", eager=True)
    asked = pl.DataFrame({"month": months.dt.offset_by(f"-{lag}mo")})
    return asked.join_asof(series, on="month", strategy="backward")["value"].fill_null(series["value"][0]).to_numpy()


@dataclass(frozen=True)
class LaneArcs:
    """What can be shipped, whatever the period.

    frame      lane, item, origin, destination (ids), mode, node_from, node_to, klass, freight_usd (per unit),
               container_units, crosses (a border), made_in (country of origin; the place it leaves if not known)
    arrivals   klass, period, to, share: the same for all lanes of one calendar and lead time, and for all goods that
               may cross on the same days
    """

    frame: pl.DataFrame
    arrivals: pl.DataFrame


def make_lane_arcs(chain: Chain, codes: Codes, open_at: dict[str, Openness], bars: Crossings) -> LaneArcs:
    """Return every lane with every item that it accepts.

    A ban of entry bars the arrivals of an item over a border, a ban of exit the departures of goods of that origin; on
    the other days of a period they go on.
    """
    countries = chain.sites.select("site", "country")
    items = chain.items.select("item", "hts", "mass_kg", "kwh", "dg_class", "soc_share", item_origin="origin")
    lanes = (
        chain.lanes.select(
            "lane", "origin", "destination", "mode", "transit_months", "every_weeks", "cost_usd", "cost_per",
            "container_kg", "dg_usd", "whole_containers", "max_per_month", "max_soc_share",
            lane_dg_class="dg_class", transit_days=transit_days(chain.plan_settings().transit),
        )
        .join(countries.rename({"site": "origin", "country": "country_from"}), on="origin")
        .join(countries.rename({"site": "destination", "country": "country_to"}), on="destination")
    )  # fmt: skip
    slow = seasons.of_lanes(chain)
    leads = lanes.select("lane", "origin", "transit_days", "transit_months", pl.col("every_weeks").fill_null(0))
    keys = [
        (open_at[origin], Way(round(days), months, weeks, slow.get(lane, ())))
        for lane, origin, days, months, weeks in leads.iter_rows()
    ]
    closed = {id(site.closed): site for site, _ in keys}
    classes = {pair: n for n, pair in enumerate(dict.fromkeys((id(site.closed), lead) for site, lead in keys))}
    arrivals = [way.arrivals(chain, closed[calendar]).with_columns(klass=n) for (calendar, way), n in classes.items()]
    frame = (
        lanes.with_columns(klass=pl.Series([classes[id(site.closed), lead] for site, lead in keys], dtype=pl.Int64))
        .join(items, how="cross")
        .filter(accepts())
        .with_columns(
            freight_usd=freight_usd(),
            container_units=pl.col("container_kg") / pl.col("mass_kg"),
            crosses=pl.col("country_from") != pl.col("country_to"),
            node_from=codes.node("origin"),
            node_to=codes.node("destination"),
        )
    )
    frame = frame.join(origins(chain), on="item", maintain_order="left").with_columns(
        made_in=pl.coalesce("made_in", "country_from")
    )
    frame, more = _barred(chain, frame, bars, {n: (closed[calendar], lead) for (calendar, lead), n in classes.items()})
    empty = pl.DataFrame(schema={"period": pl.Int64, "to": pl.Int64, "share": pl.Float64, "klass": pl.Int64})
    return LaneArcs(frame, pl.concat([empty, *(part.cast(empty.schema) for part in [*arrivals, *more])]))


def transit_days(setting: str) -> pl.Expr:
    """Return the transit days of lanes that are planned with: low, likely or high, likely where not known."""
    likely = pl.col("transit_days")
    return {"low": pl.coalesce("transit_low_days", likely), "high": pl.coalesce("transit_high_days", likely)}.get(
        setting, likely
    )


@dataclass(frozen=True)
class Way:
    """How long goods are under way: whole months, then days; when they sail; the seasons in which it takes longer."""

    days: int
    months: int
    every_weeks: int
    seasons: tuple[str, ...]

    def arrivals(
        self,
        chain: Chain,
        site: Openness,
        no_exit: NDArray[np.bool_] | None = None,
        no_entry: NDArray[np.bool_] | None = None,
    ) -> pl.DataFrame:
        """Return where what leaves a site ends up; see `Openness.arrivals`."""
        late = seasons.late_days(chain, site.periods, self.seasons) if self.seasons else None
        return site.arrivals(self.days, no_exit, no_entry, self.months, self.every_weeks, late)


def _barred(
    chain: Chain, frame: pl.DataFrame, bars: Crossings, classes: dict[int, tuple[Openness, Way]]
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Give lanes with goods that may not cross on some days a class of their own; return them and its arrivals."""
    if bars.frame.is_empty():
        return frame, []
    crossing = pl.col("crosses")
    entry, exit_ = bars.of("import", "country_to", "enter"), bars.of("export", "country_from", "leave")
    marked = (
        frame.join(entry, on=["country_to", "item"], how="left", maintain_order="left")
        .join(exit_, on=["country_from", "item"], how="left", maintain_order="left")
        .with_columns(
            enter=pl.when(crossing).then("enter"),
            leave=pl.when(crossing & (pl.col("made_in") == pl.col("country_from"))).then("leave"),
        )
    )
    own = (
        marked.filter(pl.col("enter").is_not_null() | pl.col("leave").is_not_null())
        .select("klass", "enter", "leave")
        .unique()
        .sort("klass", "enter", "leave")
        .with_columns(own=pl.int_range(pl.len()) + len(classes))
    )
    arrivals = []
    for klass, enter, leave, number in own.iter_rows():
        site, way = classes[klass]
        no_exit, no_entry = (None if bar is None else bars.closed[bar] for bar in (leave, enter))
        arrivals.append(way.arrivals(chain, site, no_exit, no_entry).with_columns(klass=number))
    placed = marked.join(own, on=["klass", "enter", "leave"], how="left", nulls_equal=True, maintain_order="left")
    return placed.with_columns(klass=pl.coalesce("own", "klass")).drop("own", "enter", "leave"), arrivals


def make_inputs(chain: Chain, codes: Codes) -> pl.DataFrame:
    """Return what each process takes in: process, input_node, quantity (units per run, scrap included)."""
    return (
        chain.bom.select("process", "item", quantity=pl.col("quantity") / (1 - pl.col("scrap_share")))
        .join(chain.processes.select("process", "site"), on="process")
        .select("process", "quantity", input_node=codes.node())
    )


def make_wanted(chain: Chain, periods: Periods) -> pl.DataFrame:
    """Return demand by period: row, market, want, segment, period, wanted, and means of what the months of it say.

    Means are weighted: price_usd, short_usd, late_usd, late_share. The least patient month counts for all: late_months.
    """
    weight = pl.col("quantity")
    names = ("price_usd", "short_usd", "late_usd", "late_share")
    mean = {name: ((pl.col(name) * weight).sum() / weight.sum()).alias(name) for name in names}
    starts = periods.frame.select("period", "start")
    return (
        chain.demand.filter(
            (pl.col("quantity") > 0) & (pl.col("month") >= periods.start) & (pl.col("month") < periods.end)
        )
        .sort("month")
        .join_asof(starts, left_on="month", right_on="start", strategy="backward")
        .group_by("market", "want", "segment", "period", maintain_order=True)
        .agg(weight.sum().alias("wanted"), pl.col("late_months").min(), *mean.values())
        .sort("market", "want", "segment", "period")
        .with_row_index("row")
        .cast({"row": pl.Int64})
    )


def make_sells(chain: Chain, codes: Codes, periods: Periods, wanted: pl.DataFrame) -> pl.DataFrame:
    """Return which item may serve which demand, and when.

    Gives row, market, want, segment, item, node, period (of delivery), units, price_usd, wanted, wanted_period,
    late_usd (for as late as it is).
    """
    return (
        wanted.drop("period")
        .join(deliveries(periods, wanted), on="row", maintain_order="left_right")
        .with_columns(late_usd=pl.col("late_usd") * pl.col("months_late"))
        .join(chain.wants.select("want", "item", "quantity", "price_adder_usd"), on="want", maintain_order="left_right")
        .with_columns(price_usd=pl.col("price_usd") + pl.col("price_adder_usd"), units="quantity", site="market")
        .with_columns(node=codes.node())
        .select(
            "row",
            "market",
            "want",
            "segment",
            "item",
            "node",
            "period",
            "units",
            "price_usd",
            "wanted",
            "wanted_period",
            "late_usd",
        )
    )
