"""What waits: due and held by nothing, or held by something that a person should know of."""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from patients.models import Site
from reminders.delivery.models import Breaker, Delivery, Sender
from reminders.delivery.models.delivery import DeliveryQuerySet
from reminders.delivery.safeguards import freeze
from reminders.delivery.state import State
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderQuerySet
from reminders.plan.reasons import Reason

Rows = TypeVar("Rows", ReminderQuerySet, DeliveryQuerySet)

BUSY = timedelta(minutes=1)  # a sender whose rate was in use so lately is at work, however long its queue


def planned(now: datetime, site: Site | None = None) -> ReminderQuerySet:
    """Reminders whose time has come and which nobody has opened."""
    return _of(Reminder.objects.due(now), site)


def queued(now: datetime, site: Site | None = None) -> DeliveryQuerySet:
    """Deliveries whose time has come and which nothing holds: no breaker, no used-up rate, no doubt about a refusal."""
    rows = _of(Delivery.objects.claimable(now), site).filter(contact__held_since=None)
    here = {"site": OuterRef("site"), "channel": OuterRef("channel")}
    troubled = Breaker.objects.filter(closed_at=None)
    return rows.exclude(
        Q(Exists(troubled.filter(**here)))
        | Q(channel__in=troubled.filter(site=None).values("channel"))
        | Q(Exists(_busy(now)))
    )


def slowed(now: datetime, site: Site | None = None) -> DeliveryQuerySet:
    """What only waits its turn: its sender writes all the time, and not faster than it may."""
    return _of(Delivery.objects.claimable(now), site).filter(Exists(_busy(now)))


def _busy(now: datetime) -> QuerySet[Sender]:
    here = {"site": OuterRef("site"), "channel": OuterRef("channel")}
    return Sender.objects.filter(**here, free_at__gt=now - BUSY)


def held_by(breaker: Breaker, now: datetime, site: Site | None = None) -> DeliveryQuerySet:
    """What would leave if the breaker were closed."""
    waits = Q(not_before__lte=now) | Q(reason=Reason.BREAKER)
    rows = _of(Delivery.objects.filter(waits, state=State.QUEUED, channel=breaker.channel), site)
    return rows.filter(site=breaker.site_id) if breaker.site_id else rows


def oldest_due(now: datetime, site: Site | None = None, *, channel: str = "") -> datetime | None:
    """Since when the one that has waited longest should have begun its way. During a freeze nothing is due."""
    if freeze.in_force():
        return None
    deliveries = queued(now, site).filter(channel=channel) if channel else queued(now, site)
    moments = [
        planned(now, site).order_by("due_at").values_list("due_at", flat=True).first(),
        deliveries.order_by("not_before").values_list("not_before", flat=True).first(),
    ]
    return min((moment for moment in moments if moment), default=None)


def people(reminders: ReminderQuerySet, deliveries: DeliveryQuerySet) -> int:
    """How many patients they are about; one with three messages counts once."""
    patients = set(reminders.values_list("surgery__patient", flat=True))
    return len(patients.union(deliveries.values_list("reminder__surgery__patient", flat=True)))


def _of(rows: Rows, site: Site | None) -> Rows:
    return rows.for_site(site) if site else rows
