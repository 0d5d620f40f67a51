"""Tiny random chains whose goods age, wait, come back, stand in for each other and come out beside others.

A vendor sells cells, foil and film; a plant makes packs of them, and a recycler at the plant takes used packs; a market
wants packs and takes scrap metal. Months only, no borders, no holding cost and nothing left at the end, so that the
standard cost of goods plays no part; which rules a chain asks for is drawn.
"""

import datetime as dt
import random
from typing import Any

from tests.plan.tiny import Rows, month

PLACE = {"name": "", "country": "US", "calendar": "none"}
LANE = {"mode": "truck", "cost_per": "unit", "transit_days": 0.0}


def goods_rows(r: random.Random) -> Rows:
    """Draw a chain; each rule of goods over time is in about one of three."""
    months = r.choice([3, 4, 5])

    def asked(chance: float = 0.35) -> bool:
        return r.random() < chance

    item: dict[str, dict[str, Any]] = {
        name: {"item": name, "name": "", "stage": stage, "kwh": kwh, "mass_kg": 1.0, "volume_l": 1000 * kwh}
        for name, stage, kwh in (
            ("cell", "cell", 1.0), ("foil", "component", 0.0), ("film", "component", 0.0), ("pack", "pack", 2.0),
            ("used", "pack", 0.0), ("metal", "material", 0.0),
        )
    }  # fmt: skip
    for name in ("cell", "foil", "pack"):
        if asked():
            item[name]["shelf_months"] = r.choice([0.5, 1.0, 2.0, 3.0])
        if asked(0.2):
            item[name]["loss_per_month"] = r.choice([0.05, 0.2])
    for name in item:
        # what can be made into something else costs nothing to scrap: a plan makes nothing in order to be rid of it
        item[name]["scrap_usd"] = float(r.choice({"used": [0, -1], "metal": [0, -1, 2], "pack": [0, 2]}.get(name, [0])))
    rows: Rows = {
        "settings": [
            {"name": "start", "value": "2027-01"}, {"name": "months", "value": str(months)},
            {"name": "decide_every_months", "value": "1"},
            {"name": "discount_per_year", "value": r.choice(["0", "0.2"])},
            *({"name": name, "value": "0"} for name in
              ("holding_per_year", "terminal_stock_share", "terminal_plant_share")),
        ],
        "sites": [{"site": "v", "kind": "vendor", **PLACE}, {"site": "p", "kind": "pack", **PLACE},
                  {"site": "m", "kind": "market", **PLACE}],
        "items": list(item.values()),
        "offers": [
            {"offer": f"{name}{t}", "site": "v", "item": name, "price_usd": float(r.randint(*price)),
             "valid_from": month(t), "valid_to": month(t + 1) - dt.timedelta(days=1),
             "moq": float(r.choice([0, 0, 0, 15])) if name == "cell" else 0.0,
             "max_per_month": r.choice([None, 25.0]) if name == "cell" else None}
            for name, price in (("cell", (4, 12)), ("foil", (1, 3)), ("film", (1, 4))) for t in range(months)
            if asked(0.8)
        ],
        "lanes": [
            {"lane": "in", "origin": "v", "destination": "p", "cost_usd": 1.0, "transit_months": r.choice([0, 0, 1]),
             **LANE},
            {"lane": "out", "origin": "p", "destination": "m", "cost_usd": 1.0, "transit_months": r.choice([0, 0, 1]),
             **LANE},
        ],
        "resources": [{"resource": "line", "site": "p", "hours_per_month": float(r.choice([8, 12, 40])),
                       "status": "option"}],
        "options": [{"option": "build", "resource": "line", "earliest": month(0), "latest": month(1),
                     "capex_usd": float(r.choice([0, 50, 400]))}],
        "processes": [{"process": "make", "site": "p", "item": "pack", "resource": "line", "hours_per_unit": 1.0,
                       "cost_usd": 2.0, "yield_share": r.choice([1.0, 0.9])}],
        "bom": [{"process": "make", "item": "cell", "quantity": 2.0, "scrap_share": r.choice([0.0, 0.1])},
                {"process": "make", "item": "foil", "quantity": 1.0, "scrap_share": 0.0}],
        "wants": [{"want": "w", "item": "pack", "quantity": 1.0, "price_adder_usd": 0.0}],
        "demand": [], "stocks": [], "pipeline": [], "coproducts": [], "substitutes": [], "returns": [],
    }  # fmt: skip
    _demand(rows, r, months, asked())
    if asked():
        rows["pipeline"] = [
            {"arrival": f"a{n}", "site": site, "item": name, "arrives": month(r.randrange(months)) + dt.timedelta(9),
             "quantity": float(r.randint(3, 20)), "due_usd": float(r.choice([0, 3])),
             "age_months": r.choice([0.0, 1.0])}
            for n, (site, name) in enumerate(r.sample([("p", "cell"), ("p", "used"), ("m", "pack")], 2))
        ]  # fmt: skip
    if asked():
        rows["coproducts"].append({"process": "make", "item": "metal", "quantity": r.choice([0.5, 2.0])})
    if asked(0.5):
        rows["substitutes"].append(
            {"process": "make", "instead_of": "foil", "item": "film", "ratio": r.choice([1.0, 1.5]),
             "most_share": r.choice([1.0, 0.5]), "cost_usd": float(r.choice([0, 1])),
             "valid_from": r.choice([None, dt.date(2027, 1, 20)]), "valid_to": r.choice([None, dt.date(2027, 3, 10)])}
        )  # fmt: skip
    if asked(0.5):
        rows["returns"].append(
            {"market": "m", "item": "pack", "returned": "used", "site": "p", "after_months": r.choice([0.0, 0.5, 1.0]),
             "return_share": r.choice([0.5, 1.0]), "cost_usd": float(r.choice([0, 1]))}
        )  # fmt: skip
    if asked(0.5):
        rows["processes"].append({"process": "recycle", "site": "p", "item": "cell", "resource": None,
                                  "hours_per_unit": 0.0, "cost_usd": 1.0, "yield_share": 0.8})  # fmt: skip
        rows["bom"].append({"process": "recycle", "item": "used", "quantity": 1.0, "scrap_share": 0.0})
        rows["coproducts"].append({"process": "recycle", "item": "metal", "quantity": 0.5})
    if asked():
        rows["wants"].append({"want": "metal", "item": "metal", "quantity": 1.0, "price_adder_usd": 0.0})
        rows["lanes"].append({"lane": "metal", "origin": "p", "destination": "m", "cost_usd": 0.0,
                              "transit_months": 0, **LANE})  # fmt: skip
        rows["demand"] += [{"market": "m", "want": "metal", "month": month(t), "quantity": 6.0, "price_usd": 3.0,
                            "short_usd": 0.0} for t in range(months)]  # fmt: skip
    _stocks(rows, r, asked)
    return rows


