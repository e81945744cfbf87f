"""Two clocks that disagree: nobody knows whose night it is, so nothing leaves and nothing is given up."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from reminders import tasks
from reminders.delivery.models import Alarm, Delivery
from reminders.delivery.safeguards import clock_skew
from reminders.plan.models import Reminder
from tests.delivery.sending import a_promise

pytestmark = [pytest.mark.django_db, pytest.mark.processes]  # the database is one, and reads the real clock


@pytest.mark.parametrize("seconds", [-7200, -90, 90, 7200])
def test_a_clock_that_jumped_stops_all_sending_until_it_is_back(live, surgeon, twilio, seconds):
    live.send_from, live.send_until = "00:00", "23:59:59"  # whatever the hour of the test
    live.save()
    reminder = a_promise(live, by=surgeon)
    now = timezone.now()
    Reminder.objects.filter(pk=reminder.pk).update(
        due_at=now - timedelta(hours=3), useful_until=now + timedelta(days=1)
    )

    with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
        tasks.sweep()
        tasks.send_due()
        with pytest.raises(CommandError):
            call_command("sweep")

    assert (twilio.ledger, Delivery.objects.count()) == ([], 0)
    assert Alarm.objects.get(kind="clocks").cleared_at is None
    tasks.send_due()
    assert len(twilio.ledger) == 1
    assert Alarm.objects.get(kind="clocks").cleared_at is not None


def test_half_a_minute_apart_is_near_enough(site):
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        assert clock_skew.agree()

    assert not Alarm.objects.exists()
