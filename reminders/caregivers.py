"""Change or end what a caregiver is told. Waiting messages that are no longer allowed end at once."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from patients import actions as care
from patients import audit
from patients.models import Contact, StaffMember, Surgery
from patients.models.contact import ConsentSource, Relationship, Scope
from reminders import actions
from reminders.delivery.followup.opt_out import Reach, recall, stop_contacts
from reminders.delivery.models import Delivery
from reminders.plan.reasons import Reason


@transaction.atomic
def change_scope(
    caregiver: Contact, *, scope: str, source: str, wording: str, by: StaffMember, now: datetime
) -> Contact:
    """Change a caregiver's scope from now on; `wording`: as the patient said or signed it."""
    had_the_page = caregiver.scope == Scope.ALL
    changed = care.change_scope(caregiver, scope=scope, source=source, wording=wording, by=by, now=now)
    if had_the_page and scope != Scope.ALL:
        _take_back_the_page(changed, by=by, now=now)  # plans before messages
    recall(changed, reason=Reason.OUT_OF_SCOPE, now=now)
    return changed


@transaction.atomic
def revoke(caregiver: Contact, *, source: str, wording: str, by: StaffMember, now: datetime) -> Contact:
    """Nothing about this patient goes to this contact any more. Idempotent.

    It is the patient who does not want it, not the caregiver: what the same phone hears about another patient goes on.
    """
    if caregiver.relationship != Relationship.CAREGIVER:
        raise ValidationError("This is the patient's own contact: withdraw its consent, or end it.")
    [caregiver] = care.lock_contacts([caregiver])
    if caregiver.ended_at:
        return caregiver
    if caregiver.scope == Scope.ALL:
        _take_back_the_page(caregiver, by=by, now=now)  # plans before messages
    stop_contacts(
        [caregiver], source=source, wording=wording, by=by, now=now, reach=Reach.CONTACT, reason=Reason.REVOKED
    )
    ended = care.end_contact(caregiver, by=by, now=now)
    told = {"caregiver": ended.name, "how": ConsentSource(source).label, "wording": wording}
    audit.record("caregiver revoked", of=ended.patient, by=by, now=now, told=told)
    return ended


def _take_back_the_page(caregiver: Contact, *, by: StaffMember, now: datetime) -> None:
    """They may hold the patient's own link: it is dead from here on, and the patient's next message has a new one."""
    told = Delivery.objects.filter(contact=caregiver).exclude(claimed_at=None)
    for surgery in Surgery.objects.active().filter(reminders__deliveries__in=told).distinct():
        actions.renew_link(surgery, by=by, now=now)
