"""A plan made by hand, small and consistent: what is sold was made or bought, and every dollar is told once.

Cells come from Dalian, then from Johor, then from a cell plant in Houston that the plan opens and feeds with cathode
from Pohang; packs are made in Reno and sold in Florida and Texas.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import polars as pl
from tests.show.tiny import tiny

from cellroad.chain.chain import Chain
from cellroad.plan.periods import make_periods
from cellroad.plan.planning import plan as solved
from cellroad.plan.result import Plan, Solution

SOURCES = {"cn": ("dalian", 0.32 * 62), "my": ("johor", 0.32 * 71), "us": ("houston", 0.0)}
CELLS, CATHODE_KG = 16, 0.9
PACK_COST, CELL_COST, CATHODE_USD = 118.0, 6.4, 7.5
FREIGHT = {"dalian": 0.55, "johor": 0.6, "houston": 0.2, "reno": 21.0, "pohang": 0.3}
DUTY = {"dalian": 0.409, "johor": 0.034, "houston": 0.0, "reno": 0.0, "pohang": 0.034}
MARKETS = {"florida": 900.0, "texas": 600.0}
PRICE = 960.0

LAW = {
    "credits": {
        "process": pl.String, "site": pl.String, "item": pl.String, "taxpayer": pl.String, "credit": pl.String,
        "program": pl.String, "component": pl.String, "year": pl.Int64, "made": pl.Float64, "units": pl.Float64,
        "next_units": pl.Float64, "usd": pl.Float64,
        "next_usd": pl.Float64, "lost_usd": pl.Float64, "usd_per_unit": pl.Float64, "cost_share": pl.Float64,
        "ratio": pl.Float64, "least_share": pl.Float64, "group": pl.Int64, "answer": pl.String, "because": pl.String,
        "confidence": pl.String,
    },
    "materials": {
        "process": pl.String, "site": pl.String, "credit": pl.String, "program": pl.String, "component": pl.String,
        "year": pl.Int64, "input": pl.String, "quantity": pl.Float64, "usd": pl.Float64, "barred": pl.String,
        "allowed": pl.Boolean,
    },
    "bans": {
        "ban": pl.String, "binds": pl.String, "segment": pl.String, "border": pl.String, "item": pl.String,
        "answer": pl.String, "counts": pl.String, "valid_from": pl.Date, "valid_to": pl.Date, "wants": pl.Float64,
        "because": pl.String, "confidence": pl.String,
    },
}  # fmt: skip
"""Frames of a plan that no law binds: columns and types, no rows."""

AT = {"site": pl.String, "item": pl.String, "period": pl.Int64, "start": pl.Date}
GOODS = {
    "arrivals": {"arrival": pl.String, "lane": pl.String, **AT, "quantity": pl.Float64, "due_usd": pl.Float64},
    "coproducts": {"process": pl.String, **AT, "quantity": pl.Float64},
    "returned": {"market": pl.String, "returned": pl.String, **AT, "quantity": pl.Float64, "cost_usd": pl.Float64},
    "substitutions": {"process": pl.String, "instead_of": pl.String, **AT, "replaced": pl.Float64,
                      "quantity": pl.Float64, "cost_usd": pl.Float64},
    "scrapped": {**AT, "reason": pl.String, "quantity": pl.Float64, "cost_usd": pl.Float64},
    "reserves": {**AT, "min_units": pl.Float64, "min_days": pl.Float64, "held": pl.Float64, "below": pl.Float64,
                 "penalty_usd": pl.Float64},
    "ages": {**AT, "made": pl.Date, "quantity": pl.Float64, "age_months": pl.Float64, "shelf_months": pl.Float64},
}  # fmt: skip
"""Frames of a plan of goods that neither age nor come back."""


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), infer_schema_length=None)


def make_chain() -> Chain:
    day = dt.date(2027, 1, 1)
    places = (
        ("dalian", "CBAK Dalian", "vendor", "CN", 38.9, 121.6),
        ("johor", "Cell works, Johor", "vendor", "MY", 1.5, 103.7),
        ("pohang", "Cathode works, Pohang", "material", "KR", 36.0, 129.4),
        ("houston", "Houston cell plant", "cell", "US", 29.8, -95.4),
        ("reno", "Reno pack plant", "pack", "US", 39.5, -119.8),
        ("florida", "Golf carts, Florida", "market", "US", 27.9, -82.5),
        ("texas", "Off-road, Texas", "market", "US", 32.8, -96.8),
    )
    items = [
        {"item": "cathode", "name": "LFP cathode", "stage": "material", "unit": "kg", "mass_kg": 1.0},
        *(
            {"item": f"cell-{k}", "name": f"LFP cell {k.upper()}", "stage": "cell", "kwh": 0.32, "mass_kg": 1.98}
            for k in SOURCES
        ),
        *(
            {"item": f"pack-{k}", "name": f"51 V pack {k.upper()}", "stage": "pack", "kwh": 5.12, "mass_kg": 44.0}
            for k in SOURCES
        ),
    ]
    processes = [
        {"process": "make-cell", "site": "houston", "item": "cell-us", "resource": "cell-line", "cost_usd": CELL_COST}
    ] + [
        {"process": f"pack-{k}", "site": "reno", "item": f"pack-{k}", "resource": "pack-line", "cost_usd": PACK_COST}
        for k in SOURCES
    ]
    ways = [("dalian", "reno"), ("johor", "reno"), ("pohang", "houston"), ("houston", "reno")]
    ways += [("reno", market) for market in MARKETS]
    offers = [
        {"offer": f"buy-cell-{k}", "site": site, "item": f"cell-{k}", "price_usd": price, "valid_from": day}
        for k, (site, price) in SOURCES.items()
        if price
    ]
    offers += [{"offer": "buy-cathode", "site": "pohang", "item": "cathode", "price_usd": CATHODE_USD}]
    sourced = {"source": "PL020", "confidence": "reported"}
    return Chain.of(
        "hand-made",
        sites=frame(
            *(dict(zip(("site", "name", "kind", "country", "lat", "lon"), p, strict=True)) | sourced for p in places)
        ),
        items=frame(*items),
        processes=frame(*processes),
        resources=frame(
            {"resource": "cell-line", "site": "houston", "name": "Cell line", "hours_per_month": 600.0},
            {"resource": "pack-line", "site": "reno", "name": "Pack line", "hours_per_month": 600.0},
        ),
        options=frame(
            {"option": "reno-plant", "resource": "pack-line", "name": "Pack plant, Reno", "earliest": day,
             "latest": dt.date(2027, 12, 1), "build_months": 6, "capex_usd": 12.3e6},
            {"option": "houston-plant", "resource": "cell-line", "name": "Cell plant, Houston", "earliest": day,
             "latest": dt.date(2028, 12, 1), "build_months": 12, "capex_usd": 31e6},
        ),
        certificates=frame({"item": "pack-us", "standard": "UL 2271", "weeks": 17.0, "cost_usd": 85e3}),
        offers=frame(*(offer | {"valid_from": day, "source": "PR033;TR001", "note": "list price"} for offer in offers)),
        lanes=frame(
            *(
                {"lane": f"{a}-{b}", "origin": a, "destination": b, "transit_days": 28.0, "cost_usd": 1.0,
                 "mode": "ocean" if a in ("dalian", "johor", "pohang") else "truck"}
                for a, b in ways
            )
        ),
        settings=frame({"name": "start", "value": "2027-01", "note": "assumed start"}),
    )  # fmt: skip


def share_of(period: int) -> dict[str, float]:
    """Which part of the packs is made of whose cells."""
    if period < 9:
        return {"cn": 1.0}
    return {"cn": 0.4, "my": 0.6} if period < 24 else {"my": 0.25, "us": 0.75}


CARRIED_KG = 0.5
"""kg CO2e that a kWh sold has emitted on its way."""


def make_plan() -> Plan:
    chain = make_chain()
    grid = make_periods(chain.plan_settings()).frame
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for period, start, months, discount in grid.select("period", "start", "months", "discount").iter_rows():
        at = {"period": period, "start": start}
        served = 0.0 if period < 3 else 0.96 if period < 24 else 1.0
        wanted = {market: size * months * (1 + 0.02 * period) for market, size in MARKETS.items()}
        cash: dict[str, float] = defaultdict(float)
        for kind, part in share_of(period).items():
            packs = {market: want * served * part for market, want in wanted.items()}
            costs = supply(rows, at, kind, sum(packs.values()))
            total = sum(packs.values())
            for market, units in packs.items():
                if units == 0:
                    continue
                sell(rows, at, market, kind, units, {name: usd * units / total for name, usd in costs.items()})
                cash["revenue"] += units * PRICE
            for name, usd in costs.items():
                cash[name] -= usd
            cash["freight"] -= FREIGHT["reno"] * total
        for market, want in wanted.items():
            rows["shortages"].append(
                at | {"market": market, "want": "pack", "segment": "retail", "wanted": want,
                      "quantity": want * (1 - served), "penalty_usd": want * (1 - served) * 40}
            )  # fmt: skip
            cash["penalty"] -= want * (1 - served) * 40
        if period == 2:
            cash["capex"] -= 12.3e6
        if period == 12:
            cash["capex"] -= 31e6
        if period == grid.height - 1:
            cash["end_plant"] += 9e6
        for kind, usd in cash.items():
            rows["cash"].append(at | {"kind": kind, "usd": usd, "discounted_usd": usd * discount})
        for line, site, used in (("pack-line", "reno", 0.3 + 0.01 * period), ("cell-line", "houston", 0.9)):
            if site == "reno" or period >= 24:
                hours = 600.0 * months
                rows["capacity"].append(
                    at | {"resource": line, "site": site, "hours_available": hours, "hours_used": hours * used,
                          "use_share": used}
                )  # fmt: skip
    rows["openings"] = [
        {"kind": "option", "what": "reno-plant", "name": "Pack plant, Reno", "site": "reno", "resource": "pack-line",
         "decided": dt.date(2027, 3, 1), "ready": dt.date(2027, 9, 1), "cost_usd": 12.3e6, "residual_usd": 4e6},
        {"kind": "option", "what": "houston-plant", "name": "Cell plant, Houston", "site": "houston",
         "resource": "cell-line", "decided": dt.date(2028, 1, 1), "ready": dt.date(2029, 1, 1), "cost_usd": 31e6,
         "residual_usd": 9e6},
        {"kind": "certificate", "what": "pack-us", "name": "UL 2271, 51 V pack US", "site": "reno", "resource": None,
         "decided": dt.date(2028, 9, 1), "ready": dt.date(2029, 1, 1), "cost_usd": 85e3, "residual_usd": 0.0},
    ]  # fmt: skip
    rows["ends"] = [{"what": "plant", "where": "houston", "item": None, "quantity": 1.0, "usd": 9e6}]
    solution = Solution("optimal", 1.23e7, 1.231e7, 4e-4, 3.4, 4120, 3307, 15880, 42, 17, 3, "HiGHS 1.15")
    made = {name: frame(*entries) for name, entries in rows.items()}
    made["openings"] = made["openings"].with_columns(
        planned="ready", ends=pl.lit(None, pl.Date), recovered_usd=0.0, cell=pl.lit(""),
        standard=pl.when(pl.col("kind") == "certificate").then(pl.lit("UL 2271")),
    )  # fmt: skip
    empty = pl.DataFrame(
        schema={"site": pl.String, "item": pl.String, "period": pl.Int64, "start": pl.Date, "quantity": pl.Float64,
                "value_usd": pl.Float64, "holding_usd": pl.Float64}
    )  # fmt: skip
    remarks = ("pack-cn: no book value given; the cheapest way to get it is taken",)
    law = {name: pl.DataFrame(schema=schema) for name, schema in (LAW | GOODS).items()}
    emitted = {"scope": pl.String, "what": pl.String, "site": pl.String, "item": pl.String, "period": pl.Int64,
               "arrival_period": pl.Int64, "kg": pl.Float64, "usd": pl.Float64, "basis": pl.String}  # fmt: skip
    sold = made["sales"].select("market", "item", "period", "kwh", kg=pl.col("kwh") * CARRIED_KG)
    green = {"emissions": pl.DataFrame(schema=emitted), "footprint": sold.with_columns(kind=pl.lit("transport"))}
    loads = {"lane": pl.String, "cargo": pl.String, "period": pl.Int64, "containers": pl.Float64}
    nothing = {"inventory": empty, "loads": pl.DataFrame(schema=loads), **green}
    told = {"periods": grid, **nothing, **made, **law, **partners(made["cash"])}
    return Plan(chain=chain, solution=solution, remarks=remarks, **completed(told))


def completed(told: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return every frame that a plan has, with all its columns: what is not told is nothing, or not known."""
    frames = {}
    for name, real in solved(tiny()).frames().items():
        mine = told.get(name, real.clear())
        missing = {
            column: pl.lit(0.0 if dtype.is_float() else None, dtype)
            for column, dtype in real.schema.items()
            if column not in mine.columns
        }
        frames[name] = mine.with_columns(**missing)
    return frames


