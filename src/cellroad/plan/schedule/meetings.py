"""`meet`: when do we all work, and who stays up late when we never do?

people, weeks -> slots of each week in everyone's local time -> who is how far from working hours -> the fairest series
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.calendars import ALWAYS_OPEN, working, zones
from cellroad.plan.schedule.fair import fairest

DAY = 24 * 60


@dataclass(frozen=True)
class Person:
    """Somebody who is to be there.

    zone              time zone by its IANA name: America/Los_Angeles, Asia/Shanghai
    calendar          country whose weekends, holidays and shutdowns are kept, 'none' for somebody who always works
    begins, ends      working hours by the clock of the zone
    earliest, latest  outside of these nobody is asked to be there
    """

    name: str
    zone: str
    calendar: str = ALWAYS_OPEN
    begins: dt.time = dt.time(9)
    ends: dt.time = dt.time(18)
    earliest: dt.time = dt.time(6)
    latest: dt.time = dt.time(23)

    def __post_init__(self) -> None:
        if self.zone not in zones():
            raise ValueError(
                f"{self.name}: {self.zone!r} is no time zone; expected an IANA name such as America/Los_Angeles or "
                "Asia/Shanghai"
            )
        if not self.earliest <= self.begins < self.ends <= self.latest:
            raise ValueError(
                f"{self.name}: hours must follow each other as earliest <= begins < ends <= latest, found "
                f"{self.earliest:%H:%M}, {self.begins:%H:%M}, {self.ends:%H:%M}, {self.latest:%H:%M}"
            )


@dataclass(frozen=True)
class Busy:
    """Days on which somebody is not free, or nobody where no name is given: a trade fair, a journey, a holiday."""

    what: str
    first: dt.date
    last: dt.date
    who: str = ""


@dataclass(frozen=True)
class Meetings:
    """A series of meetings.

    meetings  number, week (its Monday), start, end (UTC)
    seats     number, person, start, end (local, as its clock shows), minutes_off (from working hours)
    burden    person, meetings, outside (how many lie outside of its hours), minutes_off (sum)
    missed    week, why: weeks in which nobody could be brought together
    """

    people: tuple[Person, ...]
    meetings: pl.DataFrame
    seats: pl.DataFrame
    burden: pl.DataFrame
    missed: pl.DataFrame


def meet(
    people: Sequence[Person],
    *,
    start: dt.date,
    minutes: int = 60,
    weeks: int = 2,
    busy: Sequence[Busy] = (),
    step: int = 30,
) -> Meetings:
    """Return a meeting for each week, inside everyone's working hours where there is such a slot.

    Where there is none, the largest sum over the series of minutes from working hours is made as small as it can be,
    then the second largest, and so on: who stays up late is rotated. A slot is not taken where the local day is not
    worked, or before `earliest` or after `latest`. Of slots alike the first of the week is taken.

    start    a day of the first week, by the calendar of the first person as all weeks are; nothing lies before it
    minutes  how long a meeting is; a meeting is on one day of everybody's
    weeks    how many weeks, each with one meeting
    busy     days on which somebody cannot, or nobody
    step     minutes between the starts that are looked at

    Raises ValueError for people or numbers that make no sense, and for a country whose calendar is unknown.
    """
    _sensible(people, minutes, weeks, busy, step)
    monday = start - dt.timedelta(days=start.weekday())
    turns, missed, found = [], [], []
    for week in range(weeks):
        first = monday + dt.timedelta(weeks=week)
        starts = _starts(people[0].zone, max(first, start), first + dt.timedelta(days=6), step)
        local = [_local(person, starts, minutes, busy) for person in people]
        free = np.logical_and.reduce([one.free for one in local])
        if free.any():
            found.append((first, starts.filter(pl.Series(free)), [one.at(free) for one in local]))
            turns.append(np.column_stack([one.off[free] for one in local]))
        else:
            missed.append((first, _why(people, local)))
    chosen = fairest(turns)
    seats = [
        {
            "number": number, "week": first, "start_utc": starts[take], "person": person.name,
            "start": one.start[take], "minutes_off": int(one.off[take]),
        }
        for number, ((first, starts, local), take) in enumerate(zip(found, chosen, strict=True), 1)
        for person, one in zip(people, local, strict=True)
    ]  # fmt: skip
    return _told(tuple(people), pl.DataFrame(seats, schema=_SEATS), minutes, missed)


_SEATS: dict[str, pl.DataType | type[pl.DataType]] = {
    "number": pl.Int64, "week": pl.Date, "start_utc": pl.Datetime("us", "UTC"), "person": pl.String,
    "start": pl.Datetime("us"), "minutes_off": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class _Local:
    """Slots by the clock of a person: start, whether they can be taken, minutes from working hours."""

    start: pl.Series
    free: NDArray[np.bool_]
    off: NDArray[np.int64]

    def at(self, keep: NDArray[np.bool_]) -> _Local:
        return _Local(self.start.filter(pl.Series(keep)), self.free[keep], self.off[keep])


def _starts(zone: str, first: dt.date, last: dt.date, step: int) -> pl.Series:
    """Return the starts from the first day to the last by the calendar of a zone, in UTC."""
    day = dt.timedelta(days=1)
    begin, end = (dt.datetime.combine(one, dt.time()) for one in (first - day, last + 2 * day))
    every = pl.datetime_range(begin, end, dt.timedelta(minutes=step), time_zone="UTC", eager=True)
    return every.filter(every.dt.convert_time_zone(zone).dt.date().is_between(first, last))


def _local(person: Person, starts: pl.Series, minutes: int, busy: Sequence[Busy]) -> _Local:
    begin = starts.dt.convert_time_zone(person.zone)
    clock = begin.dt.replace_time_zone(None)
    ends = (starts + dt.timedelta(minutes=minutes)).dt.convert_time_zone(person.zone).dt.replace_time_zone(None)
    days = clock.dt.date()
    at = _minutes(clock)
    till = at + ((ends - clock).dt.total_minutes()).to_numpy()
    first, last = days.min(), days.max()
    assert isinstance(first, dt.date) and isinstance(last, dt.date)
    worked = working(person.calendar, first, last)[(days - first).dt.total_days().to_numpy()]
    away = np.zeros(len(days), dtype=bool)
    for one in busy:
        if one.who in ("", person.name):
            away |= days.is_between(one.first, one.last).to_numpy()
    off = np.maximum(np.maximum(_of(person.begins) - at, till - _of(person.ends)), 0)
    free = worked & ~away & (at >= _of(person.earliest)) & (till <= _of(person.latest))
    return _Local(clock, free, off.astype(np.int64))


def _minutes(clock: pl.Series) -> NDArray[np.int64]:
    return (clock.dt.hour().cast(pl.Int64) * 60 + clock.dt.minute()).to_numpy()


def _of(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def _why(people: Sequence[Person], local: Sequence[_Local]) -> str:
    """Return in words why a week has no slot."""
    never = [person.name for person, one in zip(people, local, strict=True) if not one.free.any()]
    if never:
        return f"no day of this week is worked and free for {', '.join(never)}"
    alone = [
        person.name
        for number, person in enumerate(people)
        if np.logical_and.reduce([one.free for other, one in enumerate(local) if other != number]).any()
    ]
    if alone:
        return f"the others have hours in common, but none of them is one of {' or of '.join(alone)}"
    return "no hour is one of all: widen earliest and latest, or shorten the meeting"


def _told(people: tuple[Person, ...], found: pl.DataFrame, minutes: int, missed: list[tuple[dt.date, str]]) -> Meetings:
    long = dt.timedelta(minutes=minutes)
    met = found.unique("number", maintain_order=True)
    order = pl.DataFrame({"person": [person.name for person in people]})
    burden = found.group_by("person").agg(
        meetings=pl.len().cast(pl.Int64), outside=(pl.col("minutes_off") > 0).sum().cast(pl.Int64),
        minutes_off=pl.col("minutes_off").sum(),
    )  # fmt: skip
    return Meetings(
        people,
        met.select("number", "week", start="start_utc", end=pl.col("start_utc") + long),
        found.select("number", "person", "start", end=pl.col("start") + long, minutes_off="minutes_off"),
        order.join(burden, on="person", how="left").fill_null(0),
        pl.DataFrame(missed, schema={"week": pl.Date, "why": pl.String}, orient="row"),
    )


def _sensible(people: Sequence[Person], minutes: int, weeks: int, busy: Sequence[Busy], step: int) -> None:
    names = [person.name for person in people]
    wrong = [
        *(["nobody is to meet: name at least one person"] if not people else []),
        *(
            f"{name!r} is named twice: give everyone another name"
            for name in dict.fromkeys(names) if names.count(name) > 1
        ),
        *([f"a meeting of {minutes} minutes: expected 1 to {DAY}"] if not 1 <= minutes <= DAY else []),
        *([f"{weeks} weeks: expected 1 or more"] if weeks < 1 else []),
        *([f"a step of {step} minutes: expected 1 to {DAY}"] if not 1 <= step <= DAY else []),
        *(f"{one.what}: ends on {one.last} before it begins on {one.first}" for one in busy if one.last < one.first),
        *(f"{one.what}: nobody is called {one.who!r}; there are {', '.join(names)}"
          for one in busy if one.who and one.who not in names),
    ]  # fmt: skip
    if wrong:
        raise ValueError("\n".join(wrong))
