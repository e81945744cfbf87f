"""A reminder that is due becomes deliveries, one for each contact it is told to; or ends with a reason (T1)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery

from patients.consent import Kind
from patients.models import Contact
from patients.models.contact import Relationship
from reminders.delivery.models import Delivery, Priority, Transition
from reminders.delivery.moving import move
from reminders.delivery.overwriting import overwrite
from reminders.delivery.sending import late, turns
from reminders.delivery.sending.audience import Reachable, Telling, audience
from reminders.delivery.state import State
from reminders.plan.models import Reminder, Step
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason

BATCH = 500
FAILED = [State.REJECTED, State.UNDELIVERED_PERM, State.SUPPRESSED, State.EXPIRED, State.CANCELLED]


@transaction.atomic
def open_due(now: datetime, *, limit: int = BATCH) -> int:
    """Open what is due, earliest first, a share for each site; rows another worker holds are passed over.

    How many were looked at.
    """
    due = Reminder.objects.due(now)
    free = due.with_patient().select_related("surgery__care_plan").select_for_update(of=("self",), skip_locked=True)
    sites = turns.shares(turns.sites_with(due), limit)
    reminders = [row for site, share in sites for row in free.filter(site=site).order_by("due_at", "pk")[:share]]
    if not reminders:
        return 0
    contacts = _contacts_of({r.surgery.patient_id for r in reminders})
    too_late = _too_late(reminders, now)
    opened: list[Delivery] = []
    for reminder in reminders:
        why_late = too_late.get(reminder.pk, Reason.NONE)
        verdict = _verdict(reminder, contacts[reminder.surgery.patient_id], why_late, now)
        if isinstance(verdict, list):
            opened += [_delivery(reminder, contact, now) for contact in verdict]
            reminder.status, reminder.reason = ReminderStatus.IN_PROGRESS, Reason.NONE
        else:
            reminder.status, reminder.reason = verdict
    overwrite(reminders, ["status", "reason"])
    _write(opened, now)
    return len(reminders)


def _too_late(reminders: list[Reminder], now: datetime) -> dict[int, Reason]:
    """What staff sends again goes, however late: a person decided that."""
    found = late.left_out(reminders, now)
    tried = Delivery.objects.filter(reminder__in=found, attempt_count__gt=0) if found else Delivery.objects.none()
    again = set(tried.values_list("reminder", flat=True))
    return {pk: reason for pk, reason in found.items() if pk not in again}


def _verdict(
    reminder: Reminder, contacts: list[Reachable], why_late: Reason, now: datetime
) -> list[Reachable] | tuple[ReminderStatus, Reason]:
    if not reminder.surgery.is_active:
        return ReminderStatus.CANCELLED, Reason.SURGERY_CANCELLED
    if reminder.surgery.patient.status != "active":
        return ReminderStatus.CANCELLED, Reason.PATIENT_INACTIVE
    if reminder.useful_until <= now:
        return ReminderStatus.EXPIRED, Reason.EXPIRED
    step = reminder.step
    if why_late:  # reception calls about a visit; what the next phase says anew needs nobody
        return ReminderStatus.EXPIRED if step.about_a_visit else ReminderStatus.SKIPPED, why_late
    told = audience(Telling(step.channels, step.about_a_visit, step.warning), contacts)
    return (ReminderStatus.SUPPRESSED, told) if isinstance(told, Reason) else told


def _contacts_of(patients: Iterable[int]) -> dict[int, list[Reachable]]:
    usable = Contact.objects.filter(patient__in=list(patients), ended_at=None, unusable_since=None).with_consent()
    grouped: dict[int, list[Reachable]] = defaultdict(list)
    for contact in usable:
        is_patient = contact.relationship == Relationship.SELF
        agreed = contact.consent_kind == Kind.GIVEN
        grouped[contact.patient_id].append(
            Reachable(contact.pk, contact.channel, is_patient, agreed, scope=contact.scope)
        )
    return grouped


def _delivery(reminder: Reminder, contact: Reachable, now: datetime) -> Delivery:
    return Delivery(
        site_id=reminder.site_id,
        reminder=reminder,
        contact_id=contact.contact,
        channel=contact.channel,
        not_before=now,
        useful_until=reminder.useful_until,
        priority=_priority(reminder.step),
    )


def _priority(step: Step) -> Priority:
    if step.warning:
        return Priority.WARNING
    return Priority.VISIT if step.about_a_visit else Priority.OTHER


def _write(deliveries: list[Delivery], now: datetime) -> None:
    """A reminder that staff sends again has its delivery already: that one is queued once more, unless it arrived.

    Its tries begin anew. Not `after_unknown`: without knowing, a text is sent again once and not more (T8).
    """
    earlier = Delivery.objects.filter(reminder__in={d.reminder_id for d in deliveries})
    rows = {(reminder, contact): pk for pk, reminder, contact in earlier.values_list("pk", "reminder", "contact")}
    again = [pk for d in deliveries if (pk := rows.get((d.reminder_id, d.contact_id)))]
    useful = Subquery(Reminder.objects.filter(pk=OuterRef("reminder")).values("useful_until")[:1])  # it may have moved
    afresh: dict[str, Any] = {"temporary_failures": 0, "lost_leases": 0, "useful_until": useful}
    move(again, State.QUEUED, since=FAILED, now=now, not_before=now, **afresh)
    new = [d for d in deliveries if (d.reminder_id, d.contact_id) not in rows]
    Transition.objects.bulk_create(
        Transition(delivery=row, at=now, state=State.QUEUED, until=now) for row in Delivery.objects.bulk_create(new)
    )
