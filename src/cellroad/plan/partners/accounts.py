"""Who earns what, and what is it worth to whom? The accounts of a plan by partner.

    accounts       partner (blank: nobody named), kind, period, start, usd (income positive, nominal), discounted_usd
    partner_cash   partner, period, start, own_usd (its own accounts), usd (with its share of those below it),
                   discounted_usd (of that), free_usd (the part of it, discounted, that no other partner holds)
    values         partner, name, own_usd (value of its own accounts), usd (net present value with its share of those
                   below it), low_usd and high_usd (at the ends of stakes that are ranges), free_usd (the part that no
                   other partner holds: adds up to the chain's), irr, payback_years, peak_usd (most money tied up)
    transfers      seller, buyer, origin, destination, item, period, start, quantity, price_usd, usd, stated (by a row
                   of the table; else the standard cost, an assumption)

Return, payback and peak leave out the penalty for shortage, which is not money; they take what is left at the end as
sold then.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.kernel import Model
from cellroad.plan.network.network import Network
from cellroad.plan.partners.book import Book, make_book, mixed
from cellroad.plan.partners.returns import irr, payback, peak
from cellroad.plan.partners.stakes import Stakes

Floats = NDArray[np.float64]
SMALL = 1e-9
"""Of the largest figure of its kind: less than that is a rounding of zero."""


def frames(net: Network, model: Model, values: Floats) -> dict[str, pl.DataFrame]:
    """Return the accounts of a solution."""
    book = make_book(net, model)
    shares = shares_of(book, model, values)
    moved = book.moved(values, shares)
    start = net.periods.frame.select("period", "start")
    last = net.periods.count - 1
    names = dict(enumerate(net.owners.names))
    kinds = dict(enumerate(book.kinds))
    accounts = (
        pl.DataFrame(
            {"party": book.party, "code": book.kind, "at": book.period, "usd": moved,
             "discounted_usd": moved * book.discount[book.period]}
        )
        .with_columns(period=pl.col("at").clip(0, last))
        .group_by("party", "code", "period")
        .agg(pl.col("usd", "discounted_usd").sum())
        .filter(pl.col("usd").abs() > SMALL * pl.col("usd").abs().max().over("code"))
        .with_columns(
            partner=pl.col("party").replace_strict(names, return_dtype=pl.String),
            kind=pl.col("code").replace_strict(kinds, return_dtype=pl.String),
        )
        .join(start, on="period")
        .sort("party", "period", "kind")
        .select("partner", "kind", "period", "start", "usd", "discounted_usd")
    )  # fmt: skip
    own = by_party(book, moved, np.ones(len(book.kinds), dtype=bool))
    money = by_party(book, moved, np.array([kind != "penalty" for kind in book.kinds]))
    return {
        "accounts": accounts,
        "partner_cash": _partner_cash(net, own, book.discount, net.stakes),
        "values": _values(net, own, money, book.discount, net.stakes),
        "transfers": _transfers(net, book, values, shares),
    }


def remarks(net: Network, transfers: pl.DataFrame) -> tuple[str, ...]:
    """Return in words what was assumed about partners: unstated transfer prices, ranges of stakes, who follows whom."""
    told = []
    pairs = transfers.filter(~pl.col("stated")).select("seller", "buyer").unique().sort("seller", "buyer")
    if pairs.height:
        names = ", ".join(f"{a or 'nobody named'} to {b or 'nobody named'}" for a, b in pairs.iter_rows())
        told.append(f"goods pass at their standard cost where no transfer price is stated: {names}")
    if net.settings.value_of:
        others = "take part only where they do not lose" if net.settings.others == "gain" else "do as the plan says"
        told.append(f"the plan is the best for {net.settings.value_of}; the other partners {others}")
    return tuple(told)


def shares_of(book: Book, model: Model, values: Floats) -> Floats:
    """Return how much of each shared column is whose: as the plan has decided, else in proportion to its flows."""
    if "owned" in model.columns:
        return model.columns["owned"].of(values)
    return mixed(book.split, values)


def by_party(book: Book, moved: Floats, kinds: NDArray[np.bool_]) -> Floats:
    """Return nominal money by party and period, the last of which is the end: shape (parties, T + 1)."""
    periods = book.discount.size
    chosen = kinds[book.kind]
    key = book.party[chosen] * periods + book.period[chosen]
    parties = int(book.party.max(initial=0)) + 1
    return np.asarray(np.bincount(key, moved[chosen], parties * periods), dtype=float).reshape(parties, periods)


def padded(money: Floats, size: int) -> Floats:
    """Return money by party with a row for every party."""
    return np.vstack([money, np.zeros((size - money.shape[0], money.shape[1]))])


def _partner_cash(net: Network, own: Floats, discount: Floats, stakes: Stakes) -> pl.DataFrame:
    own = padded(own, net.owners.count)
    whole = stakes.whole(own)
    count = net.periods.count
    folded = [np.hstack([a[:, : count - 1], a[:, count - 1 :].sum(axis=1, keepdims=True)]) for a in (
        own, whole, whole * discount, whole * discount * stakes.free.T
    )]  # fmt: skip
    party, period = np.indices(folded[0].shape).reshape(2, -1)
    frame = pl.DataFrame(
        {"partner": [net.owners.names[p] for p in party], "period": period.astype(np.int64)}
        | {name: a.ravel() for name, a in zip(("own_usd", "usd", "discounted_usd", "free_usd"), folded, strict=True)},
        schema_overrides={"partner": pl.String},
    )
    return (
        frame.filter((pl.col("usd") != 0) | (pl.col("own_usd") != 0))
        .join(net.periods.frame.select("period", "start"), on="period", maintain_order="left")
        .select("partner", "period", "start", "own_usd", "usd", "discounted_usd", "free_usd")
    )


def _values(net: Network, own: Floats, money: Floats, discount: Floats, stakes: Stakes) -> pl.DataFrame:
    own, money = (padded(a, net.owners.count) for a in (own, money))
    whole = stakes.whole(own) * discount
    low, high = stakes.span(own * discount)
    middle = whole.sum(axis=1)
    flows = stakes.whole(money)
    first = net.periods.first_day
    day = np.append((first[:-1] + first[1:]) / 2, first[-1])
    names = net.chain.partners.select("partner", "name")
    rows = [
        {
            "partner": name, "own_usd": float(own[n] @ discount), "usd": float(middle[n]),
            "low_usd": min(float(low[n]), float(middle[n])), "high_usd": max(float(high[n]), float(middle[n])),
            "free_usd": float((whole * stakes.free.T)[n].sum()), "irr": irr(flows[n], day),
            "payback_years": payback(flows[n], day), "peak_usd": peak(flows[n]),
        }
        for n, name in enumerate(net.owners.names)
        if np.any(flows[n] != 0) or np.any(whole[n] != 0)
    ]  # fmt: skip
    schema = {"partner": pl.String} | dict.fromkeys(
        ("own_usd", "usd", "low_usd", "high_usd", "free_usd", "irr", "payback_years", "peak_usd"), pl.Float64
    )
    frame = pl.DataFrame(rows, schema=schema).join(names, on="partner", how="left", maintain_order="left")
    return frame.select("partner", pl.col("name").fill_null("nobody named"), pl.exclude("partner", "name"))


def _transfers(net: Network, book: Book, values: Floats, shares: Floats) -> pl.DataFrame:
    passes = book.passes
    names = dict(enumerate(net.owners.names))
    pair, column = passes["pair"].to_numpy(), passes["column"].to_numpy()
    times = np.where(pair >= 0, np.append(shares, 0.0)[pair], values[column])
    key = ["seller", "buyer", "origin", "destination", "item", "period", "stated"]
    return (
        passes.with_columns(
            pl.col("seller", "buyer").replace_strict(names, return_dtype=pl.String),
            quantity=pl.col("quantity") * pl.Series(times, dtype=pl.Float64),
        )
        .filter(pl.col("quantity") > 0)
        .group_by(key, maintain_order=True)
        .agg(pl.col("quantity").sum(), usd=(pl.col("quantity") * pl.col("price_usd")).sum())
        .filter(pl.col("quantity") > SMALL * pl.col("quantity").max())
        .join(net.periods.frame.select("period", "start"), on="period", maintain_order="left")
        .select(
            "seller", "buyer", "origin", "destination", "item", "period", "start", "quantity",
            price_usd=pl.col("usd") / pl.col("quantity"), usd="usd", stated="stated",
        )
    )  # fmt: skip
