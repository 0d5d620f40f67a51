"""What does a plan emit, what does that cost, and how much may it be? Goods bought, processes and lanes.

Greenhouse gases are counted in kg CO2e where they arise: for what is bought until it is handed over (`embodied`), by
the run of a process (`process`), by the kg on a lane (`transport`, when it leaves). What is not known counts as nothing
and is told as not known. A lane's emission is the stated one, else distance times a factor; without a stated distance
the great circle between the sites, which is the least that it can be; without a stated factor the average of the mode.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.chain.check_physics import great_circle_km
from cellroad.plan.kernel import Block, Builder
from cellroad.plan.network.network import Network
from cellroad.plan.periods import Periods
from cellroad.plan.result import Plan

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NOT_KNOWN = "not known"


def of_offers(chain: Chain) -> pl.DataFrame:
    """Return what a unit bought has emitted: offer, kg (null: not known), basis."""
    items = chain.items.select("item", of_item="kg_co2e")
    return chain.offers.join(items, on="item", how="left", maintain_order="left").select(
        "offer",
        kg=pl.coalesce("kg_co2e", "of_item"),
        basis=pl.when(pl.col("kg_co2e").is_not_null()).then(pl.lit("stated with the offer"))
        .when(pl.col("of_item").is_not_null()).then(pl.lit("stated with the item")).otherwise(pl.lit(NOT_KNOWN)),
    )  # fmt: skip


def of_processes(chain: Chain) -> pl.DataFrame:
    """Return what a run emits: process, kg (null: not known), basis."""
    stated = pl.when(pl.col("kg_co2e").is_not_null()).then(pl.lit("stated"))
    return chain.processes.select("process", kg="kg_co2e", basis=stated.otherwise(pl.lit(NOT_KNOWN)))


def of_lanes(chain: Chain) -> pl.DataFrame:
    """Return what moving one kg over a lane emits: lane, kg (null: not known), basis.

    kg = stated per kg, else distance_km * g_co2e_per_tkm / 1e6
    """
    place = chain.sites.select("site", "lat", "lon")
    usual = facts.emissions().select(mode="mode", usual="g_co2e_per_tkm")
    lanes = (
        chain.lanes.with_columns(pl.col("mode").cast(pl.String))
        .join(place.rename({"site": "origin"}), on="origin", how="left", maintain_order="left")
        .join(place.rename({"site": "destination"}), on="destination", how="left", maintain_order="left", suffix="_to")
        .join(usual, on="mode", how="left", maintain_order="left")
    )
    ends = (lanes[name].to_numpy().astype(float) for name in ("lat", "lon", "lat_to", "lon_to"))
    straight = pl.Series("straight", great_circle_km(*ends), dtype=pl.Float64).fill_nan(None)
    stated, distance, factor = (pl.col(n).is_not_null() for n in ("kg_co2e_per_kg", "distance_km", "g_co2e_per_tkm"))
    km, rate = pl.coalesce("distance_km", "straight"), pl.coalesce("g_co2e_per_tkm", "usual")
    length = pl.when(distance).then(pl.lit("distance")).otherwise(pl.lit("great circle"))
    by = pl.when(factor).then(pl.lit("stated factor")).otherwise(pl.lit("average factor of the mode"))
    return lanes.with_columns(straight).select(
        "lane",
        kg=pl.coalesce("kg_co2e_per_kg", km * rate / 1e6),
        basis=pl.when(stated).then(pl.lit("stated"))
        .when(km.is_null()).then(pl.lit(NOT_KNOWN)).otherwise(pl.format("{} and {}", length, by)),
    )  # fmt: skip


@dataclass(frozen=True)
class Emitted:
    """kg CO2e per unit of every buy, run and shipment of a network; nothing where it is not known."""

    embodied: Floats
    process: Floats
    transport: Floats

    def by_scope(self, scope: str) -> dict[str, Floats]:
        """Return the emissions that a scope counts."""
        every = {"embodied": self.embodied, "process": self.process, "transport": self.transport}
        return every if scope == "all" else {scope: every[scope]}


def emitted(net: Network) -> Emitted:
    """Return what each decision of a network emits."""

    def each(rows: pl.DataFrame, of: pl.DataFrame, key: str) -> Floats:
        joined = rows.select(key).join(of.select(key, "kg"), on=key, how="left", maintain_order="left")
        return joined["kg"].fill_null(0.0).to_numpy().astype(np.float64)

    mass = net.ships.join(net.chain.items.select("item", "mass_kg"), on="item", how="left", maintain_order="left")
    return Emitted(
        each(net.buys, of_offers(net.chain), "offer"),
        each(net.makes, of_processes(net.chain), "process"),
        each(net.ships, of_lanes(net.chain), "lane") * mass["mass_kg"].to_numpy(),
    )


def years(periods: Periods) -> tuple[Ints, Floats]:
    """Return the calendar years of the horizon, and the part of the days of each period in each: (years, T)."""
    first, last = periods.start.year, periods.date_of(int(periods.first_day[-1]) - 1).year
    of_day = np.datetime64(periods.start, "D") + np.arange(int(periods.first_day[-1]))
    year = of_day.astype("datetime64[Y]").astype(np.int64) + 1970
    parts = np.array([periods.mean((year == each).astype(float)) for each in range(first, last + 1)])
    return np.arange(first, last + 1), parts


def price(net: Network) -> dict[str, Floats]:
    """Return the price of emissions by scope and period, USD per kg; prices of several rows add up."""
    year, parts = years(net.periods)
    found = {scope: np.zeros(net.periods.count) for scope in ("embodied", "process", "transport")}
    for row in net.chain.carbon.filter(pl.col("usd_per_t") > 0).iter_rows(named=True):
        meant = np.ones(year.size, dtype=bool) if row["year"] is None else year == row["year"]
        for scope in found if row["scope"] == "all" else [row["scope"]]:
            found[scope] += row["usd_per_t"] / 1000 * parts[meant].sum(axis=0)
    return found


def pricing(m: Builder, net: Network, buy: Block, make: Block, ship: Block) -> None:
    """Pay for what is emitted, where and when it is.

        value   - price[t] * (kg[b] * buy[b] + kg[m] * make[m] + kg[h] * ship[h]) * discount[t]

    price[t] is the sum of the prices that hold for that kind of emission in the years of t, by days.
    """
    if not net.chain.carbon["usd_per_t"].sum():
        return
    usd, each, sites = price(net), emitted(net), net.codes.items.height
    for block, frame, scope, node in _flows(net, buy, make, ship):
        kg = each.by_scope(scope)[scope]
        period = frame["period"].to_numpy()
        m.money("carbon", block.ids, period, -kg * usd[scope][period], frame[node].to_numpy() // sites)


def limiting(m: Builder, net: Network, buy: Block, make: Block, ship: Block, sell: Block) -> None:
    """No more is emitted than a limit allows, in each year y or over the whole horizon.

        sum over b, m and h of part[t,y] * kg * (buy[b], make[m], ship[h])
            <= 1000 * max_t + max_kg_per_kwh * sum over l of part[t,y] * kwh[l] * sell[l]

    part[t,y] is the part of the days of t in y; of the two limits of a row each binds by itself. What a year emits is
    held against what it sells, whenever the goods were bought or made.
    """
    rules = limits(net)
    if rules.is_empty():
        return
    each, (_, parts) = emitted(net), years(net.periods)
    share = {"year": parts, "horizon": np.ones((1, net.periods.count))}
    rows = m.add_rows(
        "carbon limit", rules.height, upper=rules["most_kg"].to_numpy(), index=rules.select("carbon", "limit", "year")
    )
    for n, rule in enumerate(rules.iter_rows(named=True)):
        part = share[rule["over"]][rule["place"]]
        for block, frame, scope, _ in _flows(net, buy, make, ship):
            kg = each.by_scope(rule["scope"]).get(scope)
            if kg is not None:
                _add(m, rows.first + n, block, kg * part[frame["period"].to_numpy()])
        if rule["each_kwh"] is not None:
            _add(m, rows.first + n, sell, -rule["each_kwh"] * sold_kwh(net) * part[net.sells["period"].to_numpy()])


def limits(net: Network) -> pl.DataFrame:
    """Return every limit: carbon, limit (total, per kWh), year, scope, over, place (of the year), most_kg, each_kwh."""
    year, _ = years(net.periods)
    rules = net.chain.carbon
    of_years = pl.DataFrame({"held": year, "place": np.arange(year.size)})
    yearly = rules.filter(pl.col("over") == "year").join(of_years, how="cross")
    yearly = yearly.filter(pl.col("year").is_null() | (pl.col("year") == pl.col("held")))
    whole = rules.filter(pl.col("over") == "horizon").with_columns(
        held=pl.lit(None, dtype=pl.Int64), place=pl.lit(0, dtype=pl.Int64)
    )
    every = pl.concat([yearly, whole.select(yearly.columns)]).with_columns(year="held")
    total = every.filter(pl.col("max_t").is_not_null()).with_columns(
        limit=pl.lit("total"), most_kg=pl.col("max_t") * 1000, each_kwh=pl.lit(None, dtype=pl.Float64)
    )
    per_kwh = every.filter(pl.col("max_kg_per_kwh").is_not_null()).with_columns(
        limit=pl.lit("per kWh"), most_kg=pl.lit(0.0), each_kwh="max_kg_per_kwh"
    )
    told = ["carbon", "limit", "year", "scope", "over", "place", "most_kg", "each_kwh"]
    words = pl.col("scope", "over").cast(pl.String)
    return pl.concat([part.with_columns(words).select(told) for part in (total, per_kwh)])


def sold_kwh(net: Network) -> Floats:
    """Return the energy in one want served by each sale."""
    kwh = net.sells.join(net.chain.items.select("item", "kwh"), on="item", how="left", maintain_order="left")["kwh"]
    return np.asarray(net.sells["units"].to_numpy() * kwh.to_numpy())


def _flows(net: Network, buy: Block, make: Block, ship: Block) -> list[tuple[Block, pl.DataFrame, str, str]]:
    """Return the blocks that emit: block, its frame, scope, column of the node where it counts."""
    return [
        (buy, net.buys, "embodied", "node"), (make, net.makes, "process", "node"),
        (ship, net.ships, "transport", "node_to"),
    ]  # fmt: skip


def _add(m: Builder, row: int, block: Block, factors: Floats) -> None:
    some = np.flatnonzero(factors)
    m.add_terms(np.full(some.size, row), block.first + some, factors[some])


def told(net: Network, found: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return what a plan emits, from its frames.

    Gives scope, what (offer, process or lane), site and item (which goods, and where they come to be), period,
    arrival_period (when they are there; null: after the horizon), kg (null: not known), usd (what it costs), basis.
    """
    chain = net.chain
    mass = chain.items.select("item", "mass_kg")
    bought = found["purchases"].join(of_offers(chain), on="offer", how="left", maintain_order="left")
    made = found["production"].join(of_processes(chain), on="process", how="left", maintain_order="left")
    moved = found["shipments"].join(of_lanes(chain), on="lane", how="left", maintain_order="left")
    moved = moved.join(mass, on="item", how="left", maintain_order="left")
    here = ["item", "period", "start"]
    parts = [
        bought.select("site", *here, "basis", scope=pl.lit("embodied"), what="offer", arrival_period="period",
                      kg=pl.col("quantity") * pl.col("kg")),
        made.select("site", *here, "basis", scope=pl.lit("process"), what="process", arrival_period="period",
                    kg=pl.col("runs") * pl.col("kg")),
        moved.select(*here, "basis", "arrival_period", scope=pl.lit("transport"), what="lane", site="destination",
                     kg=pl.col("quantity") * pl.col("mass_kg") * pl.col("kg")),
    ]  # fmt: skip
    rate = pl.concat(
        [
            pl.DataFrame({"scope": scope, "period": np.arange(net.periods.count), "rate": usd})
            for scope, usd in price(net).items()
        ]
    )
    order = ["scope", "what", "site", "item", "period", "start", "arrival_period", "kg", "basis"]
    return (
        pl.concat([part.select(order) for part in parts])
        .join(rate, on=["scope", "period"], how="left", maintain_order="left")
        .select(*order[:-1], "basis", usd=pl.col("kg").fill_null(0.0) * pl.col("rate"))
    )


