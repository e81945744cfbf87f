"""Calls and replies are dealt with from the board: one call settles a person, a reply is taken and then done."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from patients import audit
from patients.models import CheckUp
from reminders import calls, visit_actions
from reminders.plan.models import CallAttempt, Reminder
from reminders.replies import inbound
from tests.given import NOW, a_site, a_staff_member, an_enrolment, phone
from tests.staff.desk import check_up, clock, desk, reception, site, surgeon
from tests.staff.people import signed_in

__all__ = ["check_up", "clock", "desk", "reception", "site", "surgeon"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def unreached(check_up) -> list[Reminder]:
    """Three messages that found no way to one person."""
    found = list(check_up.surgery.reminders.order_by("-due_at")[:3])
    Reminder.objects.filter(pk__in=[row.pk for row in found]).update(status="suppressed", reason="no_consent")
    return found


def called(
    client: Client, check_up: CheckUp, note: str = "reached her daughter", outcome: str = "reached", **more: str
):
    address = reverse("staff:board-called", args=[check_up.surgery_id])
    return client.post(address, {"outcome": outcome, "note": note} | more)


def shown(client: Client) -> str:
    return client.get(reverse("staff:board")).content.decode()


def test_one_call_settles_all_messages_of_a_person(desk, reception, check_up, unreached):
    before = desk.get(reverse("staff:board")).content.decode()
    called(desk, check_up)
    after = desk.get(reverse("staff:board")).content.decode()

    row = f'id="call-{check_up.surgery_id}"'
    assert "There is no consent to write to this patient. Call." in before
    assert "and 2 more" in before
    assert (before.count(row), after.count(row)) == (1, 0)
    assert "Reached: Ana Ruiz, 3 messages settled." in after
    for reminder in unreached:
        reminder.refresh_from_db()
        assert (reminder.handled_by, reminder.handled_note) == (reception, "reached her daughter")


def test_a_call_is_one_line_on_the_record_that_says_how_many_it_settled(desk, reception, check_up, unreached):
    called(desk, check_up)
    answer = called(desk, check_up, "again, by a stale page")

    entries = audit.history(check_up.surgery).filter(verb="called")
    assert [(e.by, e.details["messages"], e.details["note"]) for e in entries] == [
        (reception, 3, "reached her daughter")
    ]
    assert "a colleague may have called" in desk.get(answer.headers["Location"]).content.decode()


def test_a_call_settles_nothing_of_another_person_and_nothing_that_is_still_planned(desk, site, surgeon, check_up):
    other = an_enrolment(site, by=surgeon, day=12).reminders.last()
    Reminder.objects.filter(pk=other.pk).update(status="failed", reason="refused")

    called(desk, check_up)

    assert not Reminder.objects.filter(handled_at__isnull=False).exists()


def test_a_note_that_is_too_long_is_given_back_whole(desk, check_up, unreached):
    answer = called(desk, check_up, "x" * 201)

    assert answer.status_code == 422
    assert "at most 200 characters" in answer.content.decode()
    assert "x" * 201 in answer.content.decode()
    assert not Reminder.objects.filter(handled_at__isnull=False).exists()


# Only `reached` and `not needed` close


def test_a_call_list_worked_over_two_days(desk, reception, surgeon, check_up, unreached):
    row = f'id="call-{check_up.surgery_id}"'
    with time_machine.travel(NOW, tick=False):
        called(desk, check_up, "voicemail", outcome="no_answer")
        called(desk, check_up, "at work", outcome="call_back", call_back_at="2026-03-03T15:00")
        first_day = shown(desk)
    with time_machine.travel(NOW + timedelta(days=1, hours=6), tick=False):  # Tuesday, 16:00
        colleague = signed_in(surgeon)
        second_day = shown(colleague)
        called(colleague, check_up, "she is well")
        closed = shown(colleague)

    assert row in first_day
    assert "called 2 times: today 10:00, call back, Ida Hale: “at work”" in first_day
    assert "today 10:00, no answer, Ida Hale: “voicemail”" in first_day
    assert "call back tomorrow 15:00" in first_day
    assert "call back today 15:00" in second_day
    assert row not in closed
    entries = audit.history(check_up.surgery).filter(verb__startswith="call").order_by("pk")
    assert [(e.verb, e.by, e.details["attempt"], e.details["messages"]) for e in entries] == [
        ("called without an answer", reception, 1, 0),
        ("call back noted", reception, 2, 0),
        ("called", surgeon, 3, 3),
    ]  # fmt: skip


def test_who_is_to_be_called_back_stands_at_that_time(desk, site, surgeon, check_up, unreached):
    first = check_up.surgery
    other = an_enrolment(site, by=surgeon, day=12)
    Reminder.objects.filter(surgery=other).update(
        status="failed", reason="refused", due_at=NOW, useful_until=NOW + timedelta(days=2)
    )
    mine = Reminder.objects.filter(pk__in=[row.pk for row in unreached])
    mine.update(due_at=NOW, useful_until=NOW + timedelta(days=1))

    def order() -> list[int]:
        page = shown(desk)
        return sorted((first.pk, other.pk), key=lambda pk: page.index(f'id="call-{pk}"'))

    before = order()
    called(desk, check_up, outcome="call_back", call_back_at="2026-03-09T15:00")
    later = order()
    called(desk, check_up, outcome="no_answer", call_back_at="2026-03-02T15:00")

    assert (before, later, order()) == ([first.pk, other.pk], [other.pk, first.pk], [first.pk, other.pk])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"outcome": ""}, "Say what came of the call"),
        ({"outcome": "called"}, "Say what came of the call"),
        ({"outcome": "call_back"}, "Say when to call back"),
        ({"outcome": "call_back", "call_back_at": "tomorrow"}, "Give a day and a time"),
        ({"outcome": "call_back", "call_back_at": "2026-03-02T09:59"}, "This time has passed"),
        ({"outcome": "call_back", "call_back_at": "2026-03-08T02:30"}, "skip this time"),
        ({"outcome": "call_back", "call_back_at": "2026-03-20T10:00"}, "more than 14 days ahead"),
        ({"outcome": "reached", "call_back_at": "2026-03-03T15:00"}, "nobody calls back"),
        ({"outcome": "not_needed", "note": " "}, "Say why no call is needed"),
        ({"outcome": "no_answer", "attempts": "1"}, "A colleague has noted a call"),
    ],
)
def test_what_is_wrong_with_a_call_is_said_beside_its_row_and_nothing_is_kept(
    desk, check_up, unreached, typed, sentence
):
    answer = called(desk, check_up, **({"note": "typed"} | typed))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not CallAttempt.objects.exists()
    assert not Reminder.objects.filter(handled_at__isnull=False).exists()


def test_not_needed_closes_with_its_reason_and_a_new_failure_begins_anew(desk, check_up, unreached):
    called(desk, check_up, outcome="no_answer")
    called(desk, check_up, "she was here this morning", outcome="not_needed")
    Reminder.objects.filter(pk=unreached[0].pk).update(handled_at=None)

    page = shown(desk)

    assert f'id="call-{check_up.surgery_id}"' in page
    assert "she was here this morning" not in page
    assert "called 1 time" not in page


def test_a_stranger_notes_no_call_and_a_colleague_may(desk, surgeon, check_up, unreached):
    stranger = a_staff_member(a_site("hillside", name="Hillside Clinic"), "reception")

    assert called(signed_in(stranger), check_up).status_code == 404
    with pytest.raises(PermissionDenied):
        calls.note_call(check_up.surgery, outcome="reached", by=stranger, now=NOW)
    assert not CallAttempt.objects.exists()
    assert called(signed_in(surgeon), check_up, outcome="no_answer").status_code == 302
    assert called(desk, check_up).status_code == 302
    assert [attempt.outcome for attempt in CallAttempt.objects.all()] == ["no_answer", "reached"]


def test_who_wrote_cancel_is_to_be_asked_about_every_visit_that_is_booked(desk, surgeon, check_up):
    visit_actions.book_visit(check_up, at=NOW + timedelta(days=7), by=surgeon, now=NOW)
    other = check_up.surgery.check_ups.exclude(pk=check_up.pk).earliest("target_day")
    visit_actions.book_visit(other, at=NOW + timedelta(days=44), by=surgeon, now=NOW)
    reply = inbound.receive(provider_id="SM1", from_address=phone(14), to_address=phone(1), text="Cancelar", now=NOW)

    before = shown(desk)
    desk.post(reverse("staff:board-reply", args=[reply.pk, "done"]))

    assert "wrote CANCELAR; visit on Mon 9 Mar 11:00 and Wed 15 Apr 11:00: ask" in before
    assert "wrote CANCELAR" not in shown(desk)


def test_a_reply_is_taken_and_then_done(desk, reception, check_up):
    reply = inbound.receive(
        provider_id="SM1", from_address=phone(14), to_address=phone(1), text="can I <b>drive</b>?", now=NOW
    )

    before = desk.get(reverse("staff:board")).content.decode()
    desk.post(reverse("staff:board-reply", args=[reply.pk, "take"]))
    taken = desk.get(reverse("staff:board")).content.decode()
    desk.post(reverse("staff:board-reply", args=[reply.pk, "done"]))
    done = desk.get(reverse("staff:board")).content.decode()

    reply.refresh_from_db()
    assert "can I &lt;b&gt;drive&lt;/b&gt;?" in before
    assert "nobody has taken it" in before
    assert "taken by you" in taken
    assert f'id="reply-{reply.pk}"' not in done
    assert (reply.handled_by, reply.handled_at) == (reception, NOW)


def test_a_text_from_a_number_nobody_knows_is_read_too(desk, site):
    inbound.receive(provider_id="SM1", from_address=phone(77), to_address=phone(1), text="wrong number?", now=NOW)

    page = desk.get(reverse("staff:board")).content.decode()

    assert "Unknown number" in page
    assert "wrong number?" in page
