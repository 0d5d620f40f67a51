import datetime as dt

import holidays
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.chain import facts
from cellroad.chain.calendars import FESTIVALS, OWN, events, holidays_of, parts, shutdown, working

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2045, 12, 31))
SHUTDOWNS = facts.calendars().filter(pl.col("shutdown_start_days_before").is_not_null())


@pytest.mark.parametrize("row", SHUTDOWNS.to_dicts(), ids=lambda row: row["cal_id"])
def test_shipped_festivals_fall_where_the_holidays_library_puts_them(row: dict[str, object]) -> None:
    library = holidays.country_holidays("CN", years=int(str(row["year"])), language="en_US")
    days = [day for day, name in library.items() if FESTIVALS[str(row["event"])] in name.split("; ")]
    assert min(days) == row["date"]


def test_chinese_new_year_2027_closes_factories_for_22_days() -> None:
    closed = shutdown("CN", dt.date(2027, 1, 1), dt.date(2027, 3, 31))
    days = [dt.date(2027, 1, 1) + dt.timedelta(days=int(i)) for i in np.flatnonzero(closed)]
    assert (days[0], days[-1], len(days)) == (dt.date(2027, 1, 30), dt.date(2027, 2, 20), 22)


@pytest.mark.parametrize("new_year", [dt.date(2033, 1, 31), dt.date(2034, 2, 19), dt.date(2040, 2, 12)])
def test_after_the_shipped_years_the_window_follows_the_moon(new_year: dt.date) -> None:
    closed = shutdown("CN", dt.date(new_year.year, 1, 1), dt.date(new_year.year, 4, 1))
    first = dt.date(new_year.year, 1, 1) + dt.timedelta(days=int(np.flatnonzero(closed)[0]))
    assert (new_year - first).days == 7
    assert closed.sum() == 22


@pytest.mark.parametrize("calendar", ["none", "US", "MY"])
def test_a_place_without_shutdowns_never_shuts_down(calendar: str) -> None:
    assert not shutdown(calendar, dt.date(2024, 1, 1), dt.date(2034, 12, 31)).any()


@given(days=st.lists(DAYS, min_size=3, max_size=3).map(sorted))
def test_a_span_is_the_sum_of_its_parts(days: list[dt.date]) -> None:
    first, middle, last = days
    whole = shutdown("CN", first, last)
    parts = [shutdown("CN", first, middle), shutdown("CN", middle + dt.timedelta(days=1), last)]
    assert whole.size == (last - first).days + 1
    assert (whole == np.concatenate(parts)).all()


@given(first=DAYS, span=st.integers(0, 400), calendar=st.sampled_from(["CN", "US", "MY", "KR", "JP", "DE"]))
def test_no_work_on_weekends_holidays_and_shutdowns_and_work_on_every_other_day(
    first: dt.date, span: int, calendar: str
) -> None:
    last = first + dt.timedelta(days=span)
    free = holidays.country_holidays(calendar, years=range(first.year, last.year + 1))
    made_up = free.weekend_workdays
    expected = [
        (day in made_up or (day.weekday() < 5 and day not in free)) and not shutdown(calendar, day, day)[0]
        for day in (first + dt.timedelta(days=i) for i in range(span + 1))
    ]
    assert working(calendar, first, last).tolist() == expected


DECREED = {
    2024: ("01-01 02-10:02-17 04-04:04-06 05-01:05-05 06-08:06-10 09-15:09-17 10-01:10-07",
           "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12"),
    2025: ("01-01 01-28:02-04 04-04:04-06 05-01:05-05 05-31:06-02 10-01:10-08",
           "01-26 02-08 04-27 09-28 10-11"),
    2026: ("01-01:01-03 02-15:02-23 04-04:04-06 05-01:05-05 06-19:06-21 09-25:09-27 10-01:10-07",
           "01-04 02-14 02-28 05-09 09-20 10-10"),
}  # fmt: skip
"""Days off and weekends worked for them, by the notices of the General Office of the State Council of each year."""


