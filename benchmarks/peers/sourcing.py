"""A sourcing problem over many months, as arrays, and the same as a chain.

Vendors sell cells, plants make packs of cells, markets buy packs; stock may lie anywhere. Two echelons of lanes, limits
on what vendors sell and on hours of plants, seasonal demand that grows, a penalty for what is not served. All inside
one country and without transit, so that a general modelling tool can state it in a few lines.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

import cellroad as cr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
START = dt.date(2027, 1, 1)
DISCOUNT, HOLDING = 0.08, 0.12
"""Per year: discount rate, and holding cost as a share of the value of an item."""


@dataclass(frozen=True)
class Case:
    """Index sets as pairs of arrays, and what belongs to them; time is the last axis of `demand`.

    offer_*    vendor, cell, price (USD), most (units a month)
    process_*  plant, pack, cell, cells a pack, hours a pack, cost (USD)
    in_*       offer, and node of plant and cell (`feed`) that it is brought to, freight (USD a cell)
    feed_*     plant, cell: where plants keep cells
    out_*      process, and node of market and pack (`want`) that it is brought to, freight (USD a pack)
    want_*     market, pack, price, penalty (USD a pack)
    """

    months: int
    plants: int
    cell_value: Floats
    pack_value: Floats
    hours: Floats
    offer_vendor: Ints
    offer_cell: Ints
    offer_price: Floats
    offer_most: Floats
    process_plant: Ints
    process_pack: Ints
    process_cell: Ints
    process_feed: Ints
    process_cells: Floats
    process_hours: Floats
    process_cost: Floats
    feed_plant: Ints
    feed_cell: Ints
    in_offer: Ints
    in_feed: Ints
    in_freight: Floats
    out_process: Ints
    out_want: Ints
    out_freight: Floats
    want_market: Ints
    want_pack: Ints
    want_price: Floats
    want_penalty: Floats
    demand: Floats

    @property
    def discount(self) -> Floats:
        """The discount factor in the middle of each month: shape (months,)."""
        first = np.array([month_after(t) for t in range(self.months + 1)], dtype="datetime64[D]")
        days = (first - first[0]).astype(float)
        return np.asarray((1 + DISCOUNT) ** (-(days[:-1] + days[1:]) / 2 / 365.25))


def month_after(months: int) -> dt.date:
    """The first day of the month that lies so many months after the start."""
    return dt.date(START.year + months // 12, months % 12 + 1, 1)


def make_case(vendors: int, plants: int, markets: int, cells: int, packs: int, months: int, seed: int = 7) -> Case:
    """Draw a problem in which every pack that a market wants can be made and brought there."""
    g = np.random.default_rng(seed)
    cell_value, cells_of, cell_of = (
        g.uniform(20, 60, cells),
        g.integers(4, 16, packs) * 1.0,
        g.integers(0, cells, packs),
    )
    pack_value = 1.5 * cells_of * cell_value[cell_of]

    makes = g.random((plants, packs)) < 0.35
    makes[g.integers(0, plants, packs), np.arange(packs)] = True
    process_plant, process_pack = np.nonzero(makes)
    feeds, process_feed = np.unique(
        np.stack([process_plant, cell_of[process_pack]]), axis=1, return_inverse=True
    )  # fmt: skip

    sells = g.random((vendors, cells)) < 0.5
    sells[g.integers(0, vendors, cells), np.arange(cells)] = True
    offer_vendor, offer_cell = np.nonzero(sells & np.isin(np.arange(cells), feeds[1]))
    in_offer, in_feed = np.nonzero(offer_cell[:, None] == feeds[1][None, :])
    inland = g.uniform(0.2, 3.0, (vendors, plants))

    lane = g.random((plants, markets)) < 0.4
    lane[np.arange(plants), g.integers(0, markets, plants)] = True
    lane[g.integers(0, plants, markets), np.arange(markets)] = True
    wanted = (lane.T.astype(int) @ makes.astype(int) > 0) & (g.random((markets, packs)) < 0.6)
    # a pack that nobody wants from a plant still needs one customer, so that nothing is left out on one side only
    for plant, pack in zip(process_plant, process_pack, strict=True):
        wanted[np.flatnonzero(lane[plant])[0], pack] = True
    want_market, want_pack = np.nonzero(wanted)
    out_process, out_want = np.nonzero(
        lane[process_plant][:, want_market] & (process_pack[:, None] == want_pack[None, :])
    )
    outland = g.uniform(2, 30, (plants, markets))

    month = np.arange(months)[None, :]
    base = g.uniform(20, 200, want_pack.size)[:, None]
    season = 1 + 0.3 * np.sin(2 * np.pi * (month + g.integers(0, 12, want_pack.size)[:, None]) / 12)
    demand = base * season * (1 + g.uniform(0, 0.012, want_pack.size))[:, None] ** month
    process_hours = g.uniform(0.5, 1.5, process_plant.size)
    share = g.uniform(0.6, 1.4, plants)
    cells_wanted = np.zeros(cells)
    np.add.at(cells_wanted, cell_of[want_pack], demand.mean(axis=1) * cells_of[want_pack])
    offered = np.bincount(offer_cell, minlength=cells)
    return Case(
        months=months, plants=plants, cell_value=cell_value, pack_value=pack_value,
        hours=share / share.sum() * demand.sum(axis=0).mean() * 1.5,
        offer_vendor=offer_vendor, offer_cell=offer_cell,
        offer_price=cell_value[offer_cell] * g.uniform(0.85, 1.1, offer_cell.size),
        offer_most=(1.75 * cells_wanted / np.maximum(offered, 1))[offer_cell] * g.uniform(0.7, 1.3, offer_cell.size),
        process_plant=process_plant, process_pack=process_pack, process_cell=cell_of[process_pack],
        process_feed=process_feed.ravel(), process_cells=cells_of[process_pack], process_hours=process_hours,
        process_cost=0.2 * pack_value[process_pack] * g.uniform(0.7, 1.3, process_plant.size),
        feed_plant=feeds[0], feed_cell=feeds[1], in_offer=in_offer, in_feed=in_feed,
        in_freight=inland[offer_vendor[in_offer], feeds[0][in_feed]],
        out_process=out_process, out_want=out_want,
        out_freight=outland[process_plant[out_process], want_market[out_want]],
        want_market=want_market, want_pack=want_pack, want_price=1.4 * pack_value[want_pack],
        want_penalty=0.3 * pack_value[want_pack], demand=demand,
    )  # fmt: skip


def to_chain(case: Case) -> cr.Chain:
    """Return the problem as the tables of a chain."""
    vendors, plants, markets = (
        np.array([f"{kind}{n}" for n in range(count)])
        for kind, count in (("v", case.offer_vendor.max() + 1), ("p", case.plants), ("m", case.want_market.max() + 1))
    )
    cells = np.array([f"cell{n}" for n in range(case.cell_value.size)])
    packs = np.array([f"pack{n}" for n in range(case.pack_value.size)])
    sites = np.concatenate([vendors, plants, markets])
    kinds = ["cell"] * vendors.size + ["pack"] * plants.size + ["market"] * markets.size
    months = [month_after(t) for t in range(case.months)]
    process = np.array([f"{plants[p]}-{packs[k]}" for p, k in zip(case.process_plant, case.process_pack, strict=True)])
    settings = {
        "start": START.isoformat(), "months": case.months, "quarters_after": case.months,
        "discount_per_year": DISCOUNT, "holding_per_year": HOLDING, "terminal_stock_share": 0,
    }  # fmt: skip
    return cr.Chain.of(
        "sourcing",
        settings=pl.DataFrame({"name": list(settings), "value": [str(value) for value in settings.values()]}),
        sites=pl.DataFrame({"site": sites, "name": sites, "kind": kinds, "country": "US", "calendar": "none"}),
        items=pl.DataFrame(
            {
                "item": np.concatenate([cells, packs]), "name": np.concatenate([cells, packs]),
                "stage": ["cell"] * cells.size + ["pack"] * packs.size,
                "value_usd": np.concatenate([case.cell_value, case.pack_value]),
                "kwh": np.concatenate([case.cell_value / 100, case.pack_value / 150]),
            }
        ),
        offers=pl.DataFrame(
            {
                "offer": [f"{vendors[v]}-{cells[c]}" for v, c in zip(case.offer_vendor, case.offer_cell, strict=True)],
                "site": vendors[case.offer_vendor], "item": cells[case.offer_cell], "price_usd": case.offer_price,
                "valid_from": START, "max_per_month": case.offer_most,
            }
        ),
        resources=pl.DataFrame({"resource": plants, "site": plants, "hours_per_month": case.hours}),
        processes=pl.DataFrame(
            {
                "process": process, "site": plants[case.process_plant], "item": packs[case.process_pack],
                "resource": plants[case.process_plant], "hours_per_unit": case.process_hours,
                "cost_usd": case.process_cost,
            }
        ),
        bom=pl.DataFrame({"process": process, "item": cells[case.process_cell], "quantity": case.process_cells}),
        lanes=pl.concat(
            [
                _lanes(
                    vendors[case.offer_vendor[case.in_offer]], plants[case.feed_plant[case.in_feed]],
                    case.in_freight,
                ),
                _lanes(
                    plants[case.process_plant[case.out_process]], markets[case.want_market[case.out_want]],
                    case.out_freight,
                ),
            ]
        ),
        wants=pl.DataFrame({"want": packs, "item": packs}),
        demand=pl.DataFrame(
            {
                "market": np.repeat(markets[case.want_market], case.months),
                "want": np.repeat(packs[case.want_pack], case.months),
                "month": months * case.want_market.size,
                "quantity": case.demand.ravel(),
                "price_usd": np.repeat(case.want_price, case.months),
                "short_usd": np.repeat(case.want_penalty, case.months),
            }
        ),
    )  # fmt: skip


def _lanes(origin: NDArray[np.str_], destination: NDArray[np.str_], freight: Floats) -> pl.DataFrame:
    """One lane between two sites, whatever it carries; freight is by lane."""
    return (
        pl.DataFrame({"origin": origin, "destination": destination, "cost_usd": freight})
        .unique(["origin", "destination"], maintain_order=True)
        .with_columns(
            lane=pl.format("{}-{}", "origin", "destination"), mode=pl.lit("truck"), transit_days=0.0,
            cost_per=pl.lit("unit"),
        )
    )  # fmt: skip
