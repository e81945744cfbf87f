"""A back-up gives itself away: its number of rounds is lower than the one noted outside the database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import transaction

from reminders import tasks
from reminders.delivery import heartbeats
from reminders.delivery.models import Alarm, Delivery, Freeze, RoundCounter
from reminders.delivery.safeguards import freeze, restore_mark, round_notes
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, ring

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def kept(settings, tmp_path) -> Path:
    settings.VAR_DIR, settings.REDIS_URL, settings.MESSAGES = tmp_path, "", "live"
    settings.ROUND_NOTES = ["file", "redis"]
    return tmp_path


@pytest.fixture
def reminder(kept, live, surgeon, twilio) -> Reminder:
    return a_promise(live, by=surgeon)


def run(task, now) -> None:
    with time_machine.travel(now, tick=False):
        task()


@contextmanager
def a_backup() -> Iterator[None]:
    """Made now, restored at the end: the database forgets what happens in between; the notes and the phones do not."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("minutes", [0, 1, 4, 6])
def test_a_restored_database_sends_nothing_twice_however_young_its_back_up_is(reminder, twilio, minutes):
    due = reminder.due_at
    run(tasks.sweep, due - minutes * MINUTE)
    with a_backup():
        run(tasks.send_due, due)
    assert (len(twilio.ledger), Delivery.objects.count()) == (1, 0)

    run(tasks.send_due, due + MINUTE)

    assert len(twilio.ledger) == 1
    assert Freeze.objects.get().blind_from == due - minutes * MINUTE


def test_a_back_up_without_any_round_sends_nothing_twice_either(reminder, twilio):
    with a_backup():
        run(tasks.sweep, reminder.due_at)
        run(tasks.send_due, reminder.due_at)

    run(tasks.sweep, reminder.due_at + MINUTE)
    run(tasks.send_due, reminder.due_at + MINUTE)

    assert len(twilio.ledger) == 1
    assert Freeze.objects.get().blind_from < reminder.due_at


def test_a_back_up_from_the_middle_of_the_sending_knows_each_claim_or_is_behind_the_note(reminder, live, surgeon):
    run(tasks.sweep, reminder.due_at)
    ring(reminder.due_at)  # the first has left, and is in the back-up
    later = a_promise(live, by=surgeon)
    with a_backup():
        ring(later.due_at)

    assert restore_mark.freeze_if_restored(later.due_at)


def test_after_the_release_rounds_go_on_and_nothing_freezes_again(reminder):
    with a_backup():
        for minutes in range(3):
            run(tasks.sweep, given.NOW + minutes * MINUTE)
    run(tasks.sweep, given.NOW + HOUR)
    frozen = Freeze.objects.get()
    assert (frozen.in_force, frozen.since) == (True, given.NOW + HOUR)
    assert "round 0, but round 3" in frozen.why

    freeze.release(now=given.NOW + HOUR, force=True)
    run(tasks.sweep, given.NOW + HOUR + MINUTE)

    assert not freeze.in_force()
    assert RoundCounter.objects.get().number == round_notes.read().number == 5


def test_a_hold_in_the_back_up_that_was_reconciled_before_is_no_way_round(reminder):
    freeze.hold("the clinic moves", now=given.NOW, blind_from=given.NOW - HOUR)
    freeze.note_reconciled(given.NOW - HOUR, now=given.NOW + HOUR)
    with a_backup():
        run(tasks.sweep, given.NOW + HOUR)

    run(tasks.sweep, given.NOW + 2 * HOUR)

    with pytest.raises(freeze.StillBlind, match="has not been asked"):
        freeze.release(now=given.NOW + 3 * HOUR)
    assert Freeze.objects.get().blind_from == given.NOW - HOUR


def test_rounds_as_usual_freeze_nothing(reminder, kept):
    for minutes in (0, 1, 90, 3000):
        run(tasks.sweep, given.NOW + minutes * MINUTE)

    assert (kept / "last-round").read_text().startswith("4 ")
    assert not Freeze.objects.exists()


def test_an_empty_database_is_new_and_hides_no_back_up_that_is_read_into_it_later(kept, live, surgeon):
    round_notes.write(7, given.NOW)

    run(tasks.sweep, given.NOW + MINUTE)

    assert not Freeze.objects.exists()
    assert round_notes.read().number == 8
    RoundCounter.objects.update(number=7)
    a_promise(live, by=surgeon)
    assert restore_mark.freeze_if_restored(given.NOW + HOUR)


def test_a_late_process_does_not_lower_the_note(kept):
    round_notes.write(8, given.NOW)
    round_notes.write(7, given.NOW + MINUTE)

    assert round_notes.read() == round_notes.RoundNote(8, given.NOW)


def test_redis_keeps_the_highest_too_for_a_new_machine(reminder, kept, settings):
    settings.REDIS_URL = os.environ.get("REDIS_URL", "")
    if not settings.REDIS_URL:
        pytest.skip("needs Redis")
    round_notes._redis(settings.REDIS_URL).delete(round_notes.KEY)
    round_notes.write(10**12, given.NOW)
    (kept / "last-round").unlink()
    round_notes.write(3, given.NOW)

    assert restore_mark.freeze_if_restored(given.NOW + HOUR)
    round_notes._redis(settings.REDIS_URL).delete(round_notes.KEY)


def test_a_note_of_an_earlier_version_which_has_the_time_alone_still_tells(reminder, kept):
    heartbeats.beat(heartbeats.SWEEP, given.NOW)
    (kept / "last-round").write_text((given.NOW + MINUTE).isoformat())
    assert not restore_mark.freeze_if_restored(given.NOW + HOUR)

    (kept / "last-round").write_text((given.NOW + HOUR).isoformat())
    assert restore_mark.freeze_if_restored(given.NOW + 2 * HOUR)
    run(tasks.sweep, given.NOW + 3 * HOUR)

    assert Freeze.objects.get().blind_from == given.NOW


def test_a_note_that_cannot_be_written_raises_an_alarm_until_it_can(reminder, settings, kept):
    settings.VAR_DIR = kept / "away"
    run(tasks.sweep, given.NOW)
    assert Alarm.objects.get(kind="round_note", cleared_at=None).detail == "file: FileNotFoundError"

    settings.VAR_DIR = kept
    run(tasks.sweep, given.NOW + MINUTE)

    assert not Alarm.objects.filter(kind="round_note", cleared_at=None).exists()


def test_where_nothing_really_leaves_nothing_is_noted_and_nothing_frozen(reminder, settings, kept):
    settings.MESSAGES = "outbox"
    run(tasks.sweep, given.NOW)
    assert round_notes.read() is None

    round_notes.write(7, given.NOW)

    assert not restore_mark.freeze_if_restored(given.NOW + 2 * HOUR)
