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

import polars as pl

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.rules.credit_terms import Row, Terms, terms
from cellroad.rules.eligibility import CLAIM_SCHEMA, MATERIAL_SCHEMA, Related
from cellroad.rules.incentives import value_of
from cellroad.rules.law import Law
from cellroad.rules.makers import Sourcing, Way, ever_made_by, said, sourcing, worst
from cellroad.rules.ratio import BOUNDS, Ratio, exact, of, percent
from cellroad.rules.sale import Case, cost_of, sale, takers
from cellroad.rules.verdict import Reason, Standing, Verdict, all_of, opposite

LOST_SCHEMA = {
    "process": pl.String, "site": pl.String, "item": pl.String, "taxpayer": pl.String, "credit": pl.String,
    "name": pl.String, "year": pl.Int64, "usd_per_unit": pl.Float64, "cost_share": pl.Float64, "answer": pl.String,
    "because": pl.String, "would_change": pl.String, "rows": pl.String, "confidence": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """A credit on what a process makes in a tax year, and whether it may be claimed as far as all but the ratio goes.

    `amount`: USD per good unit, or share of production cost, phase factor applied.
    """

    way: Way
    terms: Terms
    amount: Fraction
    verdict: Verdict

    @property
    def usd_per_unit(self) -> float | None:
        """Return what it is worth, USD per good unit; None where it counts cost."""
        return float(self.amount) if self.terms.energy else None

    @property
    def cost_share(self) -> float | None:
        """Return the share of production cost that it is worth; None where it counts energy."""
        return None if self.terms.energy else float(self.amount)

    @property
    def least_share(self) -> float | None:
        """Return the share of direct material cost that must not come from barred makers; None: no ratio is asked."""
        return None if self.terms.least is None else float(value_of(self.terms.least) / 100)

    def rows(self, verdict: Verdict) -> str:
        """Return the ids of the rows behind a verdict: the credit, what each test names, the least share."""
        led = [row for reason in verdict.reasons for row in reason.rows]
        asked = [] if self.terms.least is None else [self.terms.least["incentive_id"]]
        return ";".join(dict.fromkeys([self.terms.credit["credit_id"], *led, *asked]))


def claims(
    chain: Chain, law: Law, standing: Standing, related: Related, first: dt.date, last: dt.date,
    elects: Collection[str] = (),
) -> pl.DataFrame:  # fmt: skip
    """Return the credits on what each process makes in each tax year from first to last; columns as in `Eligibility`.

    `elects` names partners that elect to treat sales to related persons as sales to others (26 USC 45X(a)(3)(B)).
    """
    return claim_frame(claimed(chain, law, standing, related, first, last, elects))


def claimed(
    chain: Chain, law: Law, standing: Standing, related: Related, first: dt.date, last: dt.date,
    elects: Collection[str] = (),
) -> list[Claim]:  # fmt: skip
    """Return every claim that a maker of the chain could make, with its verdict. Arguments as for `claims`."""
    source = sourcing(chain)
    credits = tuple(law.credits.filter(pl.col("claimant") == "maker").iter_rows(named=True))
    case = Case(source, law, cache(standing), cache(related), takers(chain, source), credits, elects)
    years = range(first.year, last.year + 1)
    offered = [found for credit in credits for year in years if (found := terms(law, credit, year)) is not None]
    return [
        _claim(case, asked, way)
        for ways in source.ways.values()
        for way in ways
        for asked in offered
        if way.made and way.country == asked.credit["jurisdiction"] and case.component(asked.credit, way.item)
    ]


def claim_frame(made: list[Claim]) -> pl.DataFrame:
    """Return claims as a frame; columns as in `Eligibility`."""
    rows = [
        (
            claim.way.name, claim.way.site, claim.way.item, claim.way.partner, claim.terms.credit["credit_id"],
            claim.terms.credit["program"], claim.terms.credit["component"], claim.terms.year, claim.usd_per_unit,
            claim.cost_share, claim.verdict.answer, claim.least_share, claim.verdict.because,
            claim.rows(claim.verdict), claim.verdict.confidence,
        )
        for claim in made
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=CLAIM_SCHEMA, orient="row")


def materials(made: list[Claim], chain: Chain, standing: Standing) -> pl.DataFrame:
    """Return for each claim that a ratio binds whether each input counts as made by a barred maker.

    Columns: process, credit, year, input, barred (yes, no, unknown), because, rows, confidence. An input counts by its
    own maker, on the last day of the tax year.
    """
    source = sourcing(chain)
    rows = []
    for claim in made:
        for item, verdict in _inputs(source, claim, standing) if claim.terms.least is not None else ():
            led = ";".join(dict.fromkeys(row for reason in verdict.reasons for row in reason.rows))
            key = (claim.way.name, claim.terms.credit["credit_id"], claim.terms.year, item)
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
        credit, year = claim.terms.credit, claim.terms.year
        barred = claim.verdict.answer == "no"
        verdict = claim.verdict if barred else all_of([claim.verdict, _ratio(source, claim, standing)])
        if verdict.answer != "yes":
            rows.append((
                claim.way.name, claim.way.site, claim.way.item, claim.way.partner, credit["credit_id"], credit["name"],
                year, claim.usd_per_unit, claim.cost_share, verdict.answer, verdict.because, _change(verdict),
                claim.rows(verdict), verdict.confidence,
            ))  # fmt: skip
    return pl.DataFrame(rows, schema=LOST_SCHEMA, orient="row")


def _change(verdict: Verdict) -> str:
    """Return what would settle a verdict, or change it; "" where nothing is known to."""
    kinds = ("missing", "would change") if verdict.answer == "unknown" else ("would change",)
    texts = [reason.text for kind in kinds for reason in verdict.reasons if reason.kind == kind]
    return next((text for text in texts if text != verdict.because), "")


def _claim(case: Case, asked: Terms, way: Way) -> Claim:
    """Return the claim of a process for a year: what it is worth, and all tests but the ratio of its materials."""
    item = case.source.items[way.item]
    unit = exact(item["kwh"]) if asked.energy else Fraction(1, 100)
    tests = [
        _phase(asked),
        _taxpayer(case, asked, way),
        _energy(asked.credit, item),
        _density(asked.credit, item),
        _power(asked.credit),
        _once(case, asked.credit, way),
        sale(case, asked, way),
        said("yes", "its plant is taken to have had no credit under section 48C", (), "assumption", "assumed"),
    ]
    return Claim(way, asked, value_of(asked.rate) * asked.kept * unit, all_of(tests))


def _phase(asked: Terms) -> Verdict:
    """Say whether anything is left of the rate in the year of sale."""
    rows = [asked.rate] if asked.factor is None else [asked.rate, asked.factor]
    left = f"{float(100 * asked.kept):g} % of it for sales in {asked.year}"
    text = f"{float(value_of(asked.rate)):g} {asked.rate['unit']}, {left}"
    trust = worst(*(row["confidence"] for row in rows))
    return said("yes" if asked.kept else "no", text, tuple(row["incentive_id"] for row in rows), trust)


def _taxpayer(case: Case, asked: Terms, way: Way) -> Verdict:
    """Say whether the maker may claim: not a person of the regime of the credit on the last day of the tax year."""
    credit = asked.credit
    if not asked.bars:
        text = f"nobody is barred from the credit in {asked.year}, as the law is known"
        return said("yes", text, (credit["credit_id"],))
    if way.partner is None:
        return said("unknown", f"who makes {way.item} at {way.site} is not known: name the partner of the site")
    barred = case.standing(way.partner, credit["claimant_regime"], dt.date(asked.year, 12, 31))
    change = Reason(f"another owner or contract for {way.partner}, or another maker", kind="would change")
    return opposite(barred if barred.answer == "no" else Verdict(barred.answer, (*barred.reasons, change)))


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
    low = _least_density(item["chemistry"] or "") if item["stage"] == "cell" else None
    if low is not None and low >= least:
        text = f"cells of {item['chemistry']} have at least {low:g} Wh per litre, {least:g} are asked"
        return said("yes", text, (credit["credit_id"], item["chemistry"]), "assumption", "assumed")
    return said("unknown", f"the volume of {item['item']} is not known: give volume_l in items")


@cache
def _least_density(chemistry: str) -> float | None:
    """Return the least energy density of cells of a chemistry, Wh per litre; None where it is not known."""
    band = facts.chemistries().filter(pl.col("chem_id") == chemistry)["cell_whl_low"]
    return band[0] if band.len() else None


def _power(credit: Row) -> Verdict:
    """Take the capacity per power to be small enough: no power is known."""
    hours = credit["max_hours"]
    if hours is None:
        return said("yes", "no limit of capacity per power", (credit["credit_id"],))
    text = f"at most {hours:g} kWh per kW, as all but the slowest batteries"
    return said("yes", text, (credit["credit_id"],), "assumption", "assumed")


def _once(case: Case, credit: Row, way: Way) -> Verdict:
    """Say whether nobody else claims the same component inside this one: a pack of modules that another made."""
    for item, _ in way.inputs:
        makers = {w.partner for w in case.source.ways.get(item, ()) if w.made and w.country == credit["jurisdiction"]}
        if case.component(credit, item) and makers - {way.partner}:
            text = f"{item}, which goes into {way.item}, has the credit already"
            return said("no", text, (credit["credit_id"],), "assumption")
    return said("yes", "nothing in it has this credit already", (credit["credit_id"],))


def _inputs(source: Sourcing, claim: Claim, standing: Standing) -> list[tuple[str, Verdict]]:
    """Return whether each input of a claim counts as made by a barred maker."""
    day, regime = dt.date(claim.terms.year, 12, 31), claim.terms.credit["material_regime"]
    items = [item for item, _ in claim.way.inputs]
    return [(item, ever_made_by(source, item, lambda partner: standing(partner, regime, day))) for item in items]


def material_ratio(source: Sourcing, claim: Claim, standing: Standing) -> Ratio:
    """Return the material ratio of a claim from the prices of the chain in its year, without freight and duty."""
    span = (dt.date(claim.terms.year, 1, 1), dt.date(claim.terms.year, 12, 31))
    barred = dict(_inputs(source, claim, standing))
    return of(cost_of(source, item, units, span, BOUNDS[barred[item].answer]) for item, units in claim.way.inputs)


def _ratio(source: Sourcing, claim: Claim, standing: Standing) -> Verdict:
    """Say whether the materials of a claim reach the least share that may not come from barred makers."""
    rule = claim.terms.least
    if rule is None:
        return said("yes", "no ratio of its materials is asked")
    made, least = material_ratio(source, claim, standing), value_of(rule) / 100
    found, asked = percent(made.low, made.high), percent(least, least)
    text = f"{found} of the material by cost is not of barred makers, {asked} are asked"
    verdict = said(made.meets(least), text, (rule["incentive_id"],), str(rule["confidence"]))
    advice = made.advice(least)
    return Verdict(verdict.answer, (*verdict.reasons, *([Reason(advice, kind="would change")] if advice else [])))
