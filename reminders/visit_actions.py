"""What staff and patients do to a visit: saved, the plan laid out again, and who did it, in one transaction.

`seen`: the visit's `bookings` as whoever acts has seen it; see `patients.visit_actions`.
"""

from datetime import datetime

from django.db import transaction

from patients import visit_actions as care
from patients import visit_undo
from patients.models import CheckUp, StaffMember
from reminders.plan import planning
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.values import Anchor
from reminders.plan.visit_keys import key_of
from reminders.plan.visit_notices import MARK


@transaction.atomic
def book_visit(
    check_up: CheckUp, *, at: datetime, by: StaffMember | None, now: datetime, seen: int | None = None
) -> CheckUp:
    """Book or move a visit; its invitations fall silent and its own reminders are laid out."""
    return _synced(care.book(check_up, at=at, by=by, now=now, seen=seen), now)


@transaction.atomic
def confirm_visit(check_up: CheckUp, *, by: StaffMember | None, now: datetime, seen: int | None = None) -> CheckUp:
    """Confirm a booked visit; `by` is None where the patient did."""
    return _synced(care.confirm(check_up, by=by, now=now, seen=seen), now)


@transaction.atomic
def mark_attended(check_up: CheckUp, *, by: StaffMember, now: datetime, seen: int | None = None) -> CheckUp:
    """The patient came to the visit; the messages that lead up to it end."""
    return _synced(care.mark_attended(check_up, by=by, now=now, seen=seen), now)


@transaction.atomic
def mark_missed(check_up: CheckUp, *, by: StaffMember, now: datetime, seen: int | None = None) -> CheckUp:
    """The patient did not come; the plan's messages for a missed visit follow."""
    return _synced(care.mark_missed(check_up, by=by, now=now, seen=seen), now)


@transaction.atomic
def free_visit(check_up: CheckUp, *, by: StaffMember, now: datetime, seen: int | None = None) -> CheckUp:
    """The booking goes with its reminders; the visit is due, and its invitations that are still to come go out."""
    return _synced(care.free(check_up, by=by, now=now, seen=seen), now)


@transaction.atomic
def mark_not_needed(check_up: CheckUp, *, why: str, by: StaffMember, now: datetime, seen: int | None = None) -> CheckUp:
    """The visit is called for no more; the messages that lead up to it end."""
    return _synced(care.mark_not_needed(check_up, why=why, by=by, now=now, seen=seen), now)


@transaction.atomic
def undo_visit(check_up: CheckUp, *, by: StaffMember, now: datetime, change: int | None = None) -> CheckUp:
    """The visit stands as before its last change, and so do the messages that had not left."""
    check_up = _synced(visit_undo.undo(check_up, by=by, now=now, change=change), now)
    _give_to_reception(check_up, now)
    return check_up


def _give_to_reception(check_up: CheckUp, now: datetime) -> None:
    """A reminder that had failed once and was recalled before its next try is not sent again: somebody calls.

    Of a notice the plan itself knows what is still owed.
    """
    theirs = Reminder.objects.exclude(step_code__contains=MARK).filter(
        surgery=check_up.surgery_id,
        occurrence=key_of(check_up.occurrence, check_up.bookings),
        step__anchor=Anchor.VISIT,
        step__check_up__code=check_up.code,
    )
    ended = theirs.filter(status=ReminderStatus.CANCELLED, useful_until__gt=now, deliveries__attempt_count__gt=0)
    if check_up.booked_for and check_up.booked_for > now:
        pks = list(ended.values_list("pk", flat=True))
        Reminder.objects.filter(pk__in=pks).update(status=ReminderStatus.FAILED, reason=Reason.UNDELIVERED)


def _synced(check_up: CheckUp, now: datetime) -> CheckUp:
    planning.sync(check_up.surgery, now=now)
    return check_up
