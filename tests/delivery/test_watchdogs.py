"""Every watchdog reports its problem while it lasts, and stops when it is over."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from celery.exceptions import OperationalError

from patients.models import Contact, Site
from reminders import tasks
from reminders.delivery import alarms, heartbeats
from reminders.delivery.models import Alarm, Attempt, Breaker, Delivery, Freeze, Report, Sender
from reminders.delivery.monitoring import backlog
from reminders.delivery.monitoring.watchdogs import WatchdogWarning, warnings
from reminders.delivery.safeguards import breaker
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, claimed, opened

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def promise(site, surgeon) -> Reminder:
    return a_promise(site, by=surgeon)


def found(now: datetime, site: Site | None = None) -> dict[str, WatchdogWarning]:
    return {warning.kind: warning for warning in warnings(now, site)}


def test_all_is_quiet_on_a_fresh_installation():
    assert warnings(given.NOW) == []


def test_all_is_quiet_while_the_day_goes_as_planned(promise):
    heartbeats.beat("sweep", promise.due_at)
    claimed(promise)

    assert warnings(promise.due_at + 2 * MINUTE) == []


def test_a_due_reminder_nobody_opened_is_late_in_words(site, promise):
    now = promise.due_at + 4 * MINUTE

    warning = found(now, site)["due"]

    assert warning.sentence == "1 person's messages are late since 16:00: sending has stopped or cannot keep up."
    assert (warning.people, warning.urgent) == (1, False)
    assert found(now + 2 * MINUTE)["due"].urgent
    opened(promise, now)
    claimed(promise, now)
    assert "due" not in found(now)


def test_a_person_with_two_late_messages_counts_once(site, surgeon, promise):
    Reminder.objects.filter(surgery=promise.surgery, occurrence=0).exclude(pk=promise.pk)[:1].get()
    other = Reminder.objects.filter(surgery=promise.surgery).exclude(pk=promise.pk).first()
    Reminder.objects.filter(pk=other.pk).update(status="planned", reason="", due_at=promise.due_at)
    a_promise(site, by=surgeon)

    assert found(promise.due_at + 4 * MINUTE, site)["due"].people == 2


def test_a_queued_message_is_late_from_the_moment_it_might_have_left(promise):
    delivery = opened(promise)
    Delivery.objects.filter(pk=delivery.pk).update(not_before=promise.due_at + 60 * MINUTE)

    assert "due" not in found(promise.due_at + 62 * MINUTE)
    assert "due" in found(promise.due_at + 64 * MINUTE)


def test_what_something_holds_is_not_called_late(site, promise):
    opened(promise)
    now = promise.due_at + 10 * MINUTE
    assert backlog.oldest_due(now)

    sender = Sender.objects.filter(site=site, channel="sms")
    sender.update(free_at=now + MINUTE)
    assert backlog.oldest_due(now) is None
    sender.update(free_at=None)

    Contact.objects.update(held_since=now)
    assert backlog.oldest_due(now) is None
    Contact.objects.update(held_since=None)

    for where in (site.pk, None):
        breaker.trip("email", site=where, now=now)
        assert backlog.oldest_due(now), "the other channel's breaker holds no text"
        breaker.trip("sms", site=where, now=now)
        assert backlog.oldest_due(now) is None
        Breaker.objects.all().delete()


def test_a_long_queue_before_a_slow_sender_is_told_and_wakes_nobody(site, promise):
    opened(promise)
    now = promise.due_at + 10 * MINUTE
    Sender.objects.filter(site=site, channel="sms").update(free_at=now - timedelta(seconds=20))

    assert found(now, site)["rate"].people == 1
    assert not any(warning.urgent for warning in warnings(now))
    assert "due" in found(now + 2 * MINUTE), "a sender that does nothing for a minute is stuck"
    assert "rate" not in found(now + 2 * MINUTE)


def test_an_open_breaker_says_who_waits_since_when_and_why(site, promise):
    opened(promise)
    now = promise.due_at + 2 * MINUTE
    breaker.trip("sms", site=site.pk, now=promise.due_at + MINUTE, code=20003)

    warning = found(now, site)["breaker"]

    assert warning.sentence == (
        "1 person's messages are late since 16:01: "
        "texts are held because the provider refuses our account (code 20003)."
    )
    assert warning.on_board
    assert not warning.urgent
    assert found(now + 10 * MINUTE)["breaker"].urgent, "a pager is called once the first probe has failed"
    breaker.relieve("sms", site=site.pk, now=now)
    assert "breaker" not in found(now)


def test_a_breaker_of_another_site_is_none_of_this_sites_business(site):
    elsewhere = given.a_site("hilltop", name="Hilltop Clinic")
    breaker.trip("sms", site=elsewhere.pk, now=given.NOW, why="the sender is not registered")

    assert warnings(given.NOW, site) == []
    assert found(given.NOW)["breaker"].sentence == (
        "Hilltop Clinic: Texts are held because the sender is not registered, since 15:00 UTC. "
        "Nobody is waiting for one yet."
    )


def test_a_freeze_is_told_with_the_people_who_wait_and_nobody_is_woken(site, promise):
    frozen = Freeze.objects.create(since=promise.due_at, why="a back-up was restored")
    now = promise.due_at + 30 * MINUTE

    warning = found(now, site)["freeze"]

    assert warning.sentence == "Nothing is sent since 16:00: a back-up was restored. 1 person is waiting."
    assert not any(w.urgent for w in warnings(now))
    assert "due" not in found(now), "what a freeze holds is not late by anybody's fault"
    Freeze.objects.filter(pk=frozen.pk).update(in_force=False, released_at=now)
    assert "freeze" not in found(now)


def test_a_message_in_doubt_for_half_an_hour_is_told(promise):
    claimed(promise)
    Delivery.objects.update(state="unknown")

    assert "unknown" not in found(promise.due_at + 30 * MINUTE)
    warning = found(promise.due_at + 31 * MINUTE)["unknown"]
    assert (warning.people, warning.since) == (1, promise.due_at)
    Delivery.objects.update(state="accepted")
    assert "unknown" not in found(promise.due_at + 31 * MINUTE)


def accepted_texts(promise: Reminder, number: int) -> list[Attempt]:
    """Texts the provider took at the promise's hour, all of one delivery: only their attempts are looked at."""
    claimed(promise)
    delivery = Delivery.objects.get(reminder=promise)
    Attempt.objects.all().delete()
    Delivery.objects.update(state="accepted")
    values: dict[str, Any] = {"delivery": delivery, "route": "twilio", "outcome": "accepted"}
    start, end = promise.due_at, promise.due_at + 2 * MINUTE
    return Attempt.objects.bulk_create(
        Attempt(**values, number=n, started_at=start, lease_until=end, provider_id=f"SM{n}")
        for n in range(1, number + 1)
    )


