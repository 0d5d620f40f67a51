"""Tiers: a price that changes with the quantity of a year or of a period.

Below the first threshold the price of the offer holds. From a threshold on another price holds, for what exceeds it
(incremental) or for all units (all units). What that changes is settled at the end of the year or in the period: every
unit is first bought at the price of the offer. g is an offer in a year (or period), k a tier of it, k = 0 the price of
the offer itself.

    each[g,k]   price of the offer (mean over the days of g) - price of tier k
    fixed[g,k]  all units: 0;  incremental: sum over j up to k of (each[g,j-1] - each[g,j]) * from[g,j]

so that each * quantity + fixed is what comes back when the quantity lies in tier k.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.buying.years import days_within, shares_within, years
from cellroad.plan.kernel import Block, Builder
from cellroad.plan.network import arcs
from cellroad.plan.periods import Periods

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network

Floats = NDArray[np.float64]
GROUPS: dict[str, type[pl.DataType]] = {
    "group": pl.Int64, "offer": pl.String, "site": pl.String, "per": pl.String, "kind": pl.String, "begin": pl.Int64,
    "finish": pl.Int64, "open_from": pl.Int64, "open_until": pl.Int64, "settle": pl.Int64, "price_usd": pl.Float64,
}  # fmt: skip
TIERS: dict[str, type[pl.DataType]] = {
    "group": pl.Int64, "tier": pl.Int64, "low": pl.Float64, "high": pl.Float64, "each_usd": pl.Float64,
    "fixed_usd": pl.Float64, "convex": pl.Boolean,
}  # fmt: skip
COUNTED: dict[str, type[pl.DataType]] = {"group": pl.Int64, "buy": pl.Int64, "part": pl.Float64}


@dataclass(frozen=True)
class Tiers:
    """The tiers of every offer that has some, by year or period.

    groups   group, offer, site, per (year, period), kind, begin, finish (day numbers), open_from, open_until (of the
             offer), settle (period), price_usd (of the offer, mean over the days)
    tiers    group, tier (0: below the first threshold), low, high, each_usd, fixed_usd, convex (dearer the more is
             bought, so that no decision is needed)
    counted  group, buy, part
    """

    groups: pl.DataFrame
    tiers: pl.DataFrame
    counted: pl.DataFrame


def make_tiers(chain: Chain, periods: Periods) -> Tiers:
    """Return the tiers of a chain by year and period; of part of a year that part of the thresholds counts."""
    none = pl.DataFrame(schema=COUNTED)
    offers = chain.offers.with_row_index("number").join(chain.tiers, on="offer", how="semi", maintain_order="left")
    if offers.is_empty():
        return Tiers(pl.DataFrame(schema=GROUPS), pl.DataFrame(schema=TIERS), none)
    price = arcs.make_prices(chain, periods)
    rows: list[dict[str, object]] = []
    for offer in offers.to_dicts():
        end = periods.end if offer["valid_to"] is None else min(offer["valid_to"] + dt.timedelta(days=1), periods.end)
        open_ = max(periods.day_number(offer["valid_from"]), 0), periods.day_number(end)
        for begin, finish, part, settle in _counts(periods, str(offer["tier_per"]), *open_):
            days = days_within(periods, begin, finish)[0]
            mean = float(price[offer["number"]] @ days / days.sum())
            rows.append(
                {
                    "group": len(rows), "offer": offer["offer"], "site": offer["site"], "per": str(offer["tier_per"]),
                    "kind": str(offer["tier_kind"]), "begin": begin, "finish": finish, "open_from": open_[0],
                    "open_until": open_[1], "settle": settle, "price_usd": mean, "part": part,
                }
            )  # fmt: skip
    groups = pl.DataFrame(rows, schema={**GROUPS, "part": pl.Float64})
    return Tiers(groups.select(*GROUPS), _tiers(chain, groups), none)


def _counts(periods: Periods, per: str, begin: int, finish: int) -> list[tuple[int, int, float, int]]:
    """Return what tiers count together: first day number, the one after the last, part of the thresholds, period."""
    if per == "year":
        found = years(periods, [(begin, finish, None)]).select("begin", "finish", "part", "settle")
        return [(int(a), int(b), float(part), int(settle)) for a, b, part, settle in found.iter_rows()]
    edges = periods.first_day
    spans = [(max(int(a), begin), min(int(b), finish)) for a, b in pairwise(edges)]
    return [(a, b, 1.0, t) for t, (a, b) in enumerate(spans) if a < b]


def _tiers(chain: Chain, groups: pl.DataFrame) -> pl.DataFrame:
    first = groups.select("group", tier=pl.lit(0, dtype=pl.Int64), low=pl.lit(0.0), each_usd=pl.lit(0.0))
    each = pl.coalesce(pl.col("price_usd") - pl.col("tier_usd"), pl.col("price_usd") * pl.col("discount_share"))
    listed = chain.tiers.select("offer", "from_quantity", "discount_share", tier_usd="price_usd")
    listed = listed.sort("offer", "from_quantity").with_columns(tier=pl.int_range(1, pl.len() + 1).over("offer"))
    further = groups.join(listed, on="offer").select(
        "group",
        pl.col("tier").cast(pl.Int64),
        low=pl.col("from_quantity") * pl.col("part"),
        each_usd=each.cast(pl.Float64),
    )
    before = pl.col("each_usd").shift(1).over("group")
    step = ((before - pl.col("each_usd")) * pl.col("low")).fill_null(0.0).cum_sum().over("group")
    incremental = pl.col("kind") == "incremental"
    return (
        pl.concat([first, further])
        .sort("group", "tier")
        .join(groups.select("group", "kind"), on="group", maintain_order="left")
        .with_columns(
            high=pl.col("low").shift(-1).over("group"),
            fixed_usd=pl.when(incremental).then(step).otherwise(0.0),
            convex=(incremental & (pl.col("each_usd") <= before).fill_null(True)).all().over("group"),
        )
        .select(*TIERS)
    )  # fmt: skip


def best_rebate(tiers: Tiers, periods: Periods, buys: pl.DataFrame) -> Floats:
    """Return the most that tiers can take off the price of one unit more: USD by purchase."""
    if tiers.groups.is_empty():
        return np.zeros(buys.height)
    best = tiers.tiers.group_by("group").agg(usd=pl.col("each_usd").max()).sort("group")
    group, period = np.nonzero(days_within(periods, tiers.groups["begin"], tiers.groups["finish"]))
    off = pl.DataFrame(
        {"offer": tiers.groups["offer"][group.tolist()], "period": period, "usd": best["usd"][group.tolist()]}
    )
    off = off.group_by("offer", "period").agg(pl.col("usd").max())
    found = buys.join(off, on=["offer", "period"], how="left", maintain_order="left")["usd"]
    return found.fill_null(0.0).to_numpy()


def within_reach(tiers: Tiers, periods: Periods, buys: pl.DataFrame) -> Tiers:
    """Return the tiers that purchases can reach, with the part of every purchase that counts."""
    if tiers.groups.is_empty():
        return tiers
    columns = ("begin", "finish", "open_from", "open_until")
    share = shares_within(periods, *(tiers.groups[name] for name in columns))
    group, period = np.nonzero(share)
    parts = pl.DataFrame({"group": group, "period": period, "part": share[group, period]})
    bought = buys.select("offer", "period", "most", buy=pl.int_range(pl.len()))
    counted = parts.join(tiers.groups.select("group", "offer"), on="group").join(bought, on=["offer", "period"])
    most = counted.group_by("group").agg(most=(pl.col("part") * pl.col("most")).sum())
    kept = (
        tiers.tiers.join(most, on="group")
        .filter(pl.col("low") < pl.col("most"))
        .with_columns(high=pl.min_horizontal("high", "most"))
        .filter(pl.len().over("group") > 1)
        .sort("group", "tier")
    )
    groups = tiers.groups.join(kept, on="group", how="semi", maintain_order="left")
    counted = counted.join(groups, on="group", how="semi").sort("group", "buy")
    return Tiers(groups, kept.select(*TIERS), counted.select(*COUNTED))


def tiering(m: Builder, net: Network, buy: Block) -> None:
    """Reach a tier or not, and get back what it takes off the price.

        value   + discount[settled] * (each[g,k] * in_tier[g,k] + fixed[g,k] * reached[g,k])
        sum over b of part[g,b] * buy[b] = sum over k of in_tier[g,k]
        low[g,k] * reached[g,k] <= in_tier[g,k] <= high[g,k] * reached[g,k]
        sum over k of reached[g,k] = 1;  reached[g,k] is 0 or 1

    All that is bought stands in the tier that it reaches; this form has the tightest relaxation of the usual ones
    (multiple choice: Croxton, Gendron and Magnanti 2003). Where every further unit costs more than the one before no
    tier is decided: then in_tier[g,k] is what lies between the thresholds of k, and the cheapest fills first.
    """
    groups, tiers = net.tiers.groups, net.tiers.tiers.with_columns(column=pl.int_range(pl.len()))
    start = pl.lit(net.periods.start) + pl.duration(days="begin")
    offers = groups.select("group", "offer", "site", "settle", start=start, row=pl.int_range(pl.len()))
    tiers = tiers.join(offers, on="group", maintain_order="left")
    told = tiers.select("offer", "tier", "start")
    upper = np.where(tiers["convex"], tiers["high"] - tiers["low"], tiers["high"])
    usual = np.zeros(groups.height)
    number = np.full(int(groups["group"].max() or 0) + 1, -1)  # type: ignore[arg-type]
    number[groups["group"].to_numpy()] = np.arange(groups.height)
    counted = net.tiers.counted
    row, bought = number[counted["group"].to_numpy()], counted["buy"].to_numpy()
    np.add.at(usual, row, net.size(net.buys["node"].gather(bought)))
    of = tiers["row"].to_numpy()
    in_tier = m.add_columns("in_tier", tiers.height, upper=upper, size_of=usual[of], index=told)
    m.money("rebate", in_tier.ids, tiers["settle"], tiers["each_usd"], net.codes.places(tiers["site"]))
    same = m.add_rows("tiered", groups.height, lower=0.0, upper=0.0, index=offers.select("offer", "start"))
    m.add_terms(same.first + row, buy.first + bought, counted["part"])
    m.add_terms(same.first + of, in_tier.ids, -1.0)

    chosen = tiers.filter(~pl.col("convex"))
    reached = m.add_columns(
        "reached", chosen.height, upper=1.0, whole=True, index=chosen.select("offer", "tier", "start")
    )
    m.money("rebate", reached.ids, chosen["settle"], chosen["fixed_usd"], net.codes.places(chosen["site"]))
    column = in_tier.first + chosen["column"].to_numpy()
    for name, side, limit in (("tier least", "low", {"lower": 0.0}), ("tier most", "high", {"upper": 0.0})):
        rows = m.add_rows(name, chosen.height, **limit, index=reached.index)
        m.add_terms(rows.ids, column, 1.0)
        m.add_terms(rows.ids, reached.ids, -chosen[side])
    decided = (
        chosen.select("row", "offer", "start").unique(maintain_order=True).with_columns(place=pl.int_range(pl.len()))
    )
    one = m.add_rows("one tier", decided.height, lower=1.0, upper=1.0, index=decided.select("offer", "start"))
    placed = chosen.join(decided.select("row", "place"), on="row", maintain_order="left")
    m.add_terms(one.first + placed["place"].to_numpy(), reached.ids, 1.0)
    for _, mine in chosen.with_columns(id=pl.Series(reached.ids)).group_by("row", maintain_order=True):
        m.choose(mine["id"].to_numpy(), in_tier.first + mine["column"].to_numpy(), mine["low"])


def tier_frame(net: Network, columns: Mapping[str, Floats]) -> pl.DataFrame:
    """Return the tier that the purchases under each offer reached in each year or period, and what came back."""
    groups, counted = net.tiers.groups, net.tiers.counted
    tiers = net.tiers.tiers.with_columns(inside=pl.Series(columns["in_tier"]))
    fixed = np.zeros(tiers.height)
    chosen = ~tiers["convex"].to_numpy()
    fixed[chosen] = columns["reached"] * tiers["fixed_usd"].to_numpy()[chosen]
    back = tiers.with_columns(back=pl.col("each_usd") * pl.col("inside") + pl.Series(fixed)).filter(
        pl.col("inside") > 0
    )
    sums = back.group_by("group").agg(
        pl.col("tier", "low", "each_usd").sort_by("tier").last(), rebate_usd=pl.col("back").sum()
    )
    bought = counted.with_columns(units=pl.Series(columns["buy"][counted["buy"].to_numpy()]) * pl.col("part"))
    bought = bought.group_by("group").agg(quantity=pl.col("units").sum())
    date = pl.lit(net.periods.start)
    return (
        groups.join(sums, on="group")
        .join(bought, on="group")
        .sort("group")
        .select(
            "offer", "per", "kind", start=date + pl.duration(days="begin"),
            end=date + pl.duration(days=pl.col("finish") - 1), quantity="quantity", tier="tier", from_quantity="low",
            price_usd=pl.col("price_usd") - pl.col("each_usd"), rebate_usd="rebate_usd", group="group",
        )
    )  # fmt: skip


def rebates(net: Network, frame: pl.DataFrame, bought: Floats) -> Floats:
    """Return what tiers take off each purchase, spread over the year or period by quantity: USD by purchase."""
    counted = net.tiers.counted.with_columns(
        units=pl.Series(bought[net.tiers.counted["buy"].to_numpy()]) * pl.col("part")
    )
    spread = counted.join(frame.select("group", "quantity", "rebate_usd"), on="group").filter(pl.col("quantity") > 0)
    usd = spread["rebate_usd"] * spread["units"] / spread["quantity"]
    return np.bincount(spread["buy"].to_numpy(), usd.to_numpy(), bought.size).astype(np.float64)
