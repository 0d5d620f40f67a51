"""Which tax credits may the makers of a chain claim, for what they make in a year, and what stands in the way?

A credit is a row of the law: for which component, who may not claim it, from whom its materials may come. Each test is
one function with one verdict; a claim is all of them. The ratio of its materials is left to whoever knows the flows:
`claims` says what share must not come from barred makers, `materials` which inputs do.

The tax year is the calendar year. Source: 26 USC 45X and 7701(a)(51), (52); 26 CFR 1.45X-1 to 1.45X-4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import polars as pl

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.rules.eligibility import CLAIM_SCHEMA, MATERIAL_SCHEMA, Related
from cellroad.rules.incentives import figure, value_of
from cellroad.rules.law import Law
from cellroad.rules.makers import Sourcing, Way, alike, ever_made_by, price, said, sourcing, worst
from cellroad.rules.ratio import BOUNDS, ONE, Part, Ratio, barred_share, compared, exact, of, percent
from cellroad.rules.verdict import Reason, Standing, Verdict, all_of, opposite

LOST_SCHEMA = {
    "process": pl.String, "site": pl.String, "item": pl.String, "taxpayer": pl.String, "credit": pl.String,
    "name": pl.String, "year": pl.Int64, "usd_per_unit": pl.Float64, "cost_share": pl.Float64, "answer": pl.String,
    "because": pl.String, "would_change": pl.String, "rows": pl.String, "confidence": pl.String,
}  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes an item: a market, or a process that makes another item of it."""

    name: str
    partner: str | None
    way: Way | None


@dataclass(frozen=True, slots=True)
class Case:
    """What every test of a claim looks at."""

    source: Sourcing
    law: Law
    standing: Standing
    related: Related
    takers: dict[str, tuple[Taker, ...]]
    credits: tuple[Row, ...]
    elects: Collection[str]

    def component(self, credit: Row, item: str) -> bool:
        """Say whether an item is the component of a credit: as its row says, else by its stage."""
        return is_component(credit, self.source.items[item])


@dataclass(frozen=True, slots=True)
class Claim:
    """A credit on what a process makes in a tax year, and whether it may be claimed but for its materials."""

    way: Way
    credit: Row
    year: int
    amount: Fraction
    least: Row | None
    verdict: Verdict

    @property
    def energy(self) -> bool:
        """Say whether the credit counts energy; else it counts cost."""
        return str(self.credit["basis"]) == "energy"


def claims(
    chain: Chain, law: Law, standing: Standing, related: Related, first: dt.date, last: dt.date,
    elects: Collection[str] = (),
) -> pl.DataFrame:  # fmt: skip
    """Return the credits on what each process makes in each tax year from first to last; columns as in `Eligibility`.

    `elects` names partners that elect to treat sales to related persons as sales to others (26 USC 45X(a)(3)(B)).
    """
    return claim_frame(claimed(chain, law, standing, related, first, last, elects))


def claim_frame(made: list[Claim]) -> pl.DataFrame:
    """Return claims as a frame; columns as in `Eligibility`."""
    rows = [
        (
            claim.way.name, claim.way.site, claim.way.item, claim.way.partner, claim.credit["credit_id"],
            claim.credit["program"], claim.credit["component"], claim.year,
            float(claim.amount) if claim.energy else None, None if claim.energy else float(claim.amount),
            claim.verdict.answer, None if claim.least is None else float(value_of(claim.least) / 100),
            claim.verdict.because, _rows(claim), claim.verdict.confidence,
        )
        for claim in made
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=CLAIM_SCHEMA, orient="row")


