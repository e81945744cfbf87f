"""What is said back at once is a text like any other for the limits of its number, and is never held for them."""

from datetime import timedelta

import pytest

from patients.models import Site
from reminders.delivery.models import Delivery
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, claimed, the_delivery
from tests.replies.test_inbound import PHONE, text_in

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def reminder(site, surgeon) -> Reminder:
    return a_promise(site, given.a_phone(PHONE), by=surgeon)


def limited(site: Site, **limits: int) -> None:
    Site.objects.filter(pk=site.pk).update(**limits)


def held_until(reminder: Reminder) -> object:
    open_due(reminder.due_at)
    Delivery.objects.update(useful_until=reminder.due_at + 9 * DAY)
    assert claim("sms", reminder.due_at).jobs == []
    return the_delivery(reminder).not_before


@pytest.mark.parametrize("text", ["HELP", "I can't breathe"])
def test_an_answer_takes_the_place_of_a_text_in_the_day_of_its_number(site, reminder, text):
    limited(site, texts_a_day=1, texts_a_week=9)
    answered = reminder.due_at - HOUR
    assert text_in(site, text, now=answered).answer

    assert held_until(reminder) == answered + DAY
    assert the_delivery(reminder).reason == "contact_limit"


def test_an_answer_counts_in_the_week_too(site, reminder):
    limited(site, texts_a_day=1, texts_a_week=1)
    text_in(site, "HELP", now=reminder.due_at - 2 * DAY)

    assert held_until(reminder) == reminder.due_at + 5 * DAY


def test_an_answer_to_one_of_two_patients_on_a_phone_counts_for_both(site, surgeon, reminder):
    other = a_promise(site, given.a_phone(PHONE), by=surgeon)
    limited(site, texts_a_day=1, texts_a_week=9)
    text_in(site, "HELP", now=reminder.due_at - HOUR)
    open_due(reminder.due_at)

    assert claim("sms", reminder.due_at).jobs == []
    assert the_delivery(other).reason == "contact_limit"


def test_answers_count_in_the_cap_of_the_site_even_to_a_number_nobody_knows(site, reminder):
    limited(site, daily_cap=1)
    assert text_in(site, "I can't breathe", sender=given.phone(99), now=reminder.due_at - HOUR).answer

    held_until(reminder)
    assert the_delivery(reminder).reason == "site_limit"


def test_a_text_that_was_not_answered_takes_no_place(site, reminder):
    limited(site, texts_a_day=1, texts_a_week=1)
    assert text_in(site, "hello", now=reminder.due_at - HOUR).answer == ""

    assert len(claimed(reminder).jobs) == 1


def test_the_same_text_brought_twice_takes_one_place(site, reminder):
    limited(site, texts_a_day=2, texts_a_week=2)
    for _ in range(2):
        text_in(site, "HELP", provider_id="SM-1", now=reminder.due_at - HOUR)

    assert len(claimed(reminder).jobs) == 1


@pytest.mark.parametrize("text", ["I can't breathe", "HELP", "please don't text me any more"])
def test_no_answer_is_ever_held_back_for_a_limit(site, reminder, text):
    limited(site, texts_a_day=1, texts_a_week=1, daily_cap=1)
    assert len(claimed(reminder).jobs) == 1

    assert text_in(site, text, now=reminder.due_at + HOUR).answer
