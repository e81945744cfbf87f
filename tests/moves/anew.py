"""What a plan would be, laid out for the first time on its version with today's facts."""

from datetime import datetime
from typing import Any

from django.db import transaction

from patients.models import Surgery
from reminders.plan import planning
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from tests.plan.rows import in_plan, visits

FORGOTTEN = [ReminderStatus.PLANNED, ReminderStatus.SKIPPED, ReminderStatus.CANCELLED]

Picture = tuple[list[Any], list[Any]]


def picture(surgery: Surgery) -> Picture:
    return in_plan(surgery), visits(surgery)


def laid_out_anew(surgery: Surgery, *, now: datetime) -> Picture:
    """Everything is forgotten that was never on its way, nor ended by what happened to it; then taken back again."""
    with transaction.atomic():
        rows = surgery.reminders.changeable().filter(status__in=FORGOTTEN).exclude(reason=Reason.SKIPPED_BY_STAFF)
        rows.delete()
        surgery.check_ups.filter(state="due", bookings=0).delete()
        planning.sync(surgery, now=now)
        fresh = picture(surgery)
        transaction.set_rollback(True)
    return fresh
