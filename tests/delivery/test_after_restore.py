"""A restored back-up does not know what has left since: it sends nothing until the provider has told it."""

from datetime import datetime, timedelta, timezone
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from patients.models import Contact
from reminders.delivery.models import Alarm, Attempt, Delivery, Freeze, Report, Sender, Transition
from reminders.delivery.reconcile import after_restore
from reminders.delivery.safeguards import freeze
from reminders.delivery.sending import dispatch
from reminders.delivery.sending.claiming import claim
from reminders.management.operator_time import moment
from reminders.plan.models import Reminder
from reminders.replies.models import Reply
from tests import given
from tests.delivery.sending import a_promise, only, opened, the_delivery
from tests.fakes.fixtures import RunningTwilio

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def reminder(live, surgeon, twilio):
    return a_promise(live, by=surgeon)


def send(now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        dispatch.drain("sms", clock=lambda: now, window=4)


def forget() -> None:
    """As a back-up from before the sending does."""
    Report.objects.all().delete()
    Transition.objects.all().delete()
    Attempt.objects.all().delete()
    Delivery.objects.all().delete()
    Reminder.objects.filter(status__in=["in_progress", "done"]).update(status="planned", reason="")


def run(command: str, *arguments: str, at: datetime) -> str:
    said = StringIO()
    with time_machine.travel(at, tick=False):
        call_command(command, *arguments, stdout=said)
    return said.getvalue()


def restored(reminder: Reminder, twilio: RunningTwilio, *, status: str = "queued") -> datetime:
    """The text has left, the back-up is from a minute before; now it is a quarter of an hour later, and held."""
    send(reminder.due_at)
    for message in twilio.api.messages.values():
        message["status"] = status
    forget()
    held_at = reminder.due_at + 15 * MINUTE
    run("hold", "--why", "restored", "--since", f"{reminder.due_at - MINUTE:%Y-%m-%dT%H:%MZ}", at=held_at)
    return held_at + 15 * MINUTE


# What has left


@pytest.mark.parametrize(("status", "state"), [("queued", "accepted"), ("sent", "sent"), ("delivered", "delivered")])
def test_a_text_that_left_after_the_back_up_is_not_sent_again(reminder, twilio, status, state):
    now = restored(reminder, twilio, status=status)

    assert "1 learned" in run("reconcile", "--release", at=now)
    send(now)

    assert the_delivery(reminder).state == state
    assert the_delivery(reminder).text
    assert len(twilio.ledger) == 1
    assert Transition.objects.filter(state="accepted", reason="found").count() == 1


def test_what_had_not_left_goes_out_after_the_release(reminder, live, surgeon, twilio):
    later = a_promise(live, by=surgeon)
    Reminder.objects.filter(pk=later.pk).update(due_at=reminder.due_at + MINUTE)
    now = restored(reminder, twilio)

    run("reconcile", "--release", at=now)
    send(now)

    assert (the_delivery(later).state, len(twilio.accepted)) == ("accepted", 2)


def test_asking_again_learns_nothing_new(reminder, twilio):
    now = restored(reminder, twilio)

    run("reconcile", at=now)
    said = run("reconcile", at=now)

    assert "1 known" in said
    assert Attempt.objects.count() == 1


def test_an_attempt_begun_when_the_back_up_was_made_is_the_message(reminder, twilio):
    send(reminder.due_at)
    Report.objects.all().delete()
    Attempt.objects.update(outcome="", provider_id="", finished_at=None)
    Delivery.objects.update(state="claimed")
    run("hold", "--why", "restored", at=reminder.due_at + 15 * MINUTE)

    said = run("reconcile", "--since", f"{reminder.due_at - HOUR:%Y-%m-%dT%H:%M}", at=reminder.due_at + 30 * MINUTE)

    assert "1 found" in said
    assert (the_delivery(reminder).state, Attempt.objects.count()) == ("accepted", 1)


def test_a_redacted_or_changed_text_counts_as_what_was_due_first(reminder, twilio):
    now = restored(reminder, twilio)
    for message in twilio.api.messages.values():
        message["form"]["Body"] = ""

    assert "1 guessed" in run("reconcile", at=now)
    assert the_delivery(reminder).state == "accepted"


def test_what_is_not_ours_is_shown_and_marks_nothing(reminder, twilio):
    now = restored(reminder, twilio)
    for message in twilio.api.messages.values():
        message["form"]["Body"] = "Your table for two is ready."

    said = run("reconcile", at=now)

    assert "1 unmatched" in said
    assert "SM" in said
    assert not [private for private in ("+1202", "table") if private in said]
    assert Alarm.objects.get().kind == after_restore.UNMATCHED
    assert not Attempt.objects.exists()


def test_two_reminders_of_one_patient_are_told_apart_by_their_words(live, surgeon, twilio):
    surgery = given.an_enrolment(live, by=surgeon, day=0)
    first = only(surgery, "walk-today")
    others = Reminder.objects.filter(surgery=surgery).exclude(step=first.step).order_by("due_at", "pk")
    second = next(one for one in others if one.step.channels[0] == "sms" and one.step.anchor == "surgery")
    Reminder.objects.filter(pk=second.pk).update(due_at=first.due_at - MINUTE, useful_until=first.useful_until)
    now = restored(first, twilio)
    Reminder.objects.filter(pk=second.pk).update(status="planned", reason="")

    run("reconcile", at=now)

    assert the_delivery(first).state == "accepted"
    assert the_delivery(second).state == "queued"


def test_a_text_that_only_expired_here_is_known_to_have_left(reminder, twilio):
    now = restored(reminder, twilio)
    opened(reminder)
    Delivery.objects.update(state="expired", reason="expired")
    Reminder.objects.filter(pk=reminder.pk).update(status="expired", reason="expired")

    run("reconcile", at=now)

    reminder.refresh_from_db()
    assert (the_delivery(reminder).state, reminder.status) == ("accepted", "in_progress")


def test_mail_that_may_have_left_waits_for_a_call_and_is_not_doubled(live, surgeon, smtp, twilio):
    mailed = a_promise(live, given.an_email(), by=surgeon)
    held_at = mailed.due_at + 15 * MINUTE
    run("hold", "--why", "restored", "--since", f"{mailed.due_at - HOUR:%Y-%m-%dT%H:%MZ}", at=held_at)

    said = [run("reconcile", at=held_at + n * MINUTE) for n in (15, 16)]
    run("release", at=held_at + 17 * MINUTE)
    dispatch.drain("email", clock=lambda: held_at + 20 * MINUTE)

    mailed.refresh_from_db()
    assert (the_delivery(mailed).state, mailed.status, smtp.accepted) == ("unconfirmed", "unconfirmed", [])
    assert ["instead: 1." in one for one in said] == [True, False]
    assert Reminder.objects.to_call().filter(pk=mailed.pk).exists()


def test_mail_is_sent_again_where_the_operator_says_so(live, surgeon, smtp, twilio):
    mailed = a_promise(live, given.an_email(), by=surgeon)
    held_at = mailed.due_at + 15 * MINUTE
    run("hold", "--why", "restored", "--since", f"{mailed.due_at - HOUR:%Y-%m-%dT%H:%MZ}", at=held_at)

    run("reconcile", "--mail-again", "--release", at=held_at + 15 * MINUTE)
    dispatch.drain("email", clock=lambda: held_at + 20 * MINUTE)

    assert len(smtp.accepted) == 1


# Who has opted out


@pytest.mark.parametrize("offset", [0, 2])
def test_a_stop_the_back_up_forgot_is_heard_before_anything_is_released(reminder, live, twilio, offset):
    since = (reminder.due_at - 2 * HOUR).astimezone(timezone(offset * HOUR)).isoformat()
    contact = Contact.objects.get(patient=reminder.surgery.patient)
    address = Sender.objects.get(site=live, channel="sms").address
    held_at = reminder.due_at - 30 * MINUTE
    run("hold", "--why", "restored", "--since", f"{reminder.due_at - 2 * HOUR:%Y-%m-%dT%H:%MZ}", at=held_at)
    twilio.api.messages["SM1"] = {
        "sid": "SM" + "1" * 32,
        "at": (reminder.due_at - HOUR).timestamp(),
        "form": {"From": contact.address, "To": address, "Body": "STOP"},
        "status": "received",
        "direction": "inbound",
    }

    run("reconcile", "--since", since, "--release", at=reminder.due_at - 10 * MINUTE)
    send(reminder.due_at)

    assert Reply.objects.get().source == "reconcile"
    assert twilio.ledger == []


# Holding and releasing


def test_while_it_is_held_nothing_leaves(reminder, twilio):
    opened(reminder)
    run("hold", "--why", "restored", at=reminder.due_at)

    send(reminder.due_at)

    assert claim("sms", reminder.due_at).jobs == []
    assert twilio.ledger == []


def test_holding_twice_is_holding_once(reminder):
    for why in ("first", "second"):
        run("hold", "--why", why, at=reminder.due_at)

    assert Freeze.objects.get().why == "first"


@pytest.mark.parametrize(
    ("since", "after", "says"),
    [
        (None, 30, "has not been asked yet"),
        (1, 30, "not asked far enough back"),
        (120, 5, "may lag behind"),
    ],
)
def test_release_waits_until_the_whole_time_was_asked_about(reminder, since, after, says):
    held_at = reminder.due_at
    run("hold", "--why", "restored", "--since", f"{held_at - HOUR:%Y-%m-%dT%H:%MZ}", at=held_at)
    now = held_at + after * MINUTE
    if since:
        run("reconcile", "--since", f"{held_at - since * MINUTE:%Y-%m-%dT%H:%MZ}", at=now)

    with pytest.raises(CommandError, match=says):
        run("release", at=now)

    assert freeze.in_force()
    assert "are being sent again" in run("release", "--force", at=now)
    assert not freeze.in_force()


def test_a_provider_that_cannot_be_asked_releases_nothing(reminder, twilio, settings):
    now = restored(reminder, twilio)
    settings.TWILIO_API_SECRET = "wrong"

    with pytest.raises(CommandError, match="again"):
        run("reconcile", "--release", at=now)

    assert freeze.in_force()


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("2026-11-24T18:00+02:00", "2026-11-24T16:00:00+00:00"),
        ("2026-11-24T18:00-05:00", "2026-11-24T23:00:00+00:00"),
        ("2026-11-24T18:00", "2026-11-24T18:00:00+00:00"),
    ],
)
def test_a_moment_typed_with_an_offset_is_asked_for_and_noted_in_utc(typed, asked):
    assert moment(typed).isoformat() == asked


def test_reconcile_asks_for_a_hold_first(reminder):
    with pytest.raises(CommandError, match="hold"):
        run("reconcile", "--since", "2026-03-02", at=reminder.due_at)
