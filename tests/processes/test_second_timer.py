"""`manage.py sweep` beside itself and beside the workers: what cron rings as well leaves once."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from patients.models import Site
from reminders import tasks
from reminders.delivery import heartbeats
from reminders.delivery.models import Attempt, Delivery
from tests.processes.conftest import LiveClinic
from tests.replies.test_at_the_same_instant import at_once
from tests.waiting import until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
TEXTS = 60


@pytest.fixture
def live(clinic: LiveClinic, twilio: Any, settings: Any, tmp_path: Path) -> LiveClinic:
    settings.MESSAGES, settings.SEND_WINDOW = "live", 10
    settings.VAR_DIR, settings.REDIS_URL = tmp_path, ""  # where a round leaves its mark
    Site.objects.update(texts_a_day=1_000, texts_a_week=1_000)
    return clinic


def rung() -> str:
    said = StringIO()
    call_command("sweep", stdout=said)
    return said.getvalue()


def test_two_timers_and_the_workers_tasks_at_once_send_each_text_once(live, twilio):
    live.promises(TEXTS)
    works: list[Callable[[], Any]] = [rung, rung, tasks.send_due, tasks.seek]

    at_once(*works)
    until(lambda: rung() and left() >= TEXTS, what="all have left")  # what one passed over, or gave back, comes again

    assert left() == len(twilio.accepted) == Attempt.objects.filter(outcome="accepted").count() == TEXTS
    assert len({line["StatusCallback"] for line in twilio.accepted}) == TEXTS


def left() -> int:
    return Delivery.objects.filter(state="accepted").count()


def test_a_timer_without_any_worker_does_the_whole_round_and_says_so(live, twilio):
    live.promises(3)

    said = rung()

    assert "sent: 3 accepted" in said
    assert "asked: nothing due" in said
    assert "timer" in heartbeats.last()
    assert "sent: nothing due" in rung()
    assert len(twilio.accepted) == 3


def test_a_part_that_fails_does_not_stop_the_others_and_is_not_called_a_round(live, twilio, monkeypatch):
    def broken(*_arguments: Any, **_options: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr("reminders.delivery.reconcile.lookups.seek", broken)
    live.promises(1)
    said, wrong = StringIO(), StringIO()

    with pytest.raises(ConnectionError):
        call_command("sweep", stdout=said, stderr=wrong)

    assert "sent: 1 accepted" in said.getvalue()
    assert "heard:" in said.getvalue()
    assert "asked: stopped by ConnectionError" in wrong.getvalue()
    assert "timer" not in heartbeats.last()
