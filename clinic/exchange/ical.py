"""A visit as an iCalendar file: UTC, one UID for the life of the visit, and no word about why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event

LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class CalendarVisit:
    """`title` and `where` end up in calendars that others may see: no diagnosis, no surname.

    A higher `sequence` with the same `uid` moves the entry instead of adding one.
    """

    uid: str
    sequence: int
    starts: datetime
    title: str
    where: str
    note: str = ""


def ics(visit: CalendarVisit, *, now: datetime) -> bytes:
    event = Event()
    event.add("uid", visit.uid)
    event.add("sequence", visit.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", visit.starts)
    event.add("dtend", visit.starts + LASTS)
    event.add("summary", visit.title)
    event.add("location", visit.where)
    if visit.note:
        event.add("description", visit.note)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Aftercare//visits//EN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
