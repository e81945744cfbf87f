"""A visit that moved, was booked or cancelled between opening and claim takes its reminder along."""

from datetime import UTC, datetime, timedelta

from patients.models import CheckUp
from reminders import visit_actions
from reminders.delivery.sending.claiming import claim
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, claimed, only, opened, the_delivery
from tests.delivery.test_claiming import stopped


def a_visit_reminder(site, surgeon) -> tuple[Reminder, CheckUp]:
    surgery = given.an_enrolment(site, by=surgeon, day=30)
    visit = surgery.check_ups.get(code="six-weeks")
    at = datetime(2026, 3, 16, 15, 0, tzinfo=UTC)
    visit_actions.book_visit(visit, at=at, by=surgeon, now=given.NOW)
    reminder = only(surgery, "remind-six-weeks-1", occurrence=1)
    return reminder, CheckUp.objects.get(pk=visit.pk)


def test_a_visit_reminder_says_when_in_the_clinics_time(site, surgeon):
    reminder, _ = a_visit_reminder(site, surgeon)

    claimed(reminder)

    assert "Monday, March 16" in the_delivery(reminder).text
    assert "11:00 AM" in the_delivery(reminder).text


def test_a_visit_moved_between_opening_and_claim_takes_its_reminder_along(site, surgeon):
    reminder, visit = a_visit_reminder(site, surgeon)
    opened(reminder)
    visit_actions.book_visit(visit, at=visit.booked_for + timedelta(days=3), by=surgeon, now=reminder.due_at)

    claim("sms", reminder.due_at)

    assert stopped(reminder) == ("cancelled", "visit_moved", "cancelled")


def test_a_visit_cancelled_between_opening_and_claim_silences_its_reminder(site, surgeon):
    reminder, visit = a_visit_reminder(site, surgeon)
    opened(reminder)
    visit_actions.free_visit(visit, by=surgeon, now=reminder.due_at)

    claim("sms", reminder.due_at)

    assert stopped(reminder)[::2] == ("cancelled", "cancelled")


def test_an_invitation_falls_silent_when_the_visit_is_booked_between_opening_and_claim(site, surgeon):
    reminder = a_promise(site, by=surgeon, step="book-first-visit")
    opened(reminder)
    visit = reminder.surgery.check_ups.get(code="first-visit")
    visit_actions.book_visit(visit, at=reminder.due_at + timedelta(days=9), by=surgeon, now=reminder.due_at)

    claim("sms", reminder.due_at)

    assert stopped(reminder) == ("cancelled", "visit_settled", "cancelled")
