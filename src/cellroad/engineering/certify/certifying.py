"""Which certificates does a product need, in which order, how long and what do they cost?

Every step (a standard at a level) is needed, not needed or unknown, with the rows of facts that led to it. A step
comes after others: cell before pack before system, and UN 38.3 before anything is shipped to a laboratory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

from cellroad.chain import facts
from cellroad.chain.day import Day, as_day
from cellroad.engineering.certify.applying import Ruling, apply
from cellroad.engineering.certify.product import Product

COLUMNS = {
    "step": pl.String, "standard": pl.String, "level": pl.String, "kind": pl.String, "answer": pl.String,
    "because": pl.String, "missing": pl.String, "held": pl.Boolean, "after": pl.String, "weeks_low": pl.Float64,
    "weeks_high": pl.Float64, "cost_usd_low": pl.Float64, "cost_usd_high": pl.Float64, "samples": pl.String,
    "valid_from": pl.Date, "demanded_by": pl.String, "notes": pl.String, "rows": pl.String, "confidence": pl.String,
}  # fmt: skip
TRUST = ("verified", "reported", "unverified")


def certify(product: Product, *, held: Sequence[str] = (), on: Day | None = None) -> pl.DataFrame:
    """Return every step of certification for a product: needed first, then unknown, then not needed.

    step (standard and level), standard, level, kind, answer (needed, not needed, unknown), because, missing (what
    would settle an unknown), held (already there: no time, no cost), after (needed or unknown steps before it,
    separated by ';'), weeks_low, weeks_high, cost_usd_low, cost_usd_high, samples, valid_from, demanded_by, notes,
    rows (ids of facts), confidence (of the weakest of them). `held` names steps that are there already, such as "UN
    38.3 cell" of a cell that is bought with its test summary. `on` asks for a day: what comes into force later is not
    needed yet. Raises ValueError for a step held that there is not.
    """
    day = None if on is None else as_day(on)
    rules: dict[str, list[Ruling]] = {}
    for rule in facts.table("certification_rules").iter_rows(named=True):
        rules.setdefault(step(rule), []).append(apply(rule, product, day))
    strange = [name for name in held if name not in rules]
    if strange:
        raise ValueError(f"no step {', '.join(strange)}; there are {', '.join(rules)}")
    decided = {name: _decided(rulings) for name, rulings in rules.items()}
    asked = {name for name, rulings in decided.items() if rulings[0].answer != "not needed"}
    known = {row["cert_id"]: row for row in facts.certifications().iter_rows(named=True)}
    rows = [_row(name, rulings, asked, name in held, known) for name, rulings in decided.items()]
    order = pl.col("answer").replace_strict({"needed": 0, "unknown": 1, "not needed": 2})
    return pl.DataFrame(rows, schema=COLUMNS, orient="row").sort(order, maintain_order=True)


def step(row: dict[str, Any]) -> str:
    """Return the name of the step of a row: its standard and level."""
    return f"{row['standard']} {row['level']}"


def _decided(rulings: list[Ruling]) -> list[Ruling]:
    """Return the rulings that decide: the needed ones, else the unknown ones, else all."""
    for answer in ("needed", "unknown"):
        deciding = [ruling for ruling in rulings if ruling.answer == answer]
        if deciding:
            return deciding
    return rulings


def _row(
    name: str, rulings: list[Ruling], asked: set[str], held: bool, known: dict[str, dict[str, Any]]
) -> tuple[Any, ...]:
    rule = rulings[0].rule
    fact = known[rule["cert_id"]]
    effort = [
        None if fact[column] is None else fact[column] * rule["effort_share"]
        for column in ("weeks_low", "weeks_high", "cost_usd_low", "cost_usd_high")
    ]
    after = [before for before in rule["after"].split(";") if before in asked]
    from_day: dt.date | None = rule["valid_from"]
    trusted = [fact["confidence"], *(ruling.rule["confidence"] for ruling in rulings)]
    return (
        name, rule["standard"], rule["level"], rule["kind"], rulings[0].answer,
        " / ".join(dict.fromkeys(ruling.because for ruling in rulings)),
        "; ".join(dict.fromkeys(question for ruling in rulings for question in ruling.missing)),
        held, ";".join(after), *([0.0] * 4 if held else effort), rule["samples"], from_day, fact["demanded_by"],
        "; ".join(dict.fromkeys(text for text in (rule["notes"], fact["notes"]) if text)),
        ";".join([*(ruling.rule["rule_id"] for ruling in rulings), rule["cert_id"]]),
        max(trusted, key=TRUST.index),
    )  # fmt: skip
