"""The board's numbers are those of its lists, and long lists ask the database no more often than short ones."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.staff.board.page import board
from clinic.staff.board.queries import Desk
from reminders import visit_actions
from reminders.delivery.safeguards import breaker
from reminders.plan.models import Reminder
from reminders.replies import inbound
from reminders.replies.models import Reply
from tests.delivery.sending import a_promise, opened
from tests.given import NOW, a_phone, a_site, an_enrolment, phone
from tests.staff.board_rows import booked, not_reached, rows
from tests.staff.desk import site, surgeon
from tests.staff.people import also

__all__ = ["site", "surgeon"]
pytestmark = pytest.mark.django_db


def test_the_five_numbers_are_those_of_the_lists(site, surgeon):
    one, two = (an_enrolment(site, a_phone(phone(n)), by=surgeon, day=12) for n in (14, 15))
    booked(one, NOW + timedelta(hours=2), surgeon)
    visit_actions.confirm_visit(booked(two, NOW + timedelta(hours=3), surgeon), by=None, now=NOW)
    an_enrolment(site, by=surgeon, day=13)
    inbound.receive(provider_id="SM1", from_address=phone(14), to_address=phone(1), text="can I drive?", now=NOW)
    Reminder.objects.filter(pk=one.reminders.first().pk).update(status="suppressed", reason="no_consent")
    Reminder.objects.due(NOW).update(status="done")  # as the sweep would have it

    tiles = board(site, staff=surgeon, now=NOW).tiles

    assert [(t.value, t.words) for t in tiles[:4]] == [
        ("2", "visits today, 1 not confirmed"),
        ("1", "due but not booked"),
        ("1", "cannot be reached"),
        ("1", "reply to read"),
    ]
    assert tiles[4].value == "all on time"


def test_late_messages_turn_all_on_time_into_a_number(site, surgeon):
    an_enrolment(site, by=surgeon, day=0)
    due = Reminder.objects.planned().order_by("due_at").first().due_at

    tile = board(site, staff=surgeon, now=due + timedelta(minutes=11)).tiles[4]

    assert (tile.value, tile.tone) == ("1 late", "red")


def test_a_message_is_late_ten_minutes_after_its_time(site, surgeon):
    """Counted by itself: warnings put their own numbers on the same tile."""
    elsewhere = a_site("hillside")
    also(surgeon, elsewhere, "surgeon")
    an_enrolment(site, by=surgeon, day=0)
    due = Reminder.objects.planned().order_by("due_at").first().due_at

    late = [Desk(site, surgeon, due + timedelta(minutes=minutes)).late() for minutes in (0, 9, 10, 11)]

    assert late == [0, 0, 1, 1]
    assert Desk(elsewhere, surgeon, due + timedelta(minutes=11)).late() == 0


def test_who_waits_for_a_breaker_is_late_too(site, surgeon):
    promise = a_promise(site, by=surgeon)
    opened(promise)
    breaker.trip("sms", site=site.pk, now=promise.due_at)

    tile = board(site, staff=surgeon, now=promise.due_at + timedelta(minutes=1)).tiles[4]

    assert (tile.value, tile.tone) == ("1 late", "red")


@pytest.mark.parametrize("code", ["due", "today", "calls", "replies"])
def test_thirty_rows_ask_the_database_as_often_as_one(site, surgeon, code):
    def fill(number: int) -> int:
        for n in range(number):
            _one_for(code, site, surgeon, n)
        with CaptureQueriesContext(connection) as queries:
            shown = board(site, staff=surgeon, now=NOW)
        assert len(rows(shown, code)) >= number
        return len(queries)

    few = fill(1)

    assert fill(29) == few


def _one_for(code: str, site, surgeon, n: int) -> None:
    surgery = an_enrolment(site, a_phone(phone(10 + n)), by=surgeon, day=12)
    if code == "today":
        booked(surgery, NOW + timedelta(minutes=n + 1), surgeon)
    if code == "calls":
        not_reached(surgery, *(timedelta(hours=hour) for hour in range(1 + n % 5)), reason="refused")
    if code == "replies":
        contact = surgery.patient.contacts.get()
        facts = {"from_address": contact.address, "to_address": phone(1), "text": "hello", "intent": "other"}
        Reply.objects.create(site=site, contact=contact, provider_id=f"SM{contact.pk}", received_at=NOW, **facts)
