"""The one function that stops a contact: consent is withdrawn and what waits ends, in one transaction (T18).

A text, a carrier's code, staff, a link in an e-mail, a mail service and the end of a caregiver all come here. What
differs between them are the parameters: how far the refusal reaches, and the reason on what ends. A number that is dead
or no longer theirs is not a refusal: no consent is withdrawn, and what waited for it may go another way.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q

from patients import actions as care
from patients.consent import ConsentKind, may_be_told
from patients.models import Contact, StaffMember
from reminders.delivery.followup.reminder_status import follow_up
from reminders.delivery.models import Delivery
from reminders.delivery.models.delivery import DeliveryQuerySet
from reminders.delivery.state import RULES, State
from reminders.delivery.transitions import move
from reminders.plan.models import Step
from reminders.plan.reasons import Reason

WAITING = RULES["T18"].since


class Reach(StrEnum):
    """Whom a refusal silences, at its site. Contacts that were ended before stay as they were."""

    CONTACT = "this contact alone"
    ADDRESS = "every contact with this phone or mailbox: nobody can tell who of them refused"
    STOP = "the address; where the site's STOP covers e-mail and it is a phone, everywhere"
    EVERYWHERE = "the address, and the e-mail addresses of the same people"


@transaction.atomic
def stop_contacts(
    contacts: Iterable[Contact],
    *,
    source: str,
    wording: str,
    by: StaffMember | None,
    now: datetime,
    reach: Reach = Reach.ADDRESS,
    reason: Reason = Reason.NO_CONSENT,
    keep_repeats: bool = False,
) -> list[Contact]:
    """Nothing starts on its way to them once this has committed. All whom it reached; idempotent.

    `source`: a ConsentSource; `wording`: as it was said; `by`: None where no staff member wrote it down; `reason`: on
    the deliveries that end. `keep_repeats`: each text is a statement of its own, and so is its consent event; a link
    opened twice, a form sent twice and a report that comes again are not.

    It locks the contacts, then their waiting deliveries, then the reminders: call it before anything locks reminders.
    """
    silent, ended = withdraw_and_end(
        contacts, source=source, wording=wording, by=by, now=now, reach=reach, reason=reason, keep_repeats=keep_repeats
    )
    follow_up(ended, now=now)
    return silent


@transaction.atomic
def withdraw_and_end(
    contacts: Iterable[Contact],
    *,
    source: str,
    wording: str,
    by: StaffMember | None,
    now: datetime,
    reach: Reach,
    reason: Reason = Reason.NO_CONSENT,
    keep_repeats: bool = False,
) -> tuple[list[Contact], list[int]]:
    """`stop_contacts` without the reminders, for a caller that has more deliveries to follow up, all in one go.

    The contacts and the keys of the deliveries that ended: give those to `follow_up`, last in the transaction.
    """
    silent = care.lock_contacts(reached(contacts, reach))
    refusing = [contact for contact in silent if keep_repeats or _is_new(contact, source, wording, by)]
    care.withdraw_consent(refusing, source=source, wording=wording, by=by, now=now)
    care.release_contacts(silent, by=by, now=now)
    return silent, end_what_waits(Delivery.objects.filter(contact__in=silent), reason, now)


def _is_new(contact: Contact, source: str, wording: str, by: StaffMember | None) -> bool:
    """Whether the latest consent event says something else. Under the contact's row lock."""
    last = contact.consent_events.last()
    said = (ConsentKind.WITHDRAWN, source, wording, by.pk if by else None)
    return last is None or (last.kind, last.source, last.wording, last.by_id) != said


def reached(contacts: Iterable[Contact], reach: Reach) -> list[Contact]:
    """These contacts themselves, ended or not, and whoever else in use is silenced with them."""
    asked = list(contacts)
    wanted = Q(pk__in=[contact.pk for contact in asked])
    if reach != Reach.CONTACT:
        for contact in asked:
            wanted |= Q(site=contact.site_id, phone=contact.phone, email=contact.email, ended_at=None)
    found = list(Contact.objects.filter(wanted).select_related("site").order_by("pk"))
    for contact in found:
        if contact.ended_at is None and _covers_mail(contact, reach):
            same = {"patient": contact.patient_id, "relationship": contact.relationship, "name": contact.name}
            wanted |= Q(**same, phone="", ended_at=None)
    return list(Contact.objects.filter(wanted).order_by("pk"))


def _covers_mail(contact: Contact, reach: Reach) -> bool:
    if reach == Reach.STOP:
        return bool(contact.phone) and contact.site.stop_covers_all
    return reach == Reach.EVERYWHERE


def of_same_address(contact: Contact) -> list[Contact]:
    """At this site: a phone or a mailbox may be shared, and a refusal is meant for all that arrives there."""
    return reached([contact], Reach.ADDRESS)


def recall(caregiver: Contact, *, reason: Reason, now: datetime) -> None:
    """What waits for them and is beyond their scope ends. Call it under their row lock, last in the transaction."""
    waiting = Delivery.objects.filter(contact=caregiver, state__in=WAITING).select_related("reminder__step")
    beyond = [row.pk for row in waiting if not _may_be_told(caregiver, row.reminder.step)]
    follow_up(end_what_waits(Delivery.objects.filter(pk__in=beyond), reason, now), now=now)


def _may_be_told(caregiver: Contact, step: Step) -> bool:
    return may_be_told(caregiver.scope, about_a_visit=step.about_a_visit, is_warning=step.warning)


def end_what_waits(deliveries: DeliveryQuerySet, reason: Reason, now: datetime) -> list[int]:
    """The keys of those that ended: give them to `follow_up`, last in the transaction. Under the contacts' row locks.

    A row that a claim holds is passed over: neither waits for the other, and the next claim will see the stop.
    """
    waiting = deliveries.filter(state__in=WAITING).order_by("pk")
    free = list(waiting.select_for_update(skip_locked=True).values_list("pk", flat=True))
    return move(free, State.SUPPRESSED, since=WAITING, now=now, reason=reason)
