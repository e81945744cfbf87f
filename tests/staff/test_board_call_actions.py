"""Calls and replies are dealt with from the board: one call settles a person, a reply is taken and then done."""

import pytest
from django.test import Client
from django.urls import reverse

from patients import audit
from patients.models import CheckUp
from reminders.plan.models import Reminder
from reminders.replies import inbound
from tests.given import NOW, an_enrolment, phone
from tests.staff.desk import check_up, clock, desk, reception, site, surgeon

__all__ = ["check_up", "clock", "desk", "reception", "site", "surgeon"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def unreached(check_up) -> list[Reminder]:
    """Three messages that found no way to one person."""
    found = list(check_up.surgery.reminders.order_by("-due_at")[:3])
    Reminder.objects.filter(pk__in=[row.pk for row in found]).update(status="suppressed", reason="no_consent")
    return found


def called(client: Client, check_up: CheckUp, note: str = "reached her daughter"):
    return client.post(reverse("staff:board-called", args=[check_up.surgery_id]), {"note": note})


def test_one_call_settles_all_messages_of_a_person(desk, reception, check_up, unreached):
    before = desk.get(reverse("staff:board")).content.decode()
    called(desk, check_up)
    after = desk.get(reverse("staff:board")).content.decode()

    row = f'id="call-{check_up.surgery_id}"'
    assert "There is no consent to write to this patient. Call." in before
    assert "and 2 more" in before
    assert (before.count(row), after.count(row)) == (1, 0)
    assert "Called Ana Ruiz: 3 messages done." in after
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
    assert "A colleague may have called" in desk.get(answer.headers["Location"]).content.decode()


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
