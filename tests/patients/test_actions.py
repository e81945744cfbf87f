"""What may happen to patients, contacts and visits, and who is written down for it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from patients import actions, audit
from patients.models import Contact, Patient, Site, StaffMember
from tests import given
from tests.given import NOW


@pytest.fixture
def site(db: None) -> Site:
    return given.a_site()


@pytest.fixture
def nurse(site: Site) -> StaffMember:
    return given.a_staff_member(site, "reception")


@pytest.fixture
def patient(site: Site, nurse: StaffMember) -> Patient:
    return given.a_patient(site, given.a_phone("+12025550142"), by=nurse)


def reachable(patient: Patient) -> list[str]:
    return [contact.address for contact in Contact.objects.reachable().filter(patient=patient)]


def test_nothing_is_sent_to_a_number_nobody_agreed_to(patient: Patient, nurse: StaffMember) -> None:
    actions.add_contact(patient, phone="+12025550143", by=nurse, now=NOW)

    assert reachable(patient) == ["+12025550142"]


def test_the_latest_word_on_consent_counts(patient: Patient, nurse: StaffMember) -> None:
    contact = patient.contacts.get()

    actions.withdraw_consent([contact], source="sms", wording="STOP", by=None, now=NOW + timedelta(hours=1))
    silent = reachable(patient)
    actions.give_consent(contact, source="verbal", wording="Yes please", by=nurse, now=NOW + timedelta(hours=2))

    assert (silent, reachable(patient)) == ([], ["+12025550142"])


def test_who_is_reached_has_agreed_is_in_use_and_is_not_known_to_be_dead(patient: Patient) -> None:
    for trouble in ("ended_at", "unusable_since"):
        patient.contacts.update(**{trouble: NOW})
        assert reachable(patient) == [], trouble
        patient.contacts.update(**{trouble: None})

    assert reachable(patient) == ["+12025550142"]


def test_consent_keeps_the_words_it_was_given_in(patient: Patient, nurse: StaffMember) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.give_consent(patient.contacts.get(), source="verbal", wording="", by=nurse, now=NOW)

    assert "wording" in refusal.value.message_dict


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"phone": "+12025550144", "email": "ana@example.org"}, "Enter either a phone number or an e-mail address."),
        ({}, "Enter either a phone number or an e-mail address."),
        ({"phone": "12"}, "like +1 202-555-0123"),
        ({"email": "ana@"}, "valid email address"),
        ({"phone": "+12025550144", "language": "English"}, "BCP 47"),
        ({"phone": "(202) 555-0142"}, "already has this phone number. Change that contact instead."),
    ],
)
def test_a_contact_is_one_number_or_one_address(
    patient: Patient, nurse: StaffMember, facts: dict[str, str], said: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.add_contact(patient, by=nurse, now=NOW, **facts)

    assert any(said in message for message in refusal.value.messages), refusal.value.messages


def test_a_contact_speaks_the_patients_language_unless_told_otherwise(site: Site, nurse: StaffMember) -> None:
    patient = given.a_patient(site, given.a_phone(), given.an_email(language="en"), by=nurse, language="es")

    assert sorted(patient.contacts.values_list("language", flat=True)) == ["en", "es"]


@pytest.mark.parametrize(
    ("born", "age"), [(date(2008, 3, 2), 18), (date(2008, 3, 3), 17), (date(2008, 2, 29), 18), (date(1926, 3, 2), 100)]
)
def test_age_is_counted_in_birthdays(born: date, age: int) -> None:
    assert Patient(birth_date=born).age(date(2026, 3, 2)) == age


def test_a_site_that_treats_minors_registers_them(site: Site, nurse: StaffMember) -> None:
    facts = {"birth_date": date(2012, 1, 1)}
    with pytest.raises(ValidationError, match="A manager can change that on the site"):
        given.a_patient(site, by=nurse, **facts)

    site.treats_minors = True
    site.save()

    assert given.a_patient(site, by=nurse, **facts)


def test_every_deed_says_who_and_when(patient: Patient, nurse: StaffMember) -> None:
    verbs = [(entry.verb, entry.by, entry.at) for entry in audit.history(patient)]

    assert verbs == [(verb, nurse, NOW) for verb in ("registered", "contact added", "consent given")]


def test_the_history_holds_no_number_and_no_name(patient: Patient) -> None:
    kept = " ".join(f"{entry.verb}{entry.details}" for entry in audit.history(patient))

    assert not [secret for secret in ("5550142", "Ana", "Ruiz", patient.number) if secret in kept]


@pytest.mark.parametrize(("role", "sees"), [("surgeon", True), ("reception", True), ("manager", True)])
def test_a_colleague_sees_the_patient_and_a_stranger_does_not(
    site: Site, patient: Patient, role: str, sees: bool
) -> None:
    colleague = given.a_staff_member(site, role)
    stranger = given.a_staff_member(given.a_site("hillside"), role)

    assert Patient.objects.for_staff(colleague).filter(pk=patient.pk).exists() is sees
    assert not Patient.objects.for_staff(stranger).exists()


def test_somebody_who_left_has_no_role_any_more(site: Site) -> None:
    surgeon = given.a_staff_member(site)
    assert (surgeon.is_at(site), surgeon.is_at(site, "surgeon"), surgeon.decides_at(site)) == (True, True, True)

    surgeon.is_active = False

    assert (surgeon.is_at(site), surgeon.is_at(site, "surgeon"), surgeon.decides_at(site)) == (False, False, False)


def test_somebody_who_left_sees_nothing_and_a_superuser_no_more_than_others(site: Site, patient: Patient) -> None:
    left, admin = given.a_staff_member(site), given.a_staff_member(given.a_site("hillside"))
    left.is_active, admin.is_superuser = False, True
    left.save()
    admin.save()

    assert not Patient.objects.for_staff(left)
    assert not Patient.objects.for_staff(admin)
