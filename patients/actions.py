"""What may happen to patients, contacts and visits. Each is atomic and writes who did it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from patients import audit, phones
from patients.consent import ConsentKind
from patients.models import CheckUp, ConsentEvent, Contact, Patient, Site, StaffMember, Surgery
from patients.models.checkup import CheckUpState
from patients.models.contact import ConsentSource, Relationship, Scope

CORRECTABLE = ("given_name", "family_name", "birth_date", "language", "time_zone")
OPEN = [CheckUpState.DUE, CheckUpState.BOOKED, CheckUpState.CONFIRMED, CheckUpState.MISSED]
FAR_AHEAD = timedelta(days=731)  # nobody plans an operation or a visit that far ahead; a mistyped year is


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
    """In the future, before anybody alive, or a minor where minors are not treated."""
    if patient.birth_date > today:
        raise ValidationError({"birth_date": "The date of birth lies in the future. Check the year."})
    if patient.birth_date.year < 1900:
        raise ValidationError({"birth_date": "The date of birth lies before 1900. Check the year."})
    refuse_minor(patient, today)


def refuse_minor(patient: Patient, today: date) -> None:
    """Raise ValidationError for a patient under 18 where the site does not treat minors."""
    if patient.age(today) < 18 and not patient.site.treats_minors:
        raise ValidationError(
            {"birth_date": "Under 18: this site does not treat minors. A manager can change that on the site."}
        )


def refuse_day(patient: Patient, day: date, today: date) -> None:
    """A day of surgery that can only be a slip of the pen."""
    if day < patient.birth_date:
        raise ValidationError({"date": "The day of surgery lies before the date of birth. Check both years."})
    if day > today + FAR_AHEAD:
        raise ValidationError({"date": "The day of surgery lies more than two years ahead. Check the year."})


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
        facts["phone"] = _as_e164(str(facts["phone"]))
    contact = Contact(patient=patient, site=patient.site, **{"language": patient.language} | facts)
    contact.full_clean()
    contact.save()
    audit.record("contact added", of=patient, by=by, now=now, channel=contact.get_channel_display())
    return contact


@transaction.atomic
def end_contact(contact: Contact, *, by: StaffMember, now: datetime) -> Contact:
    """No longer theirs. The row stays, with what was agreed to and sent; the same address may be added anew later.

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
    """What the patient lets a caregiver hear, and how that was said. It gives no consent that was not there."""
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
        raise ValidationError({"scope": "The patient hears everything. Only a caregiver has a scope."})
    if contact.ended_at:
        raise ValidationError({"scope": "This caregiver is not told anything any more. Add them again."})
    if scope not in Scope.values:
        raise ValidationError({"scope": f"Choose one of: {', '.join(Scope.values)}."})


def _as_e164(typed: str) -> str:
    try:
        return phones.e164(typed)
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
def book(check_up: CheckUp, *, at: datetime, by: StaffMember | None, now: datetime) -> CheckUp:
    """Book or move a visit; each booking has its own number, so that its reminders are its own."""
    check_up = _locked(check_up)
    if at <= now:
        raise ValidationError({"booked_for": "This time has passed. Choose a time in the future."})
    if at > now + FAR_AHEAD:
        raise ValidationError({"booked_for": "This time lies more than two years ahead. Check the year."})
    if check_up.surgery.cancelled_at:
        raise ValidationError("This operation was cancelled: no visit can be booked for it.")
    if check_up.state == CheckUpState.ATTENDED:
        raise ValidationError(f"This visit is {check_up.get_state_display().lower()} and cannot be booked any more.")
    if check_up.booked_for == at and check_up.state in (CheckUpState.BOOKED, CheckUpState.CONFIRMED):
        return check_up  # the same click twice
    check_up.state, check_up.booked_for = CheckUpState.BOOKED, at
    check_up.bookings += 1
    return _saved(check_up, "visit booked", by=by, now=now)


@transaction.atomic
def confirm(check_up: CheckUp, *, by: StaffMember | None, now: datetime) -> CheckUp:
    """`by` is None when the patient answered."""
    return _advance(check_up, CheckUpState.CONFIRMED, since=[CheckUpState.BOOKED], by=by, now=now)


@transaction.atomic
def mark_attended(check_up: CheckUp, *, by: StaffMember, now: datetime) -> CheckUp:
    """The patient came. Raises ValidationError if the visit was cancelled or settled already."""
    return _advance(check_up, CheckUpState.ATTENDED, since=OPEN, by=by, now=now)


@transaction.atomic
def mark_missed(check_up: CheckUp, *, by: StaffMember, now: datetime) -> CheckUp:
    """The patient did not come. Raises ValidationError before the booked time has passed."""
    check_up = _locked(check_up)
    if check_up.booked_for and check_up.booked_for > now:
        raise ValidationError("This visit is still to come. It can be marked missed once its time has passed.")
    since = [CheckUpState.BOOKED, CheckUpState.CONFIRMED]
    return _advance(check_up, CheckUpState.MISSED, since=since, by=by, now=now)


@transaction.atomic
def cancel_visit(check_up: CheckUp, *, by: StaffMember | None, now: datetime) -> CheckUp:
    """The visit is not needed. Raises ValidationError if it was settled already."""
    return _advance(check_up, CheckUpState.CANCELLED, since=OPEN, by=by, now=now)


def _advance(
    check_up: CheckUp, state: CheckUpState, *, since: list[CheckUpState], by: StaffMember | None, now: datetime
) -> CheckUp:
    check_up = _locked(check_up)
    if check_up.state == state:
        return check_up
    if check_up.state not in since:
        raise ValidationError(
            f"This visit is {check_up.get_state_display().lower()}: it cannot become {state.label.lower()}."
        )
    check_up.state = state
    return _saved(check_up, f"visit {state.label.lower()}", by=by, now=now)


def _locked(check_up: CheckUp) -> CheckUp:
    """The surgery first, then its visit: the order in which planning locks them, so that neither waits for ever."""
    list(Surgery.objects.select_for_update(no_key=True).filter(pk=check_up.surgery_id).values("pk"))
    return CheckUp.objects.select_for_update(of=("self",)).with_patient().get(pk=check_up.pk)


def _saved(check_up: CheckUp, verb: str, *, by: StaffMember | None, now: datetime) -> CheckUp:
    check_up.save()
    audit.record(verb, of=check_up.surgery, by=by, now=now, visit=check_up.title)
    return check_up


@transaction.atomic
def hold_contacts(contacts: Iterable[Contact], *, why: str, by: StaffMember | None, now: datetime) -> None:
    """Perhaps they refused: nothing starts on its way to them until a person has decided. The first reason stays."""
    for contact in _held(contacts):
        if contact.held_since is None:
            contact.held_since, contact.held_reason = now, why[:120]
            contact.save(update_fields=["held_since", "held_reason"])
            audit.record("contact held", of=contact.patient, by=by, now=now, why=why[:120])


@transaction.atomic
def release_contacts(contacts: Iterable[Contact], *, by: StaffMember | None, now: datetime) -> list[Contact]:
    """Those that had been held. What waits for them is brought forward by whoever calls this."""
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
