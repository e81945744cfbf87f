"""Somebody with several operations is called once: one row, one outcome, and a promised call outlives its plan."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from clinic.staff.board.call_list import CallRow
from clinic.staff.board.page import board
from patients import audit
from patients.models import CheckUp, Site, StaffMember, Surgery
from reminders import actions, calls, merge, visit_actions
from reminders.plan.models import CallAttempt, Reminder
from reminders.plan.visit_notices import MARK
from tests.given import NOW, a_phone, an_enrolment, phone
from tests.staff.board_rows import not_reached, rows
from tests.staff.desk import site, surgeon
from tests.staff.people import signed_in

__all__ = ["site", "surgeon"]
pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def both(site: Site, surgeon: StaffMember) -> tuple[Surgery, Surgery]:
    """One patient, two plans that both run, a message of each that found no way."""
    first = an_enrolment(site, a_phone(phone(14)), by=surgeon, day=40)
    second = an_enrolment(site, by=surgeon, patient=first.patient, day=2)
    not_reached(first, 5 * HOUR, 6 * HOUR)
    not_reached(second, 2 * HOUR, reason="no_sender")
    return first, second


def called_row(site: Site, staff: StaffMember, now=NOW) -> CallRow:
    [row] = rows(board(site, staff=staff, now=now), "calls")
    return row


def listed(site: Site, staff: StaffMember, now=NOW) -> list[CallRow]:
    return rows(board(site, staff=staff, now=now), "calls")


def promise(surgery: Surgery, by: StaffMember, after: timedelta = 5 * HOUR) -> None:
    calls.note_call(surgery, outcome="call_back", by=by, now=NOW, note="at work", call_back_at=NOW + after)


def test_two_plans_are_one_row_and_one_call_settles_both(both, site, surgeon):
    first, second = both
    row = called_row(site, surgeon)
    assert (row.person.surgery, row.person.day, row.pill.word) == (second.pk, "day 2", "call by today 12:00")
    assert (row.more, row.pk) == (2, first.pk)
    assert row.why == "The site has no sender for this channel. There is no consent to write to this patient. Call."

    calls.note_call(second, outcome="no_answer", by=surgeon, now=NOW, attempts=0)
    with pytest.raises(ValidationError, match="A colleague has noted a call"):  # at the other operation, the same row
        calls.note_call(first, outcome="reached", by=surgeon, now=NOW, attempts=0)
    assert [row.tries[0] for row in listed(site, surgeon)] == ["today 10:00, no answer, Ida Hale"]
    done = calls.note_call(first, outcome="reached", by=surgeon, now=NOW, attempts=1)

    assert (done.messages, listed(site, surgeon)) == (3, [])
    assert not Reminder.objects.to_call().exists()
    for operation in both:  # both records say so
        told = audit.history(operation).filter(verb__startswith="called")
        assert [(entry.verb, entry.details["messages"]) for entry in told] == [
            ("called without an answer", 0),
            ("called", 3),
        ]


def test_the_board_and_the_api_speak_of_the_same_call(both, site, surgeon):
    first, second = both
    client = signed_in(surgeon)
    address = reverse("staff:board-called", args=[second.pk])
    wrong = client.post(address, {"outcome": "call_back"}).content.decode()
    assert f'id="call-{first.pk}"' in wrong
    assert "Say when to call back" in wrong

    client.post(address, {"outcome": "no_answer", "attempts": "0"})
    closing = client.post(f"/api/v1/surgeries/{first.pk}/calls/", {"outcome": "reached"}, "application/json")

    assert closing.status_code == 201, closing.content
    kept = client.get(f"/api/v1/surgeries/{second.pk}/calls/").json()
    assert [(one["outcome"], one["messages"], one["closed_by"]) for one in kept] == [
        ("no_answer", 0, closing.json()["id"]),
        ("reached", 3, None),
    ]
    assert calls.note_call(second, outcome="reached", by=surgeon, now=NOW) is None


@pytest.mark.parametrize("becomes", ["ended", "cancelled", "delivered after all"])
def test_who_was_promised_a_call_is_called_whatever_became_of_the_plan(site, surgeon, becomes):
    surgery = an_enrolment(site, a_phone(phone(14)), by=surgeon, day=12)
    [message] = not_reached(surgery, 2 * HOUR)
    promise(surgery, surgeon)
    if becomes == "ended":
        an_enrolment(site, by=surgeon, patient=surgery.patient, day=0, running_plan="end")
    elif becomes == "cancelled":
        actions.cancel_surgery(surgery, why="wrong person", by=surgeon, now=NOW)
    else:
        Reminder.objects.filter(pk=message.pk).update(status="done", reason="")

    row = called_row(site, surgeon, NOW + HOUR)

    assert (row.title, row.pill, row.back.word) == ("Call back, as promised", None, "call back today 15:00")
    assert "at work" in row.tries[0]
    page = signed_in(surgeon).get(reverse("staff:board")).content.decode()
    assert "Call back, as promised" in page
    later = NOW + 6 * HOUR
    calls.note_call(surgery, outcome="no_answer", by=surgeon, now=later)  # only an outcome that closes ends it
    assert len(called_row(site, surgeon, later).tries) == 2
    calls.note_call(surgery, outcome="reached", by=surgeon, now=later)
    assert listed(site, surgeon, later) == []
    assert calls.note_call(surgery, outcome="reached", by=surgeon, now=later) is None


def test_nobody_calls_back_who_died_and_a_promise_is_past_after_a_month(site, surgeon):
    surgery = an_enrolment(site, by=surgeon, day=12)
    not_reached(surgery, 2 * HOUR)
    promise(surgery, surgeon)
    Reminder.objects.update(status="done", reason="")
    assert len(listed(site, surgeon, NOW + 29 * DAY)) == 1
    assert listed(site, surgeon, NOW + 31 * DAY) == []

    actions.set_patient_status(surgery.patient, status="deceased", by=surgeon, now=NOW)

    assert listed(site, surgeon) == []
    assert calls.note_call(surgery, outcome="reached", by=surgeon, now=NOW) is None


def test_a_merge_brings_both_calls_into_one_row_and_forgets_no_promise(site, surgeon):
    stays, goes = (an_enrolment(site, by=surgeon, day=day) for day in (12, 30))
    not_reached(stays, 2 * HOUR)
    not_reached(goes, 3 * HOUR)
    promise(goes, surgeon)
    calls.note_call(stays, outcome="reached", by=surgeon, now=NOW)  # another number then, so no answer to that promise

    merge.merge(goes.patient, into=stays.patient, by=surgeon, now=NOW)

    row = called_row(site, surgeon)
    assert (row.back.word, len(row.tries), row.person.name) == ("call back today 15:00", 1, "Ana Ruiz")
    calls.note_call(stays, outcome="reached", by=surgeon, now=NOW)
    assert listed(site, surgeon) == []
    assert CallAttempt.objects.filter(outcome="call_back", closed_by=None).count() == 0


def a_booked_visit(surgery: Surgery, by: StaffMember) -> CheckUp:
    visit = surgery.check_ups.get(code="first-visit")
    return visit_actions.book_visit(visit, at=NOW + 8 * DAY, by=by, now=NOW)


def test_a_reminder_that_failed_of_a_visit_that_stands_is_called_about_though_the_plan_ended(site, surgeon):
    surgery = an_enrolment(site, a_phone(phone(14)), by=surgeon, day=5)
    visit = a_booked_visit(surgery, surgeon)
    ahead = surgery.reminders.exclude(step_code__contains=MARK).filter(step__anchor="visit", step__offset_days__lt=0)
    failed = ahead.filter(status="planned").latest("due_at")
    Reminder.objects.filter(pk=failed.pk).update(status="failed", reason="undelivered")
    other = surgery.reminders.planned().exclude(step__anchor="visit").earliest("due_at")
    Reminder.objects.filter(pk=other.pk).update(status="failed", reason="undelivered")
    an_enrolment(site, by=surgeon, patient=surgery.patient, day=0, running_plan="end")

    row = called_row(site, surgeon)

    assert (row.person.surgery, row.title, row.more) == (surgery.pk, failed.title, 0)
    visit_actions.free_visit(visit, by=surgeon, now=NOW)
    assert failed.pk not in Reminder.objects.to_call().values_list("pk", flat=True)


def test_who_is_in_care_again_is_not_called_about_what_passed_meanwhile(site, surgeon):
    surgery = an_enrolment(site, a_phone(phone(14)), by=surgeon, day=5)
    visit = a_booked_visit(surgery, surgeon)
    sent = surgery.reminders.get(step_code__contains=MARK)
    Reminder.objects.filter(pk=sent.pk).update(status="done", reason="", handled_by=surgeon)  # they know the time
    stale = surgery.reminders.planned().filter(due_at__gt=NOW + DAY).exclude(step__anchor="visit").earliest("due_at")
    Reminder.objects.filter(pk=stale.pk).update(status="suppressed", reason="no_consent")
    actions.set_patient_status(surgery.patient, status="transferred", by=surgeon, now=NOW + HOUR)
    actions.set_patient_status(surgery.patient, status="active", by=surgeon, now=NOW + 2 * HOUR)  # a wrong click
    assert stale.pk in Reminder.objects.to_call().values_list("pk", flat=True)
    actions.set_patient_status(surgery.patient, status="transferred", by=surgeon, now=NOW + 3 * HOUR)

    actions.set_patient_status(surgery.patient, status="active", by=surgeon, now=NOW + 60 * DAY)

    assert visit.booked_for < NOW + 60 * DAY
    assert [row.title for row in listed(site, surgeon, NOW + 60 * DAY)] == []
