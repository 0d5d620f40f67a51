"""Tiny random chains whose packs need campaigns, which lapse, are for one cell, or share a lab."""

import datetime as dt
import random

from tests.plan.tiny import Rows, month, random_rows


def certificate_rows(r: random.Random) -> Rows:
    """Draw a tiny chain whose lines all stand, with a few certificates, some of them by cell."""
    rows = random_rows(r)
    for offer in rows["offers"]:
        offer["moq"] = 0.0
    for line in rows["resources"]:  # that plants are built is tried elsewhere
        line |= {"status": "operating", "since": None}
    rows["options"] = []
    months = int(rows["settings"][1]["value"])
    rows["certificates"], rows["labs"] = [], [{"lab": "house", "at_once": 1}]
    _second_cell(rows, r)
    cells = ["", "", "cell", "part"] + ["cell;other", "other"] * (len(rows["items"]) > 3)
    again, once = 0, 0
    for n in range(r.choice([1, 1, 1, 2, 2, 3])):
        status = r.choice(["planned", "planned", "planned", "valid", "valid", "lapsed"]) if n else "planned"
        renewed = r.random() < 0.5 and again < 2
        if status == "planned" and not renewed and once >= 2:
            continue
        cell, cost = r.choice(cells), r.choice([1, 10, 50] if renewed else [0, 30, 300])
        rows["certificates"].append(
            {"item": "pack", "standard": r.choice(["UL 1973", "UL 9540"]), "cell": cell, "status": status,
             "weeks": r.choice([0.0, 0.0, 2.0, 6.0]), "cost_usd": float(cost),
             "earliest": month(r.choice([0, 0, 1])),
             "valid_to": r.choice([None, dt.date(2027, 2, 14), dt.date(2027, 2, 28), dt.date(2027, 3, 31)]),
             "valid_months": r.choice([1, 1, 2, months]) if renewed else None,
             "lab": r.choice([None, "house"])}
        )  # fmt: skip
        again, once = again + renewed, once + (not renewed)
    seen = set()
    for row in list(rows["certificates"]):
        key = row["standard"], row["cell"]
        if key in seen:
            rows["certificates"].remove(row)
        seen.add(key)
    return rows


def _second_cell(rows: Rows, r: random.Random) -> None:
    """Let the pack of the first plant be made of another cell too."""
    if r.random() < 0.3:
        return
    rows["items"].append({**rows["items"][0], "item": "other"})
    rows["offers"].append(
        {"offer": "other", "site": "v0", "item": "other", "valid_from": month(0), "price_usd": float(r.randint(5, 20))}
    )  # fmt: skip
    rows["processes"].append({**rows["processes"][0], "process": "swap", "cost_usd": float(r.randint(1, 9))})
    rows["bom"] += [
        {**row, "process": "swap", "item": "other" if row["item"] == "cell" else row["item"]}
        for row in rows["bom"]
        if row["process"] == "make0"
    ]