def _demand(rows: Rows, r: random.Random, months: int, waits: bool) -> None:
    for t in range(months):
        if r.random() < 0.8:
            row = {"market": "m", "want": "w", "month": month(t), "quantity": float(r.randint(1, 15)),
                   "price_usd": float(r.randint(25, 60)), "short_usd": float(r.choice([0, 10]))}  # fmt: skip
            if waits:
                row |= {"late_months": float(r.choice([0, 1, 2])), "late_usd": float(r.choice([0, 2, 8])),
                        "late_share": r.choice([1.0, 0.5])}  # fmt: skip
            rows["demand"].append(row)


def _stocks(rows: Rows, r: random.Random, asked: Any) -> None:
    for site, item in (("p", "cell"), ("m", "pack"), ("v", "cell")):
        row: dict[str, Any] = {"site": site, "item": item}
        if asked():
            row |= {"on_hand": float(r.randint(2, 20)), "age_months": r.choice([0.0, 1.0])}
        if asked():
            row |= {
                "min_units": float(r.choice([0, 4])),
                "min_days": float(r.choice([0, 10, 45])),
                "below_usd": float(r.choice([1, 50])),
                "min_from": r.choice([None, dt.date(2027, 2, 10)]),
            }
        if asked(0.2):
            row["max_on_hand"] = row.get("on_hand", 0.0) + float(r.choice([0, 5, 20]))
        if asked(0.2):
            row["shelf_months"] = r.choice([1.0, 2.0])
        if len(row) > 2:
            rows["stocks"].append(row)
    if asked(0.2):
        rows["sites"][1]["storage_m3"] = float(r.choice([3, 10]))
