"""Which reminders are too late by their plan's rules; checked when they are opened and before they are sent."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
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
COLUMNS = [  # in the order of the fields of `PlannedMessage`
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


class PlannedMessage(NamedTuple):
    """One reminder of a plan, whatever became of it. `queued`: it was opened, and nothing of it was tried yet."""

    pk: int
    surgery: int
    due_at: datetime
    useful_until: datetime
    status: str
    phase: int
    kind: str
    check_up: str | None
    rule: str
    anchor: str
    queued: bool

    def as_due(self, now: datetime) -> DueMessage:
        """The message as `plan.lateness` reads it at that moment."""
        is_planned = self.status == ReminderStatus.PLANNED
        return DueMessage(
            key=self.pk,
            due_at=self.due_at,
            phase=self.phase,
            kind=f"{self.kind} {self.check_up or ''}",
            rule=LateRule(self.rule),
            of_visit=self.anchor == Anchor.VISIT,
            waits=is_planned or self.queued,
            over=self.status == ReminderStatus.EXPIRED or (is_planned and self.useful_until <= now),
        )


PlanReader = Callable[[Iterable[int], datetime, datetime], Iterable[PlannedMessage]]


def read_plans(surgeries: Iterable[int], since: datetime, until: datetime) -> Iterable[PlannedMessage]:
    """What these plans say, or said, between two moments; the earliest first."""
    untried = Delivery.objects.filter(reminder=OuterRef("pk"), state=State.QUEUED, attempt_count=0)
    rows = Reminder.objects.filter(surgery__in=list(surgeries), due_at__gt=since, due_at__lt=until)
    rows = rows.exclude(status__in=NOT_SAID).annotate(queued=Exists(untried)).order_by("due_at", "pk")
    return (PlannedMessage(*row) for row in rows.values_list(*COLUMNS))


def left_out(reminders: Iterable[LatenessQuery], now: datetime, *, read: PlanReader = read_plans) -> dict[int, Reason]:
    """Reminder → reason, for those that are not to be sent. On a day that went well it costs no query."""
    plans: dict[int, list[LatenessQuery]] = defaultdict(list)
    for reminder in reminders:
        plans[reminder.surgery].append(reminder)
    doubtful = {surgery: rows[0] for surgery, rows in plans.items() if any(row.in_doubt for row in rows)}
    if not doubtful:
        return {}
    asked = {row.reminder for surgery in doubtful for row in plans[surgery]}
    first = min(row.due_at for surgery in doubtful for row in plans[surgery])
    around: dict[int, list[DueMessage]] = defaultdict(list)
    for message in read(doubtful, first - AROUND, now + 2 * A_DAY):  # by then the day is over in every zone
        around[message.surgery].append(message.as_due(now))
    found: dict[int, Reason] = {}
    for surgery, one in doubtful.items():
        found |= _judge(one, around[surgery])
    return {pk: reason for pk, reason in found.items() if pk in asked}


def _judge(one: LatenessQuery, rows: list[DueMessage]) -> dict[int, Reason]:
    that_day = one.leaves.astimezone(one.zone).date()
    upto = [due for due in rows if due.due_at.astimezone(one.zone).date() <= that_day]
    return lateness.left_out(upto, leaves=one.leaves, zone=one.zone)
