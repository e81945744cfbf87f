"""A plan that has ended sends nothing more, and one that begins again is whole."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from patients.models import StaffMember, Surgery
from reminders import actions, visit_actions
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from tests.given import NOW
from tests.plan.rows import at, check_up, in_plan, on_its_way, reminder, standing, visits

TODAY = date(2026, 3, 2)


def test_a_cancelled_operation_sends_nothing_more(surgery: Surgery, surgeon: StaffMember) -> None:
    on_its_way(reminder(surgery, "walk-today"), ReminderStatus.DONE)
    on_its_way(reminder(surgery, "avoid-heavy-lifting-1"))

    actions.cancel_surgery(surgery, why="Infection", by=surgeon, now=NOW)

    assert not surgery.reminders.filter(status=ReminderStatus.PLANNED)
    assert standing(surgery, "check-in-1") == (ReminderStatus.CANCELLED, Reason.SURGERY_CANCELLED)
    assert standing(surgery, "walk-today") == (ReminderStatus.DONE, Reason.NONE)
    assert standing(surgery, "avoid-heavy-lifting-1") == (ReminderStatus.IN_PROGRESS, Reason.SURGERY_CANCELLED)
    assert not surgery.check_ups.filter(state="due")


def test_cancelling_asks_for_a_reason_and_happens_once(surgery: Surgery, surgeon: StaffMember) -> None:
    with pytest.raises(ValidationError, match="Give the reason"):
        actions.cancel_surgery(surgery, why=" ", by=surgeon, now=NOW)
    actions.cancel_surgery(surgery, why="Infection", by=surgeon, now=NOW)

    with pytest.raises(ValidationError, match="was cancelled"):
        actions.move_surgery(surgery, to=TODAY + timedelta(days=9), by=surgeon, now=NOW)


@pytest.mark.parametrize("status", ["deceased", "transferred"])
def test_a_patient_who_died_or_left_hears_nothing_more(surgery: Surgery, surgeon: StaffMember, status: str) -> None:
    booked = check_up(surgery, "first-visit")
    visit_actions.book_visit(booked, at=at(TODAY + timedelta(days=12)), by=surgeon, now=NOW)
    Reminder.objects.filter(step_code="walk-today").update(status=ReminderStatus.SUPPRESSED, reason=Reason.NO_CONSENT)

    actions.set_patient_status(surgery.patient, status=status, by=surgeon, now=NOW)

    assert not surgery.reminders.filter(status=ReminderStatus.PLANNED)
    assert [visit["state"] for visit in visits(surgery)] == ["cancelled"]
    assert not Reminder.objects.to_call()  # nobody rings the family about a plan that has ended


def test_a_patient_who_comes_back_has_the_whole_plan_again(surgery: Surgery, surgeon: StaffMember) -> None:
    before = in_plan(surgery), visits(surgery)

    actions.set_patient_status(surgery.patient, status="transferred", by=surgeon, now=NOW)
    actions.set_patient_status(surgery.patient, status="active", by=surgeon, now=NOW)

    assert (in_plan(surgery), visits(surgery)) == before
