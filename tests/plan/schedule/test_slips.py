"""Orders that slip: by days with nothing else changed, and planned anew."""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.tiny import Rows, chain_of, straight

from cellroad.chain.chain import Chain
from cellroad.chain.check import check
from cellroad.chain.files import load
from cellroad.chain.orders import with_orders
from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan
from cellroad.plan.schedule import slip
from cellroad.plan.schedule.slips import projected

START = dt.date(2027, 1, 1)


def ordered(arrives: dt.date, quantity: float = 60.0, **changes: Any) -> Rows:
    """Twenty cells a month are used and none can be bought: three months of them come by one order."""
    rows = straight(3, **changes)
    rows["offers"][0] |= {"valid_from": dt.date(2027, 12, 1)}
    rows["stocks"] = [{"site": "p", "item": "cell", "on_hand": 0.0}]
    rows["orders"] = [
        {"order": "po", "site": "v", "item": "cell", "destination": "p", "lane": "in", "quantity": quantity,
         "ordered": dt.date(2026, 11, 1), "promised": arrives}
    ]  # fmt: skip
    return rows


def test_an_open_order_arrives_like_a_row_of_pipeline_and_only_once() -> None:
    chain = chain_of(ordered(START))
    pipeline = [{"arrival": "po", "site": "p", "item": "cell", "arrives": START, "quantity": 60.0}]
    other = chain_of({**ordered(START), "orders": [], "pipeline": pipeline})
    a, b = plan(chain), plan(other)
    assert a.solution.objective_usd == pytest.approx(b.solution.objective_usd)
    assert a.arrivals.select("arrival", "quantity").rows() == [("po", 60.0)]
    assert audit(a).closes
    assert with_orders(a.chain).pipeline.equals(a.chain.pipeline)


@pytest.mark.parametrize("change", [{"received": dt.date(2026, 12, 1)}, {"status": "cancelled"}])
def test_what_came_and_what_is_cancelled_does_not_arrive(change: dict[str, Any]) -> None:
    rows = ordered(START)
    rows["orders"][0] |= change
    assert plan(chain_of(rows)).sales.is_empty()


def test_a_slip_within_a_month_is_missing_for_its_days_at_the_rate_of_use() -> None:
    """February has 28 days: 20 cells are used in it evenly, those of January are on hand."""
    rows = ordered(dt.date(2027, 2, 1), 20.0)
    rows["stocks"][0]["on_hand"] = 20.0
    rows["demand"].pop()
    found = slip(chain_of(rows), "po", days=7)
    assert found.lacking == pytest.approx(7 * 20 / 28)
    assert (found.first_day, found.last_day) == (dt.date(2027, 2, 1), dt.date(2027, 2, 7))
    assert found.stops.rows() == [("pack", pytest.approx(7 * 10 / 28))]
    assert found.changes.is_empty() and found.short.is_empty()
    assert "as much, as far as it is proven" in found.text()


def test_a_slip_over_a_month_is_bought_elsewhere_where_that_pays_and_else_not_served() -> None:
    rows = ordered(dt.date(2027, 2, 1), 40.0)
    rows["stocks"][0]["on_hand"] = 20.0
    alone = slip(chain_of(rows), "po", expected=dt.date(2027, 3, 1))
    assert alone.short.rows() == [("m", "w", pytest.approx(10.0))]
    assert alone.after.solution.objective_usd == pytest.approx(alone.before.solution.objective_usd - 10 * (100 - 5 - 1))
    rows["sites"].append({"site": "b", "kind": "vendor", "name": "Vendor B", "country": "US", "calendar": "none"})
    rows["lanes"].append({**rows["lanes"][0], "lane": "in-b", "origin": "b"})
    rows["offers"].append({"offer": "ob", "site": "b", "item": "cell", "price_usd": 30.0, "valid_from": START})
    other = slip(chain_of(rows), "po", expected=dt.date(2027, 3, 1))
    assert other.short.is_empty()
    assert other.changes.select("offer", "vendor", "quantity", "kwh").rows() == [("ob", "Vendor B", 20.0, 20.0)]
    assert "use Vendor B for 20 kWh (ob)" in other.text()


