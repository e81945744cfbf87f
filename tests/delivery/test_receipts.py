"""Callbacks come late, twice and in any order; the state they add up to is the same."""

from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patients import actions as care
from reminders import actions
from reminders.delivery.models import Alarm, Attempt, Delivery, Report
from reminders.delivery.outcomes import Accepted
from reminders.delivery.receipts import callbacks
from reminders.delivery.sending.claiming import SendJob, claim
from reminders.delivery.sending.opening import open_due
from reminders.delivery.sending.results import record
from reminders.plan.models import Reminder
from tests.delivery.sending import a_promise, claimed, the_contact, the_delivery
from tests.size import sized

WORDS = ["queued", "sending", "sent", "delivered"]


@pytest.fixture
def reminder(site, surgeon) -> Reminder:
    return a_promise(site, by=surgeon)


@pytest.fixture
def job(reminder) -> SendJob:
    [job] = claimed(reminder).jobs
    return job


def call_back(job: SendJob, reminder: Reminder, status: str, *, code: int = 0, sid: str = "SM1") -> bool:
    return callbacks.receive(job.attempt, provider_id=sid, status=status, code=code, now=reminder.due_at)


def begin_again(reminder: Reminder) -> None:
    """The same claimed delivery, with nothing heard yet."""
    Report.objects.all().delete()
    Attempt.objects.update(outcome="", provider_id="", finished_at=None)
    Delivery.objects.update(state="claimed", reason="", settled_at=None, code=0, look_at=None)
    Reminder.objects.filter(pk=reminder.pk).update(status="in_progress", reason="")


@given(st.data())
@settings(
    max_examples=sized(build=25, full=100),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_order_doubled_and_with_the_answer_anywhere_ends_the_same(reminder, job, data):
    words = data.draw(st.lists(st.sampled_from([*WORDS, "undelivered", "failed", "foo", "answer"]), max_size=8))
    begin_again(reminder)

    for word in words:
        if word == "answer":
            record([(job, Accepted("SM1", "queued"))], reminder.due_at)
        else:
            call_back(job, reminder, word, code=30008 if word in ("undelivered", "failed") else 0)

    heard = set(words)
    if "delivered" in heard:
        expected = "delivered"
    elif heard & {"undelivered", "failed"}:
        expected = "undelivered_temp"
    elif "sent" in heard:
        expected = "sent"
    else:
        expected = "accepted" if heard else "claimed"
    assert the_delivery(reminder).state == expected


def test_every_order_of_the_four_words_ends_in_delivered(reminder, job):
    ends = set()
    for order in permutations(WORDS):
        begin_again(reminder)
        for word in order:
            call_back(job, reminder, word)
        reminder.refresh_from_db()
        ends.add((the_delivery(reminder).state, reminder.status))

    assert ends == {("delivered", "done")}


def test_a_callback_before_the_answer_brings_the_providers_number(reminder, job):
    assert call_back(job, reminder, "sent")

    attempt = Attempt.objects.get(pk=job.attempt)
    assert (attempt.provider_id, attempt.outcome) == ("SM1", "accepted")
    record([(job, Accepted("SM1", "queued"))], reminder.due_at)
    assert the_delivery(reminder).state == "sent"


def test_the_same_callback_three_times_is_one(reminder, job):
    assert [call_back(job, reminder, "sent") for _ in range(3)] == [True, False, False]
    assert Report.objects.count() == 1


def test_after_delivered_a_failure_changes_nothing(reminder, job):
    call_back(job, reminder, "delivered")

    call_back(job, reminder, "failed", code=30005)

    reminder.refresh_from_db()
    assert (the_delivery(reminder).state, the_delivery(reminder).reason, reminder.status) == ("delivered", "", "done")


def test_a_failure_that_was_none_after_all_leaves_the_call_list(reminder, job):
    call_back(job, reminder, "undelivered", code=30005)
    assert Reminder.objects.to_call().exists()

    call_back(job, reminder, "delivered")

    reminder.refresh_from_db()
    assert (the_delivery(reminder).state, reminder.status) == ("delivered", "done")
    assert not Reminder.objects.to_call().exists()


@pytest.mark.parametrize("opened_again", [False, True])
def test_what_staff_send_again_stays_home_when_the_first_one_arrived_after_all(reminder, job, surgeon, opened_again):
    call_back(job, reminder, "undelivered", code=30007)
    actions.resend(reminder, by=surgeon, now=reminder.due_at)
    if opened_again:
        open_due(reminder.due_at)

    call_back(job, reminder, "delivered")
    open_due(reminder.due_at)

    reminder.refresh_from_db()
    assert claim("sms", reminder.due_at + timedelta(minutes=1)).jobs == []
    assert (the_delivery(reminder).state, reminder.status) == ("delivered", "done")


def test_an_older_attempts_failure_says_nothing_about_the_newer_one(reminder, job, surgeon):
    call_back(job, reminder, "undelivered", code=30007)
    actions.resend(reminder, by=surgeon, now=reminder.due_at)
    open_due(reminder.due_at)
    [second] = claim("sms", reminder.due_at).jobs

    call_back(job, reminder, "failed", code=30007)

    assert the_delivery(reminder).state == "claimed"
    call_back(second, reminder, "sent", sid="SM2")
    assert the_delivery(reminder).state == "sent"


def test_an_attempt_nobody_knows_is_kept_as_an_orphan(db, reminder):
    ref = uuid4()

    assert not callbacks.receive(ref, provider_id="SM9", status="sent", code=0, now=reminder.due_at)

    orphan = Report.objects.get()
    assert (orphan.attempt, orphan.attempt_ref) == (None, ref)


@pytest.mark.parametrize("sid", ["SM2", ""])
def test_a_message_number_of_another_attempt_is_refused(reminder, job, sid):
    call_back(job, reminder, "sent")

    with pytest.raises(callbacks.ForeignReport):
        call_back(job, reminder, "delivered", sid=sid)

    assert the_delivery(reminder).state == "sent"
    assert Alarm.objects.get(kind="security").count == 1


def test_a_callback_without_a_number_does_not_settle_an_attempt(reminder, job):
    call_back(job, reminder, "", sid="")

    assert Attempt.objects.get(pk=job.attempt).outcome == ""
    assert the_delivery(reminder).state == "claimed"


def test_an_opt_out_in_a_callback_is_recorded(reminder, job):
    call_back(job, reminder, "failed", code=21610)

    assert (the_delivery(reminder).state, the_delivery(reminder).reason) == ("suppressed", "no_consent")
    assert the_contact(reminder).consent_events.latest("pk").source == "provider"


def test_an_opt_out_reported_late_does_not_undo_the_start_that_came_after_it(reminder, job):
    """The message left before they agreed anew. Were they still opted out, the next message would tell."""
    later = reminder.due_at + timedelta(minutes=1)
    care.give_consent(the_contact(reminder), source="sms", wording="START", by=None, now=later)

    callbacks.receive(job.attempt, provider_id="SM1", status="failed", code=21610, now=later + timedelta(minutes=1))

    assert (the_delivery(reminder).state, the_delivery(reminder).reason) == ("suppressed", "no_consent")
    assert the_contact(reminder).consent_events.latest("pk").kind == "given"


def test_a_landline_in_a_callback_marks_the_number(reminder, job):
    call_back(job, reminder, "undelivered", code=30006)

    assert the_contact(reminder).unusable_since == reminder.due_at


def test_an_error_code_that_rides_along_on_good_news_blames_nobody(reminder, job):
    call_back(job, reminder, "sent", code=30005)

    assert the_contact(reminder).unusable_since is None
    assert the_delivery(reminder).state == "sent"
