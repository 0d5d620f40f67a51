"""What is a storage system worth to a buyer who may claim a credit for it, and which systems qualify?

The buyer's credit is a share of what he pays: its rate by the year in which construction begins, more for US content
and in an energy community. It is lost where too much of the cost of the system comes from barred makers. An item
qualifies only if every way in which the chain has it does; construction is taken to begin in the year of the sale.

Source: 26 USC 48E, 7701(a)(52)(B); Notice 2026-15 with the tables of Notice 2025-08 (acquisition cost of the products
in the system, split by the makers of their parts, or shares that the law assigns).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.chain.day import Day, as_day
from cellroad.rules.credit_terms import Row, Terms, is_component, terms
from cellroad.rules.eligibility import PREMIUM_SCHEMA
from cellroad.rules.incentives import figure, value_of
from cellroad.rules.law import Law
from cellroad.rules.makers import Sourcing, Span, Way, alike, input_parts, made_by, price, said, sourcing, worst
from cellroad.rules.ratio import ONE, ZERO, Part, Ratio, barred_share, compared, exact, of, percent
from cellroad.rules.verdict import Reason, Standing, Verdict, all_of


@dataclass(frozen=True, slots=True)
class Rate:
    """A buyer's credit as a share of what he pays, and the ids of the rows that it comes from."""

    share: Fraction
    rows: tuple[str, ...]
    confidence: str


def rate(
    law: Law, begun: Day, *, wages: bool = True, domestic: bool = False, community: bool = False,
    program: str = "48E", component: str = "storage",
) -> Rate:  # fmt: skip
    """Return the credit of a system whose construction begins on a day, as a share of its cost.

        rate = (base + bonuses) · phase factor of the year in which construction begins

    `wages`: the wage and apprenticeship rules are kept, or the system has less than 1 MW; without them base and bonuses
    are a fifth. `domestic`: enough US content; `community`: in an energy community. Zero where the law, as known, has
    no such credit on the day.
    """
    day = as_day(begun)
    metrics = ["rate" if wages else "base_rate", *["bonus"] * (domestic or community)]
    full = figure(law, program, component, metrics[0], day)
    if full is None:
        return Rate(ZERO, (), "verified")
    wanted = [*(["domestic content"] if domestic else []), *(["energy community"] if community else [])]
    bonuses = [row for name in wanted if (row := _bonus(law, program, component, name, day)) is not None]
    factor = figure(law, program, component, "phase_factor", day)
    points = value_of(full) + sum((value_of(row) for row in bonuses), ZERO) / (1 if wages else 5)
    kept = ONE if factor is None else value_of(factor) / 100
    rows = [full, *bonuses, *([] if factor is None else [factor])]
    return Rate(points / 100 * kept, tuple(r["incentive_id"] for r in rows), worst(*(r["confidence"] for r in rows)))


def _bonus(law: Law, program: str, component: str, name: str, day: dt.date) -> Row | None:
    """Return the row of a bonus by its name."""
    rows = law.incentives.filter(
        (pl.col("program") == program) & (pl.col("component") == component) & (pl.col("metric") == "bonus")
        & pl.col("subject").str.starts_with(name)
    )  # fmt: skip
    return next(facts.valid(rows, day).iter_rows(named=True), None)


def domestic_content(law: Law, us: tuple[Fraction | float | str, Fraction | float | str], begun: Day) -> Verdict:
    """Say whether a US share of the cost of manufactured products, between bounds, earns the bonus for US content.

    The least share is that of the day on which construction begins. That steel and iron are of the US as well is not
    seen here and is told as assumed.
    """
    rule = figure(law, "48E domestic content", "storage", "threshold", as_day(begun))
    if rule is None:
        return said("no", "the law as known has no bonus for US content on that day")
    low, high = exact(us[0]), exact(us[1])
    text = f"{percent(low, high)} of the cost is made in the US, {float(value_of(rule)):g} % are asked"
    verdict = said(
        compared(low, high, "at least", value_of(rule) / 100), text, (rule["incentive_id"],), rule["confidence"]
    )
    steel = said("yes", "steel and iron are taken to be made in the US", (), "assumption", "assumed")
    return all_of([verdict, steel])


