"""Quotes made comparable, against sums by hand."""

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.tiny import Rows, chain_of, straight

from cellroad.chain.chain import Chain
from cellroad.chain.check import check
from cellroad.chain.files import load
from cellroad.plan import schedule
from cellroad.plan.schedule import Quotation

NEED, TODAY = dt.date(2027, 6, 1), dt.date(2027, 1, 4)


def quoted(*quotes: dict[str, Any], **changes: Any) -> Chain:
    rows: Rows = straight(4, **changes)
    rows["lanes"][0] |= {"transit_days": 20.0}
    rows["quotes"] = [
        {"quote": f"q{number}", "site": "v", "item": "cell", "price_usd": 10.0, "incoterm": "FCA", "lead_days": 30,
         "valid_from": TODAY, **quote}
        for number, quote in enumerate(quotes)
    ]  # fmt: skip
    return chain_of(rows)


def compared(chain: Chain, **changes: Any) -> Quotation:
    asked = {"destination": "p", "need": NEED, "kwh": 100.0, "today": TODAY}
    return schedule.compare_quotes(chain, **{**asked, **changes})


def row(chain: Chain, quote: str = "q0", **changes: Any) -> dict[str, Any]:
    return compared(chain, **changes).compared.filter(quote=quote).row(0, named=True)


def test_a_quote_costs_its_price_its_way_and_its_money_per_usable_kwh() -> None:
    """A way of 20 days and 30 days of making: ordered 50 days before the need, handed over 20 days before."""
    found = row(quoted({"deposit_share": 0.25, "payment_days": 10, "usable_share": 0.8}))
    money = 0.10 / 365 * 10.0 * (0.25 * 50 + 0.75 * (20 - 10))
    assert found["money_usd"] == pytest.approx(money)
    assert found["landed_usd"] == pytest.approx(10.0 + 1.0 + money)
    assert found["usd_per_usable_kwh"] == pytest.approx((11.0 + money) / 0.8)
    assert (found["order_by"], found["arrives"]) == (dt.date(2027, 4, 12), NEED)
    assert (found["units"], found["fits"]) == (125, True)


def test_the_same_price_in_another_currency_is_the_same_quote() -> None:
    rates = [{"currency": "CNY", "month": dt.date(2026, 1, 1), "usd": 0.125}]
    chain = quoted({}, {"price_usd": 80.0, "currency": "CNY"}, currencies=rates)
    assert row(chain, "q1")["landed_usd"] == pytest.approx(row(chain, "q0")["landed_usd"])


@settings(max_examples=15, derandomize=True)
@given(st.integers(0, 120), st.integers(0, 120), st.floats(0, 1), st.floats(0, 1))
def test_later_payment_is_never_dearer_and_a_deposit_never_cheaper(a: int, b: int, c: float, d: float) -> None:
    (early, late), (little, much) = sorted((a, b)), sorted((c, d))
    chain = quoted(
        {"payment_days": late}, {"payment_days": early},
        {"payment_days": early, "deposit_share": little}, {"payment_days": early, "deposit_share": much},
    )  # fmt: skip
    cost = dict(compared(chain).compared.select("quote", "usd_per_usable_kwh").iter_rows())
    assert cost["q0"] <= cost["q1"] + 1e-12 and cost["q2"] <= cost["q3"] + 1e-12


def test_what_does_not_fit_is_told_and_stands_last() -> None:
    chain = quoted(
        {"price_usd": 12.0, "standards": "UL 1973; UN 38.3"},
        {"price_usd": 9.0},
        {"price_usd": 8.0, "standards": "ul 1973", "lead_days": 200},
        {"price_usd": 7.0, "standards": "UL 1973", "valid_to": dt.date(2027, 1, 3), "valid_from": dt.date(2026, 1, 1)},
        {"price_usd": 6.0, "status": "declined"},
    )
    found = compared(chain, standards=("UL 1973",))
    assert found.compared["quote"].to_list() == ["q0", "q3", "q2", "q1"]
    because = dict(found.compared.select("quote", "because").iter_rows())
    assert because["q0"] == "" and because["q1"] == "shows no UL 1973" and because["q3"] == "ended on 3 Jan 2027"
    assert because["q2"] == "must be ordered by 24 Oct 2026: arrives on 12 Aug 2027"
    assert found.summary().startswith("q0 of v is best: $13.0")


def test_an_order_of_today_is_early_enough_for_the_arrival_that_is_told_and_not_for_a_day_before() -> None:
    late = {"lead_days": 40}
    chain = load("yousolar")
    moved = chain.quotes.filter(request="cells-2027").with_columns(
        **{name: pl.lit(value) for name, value in late.items()}
    )
    chain = Chain.of(chain.name, **{**chain.tables, "quotes": moved})
    asked = {"destination": "oakland", "kwh": 2500.0, "today": dt.date(2027, 1, 8)}
    arrives = row(chain, "q-a", need=dt.date(2027, 3, 20), **asked)["arrives"]
    assert arrives > dt.date(2027, 3, 20)
    assert row(chain, "q-a", need=arrives, **asked)["order_by"] >= asked["today"]
    assert row(chain, "q-a", need=arrives - dt.timedelta(days=1), **asked)["order_by"] < asked["today"]


def test_the_least_order_counts_and_the_most_a_month_takes_time() -> None:
    found = row(quoted({"moq": 500.0, "max_per_month": 200.0}))
    assert (found["units"], found["order_units"], found["months"]) == (100, 500, 3)
    assert found["order_usd"] == pytest.approx(500 * found["landed_usd"])


def test_the_planner_splits_between_quotes_and_offers_as_their_prices_and_limits_say() -> None:
    """Twenty cells a month are used: two thirds can be had at 8, the rest costs 9; the open offer of 10 is not used."""
    first = {"valid_from": dt.date(2027, 1, 1), "lead_days": 0}
    chain = quoted({**first, "price_usd": 8.0, "max_per_month": 12.0}, {**first, "price_usd": 9.0})
    chain = Chain.of(chain.name, **{**chain.tables, "lanes": chain.lanes.with_columns(transit_days=pl.lit(0.0))})
    found = schedule.award(chain)
    assert found.split.select("offer", "how", "quantity").rows() == [("q0", "quote", 48.0), ("q1", "quote", 32.0)]
    assert found.split["share"].to_list() == pytest.approx([0.6, 0.4])


def test_a_question_that_cannot_be_asked_is_told_with_all_that_is_wrong() -> None:
    with pytest.raises(ValueError) as told:
        schedule.compare_quotes(quoted({"request": "cells"}), "sells", destination="q", need=NEED, kwh=0.0, today=TODAY)
    assert "no site is called 'q'" in str(told.value) and "requests cells" in str(told.value)
    assert "0 kWh" in str(told.value)


def test_a_quote_without_a_way_is_told_beside_the_others() -> None:
    chain = quoted({}, {"site": "m"})
    found = row(chain, "q1")
    assert found["usd_per_usable_kwh"] is None and "no way from 'm' to 'p'" in found["because"]


def test_quotes_of_the_example_are_without_blame() -> None:
    chain = load("yousolar")
    assert not [finding for finding in check(chain) if finding.table in ("quotes", "orders", "currencies")]
