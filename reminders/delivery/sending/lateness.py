"""Which reminders come too late by their plan's own rules; asked when they are opened, and again before they leave."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from reminders.delivery.models import Delivery
from reminders.delivery.state import State
from reminders.plan import lateness
from reminders.plan.lateness import DueMessage, is_late
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.values import Anchor, LateRule

NOT_SAID = [ReminderStatus.SKIPPED, ReminderStatus.CANCELLED]
AROUND = timedelta(days=14)  # before the first late one: what moved past a later phase lies no further away
A_DAY = timedelta(days=1)
COLUMNS = [
    "pk", "surgery", "due_at", "useful_until", "status",
    "step__phase__first_day", "step__kind", "step__check_up__code", "step__late_rule", "step__anchor", "queued",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class LatenessQuery:
    """One reminder that would leave at the moment `leaves`, in the patient's `zone`."""

    reminder: int
    surgery: int
    due_at: datetime
    leaves: datetime
    zone: ZoneInfo
    rule: str
    is_moved: bool

    @property
    def in_doubt(self) -> bool:
        """What was moved may share its day with a late message of a later phase."""
        return self.is_moved or self.rule == LateRule.NEXT or is_late(self.due_at, self.leaves, self.zone)


def left_out(reminders: Iterable[LatenessQuery], now: datetime) -> dict[int, Reason]:
    """Reminder → reason, for those that are not to be sent. On a day that went well it costs no query."""
    plans: dict[int, list[LatenessQuery]] = defaultdict(list)
    for reminder in reminders:
        plans[reminder.surgery].append(reminder)
    doubtful = {surgery: rows[0] for surgery, rows in plans.items() if any(row.in_doubt for row in rows)}
    if not doubtful:
        return {}
    asked = {row.reminder for surgery in doubtful for row in plans[surgery]}
    first = min(row.due_at for surgery in doubtful for row in plans[surgery])
    around = _around(doubtful, first, now)
    found: dict[int, Reason] = {}
    for surgery, one in doubtful.items():
        found |= _judge(one, around[surgery])
    return {pk: reason for pk, reason in found.items() if pk in asked}


def _around(surgeries: Iterable[int], first: datetime, now: datetime) -> dict[int, list[DueMessage]]:
    """Two days ahead: the day on which they would leave ends by then in every zone."""
    span = {"due_at__gt": first - AROUND, "due_at__lt": now + 2 * A_DAY}
    untried = Delivery.objects.filter(reminder=OuterRef("pk"), state=State.QUEUED, attempt_count=0)
    rows = Reminder.objects.filter(surgery__in=list(surgeries), **span).annotate(queued=Exists(untried))
    found: dict[int, list[DueMessage]] = defaultdict(list)
    for pk, surgery, due_at, until, status, phase, kind, visit, rule, anchor, queued in (
        rows.exclude(status__in=NOT_SAID).order_by("due_at", "pk").values_list(*COLUMNS)
    ):
        found[surgery].append(
            DueMessage(
                key=pk,
                due_at=due_at,
                phase=phase,
                kind=f"{kind} {visit or ''}",
                rule=LateRule(rule),
                of_visit=anchor == Anchor.VISIT,
                waits=status == ReminderStatus.PLANNED or queued,
                over=status == ReminderStatus.EXPIRED or (status == ReminderStatus.PLANNED and until <= now),
            )
        )
    return found


def _judge(one: LatenessQuery, rows: list[DueMessage]) -> dict[int, Reason]:
    that_day = one.leaves.astimezone(one.zone).date()
    upto = [due for due in rows if due.due_at.astimezone(one.zone).date() <= that_day]
    return lateness.left_out(upto, leaves=one.leaves, zone=one.zone)
