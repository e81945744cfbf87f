"""Register, find, reach, consent."""

import pytest

from patients.models import Patient
from tests import given
from tests.api.problems import named, problem, rows

URL = "/api/v1/patients/"
CONSENT = {"source": "paper", "wording": "I agree."}


def a_body(**facts):
    body = {"site": "riverside", "number": "A-77", "given_name": "Ana", "family_name": "Ruiz"}
    contacts = [{"phone": "(202) 555-0123", "consent": CONSENT}]
    return body | {"birth_date": "1965-04-02", "contacts": contacts} | facts


def test_a_patient_is_registered_with_contacts_and_consent(as_, colleague):
    caregiver = {"email": "luis@example.org", "relationship": "caregiver", "name": "Luis", "scope": "visits"}
    body = a_body(language="es", contacts=[{"phone": "(202) 555-0123", "consent": CONSENT}, caregiver])

    answer = as_(colleague).post(URL, body)

    assert answer.status_code == 201
    phone, email = answer.json()["contacts"]
    assert (phone["phone"], phone["consent"], phone["language"]) == ("+12025550123", "given", "es")
    assert phone["consent_events"][0]["by"] == str(colleague)
    assert (email["channel"], email["consent"], email["scope"]) == ("email", "never_asked", "visits")


def test_a_number_that_is_taken_is_a_409_that_leads_to_the_patient(as_, colleague):
    client = as_(colleague)
    first = client.post(URL, a_body()).json()

    answer = client.post(URL, a_body(given_name="Eva"))

    assert "number" in named(answer, 409)["#/number"]
    assert answer.json()["existing"].endswith(f"{URL}{first['id']}/")
    assert Patient.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "pointer", "sentence"),
    [
        ({"contacts": [{"phone": "12"}]}, "#/contacts/0/phone", "+1 202-555-0123"),
        ({"contacts": [{"phone": "2.02555E+10"}]}, "#/contacts/0/phone", "format the column as text"),
        ({"contacts": [{"email": "ana@"}]}, "#/contacts/0/email", "name@example.org"),
        ({"contacts": [{}]}, "#/contacts/0", "one phone number or one e-mail"),
        ({"contacts": [{"email": "a@example.org", "phone": "+12025550123"}]}, "#/contacts/0", "not both"),
        ({"contacts": [{"phone": "+12025550123"}, {"phone": "202-555-0123"}]}, "#/contacts/1", "twice"),
        ({"contacts": [{"phone": "+12025550123", "consent": {"source": "paper"}}]},
         "#/contacts/0/consent/wording", "required"),
        ({"contacts": [{"phone": "+12025550123", "consent": {"source": "dream", "wording": "x"}}]},
         "#/contacts/0/consent/source", "paper, verbal, import"),
        ({"contacts": [{"fone": "+12025550123"}]}, "#/contacts/0/fone", "Did you mean “phone”?"),
        ({"time_zone": "Mars/Phobos"}, "#/time_zone", "America/New_York"),
        ({"language": "english"}, "#/language", "BCP 47"),
        ({"birth_date": "1965-02-30"}, "#/birth_date", "a day that exists"),
        ({"birth_date": "2190-01-01"}, "#/birth_date", "future"),
        ({"birth_date": "2020-01-01"}, "#/birth_date", "Under 18"),
        ({"site": "lakeside"}, "#/site", "You work at no site"),
        ({"familyname": "Ruiz"}, "#/familyname", "Did you mean “family_name”?"),
        ({"number": 5}, "#/number", "in quotes"),
        ({"given_name": "", "family_name": ""}, "#/given_name", "only one"),
        ({"given_name": "a\x00"}, "#/given_name", "Null"),
    ],
)  # fmt: skip
def test_bad_input_names_the_field_and_says_what_would_be_right(as_, colleague, facts, pointer, sentence):
    answer = as_(colleague).post(URL, a_body(**facts))

    assert sentence in named(answer)[pointer]
    assert not Patient.objects.exists()


def test_patients_are_found_by_name_number_or_phone_in_the_body(as_, colleague, site):
    given.a_patient(site, given.a_phone("+12025550188"), by=colleague, number="X-9", given_name="Eva")
    given.a_patient(site, by=colleague, given_name="Ana")
    client = as_(colleague)

    for words in ("eva", "x-9", "ruiz 0188"):
        assert [p["given_name"] for p in rows(client.post(f"{URL}search/", {"words": words}))] == ["Eva"], words
    assert "Known here" in named(client.get(f"{URL}?surname=Ruiz"))["surname"]


def test_no_address_carries_a_name(as_, colleague, site):
    for _ in range(3):
        given.a_patient(site, by=colleague)

    page = as_(colleague).get(f"{URL}?page_size=1").json()

    assert "Ruiz" not in page["next"]
    assert "A-" not in page["next"]


def test_a_contact_is_added_and_consent_given_and_withdrawn(as_, colleague, surgery):
    client, patient = as_(colleague), f"{URL}{surgery.patient_id}/"

    contact = client.post(f"{patient}contacts/", {"email": "ana@example.org"}).json()
    asked = client.post(f"{patient}contacts/{contact['id']}/consent/give/", CONSENT).json()
    stopped = client.post(
        f"{patient}contacts/{contact['id']}/consent/withdraw/", {"source": "verbal", "wording": "Please stop."}
    ).json()

    assert [contact["consent"], asked["consent"], stopped["consent"]] == ["never_asked", "given", "withdrawn"]
    assert [event["kind"] for event in stopped["consent_events"]] == ["given", "withdrawn"]
    assert len(client.get(f"{patient}contacts/").json()) == 2
    assert "consent" in named(client.post(f"{patient}contacts/", {"email": "ana@example.org"}), 409)["#/email"]


def test_a_contact_of_another_patient_is_not_there(as_, colleague, surgery, site):
    other = given.a_patient(site, by=colleague).contacts.get()

    url = f"{URL}{surgery.patient_id}/contacts/{other.pk}/consent/withdraw/"

    problem(as_(colleague).post(url, CONSENT), 404)


def test_when_a_patient_has_died_every_plan_ends(as_, colleague, surgery):
    answer = as_(colleague).post(f"{URL}{surgery.patient_id}/status/", {"status": "deceased"})

    assert answer.json()["status"] == "deceased"
    assert not surgery.reminders.planned().exists()
