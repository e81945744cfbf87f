"""Registers and enrols many at once: the same rows as one by one (`reminders.enrolment`), in a tenth of the time.

For imports. Whatever is not plain (a plan that runs, a phone that two patients share) is left to the way one by one,
as is a batch in which anything was refused: then nothing of it is written.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import CharField
from django.db.models.functions import Cast
from phonenumber_field.phonenumber import PhoneNumber

from patients import actions as care
from patients import time_zones
from patients.consent import ConsentKind
from patients.models import (
    AuditEntry,
    CheckUp,
    ConsentEvent,
    Contact,
    Patient,
    Site,
    StaffMember,
    Surgery,
    search_index,
)
from patients.models.contact import Channel, Relationship
from patients.shared_contacts import with_address
from reminders import bulk, enrolment
from reminders.enrolment import NewContact, NewPatient, NewSurgery
from reminders.plan import planning
from reminders.plan.facts import horizon
from reminders.plan.models import CarePlan, Reminder
from reminders.plan.models.careplan import new_link

Operation = tuple[Patient, NewSurgery]
OF_PATIENT = (
    "number", "given_name", "family_name", "birth_date", "birth_known", "language", "time_zone", "conditions",
    "bmi_band",
)  # fmt: skip
LAID_OUT: tuple[Any, ...] = (CheckUp, Reminder)
ADDED, CONSENT = "contact added", f"consent {ConsentKind.GIVEN}"


class PlanKind(NamedTuple):
    """All that a first plan depends on; see `reminders.plan.facts.sketch`. `channels`: one entry for each address."""

    version: int
    day: date
    time_zone: str
    physical_therapy: str
    job: str
    channels: tuple[str, ...]


@dataclass(slots=True)
class KnownPlans:
    """Plans that were laid out in this run, check-ups and reminders: whoever has the same facts gets the same rows."""

    rows: dict[PlanKind, tuple[list[Any], ...]] = field(default_factory=dict)


@transaction.atomic
def register(site: Site, people: Sequence[NewPatient], *, by: StaffMember, now: datetime) -> None:
    """Patients with their own contacts and consent, whose phones and mailboxes were checked already.

    Raises ValidationError or IntegrityError where one of them is refused; then nobody is registered.
    """
    enrolment.refuse_stranger(site, by)
    for new in people:
        _check(site, new, now)
    rows = [[getattr(new, name) for name in OF_PATIENT] for new in people]
    bulk.insert(Patient, OF_PATIENT, rows, site_id=site.pk, created_at=now)
    keys = dict(
        Patient.objects.filter(site=site, number__in=[new.number for new in people]).values_list("number", "pk")
    )
    search_index.write(((keys[new.number], new.given_name, new.family_name) for new in people), new=True)
    audit = _Audit(site, by, now)
    audit.write("registered", Patient, [(keys[new.number], keys[new.number], {}) for new in people])
    _add_contacts(site, [(keys[new.number], new) for new in people], audit)


def _check(site: Site, new: NewPatient, now: datetime) -> None:
    facts = {name: getattr(new, name) for name in OF_PATIENT}
    patient = Patient(site=site, created_at=now, **facts | {"conditions": list(new.conditions)})
    patient.clean_fields(exclude=["site"])
    patient.clean()
    care.refuse_birth_date(patient, site.today(now))


def _add_contacts(site: Site, people: Sequence[tuple[int, NewPatient]], audit: "_Audit") -> None:
    told: list[tuple[int, NewContact]] = [(key, one) for key, new in people for one in new.contacts]
    languages = {key: new.language for key, new in people}
    for channel, column in ((Channel.SMS, "phone"), (Channel.EMAIL, "email")):
        mine = [(key, one) for key, one in told if bool(one.phone) == (channel == Channel.SMS)]
        rows = [(key, _address(one), one.language or languages[key]) for key, one in mine]
        made = bulk.insert(Contact, ("patient_id", column, "language"), rows, site_id=site.pk)
        owners = dict(Contact.objects.filter(pk__in=made).values_list("patient", "pk")) if made else {}
        label = {"channel": str(channel.label)}
        audit.write(ADDED, Patient, [(key, key, label) for key, _ in mine])
        agreed = [(owners[key], one) for key, one in mine if one.consent_wording]
        events = [(contact, one.consent_source, one.consent_wording) for contact, one in agreed]
        columns = ("contact_id", "source", "wording")
        bulk.insert(ConsentEvent, columns, events, kind=ConsentKind.GIVEN, by_id=audit.by.pk, at=audit.now)
        audit.write(CONSENT, Patient, [(key, key, label) for key, one in mine if one.consent_wording])


def _address(one: NewContact) -> PhoneNumber | str:
    return PhoneNumber.from_string(one.phone) if one.phone else one.email


@dataclass(frozen=True, slots=True)
class _Audit:
    site: Site
    by: StaffMember
    now: datetime

    def write(
        self, verb: str, model: type[models.Model], rows: Sequence[tuple[int, int, Mapping[str, object]]]
    ) -> None:
        """`rows`: the key of what it was done to, the patient's key, and details."""
        same: dict[str, Any] = {
            "at": self.now,
            "by_id": self.by.pk,
            "site_id": self.site.pk,
            "content_type_id": ContentType.objects.get_for_model(model).pk,
            "verb": verb,
        }
        for details in {str(row[2]): row[2] for row in rows}.values():
            alike = [row[:2] for row in rows if row[2] == details]
            bulk.insert(AuditEntry, ("object_id", "patient_id"), alike, details=dict(details), **same)


