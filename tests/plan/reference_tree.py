"""A tiny chain under a tree of futures, as plain linear programmes: one copy for every leaf, tied by equations.

Cells are bought at v, brought to p at once, made into packs and sold there; a line may be started in months 0 or 1.
Futures differ in what is wanted from a month on. Every choice of when each leaf starts its line is tried; what two
leaves do before they part is set equal by equations, one by one. Nothing of the planner is used.

A policy is judged by its mean, by a mix of that and of the mean of its worst futures, or by its largest regret.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from typing import Any

import numpy as np
from scipy.optimize import linprog
from tests.plan.tiny import Rows, month

PERIODS = 3
HOLDING, DISCOUNT, LEFT = 0.6, 0.2, 0.5
FLOWS = ("bought", "brought", "made", "sold", "short", "at_v", "cells", "packs")


def tree_rows(r: random.Random) -> Rows:
    """Draw the chain, and two or three futures that are known from one month on."""
    known = r.choice([0, 1, 1, 2, 2])
    leaves = r.choice([2, 3])
    weights = [r.randint(1, 4) for _ in range(leaves)]
    base = [float(r.randint(0, 3)) for _ in range(PERIODS - 1)] + [float(r.randint(1, 3))]
    changes = [
        {"scenario": f"s{n}", "table": "demand", "key": f"p|w|commercial|{month(t)}", "column": column,
         "operation": "set", "value": str(value)}
        for n in range(leaves) for t in range(known, PERIODS)
        for column, value in (("quantity", r.randint(1 if t == PERIODS - 1 else 0, 4)), ("price_usd", r.randint(5, 30)))
    ]  # fmt: skip
    return {
        "settings": [
            {"name": name, "value": value}
            for name, value in {
                "start": "2027-01", "months": str(PERIODS), "decide_every_months": "1",
                "discount_per_year": str(DISCOUNT), "holding_per_year": str(HOLDING),
                "terminal_stock_share": str(LEFT), "terminal_plant_share": "0",
            }.items()
        ],
        "sites": [
            {"site": "v", "name": "", "kind": "vendor", "country": "US", "calendar": "none"},
            {"site": "p", "name": "", "kind": "pack", "country": "US", "calendar": "none"},
        ],
        "items": [
            {"item": "cell", "name": "", "stage": "cell", "kwh": 1.0},
            {"item": "pack", "name": "", "stage": "pack", "kwh": 1.0},
        ],
        "offers": [
            {"offer": f"o{t}", "site": "v", "item": "cell", "price_usd": float(r.randint(1, 9)),
             "valid_from": month(t), "valid_to": month(t + 1) - dt.timedelta(days=1), "max_per_month": 2.0}
            for t in range(PERIODS)
        ],
        "lanes": [{"lane": "road", "origin": "v", "destination": "p", "mode": "truck", "transit_days": 0.0,
                   "cost_usd": float(r.randint(0, 3)), "cost_per": "unit"}],
        "resources": [{"resource": "line", "site": "p", "hours_per_month": 2.0, "status": "option"}],
        "options": [{"option": "build", "resource": "line", "earliest": month(0), "latest": month(1),
                     "capex_usd": float(r.choice([0, 5, 15, 30]))}],
        "processes": [{"process": "pack", "site": "p", "item": "pack", "resource": "line", "hours_per_unit": 1.0,
                       "cost_usd": float(r.randint(0, 3)), "yield_share": 1.0}],
        "bom": [{"process": "pack", "item": "cell", "quantity": 1.0}],
        "wants": [{"want": "w", "item": "pack"}],
        "demand": [
            {"market": "p", "want": "w", "month": month(t), "quantity": base[t],
             "price_usd": float(r.randint(5, 25)), "short_usd": float(r.choice([0, 2]))}
            for t in range(PERIODS)
        ],
        "scenarios": [
            {"scenario": f"s{n}", "name": "", "parent": None, "probability": weights[n] / sum(weights),
             "valid_from": month(known)}
            for n in range(leaves)
        ],
        "changes": changes,
    }  # fmt: skip


def wanted(rows: Rows, leaf: int) -> list[dict[str, Any]]:
    """Return the demand of a leaf by month."""
    demand = [dict(row) for row in rows["demand"]]
    for change in rows["changes"]:
        if change["scenario"] == f"s{leaf}":
            at = change["key"].split("|")[-1]
            for row in demand:
                if str(row["month"]) == at:
                    row[change["column"]] = float(change["value"])
    return demand


def best_of_the_tree(rows: Rows, *, tail: tuple[float, float] | None = None, best: list[float] | None = None) -> float:
    """Return the most that any policy reaches: in the mean, with a tail (level, weight), or less its largest regret."""
    leaves = len(rows["scenarios"])
    first = rows["scenarios"][0]["valid_from"]
    known = next((t for t in range(PERIODS) if month(t) >= first), PERIODS)
    p = [row["probability"] for row in rows["scenarios"]]
    found = -np.inf
    for starts in itertools.product((None, 0, 1), repeat=leaves):
        before = [start if start is not None and start < known else None for start in starts]
        if len(set(before)) == 1:
            found = max(found, _value(rows, p, starts, known, tail, best))
    return found


def best_alone(rows: Rows) -> list[float]:
    """Return what each future is worth when it is known from the start."""
    return [
        max(_value(rows, [1.0], (start,), 0, None, None, (leaf,)) for start in (None, 0, 1))
        for leaf in range(len(rows["scenarios"]))
    ]


def _value(
    rows: Rows, p: list[float], starts: tuple[int | None, ...], known: int, tail: tuple[float, float] | None,
    best: list[float] | None, which: tuple[int, ...] = (),
) -> float:  # fmt: skip
    days = [(month(t + 1) - month(t)).days for t in range(PERIODS)]
    factor = [(1 + DISCOUNT) ** (-(sum(days[:t]) + days[t] / 2) / 365.25) for t in range(PERIODS)]
    end = (1 + DISCOUNT) ** (-sum(days) / 365.25)
    price = [offer["price_usd"] for offer in rows["offers"]]
    freight, conversion = rows["lanes"][0]["cost_usd"], rows["processes"][0]["cost_usd"]
    added = {"at_v": 0.0, "cells": freight, "packs": freight + conversion}
    leaves, width = len(p), len(FLOWS) * PERIODS

    def at(leaf: int, t: int, flow: str) -> int:
        return leaf * width + t * len(FLOWS) + FLOWS.index(flow)

    bounds: list[tuple[float | None, float | None]] = [(0.0, None)] * (leaves * width)
    equal, right = [], []
    earned, given = np.zeros((leaves, leaves * width)), np.zeros(leaves)

    def equation(terms: list[tuple[int, float]], side: float) -> None:
        row = np.zeros(leaves * width)
        for column, value in terms:
            row[column] += value
        equal.append(row)
        right.append(side)

    for leaf in range(leaves):
        demand = wanted(rows, which[leaf] if which else leaf)
        start = starts[leaf]
        if start is not None:
            given[leaf] -= rows["options"][0]["capex_usd"] * factor[start]
        for t in range(PERIODS):
            works = start is not None and t >= start
            bounds[at(leaf, t, "bought")] = (0.0, 2.0)
            bounds[at(leaf, t, "made")] = (0.0, 2.0 if works else 0.0)
            usd = {
                "bought": -price[t], "brought": -freight, "made": -conversion, "sold": demand[t]["price_usd"],
                "short": -demand[t]["short_usd"],
                **{kept: -(price[t] + added[kept]) * HOLDING / 12 for kept in added},
            }  # fmt: skip
            for flow, money in usd.items():
                earned[leaf, at(leaf, t, flow)] += factor[t] * money
            for kept in added:
                if t == PERIODS - 1:
                    earned[leaf, at(leaf, t, kept)] += end * LEFT * (min(price) + added[kept])
            for kept, comes, goes in (
                ("at_v", "bought", "brought"), ("cells", "brought", "made"), ("packs", "made", "sold"),
            ):  # fmt: skip
                terms = [(at(leaf, t, comes), 1.0), (at(leaf, t, goes), -1.0), (at(leaf, t, kept), -1.0)]
                if t:
                    terms.append((at(leaf, t - 1, kept), 1.0))
                equation(terms, 0.0)
            equation([(at(leaf, t, "sold"), 1.0), (at(leaf, t, "short"), 1.0)], demand[t]["quantity"])
            if leaf and t < known:
                for flow in FLOWS:
                    equation([(at(leaf, t, flow), 1.0), (at(0, t, flow), -1.0)], 0.0)
    weight = np.array(p)
    cost, more, over, limit = -weight @ earned, np.zeros(0), np.zeros((0, 0)), np.zeros(0)
    constant = float(weight @ given)
    if tail is not None:  # level t and shortfalls z: the tail is t - p.z / (1 - alpha), z >= t - value
        alpha, share = tail
        cost, constant = (1 - share) * cost, (1 - share) * constant
        more = share * np.concatenate([[-1.0], weight / (1 - alpha)])
        over, limit = np.hstack([-earned, np.ones((leaves, 1)), -np.eye(leaves)]), given
        bounds = [*bounds, (None, None), *[(0.0, None)] * leaves]
    if best is not None:  # regret r >= best - value
        cost, more, constant = 0 * cost, np.ones(1), 0.0
        over, limit = np.hstack([-earned, -np.ones((leaves, 1))]), given - np.array(best)
        bounds = [*bounds, (None, None)]
    tied = np.hstack([np.array(equal), np.zeros((len(equal), more.size))])
    found = linprog(
        np.concatenate([cost, more]), A_eq=tied, b_eq=np.array(right), bounds=bounds, method="highs",
        **({"A_ub": over, "b_ub": limit} if more.size else {}),
    )  # fmt: skip
    return constant - float(found.fun) if found.status == 0 else -np.inf
