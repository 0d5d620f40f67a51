import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cellroad as cr
from cellroad.chain.calendars import shutdown, working
from cellroad.plan.schedule import Step, Way, way

FIRST, LAST = dt.date(2026, 9, 1), dt.date(2027, 12, 31)
DAY = dt.timedelta(days=1)
SPREAD = st.lists(st.integers(0, 40), min_size=3, max_size=3).map(lambda days: tuple(sorted(days)))
STEPS = st.lists(
    st.builds(
        Step, st.just("step"), SPREAD, st.sampled_from(["worked", "open", "all"]),
        st.sampled_from(["none", "US", "CN"]),
        st.sampled_from([(), ((dt.date(2027, 1, 10), dt.date(2027, 2, 20), 9),)]),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


def walk(steps: list[Step], ordered: dt.date, case: int) -> list[dt.date]:
    """Return when each step is over, told anew: one day at a time."""
    day, found = ordered, [ordered]
    for step in steps:
        left = step.days[case]
        if step.counts == "all":
            day = depart(step, day, left)
        else:
            free = shutdown if step.counts == "open" else working
            while True:
                if bool(free(step.calendar, day, day)[0]) is (step.counts == "worked"):
                    left -= 1
                    if left <= 0:
                        break
                day += DAY
        found.append(day)
    return found


def depart(step: Step, day: dt.date, left: int) -> dt.date:
    """Return the arrival: nobody who leaves earlier, within a season longer under way, is overtaken."""
    best = day
    for earlier in [day - n * DAY for n in range((day - FIRST).days + 1)]:
        leave = earlier
        while shutdown(step.calendar, leave, leave)[0]:
            leave += DAY
        more = sum(days for begin, end, days in step.slower if begin <= leave <= end)
        best = max(best, leave + (left + more) * DAY)
    return best


@settings(max_examples=15, derandomize=True)
@given(steps=STEPS, days=st.integers(0, 400), case=st.sampled_from([0, 1, 2]))
def test_a_way_is_what_one_finds_day_by_day(steps: list[Step], days: int, case: int) -> None:
    ordered = FIRST + days * DAY
    told = way(steps, FIRST, LAST).dates(ordered)[:, 1 + case].to_list()
    assert told == walk(steps, ordered, case)


@settings(max_examples=20, derandomize=True)
@given(steps=STEPS, needed=st.dates(dt.date(2026, 10, 1), LAST), case=st.sampled_from(["low", "likely", "high"]))
def test_the_latest_order_arrives_in_time_and_one_a_day_later_does_not(
    steps: list[Step], needed: dt.date, case: str
) -> None:
    found = way(steps, FIRST, LAST)
    latest = found.latest(needed, case)
    first = found.dates(FIRST)[case][-1]
    assert (latest is None) is (first > needed)
    if latest is not None and latest < LAST:
        assert found.dates(latest)[case][-1] <= needed < found.dates(latest + DAY)[case][-1]


@settings(max_examples=15, derandomize=True)
@given(steps=STEPS, ordered=st.dates(FIRST, LAST))
def test_nothing_brings_a_date_forward(steps: list[Step], ordered: dt.date) -> None:
    dates = way(steps, FIRST, LAST).dates(ordered)
    assert (dates["low"] <= dates["likely"]).all() and (dates["likely"] <= dates["high"]).all()
    closed = [Step(step.step, step.days, step.counts, "CN", step.slower) for step in steps]
    open_ = [Step(step.step, step.days, step.counts, "none", step.slower) for step in steps]
    one, other = (way(some, FIRST, LAST).dates(ordered)["likely"] for some in (open_, closed))
    assert (one <= other).all()


def cells() -> Way:
    return cr.schedule.order(cr.load("yousolar"), "a-before-2027", "shenzhen-oakland", first=FIRST, last=LAST)


def test_who_orders_after_the_middle_of_december_waits_for_the_new_year() -> None:
    """Work of 35 days outside 30 January to 20 February, ten days of booking, 33 at sea: by hand from 15 December.

    15 December is confirmed on the 16th; 35 days with it end on 19 January; booked on the 29th, the last day before the
    works and the forwarders close; 33 days later is 3 March. A day later the ship leaves on 21 February.
    """
    found = cells()
    jump = found.cliffs().row(0, named=True)
    assert jump == {
        "order_by": dt.date(2026, 12, 15), "arrives": dt.date(2027, 3, 3), "after": dt.date(2026, 12, 16),
        "arrives_then": dt.date(2027, 3, 26), "days": 23, "why": "Chinese New Year",
    }  # fmt: skip
    assert found.latest(dt.date(2027, 3, 25)) == dt.date(2026, 12, 15)


def test_a_ship_that_meets_golden_week_is_told_so() -> None:
    causes = dict(cells().cliffs().select("order_by", "why").iter_rows())
    assert causes[dt.date(2027, 8, 13)] == "National Day Golden Week"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("before-2027", ""), "no offer is called 'before-2027'. Did you mean 'a-before-2027'"),
        (("a-before-2027", ""), "2 lanes leave shenzhen; name one: shenzhen-oakland, shenzhen-albuquerque"),
        (("a-before-2027", "xiamen-oakland"), "no lane from shenzhen is called 'xiamen-oakland'"),
    ],
)
def test_a_wrong_name_is_told_with_what_could_be_meant(names: tuple[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        cr.schedule.order(cr.load("yousolar"), *names, first=FIRST, last=LAST)


def test_what_cannot_be_is_told() -> None:
    with pytest.raises(ValueError, match="expected 0 <= low <= likely <= high"):
        Step("sea", (3, 2, 4), "all")
    with pytest.raises(ValueError, match="a way without steps"):
        way([], FIRST, LAST)
    with pytest.raises(ValueError, match="a last day on or after the first"):
        way([Step("sea", (1, 2, 4), "all")], LAST, FIRST)
    with pytest.raises(ValueError, match="lies outside of"):
        way([Step("sea", (1, 2, 4), "all")], FIRST, LAST).dates(LAST + DAY)
