"""The story of one message, as a person reads it on the patient's record."""

from datetime import datetime, timedelta

import pytest

from reminders.delivery.models import Transition
from reminders.delivery.outcomes import Accepted, NotProcessed, Refused, Unknown
from reminders.delivery.receipts import callbacks
from reminders.delivery.reconcile.timeouts import settle
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.delivery.sending.results import record
from reminders.delivery.timeline import story
from tests import given
from tests.delivery.sending import a_promise, claimed, opened

MIN = timedelta(minutes=1)


def told(reminder) -> list[str]:
    reminder.refresh_from_db()
    zone = reminder.surgery.patient.zone
    lines = story(reminder, zone=zone)
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    return [f"{line.at.astimezone(zone):%H:%M} {line.sentence}" for line in lines]


def test_the_whole_story_of_a_text_that_became_an_email(site, surgeon):
    reminder = a_promise(site, given.a_phone(), given.an_email(), by=surgeon)
    now = reminder.due_at
    [job] = claimed(reminder).jobs
    record([(job, Accepted("SM1", "queued"))], now + MIN)
    callbacks.receive(job.attempt, provider_id="SM1", status="sent", code=0, now=now + MIN)
    callbacks.receive(job.attempt, provider_id="SM1", status="undelivered", code=30006, now=now + 2 * MIN)
    [mail] = claim("email", now + 3 * MIN).jobs
    record([(mail, Accepted("<1@example.org>", "sent"))], now + 4 * MIN)

    assert told(reminder) == [
        "16:00 Planned for 16:00.",
        "16:00 Due: it is sent by text.",
        "16:00 It is being sent by text.",
        "16:01 The provider has it.",
        "16:01 Sent by text: the carrier has it.",
        "16:02 The carrier says: a landline or a carrier that cannot be reached (code 30006). "
        "The carrier could not deliver it.",
        "16:02 An e-mail is sent instead.",
        "16:03 It is being sent by e-mail.",
        "16:04 Sent by e-mail.",
    ]


def test_it_says_when_a_failure_is_tried_again_and_that_it_was(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    now = reminder.due_at
    [job] = claimed(reminder).jobs
    callbacks.receive(job.attempt, provider_id="SM1", status="undelivered", code=30003, now=now)
    settle(now + 30 * MIN)
    [second] = claim("sms", now + 31 * MIN).jobs
    callbacks.receive(second.attempt, provider_id="SM2", status="delivered", code=0, now=now + 32 * MIN)

    assert told(reminder)[3:] == [
        "16:00 The carrier says: phone off or out of coverage (code 30003). It is tried again, not before 16:30.",
        "16:30 Time to try again.",
        "16:31 It is being sent by text, try 2.",
        "16:32 Delivered.",
    ]


def test_quiet_hours_are_told_with_the_hour_they_end(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    opened(reminder)
    night = datetime.combine(given.NOW.date(), datetime.min.time(), site.zone) + timedelta(hours=21)

    claim("sms", night)

    held = [line for line in told(reminder) if "quiet" in line]
    assert held == ["21:00 Held until quiet hours end, not before 09:00 tomorrow."]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Unknown("x"), "The provider's answer was lost; it may have been sent."),
        (NotProcessed("x", 60.0), "The provider did not take it; it is tried again, not before 16:01."),
        (Refused(20003, ""), "Held: the provider is in trouble or refuses our account, not before 16:02."),
        (Refused(21211, ""), "The provider says: not a valid number (code 21211). The provider refused it."),
    ],
)
def test_each_answer_has_its_sentence(site, surgeon, outcome, words):
    reminder = a_promise(site, by=surgeon)
    [job] = claimed(reminder).jobs

    record([(job, outcome)], reminder.due_at)

    assert told(reminder)[-1] == f"16:00 {words}"


def test_what_a_caregiver_is_told_is_marked_as_such(site, surgeon):
    caregiver = given.a_phone(relationship="caregiver", name="Ben")
    reminder = a_promise(site, given.a_phone(), caregiver, by=surgeon)

    opened_all = open_due(reminder.due_at)

    assert opened_all == 1
    assert told(reminder)[-1] == "16:00 To a caregiver: due: it is sent by text."
    assert "Ben" not in " ".join(told(reminder))


def test_where_nobody_may_be_told_the_story_says_why(site, surgeon):
    reminder = a_promise(site, given.a_phone(consent_wording=""), by=surgeon)

    open_due(reminder.due_at)

    assert told(reminder)[-1] == "16:00 There is no consent to write to this patient. Call."


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_every_step_there_can_be_has_a_sentence(site, surgeon, channel):
    from reminders.delivery.state import State
    from reminders.plan.reasons import Reason

    contact = given.a_phone() if channel == "sms" else given.an_email()
    reminder = a_promise(site, contact, by=surgeon)
    delivery = opened(reminder)
    assert delivery.channel == channel
    rows = [
        Transition(delivery=delivery, at=reminder.due_at, was="claimed", state=state, reason=reason, code=code)
        for state in State
        for reason in Reason
        for code in (0, 30006, 99999)
    ]
    Transition.objects.bulk_create(rows)

    lines = told(reminder)

    assert len(lines) == len(rows) + 2
    assert all(line.endswith(".") and "  " not in line and "<" not in line for line in lines)
