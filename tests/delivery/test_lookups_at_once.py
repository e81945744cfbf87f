"""Any number of processes may look for lost messages at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection

from reminders.delivery.models import Delivery, Transition
from reminders.delivery.reconcile import lookups
from reminders.delivery.sending import dispatch
from tests.delivery.sending import a_promise, many
from tests.delivery.test_lookups import HOUR, MINUTE


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_any_number_of_processes_may_look_at_once(live, surgeon, twilio):
    """Twenty lost texts, four who look: each is sent again once, and nobody waits for a lock for ever."""
    reminder = a_promise(live, by=surgeon)
    many(reminder, 20)
    twilio.behave("http:500")
    dispatch.drain("sms", clock=lambda: reminder.due_at, window=8)
    twilio.behave("ok")
    Delivery.objects.update(looks=1, looked_at=reminder.due_at + MINUTE)

    now = reminder.due_at + HOUR
    with ThreadPoolExecutor(4) as threads:
        tallies = list(threads.map(lambda _: in_a_thread(now), range(4)))

    assert sum(tallies, Counter()) == {"sent again": 20}
    assert Transition.objects.filter(was="unknown", state="queued").count() == 20


def in_a_thread(now: datetime) -> Counter[str]:
    try:
        return lookups.seek(lambda: now)
    finally:
        connection.close()
