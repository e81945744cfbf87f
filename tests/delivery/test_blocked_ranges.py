"""A range of numbers that the provider blocks gets no text for an hour, whether it waits already or comes later."""

from datetime import timedelta

import pytest

from reminders.delivery.models import Delivery, Transition
from reminders.delivery.outcomes import Refused
from reminders.delivery.receipts import callbacks
from reminders.delivery.reconcile.timeouts import settle
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.delivery.sending.results import record
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, the_contact, the_delivery

pytestmark = pytest.mark.embedded
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def blocked(live, surgeon) -> Reminder:
    """A text to +1 202-555… that failed for the provider's protection against pumping, when it was due."""
    reminder = a_promise(live, given.a_phone("+12025550101"), by=surgeon)
    open_due(reminder.due_at)
    [job] = claim("sms", reminder.due_at).jobs
    callbacks.receive(job.attempt, provider_id="SM1", status="failed", code=30450, now=reminder.due_at)
    return reminder


def in_range(site, surgeon) -> Reminder:
    return a_promise(site, given.a_phone("+12025550102"), by=surgeon)


def test_what_is_opened_after_the_block_waits_until_the_hour_is_over(blocked, live, surgeon):
    later = blocked.due_at + MINUTE
    new = in_range(live, surgeon)
    open_due(later)

    assert claim("sms", later).jobs == []

    held = the_delivery(new)
    assert (held.state, held.reason, held.not_before) == ("queued", "number_range", blocked.due_at + HOUR)
    assert held.why == "The provider blocks this range of numbers for now."
    assert Transition.objects.filter(delivery=held).latest("pk").until == held.not_before
    assert held.pk in {job.delivery for job in claim("sms", blocked.due_at + HOUR).jobs}


def test_what_waited_already_is_held_as_well(live, surgeon):
    first, second = (a_promise(live, given.a_phone(number), by=surgeon) for number in ("+12025550101", "+12025550102"))
    open_due(first.due_at)
    [job] = claim("sms", first.due_at, limit=1).jobs
    record([(job, Refused(30450, ""))], first.due_at)

    assert claim("sms", first.due_at).jobs == []
    assert {the_delivery(first).state, the_delivery(second).state} == {"undelivered_temp", "queued"}


def test_the_blocked_text_itself_is_tried_once_more_when_the_hour_is_over(blocked):
    settle(blocked.due_at + HOUR - MINUTE)
    assert claim("sms", blocked.due_at + HOUR - MINUTE).jobs == []

    settle(blocked.due_at + HOUR)

    assert [job.delivery for job in claim("sms", blocked.due_at + HOUR).jobs] == [the_delivery(blocked).pk]


def test_a_second_block_holds_for_another_hour(blocked, live, surgeon):
    later = blocked.due_at + 30 * MINUTE
    attempt = the_delivery(blocked).attempts.get()
    Delivery.objects.update(state="accepted")
    callbacks.receive(attempt.pk, provider_id="SM1", status="undelivered", code=30450, now=later)
    new = in_range(live, surgeon)
    open_due(later)

    claim("sms", later)

    assert the_delivery(new).not_before == later + HOUR


@pytest.mark.parametrize("contact", [given.a_phone("+12125550101"), given.an_email()])
def test_other_numbers_and_mail_are_not_held(blocked, live, surgeon, contact):
    other = a_promise(live, contact, by=surgeon)
    open_due(blocked.due_at)

    [job] = [*claim("sms", blocked.due_at).jobs, *claim("email", blocked.due_at).jobs]

    assert job.delivery == the_delivery(other).pk


def test_what_is_of_no_use_after_the_hour_goes_by_mail_at_once(blocked, live, surgeon):
    new = a_promise(live, given.a_phone("+12025550102"), given.an_email(), by=surgeon)
    open_due(blocked.due_at)
    texts = Delivery.objects.filter(reminder=new, channel="sms")
    texts.update(useful_until=blocked.due_at + HOUR)

    claim("sms", blocked.due_at)

    assert (texts.get().state, texts.get().reason) == ("expired", "number_range")
    assert Delivery.objects.get(reminder=new, channel="email").is_fallback


def test_the_number_itself_is_not_marked(blocked):
    assert the_contact(blocked).unusable_since is None
