"""Notices about a visit's time that the plan has recalled: what only waits for its next try ends at once."""

from datetime import datetime

from django.db import transaction

from reminders.delivery.followup.reminder_status import follow_up
from reminders.delivery.models import Delivery, Priority
from reminders.delivery.state import State
from reminders.delivery.transitions import move
from reminders.plan.reasons import Reason
from reminders.plan.visit_notices import MARK

WAITING = [State.QUEUED, State.UNDELIVERED_TEMP]
AT_ONCE = 500


@transaction.atomic
def end_what_waits(now: datetime) -> int:
    """How many ended. What a claim holds is passed over: the claim sees the recall itself."""
    waiting = Delivery.objects.filter(
        state__in=WAITING,
        priority=Priority.VISIT,
        reminder__step_code__contains=MARK,
        reminder__reason=Reason.VISIT_MOVED,
    )
    free = waiting.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("pk")
    keys = list(free.values_list("pk", flat=True)[:AT_ONCE])
    ended = move(keys, State.CANCELLED, since=WAITING, now=now, reason=Reason.VISIT_MOVED)
    follow_up(ended, now=now)
    return len(ended)
