"""Is what a maker makes sold to somebody else, as a tax credit asks, by itself or inside another component?

Who takes an item stands in the chain: markets that want it, processes that use it. Customers of a market are taken to
be unrelated, and whoever runs the market sells on to them; a maker related to the taker needs an election; own use
counts with the product that is sold. Where the takers of an item differ it depends on who takes a unit, and the answer
is unknown.

Source: 26 USC 45X(a)(3)(A) and (B), (d)(1), (d)(4) as amended for tax years from 2027 on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from cellroad.chain.chain import Chain
from cellroad.rules.credit_terms import Row, Terms, is_component, terms
from cellroad.rules.eligibility import Related
from cellroad.rules.incentives import value_of
from cellroad.rules.law import Law
from cellroad.rules.makers import Sourcing, Span, Way, alike, price, said
from cellroad.rules.ratio import BOUNDS, Part, barred_share, compared, percent
from cellroad.rules.verdict import Reason, Standing, Verdict, all_of, opposite

ELECTION = "the election to treat sales to related persons as sales to others, 26 USC 45X(a)(3)(B)"


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes an item: a market, or a process (`way`) that makes another item of it."""

    name: str
    partner: str | None
    way: Way | None


@dataclass(frozen=True, slots=True)
class Case:
    """What the tests of a claim look at: the chain, who takes what in it, the law, and what is known of partners."""

    source: Sourcing
    law: Law
    standing: Standing
    related: Related
    takers: dict[str, tuple[Taker, ...]]
    credits: tuple[Row, ...]
    elects: Collection[str]

    def component(self, credit: Row, item: str) -> bool:
        """Say whether an item is the component of a credit."""
        return is_component(credit, self.source.items[item])


def takers(chain: Chain, source: Sourcing) -> dict[str, tuple[Taker, ...]]:
    """Return who takes each item: markets that want it and processes that use it."""
    found: dict[str, list[Taker]] = {}
    sites = chain.sites.select(market="site", partner="partner")
    wanted = chain.demand.select("market", "want").unique(maintain_order=True).join(chain.wants, on="want")
    sold = wanted.join(sites, on="market", how="left").select("item", "market", "partner").unique(maintain_order=True)
    for item, market, partner in sold.iter_rows():
        found.setdefault(item, []).append(Taker(market, partner, None))
    for ways in source.ways.values():
        for way in ways:
            for item, _ in way.inputs:
                found.setdefault(item, []).append(Taker(way.name, way.partner, way))
    return {item: tuple(listed) for item, listed in found.items()}


def sale(case: Case, asked: Terms, way: Way, trail: tuple[str, ...] = ()) -> Verdict:
    """Say whether what a process makes is sold to an unrelated person, by itself or within another component."""
    credit = asked.credit
    if str(credit["unrelated_sale"]) == "no":
        return said("yes", "no sale is asked", (credit["credit_id"],))
    listed = () if way.item in trail else case.takers.get(way.item, ())
    if not listed:
        return said("no", f"nobody in this chain takes {way.item}", (), "assumption")
    return alike((taker.name, _taken(case, asked, way, taker, trail)) for taker in listed)


def _taken(case: Case, asked: Terms, way: Way, taker: Taker, trail: tuple[str, ...]) -> Verdict:
    """Say whether what one taker takes counts as sold to an unrelated person."""
    if taker.way is None and taker.partner in (None, way.partner):
        return said("yes", f"customers at {taker.name} are taken to be unrelated", (), "assumption", "assumed")
    if taker.way is None:
        text = f"{taker.partner} sells {way.item} on at {taker.name}; a sale through a related person counts"
        return said("yes", text, (asked.credit["credit_id"],), "assumption", "assumed")
    if taker.partner is None or way.partner is None:
        nameless = way.site if way.partner is None else taker.way.site
        return said("unknown", f"whether maker and taker are related is not known: name the partner of {nameless}")
    if taker.partner == way.partner:
        return _integrated(case, asked, way, taker.way, trail)
    kin = case.related(way.partner, taker.partner, dt.date(asked.year, 12, 31))
    if kin.answer != "yes":
        return opposite(kin)
    credit = asked.credit["credit_id"]
    if way.partner in case.elects:
        return said("yes", f"{way.partner} makes {ELECTION}", (credit,), "assumption", "assumed")
    text = f"{taker.partner}, who takes {way.item} for {taker.name}, is related to {way.partner}"
    rows = tuple(row for reason in kin.reasons for row in reason.rows)
    change = Reason(ELECTION, (credit,), kind="would change")
    return Verdict("no", (Reason(text, rows, kin.confidence), change, *kin.reasons))


def _integrated(case: Case, asked: Terms, way: Way, into: Way, trail: tuple[str, ...]) -> Verdict:
    """Say whether own use counts as a sale: inside another component of a credit that is sold, 26 USC 45X(d)(4).

    For tax years from 2027 on both must be made in one facility, and the outer component must be, for 65 % of its
    direct material cost, of components made in the country of the credit.
    """
    credit, made = asked.credit, (asked.credit["credit_id"],)
    outer = [c for c in case.credits if c["program"] == credit["program"] and case.component(c, into.item)]
    if any(c["component"] == credit["component"] for c in outer):
        return said("no", f"{way.item} counts once, with {into.item} that it goes into", made, "assumption")
    held = [found for c in outer if (found := terms(case.law, c, asked.year)) is not None]
    if not held or into.country != credit["jurisdiction"]:
        return said("no", f"{way.item} goes into {into.item}, which is no component of a credit", made)
    sold = sale(case, held[0], into, (*trail, way.item))
    return sold if asked.stacking is None else all_of([sold, _stacked(case, asked, asked.stacking, way, into)])


def _stacked(case: Case, asked: Terms, rule: Row, way: Way, into: Way) -> Verdict:
    """Say whether both components are made in one facility, and the outer one mostly of such components."""
    led, trust = (rule["incentive_id"],), str(rule["confidence"])
    if way.site != into.site:
        change = Reason(f"make {into.item} at {way.site} too, or sell {way.item}", kind="would change")
        text = f"{way.item} is made at {way.site} and goes into {into.item} at {into.site}: not one facility"
        return Verdict("no", (Reason(text, led, trust), change))
    span = (dt.date(asked.year, 1, 1), dt.date(asked.year, 12, 31))
    own = {item: _own(case, asked.credit, item) for item, _ in into.inputs}
    parts = [cost_of(case.source, item, units, span, BOUNDS[own[item]]) for item, units in into.inputs]
    low, high = barred_share(parts)
    answer = compared(low, high, "at least", value_of(rule) / 100)
    home = asked.credit["jurisdiction"]
    text = f"{percent(low, high)} of the material of {into.item} by cost is components made in {home}"
    return said(answer, f"{text}, {float(value_of(rule)):g} % are asked", led, trust)


def _own(case: Case, credit: Row, item: str) -> str:
    """Say whether an input is a component of the program made in the country of the credit: yes, no, unknown."""
    ways = case.source.ways.get(item, ())
    if not any(case.component(c, item) for c in case.credits if c["program"] == credit["program"]):
        return "no"
    home = {way.country == credit["jurisdiction"] for way in ways}
    return "unknown" if len(home) != 1 else "yes" if True in home else "no"


def cost_of(source: Sourcing, item: str, units: Fraction, span: Span, barred: tuple[Fraction, Fraction]) -> Part:
    """Return an input of a unit with what it costs over a span, and the share of that which counts."""
    low, high = price(source, item, span)
    return Part(item, low * units, None if high is None else high * units, *barred)
