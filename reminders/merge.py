"""Merge two patient numbers of one person: contacts, consent, operations and replies come to the number that stays.

What was sent stays as it is, on the contact it was sent to. What may still leave goes on to the contact that is kept,
so a merge while messages are being sent neither doubles nor loses one. Decision: docs/adr/0037.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from patients import actions as care
from patients import audit, calendar_feeds
from patients.consent import ConsentKind
from patients.models import Contact, Patient, StaffMember, Surgery
from patients.models.contact import ConsentSource
from patients.models.patient import PatientStatus
from reminders import caregivers, operation_order
from reminders.delivery.followup.opt_out import Reach, withdraw_and_end
from reminders.delivery.followup.reminder_status import follow_up
from reminders.delivery.models import Delivery
from reminders.delivery.state import OPEN
from reminders.merge_preview import AddressMerge, MergePreview, consent_of, preview
from reminders.plan import planning
from reminders.plan.models import Reminder

MAY_STILL_LEAVE = OPEN  # an answer may be lost and a try may fail: each of these can come to be sent again


def look(patient: Patient, *, into: Patient, by: StaffMember) -> MergePreview:
    """What `merge` would do. Raises PermissionDenied, and ValidationError where the two can never be merged."""
    _only_deciders(patient, into, by)
    return preview(_with_site(patient), _with_site(into))


@transaction.atomic
def merge(patient: Patient, *, into: Patient, by: StaffMember, now: datetime) -> MergePreview:
    """`patient` becomes a former number of `into`. What was done is what `look` shows at this moment.

    Takes the row locks in the order of `patients.locks`, the contacts' too, as claims do: no message starts half way.
    Raises PermissionDenied; ValidationError: two sites, one number twice, merged before, operations that clash.
    """
    _only_deciders(patient, into, by)
    done = _locked(patient, into)
    if done.problems:
        raise ValidationError(done.problems)
    ended = _consents(done, by=by, now=now)
    plans = _hold_plans(done)
    again = _move(done, by=by, now=now)
    changed = {*plans, *operation_order.set_order(done.into, by=by, now=now, because="two patient numbers were merged")}
    calendars = calendar_feeds.hand_over(done.patient, into=done.into)
    _record(done, again, calendars, by=by, now=now)
    planning.sync_all(changed, now=now)
    follow_up(ended, now=now)
    for one in done.ended:
        if one.scope != one.kept.scope:
            _narrow(one, by=by, now=now)
    return done


def _only_deciders(patient: Patient, into: Patient, by: StaffMember) -> None:
    for site in (patient.site, into.site):
        if not by.decides_at(site):
            raise PermissionDenied(f"Only a surgeon or a manager of {site} can merge patient numbers. Ask one of them.")


def _with_site(patient: Patient) -> Patient:
    return Patient.objects.select_related("site", "merged_into").get(pk=patient.pk)


def _locked(patient: Patient, into: Patient) -> MergePreview:
    """Read under the locks. The contacts twice: one may have been added before their patients were locked."""
    both = {patient.pk, into.pk}
    _lock_open_messages(both)  # a report has its delivery before it asks for the contact
    care.lock_contacts(Contact.objects.filter(patient__in=both))
    _lock_open_messages(both)  # opened meanwhile: none of them is claimed without its contact
    list(Patient.objects.select_for_update().filter(pk__in=both).order_by("pk").values_list("pk"))
    care.lock_contacts(Contact.objects.filter(patient__in=both))
    return preview(_with_site(patient), _with_site(into))


def _lock_open_messages(patients: Collection[int]) -> None:
    theirs = Delivery.objects.filter(contact__patient__in=patients, state__in=OPEN)
    list(theirs.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))


def _consents(done: MergePreview, *, by: StaffMember, now: datetime) -> list[int]:
    """The stricter of both records, for each address. The keys of the deliveries that end with it."""
    ended: list[int] = []
    for one in done.addresses:
        rows = [row for row in (one.kept, one.ended) if row]
        event = one.decisive.consent_events.last()
        if event and one.consent == ConsentKind.WITHDRAWN:
            asked = [row for row in rows if consent_of(row) != ConsentKind.WITHDRAWN]
            words, source = event.wording, event.source
            stopped = withdraw_and_end(asked, source=source, wording=words, by=by, now=now, reach=Reach.CONTACT)
            ended += stopped[1]
        elif event and one.consent != consent_of(one.kept):
            care.give_consent(one.kept, source=event.source, wording=event.wording, by=by, now=now)
        if one.is_held:
            why = next(row.held_reason for row in rows if row.held_since)
            care.hold_contacts([one.kept], why=why, by=by, now=now)
        if one.is_unusable and one.kept.unusable_since is None and one.ended:
            since, why = one.ended.unusable_since, one.ended.unusable_reason
            Contact.objects.filter(pk=one.kept.pk).update(unusable_since=since, unusable_reason=why)
        if one.ended and one.kept.is_trial_recipient and not one.ended.is_trial_recipient:
            Contact.objects.filter(pk=one.kept.pk).update(is_trial_recipient=False)
    return ended


def _hold_plans(done: MergePreview) -> Collection[int]:
    """The keys of those that run, all locked: no reminder is opened for a patient who has no contacts any more."""
    plans = set(Surgery.objects.filter(patient__in=[done.patient, done.into]).values_list("pk", flat=True))
    planning.lock(plans)
    reminders = Reminder.objects.select_for_update(no_key=True).filter(surgery__in=plans)
    list(reminders.order_by("pk").values_list("pk"))
    return Surgery.objects.active().filter(pk__in=plans).values_list("pk", flat=True)


def _move(done: MergePreview, *, by: StaffMember, now: datetime) -> dict[int, list[int]]:
    """The deliveries that go on to another contact, by the contact that is kept."""
    patient, into = done.patient, done.into
    again: dict[int, list[int]] = {}
    for one in done.ended:
        waiting = Delivery.objects.filter(contact=one.ended, state__in=MAY_STILL_LEAVE)
        again[one.kept.pk] = list(waiting.order_by("pk").values_list("pk", flat=True))
        Delivery.objects.filter(pk__in=again[one.kept.pk]).update(contact=one.kept)
    rows = [one.ended.pk for one in done.ended if one.ended]
    Contact.objects.filter(pk__in=rows).update(ended_at=now, held_since=None)
    Contact.objects.filter(patient=patient).update(patient=into)
    Surgery.objects.filter(patient=patient).update(patient=into)
    Patient.objects.filter(merged_into=patient).update(merged_into=into)
    marked = {"status": PatientStatus.MERGED, "merged_into": into, "merged_at": now, "merged_by": by}
    Patient.objects.filter(pk=patient.pk).update(**marked)
    health = {"conditions": [*into.conditions, *done.conditions], "bmi_band": into.bmi_band or done.bmi_band}
    Patient.objects.filter(pk=into.pk).update(**health)
    return again


def _narrow(one: AddressMerge, *, by: StaffMember, now: datetime) -> None:
    """A caregiver on both records hears what both let through."""
    event = one.decisive.consent_events.last()
    source, wording = (event.source, event.wording) if event else (ConsentSource.VERBAL, "as on the merged record")
    caregivers.change_scope(one.kept, scope=one.scope, source=source, wording=wording, by=by, now=now)


def _record(
    done: MergePreview, again: dict[int, list[int]], calendars: list[int], *, by: StaffMember, now: datetime
) -> None:
    """On both, in keys alone: enough to tell a wrong merge apart and to take it back by hand."""
    moved: dict[str, Any] = {
        "contacts_moved": [contact.pk for contact in done.moved],
        "contacts_ended": [f"{one.ended.pk}, kept {one.kept.pk}" for one in done.ended if one.ended],
        "contacts_changed": [f"{one.kept.pk}: {', '.join(one.changes)}" for one in done.addresses if one.changes],
        "deliveries_moved": [f"{keys} to contact {contact}" for contact, keys in again.items() if keys],
        "operations_moved": [surgery.pk for surgery in done.surgeries],
        "calendars_moved": calendars,
        "conditions_added": done.conditions,
        "bmi_band_taken": done.bmi_band,
        **{f"{name}_moved": number for name, number in done.counts.items()},
    }
    patient, into = done.patient, done.into
    said: list[tuple[Patient, dict[str, Any], str]] = [
        (into, {"number": patient.number, "patient": patient.pk}, "another patient number merged in"),
        (patient, {"number": into.number, "patient": into.pk}, "merged into another patient number"),
    ]
    for row, other, verb in said:
        audit.record(verb, of=row, by=by, now=now, **other, **moved)
