"""Visits as iCalendar files: one for the patient's page, and feeds that calendars subscribe to."""

from datetime import datetime, timedelta

from patients.models import CheckUp, Surgery
from patients.models.checkup import CheckUpState
from reminders import calendar_entry
from reminders.plan import visit_entries
from reminders.plan.models import VisitChange

BOOKED = [CheckUpState.BOOKED, CheckUpState.CONFIRMED]
STAYS = timedelta(hours=2)  # a visit that began just now is still worth showing


def visit_file(surgery: Surgery, *, language: str, now: datetime) -> bytes | None:
    """The next visit; without one the entry that takes back what does not take place. None: there was never one."""
    change = _next(surgery, now) or _taken_back(surgery, now)
    if change is None:
        return None
    entry = visit_entries.entry_of(change.check_up, change, surgery.site, language=language)
    return calendar_entry.ics([entry], method="CANCEL" if entry.is_cancelled else "PUBLISH", now=now)


def _next(surgery: Surgery, now: datetime) -> VisitChange | None:
    booked: CheckUp | None = (
        surgery.check_ups.filter(state__in=BOOKED, booked_for__gt=now - STAYS).order_by("booked_for").first()
    )
    return booked.changes.order_by("number").last() if booked else None


def _taken_back(surgery: Surgery, now: datetime) -> VisitChange | None:
    """The last time that was to come and does not hold any more: it is still in the calendar it was put into."""
    changes = VisitChange.objects.filter(check_up__surgery=surgery).select_related("check_up")
    found: dict[int, list[VisitChange]] = {}
    for change in changes.order_by("number"):
        found.setdefault(change.check_up_id, []).append(change)
    gone = [rows[-1] for rows in found.values() if rows[-1].starts is None and _was_to_come(rows, now)]
    return max(gone, key=lambda change: change.at, default=None)


def _was_to_come(rows: list[VisitChange], now: datetime) -> bool:
    times = [change.starts for change in rows if change.starts]
    if not times:
        return False
    rows[-1].was = rows[-1].was or times[-1]  # put into a calendar from the page, told by no message
    return times[-1] > now - STAYS
