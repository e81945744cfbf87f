"""Promise 12: a visit's time that was told is followed by its correction, or stands on the call list."""

from datetime import UTC, datetime, timedelta

import pytest

from patients import actions as care
from patients.models import CheckUp, Contact, Site, StaffMember, Surgery
from patients.models.contact import ConsentSource
from reminders import actions, visit_actions
from reminders.delivery.followup.reminder_status import follow_up
from reminders.delivery.models import Delivery
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.delivery.state import State
from reminders.delivery.transitions import move
from reminders.plan import planning
from reminders.plan.models import Protocol, Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from tests import given
from tests.delivery.sending import ring
from tests.given import NOW

NINTH, TENTH, ELEVENTH = (datetime(2026, 3, day, 14, 20, tzinfo=UTC) for day in (9, 10, 11))
MINUTE, SETTLED = timedelta(minutes=1), timedelta(minutes=4)
WHERE = "120 Riverside Avenue, Suite 3"


@pytest.fixture
def site(site: Site) -> Site:
    site.address, site.texts_a_day, site.texts_a_week = WHERE, 99, 99
    site.save()
    return site


@pytest.fixture
def surgery(site: Site, surgeon: StaffMember) -> Surgery:
    surgery = given.an_enrolment(site, by=surgeon, day=30)
    Reminder.objects.filter(surgery=surgery).update(status="skipped", reason="skipped_by_staff")
    return surgery


def the_visit(surgery: Surgery) -> CheckUp:
    return surgery.check_ups.get(code="six-weeks")


def book(surgery: Surgery, at: datetime, *, by: StaffMember, now: datetime = NOW) -> None:
    visit_actions.book_visit(the_visit(surgery), at=at, by=by, now=now)


def told(surgery: Surgery, now: datetime) -> list[str]:
    """Every notice that has left by then, as it was written."""
    ring(now)
    sent = Delivery.objects.filter(reminder__surgery=surgery, attempt_count__gt=0, reminder__step_code__contains=":")
    return list(sent.order_by("claimed_at", "pk").values_list("text", flat=True))


def to_call(surgery: Surgery) -> list[str]:
    return list(Reminder.objects.to_call().filter(surgery=surgery).values_list("step_code", flat=True))


def test_a_booking_is_confirmed_with_its_day_time_address_and_link(surgery, surgeon):
    book(surgery, NINTH, by=surgeon)

    assert told(surgery, NOW + MINUTE) == []
    [text] = told(surgery, NOW + SETTLED)
    assert "booked: Monday, March 9, 10:20 AM, 120 Riverside Avenue, Suite 3." in text
    assert f"/p/{surgery.care_plan.link}/" in text


def test_a_visit_half_a_year_ahead_is_told_with_its_year(surgery, surgeon):
    year = timedelta(days=364)
    book(surgery, NINTH + year, by=surgeon)
    told(surgery, NOW + SETTLED)
    book(surgery, TENTH + year, by=surgeon, now=NOW + timedelta(hours=1))

    booked, moved = told(surgery, NOW + timedelta(hours=1) + SETTLED)

    assert "booked: Monday, March 8, 2027, 9:20 AM" in booked
    assert "NEW TIME: Tuesday, March 9, 2027, 9:20 AM" in moved
    assert "Not Monday, March 8, 2027, 9:20 AM." in moved


def test_a_visit_moved_thrice_in_a_minute_is_corrected_once(surgery, surgeon):
    book(surgery, NINTH, by=surgeon)
    told(surgery, NOW + SETTLED)
    moved = NOW + timedelta(hours=1)
    for number, at in enumerate([TENTH, ELEVENTH, TENTH]):
        book(surgery, at, by=surgeon, now=moved + number * timedelta(seconds=20))

    [_, text] = told(surgery, moved + SETTLED)

    assert "NEW TIME: Tuesday, March 10, 10:20 AM" in text
    assert "Not Monday, March 9, 10:20 AM." in text
    assert len(told(surgery, moved + timedelta(hours=2))) == 2


