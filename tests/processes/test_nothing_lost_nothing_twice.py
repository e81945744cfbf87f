"""Real processes, real Redis, real PostgreSQL; the provider's ledger is the judge of what left."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.reconcile import timeouts
from reminders.plan.models import Reminder

pytestmark = [pytest.mark.processes, pytest.mark.long]


def left(twilio) -> Counter[str]:
    """How often the provider was asked to send each attempt's text."""
    return Counter(line["StatusCallback"].split("/")[-2] for line in twilio.ledger)


def each_left_once(twilio, number: int) -> bool:
    asked = left(twilio)
    attempts = {str(pk): delivery for pk, delivery in Attempt.objects.values_list("pk", "delivery")}
    deliveries = Counter(attempts[pk] for pk in asked)
    return set(asked.values()) == set(deliveries.values()) == {1} and len(deliveries) == number


def all_accepted(number: int) -> bool:
    return Delivery.objects.filter(state="accepted").count() == number


def test_a_redis_that_forgets_everything_loses_and_doubles_nothing(machine, clinic, twilio, private_redis):
    clinic.promises(40)
    twilio.api.latency = 0.2
    machine.worker()
    machine.beat()
    machine.wait_until(lambda: len(twilio.ledger) >= 10)

    private_redis.flush()
    private_redis.kill()
    clinic.promises(40)
    private_redis.start()

    machine.wait_until(lambda: all_accepted(80))
    assert each_left_once(twilio, 80)
    assert not Reminder.objects.planned().filter(due_at__lte=timezone.now()).exists()


def test_what_was_in_flight_when_a_worker_was_killed_is_unknown_and_never_repeated(machine, clinic, twilio):
    clinic.promises(120)
    twilio.api.latency = 15  # the worker is killed before any answer comes
    first = machine.worker()
    machine.beat()
    machine.wait_until(lambda: twilio.api.behaviours.count >= 10)
    first.kill()
    lost = set(Delivery.objects.filter(state="claimed").values_list("pk", flat=True))
    twilio.api.latency = 0

    machine.worker()

    machine.wait_until(lambda: all_accepted(120 - len(lost)))
    timeouts.settle(timezone.now() + timedelta(seconds=121))
    unknown = Delivery.objects.filter(state="unknown")
    assert set(unknown.values_list("pk", flat=True)) == lost
    assert 10 <= len(lost) < 120
    assert {delivery.why for delivery in unknown} == {"The program stopped while sending it."}
    rung_again = len(twilio.ledger) + 5
    clinic.promises(5)
    machine.wait_until(lambda: len(twilio.ledger) >= rung_again)
    assert max(left(twilio).values()) == 1
    assert not Attempt.objects.filter(delivery__in=lost, number__gt=1).exists()


def test_two_clocks_and_two_workers_send_what_one_would(machine, clinic, twilio):
    clinic.promises(60)
    twilio.api.latency = 0.1
    for start in (machine.worker, machine.worker, machine.beat, machine.beat):
        start()

    machine.wait_until(lambda: all_accepted(60))
    clinic.promises(20)
    machine.wait_until(lambda: all_accepted(80))

    assert each_left_once(twilio, 80)
