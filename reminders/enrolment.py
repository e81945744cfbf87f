"""Enrol a patient: patient, contacts, consent, surgery and the whole plan, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from patients import actions as care
from patients import audit, characters, mailboxes, phones
from patients.birth_dates import Known
from patients.consent import ConsentKind
from patients.models import Contact, Patient, Procedure, Site, StaffMember, Surgery
from patients.models.contact import Channel, Relationship, Scope
from patients.models.staff import Role
from patients.patient_matching import Candidate, PersonFacts, candidates
from reminders import further_operation
from reminders.delivery.sending.dry_run import Recipient
from reminders.delivery.sending.load import ContactStanding
from reminders.plan import planning
from reminders.plan.facts import horizon
from reminders.plan.models import CarePlan, DefaultProtocol, ProtocolVersion
from reminders.plan.models.protocol import VersionState


@dataclass(frozen=True, slots=True)
class NewContact:
    """One way to reach the patient or a caregiver. No `consent_wording`: nobody agreed, so nothing is sent to it."""

    phone: str = ""
    email: str = ""
    relationship: str = Relationship.SELF
    name: str = ""
    language: str = ""
    scope: str = Scope.ALL
    consent_source: str = ""
    consent_wording: str = ""


@dataclass(frozen=True, slots=True)
class NewPatient:
    """Number and names are kept without characters that nobody sees, in whatever spelling they come."""

    number: str
    given_name: str
    family_name: str
    birth_date: date
    birth_known: str = Known.DAY  # month or year: then birth_date is the first day of it
    language: str = "en"
    time_zone: str = ""
    conditions: Sequence[str] = ()
    bmi_band: str = ""
    contacts: Sequence[NewContact] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", characters.patient_number(self.number))
        for name in ("given_name", "family_name"):
            object.__setattr__(self, name, characters.person_name(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class NewSurgery:
    """`key` makes a repeated request harmless: the second one returns the first one's surgery.

    `running_plan`, of `RunningPlan`: what becomes of a plan of this patient that runs; needed only where one does.

    `levels` of the spine treated and `asa_class`, 1 to 4: None is not recorded. They only ever propose.
    """

    procedure: Procedure
    surgeon: StaffMember
    date: date
    version: ProtocolVersion
    physical_therapy: str = "undecided"
    job: str = "unknown"
    levels: int | None = None
    asa_class: int | None = None
    key: str = ""
    running_plan: str = ""


class KeyReused(ValidationError):
    """The same key came with other facts."""


def recipients(contacts: Sequence[NewContact], language: str, *, site: Site) -> list[Recipient]:
    """For a preview: each as it will be once it is saved, in the order in which they are. `language`: the patient's."""
    return [_recipient(new, at - len(contacts), language, site.country) for at, new in enumerate(contacts)]


def _recipient(new: NewContact, key: int, language: str, region: str) -> Recipient:
    agreed = ConsentKind.GIVEN if new.consent_wording else None
    return Recipient(
        contact=key,
        channel=Channel.SMS if new.phone else Channel.EMAIL,
        address=phones.e164(new.phone, region=region) if new.phone else mailboxes.spelt(new.email),
        standing=ContactStanding(agreed, None, None, None, new.relationship, new.scope),
        language=new.language or language,
        name=new.name,
    )


def who_may_be_meant(site: Site, new: NewPatient) -> list[Candidate]:
    """Who is registered at this site and may be this very person; empty where the number itself is taken.

    Ask it before a patient is saved under another number. Raises InvalidPhone for a number that is none.
    """
    if Patient.objects.for_site(site).filter(number=new.number).exists():
        return []
    addresses = [
        phones.e164(one.phone, region=site.country) if one.phone else mailboxes.spelt(one.email) for one in new.contacts
    ]
    return candidates(
        site,
        PersonFacts(
            new.number, new.given_name, new.family_name, new.birth_date, tuple(filter(None, addresses)), new.birth_known
        ),
    )


def register_patient(site: Site, new: NewPatient, *, by: StaffMember, now: datetime) -> Patient:
    """Patient, contacts and consent. Raises ValidationError with a sentence per field."""
    refuse_stranger(site, by)
    with transaction.atomic():
        facts = {name: getattr(new, name) for name in NewPatient.__dataclass_fields__ if name != "contacts"}
        patient = care.register(site, by=by, now=now, **facts | {"conditions": list(new.conditions)})
        for contact in new.contacts:
            add_contact(patient, contact, by=by, now=now)
    return patient


