"""What an answer does to a delivery, to its reminder and to its contact."""

from datetime import timedelta
from uuid import uuid4

import pytest

from patients.models import ConsentEvent, Contact
from reminders import actions
from reminders.delivery.models import Attempt, Delivery, Report
from reminders.delivery.outcomes import Accepted, NotProcessed, Outcome, Refused, Unknown
from reminders.delivery.receipts import callbacks
from reminders.delivery.reconcile.timeouts import settle
from reminders.delivery.sending.claiming import SendJob, claim
from reminders.delivery.sending.opening import open_due
from reminders.delivery.sending.results import record
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, claimed, the_contact, the_delivery

SOON = timedelta(seconds=2)


def answered(reminder: Reminder, outcome: Outcome) -> Delivery:
    [job] = claimed(reminder).jobs
    record([(job, outcome)], reminder.due_at + SOON)
    reminder.refresh_from_db()
    return the_delivery(reminder)


@pytest.mark.parametrize(
    ("outcome", "state", "reason", "status"),
    [
        (Accepted("SM1", "queued"), "accepted", "", "in_progress"),
        (Accepted("SM1", "sent"), "sent", "", "in_progress"),
        (Accepted("SM1", "delivered"), "delivered", "", "done"),
        (Accepted("SM1", "a word of tomorrow"), "accepted", "", "in_progress"),
        (Unknown("no answer in time"), "unknown", "answer_lost", "in_progress"),
        (Refused(21211, "not a number"), "rejected", "refused", "failed"),
        (Refused(21610, "opted out"), "suppressed", "no_consent", "suppressed"),
        (Refused(99999, "never seen"), "undelivered_temp", "temporary", "in_progress"),
        (Refused(21611, "queue full"), "undelivered_temp", "temporary", "in_progress"),
        (Refused(20003, "authenticate"), "queued", "breaker", "in_progress"),
        (Refused(21606, "sender"), "queued", "breaker", "in_progress"),
        (Refused(21609, "our own callback address"), "queued", "breaker", "in_progress"),
        (Refused(20500, "internal"), "unknown", "answer_lost", "in_progress"),
        (NotProcessed("HTTP 429", 7.0), "queued", "try_again", "in_progress"),
    ],
)
def test_each_kind_of_answer_has_its_place(site, surgeon, outcome, state, reason, status):
    reminder = a_promise(site, by=surgeon)

    delivery = answered(reminder, outcome)

    assert (delivery.state, delivery.reason, reminder.status) == (state, reason, status)


@pytest.mark.parametrize("outcome", [Refused(21211, ""), Refused(21610, ""), Refused(30004, "")])
def test_what_failed_is_on_receptions_call_list(site, surgeon, outcome):
    reminder = a_promise(site, by=surgeon)

    answered(reminder, outcome)

    assert Reminder.objects.to_call().filter(pk=reminder.pk).exists()


@pytest.mark.parametrize(
    ("outcome", "seconds"),
    [
        (NotProcessed("HTTP 429", 7.0), 7),
        (NotProcessed("HTTP 429", 86_400.0), 900),
        (NotProcessed("no connection", None), 30),
    ],
)
def test_it_waits_as_told_or_as_long_as_is_sensible(site, surgeon, outcome, seconds):
    reminder = a_promise(site, by=surgeon)

    delivery = answered(reminder, outcome)

    waited = (delivery.not_before - reminder.due_at - SOON).total_seconds()
    assert seconds <= waited <= (seconds if outcome.retry_after else seconds * 1.2)
    assert claim("sms", delivery.not_before - SOON).jobs == []
    assert len(claim("sms", delivery.not_before).jobs) == 1


