"""Who of the site may be the person on the enrolment form, and whether somebody said that it is another one."""

from collections.abc import Iterable
from typing import Any

from clinic.staff.enrol.contact_forms import ContactForm
from clinic.staff.enrol.forms import PatientForm
from patients.models import Patient, Site
from patients.patient_matching import Candidate, PersonFacts, candidates

FIELD = "another_person"  # its value: the keys of the candidates that were shown when the box was ticked


class AlikePeople:
    """`found` is filled by `look_up`, once enough of the form is there to look."""

    def __init__(self, data: Any, *, site: Site) -> None:
        said = (data or {}).get(FIELD, "")
        self.site, self.found = site, list[Candidate]()
        self.said_other = {int(key) for key in said.split() if key.isdigit() and len(key) < 19}

    @property
    def field(self) -> str:
        return FIELD

    @property
    def keys(self) -> str:
        return " ".join(str(one.patient.pk) for one in self.found)

    @property
    def is_settled(self) -> bool:
        """Everybody who is alike now was on the screen when somebody said that it is another person."""
        return {one.patient.pk for one in self.found} <= self.said_other

    def must_be_decided(self, patient: PatientForm, contacts: Iterable[ContactForm]) -> bool:
        self.look_up(patient, contacts)
        return not self.is_settled

    def look_up(self, patient: PatientForm, contacts: Iterable[ContactForm]) -> None:
        """Nothing is found while name or date of birth are missing, or where the number itself is taken."""
        person = _person(patient, contacts)
        taken = person and Patient.objects.for_site(self.site).filter(number=person.number).exists()
        self.found = candidates(self.site, person) if person and not taken else []


def _person(patient: PatientForm, contacts: Iterable[ContactForm]) -> PersonFacts | None:
    patient.is_valid()
    typed = patient.cleaned_data
    given, family = typed.get("given_name", ""), typed.get("family_name", "")
    if not (given or family) or not typed.get("birth_date"):
        return None
    addresses = [form.cleaned_data.get("address") for form in contacts if form.is_valid()]
    born, known = typed["birth_date"], typed.get("birth_known", "day")
    return PersonFacts(typed.get("number", ""), given, family, born, tuple(filter(None, addresses)), known)
