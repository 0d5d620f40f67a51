"""The smallest chain that can be planned: one vendor, one lane, one market, one year."""

from __future__ import annotations

import datetime as dt

import polars as pl

from cellroad.chain.chain import Chain

START = dt.date(2027, 1, 1)
PRICE, COST, WANTED = 150.0, 60.0, 10.0


def tiny() -> Chain:
    """Ten packs of one kWh a month, bought at $60 in Texas, carried for a dollar, sold at $150; nobody is shut."""
    months = pl.date_range(START, dt.date(2027, 12, 1), "1mo", eager=True)
    return Chain.of(
        "tiny",
        settings=pl.DataFrame({"name": ["start", "months"], "value": ["2027-01-01", "12"]}),
        sites=pl.DataFrame(
            {
                "site": ["vendor", "market"], "name": ["Pack vendor, Dallas", "Homes, Austin"],
                "kind": ["vendor", "market"], "country": ["US", "US"], "lat": [32.8, 30.3], "lon": [-96.8, -97.7],
                "calendar": ["none", "none"],
            }
        ),
        items=pl.DataFrame(
            {"item": ["pack"], "name": ["Pack"], "stage": ["pack"], "kwh": [1.0], "mass_kg": [8.0], "dg_class": ["9"]}
        ),
        offers=pl.DataFrame(
            {"offer": ["pack-1"], "site": ["vendor"], "item": ["pack"], "price_usd": [COST], "valid_from": [START]}
        ),
        lanes=pl.DataFrame(
            {
                "lane": ["road"], "origin": ["vendor"], "destination": ["market"], "mode": ["truck"],
                "transit_days": [2.0], "cost_usd": [1.0], "cost_per": ["unit"],
            }
        ),
        segments=pl.DataFrame({"segment": ["commercial"]}),
        wants=pl.DataFrame({"want": ["storage"], "item": ["pack"]}),
        demand=pl.DataFrame(
            {"market": "market", "want": "storage", "month": months, "quantity": WANTED, "price_usd": PRICE}
        ),
        scenarios=pl.DataFrame({"scenario": ["dear"], "name": ["Dear packs"]}),
        changes=pl.DataFrame(
            {
                "scenario": ["dear"], "table": ["offers"], "key": ["pack-1"], "column": ["price_usd"],
                "operation": ["set"], "value": ["80"],
            }
        ),
    )  # fmt: skip
