"""What failed may be sent again and stays in the plan's hands; what arrived, or may have, is never sent again."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from patients.models import StaffMember, Surgery
from reminders import actions, calls, visit_actions
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from tests.given import NOW
from tests.plan.rows import at, check_up, on_its_way, reminder, standing

TODAY = date(2026, 3, 2)


def test_sending_again_brings_a_new_failure_back_to_the_call_list(surgery: Surgery, surgeon: StaffMember) -> None:
    row = reminder(surgery, "walk-today")
    on_its_way(row, ReminderStatus.FAILED)
    Reminder.objects.filter(pk=row.pk).update(reason=Reason.UNDELIVERED)
    calls.note_call(surgery, outcome="reached", note="She will call", by=surgeon, now=NOW)

    actions.resend(row, by=surgeon, now=NOW)
    Reminder.objects.filter(pk=row.pk).update(status=ReminderStatus.FAILED, reason=Reason.UNDELIVERED)

    assert list(Reminder.objects.to_call()) == [row]


def test_what_is_to_be_sent_again_is_still_held_by_the_plan(surgery: Surgery, surgeon: StaffMember) -> None:
    row = reminder(surgery, "book-first-visit")
    on_its_way(row, ReminderStatus.FAILED)
    actions.resend(row, by=surgeon, now=NOW)

    visit_actions.book_visit(check_up(surgery, "first-visit"), at=at(TODAY + timedelta(days=12)), by=surgeon, now=NOW)

    assert standing(surgery, "book-first-visit") == (ReminderStatus.CANCELLED, Reason.VISIT_SETTLED)


def test_what_is_of_no_use_any_more_is_not_sent_again(surgery: Surgery, surgeon: StaffMember) -> None:
    row = reminder(surgery, "walk-today")
    on_its_way(row, ReminderStatus.FAILED)

    with pytest.raises(ValidationError, match="no longer useful"):
        actions.resend(row, by=surgeon, now=row.useful_until)

    assert standing(surgery, "walk-today") == (ReminderStatus.FAILED, Reason.UNDELIVERED)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (ReminderStatus.DONE, "is not sent again"),
        (ReminderStatus.PLANNED, "is not sent again"),
        (ReminderStatus.UNCONFIRMED, "Call the patient instead"),
    ],
)
def test_what_arrived_or_may_have_is_never_sent_again(
    surgery: Surgery, surgeon: StaffMember, status: str, said: str
) -> None:
    row = reminder(surgery, "walk-today")
    Reminder.objects.filter(pk=row.pk).update(status=status)

    with pytest.raises(ValidationError, match=said):
        actions.resend(row, by=surgeon, now=NOW)
