"""One mailbox is one contact with one consent, however somebody writes it down."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection

from patients import actions, shared_contacts
from patients.models import Contact, Patient, Site, StaffMember
from tests import given
from tests.given import NOW

pytestmark = pytest.mark.django_db
spell = import_module("patients.migrations.0005_mailboxes_in_one_spelling").spell


@pytest.fixture
def site() -> Site:
    return given.a_site()


@pytest.fixture
def nurse(site: Site) -> StaffMember:
    return given.a_staff_member(site)


@pytest.fixture
def patient(site: Site, nurse: StaffMember) -> Patient:
    return given.a_patient(site, given.an_email("Ana.Ruiz@Example.ORG"), by=nurse)


def test_it_is_kept_and_found_in_small_letters(patient: Patient) -> None:
    contact = Contact.objects.get(email="ANA.RUIZ@example.org")

    assert (contact.email, contact.address) == ("ana.ruiz@example.org", "ana.ruiz@example.org")
    assert Contact.objects.filter(email__in=["Ana.Ruiz@Example.ORG"]).exists()


def test_nobody_has_the_same_mailbox_twice(patient: Patient, nurse: StaffMember) -> None:
    with pytest.raises(ValidationError, match="already has this e-mail address"):
        actions.add_contact(patient, by=nurse, now=NOW, email="ANA.ruiz@example.org")


def test_two_spellings_are_seen_as_one_shared_mailbox(site: Site, nurse: StaffMember) -> None:
    written = ("Ana.Ruiz@example.org", "ana.RUIZ@example.org")
    surgeries = [given.an_enrolment(site, given.an_email(address), by=nurse) for address in written]

    (served,) = shared_contacts.people([(site.pk, "ana.ruiz@example.org")]).values()

    assert [person.patient for person in served] == [surgery.patient_id for surgery in surgeries]


def test_who_had_it_twice_before_keeps_the_one_they_agreed_to(site: Site, nurse: StaffMember, patient: Patient) -> None:
    silent = actions.add_contact(patient, by=nurse, now=NOW, email="ana@example.org")
    agreed = actions.add_contact(patient, by=nurse, now=NOW, email="ana2@example.org")
    actions.give_consent(agreed, source="paper", wording="Yes.", by=nurse, now=NOW)
    as_before({silent.pk: "Ana@Example.org", agreed.pk: "ana@example.org"})

    spell(apps, None)

    kept = dict(patient.contacts.filter(ended_at=None).values_list("pk", "email"))
    assert kept[agreed.pk] == "ana@example.org"
    assert silent.pk not in kept
    assert Contact.objects.get(pk=silent.pk).email == "ana@example.org"


def test_where_nobody_agreed_the_older_one_stays(nurse: StaffMember, patient: Patient) -> None:
    older = actions.add_contact(patient, by=nurse, now=NOW, email="leo@example.org")
    newer = actions.add_contact(patient, by=nurse, now=NOW, email="leo2@example.org")
    as_before({older.pk: "LEO@example.org", newer.pk: "Leo@example.org"})

    spell(apps, None)
    spell(apps, None)

    assert list(patient.contacts.filter(ended_at=None, email="leo@example.org")) == [older]


def as_before(spelling: dict[int, str]) -> None:
    """As rows could stand before addresses had one spelling."""
    with connection.cursor() as cursor:
        for pk, email in spelling.items():
            cursor.execute("UPDATE patients_contact SET email = %s WHERE id = %s", [email, pk])
