"""Tiny random chains with rules of every family at once, more than an enumeration could try."""

import random

from tests.plan.tiny import Rows, month, random_rows
from tests.plan.tiny_stages import stage_rows
from tests.plan.tiny_transport import _lane_limit, _shipment, _site_limit, _whole


def together_rows(r: random.Random) -> Rows:
    """Draw plants in stages or plain ones, and put contracts, tiers, transport, ageing stock and late sales on them."""
    rows = r.choice([stage_rows, random_rows])(r)
    wanted = max(sum(row["quantity"] for row in rows["demand"]) * max(row["quantity"] for row in rows["wants"]), 1.0)
    for lane in rows["lanes"]:
        lane.setdefault("container_kg", 18000.0)
    for rule in (_whole, _shipment, _lane_limit, _site_limit):
        if r.random() < 0.3:
            rule(rows, r, wanted)
    _agreed(rows, r)
    for item in rows["items"]:
        if r.random() < 0.3:
            item["shelf_months"] = r.choice([1.0, 2.0])
    for row in rows["demand"]:
        if r.random() < 0.4:
            row |= {"late_months": r.choice([1, 2]), "late_usd": float(r.choice([1, 10]))}
    for row in rows["stocks"]:
        if r.random() < 0.3:
            row["min_units"] = float(r.choice([1, 10]))
    return rows


def _agreed(rows: Rows, r: random.Random) -> None:
    rows["contracts"], rows["tiers"] = [], []
    for n, offer in enumerate(rows["offers"]):
        if r.random() < 0.3:
            rows["contracts"].append(
                {"contract": f"c{n}", "offer": offer["offer"], "required": r.choice(["yes", "no"]),
                 "min_per_year": float(r.choice([0, 60, 240])), "take_or_pay_share": r.choice([1.0, 1.0, 0.5]),
                 "prepaid_share": r.choice([0.0, 0.2]), "valid_from": r.choice([None, month(0)])}
            )  # fmt: skip
        elif r.random() < 0.3:
            offer |= {"tier_kind": r.choice(["incremental", "all_units"]), "tier_per": "year"}
            rows["tiers"].append(
                {"offer": offer["offer"], "from_quantity": float(r.choice([60, 200])), "price_usd": None,
                 "discount_share": r.choice([0.4, 0.1, -0.1])}
            )  # fmt: skip
