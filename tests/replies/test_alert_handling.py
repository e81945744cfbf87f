"""What people do with an alert: take, hand over, close; who may, and what the history tells."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from patients import audit
from reminders.replies.alerts import handling
from reminders.replies.models import Alert
from tests import given
from tests.delivery.sending import a_promise
from tests.replies.test_inbound import PHONE, text_in

LATER = given.NOW + timedelta(minutes=5)


@pytest.fixture
def colleague(site):
    return given.a_staff_member(site, "reception")


@pytest.fixture
def stranger(site):
    return given.a_staff_member(given.a_site("hillside"))


@pytest.fixture
def alert(site, surgeon) -> Alert:
    a_promise(site, given.a_phone(PHONE), by=surgeon)
    text_in(site, "chest pain")
    return Alert.objects.get()


def test_owner_and_colleague_take_it_and_a_stranger_does_not(alert, surgeon, colleague, stranger):
    handling.take(alert, by=surgeon, now=given.NOW)
    taken = handling.take(alert, by=colleague, now=LATER)

    assert (taken.owner, taken.taken_at) == (colleague, LATER)
    with pytest.raises(PermissionDenied):
        handling.take(alert, by=stranger, now=LATER)
    with pytest.raises(PermissionDenied):
        handling.close(alert, outcome="reached", by=stranger, now=LATER)
    with pytest.raises(PermissionDenied):
        handling.hand_over(alert, to=colleague, by=stranger, now=LATER)


def test_it_is_handed_to_a_colleague_who_still_has_to_take_it(alert, surgeon, colleague):
    handling.take(alert, by=surgeon, now=given.NOW)

    handed = handling.hand_over(alert, to=colleague, by=surgeon, now=LATER)

    assert (handed.owner, handed.taken_at, handed.answer_by) == (colleague, None, alert.answer_by)


def test_it_is_handed_back_to_a_role(alert, surgeon):
    handling.take(alert, by=surgeon, now=given.NOW)

    handed = handling.hand_over(alert, to="manager", by=surgeon, now=LATER)

    assert (handed.owner, handed.owner_role) == (None, "manager")


@pytest.mark.parametrize("to", ["nobody", ""])
def test_it_is_not_handed_to_nobody(alert, surgeon, stranger, to):
    for receiver in (to, stranger):
        with pytest.raises(ValidationError):
            handling.hand_over(alert, to=receiver, by=surgeon, now=LATER)


def test_closed_with_its_outcome_and_its_texts_leave_the_inbox(site, alert, surgeon):
    more = text_in(site, "now I have a fever too", provider_id="SM-more")
    closed = handling.close(alert, outcome="sent_on", note=" 911 is there ", by=surgeon, now=LATER)

    assert (closed.outcome, closed.outcome_note, closed.closed_by, closed.closed_at) == (
        "sent_on", "911 is there", surgeon, LATER,
    )  # fmt: skip
    for text in (closed.reply, more):
        text.refresh_from_db()
        assert text.handled_by == surgeon


def test_a_text_that_waits_for_a_decision_stays_in_the_inbox(site, surgeon):
    a_promise(site, given.a_phone(PHONE), by=surgeon)
    reply = text_in(site, "leave me alone, I have a fever")

    handling.close(Alert.objects.get(), outcome="reached", by=surgeon, now=LATER)

    reply.refresh_from_db()
    assert reply.handled_at is None


@pytest.mark.parametrize(
    ("outcome", "note", "wrong"),
    [
        ("", "", "outcome"),
        ("fine", "", "outcome"),
        ("not_reached", " ", "what you tried"),
        ("false_alarm", "", "how you know"),
        ("reached", "x" * 201, "at most 200"),
    ],
)
def test_without_a_proper_outcome_it_stays_open(alert, surgeon, outcome, note, wrong):
    with pytest.raises(ValidationError, match=wrong):
        handling.close(alert, outcome=outcome, note=note, by=surgeon, now=LATER)

    alert.refresh_from_db()
    assert alert.closed_at is None


def test_who_comes_second_is_told_who_was_first(alert, surgeon, colleague):
    handling.close(alert, outcome="reached", by=surgeon, now=given.NOW)

    for act in (handling.take, lambda a, **by: handling.close(a, outcome="seen", **by)):
        with pytest.raises(ValidationError, match="Ida Hale has closed it"):
            act(alert, by=colleague, now=LATER)


def test_the_history_tells_every_step(alert, surgeon, colleague):
    handling.take(alert, by=surgeon, now=given.NOW)
    handling.hand_over(alert, to=colleague, by=surgeon, now=given.NOW)
    handling.close(alert, outcome="reached", by=colleague, now=LATER)

    entries = audit.history(alert.surgery.patient).filter(details__alert=alert.pk)
    assert [(entry.verb, entry.by) for entry in entries] == [
        ("alert raised", None), ("alert taken", surgeon), ("alert handed over", surgeon), ("alert closed", colleague),
    ]  # fmt: skip