def told(attempt: Attempt, source: str, status: str = "delivered") -> None:
    Report.objects.create(
        attempt=attempt, attempt_ref=attempt.pk, source=source, status=status, received_at=attempt.started_at
    )


def test_callbacks_that_stay_away_are_noticed_when_polls_find_what_they_should_have_told(promise):
    texts = accepted_texts(promise, 4)
    for text in texts:
        told(text, "poll")

    assert "callbacks" not in found(promise.due_at + 59 * MINUTE)
    now = promise.due_at + 61 * MINUTE
    assert "4 of 4" in found(now)["callbacks"].sentence
    for text in texts[:3]:
        told(text, "callback", "sent")
    assert "callbacks" not in found(now)


def test_texts_whose_carrier_says_nothing_are_no_sign_of_a_lost_callback(promise):
    for text in accepted_texts(promise, 4):
        told(text, "poll", "sent")

    assert "callbacks" not in found(promise.due_at + 61 * MINUTE)


def test_reports_that_belong_to_nobody_are_told_for_a_day(db):
    Report.objects.create(attempt_ref=uuid4(), source="callback", status="sent", received_at=given.NOW)

    assert "orphans" not in found(given.NOW + 9 * MINUTE)
    assert found(given.NOW + 11 * MINUTE)["orphans"].sentence.endswith("match no message of ours: 1.")
    assert "orphans" not in found(given.NOW + timedelta(hours=25))


@pytest.mark.parametrize("kind", ["clocks", "inbound_missed", "quarantine", "a_new_kind"])
def test_an_open_alarm_is_told_until_it_is_cleared(site, kind):
    alarms.sound(kind, now=given.NOW, detail="two minutes", site=site)

    assert "two minutes" in found(given.NOW, site)[kind].sentence
    alarms.clear(kind, now=given.NOW, site=site)
    assert warnings(given.NOW) == []


def test_an_alarm_of_one_site_is_not_told_at_another(site):
    alarms.sound("quarantine", now=given.NOW, site=given.a_site("hilltop"))

    assert warnings(given.NOW, site) == []
    assert len(warnings(given.NOW)) == 1


def test_the_most_urgent_comes_first(site):
    alarms.sound("inbound_missed", now=given.NOW, site=site)
    alarms.sound("clocks", now=given.NOW + MINUTE)

    assert [warning.kind for warning in warnings(given.NOW + MINUTE, site)] == ["clocks", "inbound_missed"]


class Broker:
    """Stands for the broker at the two tasks' doors: takes rings, or is full."""

    def __init__(self) -> None:
        self.full, self.rings = True, 0

    def apply_async(self, **_options: Any) -> None:
        if self.full:
            raise OperationalError("OOM command not allowed")
        self.rings += 1


def test_a_broker_that_takes_no_rings_raises_an_alarm_and_the_sweep_goes_on(promise, monkeypatch):
    broker = Broker()
    monkeypatch.setattr(tasks, "send_due", broker)
    monkeypatch.setattr(tasks, "mail_due", broker)
    Reminder.objects.filter(pk=promise.pk).update(due_at=given.NOW - MINUTE)

    tasks.sweep()
    tasks.sweep()

    assert Alarm.objects.get(kind="publish").count == 2
    assert found(given.NOW + MINUTE)["publish"].urgent
    assert "sweep" in heartbeats.last()
    broker.full = False
    tasks.sweep()
    assert broker.rings == 3
    assert not Alarm.objects.filter(kind="publish", cleared_at=None).exists()