def us_share(source: Sourcing, way: Way, span: Span, trail: tuple[str, ...] = ()) -> tuple[Fraction, Fraction]:
    """Return the least and the greatest share of the cost of a process's inputs that is made in the US.

    A cell or part counts by where it is made; a product assembled of such parts counts by its own inputs, and not at
    all where it is assembled elsewhere. Conversion is not counted.
    """
    parts = []
    for item, units in way.inputs:
        low, high = price(source, item, span)
        made = [_us_made(source, each, span, trail) for each in source.ways.get(item, ())] or [(ZERO, ONE)]
        share = (min(least for least, _ in made), max(most for _, most in made))
        parts.append(Part(item, low * units, None if high is None else high * units, *share))
    return barred_share(parts)


def _us_made(source: Sourcing, way: Way, span: Span, trail: tuple[str, ...]) -> tuple[Fraction, Fraction]:
    """Return the share of an item that is made in the US, by one way to have it."""
    item = source.items[way.item]
    if (way.country if way.made else item["origin"] or way.country) != "US":
        return ZERO, ZERO
    assembled = way.made and way.inputs and item["stage"] in ("module", "pack", "system")
    if not assembled:
        return ONE, ONE
    return (ZERO, ONE) if way.item in trail else us_share(source, way, span, (*trail, way.item))


def system_ratio(
    source: Sourcing, way: Way, standing: Standing, regime: str, year: int
) -> tuple[Ratio, tuple[Reason, ...]]:
    """Return the material ratio of a system made by a process, by acquisition cost, and the reasons behind it.

    A part of a barred maker counts in full; a part that another makes within the chain counts by its own inputs, down
    to cells. Standing is that of the last day of the year, prices those of the year; conversion is not counted.
    """
    end = dt.date(year, 12, 31)
    span = (dt.date(year, 1, 1), end)
    parts, reasons = input_parts(source, way, lambda partner: standing(partner, regime, end), span, False)
    return of(parts), reasons


def qualifies(source: Sourcing, standing: Standing, asked: Terms, item: str) -> Verdict:
    """Say whether a buyer may claim a credit on its terms of a year for an item, as far as it is known.

    Construction begins in that year. The buyer himself is taken not to be barred.
    """
    row, credit, rule = source.items[item], asked.credit, asked.least
    least = credit["min_kwh"]
    if least is not None and exact(row["kwh"]) < exact(least):
        change = Reason(f"several in one system of at least {least:g} kWh", kind="would change")
        text = f"{item} holds {row['kwh']:g} kWh, less than {least:g} kWh"
        return Verdict("no", (Reason(text, (credit["credit_id"],)), change))
    buyer = said("yes", "the buyer is taken not to be barred himself", (credit["credit_id"],), "assumption", "assumed")
    if rule is None:
        return all_of([said("yes", f"no ratio of its materials is asked in {asked.year}, as the law is known"), buyer])
    ways = source.ways.get(item, ()) or (None,)
    tests = ((way.name if way else item, _way(source, standing, asked, rule, item, way)) for way in ways)
    return all_of([alike(tests), buyer])


def _way(source: Sourcing, standing: Standing, asked: Terms, rule: Row, item: str, way: Way | None) -> Verdict:
    """Say whether an item by one of its ways has the least share of materials that are not of barred makers."""
    regime, end = asked.credit["material_regime"], dt.date(asked.year, 12, 31)
    made = made_by(source, item, way, lambda partner: standing(partner, regime, end))
    led = (rule["incentive_id"],)
    if made.answer == "yes":
        change = Reason(f"{item} of another maker", kind="would change")
        return Verdict("no", (*made.reasons, change, Reason("a barred maker's product counts in full", led)))
    if way is None or not way.made:
        text = f"what goes into {item} is not seen; it is taken to be as its maker is"
        seen = said("yes", text, led, "assumption", "assumed")
        return made if made.answer == "unknown" else Verdict("yes", (*seen.reasons, *made.reasons))
    found, behind = system_ratio(source, way, standing, regime, asked.year)
    least = value_of(rule) / 100
    low, doubt = (found.low, ()) if made.answer == "no" else (ZERO, made.reasons)
    answer = compared(low, found.high, "at least", least)
    share = f"{percent(low, found.high)} of the inputs of {way.name} by cost are not of barred makers"
    text = f"{share}, {percent(least, least)} are asked; conversion is not counted"
    verdict = said(answer, text, led, str(rule["confidence"]))
    advice = found.advice(least)
    change_to = (Reason(advice, kind="would change"),) if advice else ()
    return Verdict(answer, (*verdict.reasons, *doubt, *behind, *change_to))