def plain_ones(site: Site, patients: Collection[Patient]) -> set[int]:
    """Keys of those who can be enrolled together: active, never operated here, and alone with their addresses."""
    keys = {patient.pk for patient in patients if patient.status == "active" and not patient.merged_into_id}
    keys -= set(Surgery.objects.filter(patient__in=keys).values_list("patient", flat=True))
    own = Contact.objects.filter(patient__in=keys, relationship=Relationship.SELF, ended_at=None)
    letters = own.annotate(number=Cast("phone", CharField())).values_list("patient", "number", "email")
    addresses = {(site.pk, number or email) for _, number, email in letters}
    whose: dict[str, set[int]] = defaultdict(set)
    everybody: Any = with_address(addresses).filter(relationship=Relationship.SELF)
    for patient, number, email in everybody.values_list("patient", "number", "email") if addresses else ():
        whose[number or email].add(patient)  # caregivers' phones count for nobody's plan
    return keys - {patient for owners in whose.values() if len(owners) > 1 for patient in owners}


@transaction.atomic
def enrol(
    site: Site, operations: Sequence[Operation], *, by: StaffMember, now: datetime, known: KnownPlans
) -> dict[int, int]:
    """One operation for each of these patients, with its plan; the keys of the operations by patient.

    `operations`: none of a patient twice. Those who are not `plain_ones` by the time they are locked are left out.
    Raises ValidationError or IntegrityError where one of them is refused; then nobody is enrolled.
    """
    enrolment.refuse_stranger(site, by)
    keys = [patient.pk for patient, _ in operations]
    locked = Patient.objects.select_for_update(of=("self",), no_key=True).select_related("site").filter(pk__in=keys)
    patients = {one.pk: one for one in locked.order_by("pk")}
    plain = plain_ones(site, patients.values())
    fit = [(patients[patient.pk], new) for patient, new in operations if patient.pk in plain]
    for patient, new in fit:
        enrolment.check(patient, new, site, now, plans=())
    surgeries = _write_surgeries(site, fit, by=by, now=now)
    _write_plans(site, fit, surgeries, by=by, now=now)
    _lay_out(site, fit, surgeries, known, now=now)
    return surgeries