def claimed(
    chain: Chain, law: Law, standing: Standing, related: Related, first: dt.date, last: dt.date,
    elects: Collection[str] = (),
) -> list[Claim]:  # fmt: skip
    """Return every claim that a maker of the chain could make, with its verdict. Arguments as for `claims`."""
    source = sourcing(chain)
    credits = tuple(law.credits.filter(pl.col("claimant") == "maker").iter_rows(named=True))
    case = Case(source, law, cache(standing), cache(related), _takers(chain, source), credits, elects)
    return [
        _claim(case, credit, way, year)
        for ways in source.ways.values()
        for way in ways
        for credit in credits
        if way.made and way.country == credit["jurisdiction"] and case.component(credit, way.item)
        for year in range(first.year, last.year + 1)
        if not facts.valid(
            law.credits.filter(pl.col("credit_id") == credit["credit_id"]), dt.date(year, 1, 1)
        ).is_empty()
        and figure(law, credit["program"], credit["component"], "rate", dt.date(year, 1, 1)) is not None
    ]


def materials(made: list[Claim], chain: Chain, standing: Standing) -> pl.DataFrame:
    """Return for each claim that a ratio binds whether each input counts as made by a barred maker.

    Columns: process, credit, year, input, barred (yes, no, unknown), because, rows, confidence. An input counts by its
    own maker, on the last day of the tax year.
    """
    source = sourcing(chain)
    rows = []
    for claim in made:
        for item, verdict in _inputs(source, claim, standing) if claim.least is not None else ():
            led = ";".join(dict.fromkeys(row for reason in verdict.reasons for row in reason.rows))
            key = (claim.way.name, claim.credit["credit_id"], claim.year, item)
            rows.append((*key, verdict.answer, verdict.because, led, verdict.confidence))
    return pl.DataFrame(rows, schema=MATERIAL_SCHEMA, orient="row")


def lost(
    chain: Chain, law: Law, standing: Standing, related: Related, first: dt.date, last: dt.date,
    elects: Collection[str] = (),
) -> pl.DataFrame:  # fmt: skip
    """Return every credit that cannot be claimed for certain: the first reason, and what would change it.

    Columns: process, site, item, taxpayer, credit, name, year, usd_per_unit, cost_share (what is lost), answer (no,
    unknown), because, would_change, rows, confidence. The material ratio is worked out from the prices of the chain
    in the tax year, without freight, duty or conversion. Arguments as for `claims`.
    """
    source, rows = sourcing(chain), []
    for claim in claimed(chain, law, standing, related, first, last, elects):
        verdict = (
            claim.verdict if claim.verdict.answer == "no" else all_of([claim.verdict, _ratio(source, claim, standing)])
        )
        if verdict.answer == "yes":
            continue
        change = next((reason.text for reason in verdict.reasons if reason.kind == "would change"), "")
        missing = "" if verdict.answer == "no" else next((r.text for r in verdict.reasons if r.kind == "missing"), "")
        rows.append((
            claim.way.name, claim.way.site, claim.way.item, claim.way.partner, claim.credit["credit_id"],
            claim.credit["name"], claim.year, float(claim.amount) if claim.energy else None,
            None if claim.energy else float(claim.amount), verdict.answer, verdict.because, change or missing,
            _rows(claim, verdict), verdict.confidence,
        ))  # fmt: skip
    return pl.DataFrame(rows, schema=LOST_SCHEMA, orient="row")


def is_component(credit: Row, item: Row) -> bool:
    """Say whether an item is the component of a credit: as its row says, else by its stage; `none` is none."""
    named = item["credit_as"]
    by_stage = item["stage"] in credit["stages"].split(";")
    if named in ("", "none"):
        return by_stage and named == ""
    return bool(named == credit["component"] or (by_stage and str(credit["claimant"]) == "buyer"))


