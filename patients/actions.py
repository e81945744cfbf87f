"""What may happen to patients, contacts and visits. Each is atomic and writes who did it."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from patients import audit
from patients.consent import Kind
from patients.models import CheckUp, ConsentEvent, Contact, Patient, Site, StaffMember
from patients.models.checkup import CheckUpState

OPEN = [CheckUpState.DUE, CheckUpState.BOOKED, CheckUpState.CONFIRMED, CheckUpState.MISSED]


@transaction.atomic
def register(site: Site, *, by: StaffMember, now: datetime, **facts: object) -> Patient:
    """A new patient. Raises ValidationError with a sentence per field; nothing is half-written."""
    patient = Patient(site=site, created_at=now, **facts)
    if patient.birth_date and patient.birth_date > site.today(now):
        raise ValidationError({"birth_date": "The date of birth lies in the future. Check the year."})
    patient.full_clean()
    refuse_minor(patient, site.today(now))
    patient.save()
    audit.record("registered", of=patient, by=by, now=now, created=True)
    return patient


def refuse_minor(patient: Patient, today: date) -> None:
    if patient.age(today) < 18 and not patient.site.treats_minors:
        raise ValidationError(
            {"birth_date": "Under 18: this site does not treat minors. A manager can change that on the site."}
        )


@transaction.atomic
def add_contact(patient: Patient, *, by: StaffMember, now: datetime, **facts: object) -> Contact:
    """A phone number or e-mail address. It stays silent until consent is given for it."""
    contact = Contact(patient=patient, site=patient.site, **{"language": patient.language} | facts)
    contact.full_clean()
    contact.save()
    audit.record("contact added", of=patient, by=by, now=now, channel=contact.get_channel_display())
    return contact


@transaction.atomic
def give_consent(contact: Contact, *, source: str, wording: str, by: StaffMember | None, now: datetime) -> None:
    _consent(Kind.GIVEN, [contact], source=source, wording=wording, by=by, now=now)


@transaction.atomic
def withdraw_consent(
    contacts: Iterable[Contact], *, source: str, wording: str, by: StaffMember | None, now: datetime
) -> None:
    """Takes the contacts' row locks, as a claim does: no message starts once this has committed."""
    locked = Contact.objects.select_for_update(no_key=True).filter(pk__in=[c.pk for c in contacts]).order_by("pk")
    _consent(Kind.WITHDRAWN, list(locked), source=source, wording=wording, by=by, now=now)


def _consent(
    kind: Kind, contacts: Iterable[Contact], *, source: str, wording: str, by: StaffMember | None, now: datetime
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
    if check_up.state not in OPEN:
        raise ValidationError(f"This visit is {check_up.get_state_display()} and cannot be booked any more.")
    if check_up.booked_for == at and check_up.state != CheckUpState.MISSED:
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
    return _advance(check_up, CheckUpState.ATTENDED, since=OPEN, by=by, now=now)


@transaction.atomic
def mark_missed(check_up: CheckUp, *, by: StaffMember, now: datetime) -> CheckUp:
    check_up = _locked(check_up)
    if check_up.booked_for and check_up.booked_for > now:
        raise ValidationError("This visit is still to come. It can be marked missed once its time has passed.")
    since = [CheckUpState.BOOKED, CheckUpState.CONFIRMED]
    return _advance(check_up, CheckUpState.MISSED, since=since, by=by, now=now)


@transaction.atomic
def cancel_visit(check_up: CheckUp, *, by: StaffMember | None, now: datetime) -> CheckUp:
    return _advance(check_up, CheckUpState.CANCELLED, since=OPEN, by=by, now=now)


def _advance(
    check_up: CheckUp, state: CheckUpState, *, since: list[CheckUpState], by: StaffMember | None, now: datetime
) -> CheckUp:
    check_up = _locked(check_up)
    if check_up.state == state:
        return check_up
    if check_up.state not in since:
        raise ValidationError(f"This visit is {check_up.get_state_display()}: it cannot become {state.label}.")
    check_up.state = state
    return _saved(check_up, f"visit {state.label}", by=by, now=now)


def _locked(check_up: CheckUp) -> CheckUp:
    return CheckUp.objects.select_for_update(of=("self",)).with_patient().get(pk=check_up.pk)


def _saved(check_up: CheckUp, verb: str, *, by: StaffMember | None, now: datetime) -> CheckUp:
    check_up.save()
    audit.record(verb, of=check_up.surgery, by=by, now=now, visit=check_up.title)
    return check_up
