"""What the site has on record of the people in a file, read a few hundred at a time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from patients import actions as care
from patients.models import Contact, Patient, Site


@dataclass(slots=True)
class ExistingPatient:
    """A patient with all contacts, ended ones too: what a person ended, an import does not open again."""

    patient: Patient
    contacts: list[Contact] = field(default_factory=list)

    def at(self, address: str) -> Contact | None:
        """The contact with this address; one in use before one that has ended."""
        found = [one for one in self.contacts if one.address.lower() == address.lower()]
        return min(found, key=lambda one: one.ended_at is not None, default=None)

    def has(self, channel: str) -> bool:
        """Whether another address of the patient's own is in use on this channel."""
        mine = [one for one in self.contacts if one.relationship == "self" and one.ended_at is None]
        return any(one.channel == channel for one in mine)


def known_patients(site: Site, numbers: Sequence[str]) -> dict[str, ExistingPatient]:
    """The known patients, by patient number."""
    patients = Patient.objects.for_site(site).filter(number__in=numbers).select_related("site", "merged_into")
    return {known.patient.number: known for known in _with_contacts(list(patients))}


def fresh(patient: Patient) -> ExistingPatient:
    """The patient read again under row locks: the contacts' before the patient's, see `patients.locks`."""
    care.lock_contacts(patient.contacts.all())
    locked = Patient.objects.select_for_update(of=("self",), no_key=True).select_related("site").get(pk=patient.pk)
    return _with_contacts([locked])[0]


def _with_contacts(patients: list[Patient]) -> list[ExistingPatient]:
    contacts = defaultdict(list)
    for contact in Contact.objects.with_consent().filter(patient__in=patients):
        contacts[contact.patient_id].append(contact)
    return [ExistingPatient(patient, contacts[patient.pk]) for patient in patients]
