"""Tiers: against every tier of every year and period, and one by one in the plainest chain."""

import random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.plan.reference_contracts import AgreedReference
from tests.plan.tiny import chain_of, straight
from tests.plan.tiny_contracts import tiered_rows

from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan


@settings(
    max_examples=15,
    derandomize=True,
    phases=[Phase.generate],
)
@given(st.randoms(use_true_random=False))
def test_a_plan_with_tiers_is_worth_as_much_as_the_best_of_all_tiers(r: random.Random) -> None:
    rows = tiered_rows(r)
    best = AgreedReference(rows).best()
    found = plan(chain_of(rows), gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert audit(found).closes


def _planned(*tiers: tuple[float, float], **offer: Any) -> Plan:
    """Plan the plainest chain with tiers of its offer, (from, price): 240 cells a year are of use."""
    rows = straight(12, tiers=[{"offer": "o", "from_quantity": low, "price_usd": usd} for low, usd in tiers])
    rows["offers"] = [rows["offers"][0] | offer]
    found = plan(chain_of(rows), gap=1e-9)
    assert audit(found).closes
    return found


@pytest.mark.parametrize(
    ("tiers", "spent"),
    [
        (((100.0, 8.0), (200.0, 7.0)), 100 * 10 + 100 * 8 + 40 * 7),
        (((100.0, 12.0), (200.0, 15.0)), 100 * 10 + 100 * 12 + 40 * 15),
        (((100.0, 12.0), (200.0, 7.0)), 100 * 10 + 100 * 12 + 40 * 7),
        (((500.0, 1.0),), 240 * 10),
    ],
)
def test_what_exceeds_a_threshold_has_the_price_of_its_tier(
    tiers: tuple[tuple[float, float], ...], spent: float
) -> None:
    found = _planned(*tiers)
    assert found.purchases["cost_usd"].sum() - found.purchases["rebate_usd"].sum() == pytest.approx(spent)
    assert found.landed.filter(found.landed["kind"].is_in(["purchase", "rebate"]))["usd"].sum() == pytest.approx(spent)


def test_rising_prices_need_no_decision() -> None:
    assert _planned((100.0, 12.0), (200.0, 15.0)).solution.integers == 0
    assert _planned((100.0, 8.0)).solution.integers == 2


def test_a_lower_price_for_all_units_is_reached_by_buying_more() -> None:
    # 250 at 9 cost 2250, less than 240 at 10
    found = _planned((250.0, 9.0), tier_kind="all_units")
    assert found.purchases["quantity"].sum() == pytest.approx(250.0)
    assert found.tiers.select("tier", "price_usd", "rebate_usd").rows() == [(1, 9.0, pytest.approx(250.0))]
    assert found.cash.filter(kind="rebate")["period"].to_list() == [11]
    # 270 at 9 cost 2430
    assert _planned((270.0, 9.0), tier_kind="all_units").purchases["quantity"].sum() == pytest.approx(240.0)


def test_a_discount_on_orders_gathers_them() -> None:
    found = _planned((60.0, 9.0), tier_kind="all_units", tier_per="period")
    assert found.purchases["quantity"].min() >= 60.0 - 1e-6
    assert found.purchases["rebate_usd"].sum() == pytest.approx(240.0)
    assert _planned((500.0, 9.0), tier_kind="all_units", tier_per="period").tiers["rebate_usd"].sum() == 0
