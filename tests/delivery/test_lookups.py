"""A lost answer is settled by evidence: found and taken over, proven absent and sent once more, or handed to people."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
import time_machine

from patients.models.site import UnknownPolicy
from reminders import actions
from reminders.delivery.models import Alarm, Attempt, Delivery, Report, Transition
from reminders.delivery.reconcile import lookups, timeouts
from reminders.delivery.sending import dispatch
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, claimed, ring, the_delivery

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
pytestmark = pytest.mark.django_db


def send(now: datetime, channel: str = "sms") -> None:
    """The provider's clock stands where ours does."""
    with time_machine.travel(now, tick=False):
        dispatch.drain(channel, clock=lambda: now, window=4)


def look(now: datetime) -> dict[str, int]:
    with time_machine.travel(now, tick=False):
        return dict(lookups.seek(lambda: now))


def look_for(minutes: int, since: datetime) -> Counter[str]:
    """A round every minute, as beat rings."""
    return sum((Counter(look(since + n * MINUTE)) for n in range(1, minutes + 1)), Counter())


def a_lost_one(live, surgeon, twilio, behaviour: str = "ok_then_close", *contacts) -> Reminder:
    reminder = a_promise(live, *contacts, by=surgeon)
    twilio.behave(behaviour)
    send(reminder.due_at)
    twilio.behave("ok")
    assert the_delivery(reminder).state == "unknown"
    look(reminder.due_at)
    return reminder


# T7: it was there


@pytest.mark.parametrize("behaviour", ["ok_then_close", "bad_json", "empty_200"])
def test_a_message_that_is_in_the_list_is_taken_over(live, surgeon, twilio, behaviour):
    reminder = a_lost_one(live, surgeon, twilio, behaviour)

    assert look_for(3, reminder.due_at) == {"found": 1}

    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.provider_id) == ("accepted", twilio.accepted[0]["sid"])
    assert (the_delivery(reminder).state, Report.objects.filter(source="lookup").count()) == ("accepted", 1)
    assert len(twilio.ledger) == 1


def test_one_that_still_waits_in_the_providers_own_queue_is_found_too(live, surgeon, twilio):
    reminder = a_lost_one(live, surgeon, twilio)
    [message] = twilio.api.messages.values()
    assert message["status"] == "queued"

    look_for(3, reminder.due_at)

    assert the_delivery(reminder).state == "accepted"


def test_its_last_word_is_taken_over_with_it(live, surgeon, twilio):
    reminder = a_lost_one(live, surgeon, twilio)
    next(iter(twilio.api.messages.values()))["status"] = "delivered"

    look_for(3, reminder.due_at)

    reminder.refresh_from_db()
    assert (the_delivery(reminder).state, reminder.status) == ("delivered", "done")


def test_a_process_that_died_after_the_provider_took_it_is_no_reason_to_send_it_again(live, surgeon, twilio):
    reminder = a_lost_one(live, surgeon, twilio)
    Attempt.objects.update(outcome="", finished_at=None)
    Delivery.objects.update(state="claimed")

    timeouts.settle(reminder.due_at + 3 * MINUTE)
    look_for(20, reminder.due_at)

    assert (the_delivery(reminder).state, len(twilio.ledger)) == ("accepted", 1)


def test_messages_of_other_attempts_are_not_taken_for_it(live, surgeon, twilio):
    number = given.phone(77)
    other = a_promise(live, given.a_phone(number), by=surgeon)
    send(other.due_at)
    reminder = a_lost_one(live, surgeon, twilio, "http:500", given.a_phone(number))

    look_for(11, reminder.due_at)

    assert the_delivery(other).attempts.get().provider_id == twilio.accepted[0]["sid"]
    assert the_delivery(reminder).after_unknown == 1


def test_a_callback_that_comes_while_we_look_is_as_good(live, surgeon, twilio):
    reminder = a_lost_one(live, surgeon, twilio)
    [question] = lookups.take(reminder.due_at + 3 * MINUTE)
    answers = lookups.ProviderAnswers(reminder.due_at + 3 * MINUTE, {question.to: []}, {})
    Attempt.objects.update(provider_id="SM1", outcome="accepted")

    assert lookups.settle([question], answers, reminder.due_at + 30 * MINUTE) == {}
    assert the_delivery(reminder).state == "unknown"


# T8: it was not there


@pytest.mark.parametrize("behaviour", ["http:500/20500", "http:502", "http:503"])
def test_two_empty_looks_and_ten_minutes_send_it_once_more(live, surgeon, twilio, behaviour):
    reminder = a_lost_one(live, surgeon, twilio, behaviour)

    assert look_for(9, reminder.due_at)["sent again"] == 0
    assert look_for(3, reminder.due_at + 9 * MINUTE)["sent again"] == 1

    delivery = the_delivery(reminder)
    assert (delivery.state, delivery.reason, delivery.after_unknown) == ("queued", "never_seen", 1)
    assert Transition.objects.filter(was="unknown", state="queued", reason="never_seen").count() == 1
    send(reminder.due_at + 13 * MINUTE)
    assert (the_delivery(reminder).state, len(twilio.accepted)) == ("accepted", 1)


def test_a_process_that_died_before_it_sent_costs_ten_minutes_and_nothing_else(live, surgeon, twilio):
    reminder = a_promise(live, by=surgeon)
    claimed(reminder)

    timeouts.settle(reminder.due_at + 3 * MINUTE)
    look_for(15, reminder.due_at)
    send(reminder.due_at + 16 * MINUTE)

    assert (the_delivery(reminder).state, len(twilio.accepted)) == ("accepted", 1)