def opening(chain: Chain, stock: pl.DataFrame) -> pl.DataFrame:
    """Return what came by itself had emitted before: site, item, period, kg; nothing where it is not known.

    What comes back from customers is not among it: it brings no emissions of its first life.
    """
    items = chain.items.select("item", each="kg_co2e")
    return stock.join(items, on="item", how="left").select(
        "site", "item", "period", kg=pl.col("quantity") * pl.col("each").fill_null(0.0)
    )


def by_kind(plan: Plan) -> pl.DataFrame:
    """Return what is sold has emitted: kind, t_co2e, kg_per_kwh; what is not known is left out."""
    kwh = float(plan.sales["kwh"].sum())
    sums = plan.footprint.group_by("kind", maintain_order=True).agg(t_co2e=pl.col("kg").sum() / 1000)
    each = pl.col("t_co2e") * 1000 / kwh if kwh else pl.lit(None, dtype=pl.Float64)
    return sums.with_columns(kg_per_kwh=each).sort("t_co2e", descending=True)


def by_source(plan: Plan) -> pl.DataFrame:
    """Return what emits over the whole plan: scope, what (offer, process or lane), item, t_co2e, basis.

    t_co2e is null where it is not known.
    """
    return (
        plan.emissions.group_by("scope", "what", "item", "basis", maintain_order=True)
        .agg(t_co2e=pl.when(pl.col("kg").is_not_null().any()).then(pl.col("kg").sum() / 1000))
        .sort("t_co2e", descending=True, nulls_last=True)
        .select("scope", "what", "item", "t_co2e", "basis")
    )