def _claim(case: Case, credit: Row, way: Way, year: int) -> Claim:
    """Return the claim of a process for a year: what it is worth, and all tests but the ratio of its materials."""
    day = dt.date(year, 1, 1)
    program, component = credit["program"], credit["component"]
    rate = figure(case.law, program, component, "rate", day) or {}
    factor = figure(case.law, program, component, "phase_factor", day)
    kept = ONE if factor is None else value_of(factor) / 100
    item = case.source.items[way.item]
    unit = exact(item["kwh"]) if str(credit["basis"]) == "energy" else Fraction(1, 100)
    tests = [
        _phase(rate, factor, kept, year),
        _taxpayer(case, credit, way, year),
        _energy(credit, item),
        _density(credit, item),
        _power(credit),
        _sale(case, credit, way, year, ()),
        said("yes", "its plant is taken to have had no credit under section 48C", (), "assumption", "assumed"),
    ]
    least = figure(case.law, credit["ratio_program"], component, "threshold", day)
    return Claim(way, credit, year, value_of(rate) * kept * unit, least, all_of(tests))


def _phase(rate: Row, factor: Row | None, kept: Fraction, year: int) -> Verdict:
    """Say whether anything is left of the rate in the year of sale."""
    text = f"{float(value_of(rate)):g} {rate['unit']}, {float(100 * kept):g} % of it for sales in {year}"
    rows = (rate["incentive_id"], *([] if factor is None else [factor["incentive_id"]]))
    return said(
        "yes" if kept else "no", text, rows, worst(rate["confidence"], *([factor["confidence"]] if factor else []))
    )


def _taxpayer(case: Case, credit: Row, way: Way, year: int) -> Verdict:
    """Say whether the maker may claim: not a person of the regime of the credit on the last day of the tax year."""
    regime = credit["claimant_regime"]
    if not regime or not _binds(case.law, regime, year):
        return said("yes", f"no one is barred from the credit in {year}, as the law is known", (credit["credit_id"],))
    if way.partner is None:
        return said("unknown", f"who makes {way.item} at {way.site} is not known: name the partner of the site")
    barred = case.standing(way.partner, regime, dt.date(year, 12, 31))
    change = Reason(f"another owner or contract for {way.partner}, or another maker", kind="would change")
    return opposite(barred) if barred.answer != "yes" else opposite(Verdict("yes", (*barred.reasons, change)))


def _binds(law: Law, regime: str, year: int) -> bool:
    """Say whether a regime binds a tax year: taxable years that begin while it holds."""
    return not facts.valid(law.regimes.filter(pl.col("regime_id") == regime), dt.date(year, 1, 1)).is_empty()


def _energy(credit: Row, item: Row) -> Verdict:
    """Say whether a unit holds the least energy (kWh)."""
    least = credit["min_kwh"]
    if least is None or exact(item["kwh"]) >= exact(least):
        return said("yes", f"{item['kwh']:g} kWh a unit", (credit["credit_id"],))
    text = f"{item['item']} holds {item['kwh']:g} kWh, less than {least:g} kWh"
    change = Reason(f"a unit of at least {least:g} kWh", kind="would change")
    return Verdict("no", (Reason(text, (credit["credit_id"],), str(credit["confidence"])), change))


def _density(credit: Row, item: Row) -> Verdict:
    """Say whether a unit holds the least energy per volume (Wh per litre); by its chemistry where that is enough."""
    least = credit["min_wh_per_l"]
    if least is None:
        return said("yes", "no least energy density", (credit["credit_id"],))
    if item["volume_l"] is not None:
        value = 1000 * exact(item["kwh"]) / exact(item["volume_l"])
        text = f"{float(value):.4g} Wh per litre against {least:g}"
        return said("yes" if value >= exact(least) else "no", text, (credit["credit_id"],))
    band = facts.chemistries().filter(pl.col("chem_id") == item["chemistry"])
    low = band["cell_whl_low"][0] if band.height and item["stage"] == "cell" else None
    if low is not None and low >= least:
        text = f"cells of {item['chemistry']} have at least {low:g} Wh per litre, {least:g} are asked"
        return said("yes", text, (credit["credit_id"], item["chemistry"]), "assumption", "assumed")
    return said("unknown", f"the volume of {item['item']} is not known: give volume_l in items")


