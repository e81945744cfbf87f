"""What may happen to patients and contacts; to visits: `visit_actions`. Each is atomic and writes who did it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from patients import audit, phones
from patients.birth_dates import Known, age
from patients.consent import ConsentKind
from patients.models import ConsentEvent, Contact, Patient, Site, StaffMember
from patients.models.contact import ConsentSource, Relationship, Scope
from patients.models.surgery import ENDED

CORRECTABLE = ("given_name", "family_name", "birth_date", "birth_known", "language", "time_zone")
MINOR = "Under 18: this site does not treat minors. A manager can change that on the site."
FAR_AHEAD = timedelta(days=731)  # nobody plans an operation or a visit that far ahead; a mistyped year is
FAR_BACK = timedelta(days=731)  # nor begins to follow one up that long after it


@transaction.atomic
def register(site: Site, *, by: StaffMember, now: datetime, **facts: object) -> Patient:
    """A new patient. Raises ValidationError with a sentence per field; nothing is half-written."""
    patient = Patient(site=site, created_at=now, **facts)
    patient.full_clean()
    refuse_birth_date(patient, site.today(now))
    patient.save()
    audit.record("registered", of=patient, by=by, now=now)
    return patient


@transaction.atomic
def correct(patient: Patient, *, by: StaffMember, now: datetime, **facts: object) -> Patient:
    """Name, date of birth, language, time zone. The patient's own contacts follow into the new language."""
    _held(patient.contacts.all())  # before their patient, as whoever hears a text does
    patient = Patient.objects.select_for_update(of=("self",), no_key=True).select_related("site").get(pk=patient.pk)
    spoken = patient.language
    if "birth_date" in facts:
        facts = {"birth_known": Known.DAY.value} | facts  # a whole date, unless it is said that it is none
    for name in facts:
        if name not in CORRECTABLE:
            raise ValueError(name)
        setattr(patient, name, facts[name])
    patient.full_clean()
    if "birth_date" in facts:
        refuse_birth_date(patient, patient.site.today(now))
    patient.save()
    patient.contacts.filter(relationship="self", language=spoken).update(language=patient.language)
    audit.record("corrected", of=patient, by=by, now=now, what=", ".join(sorted(facts)))
    return patient


def refuse_birth_date(patient: Patient, today: date) -> None:
    """Raise ValidationError for a date of birth in the future or before 1900, and for a minor where not allowed."""
    if patient.birth_date > today:
        raise ValidationError({"birth_date": "The date of birth is in the future. Check the year."})
    if patient.birth_date.year < 1900:
        raise ValidationError({"birth_date": "The date of birth is before 1900. Check the year."})
    refuse_minor(patient, today)


def refuse_minor(patient: Patient, today: date) -> None:
    """Raise ValidationError for a patient under 18 where the site does not treat minors."""
    if patient.age(today) < 18 and not patient.site.treats_minors:
        raise ValidationError({"birth_date": MINOR})
    if age(patient.born.last, today) < 18 and not patient.site.treats_minors:
        says = f"This patient may be under 18: only the {patient.birth_known} of birth is known. Give the whole date."
        raise ValidationError({"birth_date": says})


def refuse_day(patient: Patient, day: date, today: date) -> None:
    """Raise ValidationError for a day of surgery that can only be a typing error, or is that of one whose plan ended.

    Of one whose plan runs the database refuses it.
    """
    if day < patient.birth_date:
        raise ValidationError({"date": "The day of surgery is before the date of birth. Check both years."})
    if patient.pk and patient.surgeries.standing(ENDED).filter(date=day).exists():
        raise ValidationError({"date": "This patient already has an operation on that day, whose plan ended."})
    refuse_far_day(day, today)


def refuse_far_day(day: date, today: date) -> None:
    """Whoever the patient is: more than two years ahead or back."""
    if day > today + FAR_AHEAD:
        raise ValidationError({"date": "The day of surgery is more than two years ahead. Check the year."})
    if day < today - FAR_BACK:
        raise ValidationError({"date": "The day of surgery is more than two years back. Check the year."})


def lock_patient(patient: Patient) -> None:
    """Its row lock, with its status as it is now. Raises ValidationError where it was merged into another number."""
    row = Patient.objects.select_for_update(of=("self",), no_key=True).select_related("merged_into").get(pk=patient.pk)
    patient.status, patient.merged_into = row.status, row.merged_into
    refuse_merged(patient)


def refuse_merged(patient: Patient) -> None:
    if patient.merged_into:
        says = f"Patient number {patient.number} was merged into {patient.merged_into.number}. Use that one."
        raise ValidationError({"patient": says})


@transaction.atomic
def add_contact(patient: Patient, *, by: StaffMember, now: datetime, **facts: object) -> Contact:
    """A phone number or e-mail address. It stays silent until consent is given for it."""
    lock_patient(patient)
    if facts.get("phone"):
        facts["phone"] = _as_e164(str(facts["phone"]), patient.site)
    contact = Contact(patient=patient, site=patient.site, **{"language": patient.language} | facts)
    contact.full_clean()
    contact.save()
    audit.record("contact added", of=patient, by=by, now=now, channel=contact.get_channel_display())
    return contact


