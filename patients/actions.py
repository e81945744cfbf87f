"""What may happen to patients, contacts and visits. Each is atomic and writes who did it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from patients import audit, phones
from patients.consent import ConsentKind
from patients.models import CheckUp, ConsentEvent, Contact, Patient, Site, StaffMember
from patients.models.checkup import CheckUpState
from patients.models.contact import ConsentSource, Relationship, Scope
from patients.shared_contacts import lock_connected

CORRECTABLE = ("given_name", "family_name", "birth_date", "language", "time_zone")
OPEN = [CheckUpState.DUE, CheckUpState.BOOKED, CheckUpState.CONFIRMED, CheckUpState.MISSED]
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
        raise ValidationError(
            {"birth_date": "Under 18: this site does not treat minors. A manager can change that on the site."}
        )


def refuse_day(patient: Patient, day: date, today: date) -> None:
    """Raise ValidationError for a day of surgery that can only be a typing error."""
    if day < patient.birth_date:
        raise ValidationError({"date": "The day of surgery is before the date of birth. Check both years."})
    refuse_far_day(day, today)


def refuse_far_day(day: date, today: date) -> None:
    """Whoever the patient is: more than two years ahead or back."""
    if day > today + FAR_AHEAD:
        raise ValidationError({"date": "The day of surgery is more than two years ahead. Check the year."})
    if day < today - FAR_BACK:
        raise ValidationError({"date": "The day of surgery is more than two years back. Check the year."})


@transaction.atomic
def add_contact(patient: Patient, *, by: StaffMember, now: datetime, **facts: object) -> Contact:
    """A phone number or e-mail address. It stays silent until consent is given for it."""
    if facts.get("phone"):
        facts["phone"] = _as_e164(str(facts["phone"]))
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
        raise ValidationError({"booked_for": "This time is more than two years ahead. Check the year."})
    if check_up.surgery.cancelled_at:
        raise ValidationError("This operation was cancelled: no visit can be booked for it.")
    if check_up.surgery.ended_at and check_up.state not in (CheckUpState.BOOKED, CheckUpState.CONFIRMED):
        raise ValidationError(
            "The plan of this operation ended: book a visit of the later operation. What is booked can still be moved."
        )
    if at.astimezone(check_up.surgery.site.zone).date() < check_up.surgery.date:
        raise ValidationError({"booked_for": "This time is before the operation. Check the date."})
    if check_up.state == CheckUpState.ATTENDED:
        raise ValidationError(f"This visit is {check_up.get_state_display().lower()} and cannot be booked any more.")
    if check_up.booked_for == at and check_up.state in (CheckUpState.BOOKED, CheckUpState.CONFIRMED):
        return check_up  # the same click twice
    check_up.state, check_up.booked_for = CheckUpState.BOOKED, at
    check_up.bookings += 1
    return _saved(check_up, "visit booked", by=by, now=now)


@transaction.atomic
def confirm(check_up: CheckUp, *, by: StaffMember | None, now: datetime) -> CheckUp:
    """Confirm a booked visit. `by` is None when the patient did."""
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
    """The surgery and what is planned with it, then its visit: planning's order, so that neither waits for ever."""
    lock_connected([check_up.surgery_id])
    return CheckUp.objects.select_for_update(of=("self",)).with_patient().get(pk=check_up.pk)


def _saved(check_up: CheckUp, verb: str, *, by: StaffMember | None, now: datetime) -> CheckUp:
    check_up.save()
    audit.record(verb, of=check_up.surgery, by=by, now=now, visit=check_up.title)
    return check_up


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
