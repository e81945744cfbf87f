"""Visits as iCalendar files: one for the patient's page, and feeds that calendars subscribe to."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from patients import initials
from patients.initials import Person
from patients.models import CalendarFeed, CheckUp, Surgery
from patients.models.checkup import CheckUpState
from patients.models.patient import PatientStatus
from reminders import calendar_entry
from reminders.calendar_entry import CalendarVisit
from reminders.plan import visit_entries
from reminders.plan.models import VisitTimeChange

BOOKED = [CheckUpState.BOOKED, CheckUpState.CONFIRMED]
STAYS = timedelta(hours=2)  # a visit that began just now is still worth showing


def visit_file(surgery: Surgery, *, language: str, now: datetime) -> bytes | None:
    """The next visit of this patient, whichever operation it is for; without one the entry that takes back what does
    not take place. None: there was never one.
    """
    change = _next(surgery, now) or _taken_back(surgery, now)
    if change is None:
        return None
    entry = visit_entries.entry_of(change.check_up, change, surgery.site, language=language)
    return calendar_entry.ics([entry], method="CANCEL" if entry.is_cancelled else "PUBLISH", now=now)


def _next(surgery: Surgery, now: datetime) -> VisitTimeChange | None:
    theirs = CheckUp.objects.filter(surgery__patient=surgery.patient_id, state__in=BOOKED, booked_for__gt=now - STAYS)
    booked: CheckUp | None = theirs.order_by("booked_for", "pk").first()
    return booked.time_changes.order_by("number").last() if booked else None


def _taken_back(surgery: Surgery, now: datetime) -> VisitTimeChange | None:
    """The last time that was to come and does not hold any more: it is still in the calendar it was put into."""
    theirs = VisitTimeChange.objects.filter(check_up__surgery__patient=surgery.patient_id)
    changes = theirs.select_related("check_up")
    found: dict[int, list[VisitTimeChange]] = {}
    for change in changes.order_by("number"):
        found.setdefault(change.check_up_id, []).append(change)
    gone = [rows[-1] for rows in found.values() if rows[-1].starts is None and _was_to_come(rows, now)]
    return max(gone, key=lambda change: change.at, default=None)


def _was_to_come(rows: list[VisitTimeChange], now: datetime) -> bool:
    times = [change.starts for change in rows if change.starts]
    if not times:
        return False
    rows[-1].was = rows[-1].was or times[-1]  # put into a calendar from the page, told by no message
    return times[-1] > now - STAYS


# Feeds: only what stands, so what was cancelled is gone from them -----------------------------------------------------

LISTED = [*BOOKED, CheckUpState.ATTENDED]
BACK, MOST = timedelta(days=30), 2_000  # how long a visit stays listed, and how many at most


def feed_file(feed: CalendarFeed, *, now: datetime) -> bytes:
    """Without a method: what a later look does not list any more is gone from the calendar."""
    changes = {change.check_up_id: change for change in _changes(feed, now)}
    entries = [_listed(feed, change) for change in changes.values()]
    return calendar_entry.ics(entries, method=None, now=now, name=feed.site.short_name)


def _changes(feed: CalendarFeed, now: datetime) -> Iterable[VisitTimeChange]:
    """Of each visit in turn, the last one last."""
    visits = CheckUp.objects.for_site(feed.site).filter(state__in=LISTED, booked_for__gt=now - BACK)
    visits = visits.filter(surgery__cancelled_at=None, surgery__patient__status=PatientStatus.ACTIVE)
    if feed.patient_id:
        visits = visits.filter(surgery__patient=feed.patient_id)
    if feed.surgeon_id:
        visits = visits.filter(surgery__surgeon=feed.surgeon_id)
    keys = list(visits.order_by("booked_for").values_list("pk", flat=True)[:MOST])
    rows = VisitTimeChange.objects.filter(check_up__in=keys).order_by("number")
    return rows.select_related("check_up__surgery__patient", "check_up__surgery__site")


def _listed(feed: CalendarFeed, change: VisitTimeChange) -> CalendarVisit:
    """A patient's own says the clinic; staff's a number and initials, and nothing of why."""
    patient = change.check_up.surgery.patient
    language = feed.patient.language if feed.patient else feed.site.language
    entry = visit_entries.entry_of(change.check_up, change, feed.site, language=language)
    if feed.patient:
        return entry
    who = initials.initials(Person(patient.pk, patient.given_name, patient.family_name, patient.birth_date))
    return replace(entry, title=f"{patient.number} {who}".strip(), note="")
