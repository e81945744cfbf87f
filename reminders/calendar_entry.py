"""A visit as calendars take it: UTC, one UID for the life of the visit, and no word about why. Pure.

UTC, as readers differ about time-zone blocks: ical.js 2.2.1 reads the one of icalendar 7.3.0 an hour late in summer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from icalendar import Calendar, Event, vCalAddress

LASTS = timedelta(minutes=30)
PRODUCT = "-//Aftercare//visits//EN"
TITLES = {"en": "Visit, {clinic}", "es": "Cita, {clinic}"}
Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarVisit:
    """`title` and `where` end up in calendars that others may see: no diagnosis, no surname.

    A higher `sequence` with the same `uid` moves the entry instead of adding one. `organizer` and `attendee`: mail
    addresses, only in what is mailed.
    """

    uid: str
    sequence: int
    starts: datetime
    title: str
    where: str
    note: str = ""
    lasts: timedelta = LASTS
    is_cancelled: bool = False
    organizer: str = ""
    attendee: str = ""


def uid_of(check_up: int, site_code: str) -> str:
    return f"visit-{check_up}@{site_code}.aftercare"


def title_of(clinic: str, language: str) -> str:
    return TITLES.get(language.split("-")[0], TITLES["en"]).format(clinic=clinic)


def ics(visits: Iterable[CalendarVisit], *, method: Method | None, now: datetime, name: str = "") -> bytes:
    """A file of its visits. A feed has no `method`: it is no message, and what is not in it any more is gone."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    if method:
        calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
    for visit in visits:
        calendar.add_component(_event(visit, now))
    return bytes(calendar.to_ical())


def invitation(visit: CalendarVisit, *, now: datetime) -> tuple[Method, bytes]:
    """To be mailed: it books, moves or takes back the entry of the same UID."""
    method: Method = "CANCEL" if visit.is_cancelled else "REQUEST"
    return method, ics([visit], method=method, now=now)


def _event(visit: CalendarVisit, now: datetime) -> Event:
    event = Event()
    event.add("uid", visit.uid)
    event.add("sequence", visit.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", visit.starts)
    event.add("dtend", visit.starts + visit.lasts)
    event.add("summary", visit.title)
    event.add("location", visit.where)
    event.add("status", "CANCELLED" if visit.is_cancelled else "CONFIRMED")
    if visit.note:
        event.add("description", visit.note)
    if visit.organizer:
        event.add("organizer", vCalAddress(f"mailto:{visit.organizer}"))
    if visit.attendee:
        event.add("attendee", _attendee(visit.attendee))
    return event


def _attendee(address: str) -> vCalAddress:
    """Its calendar is not to ask for an answer: nobody reads one there."""
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params["PARTSTAT"] = "ACCEPTED"
    attendee.params["RSVP"] = "FALSE"
    return attendee
