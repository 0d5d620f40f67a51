"""Plan again from what is really on hand and under way: as from a chain that begins today with just that."""

import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.tiny import Rows, chain_of, month
from tests.plan.tiny_goods import goods_rows

from cellroad.chain.finding import ChainError
from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan
from cellroad.plan.why.replanning import replan

TODAY = 2
PLACE = {"name": "", "country": "US", "calendar": "none"}
LANE = {"mode": "truck", "cost_per": "unit", "transit_days": 0.0, "cost_usd": 1.0}
NOTHING = ("discount_per_year", "holding_per_year", "terminal_stock_share", "terminal_plant_share")
ELSEWHERE = [{"site": "v", "item": "cell", "max_on_hand": 0.0}, {"site": "m", "item": "pack", "max_on_hand": 0.0}]
"""Nothing is kept there."""


def chain_rows(r: random.Random) -> Rows:
    """Cells go by sea for a month, become packs on a line that stands, and are sold at once; money has no interest."""
    months = 5
    return {
        "settings": [{"name": "start", "value": "2027-01"}, {"name": "months", "value": str(months)},
                     *({"name": name, "value": "0"} for name in NOTHING)],
        "sites": [{"site": "v", "kind": "vendor", **PLACE}, {"site": "p", "kind": "pack", **PLACE},
                  {"site": "m", "kind": "market", **PLACE}],
        "items": [{"item": "cell", "stage": "cell", "kwh": 1.0, "mass_kg": 1.0,
                   "shelf_months": r.choice([None, None, 2.6, 3.6])},
                  {"item": "pack", "stage": "pack", "kwh": 2.0, "mass_kg": 2.0}],
        "offers": [{"offer": f"o{t}", "site": "v", "item": "cell", "price_usd": float(r.randint(4, 12)),
                    "valid_from": month(t), "valid_to": month(t + 1) - (month(1) - month(0)) / 31,
                    "max_per_month": r.choice([None, 20.0])} for t in range(months)],
        "lanes": [{"lane": "in", "origin": "v", "destination": "p", "transit_months": 1, **LANE},
                  {"lane": "out", "origin": "p", "destination": "m", "transit_months": 0, **LANE}],
        "resources": [{"resource": "line", "site": "p", "hours_per_month": float(r.choice([8, 30]))}],
        "processes": [{"process": "make", "site": "p", "item": "pack", "resource": "line", "hours_per_unit": 1.0,
                       "cost_usd": 2.0}],
        "bom": [{"process": "make", "item": "cell", "quantity": 2.0}],
        "wants": [{"want": "w", "item": "pack", "quantity": 1.0}],
        "demand": [{"market": "m", "want": "w", "month": month(t), "quantity": float(r.randint(3, 15)),
                    "price_usd": float(r.randint(20, 60)), "short_usd": float(r.choice([0, 10]))}
                   for t in range(months)],
        "stocks": [{"site": "p", "item": "cell", "on_hand": float(r.choice([0, 12]))}, *ELSEWHERE],
        "pipeline": [],
    }  # fmt: skip


def from_today(rows: Rows, stocks: list[dict[str, Any]], pipeline: list[dict[str, Any]]) -> Plan:
    """Plan a chain that begins today: the same future, with what is on hand and under way."""
    later = {**rows, "stocks": stocks, "pipeline": pipeline}
    begins = {"start": f"{month(TODAY):%Y-%m}", "months": str(5 - TODAY)}
    later["settings"] = [{**row, "value": begins.get(row["name"], row["value"])} for row in rows["settings"]]
    later["offers"] = [row for row in rows["offers"] if row["valid_to"] >= month(TODAY)]
    later["demand"] = [row for row in rows["demand"] if row["month"] >= month(TODAY)]
    return plan(chain_of(later), gap=1e-9)


