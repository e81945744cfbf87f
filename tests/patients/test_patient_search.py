"""A patient is found as reception types it: in the staff search, the admin lists and the API alike."""

from datetime import date

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from patients import actions as care
from patients.models import Patient, PatientWord
from tests.given import NOW, a_patient, a_phone, a_site, a_staff_member, phone
from tests.staff.people import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

PEOPLE = {
    "José": ("José", "Núñez Álvarez"),
    "Li": ("Li", "Ng"),
    "Pat": ("Pat", "O’Brien"),
    "Ana": ("Ana María", "de la Cruz"),
    "Eva": ("Eva", "Peña-Ruiz"),
    "Yuni": ("Yuni", ""),
}
BORN = {"José": date(1965, 4, 2), "Ana": date(1971, 12, 31)}


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def surgeon(site):
    return a_staff_member(site)


@pytest.fixture
def everybody(site, surgeon):
    for n, (key, (given, family)) in enumerate(PEOPLE.items()):
        born = BORN.get(key, date(1950, 1, 1 + n))
        names = {"given_name": given, "family_name": family, "number": f"N-{n}7"}
        a_patient(site, a_phone(phone(20 + n)), by=surgeon, birth_date=born, **names)


def found(words, staff):
    rows = Patient.objects.for_staff(staff).matching(words)
    return {next(key for key, names in PEOPLE.items() if (p.given_name, p.family_name) == names) for p in rows}


@pytest.mark.parametrize(
    ("typed", "who"),
    [
        ("nunez", "José"), ("NÚÑEZ", "José"), ("álvarez josé", "José"), ("ÁLVAREZ", "José"), ("alvarez, j", "José"),
        ("Ng, Li", "Li"), ("li ng", "Li"), ("O'Brien", "Pat"), ("obrien", "Pat"), ("O Brien", "Pat"), ("o’bri", "Pat"),
        ("delacruz", "Ana"), ("cruz ana maria", "Ana"), ("pena ruiz", "Eva"), ("Peña-Ruiz, Eva", "Eva"),
        ("yuni", "Yuni"),
        ("1965-04-02", "José"), ("2.4.1965", "José"), ("April 2, 1965", "José"), ("2 abril 1965", "José"),
        ("nunez 4/2/65", "José"), ("12/31/1971", "Ana"), ("1971 cruz", "Ana"), ("n-17", "Li"), ("N17", "Li"),
        ("202-555-0121", "Li"), ("0121", "Li"), ("+1 (202) 555 0121", "Li"), ("li 0121", "Li"),
        ("nunes", "José"), ("nuñze", "José"), ("alvrez", "José"), ("alvarrez jose", "José"), ("obrein", "Pat"),
    ],
)  # fmt: skip
def test_a_patient_is_found_by_what_people_type(everybody, surgeon, typed, who):
    assert found(typed, surgeon) == {who}


@pytest.mark.parametrize("typed", ["", " , ", "xqzzkw", "nunez 1966", "nunez ng", "01/01/1900", "nxnxz"])
def test_who_does_not_fit_every_word_is_not_found(everybody, surgeon, typed):
    assert found(typed, surgeon) == set()


def test_a_name_that_is_typed_right_does_not_bring_its_neighbours(site, surgeon):
    for family in ("Marin", "Martin", "Marino"):
        a_patient(site, by=surgeon, family_name=family)

    assert {p.family_name for p in Patient.objects.for_staff(surgeon).matching("martin")} == {"Martin"}
    assert {p.family_name for p in Patient.objects.for_staff(surgeon).matching("marrtin")} == {"Martin"}


def test_only_patients_of_the_readers_sites_are_found_by_page_admin_and_api(site, surgeon):
    a_patient(site, by=surgeon, given_name="Zoë", family_name="Bradañez")
    people = {
        surgeon: True,
        a_staff_member(site, "reception"): True,
        a_staff_member(a_site("lakeside"), "manager"): False,
    }
    for staff, sees in people.items():
        desk, client = signed_in(staff), APIClient()
        client.force_authenticate(staff)
        for typed in ("bradanez, zoe", "bradanes"):
            board = desk.post(reverse("staff:board-search"), {"words": typed}).content.decode()
            admin = desk.get(reverse("admin:patients_patient_changelist"), {"q": typed}).content.decode()
            api = client.post("/api/v1/patients/search/", {"words": typed}, format="json").json()["results"]

            assert ("Bradañez" in board, "Bradañez" in admin, len(api) == 1) == (sees, sees, sees), typed


def test_the_words_follow_every_way_in_which_a_name_is_written(site, surgeon):
    patient = a_patient(site, by=surgeon, given_name="Ana", family_name="Ruiz")
    care.correct(patient, by=surgeon, now=NOW, family_name="Sol Peña")
    assert words_of(patient) == {"ana", "sol", "pena", "solpena"}

    Patient.objects.filter(pk=patient.pk).update(given_name="Eva", family_name="Łuk")
    assert words_of(patient) == {"eva", "luk"}

    facts = {"site": site, "birth_date": date(1950, 1, 1), "created_at": NOW}
    [more] = Patient.objects.bulk_create([Patient(number="B-1", given_name="Tom", family_name="Ng", **facts)])
    assert words_of(more) == {"tom", "ng"}
    assert list(Patient.objects.for_staff(surgeon).matching("ng tom")) == [more]


def words_of(patient):
    return set(PatientWord.objects.filter(patient=patient).values_list("word", flat=True))
