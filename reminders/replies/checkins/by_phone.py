"""A check-in by phone: staff record it, and the same rules apply to its answers."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from patients.locks import lock_patients
from patients.models import StaffMember, Surgery
from reminders.replies.checkins import lifecycle
from reminders.replies.checkins.lifecycle import Recorded
from reminders.replies.models import CheckIn
from reminders.replies.models.checkin import Answered
from reminders.replies.parsing.questionnaire import Answers


def told_so_far(surgery: Surgery) -> int:
    """How many check-ins were answered: what a page was opened with, so that pressing twice writes one."""
    return CheckIn.objects.filter(surgery=surgery).exclude(answered_at=None).count()


@transaction.atomic
def write_down(surgery: Surgery, answers: Answers, *, so_far: int, by: StaffMember, now: datetime) -> Recorded:
    """Answers the one that waits for an answer, where one does; else it is a check-in that nobody had asked for."""
    if not by.is_at(surgery.site):
        raise PermissionDenied(f"Only staff of {surgery.site} can do that.")
    lock_patients([surgery.patient_id])  # before the plan: what is answered may raise an alert
    surgery = Surgery.objects.select_for_update(of=("self",), no_key=True).select_related("site").get(pk=surgery.pk)
    if not surgery.is_active:
        why = "was cancelled" if surgery.cancelled_at else "is followed by a later one, and its plan ended"
        raise ValidationError(f"This operation {why}: no check-in is kept for it.")
    if not answers.given:
        raise ValidationError("Record at least one answer.")
    if told_so_far(surgery) != so_far:
        raise ValidationError("Another check-in was saved since this page was opened. Look at it, then save again.")
    check_in = _waiting(surgery, now) or CheckIn.objects.create(site=surgery.site, surgery=surgery, asked_at=now)
    recorded = lifecycle.record(check_in, answers, via=Answered.PHONE, by=by, now=now)
    if check_in.reminder_id is None:
        lifecycle.end(recorded.check_in, by=by, now=now)
    return recorded


def _waiting(surgery: Surgery, now: datetime) -> CheckIn | None:
    """The one that was asked lately and has no answer at all: what has some is the patient's own."""
    reminder = lifecycle.asked_of(surgery, now)
    check_in = lifecycle.begin_for(reminder) if reminder else None
    return check_in if check_in and check_in.closed_at is None and check_in.answered_at is None else None
