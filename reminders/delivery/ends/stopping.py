"""Somebody wants no more: consent is withdrawn, and what waits for them ends, in one transaction (T18)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from patients import actions as care
from patients.consent import Kind
from patients.models import Contact, StaffMember
from reminders.delivery.ends.promising import refresh
from reminders.delivery.models import Delivery
from reminders.delivery.moving import move
from reminders.delivery.state import State
from reminders.plan.reasons import Reason

WAITING = (State.QUEUED, State.UNDELIVERED_TEMP)


def of_same_address(contact: Contact) -> list[Contact]:
    """At this site: a phone or a mailbox may be shared, and a refusal is meant for all that arrives there."""
    at_site = Contact.objects.filter(Q(ended_at=None) | Q(pk=contact.pk), site=contact.site_id)
    same = at_site.filter(phone=contact.phone) if contact.phone else at_site.filter(email__iexact=contact.email)
    return list(same.order_by("pk"))


@transaction.atomic
def stop_writing(
    contacts: Iterable[Contact], *, source: str, wording: str, now: datetime, by: StaffMember | None = None
) -> int:
    """How many had not been stopped before. From here on nothing starts on its way to them; twice is once."""
    keys = [contact.pk for contact in contacts]
    list(Contact.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values("pk"))
    asked = Contact.objects.with_consent().filter(pk__in=keys).select_related("patient")
    stopped = [contact for contact in asked if contact.consent_kind != Kind.WITHDRAWN]
    care.withdraw_consent(stopped, source=source, wording=wording, by=by, now=now)
    _end_what_waits(keys, now)
    return len(stopped)


def _end_what_waits(contacts: list[int], now: datetime) -> None:
    """A row that a claim holds is passed over: that claim waits for our lock on the contact and will see the stop."""
    waiting = Delivery.objects.filter(contact__in=contacts, state__in=WAITING).order_by("pk")
    free = dict(waiting.select_for_update(skip_locked=True).values_list("pk", "reminder"))
    ended = move(free, State.SUPPRESSED, since=WAITING, now=now, reason=Reason.NO_CONSENT)
    refresh(free[pk] for pk in ended)
