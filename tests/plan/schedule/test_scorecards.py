"""How vendors kept their word, against sums by hand and the interval of scipy."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from tests.plan.tiny import chain_of, straight

from cellroad.plan import schedule

DAY = dt.date(2026, 3, 2)


def card(*orders: dict[str, Any], today: dt.date = dt.date(2027, 1, 4), **asked: Any) -> dict[str, Any]:
    rows = straight()
    rows["orders"] = [
        {"order": f"po{number}", "site": "v", "item": "cell", "destination": "p", "quantity": 100.0, "ordered": DAY,
         "promised": DAY + dt.timedelta(days=60), **order}
        for number, order in enumerate(orders)
    ]  # fmt: skip
    found = schedule.scorecards(chain_of(rows), today, **asked)
    return found.row(0, named=True) if found.height else {}


def late(days: int) -> dict[str, Any]:
    return {"received": DAY + dt.timedelta(days=60 + days)}


@settings(max_examples=15, derandomize=True)
@given(st.lists(st.integers(-20, 40), min_size=1, max_size=25), st.integers(0, 10))
def test_on_time_and_its_interval_are_those_of_wilson(days: list[int], grace: int) -> None:
    found = card(*(late(number) for number in days), grace_days=grace)
    kept = sum(number <= grace for number in days)
    interval = binomtest(kept, len(days)).proportion_ci(0.95, method="wilson")
    assert found["on_time_share"] == pytest.approx(kept / len(days))
    assert (found["on_time_low"], found["on_time_high"]) == pytest.approx((interval.low, interval.high), abs=1e-9)
    assert found["late_days_mean"] == pytest.approx(sum(max(number, 0) for number in days) / len(days))
    assert found["late_days_worst"] == max([0, *days])


def test_an_open_order_past_its_promise_is_late_already_and_one_before_it_says_nothing() -> None:
    due = DAY + dt.timedelta(days=60)
    found = card(late(0), {}, today=due + dt.timedelta(days=5))
    assert (found["received"], found["open"], found["overdue"], found["on_time_share"]) == (1, 1, 1, 0.5)
    found = card(late(0), {}, today=due)
    assert (found["open"], found["overdue"], found["on_time_share"]) == (1, 0, 1.0)


def test_what_is_entered_later_is_not_known_yet_and_what_is_cancelled_does_not_count() -> None:
    found = card(late(0), late(30), {"status": "cancelled"}, today=DAY + dt.timedelta(days=65))
    assert (found["orders"], found["received"], found["overdue"]) == (2, 1, 1)
    assert card({}, today=DAY - dt.timedelta(days=1)) == {}


def test_quality_and_completeness_are_shares_of_what_came_and_of_what_was_ordered() -> None:
    found = card({**late(0), "received_quantity": 90.0, "rejected": 3.0}, {**late(0), "quantity": 300.0})
    assert found["filled_share"] == pytest.approx(390 / 400)
    assert found["rejected_ppm"] == pytest.approx(3e6 / 390)
    assert found["kwh"] == pytest.approx(390)


def test_prices_are_compared_in_dollars_of_their_day_over_a_year() -> None:
    """From 10 to 9 dollars in two years of 365.25 days each."""
    rows = straight()
    rows["currencies"] = [
        {"currency": "CNY", "month": dt.date(2025, 1, 1), "usd": 0.2},
        {"currency": "CNY", "month": dt.date(2026, 6, 1), "usd": 0.1},
    ]
    first = dt.date(2025, 1, 1)
    last = first + dt.timedelta(days=730)
    common = {"site": "v", "item": "cell", "destination": "p", "quantity": 1.0}
    rows["orders"] = [
        {"order": "a", **common, "price_usd": 50.0, "currency": "CNY", "ordered": first, "promised": first},
        {"order": "b", **common, "price_usd": 90.0, "currency": "CNY", "ordered": last, "promised": last},
        {"order": "c", **common, "ordered": last, "promised": last},
    ]
    chain = chain_of(rows)
    assert schedule.prices(chain).select("order", "usd", "usd_per_kwh").rows() == [("a", 10.0, 10.0), ("b", 9.0, 9.0)]
    found = schedule.scorecards(chain, dt.date(2027, 6, 1)).row(0, named=True)
    assert found["price_change_per_year"] == pytest.approx(0.9 ** (365.25 / 730) - 1)
    assert found["usd_per_kwh_last"] == 9.0
