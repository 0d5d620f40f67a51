"""Tiny random chains as plain rows, small enough to enumerate every whole decision.

`random_rows` draws from a `random.Random`, so that hypothesis can steer and shrink it (`st.randoms`) and a seed can
repeat it. Rows are dictionaries by table: the reference reads them as they are, the planner through `chain_of`.
"""

import datetime as dt
import random
from typing import Any

import polars as pl

from cellroad.chain.chain import Chain

Rows = dict[str, list[dict[str, Any]]]


def chain_of(rows: Rows, name: str = "tiny") -> Chain:
    frames = {table: pl.DataFrame(found, infer_schema_length=None) for table, found in rows.items() if found}
    return Chain.of(name, **frames)


def month(number: int) -> dt.date:
    return dt.date(2027 + number // 12, number % 12 + 1, 1)


def random_rows(r: random.Random) -> Rows:
    """Draw vendors that sell a cell and a part, plants that make a pack of them, and markets that want it."""
    months = r.choice([2, 3, 4, 4])
    vendors, plants, markets = (range(r.choice([1, 1, 2])) for _ in range(3))
    abroad = r.random() < 0.3
    crosses = "CN" if abroad else "US"
    rows: Rows = {
        "settings": [
            {"name": "start", "value": "2027-01"},
            {"name": "months", "value": str(months)},
            {"name": "quarters_after", "value": r.choice(["24", "24", "1"])},
            {"name": "years_after", "value": r.choice(["600", "600", "1"])},
            {"name": "decide_every_months", "value": r.choice(["1", "2"])},
            {"name": "discount_per_year", "value": r.choice(["0", "0.1", "0.3"])},
            {"name": "holding_per_year", "value": r.choice(["0", "0.04", "0.2"])},
            {"name": "terminal_stock_share", "value": r.choice(["0", "0.8", "0.95"])},
            {"name": "terminal_plant_share", "value": r.choice(["0", "1"])},
        ],
        "sites": [
            *({"site": f"v{i}", "name": "", "kind": "vendor", "country": crosses, "calendar": r.choice(["CN", "none"])}
              for i in vendors),
            *({"site": f"p{i}", "name": "", "kind": "pack", "country": "US", "calendar": r.choice(["CN", "none"])}
              for i in plants),
            *({"site": f"m{i}", "name": "", "kind": "market", "country": "US", "calendar": "none"} for i in markets),
        ],
        "items": [
            {"item": "cell", "name": "", "stage": "cell", "kwh": 1.0, "mass_kg": 5.0, "hts": "8507.60.0020",
             "dg_class": "9"},
            {"item": "part", "name": "", "stage": "component", "kwh": 0.0, "mass_kg": 1.0, "hts": "8507.90.80",
             "dg_class": None},
            {"item": "pack", "name": "", "stage": "pack", "kwh": 2.0, "mass_kg": 12.0, "hts": "8507.60.0020",
             "dg_class": "9"},
        ],
        "indices": [
            {"index": "lithium", "month": month(0), "value": 8.0},
            {"index": "lithium", "month": month(r.choice([1, 2])), "value": float(r.randint(4, 12))},
        ],
        "offers": [], "lanes": [], "resources": [], "ramps": [], "options": [], "processes": [], "bom": [],
        "wants": [{"want": "storage", "item": "pack", "quantity": r.choice([1.0, 1.0, 2.0]), "price_adder_usd": 0.0}],
        "demand": [], "stocks": [], "certificates": [],
    }  # fmt: skip
    combinations = _plants(rows, r, plants, months)
    combinations *= _certificates(rows, r, months, combinations)
    _offers(rows, r, vendors, months, combinations)
    _lanes(rows, r, vendors, plants, markets, abroad)
    for m in markets:
        for t in range(months):
            if r.random() < 0.8:
                rows["demand"].append(
                    {"market": f"m{m}", "want": "storage", "segment": "commercial", "month": month(t),
                     "quantity": float(r.randint(1, 60)), "price_usd": float(r.randint(40, 200)),
                     "short_usd": float(r.choice([0, 0, 20]))}
                )  # fmt: skip
    if r.random() < 0.3:
        rows["wants"].append(
            {"want": "storage", "item": "cell", "quantity": 2.0, "price_adder_usd": -float(r.randint(0, 30))}
        )
    if r.random() < 0.4:
        site, item = r.choice([("v0", "cell"), ("p0", "cell"), ("p0", "pack"), ("m0", "pack")])
        rows["stocks"].append({"site": site, "item": item, "on_hand": float(r.randint(1, 40))})
    return rows


def _plants(rows: Rows, r: random.Random, plants: range, months: int) -> int:
    """Add plants; return how many combinations of starts there are."""
    combinations = 1
    grouped = r.random() < 0.3
    if r.random() < 0.5:
        rows["ramps"] = [
            {"ramp": "slow", "month": 0, "capacity_share": 0.5, "yield_share": 0.8},
            {"ramp": "slow", "month": 1, "capacity_share": 1.0, "yield_share": 1.0},
        ]
    for i in plants:
        built = r.random() < 0.75
        rows["resources"].append(
            {"resource": f"line{i}", "site": f"p{i}", "hours_per_month": float(r.choice([20, 40, 100])),
             "ramp": "slow" if rows["ramps"] and r.random() < 0.7 else None,
             "status": "option" if built else "operating",
             "since": None if built or r.random() < 0.5 else month(r.choice([0, 1])),
             "fixed_usd_per_month": float(r.choice([0, 50]))}
        )  # fmt: skip
        rows["processes"].append(
            {"process": f"make{i}", "site": f"p{i}", "item": "pack", "resource": f"line{i}",
             "hours_per_unit": r.choice([0.5, 1.0, 2.0]), "cost_usd": float(r.randint(1, 9)),
             "yield_share": r.choice([1.0, 0.9])}
        )  # fmt: skip
        rows["bom"].append({"process": f"make{i}", "item": "cell", "quantity": 2.0, "scrap_share": r.choice([0, 0.05])})
        if r.random() < 0.4:
            rows["bom"].append({"process": f"make{i}", "item": "part", "quantity": 1.0, "scrap_share": 0.0})
        if built:
            first = r.choice([0, 0, 1])
            last = first + r.choice([0, 1, 2])
            rows["options"].append(
                {"option": f"build{i}", "resource": f"line{i}", "earliest": month(first), "latest": month(last),
                 "build_months": r.choice([0, 0, 1, 2]), "capex_usd": float(r.choice([100, 500, 2000])),
                 "life_years": r.choice([0.5, 10.0]), "spend_profile": r.choice(["", "0.3;0.7"]),
                 "one_of": "site" if grouped else ""}
            )  # fmt: skip
            combinations *= last - first + 2
    if len(rows["options"]) == 2 and not grouped and r.random() < 0.4:
        rows["options"][1]["requires"] = "build0"
    elif len(rows["options"]) == 1 and r.random() < 0.4:
        first = rows["options"][0]
        rows["options"].append({**first, "option": "more", "requires": "build0", "capex_usd": 200.0})
        combinations *= 3
    return combinations


def _certificates(rows: Rows, r: random.Random, months: int, combinations: int) -> int:
    chance = r.random()
    if chance < 0.35 and combinations <= 12:
        rows["certificates"].append(
            {"item": "pack", "standard": "UL 1973", "status": "planned", "weeks": r.choice([0.0, 2.0, 6.0]),
             "cost_usd": float(r.choice([0, 300])), "earliest": month(r.choice([0, months - 2]))}
        )  # fmt: skip
        return months
    if chance < 0.5:
        rows["certificates"].append(
            {"item": "pack", "standard": "UL 9540", "status": "valid", "valid_to": dt.date(2027, 2, 14)}
        )
    return 1


def _offers(rows: Rows, r: random.Random, vendors: range, months: int, combinations: int) -> None:
    for i in vendors:
        cut = r.choice([None, dt.date(2027, 2, 10), dt.date(2027, 1, 31)])
        tiers = [(dt.date(2026, 12, 1), cut)]
        if cut:
            tiers.append((cut + dt.timedelta(days=1), None))
        for n, (first, last) in enumerate(tiers):
            offer = {
                "offer": f"cell{i}{n}", "site": f"v{i}", "item": "cell", "valid_from": first, "valid_to": last,
                "price_usd": float(r.randint(8, 20)), "moq": 0.0, "lead_days": r.choice([0, 0, 5, 20]),
                "max_per_month": r.choice([None, None, 60.0]), "index": None, "index_factor": 1.0, "adder_usd": 0.0,
            }  # fmt: skip
            if r.random() < 0.2:
                offer |= {"price_usd": None, "index": "lithium", "adder_usd": 4.0}
            if r.random() < 0.5 and combinations * 2**months <= 100:
                offer["moq"] = float(r.choice([20, 80]))
                combinations *= 2**months
            rows["offers"].append(offer)
    rows["offers"].append(
        {"offer": "part", "site": "v0", "item": "part", "valid_from": month(0), "price_usd": 3.0}
    )  # fmt: skip


def _lanes(rows: Rows, r: random.Random, vendors: range, plants: range, markets: range, abroad: bool) -> None:
    pairs = [(f"v{i}", f"p{j}") for i in vendors for j in plants] + [
        (f"p{j}", f"m{k}") for j in plants for k in markets
    ]
    if r.random() < 0.5:
        pairs.append(("v0", "m0"))
    for origin, destination in pairs:
        per = r.choice(["kg", "unit", "container", "kwh"])
        rows["lanes"].append(
            {"lane": f"{origin}-{destination}", "origin": origin, "destination": destination,
             "mode": "ocean" if abroad and origin[0] == "v" else "truck",
             "transit_days": float(r.choice([0, 0, 3, 20, 31, 45])),
             "cost_usd": r.choice([1.0, 2.0]) * {"container": 3000.0}.get(per, 1.0), "cost_per": per,
             "dg_class": r.choice(["9", "9", "9", "8;9", ""]), "dg_usd": r.choice([0.0, 500.0])}
        )  # fmt: skip


def straight(months: int = 3, **changes: list[dict[str, Any]]) -> Rows:
    """Return the plainest chain: a cell bought at v for 10, made 2 : 1 into a pack at p for 5, sold at m for 100.

    No discount, no holding cost, nothing left at the end; lanes cost 1 a unit and take no time.
    """
    zero = ("discount_per_year", "holding_per_year", "terminal_stock_share", "terminal_plant_share")
    place = {"name": "", "country": "US", "calendar": "none"}
    lane = {"mode": "truck", "transit_days": 0.0, "cost_usd": 1.0, "cost_per": "unit"}
    rows: Rows = {
        "settings": [
            {"name": "start", "value": "2027-01"}, {"name": "months", "value": str(months)},
            {"name": "decide_every_months", "value": "1"}, *({"name": name, "value": "0"} for name in zero),
        ],
        "sites": [{"site": "v", "kind": "vendor", **place}, {"site": "p", "kind": "pack", **place},
                  {"site": "m", "kind": "market", **place}],
        "items": [{"item": "cell", "name": "", "stage": "cell", "kwh": 1.0, "mass_kg": 5.0, "hts": "8507.60.0020"},
                  {"item": "pack", "name": "", "stage": "pack", "kwh": 2.0, "mass_kg": 12.0, "hts": "8507.60.0020"}],
        "offers": [{"offer": "o", "site": "v", "item": "cell", "price_usd": 10.0, "valid_from": month(0)}],
        "lanes": [{"lane": "in", "origin": "v", "destination": "p", **lane},
                  {"lane": "out", "origin": "p", "destination": "m", **lane}],
        "processes": [{"process": "make", "site": "p", "item": "pack", "cost_usd": 5.0}],
        "bom": [{"process": "make", "item": "cell", "quantity": 2.0}],
        "wants": [{"want": "w", "item": "pack"}],
        "demand": [{"market": "m", "want": "w", "month": month(t), "quantity": 10.0, "price_usd": 100.0}
                   for t in range(months)],
    }  # fmt: skip
    return {**rows, **changes}


def line(**changes: Any) -> Rows:
    """Return the tables of a line of 1000 hours at p that an option brings for 50 in any month."""
    return {
        "resources": [{"resource": "line", "site": "p", "hours_per_month": 1000.0, "status": "option"}],
        "options": [{"option": "build", "resource": "line", "earliest": month(0), "latest": month(11),
                     "capex_usd": 50.0, **changes}],
        "processes": [{"process": "make", "site": "p", "item": "pack", "cost_usd": 5.0, "resource": "line",
                       "hours_per_unit": 1.0}],
    }  # fmt: skip
