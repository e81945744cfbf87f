"""Reception's board says who must be called, one row a person, and which reply must not wait."""

from datetime import timedelta

import pytest

from clinic.staff.board.page import Board, board
from reminders import actions
from reminders.plan.models import Reminder
from reminders.replies import inbound
from tests.given import NOW, a_phone, an_enrolment, phone
from tests.staff.board_rows import not_reached, rows
from tests.staff.desk import site, surgeon

__all__ = ["site", "surgeon"]
pytestmark = pytest.mark.django_db


def names(shown: Board, code: str) -> list[str]:
    return [row.person.name for row in rows(shown, code)]


def test_who_cannot_be_reached_is_one_row_however_many_messages_there_are(site, surgeon):
    surgery = an_enrolment(site, a_phone(phone(14)), by=surgeon, day=12)
    late, urgent, later = not_reached(surgery, timedelta(hours=-3), timedelta(hours=2), timedelta(hours=9))
    surgery.reminders.filter(pk=later.pk).update(reason="no_sender")

    shown = board(site, staff=surgeon, now=NOW)

    [row] = rows(shown, "calls")
    assert (row.person.name, row.person.age, row.person.day) == ("Ana Ruiz", 60, "day 12")
    assert row.person.phone == "+1 202-555-0114"
    assert (row.title, row.pill.word) == (urgent.step.title, "call by today 12:00")
    assert (row.more, row.others) == (2, [later.step.title, late.step.title])
    assert row.why == ("There is no consent to write to this patient. Call. The site has no sender for this channel.")
    assert shown.tiles[2].value == "1"


def test_whose_deadline_comes_first_is_called_first_and_past_ones_come_last(site, surgeon):
    hours = {"past": (-2,), "long past": (-90,), "evening": (9, 30), "noon": (-50, 2)}
    for name, ends in hours.items():
        surgery = an_enrolment(site, by=surgeon, day=12)
        type(surgery.patient).objects.filter(pk=surgery.patient_id).update(given_name=name, family_name="")
        not_reached(surgery, *(timedelta(hours=end) for end in ends))

    shown = board(site, staff=surgeon, now=NOW)

    assert [name.strip() for name in names(shown, "calls")] == ["noon", "evening", "past", "long past"]
    assert [row.pill.tone for row in rows(shown, "calls")] == ["bad", "bad", "neutral", "neutral"]
    assert shown.tiles[2].value == "4"


def test_the_people_to_call_are_those_of_the_model(site, surgeon):
    """A promise between the board and the ledger: nobody who must be called is missing, nobody stands there twice."""
    for number in range(6):
        surgery = an_enrolment(site, by=surgeon, day=12)
        not_reached(surgery, *(timedelta(hours=h) for h in range(number)))
        if number == 5:
            actions.set_patient_status(surgery.patient, status="transferred", by=surgeon, now=NOW)

    shown = rows(board(site, staff=surgeon, now=NOW), "calls")

    to_call = Reminder.objects.to_call()
    assert sorted(row.pk for row in shown) == sorted(set(to_call.values_list("surgery", flat=True)))
    assert sum(1 + row.more for row in shown) == to_call.count() == 1 + 2 + 3 + 4


def test_whatever_found_no_way_is_called_about(site, surgeon):
    surgery = an_enrolment(site, by=surgeon, day=12)
    [message] = not_reached(surgery, timedelta(hours=2))

    for status in ("failed", "suppressed", "expired", "unconfirmed"):
        surgery.reminders.filter(pk=message.pk).update(status=status)
        assert [row.pk for row in rows(board(site, staff=surgeon, now=NOW), "calls")] == [surgery.pk], status


def test_nobody_is_called_about_somebody_who_has_died(site, surgeon):
    surgery = an_enrolment(site, by=surgeon, day=12)
    surgery.reminders.filter(pk=surgery.reminders.first().pk).update(status="failed", reason="refused")
    actions.set_patient_status(surgery.patient, status="deceased", by=surgeon, now=NOW)

    shown = board(site, staff=surgeon, now=NOW)

    assert all(not section.rows for section in shown.left + shown.right)


def test_a_reply_that_must_not_wait_stands_first_and_what_may_be_a_refusal_says_so(site, surgeon):
    an_enrolment(site, a_phone(phone(14)), by=surgeon, day=8)
    for n, text in enumerate(["can I drive?", "stop texting me at night", "I can't breathe"]):
        at = NOW + timedelta(minutes=n)
        inbound.receive(provider_id=f"SM{n}", from_address=phone(14), to_address=phone(1), text=text, now=at)

    shown = rows(board(site, staff=surgeon, now=NOW + timedelta(hours=1)), "replies")

    assert [(row.urgent, row.text) for row in shown] == [
        (True, "I can't breathe"),
        (False, "can I drive?"),
        (False, "stop texting me at night"),
    ]
    assert shown[2].meaning.startswith("may be an opt-out")