@settings(max_examples=6, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_it_is_worth_what_a_chain_that_begins_today_is_worth(r: random.Random) -> None:
    rows = chain_rows(r)
    former = plan(chain_of(rows), gap=1e-9)
    past = former.cash.filter(pl.col("period") < TODAY)["usd"].sum()
    # what was sent before today is paid for, and what it was to bring is told anew
    counted = [{"site": "p", "item": "cell", "quantity": float(r.choice([0, 7, 30])), "age_months": 0.5},
               {"site": "p", "item": "pack", "quantity": float(r.choice([0, 3])), "age_months": 0.0}]  # fmt: skip
    coming = [{"arrival": f"a{n}", "site": "p", "item": "cell", "arrives": month(TODAY + t), "age_months": 1.0,
               "quantity": float(r.choice([0, 5, 25])), "due_usd": float(r.choice([0, 3]))}
              for n, t in enumerate((0, 1))]  # fmt: skip
    again = replan(former, month(TODAY), on_hand=pl.DataFrame(counted), pipeline=pl.DataFrame(coming), gap=1e-9)
    stocks = [{("on_hand" if key == "quantity" else key): value for key, value in row.items()} for row in counted]
    fresh = from_today(rows, [*stocks, *ELSEWHERE], coming)
    assert again.plan.solution.objective_usd == pytest.approx(past + fresh.solution.objective_usd, rel=1e-6, abs=1e-6)
    assert audit(again.plan).closes
    assert again.changes.filter(pl.col("period") < TODAY).is_empty()


@settings(max_examples=4, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_what_is_told_as_it_was_planned_changes_nothing(r: random.Random) -> None:
    rows = chain_rows(r) if r.random() < 0.5 else goods_rows(r)
    former = plan(chain_of(rows), gap=1e-9)
    if former.periods.height <= TODAY:
        return
    held = former.inventory.filter(pl.col("period") == TODAY - 1).select("site", "item", "quantity")
    sent = former.shipments.filter((pl.col("period") < TODAY) & (pl.col("arrival_period") >= TODAY))
    coming = sent.select(site="destination", item="item", arrives="arrival", quantity="quantity")
    again = replan(former, month(TODAY), on_hand=held, pipeline=coming, gap=1e-9)
    value = former.solution.objective_usd
    # a row of the chain's own pipeline that is not told again for a place that is named does not come
    gone = former.chain.pipeline.filter(pl.col("arrives") >= month(TODAY)).join(coming, on=["site", "item"], how="semi")
    if gone.is_empty():
        assert again.plan.solution.objective_usd == pytest.approx(value, rel=1e-6, abs=1e-6)
    assert audit(again.plan).closes


@settings(max_examples=4, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_goods_that_age_come_back_or_wait_still_add_up(r: random.Random) -> None:
    former = plan(chain_of(goods_rows(r)), gap=1e-9)
    if former.periods.height <= TODAY:
        return
    places = set(former.inventory.select("site", "item").iter_rows())
    if not places:
        return
    site, item = sorted(places)[r.randrange(len(places))]
    counted = pl.DataFrame({"site": [site], "item": [item], "quantity": [float(r.choice([0, 2, 40]))]})
    again = replan(former, month(TODAY), on_hand=counted, gap=1e-9)
    assert audit(again.plan).closes
    held = former.inventory.filter(
        (pl.col("period") == TODAY - 1) & (pl.col("site") == site) & (pl.col("item") == item)
    )
    if counted["quantity"][0] > held["quantity"].sum():  # more on hand is worth no less, as it can be scrapped or kept
        assert again.plan.arrivals.filter(pl.col("arrival").str.starts_with("counted")).height == 1
    elif counted["quantity"][0] < held["quantity"].sum() - 1e-6:
        assert again.plan.scrapped.filter((pl.col("reason") == "missing") & (pl.col("period") == TODAY)).height >= 1


def test_a_shipment_that_was_lost_is_bought_again_or_missed() -> None:
    rows = chain_rows(random.Random(1))
    rows["items"][0]["shelf_months"] = None
    for t, offer in enumerate(rows["offers"]):  # cheaper every month: nothing is bought before it must be
        offer |= {"price_usd": 9.0 - t, "max_per_month": None}
    rows["demand"] = [{"market": "m", "want": "w", "month": month(t), "quantity": 5.0, "price_usd": 50.0,
                       "short_usd": 0.0} for t in range(1, 5)]  # fmt: skip
    rows["stocks"] = []
    former = plan(chain_of(rows), gap=1e-9)
    nothing = pl.DataFrame({"site": ["p"], "item": ["cell"], "arrives": [month(TODAY)], "quantity": [0.0]})
    again = replan(former, month(TODAY), pipeline=nothing)
    # the packs of March are missed: 50 less 2 for making and 1 for the way, five times; their cells were paid for
    assert former.solution.objective_usd - again.plan.solution.objective_usd == pytest.approx(5 * 47)
    assert again.plan.scrapped.filter(reason="missing")["quantity"].sum() == pytest.approx(10)
    late = pl.DataFrame({"site": ["p"], "item": ["cell"], "arrives": [month(TODAY + 1)], "quantity": [10.0]})
    delayed = replan(former, month(TODAY), pipeline=late).plan
    assert delayed.solution.objective_usd - again.plan.solution.objective_usd == pytest.approx(
        10 * (7 + 1)
    )  # not bought


def test_a_frozen_plan_sells_what_there_is_and_falls_short_for_want_of_goods_alone() -> None:
    rows = chain_rows(random.Random(1))
    rows["demand"] = [{**row, "quantity": 20.0} for row in rows["demand"]]
    former = plan(chain_of(rows), gap=1e-9)
    found = pl.DataFrame({"site": ["p"], "item": ["pack"], "quantity": [3.0]})
    again = replan(former, month(TODAY), on_hand=found, frozen_months=2, gap=1e-9)
    assert again.changes.filter((pl.col("period") < TODAY + 2) & (pl.col("table") != "lanes")).is_empty()
    assert audit(again.plan).closes
    assert former.production.filter(pl.col("period") == TODAY).height
    nothing = pl.DataFrame({"site": ["p"], "item": ["cell"], "arrives": [month(TODAY)], "quantity": [0.0]})
    empty = pl.DataFrame({"site": ["p"], "item": ["cell"], "quantity": [0.0]})
    for price in (0.0, float("inf")):
        none = replan(former, month(TODAY), on_hand=empty, pipeline=nothing, frozen_months=1, change_price=price)
        assert audit(none.plan).closes
        assert none.plan.production.filter(pl.col("period") == TODAY).is_empty()
        bought = [each.purchases.filter(pl.col("period") <= TODAY)["quantity"].sum() for each in (former, none.plan)]
        assert bought[0] == pytest.approx(bought[1])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"site": ["p"], "item": ["cel"], "arrives": [month(2)], "quantity": [1.0]}, "an item at a site"),
        ({"site": ["p"], "item": ["cell"], "quantity": [1.0]}, "no column 'arrives'"),
        ({"site": ["p"], "item": ["cell"], "arrives": [month(2)], "quantty": [1.0]}, "no column 'quantity'"),
        ({"site": ["p"], "item": ["cell"], "arrives": ["soon"], "quantity": [1.0]}, "Give days as dates"),
        ({"site": ["p"], "item": ["cell"], "arrives": [month(2)], "quantity": [-1.0]}, "-1"),
    ],
)
def test_a_pipeline_that_cannot_be_is_told_with_how_to_mend_it(wrong: dict[str, list[Any]], told: str) -> None:
    former = plan(chain_of(chain_rows(random.Random(3))), gap=1e-9)
    with pytest.raises(ChainError) as error:
        replan(former, month(TODAY), pipeline=pl.DataFrame(wrong))
    assert told in str(error.value)