def test_each_further_try_waits_longer_up_to_a_quarter_of_an_hour(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    now, waits = reminder.due_at, []
    open_due(now)
    for _ in range(7):
        [job] = claim("sms", now).jobs
        record([(job, NotProcessed("no connection", None))], now)
        waits.append((the_delivery(reminder).not_before - now).total_seconds())
        now = the_delivery(reminder).not_before

    spread = waits[0] / 30  # what failed together does not come back together
    assert 1 <= spread <= 1.2
    assert waits == pytest.approx([wait * spread for wait in (30, 60, 120, 240, 480, 900, 900)])


def test_a_late_answer_to_an_older_attempt_is_kept_and_changes_nothing(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    first = answered_not_processed(reminder)
    now = the_delivery(reminder).not_before
    [second] = claim("sms", now).jobs

    record([(first, Refused(21211, "late"))], now)
    record([(first, NotProcessed("later", None))], now)

    delivery = the_delivery(reminder)
    assert (delivery.state, delivery.attempt_count) == ("claimed", 2)
    assert Report.objects.filter(attempt=first.attempt).count() > 1
    record([(second, Accepted("SM2", "delivered"))], now)
    assert the_delivery(reminder).state == "delivered"


def answered_not_processed(reminder: Reminder) -> SendJob:
    [job] = claimed(reminder).jobs
    record([(job, NotProcessed("HTTP 503", None))], reminder.due_at)
    return job


def test_the_same_answer_twice_is_one_answer(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    [job] = claimed(reminder).jobs

    for _ in range(2):
        record([(job, Accepted("SM1", "queued"))], reminder.due_at)

    assert (the_delivery(reminder).state, Report.objects.count()) == ("accepted", 1)


@pytest.mark.parametrize("outcome", [Unknown("no answer in time"), NotProcessed("503", None), Refused(21211, "")])
def test_a_callback_that_came_first_outweighs_what_our_end_of_the_line_says(site, surgeon, outcome):
    reminder = a_promise(site, by=surgeon)
    [job] = claimed(reminder).jobs
    callbacks.receive(job.attempt, provider_id="SM1", status="queued", code=0, now=reminder.due_at)

    record([(job, outcome)], reminder.due_at + SOON)

    attempt = Attempt.objects.get(pk=job.attempt)
    assert (the_delivery(reminder).state, attempt.outcome, attempt.provider_id) == ("accepted", "accepted", "SM1")


def test_an_opt_out_known_to_the_carrier_silences_everybody_on_that_phone(site, surgeon):
    number = given.phone(42)
    reminder = a_promise(site, given.a_phone(number), by=surgeon)
    other = a_promise(site, given.a_phone(number), by=surgeon)
    open_due(reminder.due_at)
    jobs = claim("sms", reminder.due_at, limit=1).jobs

    record([(jobs[0], Refused(21610, "opted out"))], reminder.due_at)

    assert not Contact.objects.reachable().exists()
    assert set(ConsentEvent.objects.filter(kind="withdrawn").values_list("source", flat=True)) == {"provider"}
    assert claim("sms", other.due_at).jobs == []


def test_an_opt_out_says_nothing_of_somebody_whose_number_it_is_no_more(site, surgeon):
    reminder = a_promise(site, given.a_phone(given.phone(42)), by=surgeon)
    former = given.a_patient(site, given.a_phone(given.phone(42)), by=surgeon).contacts.get()
    actions.end_contact(former, by=surgeon, now=given.NOW)

    answered(reminder, Refused(21610, "opted out"))

    assert the_contact(reminder).consent_events.last().kind == "withdrawn"
    assert former.consent_events.last().kind == "given"


@pytest.mark.parametrize(("code", "words"), [(21614, "not a mobile"), (30006, "landline"), (21211, "not a valid")])
def test_a_number_that_takes_no_texts_is_marked_with_the_reason(site, surgeon, code, words):
    reminder = a_promise(site, by=surgeon)

    answered(reminder, Refused(code, ""))

    contact = the_contact(reminder)
    assert contact.unusable_since == reminder.due_at + SOON
    assert words in contact.unusable_reason


def test_our_own_trouble_is_never_blamed_on_the_patient(site, surgeon):
    reminder = a_promise(site, by=surgeon)

    answered(reminder, Refused(20003, "Authenticate"))

    assert the_contact(reminder).unusable_since is None
    assert not Reminder.objects.to_call().exists()


def test_one_that_arrived_keeps_the_promise_although_another_failed(site, surgeon):
    reminder = a_promise(site, given.a_phone(), given.a_phone(relationship="caregiver", name="Ben"), by=surgeon)
    open_due(reminder.due_at)
    first, second = claim("sms", reminder.due_at).jobs

    record([(first, Refused(30004, "")), (second, Accepted("SM1", "delivered"))], reminder.due_at)

    reminder.refresh_from_db()
    assert reminder.status == "done"


def test_an_attempt_nobody_heard_of_again_becomes_unknown_when_its_lease_ends(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    claimed(reminder)

    assert settle(reminder.due_at + timedelta(seconds=120)) == 0
    assert settle(reminder.due_at + timedelta(seconds=121)) == 1
    assert settle(reminder.due_at + timedelta(seconds=121)) == 0

    delivery = the_delivery(reminder)
    assert (delivery.state, delivery.reason) == ("unknown", "lease_lost")
    assert claim("sms", reminder.due_at + timedelta(hours=2)).looked_at == 0


def test_the_answer_that_comes_after_the_lease_still_counts(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    [job] = claimed(reminder).jobs
    settle(reminder.due_at + timedelta(seconds=121))

    record([(job, Accepted("SM1", "queued"))], reminder.due_at + timedelta(seconds=130))

    assert the_delivery(reminder).state == "accepted"


@pytest.mark.parametrize("outcome", [Accepted("SM1", "queued"), Accepted("SM1", "sent"), Unknown("lost")])
def test_what_nobody_confirmed_in_three_days_is_unconfirmed_and_reception_calls(site, surgeon, outcome):
    reminder = a_promise(site, by=surgeon)
    answered(reminder, outcome)

    settle(reminder.due_at + timedelta(hours=72, seconds=1))

    reminder.refresh_from_db()
    assert (the_delivery(reminder).state, reminder.status) == ("unconfirmed", "unconfirmed")
    assert Reminder.objects.to_call().filter(pk=reminder.pk).exists()


def test_mail_the_server_took_is_all_that_can_be_known(site, surgeon):
    reminder = a_promise(site, given.an_email(), by=surgeon)
    open_due(reminder.due_at)
    [job] = claim("email", reminder.due_at).jobs

    record([(job, Accepted("<1@example.org>", "sent"))], reminder.due_at)
    settle(reminder.due_at + timedelta(days=9))

    reminder.refresh_from_db()
    assert (the_delivery(reminder).state, reminder.status) == ("sent", "done")


def test_no_open_state_is_without_an_end_in_time(site, surgeon):
    """A callback in an unknown word, then silence: not even that may lie about for ever."""
    reminder = a_promise(site, by=surgeon)
    [job] = claimed(reminder).jobs
    callbacks.receive(job.attempt, provider_id="SM1", status="foo", code=0, now=reminder.due_at)

    settle(reminder.due_at + timedelta(days=4))

    assert the_delivery(reminder).state == "unconfirmed"


def test_a_stranger_among_the_answers_is_passed_over(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    [job] = claimed(reminder).jobs
    stranger = SendJob(job.delivery, uuid4(), "twilio", job.message)

    record([(stranger, Accepted("SM9")), (job, Accepted("SM1"))], reminder.due_at)

    assert the_delivery(reminder).state == "accepted"