def test_a_visit_moved_back_before_anything_left_needs_no_correction(surgery, surgeon):
    book(surgery, NINTH, by=surgeon)
    told(surgery, NOW + SETTLED)
    book(surgery, TENTH, by=surgeon, now=NOW + timedelta(hours=1))
    book(surgery, NINTH, by=surgeon, now=NOW + timedelta(hours=1) + MINUTE)

    assert len(told(surgery, NOW + timedelta(hours=2))) == 1


def test_a_cancelled_visit_is_taken_back_and_a_new_booking_confirmed(surgery, surgeon):
    book(surgery, NINTH, by=surgeon)
    told(surgery, NOW + SETTLED)
    visit_actions.free_visit(the_visit(surgery), by=surgeon, now=NOW + timedelta(hours=1))
    [_, taken_back] = told(surgery, NOW + timedelta(hours=2))
    book(surgery, TENTH, by=surgeon, now=NOW + timedelta(hours=3))

    [_, _, confirmed] = told(surgery, NOW + timedelta(hours=4))

    assert "Your visit on Monday, March 9, 10:20 AM, will NOT take place." in taken_back
    assert "booked: Tuesday, March 10" in confirmed


def test_a_first_booking_that_is_undone_after_it_was_told_is_taken_back(surgery, surgeon):
    book(surgery, NINTH, by=surgeon)
    told(surgery, NOW + SETTLED)
    visit_actions.undo_visit(the_visit(surgery), by=surgeon, now=NOW + timedelta(hours=1))
    [_, taken_back] = told(surgery, NOW + timedelta(hours=2))
    book(surgery, TENTH, by=surgeon, now=NOW + timedelta(hours=3))
    visit_actions.undo_visit(the_visit(surgery), by=surgeon, now=NOW + timedelta(hours=3) + MINUTE)

    assert "Your visit on Monday, March 9, 10:20 AM, will NOT take place." in taken_back
    assert len(told(surgery, NOW + timedelta(hours=4))) == 2, "what was undone before it was told needs no word"


def test_a_visit_moved_while_its_text_is_on_its_way_is_corrected_even_back(surgery, surgeon):
    book(surgery, NINTH, by=surgeon)
    told(surgery, NOW + SETTLED)
    book(surgery, TENTH, by=surgeon, now=NOW + timedelta(hours=1))
    told(surgery, NOW + timedelta(hours=1) + SETTLED)
    Delivery.objects.filter(reminder__step_code__startswith="visit-moved").update(state="unknown")
    book(surgery, NINTH, by=surgeon, now=NOW + timedelta(hours=2))

    assert "NEW TIME: Monday, March 9" in told(surgery, NOW + timedelta(hours=3))[-1]


def test_after_a_stop_the_correction_stands_on_the_call_list_and_only_the_newest(surgery, surgeon):
    book(surgery, NINTH, by=surgeon)
    told(surgery, NOW + SETTLED)
    contact = Contact.objects.get(patient=surgery.patient)
    care.withdraw_consent([contact], source=ConsentSource.SMS, wording="STOP", by=None, now=NOW)
    for hours, at in ((1, TENTH), (3, ELEVENTH)):
        book(surgery, at, by=surgeon, now=NOW + timedelta(hours=hours))
        ring(NOW + timedelta(hours=hours) + SETTLED)

    assert to_call(surgery) == ["visit-moved:six-weeks"]
    assert len(told(surgery, NOW + timedelta(hours=5))) == 1


def test_what_cannot_arrive_in_time_stands_on_the_call_list_at_once(surgery, surgeon):
    early = NINTH - timedelta(hours=2)  # 08:20, before the hours of sending
    book(surgery, early, by=surgeon)
    told(surgery, NOW + SETTLED)

    book(surgery, TENTH, by=surgeon, now=early - timedelta(hours=12))

    assert to_call(surgery) == ["visit-moved:six-weeks"]


