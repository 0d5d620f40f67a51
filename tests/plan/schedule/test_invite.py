import datetime as dt

from icalendar import Calendar

from cellroad.plan.schedule import Busy, Person, invitation, meet

STAMP = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
FAIR = Busy("RE+ 2027", dt.date(2027, 1, 11), dt.date(2027, 1, 13))


def test_an_invitation_reads_back_as_the_meetings() -> None:
    found = meet([Person("Arnold", "America/Los_Angeles", "US"), Person("Eva", "Europe/Berlin", "DE")],
                 start=dt.date(2027, 1, 4), weeks=3, busy=[FAIR])  # fmt: skip
    text = invitation(found, "Weekly, pack and cells; 100 V", busy=[FAIR], stamp=STAMP)
    events = Calendar.from_ical(text).walk("VEVENT")
    met = [event for event in events if isinstance(event["dtstart"].dt, dt.datetime)]
    assert [event["dtstart"].dt for event in met] == found.meetings["start"].to_list()
    assert [event["dtend"].dt for event in met] == found.meetings["end"].to_list()
    assert {str(event["summary"]) for event in met} == {"Weekly, pack and cells; 100 V"}
    assert all("Arnold: " in event["description"] and "Eva: " in event["description"] for event in met)
    (away,) = (event for event in events if event not in met)
    assert (away["dtstart"].dt, away["dtend"].dt) == (FAIR.first, FAIR.last + dt.timedelta(days=1))
    assert len({str(event["uid"]) for event in events}) == len(events)
    assert invitation(found, "Weekly, pack and cells; 100 V", busy=[FAIR], stamp=STAMP) == text