def _write_surgeries(site: Site, fit: Sequence[Operation], *, by: StaffMember, now: datetime) -> dict[int, int]:
    columns = ("patient_id", "procedure_id", "surgeon_id", "date", "physical_therapy", "job", "enrolment_key")
    rows = [
        (patient.pk, new.procedure.pk, new.surgeon.pk, new.date, new.physical_therapy, new.job, new.key)
        for patient, new in fit
    ]
    made = bulk.insert(Surgery, columns, rows, site_id=site.pk, enrolled_at=now, enrolled_by_id=by.pk)
    return dict(Surgery.objects.filter(pk__in=made).values_list("patient", "pk")) if made else {}


def _write_plans(
    site: Site, fit: Sequence[Operation], surgeries: Mapping[int, int], *, by: StaffMember, now: datetime
) -> None:
    rows = [(surgeries[patient.pk], new.version.pk, new_link()) for patient, new in fit]
    same: dict[str, Any] = {"laid_out_until": horizon(site, now), "zone_data": time_zones.release()}
    bulk.insert(CarePlan, ("surgery_id", "version_id", "link"), rows, **same)
    told = [(surgeries[patient.pk], patient.pk, {"protocol": str(new.version)}) for patient, new in fit]
    _Audit(site, by, now).write("enrolled", Surgery, told)


def _lay_out(
    site: Site, fit: Sequence[Operation], surgeries: Mapping[int, int], known: KnownPlans, *, now: datetime
) -> None:
    """One of each kind is laid out as ever, or was before; the others get copies of its rows."""
    kinds = _kinds(fit, surgeries)
    fresh = {kind: keys[0] for kind, keys in kinds.items() if kind not in known.rows}
    planning.sync_all(fresh.values(), now=now)
    for kind, rows in _laid_out(fresh).items():
        known.rows[kind] = rows
    for at, model in enumerate(LAID_OUT):
        again = [(keys[0], known.rows[kind][at]) for kind, keys in kinds.items() if kind not in fresh]
        model._default_manager.bulk_create([_of(surgery, row) for surgery, rows in again for row in rows])
        bulk.copy(model, "surgery_id", [(keys[0], twin) for keys in kinds.values() for twin in keys[1:]])
    _note_channels(kinds)


def _kinds(fit: Sequence[Operation], surgeries: Mapping[int, int]) -> dict[PlanKind, list[int]]:
    """Operations whose plans are alike."""
    boxes: dict[int, list[str]] = defaultdict(list)
    own = Contact.objects.reachable().filter(patient__in=list(surgeries), relationship=Relationship.SELF)
    for key, number in own.annotate(number=Cast("phone", CharField())).values_list("patient", "number"):
        boxes[key].append(Channel.SMS if number else Channel.EMAIL)
    kinds: dict[PlanKind, list[int]] = defaultdict(list)
    for patient, new in fit:
        channels = tuple(sorted(boxes[patient.pk]))
        kind = PlanKind(new.version.pk, new.date, patient.time_zone, new.physical_therapy, new.job, channels)
        kinds[kind].append(surgeries[patient.pk])
    return kinds


def _laid_out(fresh: Mapping[PlanKind, int]) -> dict[PlanKind, tuple[list[Any], ...]]:
    found: dict[int, tuple[list[Any], ...]] = {key: ([], []) for key in fresh.values()}
    for at, model in enumerate(LAID_OUT):
        for row in model._default_manager.filter(surgery__in=list(found)).order_by("pk"):
            found[row.surgery_id][at].append(row)
    return {kind: found[key] for kind, key in fresh.items()}


def _of(surgery: int, row: Any) -> Any:
    """The same row of another operation."""
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    return type(row)(**values | {"surgery_id": surgery})


def _note_channels(kinds: Mapping[PlanKind, Sequence[int]]) -> None:
    by_channels: dict[str, list[int]] = defaultdict(list)
    for kind, keys in kinds.items():
        by_channels[" ".join(sorted({*kind.channels}))] += keys
    for channels, keys in by_channels.items():
        CarePlan.objects.filter(surgery__in=keys).update(channels=channels)