def _power(credit: Row) -> Verdict:
    """Take the capacity per power to be small enough: no power is known."""
    hours = credit["max_hours"]
    if hours is None:
        return said("yes", "no limit of capacity per power", (credit["credit_id"],))
    text = f"at most {hours:g} kWh per kW, as all but the slowest batteries"
    return said("yes", text, (credit["credit_id"],), "assumption", "assumed")


def _sale(case: Case, credit: Row, way: Way, year: int, trail: tuple[str, ...]) -> Verdict:
    """Say whether what a process makes is sold to an unrelated person, by itself or within another component."""
    if str(credit["unrelated_sale"]) == "no":
        return said("yes", "no sale is asked", (credit["credit_id"],))
    takers = [] if way.item in trail else case.takers.get(way.item, ())
    if not takers:
        return said("no", f"nobody in this chain takes {way.item}", (), "assumption")
    return alike((taker.name, _taken(case, credit, way, taker, year, trail)) for taker in takers)


def _taken(case: Case, credit: Row, way: Way, taker: Taker, year: int, trail: tuple[str, ...]) -> Verdict:
    """Say whether what one taker takes counts as sold to an unrelated person."""
    if taker.way is None and taker.partner in (None, way.partner):
        return said("yes", f"customers at {taker.name} are taken to be unrelated", (), "assumption", "assumed")
    if taker.partner is None or way.partner is None:
        nameless = way.site if way.partner is None else taker.name
        return said("unknown", f"whether maker and taker are related is not known: name the partner of {nameless}")
    if taker.way is not None and taker.partner == way.partner:
        return _integrated(case, credit, way, taker.way, year, trail)
    kin = case.related(way.partner, taker.partner, dt.date(year, 12, 31))
    if kin.answer != "yes":
        return opposite(kin)
    election = "the election to treat sales to related persons as sales to others, 26 USC 45X(a)(3)(B)"
    if way.partner in case.elects:
        return said("yes", f"{way.partner} makes {election}", (credit["credit_id"],), "assumption", "assumed")
    text = f"{taker.partner}, who takes {way.item} for {taker.name}, is related to {way.partner}"
    rows = tuple(row for reason in kin.reasons for row in reason.rows)
    change = Reason(election, (credit["credit_id"],), kind="would change")
    return Verdict("no", (Reason(text, rows, kin.confidence), change, *kin.reasons))


def _integrated(case: Case, credit: Row, way: Way, into: Way, year: int, trail: tuple[str, ...]) -> Verdict:
    """Say whether own use counts as a sale: within another component of a credit that is sold, 26 USC 45X(d)(4).

    For tax years from 2027 on both must be made in one facility, and 65 % of the direct material cost of the outer
    component must be components made in the country of the credit.
    """
    outer = [c for c in case.credits if c["program"] == credit["program"] and case.component(c, into.item)]
    if not outer or into.country != credit["jurisdiction"]:
        text = f"{way.item} goes into {into.item}, which is no component of the credit"
        return said("no", text, (credit["credit_id"],))
    if any(c["component"] == credit["component"] for c in outer):
        return said(
            "no", f"{way.item} counts once, with {into.item} that it goes into", (credit["credit_id"],), "assumption"
        )
    sold = _sale(case, outer[0], into, year, (*trail, way.item))
    rule = figure(case.law, credit["program"], credit["component"], "stacking_rule", dt.date(year, 1, 1))
    return sold if rule is None else all_of([sold, _stacked(case, credit, way, into, year, rule)])


def _stacked(case: Case, credit: Row, way: Way, into: Way, year: int, rule: Row) -> Verdict:
    """Say whether both components are made in one facility, and the outer one mostly of such components."""
    led, trust = (rule["incentive_id"],), str(rule["confidence"])
    if way.site != into.site:
        change = Reason(f"make {into.item} at {way.site} too, or sell {way.item}", kind="would change")
        text = f"{way.item} is made at {way.site} and goes into {into.item} at {into.site}: not one facility"
        return Verdict("no", (Reason(text, led, trust), change))
    span = (dt.date(year, 1, 1), dt.date(year, 12, 31))
    home = [(item, units, _home_component(case, credit, item)) for item, units in into.inputs]
    parts = [_part(case.source, item, units, span, BOUNDS["yes" if own else "no"]) for item, units, own in home]
    low, high = barred_share(parts)
    answer = compared(low, high, "at least", value_of(rule) / 100)
    text = f"{percent(low, high)} of the material of {into.item} by cost is components made in {credit['jurisdiction']}"
    return said(answer, f"{text}, {float(value_of(rule)):g} % are asked", led, trust)


