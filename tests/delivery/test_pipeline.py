"""Sending through the provider: what it counts is what we wrote down, and no message waits for another."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import monotonic

import pytest
from django.db import connection

from reminders import scheduler
from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.outcomes import Accepted, Message, Outcome
from reminders.delivery.sending import dispatch, opening
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, many, ring, the_contact, the_delivery
from tests.fakes.twilio import Behaviours
from tests.waiting import HUNG

SECOND = timedelta(seconds=1)


def drain(now: datetime, *, window: int = 50, channel: str = "sms") -> dict[str, int]:
    return dict(dispatch.drain(channel, clock=lambda: now, window=window))


@pytest.mark.processes
def test_what_the_provider_counts_is_what_we_wrote_down(live, surgeon, twilio):
    twilio.api.latency = 0.05
    reminder = a_promise(live, by=surgeon)
    many(reminder, 1_000)

    tally = drain(reminder.due_at, window=250)

    assert tally == {"accepted": 1_000}
    accepted = {line["sid"] for line in twilio.accepted}
    assert len(accepted) == len(twilio.ledger) == 1_000
    assert set(Attempt.objects.filter(outcome="accepted").values_list("provider_id", flat=True)) == accepted
    assert Delivery.objects.filter(state="accepted").count() == 1_000


def test_each_text_names_its_own_attempt_to_the_provider(live, surgeon, twilio):
    reminder = a_promise(live, by=surgeon)
    many(reminder, 5)

    drain(reminder.due_at)

    attempts = {f"/webhooks/sms/status/{pk}/" for pk in Attempt.objects.values_list("pk", flat=True)}
    assert {line["StatusCallback"].split("8000")[-1].split("#")[0] for line in twilio.ledger} == attempts


def test_one_slow_call_does_not_hold_back_the_others(live, surgeon, twilio):
    slow = given.phone(90)
    held = a_promise(live, given.a_phone(slow), by=surgeon)
    many(a_promise(live, given.a_phone(given.phone(91)), by=surgeon), 40)
    twilio.behave("after:40", to=slow)

    drain(held.due_at, window=4)

    assert [line["To"] == slow for line in twilio.ledger] == [False] * 40 + [True]
    assert Delivery.objects.filter(state="accepted").count() == 41


def test_refused_credentials_keep_everything_queued(live, surgeon, twilio):
    reminder = a_promise(live, by=surgeon)
    many(reminder, 20)
    twilio.behave("http:401/20003")

    drain(reminder.due_at)

    assert set(Delivery.objects.values_list("state", "reason")) == {("queued", "breaker")}
    assert not Reminder.objects.to_call().exists()
    twilio.behave("ok")
    ring(reminder.due_at + timedelta(minutes=6))
    assert Delivery.objects.filter(state="accepted").count() == 20


@pytest.mark.parametrize(
    ("behaviour", "state"),
    [
        ("ok_then_close", "unknown"),
        ("http:500/20500", "unknown"),
        ("bad_json", "unknown"),
        ("empty_200", "unknown"),
        ("http:302", "unknown"),
        ("http:429/20429/5", "queued"),
        ("http:503/20503/5", "queued"),
        ("http:400/21211", "rejected"),
        ("http:400/21610", "suppressed"),
    ],
)
def test_each_misbehaviour_of_the_provider_has_its_state(live, surgeon, twilio, behaviour, state):
    reminder = a_promise(live, by=surgeon)
    twilio.behave(behaviour)

    drain(reminder.due_at)

    assert the_delivery(reminder).state == state
    assert len(twilio.ledger) == 1


@pytest.mark.parametrize("behaviour", ["ok_then_close", "http:500/20500"])
def test_a_lost_answer_is_never_blindly_repeated(live, surgeon, twilio, behaviour):
    reminder = a_promise(live, by=surgeon)
    twilio.behave(behaviour)
    drain(reminder.due_at)
    twilio.behave("ok")

    for hours in (1, 2, 24, 73):
        ring(reminder.due_at + timedelta(hours=hours))

    assert len(twilio.ledger) == 1
    assert the_delivery(reminder).state == "unconfirmed"


def test_nothing_reaches_the_provider_while_the_address_leads_nowhere(live, surgeon, twilio, settings):
    settings.TWILIO_API_URL = "http://127.0.0.1:9"
    reminder = a_promise(live, by=surgeon)

    tally = drain(reminder.due_at)

    assert tally == {"notprocessed": 1}
    assert (the_delivery(reminder).state, the_delivery(reminder).reason) == ("queued", "try_again")


def test_a_missing_setting_costs_no_message(live, surgeon, twilio, settings):
    settings.TWILIO_API_KEY = settings.TWILIO_ACCOUNT_SID = ""
    reminder = a_promise(live, by=surgeon)

    drain(reminder.due_at)

    assert (the_delivery(reminder).state, twilio.ledger) == ("queued", [])


def test_an_answer_the_tables_refuse_costs_the_others_nothing(live, surgeon, twilio):
    reminder = a_promise(live, by=surgeon)
    many(reminder, 10)
    pipeline = dispatch.Pipeline("sms", lambda: reminder.due_at, stop_at=monotonic() + HUNG, window=4)
    pipeline.routes["twilio"] = SameNumberTwice()
    opening.open_due(reminder.due_at)

    dispatch.async_to_sync(pipeline.run)()

    states = list(Delivery.objects.values_list("state", flat=True))
    assert (states.count("accepted"), states.count("claimed")) == (9, 1)


class SameNumberTwice:
    """A provider that gives two messages the same number."""

    count = 0

    async def send(self, message: Message) -> Outcome:
        self.count += 1
        return Accepted(f"SM{max(2, self.count)}")


def test_a_channel_that_raises_costs_the_others_nothing(live, surgeon, twilio):
    reminder = a_promise(live, by=surgeon)
    many(reminder, 10)
    pipeline = dispatch.Pipeline("sms", lambda: reminder.due_at, stop_at=monotonic() + HUNG, window=4)
    pipeline.routes["twilio"] = RaisesOnce()
    opening.open_due(reminder.due_at)

    dispatch.async_to_sync(pipeline.run)()

    states = list(Delivery.objects.values_list("state", flat=True))
    assert (states.count("accepted"), states.count("unknown")) == (9, 1)


class RaisesOnce(SameNumberTwice):
    async def send(self, message: Message) -> Outcome:
        self.count += 1
        if self.count == 3:
            raise RuntimeError("no channel should")
        return Accepted(f"SM{self.count}")


def test_mail_leaves_with_its_own_connection_count_and_is_done_when_taken(live, surgeon, smtp):
    reminder = a_promise(live, given.an_email("ana@example.org"), by=surgeon)

    dispatch.drain("email", clock=lambda: reminder.due_at)

    reminder.refresh_from_db()
    [mail] = smtp.accepted
    assert mail["To"] == "ana@example.org"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (the_delivery(reminder).state, reminder.status) == ("sent", "done")


def test_a_site_in_test_mode_reaches_nobody_although_messages_are_live(live, surgeon, twilio):
    live.mode = "test"
    live.save()
    reminder = a_promise(live, by=surgeon)

    drain(reminder.due_at)

    assert twilio.ledger == []
    assert (the_delivery(reminder).state, the_delivery(reminder).attempts.get().route) == ("delivered", "outbox")


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_the_attempt_is_committed_before_the_provider_hears_of_it(live, surgeon, twilio):
    reminder = a_promise(live, by=surgeon)
    watching = twilio.api.behaviours = Watching()

    drain(reminder.due_at)

    attempt = Attempt.objects.get()
    assert watching.seen == [(str(attempt.pk), "claimed")]
    assert the_contact(reminder).address == twilio.ledger[0]["To"]


class Watching(Behaviours):
    """The provider looks into our tables, over a connection of its own, while it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, str]] = []

    def next(self, to: str) -> str:
        with ThreadPoolExecutor(1) as other:
            self.seen += other.submit(self.look).result()
        return super().next(to)

    @staticmethod
    def look() -> list[tuple[str, str]]:
        try:
            return [(str(pk), state) for pk, state in Attempt.objects.values_list("pk", "delivery__state")]
        finally:
            connection.close()


def test_a_round_with_nothing_due_sends_nothing(live, surgeon, twilio):
    reminder = a_promise(live, by=surgeon)

    assert not scheduler.is_work(reminder.due_at - SECOND)
    ring(reminder.due_at - SECOND)
    assert twilio.ledger == []
