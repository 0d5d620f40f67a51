"""How can an item be had at a site, and what does it cost there?

The cheapest of the offers that are open on the day and the processes of the site. A process costs its conversion and
its inputs, each brought from where it comes cheapest, divided by the yield of the process.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from cellroad.chain.finding import ChainError, Finding
from cellroad.rules.bars import Bar, Cost, behind
from cellroad.rules.bring import bring
from cellroad.rules.indexed import within
from cellroad.rules.question import Question, Supply
from cellroad.rules.route import route

OWN_TERMS = "FCA"
"""Terms of goods of one's own: whoever brings them pays the way."""


def supply(question: Question, item: str, site: str, trail: tuple[str, ...] = ()) -> Supply:
    """Return the cheapest way to have an item at a site.

    `trail` names the items that it is wanted for, which cannot go into it. Raises ChainError where there is none.
    """
    ways, problems = _offers(question, item, site), list[Finding]()
    for process in _rows(question.chain.processes, site=site, item=item):
        try:
            ways.append(_made(question, process, (*trail, item)))
        except ChainError as missing:
            problems += missing.findings
    if not ways:
        raise ChainError(problems or [_nothing(question, item, site)])
    return min(ways, key=lambda way: way.cost.usd)


def _offers(question: Question, item: str, site: str) -> list[Supply]:
    """Return the open offers of an item at a site."""
    rows = [row for row in _rows(question.chain.offers, site=site, item=item) if _holds(row, question.on)]
    return [_bought(question, row) for row in rows]


def _bought(question: Question, offer: dict[str, Any]) -> Supply:
    """Return an item as an offer sells it."""
    usd, basis = _price(question, offer)
    label = f"{offer['item']} at {offer['site']}, offer {offer['offer']} ({offer['incoterm']})"
    bar = Bar("price", label, usd, None, basis, behind("offers", "offer", offer))
    return Supply(offer["site"], Cost((bar,)), usd, str(offer["incoterm"]), offer["lead_days"])


def _price(question: Question, offer: dict[str, Any]) -> tuple[float, str]:
    """Return the price of an offer on the day, and what it is worked out from."""
    if offer["price_usd"] is not None:
        return offer["price_usd"], "price"
    known = question.chain.indices.filter(
        (pl.col("index") == offer["index"]) & _by_then(offer["lag_months"], question.on)
    )
    if known.is_empty():
        raise ChainError([_no_index(offer, question.on)])
    month, value = known.sort("month").select("month", "value").row(-1)
    free = value * offer["index_factor"] + offer["adder_usd"]
    usd = within(free, offer["floor_usd"], offer["cap_usd"])
    basis = (
        f"{offer['index']} {value:,.4g} of {month:%b %Y} times {offer['index_factor']:g} plus {offer['adder_usd']:g}"
    )
    return usd, basis if usd == free else f"{basis}, {'at its cap' if usd < free else 'at its floor'}"


def _by_then(lag_months: int, on: dt.date) -> pl.Expr:
    """Return which months of an index a price follows on a day."""
    return pl.col("month").dt.offset_by(f"{lag_months}mo") <= on


def _made(question: Question, process: dict[str, Any], trail: tuple[str, ...]) -> Supply:
    """Return an item as its process makes it.

    cost = (conversion + Σ quantity / (1 − scrap) · input landed at the site) / yield
    """
    item, site = process["item"], process["site"]
    conversion = Bar(
        "make", f"{process['process']} at {site}", process["cost_usd"] / process["yield_share"],
        None, f"${process['cost_usd']:,.4g} a run, yield {100 * process['yield_share']:.4g} %",
        behind("processes", "process", process),
    )  # fmt: skip
    cost = Cost((conversion,))
    for row in _rows(question.chain.bom, process=process["process"]):
        units = row["quantity"] / (1 - row["scrap_share"]) / process["yield_share"]
        cost += _input(question, row["item"], site, trail).times(units, row["item"])
    value = question.item(item)["value_usd"]
    return Supply(site, cost, cost.usd if value is None else value, OWN_TERMS, 0)


def _input(question: Question, item: str, site: str, trail: tuple[str, ...]) -> Cost:
    """Return an input at the site that uses it, from where it comes cheapest."""
    places = pl.concat([question.chain.offers.select("site", "item"), question.chain.processes.select("site", "item")])
    landed: list[Cost] = []
    problems: list[Finding] = []
    for place in places.filter(pl.col("item") == item)["site"].unique().sort() if item not in trail else []:
        legs = route(question.chain, item, place, site)
        if legs is None:
            continue
        try:
            landed.append(bring(question, question.item(item), legs, supply(question, item, place, trail)).cost)
        except ChainError as missing:
            problems += missing.findings
    if not landed:
        raise ChainError(problems or [_no_input(item, site, trail)])
    return min(landed, key=lambda cost: cost.usd)


def _rows(frame: pl.DataFrame, **where: str) -> list[dict[str, Any]]:
    return frame.filter(*(pl.col(name) == value for name, value in where.items())).to_dicts()


def _holds(offer: dict[str, Any], on: dt.date) -> bool:
    return bool(offer["valid_from"] <= on and (offer["valid_to"] is None or on <= offer["valid_to"]))


def _nothing(question: Question, item: str, site: str) -> Finding:
    offers = _rows(question.chain.offers, site=site, item=item)
    if not offers:
        found, expected = f"no offer and no process for {item!r} at {site!r}", "a site that offers or makes the item"
        return Finding("blocker", "offers", None, "site", found, expected, "Ask for another origin, or add an offer.")
    spans = ", ".join(f"{row['offer']} from {row['valid_from']} to {row['valid_to'] or 'open'}" for row in offers)
    return Finding(
        "blocker", "offers", None, "valid_from", f"no offer of {item!r} at {site!r} on {question.on}",
        f"a day on which one is open: {spans}", "Ask for another day, or change valid_from or valid_to.",
    )  # fmt: skip


def _no_index(offer: dict[str, Any], on: dt.date) -> Finding:
    return Finding(
        "blocker", "indices", None, "month", f"no value of {offer['index']!r} up to {on}",
        f"one for the offer {offer['offer']!r}", "Add an earlier month to indices.",
    )  # fmt: skip


def _no_input(item: str, site: str, trail: tuple[str, ...]) -> Finding:
    if item in trail:
        found, mend = f"{item!r} goes into itself by way of {', '.join(trail)}", "Remove it from the bill of materials."
        return Finding("blocker", "bom", None, "item", found, "a bill of materials without a circle", mend)
    found, mend = f"{item!r} cannot be had at {site!r}", "Add an offer or process for it, and lanes that lead there."
    return Finding("blocker", "bom", None, "item", found, "inputs that can be bought or made and brought", mend)
