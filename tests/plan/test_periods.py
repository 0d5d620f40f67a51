"""Time: what leaves arrives, later and never sooner, and nothing is lost on the way."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.chain.settings import PlanSettings
from cellroad.plan.periods import MARGIN_DAYS, Openness, add_months, make_periods, openness

steady = settings(max_examples=60, derandomize=True)
PERIODS = make_periods(PlanSettings(start=dt.date(2026, 11, 1), months=18, quarters_after=9))


def arrived_by(place: Openness, lead: float) -> np.ndarray:
    """Return the share of each period's departures that has arrived by the end of each period: (T, T + 1)."""
    count = place.periods.count
    shares = np.zeros((count, count + 1))
    for period, to, share in place.arrivals(lead).iter_rows():
        shares[period, to] += share
    return shares.cumsum(axis=1)


@steady
@given(st.sampled_from(["none", "US", "CN", "KR"]), st.floats(0, 390))
def test_what_leaves_arrives_as_a_whole_and_never_before_it_left(calendar: str, lead: float) -> None:
    arrivals = openness(PERIODS, calendar).arrivals(lead)
    total = arrivals.group_by("period").agg(pl.col("share").sum()).sort("period")
    assert total["period"].to_list() == list(range(PERIODS.count))
    assert total["share"].to_numpy() == pytest.approx(1.0)
    assert (arrivals["to"] >= arrivals["period"]).all()
    assert (arrivals["share"] > 0).all()


@steady
@given(st.sampled_from(["none", "CN"]), st.integers(0, 300), st.integers(0, 90))
def test_a_longer_way_never_arrives_sooner(calendar: str, lead: int, more: int) -> None:
    place = openness(PERIODS, calendar)
    assert np.all(arrived_by(place, lead + more) <= arrived_by(place, lead) + 1e-12)


@steady
@given(st.integers(0, 120), st.integers(0, 400), st.integers(1, 40))
def test_a_shutdown_never_makes_an_arrival_sooner(lead: int, first: int, length: int) -> None:
    days = int(PERIODS.first_day[-1]) + 2 * MARGIN_DAYS
    shut = np.zeros(days, dtype=bool)
    shut[MARGIN_DAYS + first : MARGIN_DAYS + first + length] = True
    with_it, without = Openness(PERIODS, shut), Openness(PERIODS, np.zeros(days, dtype=bool))
    assert np.all(arrived_by(with_it, lead) <= arrived_by(without, lead) + 1e-12)
    assert np.all(with_it.share <= without.share)


def test_a_quarter_is_the_sum_of_its_months() -> None:
    chosen = {"start": dt.date(2027, 1, 1), "months": 12}
    months = make_periods(PlanSettings(**chosen, quarters_after=12))
    quarters = make_periods(PlanSettings(**chosen, quarters_after=0))
    assert quarters.frame["days"].to_list() == months.frame["days"].to_numpy().reshape(4, 3).sum(axis=1).tolist()
    assert quarters.frame["label"].to_list() == [f"2027 Q{n}" for n in (1, 2, 3, 4)]
    daily = np.random.default_rng(1).random(365)
    by_month = months.mean(daily) * months.frame["days"].to_numpy()
    assert quarters.mean(daily) * quarters.frame["days"].to_numpy() == pytest.approx(by_month.reshape(4, 3).sum(axis=1))


@steady
@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 12))
def test_periods_cover_the_horizon_without_gap(months: int, quarters_after: int, first: int) -> None:
    start = dt.date(2027, first, 1)
    periods = make_periods(PlanSettings(start=start, months=months, quarters_after=quarters_after, years_after=18))
    frame = periods.frame
    assert int(frame["months"].sum()) == months and frame["start"][0] == start
    assert (frame["start"][1:] == frame["end"][:-1].dt.offset_by("1d")).all()
    assert periods.end == add_months(start, months)
    assert int(periods.first_day[-1]) == (periods.end - start).days == periods.of_day.size
    for day in (0, periods.of_day.size // 2, periods.of_day.size - 1):
        row = frame.row(int(periods.of_day[day]), named=True)
        assert row["start"] <= periods.date_of(day) <= row["end"]


def test_goods_from_china_wait_for_the_new_year_and_those_from_malaysia_do_not() -> None:
    """The first day of Chinese New Year 2027 is 6 February; factories close for weeks around it."""
    periods = make_periods(PlanSettings(start=dt.date(2027, 1, 1), months=6))
    china, malaysia = (openness(periods, calendar) for calendar in ("CN", "MY"))

    def mean_arrival(place: Openness) -> float:
        leave = place.next_open[MARGIN_DAYS + 31 : MARGIN_DAYS + 59] - MARGIN_DAYS
        return float(leave.mean()) + 20

    assert mean_arrival(china) > mean_arrival(malaysia) + 2
    in_february = {name: arrived_by(place, 20)[1, 1] for name, place in (("CN", china), ("MY", malaysia))}
    assert in_february["CN"] < in_february["MY"] == pytest.approx(8 / 28)
    assert china.share[1] < 0.8 and malaysia.share[1] == 1.0


def test_without_a_calendar_arrivals_are_counted_by_day() -> None:
    periods = make_periods(PlanSettings(start=dt.date(2027, 1, 1), months=3))
    found = openness(periods, "none").arrivals(20).filter(pl.col("period") == 0).sort("to")
    assert found["to"].to_list() == [0, 1]
    assert found["share"].to_list() == pytest.approx([11 / 31, 20 / 31])


@steady
@given(st.sampled_from(["none", "CN"]), st.integers(0, 500), st.integers(0, 120))
def test_between_order_and_readiness_lie_as_many_working_days_as_the_lead_time(
    calendar: str, day: int, lead: int
) -> None:
    place = openness(PERIODS, calendar)
    ordered = place.order_day(day, lead)
    worked = ~place.closed[ordered + 1 + MARGIN_DAYS : day + 1 + MARGIN_DAYS]
    assert int(worked.sum()) == lead
    assert not place.closed[ordered + MARGIN_DAYS]


@steady
@given(st.floats(0, 1), st.integers(-100, 3000))
def test_discounting_has_its_closed_form(rate: float, day: int) -> None:
    periods = make_periods(PlanSettings(months=6, discount_per_year=rate))
    assert float(periods.discount_at(day)) == pytest.approx((1 + rate) ** (-day / 365.25))
    middle = periods.first_day[:-1] + np.diff(periods.first_day) / 2
    assert periods.discount == pytest.approx(periods.discount_at(middle))


@steady
@given(st.integers(-50, 600), st.integers(-50, 600))
def test_the_share_of_days_is_a_count_of_days(first: int, length: int) -> None:
    begin, end = PERIODS.date_of(first), PERIODS.date_of(first + length)
    counted = [
        sum(begin <= row["start"] + dt.timedelta(days=n) <= end for n in range(row["days"])) / row["days"]
        for row in PERIODS.frame.iter_rows(named=True)
    ]
    assert PERIODS.share_of_days(begin, end) == pytest.approx(counted)
    assert PERIODS.share_of_days(None, None) == pytest.approx(1.0)
