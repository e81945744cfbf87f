"""What a reminder became, from its deliveries; and what ends by time alone (T6, T16)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from reminders.delivery import waits
from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.state import State, promise_of
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason

BATCH = 500


def refresh(reminders: Iterable[int]) -> None:
    """Bring reminders' statuses in line with their deliveries. Call it last in a transaction: it locks the reminders.

    The lock comes before the look: of two deliveries that end at the same moment, the later one sees both.
    """
    locked = Reminder.objects.select_for_update(no_key=True).filter(pk__in=set(reminders)).order_by("pk")
    statuses = dict(locked.values_list("pk", "status"))
    deliveries: dict[int, list[tuple[State, str, str]]] = defaultdict(list)
    rows = Delivery.objects.filter(reminder__in=statuses)
    for reminder, state, channel, reason in rows.values_list("reminder", "state", "channel", "reason"):
        deliveries[reminder].append((State(state), channel, reason))
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for reminder, states in deliveries.items():
        promise = promise_of(states)
        if statuses[reminder] in STARTED or promise[0] == ReminderStatus.DONE:
            groups[promise].append(reminder)
    for (status, reason), ids in groups.items():
        _settle(ids, status, reason)


STARTED = [  # any other (planned again by staff, cancelled, expired) only moves when it turns out to have arrived
    ReminderStatus.IN_PROGRESS,
    ReminderStatus.UNCONFIRMED,
    ReminderStatus.FAILED,
    ReminderStatus.SUPPRESSED,
]


def _settle(ids: list[int], status: str, reason: str) -> None:
    rows = Reminder.objects.filter(pk__in=ids)
    if status == ReminderStatus.IN_PROGRESS:  # its reason belongs to planning: why it was recalled
        rows.exclude(status=status).update(status=status, reason=Reason.NONE)
    else:
        rows.update(status=status, reason=reason)


@transaction.atomic
def settle(now: datetime) -> int:
    """Leases that ran out become `unknown`; what nobody confirmed in 72 hours `unconfirmed`. Safe to repeat."""
    return _lost_leases(now) + _unconfirmed(now)


def _lost_leases(now: datetime) -> int:
    lost = list(
        Attempt.objects.filter(outcome="", lease_until__lt=now)
        .select_for_update(skip_locked=True)
        .values_list("pk", "delivery")[:BATCH]
    )
    Attempt.objects.filter(pk__in=[pk for pk, _ in lost], outcome="").update(outcome="unknown", finished_at=now)
    deliveries = Delivery.objects.filter(pk__in=[delivery for _, delivery in lost], state=State.CLAIMED)
    deliveries.update(state=State.UNKNOWN, reason=Reason.LEASE_LOST)
    return len(lost)


def _unconfirmed(now: datetime) -> int:
    """A claimed one is here when all that came of it was a callback in a word nobody knows."""
    waiting = Q(state__in=[State.CLAIMED, State.UNKNOWN, State.ACCEPTED]) | Q(state=State.SENT, channel="sms")
    old = Delivery.objects.filter(waiting, claimed_at__lt=now - waits.WORD_AWAITED)
    rows = list(old.select_for_update(skip_locked=True).values_list("pk", "reminder")[:BATCH])
    Delivery.objects.filter(waiting, pk__in=[pk for pk, _ in rows]).update(
        state=State.UNCONFIRMED, reason=Reason.UNCONFIRMED, settled_at=now
    )
    refresh(reminder for _, reminder in rows)
    return len(rows)
