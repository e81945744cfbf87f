"""What a clinic may rely on when it imports new patients, whatever the format."""

from datetime import date

import pytest

from clinic.exchange.import_rows import Why
from patients.models import Contact, Patient
from tests.exchange.importing import AGREED, a_row, by, consent_of, outcomes, site, take, whys
from tests.given import a_site, a_staff_member, phone

__all__ = ["by", "site"]
pytestmark = pytest.mark.django_db


def test_a_new_patient_is_registered_with_contacts_that_stay_silent_without_consent(site, by):
    report = take(a_row(emails=("ana@example.org",)), site=site, by=by)

    patient = Patient.objects.for_site(site).get(number="A-1")
    assert outcomes(report) == ["added"]
    assert [contact.address for contact in patient.contacts.all()] == [phone(10), "ana@example.org"]
    assert {consent_of(contact) for contact in patient.contacts.all()} == {None}
    assert report.exit_code == 0


def test_consent_is_recorded_word_for_word_where_it_is_given_for_the_import(site, by):
    take(a_row(), site=site, by=by, agreed=AGREED)

    event = Contact.objects.get().consent_events.get()
    assert (event.kind, event.source, event.wording, event.by) == ("given", "import", AGREED.wording, by)


def test_nobody_who_said_no_in_the_file_is_given_consent(site, by):
    take(a_row(consent=False), a_row(3, number="A-2", consent=True), site=site, by=by, agreed=AGREED)

    assert [consent_of(contact) for contact in Contact.objects.order_by("patient__number")] == [None, "given"]


def test_a_yes_without_words_is_no_consent_and_says_so(site, by):
    report = take(a_row(consent=True), site=site, by=by)

    assert whys(report.rows[0]) == [Why.CONSENT]
    assert consent_of(Contact.objects.get()) is None


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"dead": True}, Why.DEAD),
        ({"in_use": False}, Why.INACTIVE),
        ({"birth_date": date(2015, 1, 1)}, Why.MINOR),
        ({"birth_date": date(2027, 1, 1)}, Why.DATE),
        ({"birth_date": date(1815, 1, 1)}, Why.DATE),
        ({"birth_date": None}, Why.MISSING),
        ({"number": ""}, Why.MISSING),
        ({"given_name": "", "family_name": ""}, Why.MISSING),
        ({"number": "9" * 65}, Why.NUMBER),
        ({"given_name": "A" * 81}, Why.NAME),
        ({"family_name": "Ru\x00iz"}, Why.NAME),
        ({"language": "english-please"}, Why.LANGUAGE),
        ({"time_zone": "Mars/Olympus"}, Why.TIME_ZONE),
        ({"phones": ()}, Why.NO_CONTACT),
    ],
)
def test_a_refused_row_says_why_and_writes_nothing(site, by, facts, why):
    report = take(a_row(**facts), site=site, by=by)

    assert whys(report.rows[0]) == [why]
    assert outcomes(report) == ["refused"]
    assert not Patient.objects.exists()
    assert report.exit_code == 1


def test_everything_wrong_with_a_row_is_said_at_once_worst_first(site, by):
    report = take(
        a_row(given_name="", family_name="", phones=("555-907-9875",), emails=("ana at example",)), site=site, by=by
    )

    assert whys(report.rows[0]) == [Why.MISSING, Why.NO_CONTACT, Why.PHONE, Why.EMAIL]


def test_a_minor_is_taken_where_minors_are_treated(by):
    children = a_site("children", treats_minors=True)
    doctor = a_staff_member(children)

    report = take(a_row(birth_date=date(2015, 1, 1)), site=children, by=doctor)

    assert outcomes(report) == ["added"]


@pytest.mark.parametrize(
    "typed", ["1.2025550123E+10", "2.02555012E9", "12345", "call me", "202-555-0123 ext 5", "+442079460000"]
)
def test_an_invalid_phone_beside_a_valid_address_is_a_warning(site, by, typed):
    report = take(a_row(phones=(typed,), emails=("ana@example.org",)), site=site, by=by)

    assert outcomes(report) == ["added"]
    assert whys(report.rows[0]) == [Why.PHONE]
    assert Contact.objects.get().address == "ana@example.org"


def test_the_next_number_is_taken_where_the_best_one_is_invalid(site, by):
    report = take(a_row(phones=("555-907-9875", phone(11), phone(12))), site=site, by=by)

    assert whys(report.rows[0]) == [Why.PHONE]
    assert [contact.address for contact in Contact.objects.all()] == [phone(11)]


def test_numbers_without_plus_belong_to_the_site_s_country():
    paris = a_site("paris", country="FR")

    take(a_row(phones=("06 12 34 56 78",)), site=paris, by=a_staff_member(paris))

    assert Contact.objects.get().address == "+33612345678"


def test_who_cannot_be_reached_is_taken_only_when_asked_for(site, by):
    refused = take(a_row(phones=("555-907-9875",)), site=site, by=by)
    taken = take(a_row(phones=("555-907-9875",)), site=site, by=by, without_contact=True)

    assert (outcomes(refused), outcomes(taken)) == (["refused"], ["added"])
    assert whys(taken.rows[0]) == [Why.NO_CONTACT, Why.PHONE]
    assert not Contact.objects.exists()


def test_a_language_the_clinic_does_not_write_in_is_a_warning(site, by):
    other = a_row(3, number="A-2", given_name="Eva", phones=(phone(11),), language="es-MX")
    report = take(a_row(language="pl"), other, site=site, by=by)

    assert [whys(row) for row in report.rows] == [[Why.LANGUAGE], []]
