"""At which transfer price, or which share of a joint venture, do two partners both gain, and where would they meet?

The deal is the plan that is best for both together. With that plan fixed, what each has follows from the price p at
which goods pass between them, or from the share s of the joint venture that the first of them holds:

    value[k](p) = value[k](0) + slope[k] * p - tax[k](p),
    slope[k] = sum of discounted quantity * (S[k, seller] - S[k, buyer]) - discounted duty and fees on a dollar of it

A stated price is the customs value of what crosses a border, and it moves profit to where it is taxed less or more; tax
is piecewise linear, so that both values are lines between kinks (`curve`). On each line the bargaining set, where
neither has less than without the deal, is found in closed form. Without the deal each has the best plan for itself in
which nothing passes (or in which the venture does not exist), while the other does not lose. In the set Nash (1950)
meets at the point that maximises the product of both gains,

    (value[a](p) - without[a]) * (value[b](p) - without[b]),

on a line the vertex of a parabola; with linear values Kalai and Smorodinsky (1975) meet at the middle of the same set.

The plan is that of today's price: at another price both may find another plan that is better for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.tell import did_you_mean
from cellroad.plan.partners.accounts import by_party, padded
from cellroad.plan.partners.between import Between, owned_block
from cellroad.plan.partners.book import columns_of_passes, makers_of_runs
from cellroad.plan.partners.owners import line_owners
from cellroad.plan.partners.stakes import make_stakes
from cellroad.plan.partners.tax import make_tax, owed, profit_in
from cellroad.plan.planning import allowed
from cellroad.plan.solving.watching import Limits
from cellroad.rules.eligibility import Eligibility
from cellroad.rules.law import Law

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pair = tuple[float, float]
Point = tuple[float, float, float]
Curve = tuple[Point, ...]
SLACK = 1e-6
SHORT = 1e-9
"""Part of the range of a lever that is too short to hold a kink worth looking for."""
DOUBLINGS = 60
ROUNDS = 6
PRICE, SHARE = "transfer price of ", "share of "


@dataclass(frozen=True, slots=True)
class Bargain:
    """A bargaining set between a and b over a lever: a price in USD per unit, or the share of a in a venture.

    low, high      the lever at which b, or a, just does not lose; None where there is none at which neither loses
    nash           the lever of Nash
    now            the lever in the chain as it stands: for a price its mean over what passes
    without        what each has without the deal, a first
    curve          (lever, value of a, value of b) of the deal in order of the lever, in lines between these points
    frame          what (low, nash, high, now), lever, a_usd, b_usd, a_gain_usd, b_gain_usd
    """

    chain: Chain
    a: str
    b: str
    over: str
    low: float | None
    high: float | None
    nash: float | None
    now: float
    without: tuple[float, float]
    curve: tuple[tuple[float, float, float], ...]

    def values(self, lever: float) -> tuple[float, float]:
        """Return what each has at a lever; beyond the ends of the curve its last line goes on."""
        place = int(np.clip(np.searchsorted([point[0] for point in self.curve], lever), 1, len(self.curve) - 1))
        (a0, b0), (a1, b1) = _line(self.curve[place - 1], self.curve[place])
        return a0 + lever * (a1 - a0), b0 + lever * (b1 - b0)

    @property
    def frame(self) -> pl.DataFrame:
        """Return the points that people ask for."""
        named = {"low": self.low, "nash": self.nash, "high": self.high, "now": self.now}
        rows = []
        for what, lever in named.items():
            if lever is not None:
                a, b = self.values(lever)
                rows.append((what, lever, a, b, a - self.without[0], b - self.without[1]))
        names = ["lever", "a_usd", "b_usd", "a_gain_usd", "b_gain_usd"]
        return pl.DataFrame(rows, schema={"what": pl.String} | dict.fromkeys(names, pl.Float64), orient="row")

    def summary(self) -> str:
        """Return the outcome in words."""
        unit = "USD per unit" if self.over.startswith(PRICE) else "of the venture"
        if self.low is None or self.high is None or self.nash is None:
            return f"There is no {self.over} at which neither {self.a} nor {self.b} has less than without the deal."
        return (
            f"Between {self.low:.6g} and {self.high:.6g} {unit} neither {self.a} nor {self.b} has less than without "
            f"the deal; Nash meets at {self.nash:.6g}, and today it is {self.now:.6g}."
        )


def bargain(
    chain: Chain,
    a: str,
    b: str,
    over: str,
    *,
    without: tuple[float, float] | None = None,
    law: Law | None = None,
    rules: Eligibility | None = None,
    gap: float = 1e-3,
    time_limit: float = 60.0,
    threads: int = 2,
) -> Bargain:
    """Return the bargaining set of two partners over a lever.

    over     "transfer price of X", where X is an item, or a row of `transfers`; or "share of X", where X is a partner
             that both hold: then the lever is the part of what both hold that is a's
    without  what a and b have without the deal, where that is known otherwise

    The deal counts at the weights 1 : 1. Raises ChainError where a name is not known and NoPlanError where there is no
    plan.
    """
    rules = allowed(chain, law) if rules is None else rules
    between = Between.of(chain, (a, b), rules, Limits(gap, time_limit, 0, threads))
    deal = between.best((1.0, 1.0)).values
    if over.startswith(PRICE):
        passes = _passes(between, over.removeprefix(PRICE))
        apart = without or _alone(between, passes["column"].unique().to_numpy())
        now, through = _by_price(between, deal, passes, over.removeprefix(PRICE), (a, b), rules)
        usual = now if now > 0 else 1.0
        curve = _settled(through, (usual, 2 * usual), apart)
    elif over.startswith(SHARE):
        venture = over.removeprefix(SHARE)
        at, now = _by_share(between, deal, (a, b), venture)
        apart = without or _alone(between, _of_venture(between, venture))
        curve = ((0.0, *at[0]), (1.0, *at[1]))
    else:
        raise _unknown(over, f"'{PRICE}…' or '{SHARE}…'")
    low, high, nash = agreed(curve, apart)
    return Bargain(chain, a, b, over, low, high, nash, now, apart, curve)


def _settled(through: Callable[[float, float], Callable[[float], Pair]], first: Pair, without: Pair) -> Curve:
    """Return the curve through both ends of the set that it gives, found from two first prices.

    What customs charges for an entry has a least and a most, so that no two prices say all of the others.
    """
    prices = first
    for _ in range(ROUNDS):
        value = through(*prices)
        curve = kinks(value, _far(value, without, first[0]))
        low, high, _ = agreed(curve, without)
        if low is None or high is None or high - low <= SHORT * high:
            break
        moved = max(abs(low - prices[0]), abs(high - prices[1]))
        prices = low, high
        if moved <= 1e-7 * high:
            break
    return curve


def agreed(curve: Curve, without: Pair) -> tuple[float | None, float | None, float | None]:
    """Return the least and the largest lever at which neither has less than without the deal, and that of Nash.

    Between two points of the curve both values are lines. Nothing where the set is empty, or has no end.
    """
    found = []
    for left, right in pairwise(curve):
        at = _line(left, right)
        low, high = _set(at, without, (left[0], right[0]))
        if low is not None and high is not None:
            best = _nash(at, without, low, high)
            gains = [at[0][k] + best * (at[1][k] - at[0][k]) - without[k] for k in (0, 1)]
            found.append((low, high, best, gains[0] * gains[1]))
    if not found:
        return None, None, None
    return min(f[0] for f in found), max(f[1] for f in found), max(found, key=lambda f: f[3])[2]


def kinks(value: Callable[[float], Pair], end: float) -> Curve:
    """Return the points of a piecewise linear pair of values from 0 to a lever: its ends and every kink between.

    Halves what is no line until it is one, or too short to matter.
    """
    ends = ((0.0, *value(0.0)), (end, *value(end)))
    found, open_ = [ends[0]], [ends]
    while open_:
        left, right = open_.pop()
        width = right[0] - left[0]
        inside = [(p, *value(p)) for p in (left[0] + 0.382 * width, left[0] + 0.5 * width)]
        straight = all(
            abs(point[k] - np.interp(point[0], (left[0], right[0]), (left[k], right[k])))
            <= 1e-9 * max(1.0, abs(left[k]), abs(right[k]))
            for point in inside
            for k in (1, 2)
        )
        if straight or width <= SHORT * end:
            found.append(right)
        else:
            open_ += [(inside[1], right), (left, inside[1])]
    return tuple(found)


def _line(left: Point, right: Point) -> tuple[Pair, Pair]:
    """Return the values at the levers 0 and 1 of the line through two points."""
    slope = [(right[k] - left[k]) / (right[0] - left[0]) for k in (1, 2)]
    zero = left[1] - slope[0] * left[0], left[2] - slope[1] * left[0]
    return zero, (zero[0] + slope[0], zero[1] + slope[1])


def _far(value: Callable[[float], Pair], without: Pair, now: float) -> float:
    """Return a price beyond which one of both has less and less, and less than without the deal; else a very high one.

    Tax leaves a part of every dollar, so that values fall or rise for good.
    """
    price = max(2 * now, 1.0) if np.isfinite(now) else 1.0
    for _ in range(DOUBLINGS):
        here, beyond = value(price), value(2 * price)
        if any(here[k] < without[k] - SLACK and beyond[k] < here[k] for k in (0, 1)):
            break
        price *= 2
    return price


def _passes(between: Between, name: str) -> pl.DataFrame:
    """Return what passes of an item, or at the price of a row: column, seller, buyer, quantity, period, price_usd."""
    passes = columns_of_passes(between.book, owned_block(between.model))
    chain, prices = between.net.chain, between.net.transfer_prices
    row = chain.transfers.filter(pl.col("transfer") == name)
    if row.height:
        key = ["seller", "buyer", "item"]
        group = row.join(prices.frame, on=key, nulls_equal=True)["group"][0]
        return passes.filter(pl.col("group") == group)
    if name not in set(chain.items["item"]):
        known = [*chain.items["item"], *chain.transfers["transfer"]]
        raise _unknown(PRICE + name, "an item, or a row of transfers", known)
    found = passes.filter(pl.col("item") == name)
    if found.is_empty():
        raise _unknown(PRICE + name, "goods that can pass from one partner to another; nobody passes these on")
    return found


def _by_price(
    between: Between, deal: Floats, passes: pl.DataFrame, name: str, partners: tuple[str, str], rules: Eligibility
) -> tuple[float, Callable[[float, float], Callable[[float], Pair]]]:
    """Return the mean price now (discounted), and from two prices what each has of the deal at any.

    Duty and profit follow a price in a line, as fees do between their limits; so the plan is valued at two prices, and
    tax is worked out anew for the profit at any other.
    """
    moved = passes["quantity"].to_numpy() * deal[passes["column"].to_numpy()]
    moved = moved * between.book.discount[passes["period"].to_numpy()]
    now = float(passes["price_usd"].to_numpy() @ moved / moved.sum()) if moved.sum() > 0 else float("nan")
    taxed = between.model.columns.get("taxed")
    before = deal.copy()
    before[[] if taxed is None else taxed.ids] = 0.0

    def at(price: float) -> tuple[Floats, Floats, Floats]:
        priced = _priced(between.net.chain, passes, name, price)
        there = Between.of(priced, partners, rules, between.limits)
        if taxed is None:
            return np.array(there.values(before)), np.zeros(0), np.zeros((2, 0))
        return np.array(there.values(before)), profit_in(there.model, before), there.factor[:, taxed.ids]

    rates = make_tax(between.net) if taxed is not None else None

    def through(low: float, high: float) -> Callable[[float], Pair]:
        (low_usd, low_profit, cost), (high_usd, high_profit, _) = at(low), at(high)

        def value(price: float) -> Pair:
            part = (price - low) / (high - low)
            usd = low_usd + part * (high_usd - low_usd)
            if rates is None:
                return _pair(usd)
            return _pair(usd + cost @ owed(rates, low_profit + part * (high_profit - low_profit))[0])

        return value

    return now, through


def _priced(chain: Chain, passes: pl.DataFrame, name: str, usd: float) -> Chain:
    """Return a chain in which what passes has one price: at a row of transfers, or from place to place for an item."""
    key = ["seller", "buyer", "item"]
    row = chain.transfers.filter(pl.col("transfer") == name)
    moves = row if row.height else passes.select(seller="origin", buyer="destination", item="item")
    days = chain.transfers.group_by(key).agg(pl.col("payment_days").max())
    new = moves.select(key).unique(maintain_order=True).join(days, on=key, how="left", nulls_equal=True)
    new = new.with_columns(pl.col("payment_days").fill_null(0), transfer=pl.format("price {}", pl.int_range(pl.len())))
    kept = chain.transfers.join(new, on=key, how="anti", nulls_equal=True)
    new = new.with_columns(price_usd=pl.lit(usd), index_factor=1.0, adder_usd=0.0, markup_share=0.0)
    return chain.replace(transfers=pl.concat([kept, new], how="diagonal_relaxed"))


def _by_share(
    between: Between, deal: Floats, partners: tuple[str, str], venture: str
) -> tuple[tuple[Pair, Pair], float]:
    """Return the values where a holds nothing, and all, of what both hold of a venture, and the share now."""
    net, chain, book = between.net, between.net.chain, between.book
    both = (pl.col("owned") == venture) & (pl.col("interest") == "equity") & pl.col("owner").is_in(list(partners))
    held = chain.stakes.filter(both).sort("valid_from")
    last = held.group_by("owner").last().with_columns(share=(pl.col("share_min") + pl.col("share_max")) / 2)
    parts = dict(last.select("owner", "share").iter_rows())
    if len(parts) < 2 or sum(parts.values()) <= 0:
        raise _unknown(
            SHARE + venture, f"a partner that {partners[0]} and {partners[1]} both hold", chain.stakes["owned"]
        )
    together = sum(parts.values())
    own = by_party(book, book.moved(deal, owned_block(between.model).of(deal)), np.ones(len(book.kinds), dtype=bool))
    money = padded(own, net.owners.count) * book.discount
    found = []
    for share in (0.0, 1.0):
        row = held.head(2).with_columns(
            owner=pl.Series(partners), share_min=pl.Series([share * together, (1 - share) * together]),
            share_max=pl.Series([share * together, (1 - share) * together]),
            valid_from=pl.lit(held["valid_from"].min()), valid_to=pl.lit(None, pl.Date),
        )  # fmt: skip
        stakes = make_stakes(chain.replace(stakes=pl.concat([chain.stakes.filter(~both), row])), net.periods)
        whole = stakes.whole(money).sum(axis=1)
        found.append(_pair(np.array([whole[net.owners.names.index(name)] for name in partners])))
    return (found[0], found[1]), parts[partners[0]] / together


def _of_venture(between: Between, venture: str) -> Ints:
    """Return the columns of what a partner does: its lines, what it builds, what goes to and from its sites."""
    net, columns = between.net, between.model.columns
    place = net.owners.names.index(venture)
    items, sites = net.codes.items.height, net.owners.site
    runs = np.flatnonzero(makers_of_runs(net) == place)
    started = np.flatnonzero(line_owners(net, net.starts.frame["resource"]) == place)
    ends = (sites[net.ships[end].to_numpy() // items] == place for end in ("node_from", "node_to"))
    moved = np.flatnonzero(np.logical_or(*ends))
    bought = np.flatnonzero(sites[net.buys["node"].to_numpy() // items] == place)
    parts = (("make", runs), ("start", started), ("ship", moved), ("buy", bought))
    return np.concatenate([columns[name].first + found for name, found in parts])


def _alone(between: Between, barred: Ints) -> Pair:
    """Return what each has at best without the deal, where the other does not lose against doing nothing."""
    nothing = np.zeros(between.model.cost.size)
    nothing[between.model.columns["short"].ids] = between.net.wanted["wanted"].to_numpy()
    idle = between.values(nothing)
    first = between.best((1.0, 0.0), (-np.inf, idle[1] - SLACK), barred)
    second = between.best((0.0, 1.0), (idle[0] - SLACK, -np.inf), barred)
    return between.values(first.values)[0], between.values(second.values)[1]


def _set(at: tuple[Pair, Pair], without: Pair, bounds: Pair) -> tuple[float | None, float | None]:
    """Return the interval of the lever in which neither gain is negative; nothing where it is empty."""
    low, high = bounds
    for k in (0, 1):
        gain, slope = at[0][k] - without[k], at[1][k] - at[0][k]
        if abs(slope) <= 1e-12 * max(1.0, abs(gain)):
            if gain < -SLACK:
                return None, None
        elif slope > 0:
            low = max(low, -gain / slope)
        else:
            high = min(high, -gain / slope)
    return (low, high) if low <= high < np.inf else (None, None)


def _nash(at: tuple[Pair, Pair], without: Pair, low: float, high: float) -> float:
    """Return the lever at which the product of both gains is largest."""
    (c, d), (m, n) = ([at[0][k] - without[k] for k in (0, 1)], [at[1][k] - at[0][k] for k in (0, 1)])
    candidates = [low, high]
    if m * n < 0:
        candidates.append(float(np.clip(-(c * n + d * m) / (2 * m * n), low, high)))
    return max(candidates, key=lambda p: (c + m * p) * (d + n * p))


def _pair(values: Floats) -> Pair:
    return float(values[0]), float(values[1])


def _unknown(found: str, expected: str, known: Iterable[str] = ()) -> ChainError:
    name = found.removeprefix(PRICE).removeprefix(SHARE)
    advice = did_you_mean(name, known, "Name it as the chain does.")
    return ChainError([Finding("blocker", "", None, "", repr(found), expected, advice)])
