"""A text whose webhook never came is found in the provider's list, hours later perhaps: it counts as of its moment."""

from datetime import timedelta

import pytest

from patients import actions as care
from reminders import visit_actions
from reminders.replies.models import Reply
from tests import given
from tests.delivery.sending import a_promise, the_contact
from tests.replies.test_inbound import PHONE, consents, text_in

HOUR = timedelta(hours=1)


@pytest.fixture
def contact(site, surgeon):
    return the_contact(a_promise(site, given.a_phone(PHONE), by=surgeon))


def found(site, text, *, ago):
    return text_in(site, text, now=given.NOW, source="reconcile", said_at=given.NOW - ago)


def test_it_says_how_it_was_found_and_when_it_was_written(site, contact):
    found(site, "STOP", ago=HOUR)

    reply = Reply.objects.get()
    assert (reply.source, reply.received_at, consents()) == ("reconcile", given.NOW - HOUR, ["withdrawn"])


def test_a_start_does_not_undo_what_was_refused_after_it(site, surgeon, contact):
    care.withdraw_consent([contact], source="verbal", wording="no", by=surgeon, now=given.NOW - HOUR)

    found(site, "START", ago=2 * HOUR)

    assert consents() == ["withdrawn"]
    assert Reply.objects.to_read().exists()


def test_stop_and_start_both_found_late_end_as_they_were_meant(site, contact):
    found(site, "STOP", ago=2 * HOUR)
    found(site, "START", ago=HOUR)

    assert consents() == ["given"]


@pytest.mark.parametrize(("booked", "state"), [(2 * HOUR, "confirmed"), (HOUR / 2, "booked")])
def test_a_1_says_nothing_of_a_time_that_was_chosen_after_it(site, surgeon, booked, state):
    surgery = given.an_enrolment(site, given.a_phone(PHONE), by=surgeon, day=30)
    visit = surgery.check_ups.get(code="six-weeks")
    for days, now in ((20, given.NOW - 3 * HOUR), (14, given.NOW - booked)):
        visit_actions.book_visit(visit, at=given.NOW + timedelta(days=days), by=surgeon, now=now)

    reply = found(site, "1", ago=HOUR)

    visit.refresh_from_db()
    assert visit.state == state
    assert Reply.objects.to_read().filter(pk=reply.pk).exists() == (state == "booked")


def test_what_can_no_longer_be_said_back_waits_for_a_person(site, contact):
    found(site, "HELP", ago=HOUR)

    reply = Reply.objects.get()
    assert (reply.answer, reply.handled_at) == ("", None)


def test_an_urgent_text_found_late_is_as_urgent(site, contact):
    found(site, "I can't stop bleeding", ago=HOUR)

    assert Reply.objects.get().is_urgent
    assert Reply.objects.to_read().exists()
