"""Each part of the house that does rounds is missed when it stops, until its next round."""

import pytest
from celery.exceptions import OperationalError

from reminders import tasks
from reminders.delivery import heartbeats
from reminders.delivery.models import Delivery
from reminders.delivery.reconcile import lookups
from reminders.plan.models import Reminder
from reminders.replies import reconcile
from tests import given
from tests.delivery.sending import a_promise, opened
from tests.delivery.test_watchdogs import MINUTE, found

pytestmark = pytest.mark.django_db


@pytest.fixture
def promise(site, surgeon) -> Reminder:
    return a_promise(site, by=surgeon)


def test_a_scheduler_that_stopped_is_noticed_within_three_minutes_until_it_runs_again(promise):
    heartbeats.beat("sweep", given.NOW)

    assert not found(given.NOW + 3 * MINUTE)
    warning = found(given.NOW + 4 * MINUTE)["sweep"]
    assert (warning.urgent, warning.on_board, warning.since) == (True, True, given.NOW)
    heartbeats.beat("sweep", given.NOW + 5 * MINUTE)
    assert not found(given.NOW + 5 * MINUTE)


def test_a_second_timer_is_only_missed_where_there_was_one():
    heartbeats.beat("timer", given.NOW)

    assert found(given.NOW + 21 * MINUTE)["timer"].urgent is False
    heartbeats.beat("timer", given.NOW + 22 * MINUTE)
    assert not found(given.NOW + 22 * MINUTE)


@pytest.mark.parametrize(("part", "round_", "patience"), [("seek", tasks.seek, 5), ("hear", tasks.hear, 15)])
def test_a_part_that_asks_the_provider_is_missed_until_its_next_round(part, round_, patience):
    heartbeats.beat(part, given.NOW - (patience + 1) * MINUTE)
    assert found(given.NOW)[part].urgent is False

    round_()

    assert not found(given.NOW + patience * MINUTE)


@pytest.mark.parametrize(("part", "round_", "work"), [("seek", tasks.seek, lookups), ("hear", tasks.hear, reconcile)])
def test_a_round_that_fails_half_way_has_not_been_done(part, round_, work, monkeypatch):
    monkeypatch.setattr(work, part, broken)

    with pytest.raises(OperationalError):
        round_()

    assert part not in heartbeats.last()


def broken(_clock: object) -> None:
    raise OperationalError


def test_a_sender_is_missed_only_while_something_waits_for_it(promise):
    delivery = opened(promise)
    heartbeats.beat("send", promise.due_at)

    assert "send" in found(promise.due_at + 4 * MINUTE)
    assert "mail" not in found(promise.due_at + 4 * MINUTE)
    Delivery.objects.filter(pk=delivery.pk).update(state="suppressed", reason="no_consent")
    assert not found(promise.due_at + 60 * MINUTE)
