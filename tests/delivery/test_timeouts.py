"""What the passing of time ends, or begins again; and what turns up late."""

from datetime import timedelta
from uuid import uuid4

import pytest

from reminders import actions
from reminders.delivery import codes
from reminders.delivery.models import Alarm, Attempt, Delivery, Priority, Report
from reminders.delivery.outcomes import Accepted, NotProcessed, Unknown
from reminders.delivery.receipts import callbacks
from reminders.delivery.receipts.apply import retry_at
from reminders.delivery.reconcile.timeouts import settle
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.delivery.sending.results import record
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, claimed, many, opened, the_delivery

pytestmark = pytest.mark.embedded
MIN = timedelta(minutes=1)


@pytest.fixture
def reminder(site, surgeon) -> Reminder:
    return a_promise(site, by=surgeon)


def test_a_third_lost_lease_sets_a_message_aside_and_rings(reminder):
    claimed(reminder)
    Delivery.objects.update(lost_leases=2)

    settle(reminder.due_at + 3 * MIN)

    delivery = the_delivery(reminder)
    assert (delivery.state, delivery.reason, delivery.lost_leases) == ("unconfirmed", "quarantined", 3)
    assert Alarm.objects.get(kind="quarantine").site == reminder.site
    assert Reminder.objects.to_call().filter(pk=reminder.pk).exists()


def test_a_lost_lease_is_looked_up_two_minutes_later(reminder):
    claimed(reminder)

    settle(reminder.due_at + 3 * MIN)

    delivery = the_delivery(reminder)
    assert (delivery.state, delivery.lost_leases, delivery.look_at) == ("unknown", 1, reminder.due_at + 5 * MIN)


@pytest.mark.parametrize(
    ("outcome", "wait"),
    [(Accepted("SM1", "queued"), 60 * MIN), (Accepted("SM1", "sent"), 60 * MIN), (Unknown("x"), 2 * MIN)],
)
def test_what_was_taken_or_lost_is_asked_about(reminder, outcome, wait):
    [job] = claimed(reminder).jobs

    record([(job, outcome)], reminder.due_at)

    assert the_delivery(reminder).look_at == reminder.due_at + wait


def test_what_ended_is_not_asked_about(reminder):
    [job] = claimed(reminder).jobs
    record([(job, Accepted("SM1", "queued"))], reminder.due_at)

    callbacks.receive(job.attempt, provider_id="SM1", status="delivered", code=0, now=reminder.due_at)

    assert the_delivery(reminder).look_at is None


def test_a_retry_passes_the_guards_again(reminder, surgeon):
    [job] = claimed(reminder).jobs
    callbacks.receive(job.attempt, provider_id="SM1", status="undelivered", code=30003, now=reminder.due_at)
    actions.cancel_surgery(reminder.surgery, why="fever", by=surgeon, now=reminder.due_at)

    settle(reminder.due_at + 30 * MIN)

    assert claim("sms", reminder.due_at + 31 * MIN).jobs == []
    assert (the_delivery(reminder).state, the_delivery(reminder).attempt_count) == ("cancelled", 1)


def test_a_daily_cap_waits_for_midnight_in_california_across_a_clock_change():
    before = given.NOW.replace(month=3, day=7, hour=20)  # clocks change there in the coming night

    until = retry_at(codes.look_up(30023, "C"), before)

    assert until.isoformat() == "2026-03-08T08:00:00+00:00"
    assert retry_at(codes.look_up(30023, "C"), until + timedelta(hours=5)).isoformat() == "2026-03-09T07:00:00+00:00"


def test_a_daily_cap_that_ends_too_late_is_given_up_at_once(reminder):
    [job] = claimed(reminder).jobs
    Delivery.objects.update(useful_until=reminder.due_at + timedelta(hours=3))

    callbacks.receive(job.attempt, provider_id="SM1", status="failed", code=30023, now=reminder.due_at)

    assert (the_delivery(reminder).state, the_delivery(reminder).reason) == ("undelivered_perm", "tries_spent")


