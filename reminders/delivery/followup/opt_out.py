"""Somebody wants no more: consent is withdrawn, and what waits for them ends, in one transaction (T18)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from patients import actions as care
from patients.consent import ConsentKind, may_be_told
from patients.models import Contact, StaffMember
from reminders.delivery.followup.reminder_status import refresh
from reminders.delivery.models import Delivery
from reminders.delivery.models.delivery import DeliveryQuerySet
from reminders.delivery.state import State
from reminders.delivery.transitions import move
from reminders.plan.models import Step
from reminders.plan.reasons import Reason

WAITING = (State.QUEUED, State.UNDELIVERED_TEMP)


def of_same_address(contact: Contact) -> list[Contact]:
    """At this site: a phone or a mailbox may be shared, and a refusal is meant for all that arrives there."""
    at_site = Contact.objects.filter(Q(ended_at=None) | Q(pk=contact.pk), site=contact.site_id)
    same = at_site.filter(phone=contact.phone) if contact.phone else at_site.filter(email=contact.email)
    return list(same.order_by("pk"))


@transaction.atomic
def stop_writing(
    contacts: Iterable[Contact], *, source: str, wording: str, now: datetime, by: StaffMember | None = None
) -> int:
    """How many had not been stopped before. From here on nothing starts on its way to them; twice is once."""
    keys = [contact.pk for contact in contacts]
    list(Contact.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values("pk"))
    asked = Contact.objects.with_consent().filter(pk__in=keys).select_related("patient")
    stopped = [contact for contact in asked if contact.consent_kind != ConsentKind.WITHDRAWN]
    care.withdraw_consent(stopped, source=source, wording=wording, by=by, now=now)
    end_what_waits(Delivery.objects.filter(contact__in=keys), Reason.NO_CONSENT, now)
    return len(stopped)


def recall(caregiver: Contact, *, reason: Reason, now: datetime) -> None:
    """What waits for them and is beyond their scope ends; once they are revoked, all of it. Under their row's lock."""
    waiting = Delivery.objects.filter(contact=caregiver, state__in=WAITING).select_related("reminder__step")
    beyond = [row.pk for row in waiting if caregiver.ended_at or not _may_be_told(caregiver, row.reminder.step)]
    end_what_waits(Delivery.objects.filter(pk__in=beyond), reason, now)


def _may_be_told(caregiver: Contact, step: Step) -> bool:
    return may_be_told(caregiver.scope, about_a_visit=step.about_a_visit, is_warning=step.warning)


def end_what_waits(deliveries: DeliveryQuerySet, reason: Reason, now: datetime) -> None:
    """A row that a claim holds is passed over: neither waits for the other, and the next claim will see the stop."""
    waiting = deliveries.filter(state__in=WAITING).order_by("pk")
    free = dict(waiting.select_for_update(skip_locked=True).values_list("pk", "reminder"))
    ended = move(free, State.SUPPRESSED, since=WAITING, now=now, reason=reason)
    refresh(free[pk] for pk in ended)
