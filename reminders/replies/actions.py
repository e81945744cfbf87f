"""What reception does with a text that came in: somebody takes it, somebody is done with it."""

from datetime import datetime

from django.db import models, transaction

from patients import audit
from patients.models import StaffMember
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