@pytest.mark.parametrize("word", ["queued", "sent"])
def test_a_text_that_left_although_the_line_said_no_is_not_sent_again(reminder, word):
    [job] = claimed(reminder).jobs
    record([(job, NotProcessed("connection lost", None))], reminder.due_at)

    callbacks.receive(job.attempt, provider_id="SM1", status=word, code=0, now=reminder.due_at + MIN)

    assert the_delivery(reminder).state in ("accepted", "sent")
    assert claim("sms", reminder.due_at + 60 * MIN).jobs == []


def test_what_waits_for_its_retry_is_not_moved_by_the_same_news_in_another_word(reminder):
    [job] = claimed(reminder).jobs
    callbacks.receive(job.attempt, provider_id="SM1", status="undelivered", code=30003, now=reminder.due_at)
    settle(reminder.due_at + 30 * MIN)

    for word in ("failed", "sent", "queued"):
        callbacks.receive(job.attempt, provider_id="SM1", status=word, code=30003, now=reminder.due_at + 31 * MIN)

    delivery = the_delivery(reminder)
    assert (delivery.state, delivery.temporary_failures) == ("queued", 1)


def test_a_report_that_was_here_before_its_attempt_finds_it(reminder):
    [job] = claimed(reminder).jobs
    Report.objects.create(
        attempt_ref=job.attempt, source="callback", provider_id="SM1", status="sent", received_at=reminder.due_at
    )

    settle(reminder.due_at + MIN)

    assert the_delivery(reminder).state == "sent"
    assert Attempt.objects.get(pk=job.attempt).provider_id == "SM1"


def test_a_report_nobody_owns_rings_once_after_its_patience(reminder):
    callbacks.receive(uuid4(), provider_id="SM9", status="sent", code=0, now=reminder.due_at)

    settle(reminder.due_at + MIN)
    assert not Alarm.objects.filter(kind="orphan_report").exists()
    for minutes in (6, 7, 8):
        settle(reminder.due_at + minutes * MIN)

    assert Alarm.objects.get(kind="orphan_report").count == 1


@pytest.mark.parametrize(
    ("step", "priority"),
    [("walk-today", Priority.WARNING), ("book-first-visit", Priority.VISIT), ("check-in-1", Priority.OTHER)],
)
def test_a_backlog_leaves_in_clinical_order(site, surgeon, step, priority):
    delivery = opened(a_promise(site, by=surgeon, step=step))

    assert delivery.priority == priority
    first = delivery.transitions.get()
    assert (first.was, first.state, first.until) == ("", "queued", delivery.not_before)


def test_what_staff_send_again_has_all_its_tries_again(reminder, surgeon):
    [job] = claimed(reminder).jobs
    callbacks.receive(job.attempt, provider_id="SM1", status="failed", code=30007, now=reminder.due_at)
    Delivery.objects.update(temporary_failures=2, lost_leases=2, after_unknown=1)

    actions.resend(reminder, by=surgeon, now=reminder.due_at)
    open_due(reminder.due_at)

    delivery = the_delivery(reminder)
    assert (delivery.state, delivery.temporary_failures, delivery.lost_leases) == ("queued", 0, 0)
    assert delivery.after_unknown == 1  # without knowing, a text is sent again once and not more


def test_a_full_batch_of_answers_is_written_in_few_statements(site, surgeon, django_assert_max_num_queries):
    reminder = a_promise(site, by=surgeon)
    site.texts_a_day = site.texts_a_week = 500
    site.save()
    many(reminder, 80)
    open_due(reminder.due_at)
    jobs = claim("sms", reminder.due_at).jobs
    assert len(jobs) > 40

    with django_assert_max_num_queries(16):
        record([(job, Accepted(f"SM{n}", "queued")) for n, job in enumerate(jobs)], reminder.due_at)