@pytest.mark.parametrize("year", DECREED)
def test_china_works_as_its_state_council_decrees(year: int) -> None:
    spans, worked = DECREED[year]
    days = [dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range(366 if year % 4 == 0 else 365)]
    off = set()
    for span in spans.split():
        first, last = (dt.date.fromisoformat(f"{year}-{day}") for day in (span.split(":") * 2)[:2])
        off |= {day for day in days if first <= day <= last}
    made_up = {dt.date.fromisoformat(f"{year}-{day}") for day in worked.split()}
    closed = shutdown("CN", days[0], days[-1])
    expected = [
        (day in made_up or (day.weekday() < 5 and day not in off)) and not shut
        for day, shut in zip(days, closed, strict=True)
    ]
    assert working("CN", days[0], days[-1]).tolist() == expected


FEDERAL = {
    2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
}
"""Federal holidays of the United States as the Office of Personnel Management lists them, by the day that is off."""


@pytest.mark.parametrize("year", FEDERAL)
def test_the_united_states_rest_on_their_federal_holidays(year: int) -> None:
    days = [dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range(366 if year % 4 == 0 else 365)]
    off = {dt.date.fromisoformat(f"{year}-{day}") for day in FEDERAL[year].split()}
    assert working("US", days[0], days[-1]).tolist() == [day.weekday() < 5 and day not in off for day in days]


def test_the_week_of_a_country_is_its_own() -> None:
    sunday, friday = dt.date(2027, 3, 7), dt.date(2027, 3, 5)
    assert working("IL", sunday, sunday)[0]
    assert not working("IL", friday, friday)[0]


def test_the_united_states_work_249_days_in_2027() -> None:
    """261 weekdays, 11 federal holidays, and New Year 2028 kept on the Friday before."""
    assert working("US", dt.date(2027, 1, 1), dt.date(2027, 12, 31)).sum() == 249
    assert holidays_of("US", dt.date(2027, 7, 1), dt.date(2027, 7, 31)).row(0) == (
        dt.date(2027, 7, 4), "Independence Day",
    )  # fmt: skip


def test_a_place_that_never_closes_works_every_day() -> None:
    assert working("none", dt.date(2027, 1, 1), dt.date(2027, 12, 31)).sum() == 365


def test_a_country_without_calendar_is_told() -> None:
    with pytest.raises(ValueError, match="no holidays of 'XX' are known; give an ISO country code"):
        working("XX", dt.date(2027, 1, 1), dt.date(2027, 1, 2))


def test_what_is_returned_cannot_be_changed() -> None:
    closed = shutdown("CN", dt.date(2027, 1, 1), dt.date(2027, 1, 2))
    with pytest.raises(ValueError, match="read-only"):
        closed[0] = True


@given(first=DAYS, span=st.integers(0, 400), at=st.integers(-30, 430), long=st.integers(0, 40))
@settings(max_examples=40, derandomize=True)
def test_days_of_a_company_are_closed_beside_those_of_its_country(
    first: dt.date, span: int, at: int, long: int
) -> None:
    last, opens = first + dt.timedelta(days=span), first + dt.timedelta(days=at)
    closes = opens + dt.timedelta(days=long)
    own = {opens + dt.timedelta(days=n) for n in range(long + 1)}
    days = [first + dt.timedelta(days=n) for n in range(span + 1)]
    named = f"CN;{opens}/{closes}"
    assert shutdown(named, first, last).tolist() == [
        day in own or bool(theirs) for day, theirs in zip(days, shutdown("CN", first, last), strict=True)
    ]
    assert working(named, first, last).tolist() == [
        day not in own and bool(theirs) for day, theirs in zip(days, working("CN", first, last), strict=True)
    ]
    assert shutdown(f"none; {opens}/{closes}", first, last, OWN).tolist() == [day in own for day in days]
    assert OWN in events(named) and OWN not in events("CN")


@pytest.mark.parametrize(
    "calendar", ["china", "cn", "CN;2027-07-32", "CN;2027-07-16/2027-07-05", "CN;July", ";2027-07-01"]
)
def test_what_is_no_calendar_is_told(calendar: str) -> None:
    with pytest.raises(ValueError):
        parts(calendar)