def test_a_list_that_cannot_be_had_proves_nothing(live, surgeon, twilio, settings):
    reminder = a_lost_one(live, surgeon, twilio, "http:500")
    settings.TWILIO_API_SECRET = "wrong"

    assert set(look_for(30, reminder.due_at)) == {"not asked"}

    delivery = the_delivery(reminder)
    assert (delivery.state, delivery.looks) == ("unknown", 0)


def test_one_empty_look_late_is_not_two(live, surgeon, twilio):
    reminder = a_lost_one(live, surgeon, twilio, "http:500")

    assert look(reminder.due_at + HOUR) == {"not seen": 1}
    assert look(reminder.due_at + HOUR + MINUTE) == {}
    assert look(reminder.due_at + HOUR + 2 * MINUTE) == {"sent again": 1}


def test_two_processes_that_look_at_once_are_one_look(live, surgeon, twilio):
    reminder = a_lost_one(live, surgeon, twilio, "http:500")
    now = reminder.due_at + HOUR
    [question] = lookups.take(now)
    answers = lookups.ProviderAnswers(now, {question.to: []}, {})

    for _ in range(3):
        lookups.settle([question], answers, now)

    assert (the_delivery(reminder).state, the_delivery(reminder).looks) == ("unknown", 1)


def test_what_one_process_has_taken_another_leaves_alone(live, surgeon, twilio):
    reminder = a_lost_one(live, surgeon, twilio, "http:500")

    first, second = (len(lookups.take(reminder.due_at + HOUR)) for _ in range(2))

    assert (first, second) == (1, 0)


# T9: and no more than once


def test_lost_twice_it_is_for_a_person(live, surgeon, twilio):
    reminder = a_lost_one(live, surgeon, twilio, "http:500")
    look_for(12, reminder.due_at)
    twilio.behave("http:500")
    again = reminder.due_at + 13 * MINUTE
    send(again)
    twilio.behave("ok")

    look_for(12, again)

    reminder.refresh_from_db()
    assert (the_delivery(reminder).state, reminder.status) == ("unconfirmed", "unconfirmed")
    assert Reminder.objects.to_call().filter(pk=reminder.pk).exists()
    assert len(twilio.ledger) == 2


@pytest.mark.parametrize("policy", [UnknownPolicy.NEVER, UnknownPolicy.EMAIL])
def test_a_site_may_prefer_a_call_to_a_second_text(live, surgeon, twilio, policy):
    live.when_unknown = policy
    live.save()
    reminder = a_lost_one(live, surgeon, twilio, "http:500")

    look_for(15, reminder.due_at)
    ring(reminder.due_at + 20 * MINUTE)

    assert (the_delivery(reminder).state, the_delivery(reminder).reason) == ("unconfirmed", "never_seen")
    assert len(twilio.ledger) == 1


def test_a_site_may_prefer_an_e_mail_although_both_may_arrive(live, surgeon, twilio):
    live.when_unknown = UnknownPolicy.EMAIL
    live.save()
    reminder = a_promise(live, given.a_phone(), given.an_email(), by=surgeon)
    twilio.behave("http:500")
    send(reminder.due_at)

    look_for(15, reminder.due_at)

    states = dict(Delivery.objects.filter(reminder=reminder).values_list("channel", "state"))
    assert states == {"sms": "unconfirmed", "email": "queued"}


def test_what_is_no_longer_useful_is_not_sent_again(live, surgeon, twilio):
    reminder = a_lost_one(live, surgeon, twilio, "http:500")
    Delivery.objects.update(useful_until=reminder.due_at + 5 * MINUTE)

    look_for(12, reminder.due_at)

    assert the_delivery(reminder).state == "unconfirmed"


def test_after_a_cancelled_operation_nothing_is_sent_again(live, surgeon, twilio):
    reminder = a_lost_one(live, surgeon, twilio, "http:500")
    actions.cancel_surgery(reminder.surgery, why="postponed", by=surgeon, now=reminder.due_at)

    look_for(12, reminder.due_at)

    assert the_delivery(reminder).state == "unconfirmed"


def test_more_messages_than_we_sent_are_doubt_and_an_alarm_and_no_third_one(live, surgeon, twilio):
    reminder = a_lost_one(live, surgeon, twilio)
    [message] = twilio.api.messages.values()
    twilio.api.messages["SM2"] = message | {"sid": "SM" + "2" * 32}

    look_for(12, reminder.due_at)

    assert the_delivery(reminder).state == "unconfirmed"
    assert Alarm.objects.get().kind == "more_than_sent"
    assert len(twilio.ledger) == 1


def test_the_one_twin_no_design_can_prevent_is_counted(live, surgeon, twilio):
    """The answer is lost, no callback comes, and the list shows the message only after a quarter of an hour (F-S6)."""
    twilio.api.list_delay = 15 * 60
    reminder = a_lost_one(live, surgeon, twilio)

    look_for(12, reminder.due_at)
    send(reminder.due_at + 13 * MINUTE)

    assert len(twilio.accepted) == 2
    assert Delivery.objects.filter(after_unknown__gt=0).count() == 1


def test_lost_mail_is_not_sent_again_on_a_guess(live, surgeon, smtp):
    reminder = a_promise(live, given.an_email(), by=surgeon)
    smtp.mode = "close_after_data"
    send(reminder.due_at, "email")
    assert the_delivery(reminder).state == "unknown"

    look_for(12, reminder.due_at)
    ring(reminder.due_at + 13 * MINUTE)

    assert (the_delivery(reminder).state, len(smtp.accepted)) == ("unconfirmed", 1)
