"""Opening: a due reminder becomes one delivery for each contact it is for, or ends with a reason (T1)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import CharField, OuterRef, Subquery
from django.db.models.functions import Cast

from patients.consent import ConsentKind
from patients.models import Contact
from patients.models.contact import Channel, Relationship
from reminders import bulk
from reminders.bulk import Among
from reminders.delivery.models import Delivery, Priority, Transition
from reminders.delivery.sending import fair_share, lateness, told_by
from reminders.delivery.sending.audience import Reachable, Telling, audience
from reminders.delivery.state import State
from reminders.delivery.transitions import move
from reminders.plan.local_time import next_opening
from reminders.plan.models import Reminder, Step
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.visit_notices import is_notice

BATCH = 500
OWN = [
    "pk", "site", "surgery__patient", "useful_until",
    "surgery__cancelled_at", "surgery__ended_at", "surgery__patient__status",
]  # fmt: skip
TIMES = [
    "surgery", "due_at", "shifts",
    "site__send_from", "site__send_until", "site__time_zone", "surgery__patient__time_zone",
]  # fmt: skip
FAILED = [State.REJECTED, State.UNDELIVERED_PERM, State.SUPPRESSED, State.EXPIRED, State.CANCELLED]


@dataclass(frozen=True, slots=True)
class DueReminder:
    """One reminder that is due; `cancelled_at`, `ended_at`: of its operation. `asked`: whether it comes too late."""

    step: Step
    asked: lateness.LatenessQuery
    pk: int
    site: int
    patient: int
    useful_until: datetime
    cancelled_at: datetime | None
    ended_at: datetime | None
    patient_status: str


@transaction.atomic
def open_due(now: datetime, *, limit: int = BATCH) -> int:
    """Open what is due, earliest first, a share for each site; rows another worker holds are passed over.

    How many were looked at.
    """
    due = Reminder.objects.due(now)
    free = due.select_for_update(skip_locked=True).order_by("due_at", "pk").values_list("pk", flat=True)
    sites = fair_share.shares(fair_share.sites_with(due), limit)
    keys, known = _not_at_work([pk for site, share in sites for pk in free.filter(site=site)[:share]])
    if not keys:
        return 0
    reminders = _read(keys, now)
    contacts = _contacts_of({reminder.patient for reminder in reminders})
    too_late = _too_late(reminders, now)
    ways = told_by.ways(reminder.pk for reminder in reminders if told_by.is_correction(reminder.step.code))
    opened: list[tuple[DueReminder, Reachable]] = []
    ends: dict[tuple[ReminderStatus, Reason], list[int]] = defaultdict(list)
    for reminder in reminders:
        why_late = too_late.get(reminder.pk, Reason.NONE)
        found = verdict(reminder, contacts[reminder.patient], why_late, now, own=ways.get(reminder.pk, ()))
        if isinstance(found, list):
            opened += [(reminder, contact) for contact in found]
            found = ReminderStatus.IN_PROGRESS, Reason.NONE
        ends[found].append(reminder.pk)
    for (status, reason), keys in ends.items():
        Reminder.objects.filter(Among("pk", keys)).update(status=status, reason=reason)
    _write(opened, known, now)
    return len(reminders)


def _not_at_work(keys: Sequence[int]) -> tuple[list[int], dict[tuple[int, int], int]]:
    """What staff sends again may have a delivery that a report holds, which waits for the reminder: next time.

    The others, and the deliveries they have already, by reminder and contact.
    """
    rows = Delivery.objects.filter(Among("reminder", keys)).values_list("pk", "reminder", "contact") if keys else ()
    known = {(reminder, contact): pk for pk, reminder, contact in rows}
    if not known:
        return list(keys), known
    free = Delivery.objects.filter(Among("pk", known.values())).select_for_update(no_key=True, skip_locked=True)
    mine = set(free.values_list("pk", flat=True))
    busy = {reminder for (reminder, _), pk in known.items() if pk not in mine}
    return [key for key in keys if key not in busy], known


def _read(keys: Sequence[int], now: datetime) -> list[DueReminder]:
    due = Reminder.objects.filter(Among("pk", keys)).order_by("due_at", "pk")
    found = list(due.values_list("step", *OWN, *TIMES))
    steps = Step.objects.in_bulk({row[0] for row in found})
    return [due_of(steps[step], facts[: len(OWN)], facts[len(OWN) :], now) for step, *facts in found]


def due_of(step: Step, own: Sequence[Any], times: Sequence[Any], now: datetime) -> DueReminder:
    """`own` and `times`: the values of those columns."""
    surgery, due_at, shifts, opens, closes, here, there = times
    zone = ZoneInfo(there or here)
    leaves = next_opening(now, opens=opens, closes=closes, zone=zone)
    return DueReminder(
        step, lateness.LatenessQuery(own[0], surgery, due_at, leaves, zone, step.late_rule, bool(shifts)), *own
    )


def _too_late(reminders: Sequence[DueReminder], now: datetime) -> dict[int, Reason]:
    """What staff sends again goes, however late: a person decided that."""
    found = lateness.left_out((reminder.asked for reminder in reminders), now)
    tried = Delivery.objects.filter(Among("reminder", found), attempt_count__gt=0)
    again = set(tried.values_list("reminder", flat=True))
    return {pk: reason for pk, reason in found.items() if pk not in again}


def verdict(
    reminder: DueReminder, contacts: list[Reachable], why_late: Reason, now: datetime, *, own: Sequence[str] = ()
) -> list[Reachable] | tuple[ReminderStatus, Reason]:
    """Whom it is told, or how it ends and why. `contacts`: the patient's that are in use. No database.

    `own`: the channels by which the patient may be told, in order, where they are fewer than the step's.
    """
    if reminder.cancelled_at is not None:
        return ReminderStatus.CANCELLED, Reason.SURGERY_CANCELLED
    if reminder.ended_at is not None and not is_notice(reminder.step.code):
        return ReminderStatus.CANCELLED, Reason.PLAN_ENDED
    if reminder.patient_status != "active":
        return ReminderStatus.CANCELLED, Reason.PATIENT_INACTIVE
    if reminder.useful_until <= now:
        return ReminderStatus.EXPIRED, Reason.EXPIRED
    step = reminder.step
    if why_late:  # reception calls about a visit; what the next phase says anew needs nobody
        return ReminderStatus.EXPIRED if step.about_a_visit else ReminderStatus.SKIPPED, why_late
    told = audience(Telling(step.channels, step.about_a_visit, step.warning, own), contacts)
    return (ReminderStatus.SUPPRESSED, told) if isinstance(told, Reason) else told


def _contacts_of(patients: Iterable[int]) -> dict[int, list[Reachable]]:
    usable = Contact.objects.filter(Among("patient", patients), ended_at=None, unusable_since=None).with_consent()
    usable = usable.annotate(number=Cast("phone", CharField()))  # to parse it costs more than the row
    columns = ("patient", "pk", "number", "relationship", "consent_kind", "scope")
    grouped: dict[int, list[Reachable]] = defaultdict(list)
    for patient, pk, number, relationship, consent, scope in usable.order_by("pk").values_list(*columns):
        channel = Channel.SMS if number else Channel.EMAIL
        is_patient = relationship == Relationship.SELF
        grouped[patient].append(Reachable(pk, channel, is_patient, consent == ConsentKind.GIVEN, scope=scope))
    return grouped


def priority_of(step: Step) -> Priority:
    """The priority of a step's deliveries: warnings, then visits, then others."""
    if step.warning:
        return Priority.WARNING
    return Priority.VISIT if step.about_a_visit else Priority.OTHER


