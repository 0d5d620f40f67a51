"""Contracts: against every way to sign, and one by one in the plainest chain."""

import datetime as dt
import random
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.plan.reference_contracts import AgreedReference
from tests.plan.tiny import chain_of, month, straight
from tests.plan.tiny_contracts import agreed_rows

from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import NoPlanError, plan
from cellroad.plan.result import Plan
from cellroad.plan.tree.trees import plan_tree


@settings(
    max_examples=15,
    derandomize=True,
    phases=[Phase.generate],
)
@given(st.randoms(use_true_random=False))
def test_a_plan_under_contracts_is_worth_as_much_as_the_best_of_all_ways_to_sign(r: random.Random) -> None:
    rows = agreed_rows(r)
    best = AgreedReference(rows).best()
    found = plan(chain_of(rows), gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert audit(found).closes


NO_STOCK = [
    {"site": site, "item": item, "max_on_hand": 0.0}
    for site, item in (("v", "cell"), ("p", "cell"), ("p", "pack"), ("m", "pack"))
]
"""Nothing is kept anywhere, so that what is not of use is not taken."""


def _planned(months: int = 12, stock: bool = False, **contract: Any) -> Plan:
    """Plan the plainest chain with one contract on its offer: 20 cells a month at 10, of use for at most 46."""
    row = {"contract": "c", "offer": "o", "status": "signed", "valid_from": month(0), **contract}
    found = plan(chain_of(straight(months, contracts=[row], stocks=[] if stock else NO_STOCK)), gap=1e-9)
    assert audit(found).closes
    return found


def test_what_is_not_taken_is_paid_at_the_price_at_the_end_of_the_year() -> None:
    free = plan(chain_of(straight(12)), gap=1e-9)
    found = _planned(min_per_year=300.0)
    assert found.contracts["not_taken"].sum() == pytest.approx(60.0)
    assert found.solution.objective_usd == pytest.approx(free.solution.objective_usd - 600.0)
    assert found.cash.filter(kind="not_taken").select("period", "usd").rows() == [(11, pytest.approx(-600.0))]
    # those who buy carry it: all that was spent is in what was sold
    assert found.landed.filter(kind="not_taken")["usd"].sum() == pytest.approx(600.0)
    assert _planned(min_per_year=240.0).solution.objective_usd == pytest.approx(free.solution.objective_usd)


def test_what_may_not_be_paid_has_to_be_taken() -> None:
    found = _planned(min_per_year=300.0, take_or_pay_share=0.5)
    assert found.contracts["not_taken"].sum() == pytest.approx(60.0)
    with pytest.raises(NoPlanError):  # 270 of 240 that are of use, and nowhere to keep the rest
        _planned(min_per_year=300.0, take_or_pay_share=0.1)
    hard = _planned(stock=True, min_per_year=300.0, take_or_pay_share=0.1)
    assert hard.contracts["taken"].sum() >= 270.0 - 1e-6
    assert hard.inventory.filter(period=11)["quantity"].sum() >= 30.0 - 1e-6


def test_what_has_to_be_taken_is_taken_even_where_nobody_wants_it() -> None:
    row = {"contract": "c", "offer": "o", "status": "signed", "min_per_year": 60.0, "take_or_pay_share": 0.0}
    found = plan(chain_of(straight(12, contracts=[row], wants=[{"want": "other", "item": "pack"}])), gap=1e-9)
    assert found.purchases["quantity"].sum() == pytest.approx(60.0)
    assert found.inventory.filter(period=11)["quantity"].sum() == pytest.approx(60.0)
    assert found.solution.objective_usd == pytest.approx(-600.0)
    assert audit(found).closes


def test_what_was_paid_is_taken_later_beyond_the_minimum() -> None:
    wants: list[dict[str, Any]] = [
        {"market": "m", "want": "w", "month": month(t), "quantity": 5.0 if t < 12 else 20.0, "price_usd": 100.0}
        for t in range(24)
    ]
    terms = {"contract": "c", "offer": "o", "status": "signed", "min_per_year": 240.0, "valid_from": month(0)}
    lost, later = (
        plan(chain_of(straight(24, demand=wants, stocks=NO_STOCK, contracts=[{**terms, "make_up_years": n}])), gap=1e-9)
        for n in (0, 1)
    )
    # 120 of 240 are not taken in the first year; the second needs 480, of which 240 are beyond its minimum
    assert later.contracts["made_up"].to_list() == pytest.approx([0.0, 120.0])
    assert later.solution.objective_usd == pytest.approx(lost.solution.objective_usd + 1200.0)
    assert audit(later).closes


def test_no_more_than_the_maximum_is_bought_while_signed() -> None:
    assert _planned(max_per_year=120.0).sales["quantity"].sum() == pytest.approx(60.0)
    assert _planned(max_per_year=240.0).sales["quantity"].sum() == pytest.approx(120.0)
    assert _planned(max_per_year=120.0, status="open").sales["quantity"].sum() == pytest.approx(120.0)


@pytest.mark.parametrize(("minimum", "signs"), [(300.0, True), (1200.0, False)])
def test_a_contract_is_signed_where_what_it_opens_is_worth_its_minimum(minimum: float, signs: bool) -> None:
    found = _planned(status="open", required="yes", min_per_year=minimum)
    # a pack brings 100 - 5 - 3 of freight - 20 for cells: 120 packs bring 8640, a cell not taken costs 10
    assert (found.contracts["status"].to_list() == ["sign"]) is signs
    expected = 8640.0 - 10.0 * (minimum - 240.0) if signs else 0.0
    assert found.solution.objective_usd == pytest.approx(expected)
    assert found.purchases.is_empty() is not signs


def test_a_contract_that_opens_nothing_is_not_signed() -> None:
    found = _planned(status="open", min_per_year=300.0)
    assert found.contracts["status"].to_list() == ["do not sign"]
    assert found.solution.objective_usd == plan(chain_of(straight(12)), gap=1e-9).solution.objective_usd


def test_too_late_is_not_signed() -> None:
    found = _planned(status="open", required="yes", signs_by=dt.date(2026, 12, 31))
    assert found.contracts["status"].to_list() == ["do not sign"]
    assert _planned(status="open", required="yes", signs_by=month(0)).contracts["status"].to_list() == ["sign"]


def test_a_prepayment_comes_back_on_invoices_and_costs_only_time() -> None:
    found = _planned(status="open", required="yes", min_per_year=240.0, prepaid_share=0.25)
    paid = found.cash.filter(kind="prepayment")
    assert paid.filter(period=0)["usd"].to_list() == pytest.approx([-600.0 + 50.0])
    assert paid["usd"].sum() == pytest.approx(0.0, abs=1e-9)
    assert paid.filter(pl.col("period") > 0)["usd"].to_list() == pytest.approx([50.0] * 11)
    lost = _planned(status="open", required="yes", min_per_year=480.0, prepaid_share=0.25, take_or_pay_share=1.0)
    assert lost.contracts["prepaid_usd"].sum() - lost.contracts["credited_usd"].sum() == pytest.approx(600.0)
    assert lost.landed.filter(kind="not_taken")["usd"].sum() == pytest.approx(600.0 + 2400.0)


def test_of_a_group_one_contract_is_signed() -> None:
    offers = [{"offer": f"o{n}", "site": "v", "item": "cell", "price_usd": price, "valid_from": month(0),
               "max_per_month": 10.0} for n, price in enumerate((10.0, 11.0))]  # fmt: skip
    rows = [{"contract": f"c{n}", "offer": f"o{n}", "status": "open", "required": "yes"} for n in range(2)]
    both = plan(chain_of(straight(12, offers=offers, contracts=rows)), gap=1e-9)
    assert both.contracts["status"].to_list() == ["sign", "sign"]
    one = plan(chain_of(straight(12, offers=offers, contracts=[row | {"one_of": "g"} for row in rows])), gap=1e-9)
    assert one.contracts["status"].to_list() == ["sign", "do not sign"]
    assert audit(one).closes


def test_quantities_of_part_of_a_year_are_that_part() -> None:
    found = _planned(
        min_per_year=365.0, valid_from=dt.date(2027, 4, 1), valid_to=dt.date(2027, 6, 30), max_per_year=730.0
    )
    assert found.contracts.select("minimum", "maximum").row(0) == pytest.approx((91.0, 182.0))
    own = _planned(24, min_per_year=365.0, valid_from=dt.date(2027, 7, 1), years="contract", take_or_pay_share=1.0)
    assert own.contracts["minimum"].to_list() == pytest.approx([365.0, 365.0 * 184 / 365])
    assert own.contracts["year"].to_list() == [2027, 2028]


def test_indexed_prices_move_late_and_stay_within_floor_and_cap() -> None:
    index = [{"index": "i", "month": month(t), "value": value} for t, value in enumerate((5.0, 20.0, 9.0))]
    offer = {"offer": "o", "site": "v", "item": "cell", "index": "i", "valid_from": month(0)}
    wanted = {"floor_usd": 8.0, "cap_usd": 15.0, "lag_months": 1}

    def prices(**terms: Any) -> list[float]:
        # stock is dear, so that something is bought every month
        rows = straight(4, offers=[{**offer, **terms}], indices=index)
        rows["settings"] = [
            row | ({"value": "1"} if row["name"] == "holding_per_year" else {}) for row in rows["settings"]
        ]
        rows["offers"][0]["max_per_month"] = 20.0
        found = plan(chain_of(rows), gap=1e-9)
        assert audit(found).closes
        return found.purchases["price_usd"].to_list()

    assert prices() == pytest.approx([5.0, 20.0, 9.0, 9.0])
    assert prices(**wanted) == pytest.approx([8.0, 8.0, 15.0, 9.0])


@pytest.mark.parametrize(
    ("minimum", "first", "good", "bad", "value"),
    [
        # 120 packs bring 8640, 60 bring 4320; of 600 cells 360 or 480 are paid and not taken, of 900 660 or 780
        (600.0, 0, "sign", "sign", 0.5 * (8640 - 3600) + 0.5 * (4320 - 4800)),
        (900.0, 0, "do not sign", "do not sign", 0.0),
        (365.0, 6, "sign", "do not sign", 0.5 * (4320 - 10 * (184 - 120))),
    ],
)
def test_a_contract_is_signed_alike_in_all_futures_that_are_not_told_apart_then(
    minimum: float, first: int, good: str, bad: str, value: float
) -> None:
    rows = straight(12, stocks=NO_STOCK)
    rows["contracts"] = [
        {"contract": "c", "offer": "o", "required": "yes", "min_per_year": minimum, "valid_from": month(first)}
    ]
    rows["scenarios"] = [
        {"scenario": name, "name": "", "probability": 0.5, "valid_from": month(6)} for name in ("good", "bad")
    ]
    rows["changes"] = [
        {"scenario": "bad", "table": "demand", "key": f"m|w|commercial|{month(t)}", "column": "quantity",
         "operation": "set", "value": "0"}
        for t in range(6, 12)
    ]  # fmt: skip
    tree = plan_tree(chain_of(rows), gap=1e-9, measures=False)
    assert {leaf: one.contracts["status"][0] for leaf, one in tree.plans.items()} == {"good": good, "bad": bad}
    assert tree.value_usd == pytest.approx(value)
