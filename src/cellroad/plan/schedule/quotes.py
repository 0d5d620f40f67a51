"""`compare_quotes`: which of several quotes is best, once all are landed on the same day in the same unit?

Vendors quote in their own currency, on their own terms, with their own least order and payment. Each quote is landed at
the destination for the day of need (price, freight, insurance, duty and fees as `land` has them), its payment is
brought to that day by the cost of money, and all is divided by the energy that may be used:

    money = r / 365 * price * (deposit * (need - order) + (1 - deposit) * (need - handover - payment_days))

r is the setting carrying_per_year; the sum is less than nothing where the vendor lends. Whether a quote fits (in time,
large enough, with the standards shown, still open) is told beside its price and never mixed into it.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.column import words_in
from cellroad.chain.currencies import HOME
from cellroad.chain.day import Day, as_day
from cellroad.chain.finding import ChainError
from cellroad.chain.tell import did_you_mean, listed, on
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan
from cellroad.rules.landed import Landed, land
from cellroad.rules.screening import screen

DAYS_PER_YEAR = 365.0
MOST_DELAY = 730
"""Days beyond the day of need within which the first arrival of a late quote is sought."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """Quotes beside each other.

    compared  quote, vendor, item, incoterm, price, currency, landed_usd (a unit, the money of the payment in it),
              low_usd, high_usd (where the duty is an interval; null: no bound is known), duty_pct, money_usd,
              usd_per_usable_kwh, units, order_units (the least order at least), order_usd, months (to hand all over at
              most a month), order_by, arrives (need, or the first day where it is too late for that), missing
              (standards that are not shown), listed (regimes under which the vendor is caught, and of how many that is
              unknown), fits, because (why not); those that fit first, then by price
    bars      quote, and the waterfall of `land` for each
    remarks   what was assumed
    """

    compared: pl.DataFrame
    bars: pl.DataFrame
    remarks: tuple[str, ...]

    def summary(self) -> str:
        """Return the best in a sentence, and what is against each of the others."""
        rows = self.compared.to_dicts()
        fit = [row for row in rows if row["fits"]]
        if fit:
            best = fit[0]
            lines = [
                f"{best['quote']} of {best['vendor']} is best: ${best['usd_per_usable_kwh']:.2f} per usable kWh "
                f"landed; order by {on(best['order_by'])}."
            ]
        else:
            lines = ["No quote fits."]
        for row in rows if not fit else rows[1:]:
            cost = "no price" if row["usd_per_usable_kwh"] is None else f"${row['usd_per_usable_kwh']:.2f}"
            lines.append(f"{row['quote']} of {row['vendor']}: {cost}{', ' + row['because'] if row['because'] else ''}.")
        return "\n".join(lines)


def compare_quotes(
    chain: Chain,
    request: str = "",
    *,
    destination: str,
    need: Day,
    kwh: float,
    today: Day,
    standards: tuple[str, ...] = (),
) -> Quotation:
    """Return the open quotes of a request, or all open ones, made comparable.

    destination  site where the goods are needed
    need         day on which they are needed there
    kwh          usable energy that is needed
    today        day of the question: what must be ordered earlier is late
    standards    that a vendor must show a certificate of; what the chain itself holds as valid counts too

    Raises ValueError for a request without open quotes, a site that is not there and an energy that is not positive.
    """
    day, asked = as_day(need), as_day(today)
    wrong = []
    if destination not in chain.sites["site"]:
        wrong.append(f"no site is called {destination!r}. {did_you_mean(destination, chain.sites['site'], '')}".strip())
    if not kwh > 0:
        wrong.append(f"{kwh:g} kWh are needed: expected more than nothing")
    quotes = chain.quotes.filter(pl.col("status") == "open")
    if request:
        quotes = quotes.filter(request=request)
    if quotes.is_empty():
        known = chain.quotes["request"].unique(maintain_order=True)
        wrong.append(f"no quote of {request or 'any request'} is open; there are requests {listed(known) or 'none'}")
    if wrong:
        raise ValueError("\n".join(wrong))
    screened = screen(chain, day).verdicts if chain.partners.height else None
    rows, bars = [], []
    for quote in quotes.iter_rows(named=True):
        row, waterfall = _told(chain, quote, destination, day, asked, kwh, standards)
        rows.append(row | {"listed": _listed(chain, quote["site"], screened)})
        bars += [waterfall.select(pl.lit(quote["quote"]).alias("quote"), pl.all())] if waterfall is not None else []
    frame = pl.DataFrame(rows, schema=_COMPARED, orient="row").sort(
        pl.col("fits").not_(), "usd_per_usable_kwh", maintain_order=True, nulls_last=True
    )
    return Quotation(frame, pl.concat(bars) if bars else pl.DataFrame(), _remarks(chain, quotes))


@dataclass(frozen=True, slots=True)
class Award:
    """How the planner splits an order between quotes.

    plan   the plan in which the quotes stand beside the offers of the chain
    split  offer, vendor, item, how (quote, offer), quantity, kwh, usd, share (of the energy bought of these items)
    """

    plan: Plan
    split: pl.DataFrame


def with_quotes(chain: Chain, request: str = "") -> Chain:
    """Return a chain in which the open quotes of a request, or all open ones, are offers that the plan may buy at."""
    quotes = chain.quotes.filter(pl.col("status") == "open")
    quotes = quotes.filter(request=request) if request else quotes
    rows = quotes.select(
        "site", "item", "price_usd", "currency", "incoterm", "moq", "max_per_month", "lead_days", "payment_days",
        "valid_from", "valid_to", "source", "confidence", "note", offer="quote",
    )  # fmt: skip
    blank = Chain.of("", offers=rows).offers
    kept = chain.offers.join(rows, on="offer", how="anti")
    return chain.replace(offers=pl.concat([kept, blank]))


def award(chain: Chain, request: str = "", *, gap: float = 1e-3, time_limit: float = 60.0) -> Award:
    """Return how the planner would split what is bought between the quotes of a request and the offers there are.

    Raises ValueError where no quote is open, ChainError for a chain that cannot be planned with them, NoPlanError
    where there is no plan.
    """
    offered = with_quotes(chain, request)
    open_ = chain.quotes.filter(pl.col("status") == "open")["quote"]
    quoted = offered.offers.filter(pl.col("offer").is_in(open_.implode()))
    if quoted.is_empty():
        raise ValueError(f"no quote of {request or 'any request'} is open")
    made = plan(offered, gap=gap, time_limit=time_limit)
    energy = chain.items.select("item", each="kwh")
    bought = (
        made.purchases.filter(pl.col("item").is_in(quoted["item"].unique().implode()))
        .group_by("offer", "site", "item")
        .agg(pl.col("quantity").sum(), usd=pl.col("cost_usd").sum())
    )
    all_of_them = offered.offers.filter(pl.col("item").is_in(quoted["item"].unique().implode()))
    split = (
        all_of_them.select("offer", "site", "item")
        .join(bought, on=["offer", "site", "item"], how="left", maintain_order="left")
        .with_columns(pl.col("quantity", "usd").fill_null(0.0))
        .join(energy, on="item", maintain_order="left")
        .join(chain.sites.select("site", vendor="name"), on="site", maintain_order="left")
        .with_columns(kwh=pl.col("quantity") * pl.col("each"))
    )
    is_quote = pl.col("offer").is_in(quoted["offer"].implode())
    told = split.select(
        "offer", "vendor", "item", pl.when(is_quote).then(pl.lit("quote")).otherwise(pl.lit("offer")).alias("how"),
        "quantity", "kwh", "usd", share=pl.col("kwh") / pl.col("kwh").sum(),
    )  # fmt: skip
    kept = told.filter((pl.col("how") == "quote") | (pl.col("quantity") > 0))
    return Award(made, kept.sort("kwh", descending=True, maintain_order=True))


_COMPARED = {
    "quote": pl.String, "vendor": pl.String, "item": pl.String, "incoterm": pl.String, "price": pl.Float64,
    "currency": pl.String, "landed_usd": pl.Float64, "low_usd": pl.Float64, "high_usd": pl.Float64,
    "duty_pct": pl.Float64, "money_usd": pl.Float64, "usd_per_usable_kwh": pl.Float64, "units": pl.Float64,
    "order_units": pl.Float64, "order_usd": pl.Float64, "months": pl.Int64, "order_by": pl.Date, "arrives": pl.Date,
    "missing": pl.String, "listed": pl.String, "fits": pl.Boolean, "because": pl.String,
}  # fmt: skip


def _told(
    chain: Chain, quote: dict[str, Any], destination: str, need: dt.date, today: dt.date, kwh: float,
    standards: tuple[str, ...],
) -> tuple[dict[str, Any], pl.DataFrame | None]:  # fmt: skip
    """Return the row of a quote, and its waterfall; without one where it cannot be landed."""
    alone = _alone(chain, quote)
    goods = chain.items.filter(item=quote["item"]).row(0, named=True)
    usable = goods["kwh"] * quote["usable_share"]
    held = chain.certificates.filter((pl.col("item") == quote["item"]) & (pl.col("status") == "valid"))["standard"]
    shown = {name.casefold() for name in (*words_in(quote["standards"]), *held)}
    missing = [name for name in standards if name.casefold() not in shown]
    row: dict[str, Any] = {
        "quote": quote["quote"], "vendor": _vendor(chain, quote["site"]), "item": quote["item"],
        "incoterm": quote["incoterm"], "price": quote["price_usd"], "currency": quote["currency"] or HOME[1],
        "missing": "; ".join(missing), "fits": False,
    }  # fmt: skip
    if not usable:
        return row | {"because": f"the energy of {quote['item']} is not known"}, None
    try:
        landed = land(alone, quote["item"], quote["site"], destination, need)
        arrives = _first_arrival(alone, quote, destination, landed, today)
    except ChainError as wrong:
        return row | {"because": "; ".join(finding.found for finding in wrong.findings)}, None
    units = math.ceil(kwh / usable - 1e-9)
    ordered = max(float(units), quote["moq"])
    money = _money(alone, quote, landed)
    usd = landed.total_usd - _carrying(landed) + money
    more = usd - landed.total_usd
    against = [
        *([f"must be ordered by {on(landed.order_by)}: arrives on {on(arrives)}"] if arrives > need else []),
        *([f"opens on {on(quote['valid_from'])}"] if quote["valid_from"] > max(landed.order_by, today) else []),
        *([f"ended on {on(quote['valid_to'])}"] if quote["valid_to"] and quote["valid_to"] < today else []),
        *([f"shows no {listed(missing)}"] if missing else []),
    ]
    months = 1 if not quote["max_per_month"] else math.ceil(ordered / quote["max_per_month"] - 1e-9)
    row |= {
        "landed_usd": usd, "low_usd": landed.low_usd + more,
        "high_usd": None if landed.high_usd is None else landed.high_usd + more, "duty_pct": landed.duty.rate_pct,
        "money_usd": money, "usd_per_usable_kwh": usd / usable, "units": float(units), "order_units": ordered,
        "order_usd": ordered * usd, "months": months, "order_by": landed.order_by, "arrives": arrives,
        "fits": not against, "because": "; ".join(against),
    }  # fmt: skip
    return row, landed.waterfall


def _alone(chain: Chain, quote: dict[str, Any]) -> Chain:
    """Return a chain in which the site of a quote sells its item at the quote and in no other way, on any day."""
    here = (pl.col("site") == quote["site"]) & (pl.col("item") == quote["item"])
    one = with_quotes(chain).offers.filter(offer=quote["quote"])
    always = one.with_columns(valid_from=pl.lit(dt.date.min), valid_to=pl.lit(None, dtype=pl.Date))
    return chain.replace(
        offers=pl.concat([chain.offers.filter(~here), always]), processes=chain.processes.filter(~here)
    )


def _first_arrival(chain: Chain, quote: dict[str, Any], destination: str, landed: Landed, today: dt.date) -> dt.date:
    """Return the day of need, or the first later day for which an order of today is early enough."""
    late = landed
    while late.order_by < today and (late.on - landed.on).days < MOST_DELAY:
        later = late.on + dt.timedelta(days=(today - late.order_by).days)
        late = land(chain, quote["item"], quote["site"], destination, later)
    return late.on


def _money(chain: Chain, quote: dict[str, Any], landed: Landed) -> float:
    """Return what the payment costs or saves a unit in USD, brought to the day of need."""
    price = float(landed.waterfall.filter(pl.col("kind") == "price")["usd_per_unit"].sum())
    handed = landed.lead.filter(pl.col("stage") == "make").row(0, named=True)["end"]
    with_order = quote["deposit_share"] * (landed.on - landed.order_by).days
    later = (1 - quote["deposit_share"]) * ((landed.on - handed).days - quote["payment_days"])
    return float(chain.plan_settings().carrying_per_year / DAYS_PER_YEAR * price * (with_order + later))


def _carrying(landed: Landed) -> float:
    return float(landed.waterfall.filter(pl.col("kind") == "carrying")["usd_per_unit"].sum())


def _vendor(chain: Chain, site: str) -> str:
    row = chain.sites.filter(site=site).row(0, named=True)
    return str(row["name"] or site)


def _listed(chain: Chain, site: str, screened: pl.DataFrame | None) -> str:
    """Return the regimes under which the partner of a site is caught, and of how many that is not known."""
    partner = chain.sites.filter(site=site)["partner"].item()
    if screened is None or partner is None:
        return ""
    mine = screened.filter(pl.col("subject") == partner)
    caught, open_ = (mine.filter(answer=answer)["regime"].unique().sort().to_list() for answer in ("yes", "unknown"))
    return "; ".join([*caught, *([f"{len(open_)} unknown"] if open_ else [])])


def _remarks(chain: Chain, quotes: pl.DataFrame) -> tuple[str, ...]:
    rate = chain.plan_settings().carrying_per_year
    told = [f"Payment is brought to the day of need at {100 * rate:.3g} % a year (setting carrying_per_year)."]
    if (quotes["usable_share"] == 1).any():
        told.append("Where usable_share is 1, the whole nominal energy counts as usable.")
    return tuple(told)
