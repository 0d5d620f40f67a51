"""Who makes an item, out of what and at what cost: the ways in which a chain comes to have it.

An item's maker is the partner that its row names; where it names none, whoever runs the line of the process that makes
it. Who made what an offer sells is not known unless the item says so. Costs are those of bought inputs: conversion is
not counted, and what went into something that is bought is not seen: it is taken to be as its maker is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cellroad.chain.chain import Chain
from cellroad.rules.bars import TRUST
from cellroad.rules.indexed import moves, within
from cellroad.rules.ratio import ONE, ZERO, Part, barred_share, exact
from cellroad.rules.verdict import Answer, Kind, Reason, Verdict

Barred = Callable[[str], Verdict]
"""Does a partner fall under the regime that is asked about?"""
Span = tuple[dt.date, dt.date]
Price = tuple[Fraction, Fraction | None]
"""Least and greatest price, USD per unit; None: no bound known."""
UNSEEN: Price = (ZERO, None)


@dataclass(frozen=True, slots=True)
class Way:
    """A way to have an item: a process with its inputs per good unit, or an offer (`made` false, nothing seen)."""

    name: str
    item: str
    site: str
    country: str
    partner: str | None
    made: bool
    inputs: tuple[tuple[str, Fraction], ...] = ()


@dataclass(frozen=True, slots=True)
class Sourcing:
    """The items of a chain by id, the ways to have each, and what offers ask for it."""

    items: Mapping[str, dict[str, Any]]
    ways: Mapping[str, tuple[Way, ...]]
    offers: Mapping[str, tuple[dict[str, Any], ...]]
    indices: Mapping[str, tuple[tuple[dt.date, float], ...]]


@dataclass(frozen=True, slots=True)
class Share:
    """The share of a cost that comes from barred makers, between bounds, and the reasons behind it."""

    low: Fraction
    high: Fraction
    reasons: tuple[Reason, ...] = ()


def said(
    answer: Answer, text: str, rows: tuple[str, ...] = (), confidence: str = "verified", kind: Kind | None = None
) -> Verdict:
    """Return a verdict for one reason: what led to it, or what is missing where it is unknown."""
    return Verdict(answer, (Reason(text, rows, confidence, kind or ("missing" if answer == "unknown" else "because")),))


def alike(verdicts: Iterable[tuple[str, Verdict]]) -> Verdict:
    """Return what all verdicts say; unknown where they differ, saying which said what."""
    listed = list(verdicts)
    answers = {verdict.answer for _, verdict in listed}
    reasons = tuple(dict.fromkeys(reason for _, verdict in listed for reason in verdict.reasons))
    if len(answers) == 1:
        return Verdict(answers.pop(), reasons)
    told = "it depends: " + "; ".join(f"{name} {verdict.answer} ({verdict.because})" for name, verdict in listed)
    return Verdict("unknown", (Reason(told, kind="missing"), *reasons))


def sourcing(chain: Chain) -> Sourcing:
    """Return the items of a chain and the ways to have each."""
    places = {
        site: (country, partner) for site, country, partner in chain.sites.select("site", "country", "partner").rows()
    }
    lines = dict(chain.resources.drop_nulls("partner").select("resource", "partner").iter_rows())
    inputs: dict[str, list[tuple[str, float, float]]] = {}
    for process, item, quantity, scrap in chain.bom.select("process", "item", "quantity", "scrap_share").iter_rows():
        inputs.setdefault(process, []).append((item, quantity, scrap))
    ways: dict[str, list[Way]] = {item: [] for item in chain.items["item"]}
    for row in chain.processes.iter_rows(named=True):
        country, partner = places.get(row["site"], ("", None))
        parts = tuple(
            (item, exact(quantity) / (1 - exact(scrap)) / exact(row["yield_share"]))
            for item, quantity, scrap in inputs.get(row["process"], [])
        )
        maker = lines.get(row["resource"], partner)
        ways.setdefault(row["item"], []).append(
            Way(row["process"], row["item"], row["site"], country, maker, True, parts)
        )
    offers: dict[str, list[dict[str, Any]]] = {}
    for row in chain.offers.iter_rows(named=True):
        country = places.get(row["site"], ("", None))[0]
        ways.setdefault(row["item"], []).append(Way(row["offer"], row["item"], row["site"], country, None, False))
        offers.setdefault(row["item"], []).append(row)
    months: dict[str, list[tuple[dt.date, float]]] = {}
    for index, month, value in chain.indices.sort("month").select("index", "month", "value").iter_rows():
        months.setdefault(index, []).append((month, value))
    return Sourcing(
        {row["item"]: row for row in chain.items.iter_rows(named=True)},
        {item: tuple(listed) for item, listed in ways.items()},
        {item: tuple(listed) for item, listed in offers.items()},
        {index: tuple(listed) for index, listed in months.items()},
    )


def worst(*confidences: str) -> str:
    """Return the least trustworthy of some confidences."""
    return max((str(confidence) for confidence in confidences), key=TRUST.index)


def maker(source: Sourcing, item: str, way: Way | None) -> str | None:
    """Return who makes an item by one of its ways, None where that is not known."""
    return source.items[item]["maker"] or (way.partner if way else None)


def made_by(source: Sourcing, item: str, way: Way | None, barred: Barred) -> Verdict:
    """Say whether an item is, by one of its ways, made by a barred maker."""
    partner = maker(source, item, way)
    if partner is None:
        return said("unknown", f"who makes {item} is not known: name its maker in items", confidence="assumption")
    verdict = barred(partner)
    if verdict.answer == "no":
        return verdict
    kind: Kind = "because" if verdict.answer == "yes" else "missing"
    lead = Reason(f"{item} is made by {partner}: {verdict.because}", (), verdict.confidence, kind)
    return Verdict(verdict.answer, (lead, *verdict.reasons))


def ever_made_by(source: Sourcing, item: str, barred: Barred) -> Verdict:
    """Say whether an item is made by a barred maker, whichever way the chain has it."""
    ways = source.ways.get(item, ())
    if not ways or source.items[item]["maker"]:
        return made_by(source, item, None, barred)
    return alike((way.name, made_by(source, item, way, barred)) for way in ways)


def price(source: Sourcing, item: str, span: Span, trail: tuple[str, ...] = ()) -> Price:
    """Return what a unit of an item costs over a span of days, without conversion, freight or duty.

    Its book value where it has one; else all that open offers ask (by index: in every month of the span) and that the
    inputs of its processes cost.
    """
    value = source.items[item]["value_usd"]
    if value is not None:
        return exact(value), exact(value)
    if item in trail:
        return UNSEEN
    asked = [_asked(source, offer, span) for offer in _open(source.offers.get(item, ()), span)]
    made = [_inputs(source, way, span, (*trail, item)) for way in source.ways.get(item, ()) if way.made and way.inputs]
    prices = asked + made
    if not prices:
        return UNSEEN
    highs = [high for _, high in prices]
    return min(low for low, _ in prices), None if None in highs else max(high for high in highs if high is not None)


def _open(offers: tuple[dict[str, Any], ...], span: Span) -> list[dict[str, Any]]:
    """Return the offers that are open within a span, all of them where none is."""
    within = [o for o in offers if o["valid_from"] <= span[1] and (o["valid_to"] is None or o["valid_to"] >= span[0])]
    return within or list(offers)


def _asked(source: Sourcing, offer: dict[str, Any], span: Span) -> Price:
    if offer["price_usd"] is not None:
        return exact(offer["price_usd"]), exact(offer["price_usd"])
    lag, index = offer["lag_months"], source.indices.get(offer["index"] or "", ())
    months = [(moves(month, lag), value) for month, value in index]
    before = [value for month, value in months if month <= span[0]][-1:]
    values = before + [value for month, value in months if span[0] < month <= span[1]]
    if not values:
        return UNSEEN
    low, high = (None if offer[name] is None else exact(offer[name]) for name in ("floor_usd", "cap_usd"))
    free = [exact(value) * exact(offer["index_factor"]) + exact(offer["adder_usd"]) for value in values]
    prices = [within(usd, low, high) for usd in free]
    return min(prices), max(prices)


def _inputs(source: Sourcing, way: Way, span: Span, trail: tuple[str, ...]) -> Price:
    parts = [_times(price(source, item, span, trail), units) for item, units in way.inputs]
    highs = [high for _, high in parts if high is not None]
    return sum((low for low, _ in parts), ZERO), sum(highs, ZERO) if len(highs) == len(parts) else None


def _times(cost: Price, units: Fraction) -> Price:
    return cost[0] * units, None if cost[1] is None else cost[1] * units


def input_parts(
    source: Sourcing, way: Way, barred: Barred, span: Span, through_cells: bool, trail: tuple[str, ...] = ()
) -> tuple[list[Part], tuple[Reason, ...]]:
    """Return the inputs of a process: their cost, the share of it from barred makers, and the reasons behind that.

    An input of a barred maker counts in full; what another maker makes within the chain counts by its own inputs, of
    cells only where `through_cells`. What is bought counts by its maker alone.
    """
    parts, reasons = [], list[Reason]()
    for item, units in way.inputs:
        low, high = _times(price(source, item, span), units)
        share = _from_barred(source, item, barred, span, through_cells, trail)
        parts.append(Part(item, low, high, share.low, share.high))
        reasons += share.reasons
        if high is None and share.high:
            reasons.append(Reason(f"the price of {item} is not known", (), "assumption", "missing"))
    return parts, tuple(dict.fromkeys(reasons))


def _from_barred(
    source: Sourcing, item: str, barred: Barred, span: Span, through_cells: bool, trail: tuple[str, ...]
) -> Share:
    """Return the share of an input that comes from barred makers, over all ways to have it."""
    if item in trail:
        return Share(ZERO, ONE)
    shares = []
    for way in source.ways.get(item, ()) or (None,):
        verdict = made_by(source, item, way, barred)
        if verdict.answer == "yes":
            shares.append(Share(ONE, ONE, verdict.reasons))
            continue
        seen = way is not None and way.made and (through_cells or source.items[item]["stage"] != "cell")
        inner = Share(ZERO, ZERO)
        if seen and way is not None:
            parts, reasons = input_parts(source, way, barred, span, through_cells, (*trail, item))
            inner = Share(*barred_share(parts), reasons)
        if verdict.answer == "unknown":
            inner = Share(inner.low, ONE, (*verdict.reasons, *inner.reasons))
        shares.append(inner)
    reasons = tuple(dict.fromkeys(reason for share in shares for reason in share.reasons))
    return Share(min(share.low for share in shares), max(share.high for share in shares), reasons)
