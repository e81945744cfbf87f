"""Who may be registered already is a 409 that lists the candidates, until the caller insists."""

import pytest
import yaml

from patients.models import Patient, Surgery
from tests import given
from tests.api.problems import problem
from tests.api.test_enrolling import URL as SURGERIES
from tests.api.test_enrolling import body, signed
from tests.api.test_patients import URL, a_body

__all__ = ["body", "signed"]
AGAIN = {"number": "A-78", "given_name": "ANA", "contacts": []}


@pytest.fixture
def first(as_, colleague):
    return as_(colleague).post(URL, a_body()).json()


def test_a_second_number_for_one_person_is_refused_until_somebody_insists(as_, colleague, first):
    refused = problem(as_(colleague).post(URL, a_body(**AGAIN)), 409)
    assert refused["errors"][0]["pointer"] == "#/insist"
    assert refused["candidates"] == [{"id": first["id"], "number": "A-77", "why": ["same_name_and_birth_date"]}]

    insisted = as_(colleague).post(URL, a_body(**AGAIN, insist=True))

    assert insisted.status_code == 201
    assert Patient.objects.count() == 2


def test_phone_and_near_number_are_named_and_another_site_is_not_told(as_, colleague, stranger, first):
    alike = a_body(number="a 77", given_name="Eva", family_name="Holm")
    told = problem(as_(colleague).post(URL, alike), 409)
    assert told["candidates"][0]["why"] == ["same_phone_and_birth_date", "nearly_the_same_number"]

    there = as_(stranger).post(URL, alike | {"site": "lakeside"})

    assert there.status_code == 201
    assert problem(as_(stranger).post(URL, alike), 400).get("candidates") is None


def test_an_enrolment_is_refused_and_insisted_on_in_the_same_way(as_, colleague, first, body):
    twin = {"new_patient": a_body(**AGAIN)}
    for url in (SURGERIES, f"{SURGERIES}preview/"):
        refused = problem(as_(colleague).post(url, body | twin), 409)
        assert refused["candidates"][0]["id"] == first["id"]
        assert refused["errors"][0]["pointer"] == "#/new_patient/insist"
    assert not Surgery.objects.exists()

    twin["new_patient"] |= {"insist": True}
    repeated = {"HTTP_IDEMPOTENCY_KEY": "order-1"}
    answers = [as_(colleague).post(SURGERIES, body | twin, **repeated) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert Surgery.objects.count() == 1


def test_a_twins_address_is_named_before_it_is_added(as_, colleague, stranger, first):
    other = as_(colleague).post(URL, a_body(**AGAIN, insist=True)).json()
    contacts, phone = f"{URL}{other['id']}/contacts/", {"phone": first["contacts"][0]["phone"]}
    assert as_(stranger).post(contacts, phone).status_code == 404

    refused = problem(as_(colleague).post(contacts, phone), 409)
    insisted = as_(colleague).post(contacts, phone | {"insist": True})

    assert refused["errors"][0]["pointer"] == "#/insist"
    assert [(one["id"], one["number"]) for one in refused["candidates"]] == [(first["id"], "A-77")]
    assert insisted.status_code == 201
    assert as_(colleague).post(contacts, phone | {"insist": True}).status_code == 409  # this patient has it already


def test_what_a_409_says_is_described(as_, colleague):
    described = yaml.safe_load(as_(colleague).get("/api/v1/schema/").content)
    for path in ("surgeries/", "surgeries/preview/", "patients/", "patients/{id}/contacts/"):
        answers = described["paths"][f"/api/v1/{path}"]["post"]["responses"]
        assert "candidates" in answers["409"]["description"], path
    problem_ = described["components"]["schemas"]["Problem"]["properties"]
    assert {"candidates", "existing", "running_plans"} <= problem_.keys()


def test_a_patient_who_is_known_is_enrolled_again_without_a_question(as_, owner, site, body):
    patient = given.a_patient(site, by=owner)
    given.a_patient(site, by=owner)  # alike, and that was settled

    answer = as_(owner).post(SURGERIES, {"patient": patient.pk} | {k: v for k, v in body.items() if k != "new_patient"})

    assert answer.status_code == 201