@settings(max_examples=8, derandomize=True)
@given(st.integers(0, 80), st.integers(1, 30), st.integers(1, 30))
def test_stock_by_day_ends_each_month_as_the_plan_says_and_a_longer_slip_is_never_better(
    at: int, few: int, more: int
) -> None:
    rows = ordered(START + dt.timedelta(days=at))
    rows["stocks"][0]["on_hand"] = 30.0
    found = plan(chain_of(rows))
    was = START + dt.timedelta(days=at)
    little = projected(found, "p", "cell", 60.0, was, was + dt.timedelta(days=few))
    much = projected(found, "p", "cell", 60.0, was, was + dt.timedelta(days=few + more))
    held = dict.fromkeys(range(3), 0.0) | dict(
        found.inventory.filter(site="p", item="cell").select("period", "quantity").iter_rows()
    )
    ends = dict(zip(little["day"], little["on_hand"], strict=True))
    for period, end in found.periods.select("period", "end").iter_rows():
        assert ends[end] == pytest.approx(held[period], abs=1e-9)
    assert (much["missing"].to_numpy() >= little["missing"].to_numpy() - 1e-9).all()
    assert np.all(little["missing"].to_numpy() >= -1e-9)


def test_an_order_that_cannot_slip_is_told() -> None:
    chain = chain_of(ordered(START))
    for order, asked, words in (
        ("pa", {"days": 3}, "is not among the orders. Open are po."), ("po", {}, "either days or expected"),
        ("po", {"days": 0}, "not after 2027-01-01"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            slip(chain, order, **asked)


def test_orders_that_make_no_sense_are_told_at_once() -> None:
    rows = ordered(START)
    one = rows["orders"][0]
    rows["orders"] = [
        {**one, "order": "a", "received": dt.date(2026, 10, 1)},
        {**one, "order": "b", "received": dt.date(2026, 12, 1), "received_quantity": 5.0, "rejected": 6.0},
        {**one, "order": "c", "rejected": 1.0},
        {**one, "order": "d", "lane": "out"},
        {**one, "order": "e", "promised": dt.date(2026, 12, 1)},
        {**one, "order": "f", "currency": "CNY"},
    ]
    rows["orders"] = [{"received": None, "received_quantity": None, "rejected": 0.0, "currency": "", **row}
                      for row in rows["orders"]]  # fmt: skip
    told = [(f.row, f.column, f.severity) for f in check(chain_of(rows)) if f.table == "orders"]
    assert sorted(told, key=str) == sorted([
        (2, "received", "blocker"), (3, "rejected", "blocker"), (4, "received", "blocker"), (5, "lane", "blocker"),
        (6, "expected", "warning"), (7, "currency", "blocker"),
    ], key=str)  # fmt: skip


def test_a_company_closed_for_a_month_makes_nothing_in_it() -> None:
    rows = straight(3)
    rows["resources"] = [{"resource": "line", "site": "p", "hours_per_month": 1000.0}]
    rows["processes"][0] |= {"resource": "line", "hours_per_unit": 1.0}
    rows["sites"][1]["calendar"] = "none;2027-02-01/2027-02-28"
    made = plan(chain_of(rows)).production
    assert made.filter(pl.col("runs") > 1e-9)["period"].unique().sort().to_list() == [0, 2]


def test_the_example_tells_what_a_slip_of_its_order_does() -> None:
    chain = load("yousolar")
    found = slip(chain, "po-2604", days=9, gap=1e-3)
    assert found.from_day == dt.date(2027, 4, 20) and found.lacking > 0
    late = found.stops.row(0, named=True)
    assert late["item"] == "pack5-b" and late["units"] == pytest.approx(found.lacking * 0.985 * 0.99 / 16, rel=2e-3)
    assert isinstance(found.before.chain, Chain)
