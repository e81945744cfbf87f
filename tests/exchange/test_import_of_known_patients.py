"""A known patient imported again: what is new is brought over, what a person or the patient decided is not undone."""

from datetime import date, timedelta

import pytest

from clinic.exchange.import_rows import IncomingPatient, Place, Why
from patients import actions as care
from patients.models import Contact
from reminders import actions
from reminders.plan.models import Reminder
from tests.exchange.importing import AGREED, a_row, by, consent_of, outcomes, site, take, whys
from tests.given import NOW, a_patient, a_phone, an_email, an_enrolment, phone

__all__ = ["by", "site"]
pytestmark = pytest.mark.django_db


def test_importing_twice_changes_nothing(site, by):
    rows = [a_row(emails=("ana@example.org",)), a_row(3, number="A-2", phones=("555-907-9875", phone(12)))]
    take(*rows, site=site, by=by, agreed=AGREED)
    before = list(Contact.objects.values())

    again = take(*rows, site=site, by=by, agreed=AGREED)

    assert outcomes(again) == ["unchanged", "unchanged"]
    assert list(Contact.objects.values()) == before
    assert {contact.consent_events.count() for contact in Contact.objects.all()} == {1}


def test_changed_facts_are_brought_over_and_empty_ones_left_alone(site, by):
    patient = a_patient(site, a_phone(phone(10)), by=by, number="A-1", time_zone="America/Chicago")
    row = a_row(given_name="Anna", birth_date=date(1966, 4, 2), language="es")

    report = take(row, site=site, by=by)
    again = take(row, site=site, by=by)

    patient.refresh_from_db()
    assert (outcomes(report), outcomes(again)) == (["updated"], ["unchanged"])
    assert (patient.given_name, patient.birth_date.year, patient.language) == ("Anna", 1966, "es")
    assert patient.time_zone == "America/Chicago"
    assert patient.contacts.get().language == "es"


def test_a_new_address_is_added_and_the_old_one_stays_with_a_warning(site, by):
    patient = a_patient(site, a_phone(phone(10)), by=by, number="A-1")

    report = take(a_row(phones=(phone(11),)), site=site, by=by)
    again = take(a_row(phones=(phone(11),)), site=site, by=by)

    assert (outcomes(report), outcomes(again)) == (["updated"], ["unchanged"])
    assert whys(report.rows[0]) == [Why.RECORD]
    assert [contact.address for contact in patient.contacts.all()] == [phone(10), phone(11)]


def test_a_contact_a_person_ended_stays_ended(site, by):
    patient = a_patient(site, a_phone(phone(10)), by=by, number="A-1")
    patient.contacts.update(ended_at=NOW)

    report = take(a_row(), site=site, by=by, agreed=AGREED)

    assert outcomes(report) == ["unchanged"]
    assert whys(report.rows[0]) == [Why.RECORD]
    assert patient.contacts.get().ended_at == NOW


def test_consent_is_added_where_nobody_was_asked(site, by):
    take(a_row(), site=site, by=by)

    report = take(a_row(), site=site, by=by, agreed=AGREED)

    assert outcomes(report) == ["updated"]
    assert consent_of(Contact.objects.get()) == "given"


@pytest.mark.parametrize("row", [{"phones": (phone(11),)}, {"phones": (), "emails": ("ben@example.org",)}])
def test_the_patients_consent_is_not_that_of_a_caregiver_at_the_same_address(site, by, row):
    ben = {"relationship": "caregiver", "name": "Ben", "consent_wording": ""}
    a_patient(site, a_phone(phone(11), **ben), an_email("ben@example.org", **ben), by=by, number="A-1")

    report = take(a_row(**row), site=site, by=by, agreed=AGREED)

    assert outcomes(report) == ["unchanged"]
    assert {consent_of(contact) for contact in Contact.objects.all()} == {None}


@pytest.mark.parametrize("number", ["A-1", "A-2"])
def test_an_import_never_undoes_a_stop_not_even_for_somebody_else_at_that_number(site, by, number):
    patient = a_patient(site, a_phone(phone(10)), by=by, number="A-1")
    care.withdraw_consent(patient.contacts.all(), source="sms", wording="STOP", by=None, now=NOW)

    take(a_row(number=number), site=site, by=by, agreed=AGREED)

    assert "given" not in {consent_of(contact) for contact in Contact.objects.all()}


def test_a_no_in_the_file_where_consent_is_on_record_is_left_to_a_person(site, by):
    a_patient(site, a_phone(phone(10)), by=by, number="A-1")

    report = take(a_row(consent=False), site=site, by=by)

    assert whys(report.rows[0]) == [Why.CONSENT]
    assert consent_of(Contact.objects.get()) == "given"


def test_a_death_in_the_file_ends_every_plan_even_if_the_row_is_otherwise_no_good(site, by):
    surgery = an_enrolment(site, a_phone(phone(10)), by=by)
    row = IncomingPatient(Place(2), number=surgery.patient.number, dead=True)

    report = take(row, site=site, by=by)
    again = take(row, site=site, by=by)

    surgery.patient.refresh_from_db()
    assert (outcomes(report), outcomes(again)) == (["updated"], ["unchanged"])
    assert surgery.patient.status == "deceased"
    assert not Reminder.objects.filter(surgery=surgery, status="planned").exists()


def test_a_patient_recorded_as_deceased_is_not_brought_back(site, by):
    patient = a_patient(site, a_phone(phone(10)), by=by, number="A-1")
    actions.set_patient_status(patient, status="deceased", by=by, now=NOW)

    report = take(a_row(), site=site, by=by)

    patient.refresh_from_db()
    assert patient.status == "deceased"
    assert whys(report.rows[0]) == [Why.RECORD]


def test_a_known_patient_whose_address_became_invalid_is_kept_with_a_warning(site, by):
    patient = a_patient(site, a_phone(phone(10)), by=by, number="A-1")

    report = take(a_row(phones=("555-907-9875",)), site=site, by=by)

    assert outcomes(report) == ["unchanged"]
    assert whys(report.rows[0]) == [Why.NO_CONTACT, Why.PHONE]
    assert patient.contacts.count() == 1


def test_a_known_minor_is_kept_when_the_site_no_longer_treats_minors(site, by):
    site.treats_minors = True
    site.save()
    born = site.today(NOW) - timedelta(days=4000)
    a_patient(site, a_phone(phone(10)), by=by, number="A-1", birth_date=born)
    site.treats_minors = False
    site.save()

    assert outcomes(take(a_row(birth_date=born), site=site, by=by)) == ["unchanged"]
