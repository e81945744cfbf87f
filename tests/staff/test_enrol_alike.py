"""Somebody who may be registered already is named before anything is saved."""

from datetime import date

import pytest

from patients.models import Patient
from tests.given import a_new_patient, a_patient, an_enrolment
from tests.staff.enrolling import ENROL, PREVIEW, people, surgeon, text, typed

__all__ = ["people", "surgeon"]
pytestmark = pytest.mark.django_db
TWIN = {"given_name": "TOM", "family_name": "Bérg", "birth_date": date(1960, 5, 4)}


class TestAlike:
    """Somebody who may be registered already under another number."""

    @pytest.fixture
    def known(self, people):
        return an_enrolment(
            people.site, by=people.owner, patient=a_patient(people.site, by=people.owner, **TWIN)
        ).patient

    def test_a_twin_is_named_with_a_link_and_nothing_is_saved(self, people, surgeon, known):
        response = surgeon.post(ENROL, typed(people))

        shown = text(response)
        assert response.status_code == 422
        assert f"Looks like <strong>{known.number}</strong> (TOM Bérg, born 4 May 1960): same name and date" in shown
        assert f'href="/staff/enrol/?patient={known.pk}">Enrol {known.number} again' in shown
        assert Patient.objects.count() == 1
        assert "Looks like" in text(surgeon.post(PREVIEW, typed(people)))

    def test_this_is_another_person_saves_whom_was_shown_and_no_further_one(self, people, surgeon, known):
        said = typed(people, another_person=f"{known.pk}")
        later = a_patient(people.site, by=people.owner, **TWIN)
        assert f"<strong>{later.number}</strong>" in text(surgeon.post(ENROL, said))
        assert Patient.objects.count() == 2

        surgeon.post(ENROL, said | {"another_person": f"{known.pk} {later.pk}"})

        assert Patient.objects.filter(number="A-500").exists()

    def test_a_tick_stays_where_something_else_is_wrong(self, people, surgeon, known):
        ticked = typed(people, another_person=f"{known.pk}", procedure="")

        shown = text(surgeon.post(ENROL, ticked))

        assert "Choose the procedure." in shown
        assert f'value="{known.pk}" checked' in shown
        assert Patient.objects.count() == 1

    def test_a_phone_of_the_same_birth_date_is_a_warning_on_the_record(self, people, surgeon, known):
        other = an_enrolment(
            people.site, by=people.owner, patient=a_new_patient(given_name="Lea", birth_date=known.birth_date)
        )
        typed_in = {"caregiver-relationship": "self", "caregiver-address": f"{known.contacts.get().phone}"}

        page = surgeon.post(f"/staff/surgeries/{other.pk}/contacts/", typed_in, follow=True)

        assert f"Patient number {known.number}: same phone number and date of birth" in text(page)
