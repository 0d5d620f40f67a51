"""Where to build plants over five years, as arrays, and the same as a chain.

Plants make products in limited hours, keep them in stock and send them over lanes of limited capacity, one to three
months under way (or none), to markets whose demand is seasonal and grows; what is not served costs a penalty. Some
plants stand, the others are opened at the start of one of a few windows, or never. Money is discounted by month.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

import cellroad as cr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
START = dt.date(2027, 1, 1)
RATE = 1.006
"""Discount by month."""
HOLDING = 0.015
"""Cost of holding stock for a month, as a share of the value of the product."""
SIZES: dict[str, dict[str, Any]] = {
    "medium": {},
    "bench": {"existing": 14, "windows": 2, "k_per_p": 8, "k_per_m": 12, "lane_density": 0.3, "tight": 2.0},
    "hard": {"existing": 12, "k_per_p": 8, "k_per_m": 12, "lane_density": 0.3, "tight": 2.0},
    "dense": {"existing": 12, "k_per_p": 9, "k_per_m": 14, "lane_density": 0.45, "tight": 2.0},
    "large": {"plants": 60, "products": 90, "markets": 70, "k_per_p": 14, "k_per_m": 26, "lane_density": 0.4},
}
"""Arguments of `make_case` by size."""


@dataclass(frozen=True)
class Case:
    """Index sets as pairs of arrays, and what belongs to them; time is the last axis of `demand`.

    make_*   plant, product, hours and cost (USD) a unit
    want_*   market, product, cost of a unit that is not served (USD)
    lane_*   plant, market, lead (months), most (units a month)
    flow_*   lane, make and want that it joins, freight with tariff (USD a unit); `freight` and `tariff` (share of the
             value) are by lane
    value    USD a unit, by product; hours a month and capex (USD) by plant; the first `standing` plants stand
    opens    months in which plants may be opened
    """

    months: int
    plants: int
    products: int
    markets: int
    standing: int
    value: Floats
    make_plant: Ints
    make_product: Ints
    make_hours: Floats
    make_cost: Floats
    want_market: Ints
    want_product: Ints
    want_short: Floats
    demand: Floats
    lane_plant: Ints
    lane_market: Ints
    lane_lead: Ints
    lane_most: Floats
    freight: Floats
    tariff: Floats
    flow_lane: Ints
    flow_make: Ints
    flow_want: Ints
    flow_cost: Floats
    hours: Floats
    capex: Floats
    opens: Ints

    @property
    def discount(self) -> Floats:
        """The discount factor of each month: shape (months,)."""
        return np.asarray(RATE ** -np.arange(self.months, dtype=float))

    @property
    def arrives(self) -> Ints:
        """The month in which what leaves over a flow arrives: shape (flows, months)."""
        return np.asarray(np.arange(self.months)[None, :] + self.lane_lead[self.flow_lane][:, None])


def make_case(
    plants: int = 20, products: int = 30, markets: int = 25, months: int = 60, k_per_p: int = 9, k_per_m: int = 14,
    lane_density: float = 0.45, seed: int = 7, existing: int = 0, tight: float = 2.4, windows: int | None = None,
) -> Case:  # fmt: skip
    """Draw a case: `k_per_p` products of each plant, `k_per_m` of each market, hours `tight` times the peak demand."""
    g = np.random.default_rng(seed)
    windows = windows or months // 12
    made = np.zeros((plants, products), dtype=bool)
    for plant in range(plants):
        made[plant, g.choice(products, min(k_per_p, products), replace=False)] = True
    for product in range(products):
        while made[:, product].sum() < 3:
            made[g.integers(plants), product] = True
    wanted = np.zeros((markets, products), dtype=bool)
    for market in range(markets):
        wanted[market, g.choice(products, min(k_per_m, products), replace=False)] = True
    lane = g.random((plants, markets)) < lane_density
    plant_at, market_at = g.random((plants, 2)), g.random((markets, 2))
    km = np.linalg.norm(plant_at[:, None] - market_at[None], axis=2)
    abroad = (plant_at[:, 0] * 3).astype(int)[:, None] != (market_at[:, 0] * 3).astype(int)[None]
    tariff = np.where(abroad, g.choice([0.0, 0.05, 0.1, 0.25], size=(plants, markets)), 0.0)
    value = g.uniform(20, 120, products)

    make_plant, make_product = np.nonzero(made)
    want_market, want_product = np.nonzero(wanted)
    lane_plant, lane_market = np.nonzero(lane)
    plant, market, product = np.nonzero(lane[:, :, None] & made[:, None, :] & wanted[None])
    number = _numbers(make_plant, make_product, made.shape), _numbers(want_market, want_product, wanted.shape)
    lane_number = _numbers(lane_plant, lane_market, lane.shape)

    month = np.arange(months)[None]
    base = g.uniform(50, 400, want_market.size)[:, None]
    season = 1 + 0.25 * np.sin(2 * np.pi * (month + g.integers(0, 12, want_market.size)[:, None]) / 12)
    growth = (1 + g.uniform(0.0, 0.015, want_market.size))[:, None] ** month
    demand = base * season * growth * g.uniform(0.9, 1.1, (want_market.size, months))
    make_hours = g.uniform(0.8, 1.3, make_plant.size)
    hours = g.uniform(0.6, 1.4, plants)
    hours *= demand.sum(0).max() * tight / hours.sum()
    capex = hours * g.uniform(900, 1700, plants)
    capex[:existing] = 0.0
    make_cost = g.uniform(0.5, 0.8, make_plant.size) * value[make_product]
    lane_most = g.uniform(0.12, 0.3, lane_plant.size) * hours[lane_plant]
    return Case(
        months=months, plants=plants, products=products, markets=markets, standing=existing, value=value,
        make_plant=make_plant, make_product=make_product, make_hours=make_hours, make_cost=make_cost,
        want_market=want_market, want_product=want_product, want_short=3.0 * value[want_product], demand=demand,
        lane_plant=lane_plant, lane_market=lane_market,
        lane_lead=np.minimum(2, (km[lane_plant, lane_market] * 3).astype(int)), lane_most=lane_most,
        freight=2 + 12 * km[lane_plant, lane_market], tariff=tariff[lane_plant, lane_market],
        flow_lane=lane_number[plant, market], flow_make=number[0][plant, product], flow_want=number[1][market, product],
        flow_cost=(2 + 12 * km[plant, market]) + tariff[plant, market] * value[product], hours=hours, capex=capex,
        opens=np.arange(windows) * (months // windows),
    )  # fmt: skip


def _numbers(row: Ints, column: Ints, shape: tuple[int, ...]) -> Ints:
    number = np.full(shape, -1)
    number[row, column] = np.arange(row.size)
    return number


def to_chain(case: Case) -> cr.Chain:
    """Return the case as the tables of a chain.

    A product weighs its value, so that the tariff of a lane is a freight surcharge by mass. No stock is kept at
    markets. Plants that stand are operating; the textbook form opens them at no cost, which nothing forbids.
    """
    plant, product, market = (
        pl.Series([f"{letter}{n}" for n in range(count)])
        for letter, count in (("p", case.plants), ("k", case.products), ("m", case.markets))
    )
    months = [dt.date(START.year + t // 12, t % 12 + 1, 1) for t in range(case.months)]
    settings = {
        "start": START.isoformat(), "months": case.months, "quarters_after": case.months,
        "decide_every_months": case.opens[1] if case.opens.size > 1 else 60, "discount_per_year": RATE**12 - 1,
        "discount_from": "start", "holding_per_year": 12 * HOLDING, "terminal_stock_share": 0,
        "terminal_plant_share": 0,
    }  # fmt: skip
    stands = np.arange(case.plants) < case.standing
    process = pl.DataFrame({"site": plant[case.make_plant], "item": product[case.make_product]})
    lane = pl.DataFrame({"origin": plant[case.lane_plant], "destination": market[case.lane_market]})
    return cr.Chain.of(
        "common",
        settings=pl.DataFrame({"name": list(settings), "value": [str(value) for value in settings.values()]}),
        sites=pl.DataFrame({"site": pl.concat([plant, market])}).with_columns(
            name="site", country=pl.lit("US"), calendar=pl.lit("none"),
            kind=pl.when(pl.col("site").str.starts_with("m")).then(pl.lit("market")).otherwise(pl.lit("pack")),
        ),
        items=pl.DataFrame({"item": product, "value_usd": case.value, "mass_kg": case.value}).with_columns(
            name="item", stage=pl.lit("pack"), dg_class=pl.lit("9"), kwh=pl.lit(0.0)
        ),
        resources=pl.DataFrame(
            {"resource": plant, "site": plant, "hours_per_month": case.hours,
             "status": np.where(stands, "operating", "option")}
        ),
        options=pl.DataFrame({"option": plant, "resource": plant, "capex_usd": case.capex})
        .with_columns(earliest=pl.lit(months[0]), latest=pl.lit(months[int(case.opens[-1])]))
        .filter(pl.Series(~stands)),
        processes=process.with_columns(
            process=pl.format("{}-{}", "site", "item"), resource="site",
            hours_per_unit=pl.Series(case.make_hours), cost_usd=pl.Series(case.make_cost),
        ),
        lanes=lane.with_columns(
            lane=pl.format("{}-{}", "origin", "destination"), mode=pl.lit("truck"), transit_days=pl.lit(0.0),
            transit_months=pl.Series(case.lane_lead), cost_usd=pl.Series(case.freight), cost_per=pl.lit("unit"),
            container_kg=pl.lit(1.0), dg_usd=pl.Series(case.tariff), max_per_month=pl.Series(case.lane_most),
        ),
        wants=pl.DataFrame({"want": product, "item": product}),
        stocks=pl.DataFrame({"site": market[case.want_market], "item": product[case.want_product], "max_on_hand": 0.0}),
        demand=pl.DataFrame(
            {
                "market": market[np.repeat(case.want_market, case.months)],
                "want": product[np.repeat(case.want_product, case.months)],
                "month": pl.Series(months)[np.tile(np.arange(case.months), case.want_market.size)],
                "quantity": case.demand.ravel(),
                "short_usd": np.repeat(case.want_short, case.months),
            }
        ).with_columns(price_usd=pl.lit(0.0)),
    )  # fmt: skip
