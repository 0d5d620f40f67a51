"""A tiny random law for a tiny random chain: bans, premiums and credits, few enough to enumerate every claim.

`random_law` gives the rows of the chain, with more ways to make a pack, and the rows of the law by frame; `rules_of`
makes an `Eligibility` of them. Half of the chains begin in November, so that they reach over the end of a tax year.
"""

import calendar
import datetime as dt
import random
from math import log2
from typing import Any

import polars as pl
from tests.plan.reference import Reference
from tests.plan.tiny import Rows

from cellroad.rules.eligibility import BAN_SCHEMA, CLAIM_SCHEMA, MATERIAL_SCHEMA, PREMIUM_SCHEMA, Eligibility

ANSWERS = ("yes", "yes", "yes", "unknown", "no")
MOST_PROGRAMMES = 400
"""Linear programmes that the enumeration of one chain may take."""


def rules_of(law: Rows) -> Eligibility:
    """Return rows of law as the frames that a plan takes; columns left out are blank, an unknown ban bars."""
    schemas = {
        "bans": BAN_SCHEMA, "claims": CLAIM_SCHEMA, "materials": MATERIAL_SCHEMA, "premiums": PREMIUM_SCHEMA,
    }  # fmt: skip
    return Eligibility(
        **{
            name: pl.DataFrame(
                [
                    {column: row.get(column, "bars" if column == "unknown" else None) for column in schema}
                    for row in law[name]
                ],
                schema=schema,
            )
            for name, schema in schemas.items()
        }
    )


def random_law(r: random.Random, rows: Rows) -> tuple[Rows, Rows]:
    """Draw a law for the rows of a chain; return the rows, with another way to make a pack, and the law."""
    rows = {table: [dict(row) for row in found] for table, found in rows.items()}
    rows["settings"] += [
        {"name": "when_unknown", "value": r.choice(["against", "for"])},
        {"name": "ratio_over", "value": r.choice(["process", "item", "item"])},
    ]
    if r.random() < 0.85:
        _other_way(rows, r)
    if r.random() < 0.5:
        rows = later(rows, 10)
    if r.random() < 0.7:  # worth making
        rows["demand"] = [{**row, "price_usd": row["price_usd"] + 60.0} for row in rows["demand"]]
    start = first_day(rows)
    law: Rows = {"bans": _bans(rows, r, start), "claims": [], "materials": [], "premiums": []}
    if r.random() < 0.3:
        law["premiums"].append(
            {"segment": "commercial", "item": "pack", "credit": "48E", "valid_from": start, "answer": r.choice(ANSWERS),
             "valid_to": r.choice([None, start + dt.timedelta(days=50)]), "price_share": r.choice([0.1, 0.3])}
        )  # fmt: skip
    reference = Reference(rows, law)
    patterns = len(reference._combinations()) * len(reference._orders())
    _claims(law, rows, r, start, max(0, int(log2(MOST_PROGRAMMES / patterns))))
    return rows, law


def first_day(rows: Rows) -> dt.date:
    return dt.date.fromisoformat(next(row["value"] for row in rows["settings"] if row["name"] == "start") + "-01")


def later(rows: Rows, months: int) -> Rows:
    """Return rows with every date so many months later."""

    def moved(value: Any) -> Any:
        if not isinstance(value, dt.date):
            return value
        number = value.year * 12 + value.month - 1 + months
        year, month = number // 12, number % 12 + 1
        ends = value.day == calendar.monthrange(value.year, value.month)[1]
        last = calendar.monthrange(year, month)[1]
        return dt.date(year, month, last if ends else min(value.day, last))

    found = {table: [{name: moved(v) for name, v in row.items()} for row in some] for table, some in rows.items()}
    start = moved(first_day(rows))
    settings = [row for row in found["settings"] if row["name"] != "start"]
    return {**found, "settings": [{"name": "start", "value": f"{start:%Y-%m}"}, *settings]}


def _other_way(rows: Rows, r: random.Random) -> None:
    """Let every plant make packs of another, dearer cell too."""
    cell = next(row for row in rows["items"] if row["item"] == "cell")
    rows["items"].append({**cell, "item": "safe"})
    offer = next(row for row in rows["offers"] if row["item"] == "cell")
    rows["offers"].append(
        {**offer, "offer": "safe", "item": "safe", "price_usd": float(r.randint(12, 30)), "moq": 0.0, "valid_to": None,
         "index": None, "max_per_month": r.choice([None, 40.0])}
    )  # fmt: skip
    for process in list(rows["processes"]):
        rows["processes"].append({**process, "process": f"{process['process']}-safe"})
        for used in [row for row in rows["bom"] if row["process"] == process["process"]]:
            item = "safe" if used["item"] == "cell" else used["item"]
            rows["bom"].append({**used, "process": f"{process['process']}-safe", "item": item})


def _bans(rows: Rows, r: random.Random, start: dt.date) -> list[dict[str, Any]]:
    found = []
    for _ in range(r.choice([0, 0, 1, 2])):
        begin = start + dt.timedelta(days=r.choice([-40, 0, 10, 31, 45, 75]))
        end = r.choice([None, begin + dt.timedelta(days=25)])
        ban = {"ban": "B", "item": r.choice(["pack", "pack", "cell", "safe"]), "answer": r.choice(ANSWERS[:4]),
               "valid_from": begin, "valid_to": end, "because": "listed",
               "unknown": ("bars", "passes")[len(found)]}  # fmt: skip
        binds = r.choice(["defence", "buyer", "buyer", "import:US", "export:CN"])
        if ":" in binds:
            found.append({**ban, "binds": binds, "country": binds[-2:]})
        else:
            found.append({**ban, "binds": binds, "segment": "commercial" if binds == "buyer" else "defence"})
    return found


def _claims(law: Rows, rows: Rows, r: random.Random, start: dt.date, most_groups: int) -> None:
    """Add claims for every process that the draw takes, of which at most so many groups have a ratio."""
    shared = next(row["value"] for row in rows["settings"] if row["name"] == "ratio_over") == "item"
    years = [start.year, start.year + 1] if start.month > 6 else [start.year]
    taxpayer = {site: r.choice(["t", "t", site]) for site in {row["site"] for row in rows["processes"]}}
    on_cost, least = r.random() < 0.3, r.choice([None, 0.3, 0.5, 0.5, 0.8])
    amount = {year: r.choice([5.0, 20.0, 60.0]) for year in years}
    groups: set[Any] = set()
    for row in rows["processes"]:
        if r.random() < 0.15:
            continue
        answer = r.choice(ANSWERS)
        guilty = {"cell": ["yes", "yes", "no"], "safe": ["no", "no", "no", "unknown"], "part": ["yes", "no"]}
        barred = {item: r.choice(said) for item, said in guilty.items()}
        for year in years:
            group = year, taxpayer[row["site"]] if shared else row["process"]
            asked = least if len(groups | {group}) <= most_groups else None
            groups |= {group} if asked is not None else set()
            law["claims"].append(
                {"process": row["process"], "site": row["site"], "item": row["item"], "credit": "45X",
                 "taxpayer": taxpayer[row["site"]], "program": "45X", "component": "module", "year": year,
                 "usd_per_unit": None if on_cost else amount[year], "cost_share": 0.1 if on_cost else None,
                 "answer": answer, "least_share": asked, "because": "made here", "confidence": "verified"}
            )  # fmt: skip
            law["materials"] += [
                {"process": row["process"], "credit": "45X", "year": year, "input": used["item"],
                 "barred": barred[used["item"]]}
                for used in rows["bom"] if used["process"] == row["process"] and r.random() < 0.95
            ]  # fmt: skip
