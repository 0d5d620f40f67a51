"""Tiny random chains whose plants are closed, taken twice, held up, tied to each other and short of money."""

import random

from tests.plan.tiny import Rows, month, random_rows


def stage_rows(r: random.Random) -> Rows:
    """Draw a tiny chain and put stages on it; few enough to try every set of starts."""
    rows = random_rows(r)
    for offer in rows["offers"]:
        offer["moq"] = 0.0
    rows["certificates"] = [row for row in rows["certificates"] if row["status"] != "planned"]
    rows["risks"], rows["closures"], rows["budgets"] = [], [], []
    months = int(rows["settings"][1]["value"])
    for line in rows["resources"]:
        if r.random() < 0.2:
            line["max_use_share"] = 0.5
        line["fixed_usd_per_month"] = float(r.choice([0, 50, 300]))
    combinations = 1
    for option in list(rows["options"]):
        option.pop("requires", None)
        combinations *= _changed(rows, option, r, combinations)
    _tied(rows, r)
    combinations *= _used(rows, r, months)
    for n, line in enumerate(rows["resources"]):
        if r.random() < 0.7 and combinations <= 60:
            first = r.choice([0, 1])
            rows["closures"].append(
                {"closure": f"end{n}", "resource": line["resource"], "earliest": month(first),
                 "latest": month(first + r.choice([0, 1, 3])), "notice_months": r.choice([0, 0, 1]),
                 "cost_usd": float(r.choice([0, 40])), "value_usd": float(r.choice([0, 100])),
                 "recovered_share": r.choice([0.0, 0.5])}
            )  # fmt: skip
            combinations *= months
            if r.random() < 0.2:
                rows["closures"].append({**rows["closures"][-1], "closure": f"sale{n}", "value_usd": 150.0})
                combinations *= 2
    if rows["closures"] and rows["options"] and r.random() < 0.3:
        rows["options"][0]["replaces"] = rows["closures"][0]["closure"]
    if rows["options"] and r.random() < 0.3:
        rows["budgets"].append({"budget": "all", "year": 2027, "capex_usd": float(r.choice([100, 700, 1500, 2600]))})
    return rows


def _changed(rows: Rows, option: dict[str, object], r: random.Random, combinations: int) -> int:
    """Let an option be taken twice, be held up or bring other hours; return by how much there is more to try."""
    if r.random() < 0.3:
        option |= {"delay_probability": r.choice([0.2, 0.5, 1.0]), "delay_months": r.choice([1.0, 2.0])}
        how = r.choice(["expected", "quantile", "none"])
        if not any(row["name"] == "count_delays" for row in rows["settings"]):
            rows["settings"] += [{"name": "count_delays", "value": how}, {"name": "delay_quantile", "value": "0.6"}]
    if r.random() < 0.15:
        rows["risks"].append(
            {"risk": f"permit{len(rows['risks'])}", "kind": "delay", "target": option["option"],
             "distribution": "bernoulli", "parameters": "0.5", "duration_days": r.choice([30.0, 75.0])}
        )  # fmt: skip
    if r.random() < 0.3:
        option |= {"hours_per_month": float(r.choice([5, 70])), "fixed_usd_per_month": float(r.choice([0, 20]))}
    if r.random() < 0.35 and combinations <= 8:
        option["times"] = 2
        return 12
    return 4


def _tied(rows: Rows, r: random.Random) -> None:
    """Let options require or exclude one another."""
    options = rows["options"]
    if not options:
        return
    if len(options) == 1 and r.random() < 0.5:
        options.append({**options[0], "option": "more", "times": 1, "capex_usd": 200.0})
    if len(options) >= 2:
        tie = r.choice(["requires", "requires_any", "excludes", ""])
        if tie:
            options[1][tie] = options[0]["option"]
        if tie == "requires_any" and len(options) == 2 and r.random() < 0.5:
            options.append({**options[0], "option": "other", "times": 1, "capex_usd": 300.0})
            options[1][tie] += ";other"


def _used(rows: Rows, r: random.Random, months: int) -> int:
    """Let lines have a least use; return by how much there is more to try."""
    chance, line = r.random(), r.choice(rows["resources"])
    if chance < 0.2:
        line["min_use_share"] = r.choice([0.1, 0.5, 1.0])
    elif chance < 0.45:
        line["min_run_share"] = r.choice([0.3, 0.8, 1.0])
        return int(2**months)
    return 1
