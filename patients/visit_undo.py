"""The last change of a visit is taken back, unless something has happened since."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from patients import visit_words
from patients.models import CheckUp, StaffMember, VisitChange
from patients.models.checkup import CheckUpState
from patients.models.visit_change import VisitChangeKind
from patients.visit_actions import COMING, changed, locked
from patients.visit_times import taken_since

LEADS_TO = {
    VisitChangeKind.BOOKED: [CheckUpState.BOOKED],
    VisitChangeKind.MOVED: [CheckUpState.BOOKED],
    VisitChangeKind.CONFIRMED: [CheckUpState.CONFIRMED],
    VisitChangeKind.ATTENDED: [CheckUpState.ATTENDED],
    VisitChangeKind.MISSED: [CheckUpState.MISSED],
    VisitChangeKind.FREED: [CheckUpState.DUE, CheckUpState.CANCELLED],
    VisitChangeKind.NOT_NEEDED: [CheckUpState.NOT_NEEDED],
}


@transaction.atomic
def undo(check_up: CheckUp, *, by: StaffMember, now: datetime, change: int | None = None) -> CheckUp:
    """The visit stands as before its last change; its booking has its own number again, and so its own reminders.

    `change`: the `revision` that is to be undone; None: whichever is the last. Raises ValidationError if another change
    came after it, or if its time has passed meanwhile. Idempotent where `change` is given.
    """
    check_up = locked(check_up)
    last = check_up.changes.latest_first().first()
    if last is None:
        raise ValidationError("Nothing was done with this visit yet: there is nothing to undo.")
    if last.kind == VisitChangeKind.UNDONE and change == last.number - 1:
        return check_up  # the same click twice
    _refuse(check_up, last, change, now)
    facts: dict[str, object] = {
        "state": last.was_state,
        "booked_for": last.was_booked_for,
        "booked_offset": last.was_offset,
        "bookings": last.was_bookings,
        "not_needed_why": last.was_why,
    }
    return changed(check_up, VisitChangeKind.UNDONE, facts, by=by, now=now)


def undoable(check_up: CheckUp, last: VisitChange | None) -> bool:
    """Whether the record offers it. The moment may still refuse it: see `undo`."""
    if last is None or last.kind == VisitChangeKind.UNDONE or check_up.surgery.cancelled_at:
        return False
    return last.number == check_up.revision and check_up.state in LEADS_TO[VisitChangeKind(last.kind)]


def _refuse(check_up: CheckUp, last: VisitChange, change: int | None, now: datetime) -> None:
    if check_up.surgery.cancelled_at:
        raise ValidationError("This operation was cancelled: nothing of its visits can be undone.")
    if change is not None and change != last.number:
        raise ValidationError(f"{visit_words.said(last, check_up, now)}: look again.")
    if last.kind == VisitChangeKind.UNDONE:
        raise ValidationError("The last change was undone already.")
    if not undoable(check_up, last):
        raise ValidationError("This visit has changed since: look again.")
    _refuse_time(check_up, last, now)


def _refuse_time(check_up: CheckUp, last: VisitChange, now: datetime) -> None:
    """Only where the visit let go of its time, and would take it again."""
    at = last.was_booked_for
    if at is None or last.was_state not in COMING or at == check_up_time(check_up):
        return
    when = visit_words.moment(at, check_up.site)
    if last.at < at <= now:
        raise ValidationError(f"Its time, {when}, has passed. Book another one.")
    if taken_since(check_up, at, last.at):
        raise ValidationError(f"Its time, {when}, was given to somebody else meanwhile. Book another one.")


def check_up_time(check_up: CheckUp) -> datetime | None:
    """The time a visit takes up now; None where it takes none."""
    came = check_up.state in (*COMING, CheckUpState.ATTENDED, CheckUpState.MISSED)
    return check_up.booked_for if came else None
