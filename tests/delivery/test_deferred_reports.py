"""In a flood a callback is only stored; what it means is read later, by the batch, with the same end."""

from datetime import timedelta
from typing import Any

import pytest

from clinic import webhooks
from clinic.load_shedding import TimeBudget
from reminders.delivery.models import Alarm, Attempt, Delivery, Report
from reminders.delivery.receipts import callbacks
from reminders.delivery.reconcile import timeouts
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, claimed, many, the_contact, the_delivery
from tests.delivery.test_webhooks import known_to_twilio, post, status_of

__all__ = ["known_to_twilio"]
SID = "SM" + "1" * 32


@pytest.fixture
def reminder(site, surgeon) -> Reminder:
    reminder = a_promise(site, by=surgeon)
    claimed(reminder)
    return reminder


def attempt_of(reminder: Reminder) -> Attempt:
    return the_delivery(reminder).attempts.get()


def keep(attempt: Attempt, status: str, *, code: int = 0, sid: str = SID) -> None:
    callbacks.keep(attempt.pk, provider_id=sid, status=status, code=code, now=attempt.started_at)


def sweep(reminder: Reminder, **later: Any) -> int:
    return timeouts.settle(reminder.due_at + timedelta(**(later or {"seconds": 10})))


def test_what_was_only_kept_acts_with_the_next_sweep(reminder):
    for status in ("sent", "delivered", "sent"):
        keep(attempt_of(reminder), status)
    assert the_delivery(reminder).state == "claimed"

    sweep(reminder)

    reminder.refresh_from_db()
    assert (the_delivery(reminder).state, reminder.status) == ("delivered", "done")
    assert Report.objects.filter(attempt=attempt_of(reminder)).count() == 2
    assert attempt_of(reminder).provider_id == SID


def test_a_busy_process_stores_and_answers(reminder):
    with webhooks.acting.turn():
        assert post(*status_of(reminder, "delivered")).status_code == 204
        assert post(*status_of(reminder, "delivered")).status_code == 204

    assert Report.objects.get().attempt is None
    sweep(reminder)
    assert the_delivery(reminder).state == "delivered"


def test_a_process_that_has_acted_for_long_stores_and_acts_again_when_it_is_quiet():
    seconds = [0.0]
    budget = TimeBudget(share=0.5, most=4, clock=lambda: seconds[0])

    def turns(number: int, *, each: int) -> list[bool]:
        found = []
        for _ in range(number):
            with budget.turn() as mine:
                found.append(mine)
                seconds[0] += each
        return found

    assert turns(5, each=3) == [True, True, True, False, True]  # 4 were saved up, and half of what passes
    seconds[0] += 60
    assert turns(1, each=100) == [True]  # one long turn is paid for afterwards
    assert turns(2, each=10) == [False, False]


def test_the_same_one_again_before_the_sweep_acts_at_once_and_once(reminder):
    keep(attempt_of(reminder), "delivered")

    assert post(*status_of(reminder, "delivered")).status_code == 204

    assert the_delivery(reminder).state == "delivered"
    assert Report.objects.count() == 1
    sweep(reminder)
    assert the_delivery(reminder).transitions.filter(state="delivered").count() == 1


def test_a_scheduler_that_was_away_for_a_day_loses_no_report(reminder):
    keep(attempt_of(reminder), "delivered")

    sweep(reminder, days=1)

    assert the_delivery(reminder).state == "delivered"


def test_a_kept_failure_has_all_its_consequences(reminder):
    keep(attempt_of(reminder), "undelivered", code=30005)

    sweep(reminder)

    assert the_delivery(reminder).state == "undelivered_perm"
    assert the_contact(reminder).unusable_since is not None


def test_a_number_of_another_message_is_set_aside_and_holds_up_nobody(reminder, site, surgeon):
    other = a_promise(site, given.a_phone(), by=surgeon)
    claimed(other)
    keep(attempt_of(reminder), "sent")
    keep(attempt_of(other), "delivered", sid=SID)
    keep(attempt_of(other), "sent", sid="SM" + "2" * 32)

    sweep(reminder)
    sweep(reminder)

    assert [the_delivery(one).state for one in (reminder, other)] == ["sent", "sent"]
    assert Report.objects.get(attempt=None).source == "foreign"
    assert Alarm.objects.get(kind="security").count == 1


def test_a_batch_ends_as_one_by_one_would(site, surgeon, settings):
    reminder = a_promise(site, by=surgeon)
    many(reminder, 6)
    claimed_all(reminder)
    ends = ["sent", "delivered", "undelivered", "failed", "read"]
    attempts = list(Attempt.objects.order_by("delivery"))
    for number, attempt in enumerate(attempts):
        for status in (*ends[number % 5 :], *ends[: number % 3]):
            keep(attempt, status, code=30008, sid=f"SM{number}")

    sweep(reminder)
    in_a_batch = states()
    Report.objects.all().delete()
    Delivery.objects.update(state="claimed", settled_at=None, temporary_failures=0)
    Attempt.objects.update(provider_id="", outcome="")
    for number, attempt in enumerate(attempts):
        for status in (*ends[number % 5 :], *ends[: number % 3]):
            told = {"provider_id": f"SM{number}", "status": status, "code": 30008, "now": attempt.started_at}
            callbacks.receive(attempt.pk, **told)

    assert states() == in_a_batch
    assert set(in_a_batch) == {"delivered"}


def claimed_all(reminder: Reminder) -> None:
    from reminders.delivery.sending.claiming import claim
    from reminders.delivery.sending.opening import open_due

    open_due(reminder.due_at)
    assert len(claim("sms", reminder.due_at).jobs) == 6


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))
