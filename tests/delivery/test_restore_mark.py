"""A back-up gives itself away: the mark of the last round is later than the database's own."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from reminders import tasks
from reminders.delivery import heartbeats
from reminders.delivery.models import Freeze
from reminders.delivery.safeguards import freeze, restore_mark
from tests import given
from tests.delivery.sending import a_promise

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def kept(settings, tmp_path) -> Path:
    settings.VAR_DIR, settings.REDIS_URL, settings.MESSAGES = tmp_path, "", "live"
    return tmp_path


def sweep(now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        tasks.sweep()


def test_a_database_older_than_the_last_round_freezes_by_itself(kept, site):
    heartbeats.beat(heartbeats.SWEEP, given.NOW)
    restore_mark.leave(given.NOW + HOUR)

    sweep(given.NOW + 2 * HOUR)

    frozen = Freeze.objects.get()
    assert (frozen.in_force, frozen.blind_from) == (True, given.NOW)
    assert "restored" in frozen.why


@pytest.mark.parametrize("ring", [tasks.send_due, tasks.mail_due])
def test_a_ring_from_before_the_restore_sends_nothing_either(kept, live, surgeon, twilio, smtp, ring):
    reminder = a_promise(live, by=surgeon)
    heartbeats.beat(heartbeats.SWEEP, given.NOW)
    restore_mark.leave(reminder.due_at)

    with time_machine.travel(reminder.due_at + MINUTE, tick=False):
        ring()

    assert freeze.in_force()
    assert twilio.ledger == []


def test_rounds_as_usual_freeze_nothing(kept, site):
    for minutes in (0, 1, 90, 3000):
        sweep(given.NOW + minutes * MINUTE)

    assert (kept / "last-round").exists()
    assert not Freeze.objects.exists()


def test_a_new_database_is_not_taken_for_an_old_one(kept, site):
    restore_mark.leave(given.NOW + HOUR)

    sweep(given.NOW)

    assert not Freeze.objects.exists()


def test_the_mark_is_kept_in_redis_too_for_a_new_machine(kept, site, settings):
    settings.REDIS_URL = os.environ.get("REDIS_URL", "")
    if not settings.REDIS_URL:
        pytest.skip("needs Redis")
    heartbeats.beat(heartbeats.SWEEP, given.NOW)
    restore_mark.leave(given.NOW + HOUR)
    (kept / "last-round").unlink()

    assert restore_mark.freeze_if_restored(given.NOW + 2 * HOUR)


def test_where_nothing_really_leaves_nothing_is_frozen(kept, site, settings):
    heartbeats.beat(heartbeats.SWEEP, given.NOW)
    restore_mark.leave(given.NOW + HOUR)
    settings.MESSAGES = "outbox"

    assert not restore_mark.freeze_if_restored(given.NOW + 2 * HOUR)
