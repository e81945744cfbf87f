"""A number without + belongs to the site's country, whichever way it comes in. In Mexico ten digits are a number that
is valid in New Jersey too."""

import pytest
from rest_framework.test import APIClient

from clinic.exchange.import_rows import IncomingPatient, Place
from clinic.exchange.row_checks import ImportRules, judge
from clinic.staff.enrol.contact_forms import CaregiverForm, PhoneForm
from patients import actions as care
from patients.models import Site
from reminders import enrolment
from tests.given import NOW, a_new_patient, a_patient, a_phone, a_site, a_staff_member
from tests.staff.admin_pages import change, form_of
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db
TYPED, MEXICAN = "55 1234 5678", "+525512345678"


@pytest.fixture
def site():
    return a_site("cdmx", country="MX", time_zone="America/Mexico_City")


@pytest.fixture
def manager(site):
    return a_staff_member(site, "manager")


def test_actions_and_forms_read_it_with_the_sites_country(site, manager):
    patient = a_patient(site, a_phone(TYPED), by=manager)
    care.add_contact(patient, by=manager, now=NOW, phone="55 1234 5679", relationship="caregiver")

    assert [one.address for one in patient.contacts.order_by("pk")] == [MEXICAN, "+525512345679"]
    for form in (PhoneForm, CaregiverForm):
        asked = form({f"{form({}, site=site).prefix}-address": TYPED}, site=site)
        asked.full_clean()
        assert asked.cleaned_data["address"] == MEXICAN
    alike = a_new_patient(a_phone(TYPED), given_name="Eva", family_name="Sol")
    assert [one.patient for one in enrolment.who_may_be_meant(site, alike)] == [patient]
    assert enrolment.recipients([a_phone(TYPED)], "es", site=site)[0].address == MEXICAN


def test_the_api_reads_it_with_the_sites_country(site, manager):
    client = APIClient()
    client.force_authenticate(manager)
    body = {"site": "cdmx", "number": "A-1", "given_name": "Ana", "family_name": "Sol", "birth_date": "1965-04-02"}

    new = client.post("/api/v1/patients/", body | {"contacts": [{"phone": TYPED}]}, format="json")
    more = client.post(f"/api/v1/patients/{new.json()['id']}/contacts/", {"phone": "55 1234 5679"}, format="json")
    nowhere = client.post("/api/v1/patients/", body | {"site": "oz", "contacts": [{"phone": TYPED}]}, format="json")

    assert new.json()["contacts"][0]["phone"] == MEXICAN
    assert more.json()["phone"] == "+525512345679"
    assert [error["pointer"] for error in nowhere.json()["errors"]] == ["#/site"]


def test_the_import_reads_it_with_the_sites_country(site):
    rules = ImportRules(today=site.today(NOW), region=site.country)

    assert judge(IncomingPatient(Place(1), phones=(TYPED,)), rules).phone == MEXICAN


def test_the_sites_own_number_is_read_with_its_country_and_refused_with_the_reason(site, manager):
    client, page = signed_in(manager), change(site)

    right = client.post(page, form_of(client, page) | {"phone": TYPED})
    wrong = client.post(page, form_of(client, page) | {"phone": f"{TYPED} (recepción)"})

    assert right.status_code == 302, right.context["errors"]
    assert Site.objects.get(pk=site.pk).phone.as_e164 == MEXICAN
    assert "words behind the number" in wrong.content.decode()
