"""The plan is the best plan: tiny random chains against enumeration of every whole decision, and of every unit."""

import datetime as dt
import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.reference import Reference
from tests.plan.tiny import Rows, chain_of, month, random_rows

from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan


@settings(max_examples=50, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_a_plan_is_worth_as_much_as_the_best_of_all_whole_decisions(r: random.Random) -> None:
    rows = random_rows(r)
    best = Reference(rows).best()
    found = plan(chain_of(rows), gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert found.solution.bound_usd >= found.solution.objective_usd
    assert audit(found).closes


PERIODS = 3
HOLDING, DISCOUNT, LEFT = 0.6, 0.2, 0.5


def unit_rows(r: random.Random) -> Rows:
    """Draw a chain in whole units: cells bought at v, brought to p at once, made into packs there and sold there."""
    moq = float(r.choice([0, 2]))
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
            {"offer": f"o{t}", "site": "v", "item": "cell", "price_usd": float(r.randint(1, 9)), "moq": moq,
             "valid_from": month(t), "valid_to": month(t + 1) - dt.timedelta(days=1), "max_per_month": 2.0}
            for t in range(PERIODS)
        ],
        "lanes": [{"lane": "road", "origin": "v", "destination": "p", "mode": "truck", "transit_days": 0.0,
                   "cost_usd": float(r.randint(0, 3)), "cost_per": "unit"}],
        "resources": [{"resource": "line", "site": "p", "hours_per_month": 2.0, "status": "option"}],
        "options": [{"option": "build", "resource": "line", "earliest": month(0), "latest": month(1),
                     "capex_usd": float(r.choice([0, 5, 40]))}],
        "processes": [{"process": "pack", "site": "p", "item": "pack", "resource": "line", "hours_per_unit": 1.0,
                       "cost_usd": float(r.randint(0, 3)), "yield_share": 1.0}],
        "bom": [{"process": "pack", "item": "cell", "quantity": 1.0}],
        "wants": [{"want": "w", "item": "pack"}],
        "demand": [
            {"market": "p", "want": "w", "month": month(t), "quantity": float(r.randint(0, 3)),
             "price_usd": float(r.randint(5, 25)), "short_usd": float(r.choice([0, 2]))}
            for t in range(PERIODS)
        ],
    }  # fmt: skip


def best_of_all_units(rows: Rows) -> float:
    """Try every number of units bought, brought, made and sold in every month."""
    days = [(month(t + 1) - month(t)).days for t in range(PERIODS)]
    factor = [(1 + DISCOUNT) ** (-(sum(days[:t]) + days[t] / 2) / 365.25) for t in range(PERIODS)]
    end = (1 + DISCOUNT) ** (-sum(days) / 365.25)
    last = max(t for t in range(PERIODS) if rows["demand"][t]["quantity"])
    price = [
        rows["offers"][min(t, last)]["price_usd"] for t in range(PERIODS)
    ]  # nothing is offered after the last want
    moq = int(rows["offers"][0]["moq"])
    freight, conversion = rows["lanes"][0]["cost_usd"], rows["processes"][0]["cost_usd"]
    added = (0.0, freight, freight + conversion)
    wanted = rows["demand"]

    def season(started: int | None) -> float:
        @cache
        def best(t: int, at_v: int, cells: int, packs: int) -> float:
            if t == PERIODS:
                return end * LEFT * sum(n * (min(price) + a) for n, a in zip((at_v, cells, packs), added, strict=True))
            found = -1e9
            most = 2 if started is not None and t >= started else 0
            for bought in [0, *range(max(moq, 1), 3)] if t <= last else [0]:
                for brought in range(at_v + bought + 1):
                    for made in range(min(most, cells + brought) + 1):
                        for sold in range(min(packs + made, int(wanted[t]["quantity"])) + 1):
                            left = at_v + bought - brought, cells + brought - made, packs + made - sold
                            held = sum(n * (price[t] + a) for n, a in zip(left, added, strict=True))
                            usd = (
                                sold * wanted[t]["price_usd"]
                                - (wanted[t]["quantity"] - sold) * wanted[t]["short_usd"]
                                - bought * price[t] - brought * freight - made * conversion - held * HOLDING / 12
                            )  # fmt: skip
                            found = max(found, usd * factor[t] + best(t + 1, *left))
            return found

        return best(0, 0, 0, 0) - (rows["options"][0]["capex_usd"] * factor[started] if started is not None else 0.0)

    return max(season(started) for started in (None, 0, 1))


@settings(max_examples=25, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_a_plan_in_whole_units_is_the_best_of_all_units(r: random.Random) -> None:
    rows = unit_rows(r)
    if not any(row["quantity"] for row in rows["demand"]):
        return
    found = plan(chain_of(rows), gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(best_of_all_units(rows), rel=1e-6, abs=1e-6)