@transaction.atomic
def end_contact(contact: Contact, *, by: StaffMember, now: datetime) -> Contact:
    """End a contact that is not theirs any more. The row stays; the same address may be added again later.

    Takes the contact's row lock, as a claim does: no message starts once this has committed.
    """
    contact = Contact.objects.select_for_update(of=("self",), no_key=True).select_related("patient").get(pk=contact.pk)
    if contact.ended_at is None:
        contact.ended_at = now
        contact.save()
        audit.record("contact ended", of=contact.patient, by=by, now=now, channel=contact.get_channel_display())
    return contact


@transaction.atomic
def change_scope(
    caregiver: Contact, *, scope: str, source: str, wording: str, by: StaffMember, now: datetime
) -> Contact:
    """Change which messages a caregiver gets, and record how the patient said so. It gives no consent."""
    [contact] = _held([caregiver])
    refuse_scope(contact, scope)
    if contact.scope == scope:
        return contact
    was, contact.scope = contact.get_scope_display(), scope
    contact.save(update_fields=["scope"])
    hears, how = contact.get_scope_display(), ConsentSource(source).label
    told = {"caregiver": contact.name, "was": was, "hears": hears, "how": how, "wording": wording}
    audit.record("scope changed", of=contact.patient, by=by, now=now, told=told)
    if Contact.objects.reachable().filter(pk=contact.pk).exists():
        _consent(ConsentKind.GIVEN, [contact], source=source, wording=wording, by=by, now=now)
    return contact


def refuse_scope(contact: Contact, scope: str) -> None:
    """Raise ValidationError unless this contact is a caregiver in use and `scope` is a known one."""
    if contact.relationship != Relationship.CAREGIVER:
        raise ValidationError({"scope": "The patient gets every message. Only a caregiver's can be limited."})
    if contact.ended_at:
        raise ValidationError({"scope": "This caregiver was removed. Add them again first."})
    if scope not in Scope.values:
        raise ValidationError({"scope": f"Choose one of: {', '.join(Scope.values)}."})


def _as_e164(typed: str, site: Site) -> str:
    try:
        return phones.e164(typed, region=site.country)
    except phones.InvalidPhone as error:
        raise ValidationError({"phone": str(error)}) from None


@transaction.atomic
def give_consent(contact: Contact, *, source: str, wording: str, by: StaffMember | None, now: datetime) -> None:
    """Append a consent event. It counts from now on; `wording` is what was agreed to, word for word."""
    _consent(ConsentKind.GIVEN, _held([contact]), source=source, wording=wording, by=by, now=now)


@transaction.atomic
def withdraw_consent(
    contacts: Iterable[Contact], *, source: str, wording: str, by: StaffMember | None, now: datetime
) -> None:
    """No message to these contacts starts once this has committed.

    Only the consent events: what stops a contact is `reminders.delivery.followup.opt_out.stop_contacts`.
    """
    _consent(ConsentKind.WITHDRAWN, _held(contacts), source=source, wording=wording, by=by, now=now)


def _held(contacts: Iterable[Contact]) -> list[Contact]:
    """Their row locks, which a claim takes too: consent and sending never interleave."""
    rows = Contact.objects.select_for_update(no_key=True).filter(pk__in=[contact.pk for contact in contacts])
    return list(rows.order_by("pk"))


def _consent(
    kind: ConsentKind, contacts: Iterable[Contact], *, source: str, wording: str, by: StaffMember | None, now: datetime
) -> None:
    for contact in contacts:
        event = ConsentEvent(contact=contact, kind=kind, source=source, wording=wording, by=by, at=now)
        event.full_clean()
        event.save()
        audit.record(f"consent {kind}", of=contact.patient, by=by, now=now, channel=contact.get_channel_display())


@transaction.atomic
def hold_contacts(contacts: Iterable[Contact], *, why: str, by: StaffMember | None, now: datetime) -> None:
    """Hold contacts that may have opted out: nothing is sent to them until somebody decides. The first reason stays."""
    for contact in _held(contacts):
        if contact.held_since is None:
            contact.held_since, contact.held_reason = now, why[:120]
            contact.save(update_fields=["held_since", "held_reason"])
            audit.record("contact held", of=contact.patient, by=by, now=now, why=why[:120])


@transaction.atomic
def release_contacts(contacts: Iterable[Contact], *, by: StaffMember | None, now: datetime) -> list[Contact]:
    """Release held contacts and return those that were held; the caller makes what waits for them due."""
    released = [contact for contact in _held(contacts) if contact.held_since is not None]
    for contact in released:
        contact.held_since, contact.held_reason = None, ""
        contact.save(update_fields=["held_since", "held_reason"])
        audit.record("contact released", of=contact.patient, by=by, now=now, channel=contact.get_channel_display())
    return released


@transaction.atomic
def lock_contacts(contacts: Iterable[Contact]) -> list[Contact]:
    """The same rows, locked until the transaction ends: neither a claim nor another text of theirs comes between."""
    return _held(contacts)
