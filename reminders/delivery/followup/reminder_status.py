"""The status of a reminder, from its deliveries; and the follow-up when one of them has ended."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from reminders.delivery.followup import fallback
from reminders.delivery.models import Delivery, EndedNotice
from reminders.delivery.state import State, promise_of
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import NEEDS_CALL, ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.visit_notices import is_notice


def refresh(reminders: Iterable[int]) -> None:
    """Bring reminders' statuses in line with their deliveries. Call it last in a transaction: it locks the reminders.

    The lock comes before the look: of two deliveries that end at the same moment, the later one sees both.
    """
    locked = Reminder.objects.select_for_update(no_key=True).filter(pk__in=set(reminders)).order_by("pk")
    known = {pk: (status, code) for pk, status, code in locked.values_list("pk", "status", "step_code")}
    statuses = {pk: status for pk, (status, _) in known.items()}
    if not statuses:
        return
    deliveries: dict[int, list[tuple[State, str, str]]] = defaultdict(list)
    rows = Delivery.objects.filter(reminder__in=statuses)
    for reminder, state, channel, reason in rows.values_list("reminder", "state", "channel", "reason"):
        deliveries[reminder].append((State(state), channel, reason))
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for reminder, states in deliveries.items():
        promise = promise_of(states)
        if statuses[reminder] in STARTED or promise[0] == ReminderStatus.DONE:
            groups[promise].append(reminder)
    ended: list[int] = []
    for (status, reason), ids in groups.items():
        _settle(ids, status, reason)
        if status in NOT_ARRIVED:
            ended += [pk for pk in ids if is_notice(known[pk][1]) and known[pk][0] != status]
    EndedNotice.objects.bulk_create(EndedNotice(reminder_id=pk) for pk in ended)


STARTED = [  # any other (planned again by staff, cancelled, expired) only moves when it turns out to have arrived
    ReminderStatus.IN_PROGRESS,
    ReminderStatus.UNCONFIRMED,
    ReminderStatus.FAILED,
    ReminderStatus.SUPPRESSED,
    ReminderStatus.DONE,  # by a mail that was sent, and bounced
]


NOT_ARRIVED = {*NEEDS_CALL, ReminderStatus.CANCELLED}


def _settle(ids: list[int], status: str, reason: str) -> None:
    rows = Reminder.objects.filter(pk__in=ids)
    if status == ReminderStatus.IN_PROGRESS:  # its reason belongs to planning: why it was recalled
        rows.exclude(status=status).update(status=status, reason=Reason.NONE)
    else:
        rows.update(status=status, reason=reason)


def follow_up(deliveries: Iterable[int], *, now: datetime) -> None:
    """Follow up deliveries that changed state: open or cancel the e-mail fallback, and update the reminder.

    Give it every delivery that was moved to an end, or to `unknown`; last in the transaction.
    """
    keys = set(deliveries)
    if not keys:
        return
    known = list(Delivery.objects.filter(pk__in=keys).values_list("pk", "state", "reminder"))
    fallback.cancel_for([pk for pk, state, _ in known if state == State.DELIVERED], now=now)
    fallback.open_for([pk for pk, state, _ in known if state != State.DELIVERED], now=now)
    refresh(reminder for _, _, reminder in known)
