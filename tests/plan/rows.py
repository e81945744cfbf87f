"""Reading a plan back from its rows."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from patients.models import CheckUp, Surgery
from reminders.delivery.models import Delivery
from reminders.delivery.state import State
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from tests.given import NOW

PLANNED = (ReminderStatus.PLANNED, Reason.NONE)  # as `standing` says it
PAST = (ReminderStatus.SKIPPED, Reason.PAST)
FIELDS = ["pk", "step_id", "step_code", "occurrence", "due_at", "useful_until", "status", "reason"]


def rows(surgery: Surgery) -> list[dict[str, Any]]:
    """Every reminder as it lies in the table."""
    return list(surgery.reminders.order_by("step_code", "occurrence").values(*FIELDS))


def visits(surgery: Surgery) -> list[dict[str, Any]]:
    wanted = ["code", "occurrence", "window_opens", "target_day", "window_closes", "state", "booked_for"]
    return list(surgery.check_ups.order_by("code", "occurrence").values(*wanted))


def in_plan(surgery: Surgery) -> list[tuple[Any, ...]]:
    """What the plan calls for now, without what it no longer does."""
    kept = surgery.reminders.exclude(status=ReminderStatus.CANCELLED).order_by("step_code", "occurrence")
    return list(kept.values_list("step_code", "occurrence", "due_at", "useful_until", "status", "reason"))


def reminder(surgery: Surgery, code: str, occurrence: int = 0) -> Reminder:
    return Reminder.objects.get(surgery=surgery, step_code=code, occurrence=occurrence)


def standing(surgery: Surgery, code: str, occurrence: int = 0) -> tuple[str, str]:
    """Status and reason."""
    row = reminder(surgery, code, occurrence)
    return row.status, row.reason


def check_up(surgery: Surgery, code: str, occurrence: int = 0) -> CheckUp:
    return CheckUp.objects.get(surgery=surgery, code=code, occurrence=occurrence)


def at(day: date, hour: int = 15) -> datetime:
    """An hour of that day, UTC: 15 is mid-morning in New York."""
    return datetime.combine(day, time(hour), UTC)


def on_its_way(row: Reminder, status: str = ReminderStatus.IN_PROGRESS, state: State = State.ACCEPTED) -> None:
    """As sending leaves it: a delivery was opened and claimed once."""
    reason = Reason.UNDELIVERED if status == ReminderStatus.FAILED else Reason.NONE
    Reminder.objects.filter(pk=row.pk).update(status=status, reason=reason)
    Delivery.objects.create(
        site_id=row.site_id,
        reminder=row,
        contact=row.surgery.patient.contacts.get(),
        channel="sms",
        state=state,
        attempt_count=1,
        not_before=row.due_at,
        useful_until=row.due_at + timedelta(days=1),
        claimed_at=NOW,
    )
