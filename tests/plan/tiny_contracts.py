"""Tiny random chains with contracts and tiers, few enough to try every decision."""

import datetime as dt
import random
from typing import Any

from tests.plan.tiny import Rows, random_rows
from tests.plan.tiny_law import first_day, later

MOST_PROGRAMMES = 150
"""Linear programmes that the enumeration of one chain may take."""


def agreed_rows(r: random.Random) -> Rows:
    """Draw a tiny chain with contracts, half of them over the end of a year."""
    rows = _plain(r)
    start = first_day(rows)
    offers = [row for row in rows["offers"] if row["item"] == "cell"]
    rows["contracts"] = []
    for n in range(r.choice([1, 1, 2])):
        first = r.choice([None, None, start, start + dt.timedelta(days=20)])
        row: dict[str, Any] = {
            "contract": f"c{n}", "offer": r.choice(offers)["offer"], "status": r.choice(["open", "open", "signed"]),
            "required": r.choice(["yes", "no"]), "min_per_year": float(r.choice([0, 60, 240, 600])),
            "max_per_year": r.choice([None, None, 300.0, 900.0]), "years": r.choice(["calendar", "contract"]),
            "take_or_pay_share": r.choice([1.0, 1.0, 0.5, 0.0]), "make_up_years": r.choice([0, 0, 1]),
            "prepaid_share": r.choice([0.0, 0.0, 0.2]), "credit_share": r.choice([None, 0.5]),
            "signs_by": r.choice([None, start, start + dt.timedelta(days=40)]), "valid_from": first,
            "valid_to": r.choice([None, None, start + dt.timedelta(days=50)]), "one_of": r.choice(["", "", "deal"]),
        }  # fmt: skip
        if row["max_per_year"] is not None:
            row["max_per_year"] = max(row["max_per_year"], row["min_per_year"])
        if row["status"] == "signed":
            row |= {"one_of": "", "take_or_pay_share": 1.0}  # what binds already can be kept
        elif row["required"] == "yes" and r.random() < 0.7:  # worth signing
            rows["demand"] = [{**wanted, "price_usd": wanted["price_usd"] + 100.0} for wanted in rows["demand"]]
        rows["contracts"].append(row)
    return rows


def tiered_rows(r: random.Random) -> Rows:
    """Draw a tiny chain with prices that change with the quantity, up or down, for all units or for more."""
    rows = _plain(r)
    rows["tiers"] = []
    left = MOST_PROGRAMMES
    for offer in [row for row in rows["offers"] if row["item"] == "cell"]:
        offer |= {"tier_kind": r.choice(["incremental", "all_units"]), "tier_per": r.choice(["year", "year", "period"])}
        months = int(next(row["value"] for row in rows["settings"] if row["name"] == "months"))
        groups = months if offer["tier_per"] == "period" else 2
        tiers = r.choice([1, 2]) if left >= 3**groups else 1 if left >= 2**groups else 0
        left //= (tiers + 1) ** groups
        for n in range(tiers):
            row = {"offer": offer["offer"], "from_quantity": float((n + 1) * r.choice([20, 60]) + n),
                   "price_usd": None, "discount_share": r.choice([0.5, 0.3, 0.1, -0.1])}  # fmt: skip
            if offer["tier_per"] == "year":
                row["from_quantity"] *= 6
            if offer["index"] is None and r.random() < 0.5:
                row |= {"discount_share": None, "price_usd": float(r.randint(5, 20))}
            rows["tiers"].append(row)
    return rows


def _plain(r: random.Random) -> Rows:
    """Draw a chain without whole decisions beside its starts, over the end of a year in half of the draws."""
    rows = random_rows(r)
    for offer in rows["offers"]:
        offer |= {"moq": 0.0, "lag_months": 0}
        if offer.get("index") is not None:
            offer["lag_months"] = r.choice([0, 1, 2])
            offer |= {"floor_usd": r.choice([None, 10.0]), "cap_usd": r.choice([None, 12.0])}
    return later(rows, 10) if r.random() < 0.5 else rows


def sourced_rows(r: random.Random) -> Rows:
    """Draw a tiny chain with limits on where its cells and parts come from, and perhaps a contract."""
    rows = agreed_rows(r)
    for row in rows["contracts"]:
        row |= {"min_per_year": min(row["min_per_year"], 60.0), "take_or_pay_share": 1.0}
    rows["contracts"] = rows["contracts"][: r.choice([0, 1])]
    rows["partners"] = [{"partner": name, "name": name, "country": "US"} for name in "ab"]
    for row in rows["sites"]:
        row["partner"] = r.choice(["a", "b", None]) if row["kind"] == "vendor" else None
    for row in rows["items"]:
        row |= {
            "maker": r.choice(["a", "b", None, None]),
            "origin": r.choice(["US", "CN", None, None]),
            "chemistry": None,
        }
        row["chemistry"] = r.choice(["lfp", "lfp", None]) if row["item"] != "pack" else None
    start = first_day(rows)
    vendors = [row["site"] for row in rows["sites"] if row["kind"] == "vendor"]
    rows["sourcing"] = []
    for n in range(r.choice([1, 1, 2])):
        site = r.choice([None, None, None, "p0"])
        rule: dict[str, Any] = dict.fromkeys(
            ("item", "stage", "partner", "country", "seller", "contract", "min_share", "max_share", "min_sources",
             "min_per_year", "max_per_year", "valid_from", "valid_to"),
        ) | {"rule": f"r{n}", "site": site, "chemistry": r.choice(["", "", "", "lfp"])}  # fmt: skip
        rule |= r.choice([{"item": "cell"}, {"item": "cell"}, {"stage": "cell"}, {}])
        rule["measure"] = r.choice(["units", "kwh"] if site else ["units", "kwh", "usd"])
        rule |= {"valid_from": r.choice([None, None, start + dt.timedelta(days=20)]),
                 "valid_to": r.choice([None, None, start + dt.timedelta(days=45)])}  # fmt: skip
        if rows["contracts"] and r.random() < 0.5:
            rule["contract"] = "c0"
        kind = r.choice(["named", "named", "each", "several"])
        if kind == "named":
            rule |= r.choice(
                [{"partner": "a"}, {"country": "US"}, {"seller": vendors[-1]} if not site else {"partner": "b"}]
            )
            if rule["contract"] and not site and r.random() < 0.5:
                rule |= {"partner": None, "country": None, "seller": None}
            rule |= r.choice([{"min_share": 0.4}, {"max_share": 0.6}, {"min_share": 1.0}, {"max_per_year": 120.0}])
        elif kind == "each":
            rule |= {"max_share": r.choice([0.5, 0.7])}
            if rule["contract"]:
                rule |= {"min_sources": 1}
        else:
            rule |= {"min_sources": 2, "min_share": r.choice([0.1, 0.3])}
        rows["sourcing"].append(rule)
    return rows
