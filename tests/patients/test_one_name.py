"""Somebody with one name is registered by every way in, and greeted by it in each text, mail and page."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from rest_framework.test import APIClient

from clinic.exchange.import_rows import IncomingPatient, Place
from clinic.exchange.row_checks import ImportRules, judge
from clinic.staff.enrol.forms import PatientForm
from patients.models import Patient
from reminders.delivery.models import Delivery
from reminders.delivery.sending import texts
from tests.delivery.sending import only, ring
from tests.given import NOW, a_patient, a_site, a_staff_member, an_email, an_enrolment

pytestmark = pytest.mark.django_db
ONE_NAME = [{"given_name": "Sukarno", "family_name": ""}, {"given_name": "", "family_name": "Sukarno"}]
BORN = "1965-04-02"


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def surgeon(site):
    return a_staff_member(site)


@pytest.mark.parametrize("names", ONE_NAME)
def test_one_name_is_enough_for_actions_page_api_and_import(site, surgeon, names):
    patient = a_patient(site, by=surgeon, **names)
    form = PatientForm({"number": "B-1", "birth_date": BORN, "language": "en", **names}, site=site)
    client = APIClient()
    client.force_authenticate(surgeon)
    body = {"site": site.code, "number": "B-2", "birth_date": "1971-04-02", **names}
    answer = client.post("/api/v1/patients/", body, format="json")
    row = IncomingPatient(Place(1), "B-3", birth_date=date(1965, 4, 2), emails=("a@example.org",), **names)

    assert str(patient) == patient.greeting == "Sukarno"
    assert form.is_valid(), form.errors
    assert answer.status_code == 201, answer.json()
    assert judge(row, ImportRules(today=site.today(NOW))).faults == ()


def test_nobody_is_registered_without_any_name(site, surgeon):
    nameless = {"given_name": "\u200b", "family_name": " "}
    client = APIClient()
    client.force_authenticate(surgeon)
    body = {"site": site.code, "number": "B-2", "birth_date": BORN, **nameless}

    form = PatientForm({"number": "B-1", "birth_date": BORN, "language": "en", **nameless}, site=site)
    answer = client.post("/api/v1/patients/", body, format="json")
    with pytest.raises(ValidationError, match="only one has it"):
        a_patient(site, by=surgeon, **nameless)

    assert list(form.errors) == ["given_name"]
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/given_name"]
    assert not Patient.objects.exists()


@pytest.mark.parametrize("names", ONE_NAME)
@pytest.mark.parametrize(("language", "hello"), [("en", "Hello Sukarno,"), ("es", "Hola, Sukarno:")])
def test_mails_and_the_page_greet_by_the_only_name(site, surgeon, client, names, language, hello):
    patient = a_patient(site, an_email(), by=surgeon, language=language, **names)
    surgery = an_enrolment(site, by=surgeon, patient=patient)
    reminder = only(surgery, "walk-today")
    ring(reminder.due_at)

    mail = Delivery.objects.get(reminder=reminder)
    page = client.get(reverse("patient:page", args=[surgery.care_plan.link])).content.decode()

    assert hello in mail.text
    assert "Sukarno" in page
    assert texts.about(surgery, "email").values(language)["first_name"] == "Sukarno"