def test_a_patient_without_a_phone_is_told_by_mail(site, surgeon):
    surgery = given.an_enrolment(site, given.an_email(), by=surgeon, day=30)
    Reminder.objects.filter(surgery=surgery).update(status="skipped", reason="skipped_by_staff")
    book(surgery, NINTH, by=surgeon)

    [text] = told(surgery, NOW + SETTLED)

    assert f"Where: {WHERE}" in text


def test_a_cancelled_operation_leaves_a_call_for_its_announced_visit_and_none_after_a_death(surgery, surgeon):
    book(surgery, NINTH, by=surgeon)
    told(surgery, NOW + SETTLED)
    actions.cancel_surgery(surgery, why="moved away", by=surgeon, now=NOW + timedelta(hours=1))
    planning.sync(surgery, now=NOW + timedelta(hours=2))

    assert to_call(surgery) == ["visit-cancelled:six-weeks"]
    actions.set_patient_status(surgery.patient, status="deceased", by=surgeon, now=NOW + timedelta(hours=3))
    assert to_call(surgery) == []


def test_the_same_facts_make_the_same_rows_and_nobody_sees_the_protocol_behind_them(surgery, surgeon):
    book(surgery, NINTH, by=surgeon)
    told(surgery, NOW + SETTLED)

    assert not planning.sync(surgery, now=NOW + timedelta(hours=1))
    assert Protocol.objects.filter(name="Visit notices").count() == 0
    assert Protocol.everything.filter(name="Visit notices").count() == 1
    row = Reminder.objects.get(surgery=surgery, step_code="visit-booked:six-weeks")
    assert row.status == ReminderStatus.DONE


def test_a_correction_that_does_not_arrive_goes_by_mail_with_its_calendar_entry(site, surgeon):
    surgery = given.an_enrolment(site, given.a_phone(), given.an_email(), by=surgeon, day=30)
    Reminder.objects.filter(surgery=surgery).update(status="skipped", reason="skipped_by_staff")
    book(surgery, NINTH, by=surgeon)
    told(surgery, NOW + SETTLED)
    moved = NOW + timedelta(hours=1)
    book(surgery, TENTH, by=surgeon, now=moved)
    open_due(moved + SETTLED)
    [text] = claim("sms", moved + SETTLED).jobs

    move([text.delivery], State.UNDELIVERED_PERM, since=[State.CLAIMED], now=moved + SETTLED, reason=Reason.UNDELIVERED)
    follow_up([text.delivery], now=moved + SETTLED)

    [mail] = claim("email", moved + SETTLED).jobs
    assert "has a new time: Tuesday, March 10" in mail.message.text
    assert mail.message.calendar_method == "REQUEST"


def test_a_correction_that_never_arrived_is_owed_again_when_its_time_stands_again(site, surgeon):
    surgery = given.an_enrolment(site, given.a_phone(), by=surgeon, day=30)
    Reminder.objects.filter(surgery=surgery).update(status="skipped", reason="skipped_by_staff")
    book(surgery, NINTH, by=surgeon)
    told(surgery, NOW + SETTLED)
    moved = NOW + timedelta(hours=1)
    book(surgery, TENTH, by=surgeon, now=moved)
    open_due(moved + SETTLED)
    [text] = claim("sms", moved + SETTLED).jobs
    move([text.delivery], State.UNDELIVERED_PERM, since=[State.CLAIMED], now=moved + SETTLED, reason=Reason.UNDELIVERED)
    follow_up([text.delivery], now=moved + SETTLED)
    assert to_call(surgery) == ["visit-moved:six-weeks"]

    book(surgery, ELEVENTH, by=surgeon, now=moved + timedelta(hours=1))
    visit_actions.undo_visit(the_visit(surgery), by=surgeon, now=moved + timedelta(hours=1) + MINUTE)

    last = told(surgery, moved + timedelta(hours=2))[-1]
    assert "NEW TIME: Tuesday, March 10" in last
    assert "Not Monday, March 9" in last
