"""STOP works although the webhook was down: what came in is read from the provider's own list."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest
import time_machine
from django.db import OperationalError

from patients.models import ConsentEvent
from reminders.delivery.models import Alarm, Sender
from reminders.replies import inbound, reconcile
from reminders.replies.models import Reply
from tests import given
from tests.delivery.sending import a_promise, opened, ring, the_delivery
from tests.replies.test_inbound import PHONE, consents

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOW = given.NOW
_ids = count(1)
Unheard = Callable[..., str]


@pytest.fixture
def unheard(live, twilio) -> Unheard:
    """A text that Twilio has and that never reached us."""

    def text(body: str, *, at: datetime, sender: str = PHONE, to: str = "", **facts: str) -> str:
        sid = f"SM{next(_ids):032x}"
        form = {"From": sender, "To": to or Sender.objects.get(site=live, channel="sms").address, "Body": body}
        twilio.api.messages[sid] = {
            "sid": sid,
            "at": at.timestamp(),
            "form": form | facts,
            "status": "received",
            "direction": "inbound",
        }
        return sid

    return text


def hear(now: datetime, **more: datetime) -> dict[str, int]:
    with time_machine.travel(now, tick=False):
        return dict(reconcile.hear(lambda: now, **more))


def test_a_stop_nobody_brought_us_still_ends_everything(live, surgeon, twilio, unheard):
    reminder = a_promise(live, given.a_phone(PHONE), by=surgeon)
    opened(reminder)
    hear(reminder.due_at)
    unheard("Stop", at=reminder.due_at + MINUTE)

    assert hear(reminder.due_at + 5 * MINUTE) == {"stored": 1}

    assert (the_delivery(reminder).state, consents()) == ("suppressed", ["withdrawn"])
    ring(reminder.due_at + HOUR)
    assert twilio.ledger == []
    assert ConsentEvent.objects.latest("pk").at == reminder.due_at + MINUTE


def test_the_oldest_is_heard_first(live, surgeon, unheard):
    a_promise(live, given.a_phone(PHONE), by=surgeon)
    unheard("START", at=NOW - 2 * MINUTE)
    unheard("STOP", at=NOW - 3 * MINUTE)

    hear(NOW)

    assert consents() == ["given"]
    assert list(Reply.objects.order_by("pk").values_list("text", flat=True)) == ["STOP", "START"]


def test_what_the_webhook_brought_is_not_heard_twice(live, unheard):
    sid = unheard("STOP", at=NOW - 5 * MINUTE)
    address = Sender.objects.get(site=live, channel="sms").address
    inbound.receive(provider_id=sid, from_address=PHONE, to_address=address, text="STOP", now=NOW)

    assert hear(NOW) == {}
    assert Reply.objects.count() == 1
    assert not Alarm.objects.exists()


def test_hearing_twice_stores_once(live, unheard):
    unheard("Hello", at=NOW - 5 * MINUTE)

    assert [hear(NOW), hear(NOW)] == [{"stored": 1}, {}]


def test_a_text_of_this_very_moment_is_left_to_the_webhook(live, unheard):
    unheard("Hello", at=NOW - timedelta(seconds=20))

    assert hear(NOW) == {}
    assert hear(NOW + 2 * MINUTE) == {"stored": 1}


def test_the_watermark_stays_where_the_list_could_not_be_had(live, unheard, settings):
    hear(NOW)
    unheard("STOP", at=NOW + HOUR)
    right, settings.TWILIO_API_SECRET = settings.TWILIO_API_SECRET, "wrong"

    assert hear(NOW + 3 * HOUR) == {"not asked": 1}

    settings.TWILIO_API_SECRET = right
    assert hear(NOW + 4 * HOUR) == {"stored": 1}


def test_what_could_not_be_stored_is_read_again_and_nothing_after_it_is_passed_over(live, unheard, monkeypatch):
    hear(NOW)
    for hours in (1, 2, 3):
        unheard(f"text {hours}", at=NOW + hours * HOUR)
    receive = inbound.receive

    def stumbling(**facts):
        if facts["text"] == "text 2":
            raise OperationalError
        return receive(**facts)

    monkeypatch.setattr(inbound, "receive", stumbling)
    assert hear(NOW + 30 * HOUR) == {"stored": 1, "failed": 1}
    monkeypatch.setattr(inbound, "receive", receive)
    assert hear(NOW + 31 * HOUR) == {"stored": 2}

    assert [reply.text for reply in Reply.objects.order_by("pk")] == ["text 1", "text 2", "text 3"]


def test_a_text_the_list_shows_late_is_heard_late(live, unheard, twilio):
    hear(NOW)
    twilio.api.list_delay = 15 * 60
    unheard("STOP", at=NOW + MINUTE)

    rounds = [hear(NOW + n * 5 * MINUTE) for n in range(1, 6)]

    assert sum(one.get("stored", 0) for one in rounds) == 1


def test_somebody_is_told_and_told_again_when_it_is_over(live, unheard):
    unheard("Hello", at=NOW - 5 * MINUTE)
    hear(NOW)

    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.site, alarm.cleared_at) == ("inbound_missed", live, None)
    address = Sender.objects.get(site=live, channel="sms").address
    inbound.receive(
        provider_id="SM1", from_address=PHONE, to_address=address, text="Hi", now=NOW + timedelta(seconds=30)
    )
    hear(NOW + 5 * MINUTE)
    alarm.refresh_from_db()
    assert alarm.cleared_at == NOW + 5 * MINUTE


def test_a_messaging_services_texts_are_heard_by_its_own_id_or_when_it_is_alone(live, surgeon, unheard):
    a_promise(live, given.a_phone(PHONE), by=surgeon)
    service = "MG" + "a" * 32
    Sender.objects.filter(site=live, channel="sms").update(address=service)
    unheard("Hello", at=NOW - 6 * MINUTE, to=given.phone(98), MessagingServiceSid=service)
    unheard("STOP", at=NOW - 5 * MINUTE, to=given.phone(99))

    assert hear(NOW) == {"stored": 2}
    assert consents() == ["withdrawn"]
    assert set(Reply.objects.values_list("site", flat=True)) == {live.pk}


def test_two_sites_each_hear_their_own(live, twilio, unheard):
    other = given.a_site("hillside", mode="live")
    address = Sender.objects.get(site=other, channel="sms").address
    unheard("One", at=NOW - 5 * MINUTE)
    unheard("Two", at=NOW - 5 * MINUTE, to=address)

    hear(NOW)

    assert set(Reply.objects.values_list("text", "site__code")) == {("One", live.code), ("Two", "hillside")}


def test_a_site_in_test_mode_asks_nobody(site, twilio):
    assert hear(NOW) == {}
    assert Sender.objects.filter(heard_until=None).exists()


def test_from_a_moment_on_everything_is_heard_again(live, unheard):
    hear(NOW)
    unheard("STOP", at=NOW - 5 * HOUR)

    assert hear(NOW + MINUTE) == {}
    assert hear(NOW + MINUTE, since=NOW - 6 * HOUR) == {"stored": 1}