def partners(cash: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the accounts of a chain that is acme's alone."""
    own = cash.group_by("period", "start", maintain_order=True).agg(pl.col("usd", "discounted_usd").sum())
    total = float(own["discounted_usd"].sum())
    value = {"partner": "acme", "name": "Acme Energy", "irr": None, "payback_years": None, "peak_usd": 0.0}
    value |= dict.fromkeys(("own_usd", "usd", "low_usd", "high_usd", "free_usd"), total)
    return {
        "accounts": cash.with_columns(partner=pl.lit("acme")),
        "partner_cash": own.with_columns(partner=pl.lit("acme"), own_usd="usd", free_usd="discounted_usd"),
        "values": pl.DataFrame([value], schema_overrides={"irr": pl.Float64, "payback_years": pl.Float64}),
        "transfers": pl.DataFrame(schema=TRANSFERS),
    }


TRANSFERS = {
    **dict.fromkeys(("seller", "buyer", "origin", "destination", "item"), pl.String), "period": pl.Int64,
    "start": pl.Date, **dict.fromkeys(("quantity", "price_usd", "usd"), pl.Float64), "stated": pl.Boolean,
}  # fmt: skip


def supply(rows: dict[str, list[dict[str, Any]]], at: dict[str, Any], kind: str, packs: float) -> dict[str, float]:
    """Buy, make and ship what so many packs in Reno need; return what it costs by kind."""
    site, price = SOURCES[kind]
    cells = packs * CELLS
    costs: dict[str, float] = defaultdict(float)
    if packs == 0:
        return {}
    if kind == "us":
        kg = cells * CATHODE_KG
        buy(rows, at, costs, "buy-cathode", "pohang", "cathode", kg, CATHODE_USD)
        ship(rows, at, costs, "pohang", "houston", "cathode", kg, CATHODE_USD)
        make(rows, at, costs, "make-cell", "houston", "cell-us", "cell-line", cells, CELL_COST, {"cathode": kg})
    else:
        buy(rows, at, costs, f"buy-cell-{kind}", site, f"cell-{kind}", cells, price)
    ship(rows, at, costs, site, "reno", f"cell-{kind}", cells, price)
    make(rows, at, costs, f"pack-{kind}", "reno", f"pack-{kind}", "pack-line", packs, PACK_COST,
         {f"cell-{kind}": cells})  # fmt: skip
    return costs


def buy(rows: Any, at: Any, costs: Any, offer: str, site: str, item: str, quantity: float, price: float) -> None:
    order = at["start"] - dt.timedelta(days=45)
    costs["purchase"] += quantity * price
    rows["purchases"].append(
        at | {"offer": offer, "site": site, "item": item, "order_by": order, "quantity": quantity, "price_usd": price,
              "cost_usd": quantity * price}
    )  # fmt: skip


def make(
    rows: Any, at: Any, costs: Any, process: str, site: str, item: str, line: str, good: float, each: float,
    inputs: dict[str, float],
) -> None:  # fmt: skip
    costs["make"] += good * each
    rows["production"].append(
        at | {"process": process, "site": site, "item": item, "resource": line, "option": None, "runs": good,
              "good": good, "hours": good / 10, "cost_usd": good * each, "credit_usd": 0.0}
    )  # fmt: skip
    for name, quantity in inputs.items():
        rows["consumption"].append(
            at | {"process": process, "site": site, "item": name, "option": None, "quantity": quantity}
        )


def ship(
    rows: Any, at: Any, costs: Any, origin: str, destination: str, item: str, quantity: float, price: float
) -> None:
    duty, freight = quantity * price * DUTY[origin], quantity * FREIGHT[origin]
    costs["duty"] += duty
    costs["freight"] += freight
    rows["shipments"].append(
        at | {"lane": f"{origin}-{destination}", "origin": origin, "destination": destination, "item": item,
              "arrival_period": at["period"], "arrival": at["start"] + dt.timedelta(days=28), "quantity": quantity,
              "freight_usd": freight, "duty_usd": duty, "fees_usd": 0.0, "insurance_usd": 0.0,
              "duty_share": DUTY[origin]}
    )  # fmt: skip


def sell(rows: Any, at: Any, market: str, kind: str, units: float, costs: dict[str, float]) -> None:
    item, kwh = f"pack-{kind}", units * 5.12
    last: dict[str, float] = defaultdict(float)
    ship(rows, at, last, "reno", market, item, units, 0.0)
    for name in {**costs, **last}:
        usd = costs.get(name, 0.0) + last.get(name, 0.0)
        rows["landed"].append(
            at | {"market": market, "item": item, "kind": name, "usd": usd, "kwh": kwh, "usd_per_kwh": usd / kwh}
        )
    rows["sales"].append(
        at | {"market": market, "want": "pack", "segment": "retail", "item": item, "quantity": units, "units": units,
              "kwh": kwh, "price_usd": PRICE, "revenue_usd": units * PRICE}
    )  # fmt: skip
    site = SOURCES[kind][0]
    places = [(site, f"cell-{kind}", "cell"), ("reno", item, "pack")]
    places += [("pohang", "cathode", "material")] if kind == "us" else []
    for place, what, stage in places:
        rows["origins"].append(
            at | {"market": market, "how": "bought", "site": place, "item": what, "stage": stage, "kwh": kwh}
        )
