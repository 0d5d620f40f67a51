"""A small maker of batteries who has a bit of everything: contracts, tiers, containers, joint lines, ageing cells."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.files import load

D = dt.date
GUESS = {"source": "PL012", "confidence": "reported"}

ADDED: dict[str, list[dict[str, Any]]] = {
    "partners": [{"partner": "trade", "name": "YouSolar Trade", "country": "US", "kind": "company"}],
    "stakes": [{"owner": "us_owners", "owned": "trade", "interest": "equity", "share_min": 1.0, "share_max": 1.0,
                "valid_from": D(2020, 1, 1)}],
    "items": [
        {"item": "bms", "name": "Control board", "stage": "component", "mass_kg": 0.8},
        {"item": "bms-old", "name": "Control board, older", "stage": "component", "mass_kg": 0.9},
        {"item": "used-pack", "name": "Used battery", "stage": "pack", "mass_kg": 47.0, "kwh": 5.12, "dg_class": "9"},
        {"item": "steel", "name": "Steel of old cases", "stage": "material", "mass_kg": 1.0, "value_usd": 0.2},
    ],
    "offers": [
        {"offer": "b-frame", "site": "xiamen", "item": "cell-b", "price_usd": 15.4, "valid_from": D(2027, 1, 1),
         "lead_days": 30, **GUESS},
        {"offer": "a-frame", "site": "shenzhen", "item": "cell-a", "price_usd": 12.0, "valid_from": D(2027, 1, 1),
         "lead_days": 30, "tier_per": "year", "tier_kind": "incremental"},
        {"offer": "bms", "site": "shenzhen", "item": "bms", "price_usd": 21.0, "valid_from": D(2027, 1, 1),
         "max_per_month": 400.0},
        {"offer": "bms-old", "site": "shenzhen", "item": "bms-old", "price_usd": 18.0, "valid_from": D(2027, 1, 1)},
    ],
    "contracts": [
        {"contract": "b-2027", "offer": "b-frame", "status": "signed", "required": "yes", "min_per_year": 60000.0,
         "max_per_year": 180000.0, "take_or_pay_share": 0.9, "make_up_years": 1, "prepaid_share": 0.1,
         "valid_from": D(2027, 1, 1), "valid_to": D(2028, 12, 31), **GUESS},
        {"contract": "us-supply", "offer": "us-100ah", "status": "open", "min_per_year": 200000.0},
    ],
    "tiers": [
        {"offer": "a-frame", "from_quantity": 20000.0, "discount_share": 0.15},
        {"offer": "a-frame", "from_quantity": 60000.0, "discount_share": 0.25},
    ],
    "sourcing": [
        {"rule": "second-source", "stage": "cell", "partner": "vendor_b", "max_share": 0.9},
        {"rule": "two-sources", "stage": "cell", "min_sources": 2, "min_share": 0.15, "valid_from": D(2028, 1, 1)},
    ],
    "bom": [
        {"process": "oakland-pack5-a", "item": "bms", "quantity": 1.0},
        {"process": "oakland-pack5-b", "item": "bms", "quantity": 1.0},
        {"process": "reclaim", "item": "used-pack", "quantity": 0.08},
    ],
    "substitutes": [{"process": "oakland-pack5-b", "instead_of": "bms", "item": "bms-old", "most_share": 0.5,
                     "cost_usd": 1.5}],
    "processes": [{"process": "reclaim", "site": "oakland", "item": "cell-b", "cost_usd": 2.0, "yield_share": 0.9}],
    "coproducts": [{"process": "reclaim", "item": "steel", "quantity": 0.4}],
    "returns": [{"market": "m-california", "item": "pack5-b", "returned": "used-pack", "site": "oakland",
                 "after_months": 6, "return_share": 0.1, "cost_usd": 20.0}],
    "pipeline": [{"arrival": "po-4711", "site": "oakland", "item": "cell-b", "arrives": D(2027, 2, 10),
                  "quantity": 3000.0, "due_usd": 4.0, "age_months": 3.0, "lane": "xiamen-oakland"}],
    "lanes": [{"lane": "bms-air", "origin": "shenzhen", "destination": "oakland", "mode": "air", "transit_days": 4.0,
               "cost_usd": 5.0, "dg_class": "none"}],
    "stocks": [{"site": "oakland", "item": "cell-a", "shelf_months": 4.0},
               {"site": "oakland", "item": "bms", "on_hand": 500.0, "min_units": 300.0, "min_from": D(2027, 4, 1)}],
    "resources": [{"resource": "old-line", "site": "oakland", "name": "Old line of lead batteries",
                   "hours_per_month": 160.0, "fixed_usd_per_month": 9000.0}],
    "closures": [{"closure": "old-ends", "resource": "old-line", "name": "The old line ends",
                  "earliest": D(2027, 4, 1), "latest": D(2027, 12, 1), "notice_months": 3, "cost_usd": 40000.0,
                  "value_usd": 15000.0}],
    "budgets": [{"budget": "growth-27", "partner": "yousolar", "year": 2027, "capex_usd": 900000.0},
                {"budget": "growth-28", "year": 2028, "capex_usd": 400000.0}],
    "labs": [{"lab": "ul-fremont", "name": "UL, Fremont", "at_once": 1}],
    "transfers": [{"transfer": "to-trade", "seller": "yousolar", "buyer": "trade", "markup_share": 0.25,
                   "payment_days": 30}],
    "taxes": [{"payer": name, "valid_from": D(2020, 1, 1), "rate_share": 0.21} for name in ("yousolar", "trade")],
}  # fmt: skip
CHANGED: dict[str, list[tuple[pl.Expr, dict[str, pl.Expr]]]] = {
    "lanes": [
        (pl.col("mode") == "ocean", {"whole_containers": pl.lit("yes"), "max_containers_per_month": pl.lit(12.0)}),
        (pl.col("lane") == "shenzhen-oakland", {"every_weeks": pl.lit(4), "dg_apart": pl.lit("yes")}),
    ],
    "sites": [(pl.col("kind") == "market", {"partner": pl.lit("trade")})],
    "items": [(pl.col("item") == "cell-b", {"shelf_months": pl.lit(8.0)})],
    "demand": [(pl.lit(True), {"late_months": pl.lit(2), "late_usd": pl.lit(12.0),
                               "quantity": pl.col("quantity") * 3.2})],
    "certificates": [(pl.col("status") == "planned", {"lab": pl.lit("ul-fremont")})],
    "options": [(pl.col("option") == "oakland-2", {
        "delay_months": pl.lit(4.0), "delay_probability": pl.lit(0.5), "capex_usd": pl.lit(100e3),
    })],
    "stocks": [((pl.col("item") == "cell-b") & (pl.col("site") == "oakland"), {"age_months": pl.lit(6.0)})],
    "settings": [
        (pl.col("name") == "months", {"value": pl.lit("24")}),
        (pl.col("name") == "quarters_after", {"value": pl.lit("0")}),
    ],
}  # fmt: skip

LEFT_OUT = "albuquerque|southwest"


def everything() -> Chain:
    """Return the chain of two years."""
    chain = load("yousolar")
    frames = {}
    for name, frame in chain.tables.items():
        added = frame
        if name in ADDED:
            rows = pl.DataFrame(ADDED[name], infer_schema_length=None)
            added = pl.concat([frame, Chain.of("more", **{name: rows}).tables[name]])
        for where, columns in CHANGED.get(name, []):
            for column, value in columns.items():
                new = pl.when(where).then(value.cast(frame.schema[column])).otherwise(pl.col(column))
                added = added.with_columns(new.alias(column))
        frames[name] = added
    of_the_time = pl.col("offer").str.contains("before|after|finished")
    soon = pl.col("month") < D(2029, 1, 1)
    frames["offers"], frames["demand"] = frames["offers"].filter(~of_the_time), frames["demand"].filter(soon)
    for name in ("sites", "lanes", "processes", "resources", "options", "demand", "stocks", "bom"):
        frames[name] = frames[name].filter(
            ~pl.concat_str(pl.all().cast(pl.String).fill_null("")).str.contains(LEFT_OUT)
        )
    frames |= {"scenarios": chain.scenarios.clear(), "changes": chain.changes.clear()}
    return chain.replace(**frames)
