"""What people do around texts that came in: somebody takes one, is done with one, or answers on the patient's page."""

from datetime import datetime

from django.db import models, transaction

from patients import actions as care
from patients import audit
from patients.models import CheckUp, Contact, StaffMember
from patients.models.contact import ConsentSource
from reminders.delivery.followup.opt_out import Reach, of_same_address, stop_contacts
from reminders.replies import opt_out
from reminders.replies.models import Intent, Reply, VisitAnswer


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
    """Mark a reply as dealt with; it leaves the list. Idempotent: the first one counts."""
    reply = _locked(reply)
    if reply.handled_at is None:
        reply.handled_at, reply.handled_by = now, by
        reply.save(update_fields=["handled_at", "handled_by"])
        audit.record("reply read", of=_subject(reply), by=by, now=now)
    return reply


@transaction.atomic
def decide_refusal(subject: Reply | Contact, *, refused: bool, by: StaffMember, now: datetime) -> list[Contact]:
    """Decide about a held text: an opt-out, or not, and then what waits may be sent. Returns the contacts concerned.

    All contacts with that number at that site, and what else a STOP covers there. Idempotent.
    """
    contacts = of_same_address(subject) if isinstance(subject, Contact) else _writers(subject)
    if refused:
        wording = (subject.text if isinstance(subject, Reply) else "") or "Staff took it as an opt-out."
        return _refuse(contacts, source=ConsentSource.SMS, wording=wording, by=by, now=now, reach=Reach.STOP)
    released = opt_out.release(contacts, by=by, now=now)
    opt_out.decided(contacts, by=by, now=now, effect="Staff read it: not an opt-out.")
    return released


@transaction.atomic
def record_refusal(
    contact: Contact,
    *,
    wording: str,
    by: StaffMember,
    now: datetime,
    source: str = ConsentSource.VERBAL,
) -> list[Contact]:
    """Said on the phone, in person or by e-mail: it counts at once, like a STOP.

    Of this phone or mailbox alone, also where a STOP covers e-mail: staff can ask what is meant, a STOP cannot say it.
    """
    return _refuse([contact], source=source, wording=wording, by=by, now=now, reach=Reach.ADDRESS)


def _refuse(
    contacts: list[Contact], *, source: str, wording: str, by: StaffMember, now: datetime, reach: Reach
) -> list[Contact]:
    silent = stop_contacts(contacts, source=source, wording=wording, by=by, now=now, reach=reach)
    opt_out.decided(silent, by=by, now=now, effect="No more messages to this number.")
    return silent


@transaction.atomic
def hold(contact: Contact, *, why: str, by: StaffMember, now: datetime) -> None:
    """Nothing is sent to this number until somebody releases it."""
    care.hold_contacts(of_same_address(contact), why=why, by=by, now=now)


@transaction.atomic
def release(contact: Contact, *, by: StaffMember, now: datetime) -> list[Contact]:
    """Release a number that was held: the text was not an opt-out."""
    return decide_refusal(contact, refused=False, by=by, now=now)


def _writers(reply: Reply) -> list[Contact]:
    if reply.contact:
        return of_same_address(reply.contact)
    if reply.site is None or not reply.from_address:
        return []
    return list(Contact.objects.for_site(reply.site).filter(phone=reply.from_address, ended_at=None))


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
        VisitAnswer.objects.create(site=check_up.site, reply=reply, check_up=check_up, booking=check_up.bookings)
        audit.record("said: cannot come", of=contact.patient, by=None, now=now, visit=check_up.title)
    return reply


def said_cannot_come(check_up: CheckUp) -> bool:
    """About this booking; a new time starts afresh."""
    return Reply.objects.filter(provider_id=_page_id(check_up)).exists()


def _page_id(check_up: CheckUp) -> str:
    return f"page-{check_up.pk}-{check_up.bookings}"
