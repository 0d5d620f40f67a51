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
from cellroad.rules.credits import is_component
from cellroad.rules.eligibility import PREMIUM_SCHEMA
from cellroad.rules.incentives import figure, value_of
from cellroad.rules.law import Law
from cellroad.rules.makers import Sourcing, Span, Way, alike, input_parts, made_by, said, sourcing, worst
from cellroad.rules.ratio import ONE, ZERO, Ratio, compared, exact, of, percent
from cellroad.rules.verdict import Reason, Standing, Verdict, all_of

Row = dict[str, Any]


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


def us_share(source: Sourcing, way: Way, span: Span) -> tuple[Fraction, Fraction]:
    """Return the least and the greatest share of the cost of inputs that is made in the US, by where each is made.

    What is bought counts by the country of its offer, what the chain makes by the country of the process; conversion
    is not counted.
    """
    parts = []
    for part in input_parts(source, way, lambda _: said("no", ""), span, False)[0]:
        places = {made.country == "US" for made in source.ways.get(part.input, ())} or {False}
        share = (ONE if places == {True} else ZERO, ONE if True in places else ZERO)
        parts.append(type(part)(part.input, part.low, part.high, *share))
    foreign = of(parts)
    return 1 - foreign.high, 1 - foreign.low


def system_ratio(source: Sourcing, way: Way, standing: Standing, regime: str, year: int) -> tuple[Ratio, Verdict]:
    """Return the material ratio of a system made by a process, by acquisition cost, and what it rests on.

    A part of a barred maker counts in full; a part that another makes within the chain counts by its own inputs, down
    to cells. Standing is that of the last day of the year, prices those of the year.
    """
    end = dt.date(year, 12, 31)
    span = (dt.date(year, 1, 1), end)
    parts, reasons = input_parts(source, way, lambda partner: standing(partner, regime, end), span, False)
    made = of(parts)
    return made, Verdict("yes" if not made.low < made.high else "unknown", reasons)


def qualifies(source: Sourcing, law: Law, standing: Standing, credit: Row, item: str, year: int) -> Verdict:
    """Say whether a buyer may claim a credit for an item whose construction begins in a year, as far as it is known.

    The buyer himself is taken not to be barred.
    """
    row, least = source.items[item], credit["min_kwh"]
    if least is not None and exact(row["kwh"]) < exact(least):
        change = Reason(f"several in one system of at least {least:g} kWh", kind="would change")
        text = f"{item} holds {row['kwh']:g} kWh, less than {least:g} kWh"
        return Verdict("no", (Reason(text, (credit["credit_id"],)), change))
    rule = figure(law, credit["ratio_program"], credit["component"], "threshold", dt.date(year, 1, 1))
    buyer = said("yes", "the buyer is taken not to be barred himself", (credit["credit_id"],), "assumption", "assumed")
    if rule is None:
        return all_of([buyer, said("yes", f"no ratio of its materials is asked in {year}, as the law is known")])
    ways = source.ways.get(item, ()) or (None,)
    tests = ((way.name if way else item, _way(source, standing, credit, rule, item, way, year)) for way in ways)
    return all_of([alike(tests), buyer])


def _way(
    source: Sourcing, standing: Standing, credit: Row, rule: Row, item: str, way: Way | None, year: int
) -> Verdict:
    """Say whether an item by one of its ways has the least share of materials that are not of barred makers."""
    regime, end = credit["material_regime"], dt.date(year, 12, 31)
    made = made_by(source, item, way, lambda partner: standing(partner, regime, end))
    led = (rule["incentive_id"],)
    if made.answer == "yes":
        text = f"{item} is of a barred maker: {made.because}"
        return Verdict("no", (Reason(text, led, str(rule["confidence"])), *made.reasons))
    if way is None or not way.made:
        if made.answer == "unknown":
            return made
        text = f"what goes into {item} is not seen; it is taken to be as its maker is"
        return Verdict("yes", (Reason(text, led, "assumption", "assumed"), *made.reasons))
    found, behind = system_ratio(source, way, standing, regime, year)
    least = value_of(rule) / 100
    low = ZERO if made.answer == "unknown" else found.low
    answer = compared(low, found.high, "at least", least)
    text = f"{percent(low, found.high)} of {item} by cost is not of barred makers, {percent(least, least)} are asked"
    verdict = said(answer, text, led, str(rule["confidence"]))
    advice = found.advice(least)
    change = (Reason(advice, kind="would change"),) if advice else ()
    doubt = made.reasons if made.answer == "unknown" else ()
    return Verdict(answer, (*verdict.reasons, *doubt, *behind.reasons, *change))


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
    passing = chain.segments.filter((pl.col("regime") == "tax_credit") & (pl.col("passes_on") > 0))
    wanted = chain.demand.select("want", "segment").unique(maintain_order=True).join(chain.wants, on="want")
    pairs = passing.join(wanted, on="segment").select("segment", "item", "passes_on").unique(maintain_order=True)
    rows = []
    for segment, item, passes_on in pairs.iter_rows():
        for credit in buyers:
            if is_component(credit, source.items[item]):
                years = [
                    _premium(source, law, standing, credit, segment, item, passes_on, year, first, last)
                    for year in range(first.year, last.year + 1)
                ]
                rows += _joined([row for row in years if row is not None])
    return pl.DataFrame(rows, schema=PREMIUM_SCHEMA, orient="row")


def _premium(
    source: Sourcing, law: Law, standing: Standing, credit: Row, segment: str, item: str, passes_on: float, year: int,
    first: dt.date, last: dt.date,
) -> tuple[Any, ...] | None:  # fmt: skip
    """Return the row of a premium for a year, None where there is no credit."""
    earned = rate(law, dt.date(year, 1, 1), program=credit["program"], component=credit["component"])
    if not earned.share:
        return None
    verdict = qualifies(source, law, standing, credit, item, year)
    led = dict.fromkeys([credit["credit_id"], *earned.rows, *(row for r in verdict.reasons for row in r.rows)])
    start, end = max(first, dt.date(year, 1, 1)), min(last, dt.date(year, 12, 31))
    share = float(earned.share * exact(passes_on))
    trust = worst(verdict.confidence, earned.confidence)
    return segment, item, credit["credit_id"], start, end, share, verdict.answer, verdict.because, ";".join(led), trust


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
