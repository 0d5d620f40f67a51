"""Contracts: what is agreed with a supplier beside a price.

A contract stands on an offer. While it is signed, at least a minimum and at most a maximum has to be bought under that
offer in every year of its term; part of the minimum may be paid instead (take or pay), and then perhaps be taken later
(make-up). A part of its value may be paid at signing and is credited on invoices. An offer may be usable only under a
contract. Signing is decided once, yes or no; c is a contract, y a year of its term, b a purchase under its offer, and
part[c,y,b] the part of the days of b that lies in y.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.buying.years import YEARS, days_within, shares_within, years
from cellroad.plan.kernel import Block, Builder
from cellroad.plan.network import arcs
from cellroad.plan.network.arcs import Codes
from cellroad.plan.periods import Periods, add_months

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STAKE = 0.1
"""Share of all that could be bought under a contract which is at stake in signing it, beside its minimum."""

DEALS: dict[str, type[pl.DataType]] = {
    "deal": pl.Int64, "contract": pl.String, "offer": pl.String, "status": pl.String, "required": pl.Boolean,
    "alone": pl.Boolean, "begin": pl.Int64, "finish": pl.Int64, "open_from": pl.Int64, "open_until": pl.Int64,
    "signed_in": pl.Int64, "possible": pl.Boolean, "make_up_years": pl.Int64, "prepaid_usd": pl.Float64,
    "credit_share": pl.Float64, "one_of": pl.String, "site": pl.String, "item": pl.String, "least": pl.Float64,
}  # fmt: skip
TERMS: dict[str, type[pl.DataType]] = YEARS | {
    "deal": pl.Int64, "price_usd": pl.Float64, "minimum": pl.Float64, "payable": pl.Float64, "maximum": pl.Float64,
}  # fmt: skip
COUNTED: dict[str, type[pl.DataType]] = {"term": pl.Int64, "deal": pl.Int64, "buy": pl.Int64, "part": pl.Float64}


@dataclass(frozen=True)
class Contracts:
    """The contracts whose term touches the horizon.

    deals    deal, contract, offer, site, item, status, required (an offer that needs a contract), alone (no other
             contract on the offer at the time), begin, finish (day numbers), signed_in (period), possible (it is
             signed, or can still be), make_up_years, prepaid_usd, credit_share, one_of, least (units that have to be
             taken, not paid, in some year)
    terms    term (a year of a deal), deal, year, begin, finish, part, settle (period of its last day), price_usd (mean
             over its days), minimum, payable (part of the minimum that may be paid instead), maximum (null: none)
    counted  term, deal, buy (row of the purchases), part
    """

    deals: pl.DataFrame
    terms: pl.DataFrame
    counted: pl.DataFrame

    @property
    def covered(self) -> pl.DataFrame:
        """Return the part of each purchase that lies in the term of a deal: deal, buy, part."""
        return self.counted.group_by("deal", "buy").agg(pl.col("part").sum()).sort("deal", "buy")


def make_contracts(chain: Chain, periods: Periods) -> Contracts:
    """Return the contracts of a chain and the years of their terms; no purchase is counted yet."""
    empty = Contracts(pl.DataFrame(schema=DEALS), pl.DataFrame(schema=TERMS), pl.DataFrame(schema=COUNTED))
    if chain.contracts.is_empty():
        return empty
    number = {offer: n for n, offer in enumerate(chain.offers["offer"])}
    offers = chain.offers.to_dicts()
    price = arcs.make_prices(chain, periods)
    rows = [_dated(row, offers[number[row["offer"]]], periods) for row in chain.contracts.to_dicts()]
    rows = [row for row in rows if row["begin"] < row["finish"]]
    spans = [(row["begin"], row["finish"], row["first"] if row["years"] == "contract" else None) for row in rows]
    terms = years(periods, spans)
    if terms.is_empty():
        return empty
    inside = days_within(periods, terms["begin"], terms["finish"])
    of = np.array([number[rows[n]["offer"]] for n in terms["of"]])
    agreed = pl.DataFrame([{"of": n, **{name: row[name] for name in AGREED}} for n, row in enumerate(rows)])
    terms = (
        terms.with_columns(price_usd=pl.Series((price[of] * inside).sum(axis=1) / inside.sum(axis=1)), deal="of")
        .join(agreed.cast({"max_per_year": pl.Float64}), on="of", maintain_order="left")
        .with_columns(
            minimum=pl.col("min_per_year") * pl.col("part"),
            payable=pl.col("min_per_year") * pl.col("part") * pl.col("take_or_pay_share"),
            maximum=pl.col("max_per_year") * pl.col("part"),
        )
        .select(*TERMS)
    )
    value = terms.group_by("deal").agg(
        value=(pl.col("minimum") * pl.col("price_usd")).sum(), least=(pl.col("minimum") - pl.col("payable")).max()
    )
    needs = chain.contracts.filter(pl.col("required") == "yes")["offer"].implode()
    deals = (
        pl.DataFrame(rows, infer_schema_length=None)
        .with_row_index("deal")
        .cast({"deal": pl.Int64})
        .join(value, on="deal", maintain_order="left")
        .with_columns(
            pl.col("status").cast(pl.String),
            required=pl.col("offer").is_in(needs),
            prepaid_usd=pl.col("prepaid_share") * pl.col("value"),
            credit_share=pl.coalesce(pl.col("credit_share").cast(pl.Float64), "prepaid_share"),
        )
    )
    both = deals.join(deals, on="offer", suffix="_other").filter(
        (pl.col("begin") < pl.col("finish_other")) & (pl.col("begin_other") < pl.col("finish"))
    )
    beside = both.group_by("deal").agg(alone=pl.len() == 1)
    return Contracts(deals.join(beside, on="deal", maintain_order="left").select(*DEALS), terms, empty.counted)


AGREED = ("min_per_year", "max_per_year", "take_or_pay_share")


def _dated(row: dict[str, Any], offer: dict[str, Any], periods: Periods) -> dict[str, Any]:
    """Return a contract with the day numbers of its term within its offer, and the period in which it is signed.

    It is signed on the last day on which that can be done, at the latest when its term begins.
    """
    first: dt.date = row["valid_from"] or offer["valid_from"]
    after = None if row["valid_to"] is None else row["valid_to"] + dt.timedelta(days=1)
    if after is None and row["term_years"] is not None:
        months = round(12 * row["term_years"])
        after = add_months(first, months) + dt.timedelta(days=first.day - 1)
    end = periods.end if offer["valid_to"] is None else min(offer["valid_to"] + dt.timedelta(days=1), periods.end)
    opened, closed = max(periods.day_number(offer["valid_from"]), 0), periods.day_number(end)
    begin = max(periods.day_number(first), opened)
    signs = min(periods.day_number(row["signs_by"] or first), periods.day_number(first))
    return row | {
        "first": first, "begin": begin, "finish": min(closed, closed if after is None else periods.day_number(after)),
        "open_from": opened, "open_until": closed, "site": offer["site"], "item": offer["item"],
        "signed_in": int(periods.of_day[min(max(signs, 0), periods.of_day.size - 1)]),
        "possible": row["status"] == "signed" or row["signs_by"] is None or row["signs_by"] >= periods.start,
    }  # fmt: skip


def usable(contracts: Contracts, periods: Periods, buys: pl.DataFrame) -> pl.DataFrame:
    """Leave out purchases under an offer that needs a contract, in periods that no contract on it touches."""
    deals = contracts.deals.filter("required")
    if deals.is_empty():
        return buys
    deal, period = np.nonzero(days_within(periods, deals["begin"], deals["finish"]))
    touched = pl.DataFrame({"offer": deals["offer"][deal.tolist()], "period": period}).unique()
    bound = pl.col("offer").is_in(deals["offer"].implode())
    open_ = touched.with_columns(touched=True)
    joined = buys.join(open_, on=["offer", "period"], how="left", maintain_order="left")
    return joined.filter(~bound | pl.col("touched").fill_null(False)).drop("touched")


def forced(contracts: Contracts, codes: Codes, buys: pl.DataFrame, bound: pl.DataFrame) -> pl.DataFrame:
    """Keep what has to be taken even where it is of no use: it lies in stock, from its first purchase to the end.

    bound   node, earliest, latest: the useful periods of each node that has any
    """
    offers = contracts.deals.filter(pl.col("least") > 0).select("offer").unique()
    if offers.is_empty():
        return bound
    taken = (
        buys.join(offers, on="offer", how="semi")
        .group_by("node")
        .agg(first=pl.col("period").min(), last=pl.col("period").max())
    )
    return (
        bound.join(taken, on="node", how="full", coalesce=True)
        .with_columns(earliest=pl.min_horizontal("earliest", "first"), latest=pl.max_horizontal("latest", "last"))
        .drop("first", "last")
        .sort("node")
    )


def counted(contracts: Contracts, periods: Periods, buys: pl.DataFrame) -> Contracts:
    """Return the contracts with the part of every purchase that counts for every year of theirs."""
    if contracts.terms.is_empty():
        return contracts
    terms = contracts.terms.join(contracts.deals.select("deal", "offer", "open_from", "open_until"), on="deal")
    terms = terms.sort("term")
    share = shares_within(periods, *(terms[name] for name in ("begin", "finish", "open_from", "open_until")))
    term, period = np.nonzero(share)
    parts = pl.DataFrame({"term": terms["term"].to_numpy()[term], "period": period, "part": share[term, period]})
    numbered = buys.select("offer", "period", buy=pl.int_range(pl.len()))
    found = parts.join(terms.select("term", "deal", "offer"), on="term").join(numbered, on=["offer", "period"])
    return Contracts(contracts.deals, contracts.terms, found.select(*COUNTED).sort("term", "buy"))


# the model -----------------------------------------------------------------------------------------------------------


def signing(m: Builder, net: Network) -> Block:
    """Sign a contract or not; part of its value is paid then.

        value   - prepaid[c] * discount[s] * sign[c]
        bounds  sign[c] is 0 or 1; 1 where it is signed already, 0 where it is too late to sign;
                sum over the contracts of a group of sign[c] <= 1

    s is the period in which it is signed. What was paid for a contract that is signed already is not counted again.
    """
    deals = net.contracts.deals
    signed = deals["status"].to_numpy() == "signed"
    sign = m.add_columns(
        "sign", deals.height, lower=signed, upper=deals["possible"], whole=~signed,
        index=deals.select("contract", period="signed_in"),
    )  # fmt: skip
    paid = deals["prepaid_usd"].to_numpy() * ~signed
    m.money("prepayment", sign.ids, deals["signed_in"], -paid, net.codes.places(deals["site"]))
    stake = _stakes(net)
    for deal in np.flatnonzero(~signed & deals["possible"].to_numpy()):
        m.decide(sign.ids[deal : deal + 1], float(stake[deal]) + 1.0)
    groups = deals.filter(pl.col("one_of") != "").select("one_of").unique(maintain_order=True)
    groups = groups.with_columns(group=pl.int_range(pl.len()))
    rows = m.add_rows("one contract", groups.height, upper=1.0, index=groups.select("one_of"))
    members = deals.join(groups, on="one_of")
    m.add_terms(rows.first + members["group"].to_numpy(), sign.first + members["deal"].to_numpy(), 1.0)
    return sign


def _stakes(net: Network) -> Floats:
    """Return the money that hangs on signing each contract: its minimum, and part of all that it lets one buy."""
    deals, terms, covered = net.contracts.deals, net.contracts.terms, net.contracts.covered
    least = (terms["minimum"] * terms["price_usd"]).to_numpy()
    bought = net.buys.select("most", "price_usd")[covered["buy"].to_numpy()]
    most = (bought["most"] * bought["price_usd"] * covered["part"]).to_numpy()
    return np.asarray(
        np.bincount(terms["deal"].to_numpy(), least, deals.height)
        + STAKE * np.bincount(covered["deal"].to_numpy(), most, deals.height)
    )


def under_contract(m: Builder, net: Network, buy: Block, sign: Block) -> None:
    """Under an offer that needs a contract nothing is bought without one.

    buy[b] <= most[b] * sum over the contracts c on the offer of (sum over y of part[c,y,b]) * sign[c]
    """
    deals = net.contracts.deals.filter("required").select("deal")
    covered = net.contracts.covered.join(deals, on="deal", how="semi")
    bound = covered.select("buy").unique().sort("buy").with_columns(row=pl.int_range(pl.len()))
    told = net.buys.select("offer", "period")[bound["buy"].to_numpy()]
    rows = m.add_rows("under contract", bound.height, upper=0.0, index=told)
    m.add_terms(rows.ids, buy.first + bound["buy"].to_numpy(), 1.0)
    terms = covered.join(bound, on="buy")
    most = net.buys["most"].to_numpy()[terms["buy"].to_numpy()]
    m.add_terms(
        rows.first + terms["row"].to_numpy(), sign.first + terms["deal"].to_numpy(), -most * terms["part"].to_numpy()
    )


def least_taken(m: Builder, net: Network, buy: Block, sign: Block) -> None:
    """Take the minimum of a year, or pay for what is not taken as far as the contract lets; make it up later.

        value   - price[c,y] * discount[end of y] * unpaid[c,y]
                + price[c,y] * discount[end of z] * made_up[c,y,z]
        sum over b of part[c,y,b] * buy[b] + untaken[c,y] - sum over x of made_up[c,x,y] >= minimum[c,y] * sign[c]
        untaken[c,y] <= payable[c,y] * sign[c]
        sum over z of made_up[c,y,z] <= untaken[c,y];  z is at most make_up_years after y

    What is taken in z beyond its own minimum may be what was paid in y: that price comes back.
    """
    deals, terms = net.contracts.deals, net.contracts.terms
    kept = terms.join(
        deals.select("deal", "make_up_years", "site", "offer", "contract"), on="deal", maintain_order="left"
    )
    kept = kept.with_columns(place=net.codes.places(kept["site"]))
    paid = kept.filter(pl.col("payable") > 0)
    told = ["contract", "year"]
    untaken = m.add_columns(
        "untaken", paid.height, upper=paid["payable"], size_of=paid["payable"], index=paid.select(told)
    )
    m.money("not_taken", untaken.ids, paid["settle"], -paid["price_usd"], paid["place"])
    pairs = made_up_pairs(net)
    made_up = m.add_columns("made_up", pairs.height, size_of=pairs["payable"], index=pairs.select(*told, "later"))
    m.money("not_taken", made_up.ids, pairs["settle_later"], pairs["price_usd"], net.codes.places(pairs["site"]))

    row_of = np.full(terms.height, -1)
    bound = kept.filter((pl.col("minimum") > 0) | (pl.col("make_up_years") > 0))
    rows = m.add_rows("least taken", bound.height, lower=0.0, index=bound.select(told))
    row_of[bound["term"].to_numpy()] = rows.ids
    m.add_terms(rows.ids, sign.first + bound["deal"].to_numpy(), -bound["minimum"])
    taken = net.contracts.counted.filter(pl.col("term").is_in(bound["term"].implode()))
    m.add_terms(row_of[taken["term"].to_numpy()], buy.first + taken["buy"].to_numpy(), taken["part"])
    m.add_terms(row_of[paid["term"].to_numpy()], untaken.ids, 1.0)
    m.add_terms(row_of[pairs["to"].to_numpy()], made_up.ids, -1.0)

    only = m.add_rows("paid if signed", paid.height, upper=0.0, index=paid.select(told))
    m.add_terms(only.ids, untaken.ids, 1.0)
    m.add_terms(only.ids, sign.first + paid["deal"].to_numpy(), -paid["payable"])
    column = np.full(terms.height, -1)
    column[paid["term"].to_numpy()] = np.arange(paid.height)
    owed = pairs.select("term", *told).unique("term", maintain_order=True).with_columns(row=pl.int_range(pl.len()))
    later = m.add_rows("made up", owed.height, upper=0.0, index=owed.select(told))
    m.add_terms(later.ids, untaken.first + column[owed["term"].to_numpy()], -1.0)
    m.add_terms(later.first + pairs.join(owed, on="term", maintain_order="left")["row"].to_numpy(), made_up.ids, 1.0)


def made_up_pairs(net: Network) -> pl.DataFrame:
    """Return the years in which what was paid in a year may be taken: term, to (term), contract, year, later, site,
    price_usd, payable, settle_later."""
    deals = net.contracts.deals.select("deal", "contract", "make_up_years", "site")
    terms = net.contracts.terms.join(deals, on="deal", maintain_order="left")
    after = net.contracts.terms.select("deal", to="term", later="year", settle_later="settle")
    return (
        terms.filter((pl.col("make_up_years") > 0) & (pl.col("payable") > 0))
        .join(after, on="deal")
        .filter((pl.col("later") > pl.col("year")) & (pl.col("later") <= pl.col("year") + pl.col("make_up_years")))
        .sort("term", "to")
        .select("term", "to", "contract", "year", "later", "site", "price_usd", "payable", "settle_later")
    )


def most_taken(m: Builder, net: Network, buy: Block, sign: Block) -> None:
    """Take no more than the maximum of a year while the contract is signed.

        sum over b of part[c,y,b] * buy[b] <= maximum[c,y] * sign[c] + most[c,y] * (1 - sign[c])

    most is what could be bought without it: nothing where the offer needs this contract.
    """
    deals = net.contracts.deals.select("deal", "contract", needs=pl.col("required") & pl.col("alone"))
    taken = net.contracts.counted.with_columns(
        most=pl.col("part") * pl.Series(net.buys["most"].to_numpy()[net.contracts.counted["buy"].to_numpy()])
    )
    bound = (
        net.contracts.terms.filter(pl.col("maximum").is_not_null())
        .join(taken.group_by("term").agg(pl.col("most").sum()), on="term")
        .filter(pl.col("most") > pl.col("maximum"))
        .join(deals, on="deal")
        .with_columns(most=pl.when("needs").then(0.0).otherwise("most"))
        .sort("term")
        .with_columns(row=pl.int_range(pl.len()))
    )
    rows = m.add_rows("most taken", bound.height, upper=bound["most"], index=bound.select("contract", "year"))
    m.add_terms(rows.ids, sign.first + bound["deal"].to_numpy(), bound["most"] - bound["maximum"])
    mine = taken.join(bound.select("term", "row"), on="term")
    m.add_terms(rows.first + mine["row"].to_numpy(), buy.first + mine["buy"].to_numpy(), mine["part"])


def prepaid(m: Builder, net: Network, buy: Block, sign: Block) -> None:
    """Settle part of each invoice from what was paid at signing, until that is used up; what is left is lost.

        value   + discount[t] * credited[c,b]
        credited[c,b] <= credit_share[c] * price[b] * (sum over y of part[c,y,b]) * buy[b]
        sum over b of credited[c,b] <= prepaid[c] * sign[c]

    The credited money is in US dollars; t is the period of the purchase.
    """
    deals = net.contracts.deals.filter(pl.col("prepaid_usd") > 0).with_columns(row=pl.int_range(pl.len()))
    uses = credits_of(net)
    each = np.array(uses["usd"]) * net.size(net.buys["node"].gather(uses["buy"]))
    credited = m.add_columns("credited", uses.height, size_of=each, index=uses.select("contract", "period"))
    m.money("prepayment", credited.ids, uses["period"], 1.0, net.codes.places(uses["site"]))
    most = m.add_rows("credit", uses.height, upper=0.0, index=uses.select("contract", "period"))
    m.add_terms(most.ids, credited.ids, 1.0)
    m.add_terms(most.ids, buy.first + uses["buy"].to_numpy(), -uses["usd"])
    rows = m.add_rows("prepaid", deals.height, upper=0.0, index=deals.select("contract"))
    m.add_terms(rows.ids, sign.first + deals["deal"].to_numpy(), -deals["prepaid_usd"])
    of = uses.join(deals.select("deal", "row"), on="deal", maintain_order="left")
    m.add_terms(rows.first + of["row"].to_numpy(), credited.ids, 1.0)


def credits_of(net: Network) -> pl.DataFrame:
    """Return the purchases on which a prepayment may be credited: deal, contract, site, buy, period, usd (per unit)."""
    deals = net.contracts.deals.filter(pl.col("prepaid_usd") > 0)
    bought = net.buys.select("period", "price_usd", buy=pl.int_range(pl.len()))
    return (
        net.contracts.covered.join(deals.select("deal", "contract", "site", "credit_share"), on="deal")
        .join(bought, on="buy")
        .sort("deal", "buy")
        .select(
            "deal", "contract", "site", "buy", "period",
            usd=pl.col("credit_share") * pl.col("price_usd") * pl.col("part"),
        )
    )  # fmt: skip


# the answer ----------------------------------------------------------------------------------------------------------


def contract_frame(net: Network, columns: Mapping[str, Floats]) -> pl.DataFrame:
    """Return what each contract came to in each year of its term, from the values of the blocks of columns.

    The frame `contracts` of a plan; what is paid at signing stands in the first year of a contract.
    """
    deals, terms = net.contracts.deals, net.contracts.terms
    sign = columns["sign"] > 0.5
    state = np.where(deals["status"].to_numpy() == "signed", "signed", np.where(sign, "sign", "do not sign"))
    told = deals.with_columns(
        status=pl.Series(state, dtype=pl.String),
        prepaid_usd=pl.Series(np.where(state == "sign", deals["prepaid_usd"].to_numpy(), 0.0)),
    )
    size = terms.height
    taken = net.contracts.counted
    pairs, paid = made_up_pairs(net), np.flatnonzero(terms["payable"].to_numpy() > 0)
    bought = columns["buy"][taken["buy"].to_numpy()] * taken["part"].to_numpy()
    untaken, made_up = np.zeros(size), np.zeros(size)
    untaken[paid] = columns["untaken"]
    np.add.at(made_up, pairs["to"].to_numpy(), columns["made_up"])
    refunded, credited = np.zeros(size), np.zeros(size)
    np.add.at(refunded, pairs["to"].to_numpy(), columns["made_up"] * pairs["price_usd"].to_numpy())
    uses = credits_of(net).with_columns(usd=pl.Series(columns["credited"])).select("deal", "buy", "usd")
    whole = net.contracts.covered.rename({"part": "whole"})
    spread = taken.join(uses, on=["deal", "buy"]).join(whole, on=["deal", "buy"])
    np.add.at(credited, spread["term"].to_numpy(), (spread["usd"] * spread["part"] / spread["whole"]).to_numpy())
    first = pl.col("term") == pl.col("term").min().over("deal")
    date = pl.lit(net.periods.start)
    return (
        terms.with_columns(
            taken=pl.Series(np.bincount(taken["term"].to_numpy(), bought, size).astype(np.float64)),
            not_taken=pl.Series(untaken), made_up=pl.Series(made_up), refunded=pl.Series(refunded),
            credited_usd=pl.Series(credited),
        )
        .join(told.select("deal", "contract", "offer", "site", "item", "status", "prepaid_usd"), on="deal")
        .sort("term")
        .select(
            "contract", "offer", "site", "item", "status", "year",
            start=date + pl.duration(days="begin"),
            end=date + pl.duration(days=pl.col("finish") - 1),
            taken="taken", minimum="minimum", maximum="maximum", not_taken="not_taken", price_usd="price_usd",
            not_taken_usd=pl.col("not_taken") * pl.col("price_usd"),
            made_up="made_up", made_up_usd="refunded",
            prepaid_usd=pl.when(first).then("prepaid_usd").otherwise(0.0),
            credited_usd="credited_usd",
        )
    )  # fmt: skip


def beside_purchases(net: Network, frame: pl.DataFrame, bought: Floats) -> Floats:
    """Return what contracts cost beside the price, spread over what was bought under them: USD by purchase.

    What was paid and not taken, less what came back, and what of a prepayment within the horizon was never credited. A
    contract under which nothing was bought has nothing to spread it over.
    """
    at_risk = pl.when(pl.col("status") == "sign").then(pl.col("prepaid_usd") - pl.col("credited_usd")).otherwise(0.0)
    lost = frame.group_by("contract").agg(usd=(pl.col("not_taken_usd") - pl.col("made_up_usd") + at_risk).sum())
    usd = net.contracts.deals.join(lost, on="contract", maintain_order="left")["usd"].to_numpy()
    covered = net.contracts.covered
    deal, buy = covered["deal"].to_numpy(), covered["buy"].to_numpy()
    units = bought[buy] * covered["part"].to_numpy()
    total = np.bincount(deal, units, net.contracts.deals.height)
    share = np.divide(units, total[deal], out=np.zeros(units.size), where=total[deal] > 0)
    return np.bincount(buy, share * usd[deal], bought.size).astype(np.float64)