def _write(
    opened: Sequence[tuple[DueReminder, Reachable]], known: Mapping[tuple[int, int], int], now: datetime
) -> None:
    """A reminder that staff sends again has its delivery already: that one is queued once more, unless it arrived.

    Its tries begin anew. Not `after_unknown`: without knowing, a text is sent again once and not more (T8).
    """
    again = [pk for reminder, contact in opened if (pk := known.get((reminder.pk, contact.contact)))]
    if again:
        useful = Subquery(Reminder.objects.filter(pk=OuterRef("reminder")).values("useful_until")[:1])  # may have moved
        afresh: dict[str, Any] = {"temporary_failures": 0, "lost_leases": 0, "useful_until": useful}
        move(again, State.QUEUED, since=FAILED, now=now, not_before=now, **afresh)
    keys = bulk.insert(
        Delivery,
        ("site_id", "reminder_id", "contact_id", "channel", "useful_until", "priority"),
        [
            (
                reminder.site,
                reminder.pk,
                contact.contact,
                contact.channel,
                reminder.useful_until,
                priority_of(reminder.step),
            )
            for reminder, contact in opened
            if (reminder.pk, contact.contact) not in known
        ],
        not_before=now,
    )
    bulk.insert(Transition, ("delivery_id",), [(key,) for key in keys], at=now, state=State.QUEUED, until=now)
