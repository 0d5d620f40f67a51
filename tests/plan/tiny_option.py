"""A chain with one line that may be built, small enough to know by hand what it earns in any future."""

from __future__ import annotations

from typing import Any

from tests.plan.tiny import chain_of, month

from cellroad.chain.chain import Chain

MONTHS, HOURS, COST = 4, 2.0, 1.0


def line(
    *, known: int, capex: float, up: float, futures: dict[str, tuple[float, dict[str, str]]], status: str = "option",
    fixed: float = 0.0, left: str = "0",
) -> Chain:  # fmt: skip
    """Return a chain that buys a cell for 1 and sells a pack a month and hour from the second month on.

    futures  name: probability and what its demand sets from the day on which it is known
    """
    rows: dict[str, list[dict[str, Any]]] = {
        "settings": [
            {"name": name, "value": value}
            for name, value in {
                "start": "2027-01", "months": str(MONTHS), "decide_every_months": "1", "discount_per_year": "0",
                "holding_per_year": "0", "terminal_stock_share": "0", "terminal_plant_share": left,
            }.items()
        ],
        "sites": [{"site": "p", "name": "", "kind": "pack", "country": "US", "calendar": "none"}],
        "items": [{"item": item, "name": "", "stage": item, "kwh": 1.0} for item in ("cell", "pack")],
        "offers": [{"offer": "o", "site": "p", "item": "cell", "price_usd": COST, "valid_from": month(0)}],
        "resources": [{"resource": "line", "site": "p", "hours_per_month": HOURS, "status": status,
                       "fixed_usd_per_month": fixed, "name": "The line"}],
        "options": [{"option": "build", "resource": "line", "earliest": month(0), "latest": month(MONTHS - 1),
                     "capex_usd": capex, "life_years": 1.0, "name": "Build"}] if status == "option" else [],
        "processes": [{"process": "pack", "site": "p", "item": "pack", "resource": "line", "hours_per_unit": 1.0,
                       "cost_usd": 0.0, "yield_share": 1.0}],
        "bom": [{"process": "pack", "item": "cell", "quantity": 1.0}],
        "wants": [{"want": "w", "item": "pack"}],
        "demand": [{"market": "p", "want": "w", "month": month(t), "quantity": HOURS if t else 0.0, "price_usd": up,
                    "short_usd": 0.0} for t in range(MONTHS)],
        "scenarios": [{"scenario": name, "name": f"Price: {name}", "parent": None, "probability": p,
                       "valid_from": month(known)} for name, (p, _) in futures.items()],
        "changes": [{"scenario": name, "table": "demand", "key": "p|w|*|*", "column": column, "operation": "set",
                     "value": value} for name, (_, sets) in futures.items() for column, value in sets.items()],
    }  # fmt: skip
    return chain_of(rows)
