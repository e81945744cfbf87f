"""The forms of one enrolment together: filled in, checked, and handed to `reminders.enrolment` as one."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from clinic.staff.enrol.alike_people import AlikePeople
from clinic.staff.enrol.contact_forms import CaregiverForm, ContactForm, EmailForm, PhoneForm
from clinic.staff.enrol.forms import PatientForm, SurgeryForm
from patients.models import Patient, Site, StaffMember, Surgery
from reminders import enrolment, further_operation
from reminders.enrolment import NewContact, NewPatient, NewSurgery


class EnrolForms:
    """`known`: a patient of this site who is enrolled again; only the operation is asked for then."""

    def __init__(
        self, data: Any = None, *, site: Site, staff: StaffMember, now: datetime, known: Patient | None = None
    ) -> None:
        self.site, self.known = site, known
        self.surgery = SurgeryForm(data, site=site, staff=staff, today=site.today(now))
        self.patient = PatientForm(data, site=site)
        self.phone, self.email = PhoneForm(data, site=site), EmailForm(data, site=site)
        self.caregiver = CaregiverForm(data, site=site)
        self.problems: list[str] = []
        self.alike = AlikePeople(data, site=site)

    @property
    def contacts(self) -> list[ContactForm]:
        return [self.phone, self.email, self.caregiver]

    @property
    def asked(self) -> list[forms.Form]:
        return [self.surgery] if self.known else [self.patient, *self.contacts, self.surgery]

    @cached_property
    def running(self) -> list[Surgery]:
        """Operations of a known patient whose plans run: what becomes of them is asked."""
        return further_operation.running(self.known) if self.known else []

    @property
    def has_health(self) -> bool:
        """Whether any health fact is filled in, so that the section is shown open."""
        said = [self.surgery["levels"], self.surgery["asa_class"], self.patient["bmi_band"], self.patient["conditions"]]
        return any(field.value() or field.errors for field in said)

    def is_valid(self) -> bool:
        wrong = [form for form in self.asked if not form.is_valid()]  # asks each one: all say what is wrong
        return (self.known is not None or self._no_address_twice()) and not wrong

    def _no_address_twice(self) -> bool:
        own = {self.phone.cleaned_data.get("address"), self.email.cleaned_data.get("address")} - {"", None}
        if self.caregiver.cleaned_data.get("address") in own:
            self.caregiver.add_error(
                "address", "This is the patient's own number or address. Enter the caregiver's, or leave it empty."
            )
            return False
        return True

    def new_contacts(self) -> list[NewContact]:
        return [new for form in self.contacts if (new := form.new()) is not None]

    def new_patient(self) -> NewPatient:
        return NewPatient(**self.patient.cleaned_data, contacts=self.new_contacts())

    def enrol(self, *, by: StaffMember, now: datetime) -> Surgery | None:
        """Enrol, or return None with the errors at their fields."""
        if not self.is_valid() and not self._is_repeat():
            return None
        if self.known is None and self.alike.must_be_decided(self.patient, self.contacts):
            return None
        new = NewSurgery(**self.surgery.cleaned_data)
        try:
            return enrolment.enrol(self.known or self.new_patient(), new, site=self.site, by=by, now=now)
        except ValidationError as error:
            self._take(error)
            return None

    def _is_repeat(self) -> bool:
        """The second of two clicks finds its own patient already there: that alone is no mistake."""
        if self.known or not self.patient.known or not self.surgery.is_valid():
            return False
        key = self.surgery.cleaned_data["key"]
        if not Surgery.objects.for_site(self.site).filter(enrolment_key=key, patient=self.patient.known).exists():
            return False
        self.known = self.patient.known
        return True

    def _take(self, error: ValidationError) -> None:
        for name, sentences in _by_field(error):
            form = next((form for form in self.asked if name in form.fields), None)
            if form is None:
                self.problems += sentences
            else:
                form.add_error(name, sentences)


def _by_field(error: ValidationError) -> Iterator[tuple[str, list[str]]]:
    found: Iterable[tuple[str, list[str]]] = (
        error.message_dict.items() if hasattr(error, "error_dict") else [(NON_FIELD_ERRORS, error.messages)]
    )
    yield from found
