"""The one verb that changes a state: what it refuses."""

import pytest

from reminders.delivery.models import Transition
from reminders.delivery.state import OUT, State
from reminders.delivery.transitions import move
from tests.delivery.sending import a_promise, claimed, the_delivery


@pytest.mark.parametrize("state", [s for s in State if s not in OUT])
def test_a_delivery_leaves_only_the_states_that_it_was_told_to_leave(site, surgeon, state):
    reminder = a_promise(site, by=surgeon)
    claimed(reminder)
    delivery = the_delivery(reminder)
    move([delivery.pk], state, since=[State.CLAIMED], now=reminder.due_at)
    told = Transition.objects.count()

    moved = move([delivery.pk], State.UNDELIVERED_PERM, since=OUT, now=reminder.due_at)

    assert (moved, the_delivery(reminder).state, Transition.objects.count()) == ([], state, told)