@transaction.atomic
def add_contact(patient: Patient, new: NewContact, *, by: StaffMember, now: datetime) -> Contact:
    """The contact with its consent, where one was given."""
    facts = {name: getattr(new, name) for name in ("phone", "email", "relationship", "name", "scope")}
    if new.language:
        facts["language"] = new.language
    contact = care.add_contact(patient, by=by, now=now, **facts)
    if new.consent_wording:
        care.give_consent(contact, source=new.consent_source, wording=new.consent_wording, by=by, now=now)
    return contact


def enrol(patient: Patient | NewPatient, new: NewSurgery, *, site: Site, by: StaffMember, now: datetime) -> Surgery:
    """Enrol a surgery and compute its plan. Idempotent by `key`: the same key returns the same surgery.

    Raises ValidationError: bad facts, a version that is not signed, a stranger to the site; PlanRuns where a plan of
    this patient runs and `new` does not say what becomes of it.
    """
    refuse_stranger(site, by)
    if earlier := _earlier(site, new, patient):
        return earlier
    try:
        return _enrol(patient, new, site=site, by=by, now=now)
    except (IntegrityError, ValidationError):  # the same request may have come in at the same moment
        if earlier := _earlier(site, new, patient):
            return earlier
        raise


@transaction.atomic
def _enrol(patient: Patient | NewPatient, new: NewSurgery, *, site: Site, by: StaffMember, now: datetime) -> Surgery:
    if isinstance(patient, NewPatient):
        patient = register_patient(site, patient, by=by, now=now)
    care.lock_patient(patient)
    plans = further_operation.locked_running(patient)
    check(patient, new, site, now, plans)
    surgery = Surgery(
        site=site,
        patient=patient,
        procedure=new.procedure,
        surgeon=new.surgeon,
        date=new.date,
        physical_therapy=new.physical_therapy,
        job=new.job,
        levels=new.levels,
        asa_class=new.asa_class,
        enrolment_key=new.key,
        enrolled_at=now,
        enrolled_by=by,
    )
    surgery.full_clean()
    surgery.save()
    CarePlan.objects.create(surgery=surgery, version=new.version, laid_out_until=horizon(site, now))
    audit.record("enrolled", of=surgery, by=by, now=now, protocol=str(new.version))
    changed = further_operation.follow(surgery, plans, new.running_plan, by=by, now=now)
    planning.sync_all({surgery.pk, *changed}, now=now)
    return surgery


def check(patient: Patient, new: NewSurgery, site: Site, now: datetime, plans: Sequence[Surgery] | None = None) -> None:
    """Raises ValidationError with a sentence per field. The patient may be unsaved: previews ask too.

    `plans`: of this patient, those that run, where they were read already.
    """
    wrong: dict[str, str] = {}
    if patient.site_id != site.pk:
        wrong["patient"] = "This patient belongs to another site."
    if patient.merged_into:
        wrong["patient"] = f"This patient was merged into number {patient.merged_into.number}. Enrol that one."
    elif patient.status != "active":
        wrong["patient"] = f"This patient is recorded as {patient.status}. Nothing can be planned."
    if not new.surgeon.is_at(site, Role.SURGEON):
        wrong["surgeon"] = f"{new.surgeon} is not a surgeon at {site}. Choose one who is."
    if new.version.protocol.site_id != site.pk:
        wrong["version"] = "This protocol belongs to another site."
    elif new.version.state != VersionState.SIGNED:
        wrong["version"] = f"{new.version} is {new.version.state}. A surgeon must sign a version before it can be used."
    try:
        care.refuse_day(patient, new.date, site.today(now))
    except ValidationError as error:
        wrong |= {"date": error.messages[0]}
    if wrong:
        raise ValidationError(wrong)
    plans = further_operation.running(patient) if plans is None else plans
    if all(one.date != new.date for one in plans):  # else it is that operation, and another sentence says so
        further_operation.refuse_without_choice(plans, new.running_plan)


def _earlier(site: Site, new: NewSurgery, patient: Patient | NewPatient) -> Surgery | None:
    if not new.key:
        return None
    earlier = Surgery.objects.filter(site=site, enrolment_key=new.key).select_related("patient").first()
    if earlier and (earlier.date, earlier.procedure_id, earlier.patient.number) != (
        new.date,
        new.procedure.pk,
        patient.number,
    ):
        raise KeyReused("This request key was used for another enrolment. Use a new key for a new enrolment.")
    return earlier


def refuse_stranger(site: Site, by: StaffMember) -> None:
    """Raise ValidationError for somebody who does not work at the site."""
    if not by.is_at(site):
        raise ValidationError(f"You do not work at {site}.")


def default_version(site: Site, procedure: Procedure) -> ProtocolVersion | None:
    """The signed version of the protocol this procedure starts with at this site, if there is one."""
    default = DefaultProtocol.objects.filter(site=site, procedure=procedure).select_related("protocol").first()
    return default.protocol.signed_version if default else None
