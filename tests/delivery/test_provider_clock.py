"""Our clock and the provider's disagree: no lost answer is sent again for that, and a watchdog speaks."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from reminders.delivery.channels.clock_meter import ClockMeter
from reminders.delivery.models import Delivery
from reminders.delivery.monitoring.watchdogs import warnings
from reminders.delivery.safeguards import provider_clock
from reminders.plan.models import Reminder
from reminders.replies import reconcile
from reminders.replies.models import Reply
from tests import given
from tests.delivery.sending import a_promise, many
from tests.delivery.test_lookups import MINUTE, look_for, send

SECOND = timedelta(seconds=1)
T0 = datetime(2026, 3, 2, 15, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("there", "asked", "answered", "ahead"),
    [
        (0, 0.2, 0.4, 0),
        (0, -5, 20, 0),  # a slow answer is no wrong clock
        (0, 200.5, 201, 199.5),
        (0, -200, -199.5, -199.5),
        (0, 31, 31.2, 30),
    ],
)
def test_the_smallest_difference_counts_that_fits_an_answer(there, asked, answered, ahead):
    meter = ClockMeter()

    meter.note(T0 + there * SECOND, asked=T0 + asked * SECOND, answered=T0 + answered * SECOND)

    assert meter.ahead == ahead * SECOND


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 02 Mar 2026 15:00:00"])
def test_a_date_that_cannot_be_read_measures_nothing(date):
    meter = ClockMeter()

    meter.note_header(date, asked=T0, answered=T0)

    assert (meter.ahead, meter.ours(T0), meter.ours(None)) == (None, T0, None)


@pytest.fixture
def lost(live, surgeon, twilio) -> Reminder:
    """Three texts in the same words, whose answers will be lost."""
    reminder = a_promise(live, by=surgeon)
    many(reminder, 3)
    return reminder


def send_and_lose(reminder: Reminder, twilio) -> None:
    twilio.behave("ok_then_close")
    send(reminder.due_at)
    twilio.behave("ok")


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [-900, -200, 200, 900])
@pytest.mark.parametrize("measured", [True, False])
def test_a_lost_answer_is_not_sent_again_because_our_clock_is_wrong(lost, twilio, seconds, measured, monkeypatch):
    """Measured, they are found; else they are in doubt, and people are asked."""
    twilio.api.calls.clock = float(seconds)
    if not measured:
        monkeypatch.setattr(ClockMeter, "note", lambda *_, **__: None)

    send_and_lose(lost, twilio)
    look_for(30, lost.due_at)

    assert len(twilio.ledger) == 3
    states = set(Delivery.objects.values_list("state", flat=True))
    assert states == {"accepted"} if measured else "queued" not in states
    assert not Delivery.objects.exclude(after_unknown=0).exists()


@pytest.mark.django_db
def test_a_clock_that_was_put_right_meanwhile_leaves_doubt_and_no_second_text(lost, twilio):
    twilio.api.calls.clock = -900.0
    send_and_lose(lost, twilio)
    twilio.api.calls.clock = 0.0

    look_for(30, lost.due_at)

    assert len(twilio.ledger) == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {"unconfirmed"}


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "says"), [(-29, ""), (-40, "ahead of"), (200, "behind"), (900, "behind")])
def test_from_half_a_minute_on_a_watchdog_tells_until_they_agree(live, surgeon, twilio, client, seconds, says):
    reminder = a_promise(live, by=surgeon)
    twilio.api.calls.clock = float(seconds)
    send(reminder.due_at)

    with time_machine.travel(reminder.due_at + MINUTE, tick=False):
        told = [one for one in warnings(reminder.due_at + MINUTE, live) if one.kind == "clocks"]
        answer = client.get("/health/")
    assert [(one.urgent, one.since) for one in told] == ([(True, reminder.due_at)] if says else [])
    assert all(f"seconds {says} that of twilio" in one.sentence for one in told)
    assert ("clocks" in answer.json()["urgent"]) == bool(says)

    twilio.api.calls.clock = 0.0
    with time_machine.travel(reminder.due_at + 2 * MINUTE, tick=False):
        reconcile.hear(lambda: reminder.due_at + 2 * MINUTE)
    assert not [one for one in warnings(reminder.due_at + 2 * MINUTE, live) if one.kind == "clocks"]


@pytest.mark.django_db
@pytest.mark.parametrize("hours", [2, 0])
def test_a_stop_without_a_webhook_is_heard_although_our_clock_is_ahead_or_was_put_back(live, twilio, hours):
    """`hours`: so far ahead still; 0: the clock was put back since the last round."""
    sender = live.senders.get(channel="sms")
    sender.heard_until = given.NOW + timedelta(hours=2)
    sender.save()
    provider_clock.keep("twilio", timedelta(hours=hours), given.NOW)
    now = given.NOW + timedelta(hours=hours) + 10 * MINUTE
    with time_machine.travel(now, tick=False):
        twilio.api.calls.clock = -hours * 3600.0
        twilio.text_in("http://127.0.0.1:1/", From="+12025550177", To=sender.address, Body="STOP")
    with time_machine.travel(now + 5 * MINUTE, tick=False):
        reconcile.hear(lambda: now + 5 * MINUTE)

    assert Reply.objects.get().text == "STOP"
