"""A callback that never came is asked for, more and more slowly, and nothing is sent again for it."""

import pytest

from reminders.delivery.models import Report
from tests.delivery.sending import a_promise, the_delivery
from tests.delivery.test_lookups import HOUR, MINUTE, look, send

pytestmark = pytest.mark.django_db


def test_a_callback_that_never_came_is_asked_for(live, surgeon, twilio):
    reminder = a_promise(live, by=surgeon)
    send(reminder.due_at)
    look(reminder.due_at)
    next(iter(twilio.api.messages.values()))["status"] = "delivered"

    assert look(reminder.due_at + 59 * MINUTE) == {}
    assert look(reminder.due_at + 61 * MINUTE) == {"polled": 1}

    assert the_delivery(reminder).state == "delivered"
    assert Report.objects.filter(source="poll").count() == 1


def test_it_is_asked_for_more_and_more_slowly_and_never_sent_again(live, surgeon, twilio):
    reminder = a_promise(live, by=surgeon)
    send(reminder.due_at)
    look(reminder.due_at)

    rounds = [bool(look(reminder.due_at + n * 5 * MINUTE)) for n in range(12, 60)]

    assert 4 <= sum(rounds) <= 7
    assert (the_delivery(reminder).state, len(twilio.ledger)) == ("accepted", 1)


def test_a_poll_without_an_answer_changes_nothing(live, surgeon, twilio, settings):
    reminder = a_promise(live, by=surgeon)
    send(reminder.due_at)
    look(reminder.due_at)
    settings.TWILIO_API_SECRET = "wrong"

    assert look(reminder.due_at + 2 * HOUR) == {"not asked": 1}
    assert the_delivery(reminder).state == "accepted"
