"""A surgeon takes a notice about a visit's time out of the plan: nobody is left with a wrong time by it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from patients.models import Site, StaffMember, Surgery
from reminders import actions, plan_changes, visit_actions
from reminders.delivery.models import Delivery
from reminders.plan.change_words import Names, told
from reminders.plan.models import PlanChange, Reminder
from tests import given
from tests.delivery.sending import ring
from tests.given import NOW

NINTH, TENTH, ELEVENTH = (datetime(2026, 3, day, 14, 20, tzinfo=UTC) for day in (9, 10, 11))
SETTLED, HOUR = timedelta(minutes=4), timedelta(hours=1)
MOVED = NOW + HOUR


@pytest.fixture
def surgery(site: Site, surgeon: StaffMember) -> Surgery:
    Site.objects.filter(pk=site.pk).update(texts_a_day=99, texts_a_week=99, address="120 Riverside Avenue")
    surgery = given.an_enrolment(site, by=surgeon, day=30)
    Reminder.objects.filter(surgery=surgery).update(status="skipped", reason="skipped_by_staff")
    return surgery


def book(surgery: Surgery, at: datetime, by: StaffMember, now: datetime) -> Reminder:
    """The notice that is planned."""
    visit_actions.book_visit(surgery.check_ups.get(code="six-weeks"), at=at, by=by, now=now)
    return surgery.reminders.planned().get(step_code__contains=":")


def texts(surgery: Surgery) -> list[str]:
    sent = Delivery.objects.filter(reminder__surgery=surgery, state="delivered")
    return list(sent.order_by("claimed_at", "pk").values_list("text", flat=True))


def calls(surgery: Surgery) -> list[tuple[str, str]]:
    return list(Reminder.objects.to_call().filter(surgery=surgery).values_list("step_code", "reason"))


def test_a_confirmation_that_is_left_out_leaves_no_call(surgery, surgeon):
    actions.skip(book(surgery, NINTH, surgeon, NOW), why="told in person", by=surgeon, now=NOW)
    ring(NOW + SETTLED)

    assert (texts(surgery), calls(surgery)) == ([], [])
    assert surgery.reminders.get(step_code="visit-booked:six-weeks").reason == "left_out"


def test_a_correction_that_is_left_out_becomes_a_call_until_it_is_put_back(surgery, surgeon):
    book(surgery, NINTH, surgeon, NOW)
    ring(NOW + SETTLED)
    actions.skip(book(surgery, TENTH, surgeon, MOVED), why="I ring her myself", by=surgeon, now=MOVED)
    ring(MOVED + SETTLED)

    assert len(texts(surgery)) == 1
    assert calls(surgery) == [("visit-moved:six-weeks", "left_out")]
    [change] = PlanChange.objects.all()
    assert told(change, Names.of_plan(surgery, surgery.care_plan.version)).startswith("“Visit has a new time”, about “")
    plan_changes.undo(change, by=surgeon, now=MOVED + SETTLED)
    ring(MOVED + SETTLED)
    assert "NEW TIME: Tuesday, March 10" in texts(surgery)[-1]
    assert calls(surgery) == []


def test_the_next_change_is_told_with_the_time_that_was_told_last(surgery, surgeon):
    book(surgery, NINTH, surgeon, NOW)
    ring(NOW + SETTLED)
    actions.skip(book(surgery, TENTH, surgeon, MOVED), why="I ring her myself", by=surgeon, now=MOVED)
    book(surgery, ELEVENTH, surgeon, MOVED + HOUR)
    ring(MOVED + HOUR + SETTLED)

    assert "NEW TIME: Wednesday, March 11" in texts(surgery)[-1]
    assert "Not Monday, March 9" in texts(surgery)[-1]
    assert calls(surgery) == []


def test_a_booking_after_a_visit_was_called_off_is_a_call_too(surgery, surgeon):
    book(surgery, NINTH, surgeon, NOW)
    ring(NOW + SETTLED)
    visit_actions.free_visit(surgery.check_ups.get(code="six-weeks"), by=surgeon, now=MOVED)
    ring(MOVED + SETTLED)
    actions.skip(book(surgery, TENTH, surgeon, MOVED + HOUR), why="told her", by=surgeon, now=MOVED + HOUR)

    assert calls(surgery) == [("visit-booked:six-weeks", "left_out")]


def test_it_needs_a_reason_a_decider_and_a_notice_that_has_not_left(site, surgery, surgeon):
    notice = book(surgery, NINTH, surgeon, NOW)
    for who in (given.a_staff_member(site, "reception"), given.a_staff_member(given.a_site("other"))):
        with pytest.raises(PermissionDenied):
            actions.skip(notice, why="told in person", by=who, now=NOW)
    with pytest.raises(ValidationError, match="reason"):
        actions.skip(notice, why=" ", by=surgeon, now=NOW)
    ring(NOW + SETTLED)

    with pytest.raises(ValidationError, match="Only a planned one"):
        actions.skip(notice, why="told in person", by=surgeon, now=NOW + HOUR)
