"""What does it cost to bring an item along a route, and how long does it take?

Freight and surcharge leg by leg; insurance, duty and fees where the route enters the country of its end; and the money
tied up on the way. What the price already includes (C and D rules) is shown as a bar of zero that says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cellroad.chain import facts
from cellroad.chain.finding import ChainError, Finding
from cellroad.rules.bars import Bar, Behind, Cost, behind
from cellroad.rules.duties import COUNTED, DutyTotal, total
from cellroad.rules.fees import fee_rates, hmf_usd, mpf_usd
from cellroad.rules.incoterms import TERMS, customs_value
from cellroad.rules.lead import lead
from cellroad.rules.question import Question, Supply

DAYS_PER_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Brought:
    """An item at the end of its route: its cost there, the duty of the crossing, the way from order to arrival."""

    cost: Cost
    duty: DutyTotal
    lead: pl.DataFrame


def bring(question: Question, goods: dict[str, Any], legs: pl.DataFrame, supply: Supply) -> Brought:
    """Return an item at the end of its legs. Raises ChainError for a code or a day for which there are no rules."""
    entry = entry_leg(legs)
    home = question.site(supply.site)
    stages = lead(legs, entry, question.on, supply.make_days, home["calendar"] or home["country"])
    freight = _freight(legs, entry, supply)
    duty, border = _border(question, goods, legs, entry, supply, stages)
    cost = supply.cost + freight + border
    return Brought(cost + _carrying(question, supply.cost.usd, stages), duty, stages)


def entry_leg(legs: pl.DataFrame) -> int:
    """Return the number of the leg on which goods enter the country of their destination; the last where none does."""
    if legs.is_empty():
        return -1
    country = legs["country_to"][-1]
    crossing = legs["crosses"] & (legs["country_to"] == country)
    return int(crossing.arg_true()[-1]) if crossing.any() else legs.height - 1


def _freight(legs: pl.DataFrame, entry: int, supply: Supply) -> Cost:
    """Return a bar per leg, and one for its surcharge; the seller pays up to the crossing under C and D rules."""
    crosses = legs["crosses"].any()
    bars: list[Bar] = []
    for number, leg in enumerate(legs.iter_rows(named=True)):
        origin = behind("lanes", "lane", leg)
        label = f"{leg['origin']} to {leg['destination']}, {leg['mode']}"
        paid = crosses and number <= entry and TERMS[supply.incoterm].freight
        if paid:
            origin = replace(origin, note=f"in the price ({supply.incoterm})")
        kind = "freight" if leg["crosses"] else "inland freight"
        basis = f"${leg['cost_usd']:,.4g} per {leg['cost_per']}"
        bars.append(Bar(kind, label, 0.0 if paid else leg["carriage_usd"], None, basis, origin))
        if leg["surcharge_usd"]:
            basis = f"${leg['dg_usd']:,.4g} per container of {leg['container_kg']:,.6g} kg"
            bars.append(Bar("dangerous goods", label, 0.0 if paid else leg["surcharge_usd"], None, basis, origin))
    return Cost(tuple(bars))


def _border(
    question: Question, goods: dict[str, Any], legs: pl.DataFrame, entry: int, supply: Supply, stages: pl.DataFrame
) -> tuple[DutyTotal, Cost]:
    """Return the duty of the crossing, and insurance, duty and fees as bars."""
    country = question.site(supply.site)["country"]
    if entry < 0 or not legs["crosses"][entry]:
        return total(country, country, None, question.on), Cost()
    leg = legs.row(entry, named=True)
    term = TERMS[supply.incoterm]
    share = question.chain.plan_settings().insurance_share
    insurance = supply.customs_usd * share
    loaded = stages.filter(pl.col("stage") == "transit").row(entry, named=True)["start"]
    try:
        duty = total(
            leg["country_to"], goods["origin"] or country, goods["hts"], question.on, loaded, question.as_known,
            question.preference,
        )  # fmt: skip
        freight = sum(leg["carriage_usd"] + leg["surcharge_usd"] for leg in legs.head(entry + 1).iter_rows(named=True))
        value = customs_value(supply.customs_usd, supply.incoterm, freight, insurance, duty.rate_pct / 100)
    except ValueError as wrong:
        raise ChainError([_unpriceable(goods, str(wrong))]) from None
    cover = Bar(
        "insurance", "Cargo insurance", 0.0 if term.insurance else insurance, 100 * share,
        f"price ${supply.customs_usd:,.4g}",
        Behind(source="settings insurance_share", note=f"in the price ({supply.incoterm})" if term.insurance else ""),
    )  # fmt: skip
    due = Cost(
        tuple(_duty_bar(row, value, supply.incoterm) for row in duty.layers.filter(COUNTED).iter_rows(named=True)),
        0.0 if term.duty else value * (duty.rate_pct - duty.low_pct) / 100,
        duty.high_pct is not None or term.duty,
    )
    return duty, Cost((cover,)) + due + _fees(question, goods, leg, value, supply.incoterm)


def _duty_bar(layer: dict[str, Any], value: float, incoterm: str) -> Bar:
    usd = 0.0 if TERMS[incoterm].duty else value * layer["added_pct"] / 100
    remarks = [
        f"in the price ({incoterm})" if TERMS[incoterm].duty else "",
        "" if layer["state"] == "in force" else layer["state"] + (", refundable" if layer["state"] == "void" else ""),
        layer["note"],
    ]
    return Bar(
        f"duty:{layer['program']}", f"{layer['program']} {layer['hts']}".strip(), usd, layer["added_pct"],
        f"customs value ${value:,.4g}",
        Behind(layer["rule_id"], layer["source_id"], layer["confidence"], "; ".join(filter(None, remarks))),
    )  # fmt: skip


def _fees(question: Question, goods: dict[str, Any], leg: dict[str, Any], value: float, incoterm: str) -> Cost:
    """Return the fees of the entry, none where the facts have none for the importer."""
    rows = facts.fees(on=question.on).filter(pl.col("importer") == leg["country_to"])
    if rows.is_empty():
        return Cost()
    columns = {
        "value_usd": value,
        "mode": leg["mode"],
        "mass_kg": goods["mass_kg"],
        "container_kg": leg["container_kg"],
    }
    unit = pl.DataFrame([columns | fee_rates(question.on)]).select(mpf=mpf_usd(), hmf=hmf_usd()).row(0, named=True)
    in_price = f"in the price ({incoterm})" if TERMS[incoterm].duty else ""
    bars = [
        Bar(
            kind, row["name"].capitalize(), 0.0 if in_price else unit[kind], row["rate_pct"],
            f"customs value ${value:,.4g}" + (", one entry per container" if row["min_usd"] else ""),
            Behind(row["fee_id"], row["source_id"], row["confidence"], in_price or row["notes"]),
        )
        for row in rows.iter_rows(named=True)
        if unit[kind := row["fee"].lower()]
    ]  # fmt: skip
    return Cost(tuple(bars))


def _carrying(question: Question, usd: float, stages: pl.DataFrame) -> Cost:
    """Return the cost of the money tied up from the hand-over to the arrival."""
    way = stages.filter(pl.col("stage").is_in(["wait", "transit", "clear"]))
    if way.is_empty():
        return Cost()
    share = question.chain.plan_settings().carrying_per_year
    days = int(way["days"].sum())
    bar = Bar(
        "carrying", f"{days} days on the way", usd * share * days / DAYS_PER_YEAR, 100 * share * days / DAYS_PER_YEAR,
        f"{100 * share:.3g} % a year of ${usd:,.4g}", Behind(source="settings carrying_per_year"),
    )  # fmt: skip
    return Cost((bar,))


def _unpriceable(goods: dict[str, Any], problem: str) -> Finding:
    column = "hts" if "tariff code" in problem else "incoterm" if "price" in problem else "on"
    table = {"hts": "items", "incoterm": "offers"}.get(column, "fees")
    return Finding("blocker", table, None, column, problem, f"what is needed to land {goods['item']!r}", "Correct it.")
