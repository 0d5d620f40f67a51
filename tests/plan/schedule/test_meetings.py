import datetime as dt
import itertools
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.chain.calendars import working
from cellroad.plan.schedule import Busy, Person, meet

OAKLAND = Person("Arnold", "America/Los_Angeles", "US")
SHENZHEN = Person("Li", "Asia/Shanghai", "CN")
ULM = Person("Eva", "Europe/Berlin", "DE")
ZONES = st.sampled_from(["America/Los_Angeles", "Asia/Shanghai", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu"])
STARTS = st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 1))


def off(person: Person, start: dt.datetime, minutes: int) -> int | None:
    """Return minutes from working hours by the clock of a person, None where it cannot be: told anew, day by day."""
    begin = start.astimezone(zoneinfo.ZoneInfo(person.zone)).replace(tzinfo=None)
    end = (start + dt.timedelta(minutes=minutes)).astimezone(zoneinfo.ZoneInfo(person.zone)).replace(tzinfo=None)
    day = begin.date()
    bounds = [dt.datetime.combine(day, at) for at in (person.earliest, person.begins, person.ends, person.latest)]
    if not working(person.calendar, day, day)[0] or begin < bounds[0] or end > bounds[3]:
        return None
    return max(int((bounds[1] - begin).total_seconds()), int((end - bounds[2]).total_seconds()), 0) // 60


def every(people: list[Person], first: dt.date, minutes: int, step: int) -> set[tuple[int, ...]]:
    """Return what the slots of a week, by the calendar of the first person, ask of everybody."""
    found = set()
    begin = dt.datetime.combine(first, dt.time(), dt.UTC) - dt.timedelta(days=1)
    for n in range(9 * 24 * 60 // step):
        start = begin + dt.timedelta(minutes=n * step)
        if first <= start.astimezone(zoneinfo.ZoneInfo(people[0].zone)).date() < first + dt.timedelta(days=7):
            asked = [off(person, start, minutes) for person in people]
            if None not in asked:
                found.add(tuple(one for one in asked if one is not None))
    return found


@settings(max_examples=12, derandomize=True)
@given(zones=st.lists(ZONES, min_size=1, max_size=3), first=STARTS, minutes=st.sampled_from([30, 60, 90]))
def test_a_series_is_the_fairest_of_all(zones: list[str], first: dt.date, minutes: int) -> None:
    people = [Person(f"p{n}", zone, "US" if n else "none") for n, zone in enumerate(zones)]
    monday = first - dt.timedelta(days=first.weekday())
    found = meet(people, start=monday, minutes=minutes, weeks=2, step=60)
    weeks = [every(people, monday + dt.timedelta(weeks=n), minutes, 60) for n in range(2)]
    assert found.missed["week"].to_list() == [
        monday + dt.timedelta(weeks=n) for n, week in enumerate(weeks) if not week
    ]
    best = min(
        sorted((sum(one) for one in zip(*chosen, strict=True)), reverse=True)
        for chosen in itertools.product(*(week for week in weeks if week))
    ) if any(weeks) else []  # fmt: skip
    assert (sorted(found.burden["minutes_off"].to_list(), reverse=True) if any(weeks) else []) == best


def test_where_all_work_at_once_nobody_is_asked_outside() -> None:
    found = meet([OAKLAND, Person("Ana", "America/New_York", "US")], start=dt.date(2027, 3, 1), weeks=8)
    assert found.burden["minutes_off"].sum() == 0
    assert len(found.meetings) == 8


def test_the_clock_of_everybody_is_kept_when_daylight_saving_begins() -> None:
    found = meet([OAKLAND, ULM], start=dt.date(2027, 3, 1), weeks=6)
    for row in found.seats.join(found.meetings.select("number", utc="start"), on="number").iter_rows(named=True):
        zone = next(person.zone for person in (OAKLAND, ULM) if person.name == row["person"])
        assert row["utc"].astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None) == row["start"]


def test_who_stays_up_late_is_rotated_and_nobody_meets_on_a_holiday() -> None:
    found = meet([OAKLAND, SHENZHEN], start=dt.date(2027, 1, 4), weeks=12)
    assert found.burden["outside"].min() > 0
    late = found.burden["minutes_off"].to_list()
    assert abs(late[0] - late[1]) <= 300
    assert dt.date(2027, 2, 8) in found.missed["week"].to_list()  # Chinese New Year
    assert "Li" in found.missed.filter(week=dt.date(2027, 2, 8))["why"].item()


def test_a_trade_fair_is_kept_free() -> None:
    fair = Busy("RE+ 2027", dt.date(2027, 3, 1), dt.date(2027, 3, 4))
    found = meet([OAKLAND, ULM], start=dt.date(2027, 3, 1), weeks=1, busy=[fair])
    assert found.seats["start"].dt.date().min() > fair.last


@settings(max_examples=8, derandomize=True)
@given(first=STARTS, days=st.integers(0, 6))
def test_days_that_are_taken_never_make_a_series_fairer(first: dt.date, days: int) -> None:
    away = Busy("away", first, first + dt.timedelta(days=days), "Eva")
    free, taken = (meet([OAKLAND, ULM], start=first, weeks=3, step=60, busy=busy) for busy in ([], [away]))
    if len(taken.meetings) == len(free.meetings):
        assert sorted(free.burden["minutes_off"], reverse=True) <= sorted(taken.burden["minutes_off"], reverse=True)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"people": []}, "nobody is to meet"),
        ({"people": [OAKLAND, OAKLAND]}, "'Arnold' is named twice"),
        ({"minutes": 0}, "a meeting of 0 minutes: expected 1 to 1440"),
        ({"weeks": 0}, "0 weeks: expected 1 or more"),
        ({"busy": [Busy("fair", dt.date(2027, 1, 2), dt.date(2027, 1, 1))]}, "ends on 2027-01-01 before it begins"),
        ({"busy": [Busy("fair", dt.date(2027, 1, 2), dt.date(2027, 1, 3), "Bo")]}, "nobody is called 'Bo'"),
    ],
)
def test_what_makes_no_sense_is_told(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        meet(**({"people": [OAKLAND], "start": dt.date(2027, 1, 4)} | wrong))  # type: ignore[arg-type]


def test_a_zone_and_hours_are_asked_for_in_words() -> None:
    with pytest.raises(ValueError, match="'Shenzhen' is no time zone; expected an IANA name"):
        Person("Li", "Shenzhen")
    with pytest.raises(ValueError, match="earliest <= begins < ends <= latest"):
        Person("Li", "Asia/Shanghai", begins=dt.time(18), ends=dt.time(9))