def _home_component(case: Case, credit: Row, item: str) -> bool:
    """Say whether an input is a component of the program that is always made in the country of the credit."""
    ways = case.source.ways.get(item, ())
    eligible = any(case.component(c, item) for c in case.credits if c["program"] == credit["program"])
    return eligible and bool(ways) and all(way.made and way.country == credit["jurisdiction"] for way in ways)


def _takers(chain: Chain, source: Sourcing) -> dict[str, tuple[Taker, ...]]:
    """Return who takes each item: markets that want it and processes that use it."""
    takers: dict[str, list[Taker]] = {}
    sites = chain.sites.select(market="site", partner="partner")
    wanted = chain.demand.select("market", "want").unique(maintain_order=True).join(chain.wants, on="want")
    sold = wanted.join(sites, on="market", how="left").select("item", "market", "partner").unique(maintain_order=True)
    for item, market, partner in sold.iter_rows():
        takers.setdefault(item, []).append(Taker(market, partner, None))
    for ways in source.ways.values():
        for way in ways:
            for item, _ in way.inputs:
                takers.setdefault(item, []).append(Taker(way.name, way.partner, way))
    return {item: tuple(listed) for item, listed in takers.items()}


def _inputs(source: Sourcing, claim: Claim, standing: Standing) -> list[tuple[str, Verdict]]:
    """Return whether each input of a claim counts as made by a barred maker."""
    day, regime = dt.date(claim.year, 12, 31), claim.credit["material_regime"]
    items = [item for item, _ in claim.way.inputs]
    return [(item, ever_made_by(source, item, lambda partner: standing(partner, regime, day))) for item in items]


def _part(
    source: Sourcing, item: str, units: Fraction, span: tuple[dt.date, dt.date], barred: tuple[Fraction, Fraction]
) -> Part:
    low, high = price(source, item, span)
    return Part(item, low * units, None if high is None else high * units, *barred)


def material_ratio(source: Sourcing, claim: Claim, standing: Standing) -> Ratio:
    """Return the material ratio of a claim from the prices of the chain in its year, without freight and duty."""
    span = (dt.date(claim.year, 1, 1), dt.date(claim.year, 12, 31))
    barred = dict(_inputs(source, claim, standing))
    return of(_part(source, item, units, span, BOUNDS[barred[item].answer]) for item, units in claim.way.inputs)


def _ratio(source: Sourcing, claim: Claim, standing: Standing) -> Verdict:
    """Say whether the materials of a claim reach the least share that may not come from barred makers."""
    if claim.least is None:
        return said("yes", "no ratio of its materials is asked")
    made, least = material_ratio(source, claim, standing), value_of(claim.least) / 100
    found, asked = percent(made.low, made.high), percent(least, least)
    text = f"{found} of the material by cost is not of barred makers, {asked} are asked"
    answer = made.meets(least)
    verdict = said(answer, text, (claim.least["incentive_id"],), str(claim.least["confidence"]))
    advice = made.advice(least)
    return Verdict(answer, (*verdict.reasons, Reason(advice, kind="would change"))) if advice else verdict


def _rows(claim: Claim, verdict: Verdict | None = None) -> str:
    """Return the ids of the rows behind a claim: the credit, what each test names, the least share."""
    led = [row for reason in (verdict or claim.verdict).reasons for row in reason.rows]
    asked = [] if claim.least is None else [claim.least["incentive_id"]]
    return ";".join(dict.fromkeys([claim.credit["credit_id"], *led, *asked]))
