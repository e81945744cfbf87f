"""The locks and WHERE clauses themselves: what they refuse while somebody else is half-way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from patients import actions as care
from reminders.delivery.claiming import Claim, claim
from reminders.delivery.models import Transition
from reminders.delivery.moving import move
from reminders.delivery.state import OUT, State
from tests.delivery.sending import a_promise, claimed, opened, the_contact, the_delivery


def claim_elsewhere(now) -> Claim:
    """In a process of its own, as far as the database can tell."""

    def work() -> Claim:
        try:
            return claim("sms", now)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        return other.submit(work).result(timeout=30)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_nothing_to_a_number_is_claimed_while_its_stop_is_being_written(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    opened(reminder)

    with transaction.atomic():
        care.withdraw_consent([the_contact(reminder)], source="sms", wording="STOP", by=None, now=reminder.due_at)
        meanwhile = claim_elsewhere(reminder.due_at)
    afterwards = claim_elsewhere(reminder.due_at + timedelta(seconds=1))

    assert (meanwhile.jobs, afterwards.jobs) == ([], [])
    assert the_delivery(reminder).state == "suppressed"


@pytest.mark.parametrize("state", [s for s in State if s not in OUT])
def test_a_delivery_leaves_only_the_states_that_it_was_told_to_leave(site, surgeon, state):
    reminder = a_promise(site, by=surgeon)
    claimed(reminder)
    delivery = the_delivery(reminder)
    move([delivery.pk], state, since=[State.CLAIMED], now=reminder.due_at)
    told = Transition.objects.count()

    moved = move([delivery.pk], State.UNDELIVERED_PERM, since=OUT, now=reminder.due_at)

    assert (moved, the_delivery(reminder).state, Transition.objects.count()) == ([], state, told)
