"""Starts: what is spent, when it is ready, what it can do as it ages and what is left of it at the end."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.tiny import Rows, chain_of

from cellroad.plan.network.arcs import open_days
from cellroad.plan.options.starting import Starts, candidates, make_lines, make_starts, months_in_use, spending
from cellroad.plan.periods import make_periods

steady = settings(max_examples=100, derandomize=True)
shares = st.lists(st.integers(0, 9).map(lambda tenth: tenth / 10), min_size=1, max_size=5).filter(sum)


@steady
@given(shares, st.integers(0, 30))
def test_spending_adds_up_to_the_investment(parts: list[float], months: int) -> None:
    found = spending(";".join(map(str, parts)), months)
    assert found.size == max(months, 1)
    assert found.sum() == pytest.approx(1.0)
    assert np.all(found >= -1e-12)


@steady
@given(shares, st.integers(1, 5))
def test_a_part_of_the_profile_is_spent_in_its_part_of_the_time(parts: list[float], each: int) -> None:
    found = spending(";".join(map(str, parts)), each * len(parts))
    assert found.reshape(len(parts), each).sum(axis=1) == pytest.approx(np.array(parts) / sum(parts))
    assert np.ptp(found.reshape(len(parts), each), axis=1) == pytest.approx(0.0)


def test_without_a_profile_spending_is_even_and_without_building_time_at_once() -> None:
    assert spending("", 4) == pytest.approx([0.25] * 4)
    assert spending("0.2;0.8", 0) == pytest.approx([1.0])
    assert spending("0.2;0.8", 3) == pytest.approx([0.2 / 1.5, 0.1 / 1.5 + 0.4 / 1.5, 0.8 / 1.5])


def base(**tables: list[dict[str, object]]) -> Rows:
    return {
        "settings": [
            {"name": "start", "value": "2027-01"}, {"name": "months", "value": "12"},
            {"name": "quarters_after", "value": "6"}, {"name": "decide_every_months", "value": "1"},
        ],
        "sites": [{"site": "plant", "name": "", "kind": "pack", "country": "US", "calendar": "none"}],
        "items": [{"item": "pack", "name": "", "stage": "pack"}],
        "resources": [{"resource": "line", "site": "plant", "hours_per_month": 100.0, "status": "option",
                       "fixed_usd_per_month": 10.0, "ramp": "slow"}],
        "ramps": [
            {"ramp": "slow", "month": 0, "capacity_share": 0.2, "yield_share": 0.5},
            {"ramp": "slow", "month": 2, "capacity_share": 0.6, "yield_share": 0.8},
            {"ramp": "slow", "month": 5, "capacity_share": 1.0, "yield_share": 1.0},
        ],
        "options": [{"option": "build", "resource": "line", "earliest": dt.date(2027, 2, 1),
                     "latest": dt.date(2027, 3, 31), "build_months": 2, "capex_usd": 1200.0, "life_years": 2.0,
                     "spend_profile": "0.25;0.75"}],
        **tables,
    }  # fmt: skip


def started(rows: Rows) -> Starts:
    chain = chain_of(rows)
    plan_settings = chain.plan_settings()
    return make_starts(chain, make_periods(plan_settings), plan_settings)


def test_a_start_is_decided_in_its_window_and_ready_after_its_building_time() -> None:
    frame = started(base()).frame
    assert frame["decided"].to_list() == [dt.date(2027, 2, 1), dt.date(2027, 3, 1)]
    assert frame["ready"].to_list() == [dt.date(2027, 4, 1), dt.date(2027, 5, 1)]
    assert frame["ready_day"].to_list() == [90, 120]


def test_the_money_of_a_start_is_its_investment_fixed_cost_and_straight_line_value() -> None:
    cash = started(base()).cash.filter(pl.col("start") == 0)
    by_kind = {str(kind): group.sort("period") for (kind,), group in cash.group_by("kind")}
    assert by_kind["capex"].select("period", "usd").rows() == [(1, -300.0), (2, -900.0)]
    # ready on 1 April: April, May and June as months 3, 4, 5, then two quarters
    assert by_kind["fixed"].select("period", "usd").rows() == [(3, -10), (4, -10), (5, -10), (6, -30), (7, -30)]
    assert by_kind["end_plant"].select("period", "usd").rows() == [(8, pytest.approx(1200 * (1 - 9 / 24)))]


def test_what_has_outlived_its_life_is_worth_nothing() -> None:
    rows = base()
    rows["options"][0]["life_years"] = 0.5
    found = started(rows)
    assert found.frame["residual_usd"].to_list() == [0.0, 0.0]
    assert "end_plant" not in found.cash["kind"]


def test_what_would_be_ready_after_the_horizon_cannot_be_started() -> None:
    rows = base()
    rows["options"][0] |= {"build_months": 10}
    assert started(rows).frame["decided"].to_list() == [dt.date(2027, 2, 1)]
    rows["options"][0] |= {"build_months": 11}
    assert started(rows).frame.is_empty()


def test_a_closed_line_offers_no_start() -> None:
    rows = base()
    rows["resources"][0]["status"] = "closed"
    assert started(rows).frame.is_empty()


@steady
@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 6))
def test_a_decision_falls_in_its_window_at_the_pace(first: int, length: int, pace: int) -> None:
    chain = chain_of(base())
    plan_settings = chain.plan_settings()
    periods = make_periods(plan_settings)
    paced = type(plan_settings)(start=plan_settings.start, months=12, quarters_after=6, decide_every_months=pace)
    earliest, latest = periods.date_of(first), periods.date_of(first + length)
    found = candidates(periods, paced, earliest, latest)
    starts = periods.frame["start"].to_list()
    inside = [n for n, start in enumerate(starts) if earliest <= start <= latest]
    assert set(found) <= set(inside)
    assert bool(found) == bool(inside)
    assert found == [n for n in inside if n == inside[0] or periods.first_month[n] % pace == 0]


def test_a_campaign_is_ready_after_its_weeks() -> None:
    rows = base(certificates=[{"item": "pack", "standard": "UL 1973", "weeks": 6.0, "cost_usd": 7.0,
                               "earliest": dt.date(2027, 7, 1)}])  # fmt: skip
    found = started(rows)
    campaigns = found.frame.filter(pl.col("kind") == "certificate")
    assert campaigns["decided"].to_list() == [dt.date(2027, 7, 1), dt.date(2027, 10, 1)]
    assert campaigns["ready"].to_list() == [dt.date(2027, 8, 12), dt.date(2027, 11, 12)]
    assert found.cash.filter(pl.col("kind") == "certificate")["usd"].to_list() == [-7.0, -7.0]


def test_a_ramp_is_followed_by_age_and_held_at_its_end() -> None:
    chain = chain_of(base())
    plan_settings = chain.plan_settings()
    periods = make_periods(plan_settings)
    starts = make_starts(chain, periods, plan_settings)
    lines = make_lines(chain, periods, starts, open_days(chain, periods)).filter(pl.col("start") == 0).sort("period")
    # April to June are ages 0, 1, 2; then ages 3, 4, 5 and 6, 7, 8 by quarter
    assert lines["period"].to_list() == [3, 4, 5, 6, 7]
    assert lines["hours"].to_list() == pytest.approx([20, 20, 60, 60 + 60 + 100, 300])
    mean_yield = (0.6 * 0.8 + 0.6 * 0.8 + 1.0 * 1.0) / 2.2
    assert lines["ramp_yield"].to_list() == pytest.approx([0.5, 0.5, 0.8, mean_yield, 1.0])


def test_a_standing_line_ramps_from_its_first_day() -> None:
    rows = base(options=[])
    rows["resources"][0] |= {"status": "operating", "since": dt.date(2026, 11, 1)}
    chain = chain_of(rows)
    plan_settings = chain.plan_settings()
    periods = make_periods(plan_settings)
    lines = make_lines(chain, periods, make_starts(chain, periods, plan_settings), open_days(chain, periods))
    assert lines.sort("period")["hours"].to_list() == pytest.approx([60, 60, 60, 100, 100, 100, 300, 300])


def test_months_in_use_are_counted_from_the_month_it_is_ready() -> None:
    periods = make_periods(chain_of(base()).plan_settings())
    assert months_in_use(periods, 0).tolist() == [1, 1, 1, 1, 1, 1, 3, 3]
    assert months_in_use(periods, 7).tolist() == [0, 0, 0, 0, 0, 0, 2, 3]
    assert months_in_use(periods, 12).sum() == 0