def worth(price_usd: float, kwh: float, credit: Rate, verdict: Verdict) -> tuple[float, float]:
    """Return what a system is worth more to its buyer because it qualifies, USD per kWh: least and most.

    `price_usd` and `kwh` of the system. Both are zero where it does not qualify, and apart where that is not known.
    """
    full = float(credit.share) * price_usd / kwh
    return (full if verdict.answer == "yes" else 0.0), (0.0 if verdict.answer == "no" else full)


def premiums(chain: Chain, law: Law, standing: Standing, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return what the credit of buyers adds to the price of the items that they want, from first to last.

    Columns: segment, item, credit, valid_from, valid_to, price_share (share of the price: the part of the credit that
    the segment passes on), answer (yes, no, unknown: whether the item earns it), because, rows, confidence. Without the
    bonuses, which depend on the project. Segments are those of regime tax_credit that pass something on.
    """
    source = sourcing(chain)
    buyers = law.credits.filter(pl.col("claimant") == "buyer").to_dicts()
    years = range(first.year, last.year + 1)
    granted = {c["credit_id"]: [t for year in years if (t := terms(law, c, year)) is not None] for c in buyers}
    passing = chain.segments.filter((pl.col("regime") == "tax_credit") & (pl.col("passes_on") > 0))
    wanted = chain.demand.select("want", "segment").unique(maintain_order=True).join(chain.wants, on="want")
    pairs = passing.join(wanted, on="segment").select("segment", "item", "passes_on").unique(maintain_order=True)
    rows = []
    for segment, item, passes_on in pairs.iter_rows():
        for credit in buyers:
            if is_component(credit, source.items[item]):
                held = [asked for asked in granted[credit["credit_id"]] if asked.kept]
                rows += _joined([_premium(source, standing, asked, segment, item, passes_on) for asked in held])
    return _cut(pl.DataFrame(rows, schema=PREMIUM_SCHEMA, orient="row"), first, last)


def _premium(
    source: Sourcing, standing: Standing, asked: Terms, segment: str, item: str, passes_on: float
) -> tuple[Any, ...]:
    """Return the row of a premium for a year."""
    verdict = qualifies(source, standing, asked, item)
    earned = [asked.rate] if asked.factor is None else [asked.rate, asked.factor]
    led = [asked.credit["credit_id"], *(row["incentive_id"] for row in earned)]
    rows = ";".join(dict.fromkeys([*led, *(row for reason in verdict.reasons for row in reason.rows)]))
    start, end = dt.date(asked.year, 1, 1), dt.date(asked.year, 12, 31)
    share = float(value_of(asked.rate) / 100 * asked.kept * exact(passes_on))
    trust = worst(verdict.confidence, *(row["confidence"] for row in earned))
    return segment, item, led[0], start, end, share, verdict.answer, verdict.because, rows, trust


def _cut(pieces: pl.DataFrame, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return pieces of time cut to the days from first to last."""
    return pieces.with_columns(
        valid_from=pl.max_horizontal("valid_from", pl.lit(first)), valid_to=pl.min_horizontal("valid_to", pl.lit(last))
    )


def _joined(years: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return yearly rows with neighbours that say the same joined."""
    joined: list[tuple[Any, ...]] = []
    for row in years:
        before = joined[-1] if joined else None
        if before and before[4] + dt.timedelta(days=1) == row[3] and before[5:] == row[5:]:
            joined[-1] = (*before[:4], *row[4:])
        else:
            joined.append(row)
    return joined
