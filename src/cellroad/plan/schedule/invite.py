"""A series of meetings, and the days on which people are away, as a calendar file that every calendar can open."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from icalendar import Calendar, Event

from cellroad.plan.schedule.meetings import Busy, Meetings

SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:cellroad:meeting")


def invitation(found: Meetings, title: str, *, busy: Sequence[Busy] = (), stamp: dt.datetime | None = None) -> str:
    """Return a series as iCalendar text (RFC 5545): meetings in UTC with everyone's clock in words, days away as days.

    stamp  when it is written; without one, now. A meeting keeps its id as long as its title and number do, so that a
           file that is opened again moves it and does not add another.
    """
    written = stamp or dt.datetime.now(dt.UTC)
    calendar = Calendar()
    calendar.add("prodid", "-//Cellroad//schedule//EN")
    calendar.add("version", "2.0")
    for number, _, start, end in found.meetings.iter_rows():
        here = found.seats.filter(number=number)
        clocks = [f"{row['person']}: {row['start']:%a %d %b %H:%M}" for row in here.iter_rows(named=True)]
        calendar.add_component(_event(f"{title} {number}", title, written, start, end, "\n".join(clocks)))
    for one in busy:
        who = one.who or "everybody"
        after = one.last + dt.timedelta(days=1)
        calendar.add_component(_event(f"{one.what} {who} {one.first}", one.what, written, one.first, after, who))
    return str(calendar.to_ical(), "utf-8")


def _event(
    name: str, title: str, written: dt.datetime, start: dt.date | dt.datetime, end: dt.date | dt.datetime, text: str
) -> Event:
    event = Event()
    event.add("uid", f"{uuid.uuid5(SPACE, name)}@cellroad")
    event.add("dtstamp", written)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", title)
    event.add("description", text)
    return event
