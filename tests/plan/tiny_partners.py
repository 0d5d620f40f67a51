"""Tiny random chains in which plants, lines and markets belong to partners who hold stakes in each other."""

import datetime as dt
import random

from tests.plan.tiny import Rows, random_rows

NAMES = ("ann", "bob", "joint")
SINCE = dt.date(2020, 1, 1)


def random_partners(r: random.Random) -> Rows:
    """Draw a chain whose plants are ann's, bob's or a joint venture's; vendors are neutral, markets mostly so."""
    rows = random_rows(r)
    rows["settings"] += [
        {"name": "value_of", "value": r.choice(["ann", "bob", "joint", "ann:0.6;bob:0.4"])},
        {"name": "others", "value": r.choice(["gain", "follow"])},
    ]
    rows["partners"] = [{"partner": name, "name": name} for name in NAMES]
    share = r.choice([0.0, 0.3, 0.5, 0.9])
    rows["stakes"] = [
        {"owner": owner, "owned": "joint", "interest": "equity", "share_min": part, "share_max": part,
         "valid_from": SINCE}
        for owner, part in (("ann", share), ("bob", round(r.choice([1.0, 0.8]) - share, 6))) if part > 0
    ]  # fmt: skip
    for row in rows["sites"]:
        row["partner"] = r.choice(NAMES) if row["kind"] == "pack" else None
        if row["kind"] == "market" and r.random() < 0.3:
            row["partner"] = r.choice(NAMES)
        if row["kind"] == "vendor" and r.random() < 0.3:
            row["partner"] = r.choice(NAMES)
    for row in rows["resources"]:
        row["partner"] = r.choice([None, None, *NAMES])
    rows["transfers"] = []
    if r.random() < 0.6:
        seller, buyer = r.sample(NAMES, 2)
        price = r.choice(["price", "index", "markup"])
        rows["transfers"].append(
            {"transfer": "t", "seller": seller, "buyer": buyer, "item": r.choice([None, "pack", "cell"]),
             "price_usd": float(r.randint(5, 60)) if price == "price" else None,
             "index": "lithium" if price == "index" else None, "index_factor": 2.0,
             "adder_usd": float(r.randint(-2, 9)), "markup_share": 0.2}
        )  # fmt: skip
    return rows
