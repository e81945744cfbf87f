"""A refusal, and what it ends; a perhaps, and what it holds. All of it under the contacts' row locks, as claims are."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from patients import actions as care
from patients.models import Contact, StaffMember
from reminders.delivery.followup.opt_out import end_what_waits
from reminders.delivery.models import Delivery
from reminders.delivery.state import State
from reminders.delivery.transitions import move
from reminders.plan.reasons import Reason
from reminders.replies.models import Reply
from reminders.replies.parsing.meaning import Intent

MAYBE = "A text from this number may be a refusal."


@transaction.atomic
def refuse(
    contacts: Iterable[Contact], *, source: str, wording: str, by: StaffMember | None, now: datetime
) -> list[Contact]:
    """From here on nothing starts on its way to them; what waits ends in the same transaction (T18)."""
    silent = care.lock_contacts(contacts)
    care.withdraw_consent(silent, source=source, wording=wording, by=by, now=now)
    care.release_contacts(silent, by=by, now=now)
    end_what_waits(Delivery.objects.filter(contact__in=silent), Reason.NO_CONSENT, now)
    return silent


@transaction.atomic
def release(contacts: Iterable[Contact], *, by: StaffMember | None, now: datetime) -> list[Contact]:
    """It was no refusal: what waited for the decision may leave at once, as far as it is still useful."""
    released = care.release_contacts(contacts, by=by, now=now)
    held = Delivery.objects.filter(contact__in=released, state=State.QUEUED, reason=Reason.CONTACT_HELD)
    # A row that a claim holds is passed over: that claim waits for nobody, and the next one will find it free.
    rows = list(held.select_for_update(skip_locked=True).values_list("pk", flat=True))
    move(rows, State.QUEUED, since=[State.QUEUED], now=now, not_before=now)
    return released


def everywhere(contacts: Iterable[Contact]) -> list[Contact]:
    """The same people's e-mail addresses too: the patient's own, or those of the caregiver of that name."""
    mine = list(contacts)
    theirs = Q(pk__in=[contact.pk for contact in mine])
    for contact in mine:
        theirs |= Q(patient=contact.patient_id, relationship=contact.relationship, name=contact.name, phone="")
    return list(Contact.objects.filter(theirs, ended_at=None))


def decided(contacts: Iterable[Contact], *, by: StaffMember | None, now: datetime, effect: str) -> None:
    """The texts that were held for a decision have got one; urgent ones still wait to be read."""
    numbers = {(contact.site_id, contact.address) for contact in contacts}
    for site, address in numbers:
        waiting = Reply.objects.to_read().filter(site=site, from_address=address, intent=Intent.REFUSAL)
        waiting.update(effect=effect)
        waiting.filter(is_urgent=False).update(handled_at=now, handled_by=by)
