"""What people do around texts that came in: somebody takes one, is done with one, or answers on the patient's page."""

from datetime import datetime

from django.db import models, transaction

from patients import audit
from patients.models import CheckUp, Contact, StaffMember
from reminders.replies.meaning import Intent
from reminders.replies.models import Reply


@transaction.atomic
def take(reply: Reply, *, by: StaffMember, now: datetime) -> Reply:
    """Says who looks after it; it stays on the list until `mark_read`. A colleague may take it over."""
    reply = _locked(reply)
    if reply.handled_at is None and reply.handled_by_id != by.pk:
        reply.handled_by = by
        reply.save(update_fields=["handled_by"])
        audit.record("reply taken", of=_subject(reply), by=by, now=now)
    return reply


@transaction.atomic
def mark_read(reply: Reply, *, by: StaffMember, now: datetime) -> Reply:
    """A person has dealt with it; it leaves the list. Twice is once: the first one counts."""
    reply = _locked(reply)
    if reply.handled_at is None:
        reply.handled_at, reply.handled_by = now, by
        reply.save(update_fields=["handled_at", "handled_by"])
        audit.record("reply read", of=_subject(reply), by=by, now=now)
    return reply


def _subject(reply: Reply) -> models.Model:
    """The patient, whose record shows it; the reply itself when nobody knows the number."""
    return reply.contact.patient if reply.contact else reply


def _locked(reply: Reply) -> Reply:
    rows = Reply.objects.select_for_update(of=("self",)).select_related("contact__patient")
    return rows.get(pk=reply.pk)


@transaction.atomic
def say_cannot_come(check_up: CheckUp, *, contact: Contact, now: datetime) -> Reply:
    """From the patient's own page, kept like a text. Once per booking: a second tap finds the first one's reply."""
    reply, new = Reply.objects.get_or_create(
        provider_id=_page_id(check_up),
        defaults={
            "site": check_up.site,
            "contact": contact,
            "from_address": contact.address[:64],
            "to_address": "page",
            "text": f"I cannot come. ({check_up.title}, on the patient's page)",
            "intent": Intent.CANNOT_COME,
            "received_at": now,
        },
    )
    if new:
        audit.record("said: cannot come", of=contact.patient, by=None, now=now, visit=check_up.title)
    return reply


def said_cannot_come(check_up: CheckUp) -> bool:
    """About this booking; a new time starts afresh."""
    return Reply.objects.filter(provider_id=_page_id(check_up)).exists()


def _page_id(check_up: CheckUp) -> str:
    return f"page-{check_up.pk}-{check_up.bookings}"
