"""Which reminders come too late by their plan's own rules; asked when they are opened, and again before they leave."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from reminders.delivery.models import Delivery
from reminders.delivery.state import State
from reminders.plan import lateness
from reminders.plan.lateness import Due, is_late
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.moments import next_opening
from reminders.plan.reasons import Reason
from reminders.plan.values import Anchor, LateRule

NOT_SAID = [ReminderStatus.SKIPPED, ReminderStatus.CANCELLED]
AROUND = timedelta(days=14)  # before the first late one: what moved past a later phase lies no further away
A_DAY = timedelta(days=1)
COLUMNS = [
    "pk", "surgery", "due_at", "useful_until", "status",
    "step__phase__first_day", "step__kind", "step__check_up__code", "step__late_rule", "step__anchor", "queued",
]  # fmt: skip


def left_out(reminders: Iterable[Reminder], now: datetime) -> dict[int, Reason]:
    """Reminder → reason, for those that are not to be sent. On a day that went well it costs no query."""
    plans: dict[int, list[Reminder]] = defaultdict(list)
    for reminder in reminders:
        plans[reminder.surgery_id].append(reminder)
    doubtful = {surgery: rows[0] for surgery, rows in plans.items() if any(_in_doubt(row, now) for row in rows)}
    if not doubtful:
        return {}
    asked = {row.pk for surgery in doubtful for row in plans[surgery]}
    first = min(row.due_at for surgery in doubtful for row in plans[surgery])
    around = _around(doubtful, first, now)
    found: dict[int, Reason] = {}
    for surgery, one in doubtful.items():
        found |= _judge(one, around[surgery], now)
    return {pk: reason for pk, reason in found.items() if pk in asked}


def _zone(reminder: Reminder) -> ZoneInfo:
    """The patient's; read without the patient's own site, which is the reminder's."""
    patient = reminder.surgery.patient
    return patient.zone if patient.time_zone else reminder.site.zone


def _leaves(reminder: Reminder, now: datetime) -> datetime:
    site = reminder.site
    return next_opening(now, opens=site.send_from, closes=site.send_until, zone=_zone(reminder))


def _in_doubt(reminder: Reminder, now: datetime) -> bool:
    """What was moved may share its day with a late message of a later phase."""
    late = is_late(reminder.due_at, _leaves(reminder, now), _zone(reminder))
    return late or bool(reminder.shifts) or reminder.step.late_rule == LateRule.NEXT


def _around(surgeries: Iterable[int], first: datetime, now: datetime) -> dict[int, list[Due]]:
    """Two days ahead: the day on which they would leave ends by then in every zone."""
    span = {"due_at__gt": first - AROUND, "due_at__lt": now + 2 * A_DAY}
    untried = Delivery.objects.filter(reminder=OuterRef("pk"), state=State.QUEUED, attempt_count=0)
    rows = Reminder.objects.filter(surgery__in=list(surgeries), **span).annotate(queued=Exists(untried))
    found: dict[int, list[Due]] = defaultdict(list)
    for pk, surgery, due_at, until, status, phase, kind, visit, rule, anchor, queued in (
        rows.exclude(status__in=NOT_SAID).order_by("due_at", "pk").values_list(*COLUMNS)
    ):
        found[surgery].append(
            Due(
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


def _judge(one: Reminder, rows: list[Due], now: datetime) -> dict[int, Reason]:
    zone, leaves = _zone(one), _leaves(one, now)
    that_day = leaves.astimezone(zone).date()
    upto = [due for due in rows if due.due_at.astimezone(zone).date() <= that_day]
    return lateness.left_out(upto, leaves=leaves, zone=zone)
