"""What a clinic may rely on when it imports patients, whatever the format."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic.exchange import intake
from clinic.exchange.addresses import Agreed
from clinic.exchange.incoming import IncomingPatient, Place, UnusableInput, Why
from clinic.exchange.report import Outcome
from patients import actions as care
from patients.models import Contact, Patient
from reminders import actions
from reminders.plan.models import Reminder
from tests.given import NOW, a_patient, a_phone, a_site, a_staff_member, an_email, an_enrolment, phone

pytestmark = pytest.mark.django_db
AGREED = Agreed("I agree to get care messages.", "import")


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def by(site):
    return a_staff_member(site, "surgeon")


def a_row(line=2, **facts):
    values = {"number": "A-1", "given_name": "Ana", "family_name": "Ruiz", "birth_date": date(1965, 4, 2)}
    return IncomingPatient(Place(line), **(values | {"language": "en", "phones": (phone(10),)} | facts))


def take(*rows, site, by, **options):
    return intake.take(rows, site=site, by=by, now=NOW, **options)


def outcomes(report):
    return [row.outcome.value for row in report.rows]


def whys(row):
    return [fault.why for fault in (*row.faults, *row.warnings)]


def consent_of(contact):
    return Contact.objects.with_consent().get(pk=contact.pk).consent_kind


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
        ({"given_name": ""}, Why.MISSING),
        ({"family_name": ""}, Why.MISSING),
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
    report = take(a_row(given_name="", phones=("555-907-9875",), emails=("ana at example",)), site=site, by=by)

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
    report = take(a_row(language="pl"), a_row(3, number="A-2", language="es-MX"), site=site, by=by)

    assert [whys(row) for row in report.rows] == [[Why.LANGUAGE], []]


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


def test_one_number_on_two_different_people_refuses_both(site, by):
    report = take(a_row(2), a_row(3, given_name="Bo"), a_row(4, number="A-2"), site=site, by=by)

    assert outcomes(report) == ["refused", "refused", "added"]
    assert [fault.why for row in report.refused for fault in row.faults] == [Why.DUPLICATE, Why.DUPLICATE]
    assert "line 3" in report.rows[0].faults[0].says


def test_the_same_person_twice_is_taken_once(site, by):
    report = take(a_row(2), a_row(5), site=site, by=by)

    assert outcomes(report) == ["added", "refused"]
    assert "line 2" in report.rows[1].faults[0].says


def test_a_dry_run_says_the_same_and_writes_nothing(site, by):
    known = a_patient(site, a_phone(phone(20)), by=by, number="K-1")
    rows = [a_row(), a_row(3, number="A-2", dead=True), a_row(4, number="K-1"), a_row(5, number="K-2", phones=())]

    dry = take(*rows, site=site, by=by, dry_run=True)
    unwritten = Patient.objects.count()
    real = take(*rows, site=site, by=by)

    known.refresh_from_db()
    assert dry.rows == real.rows
    assert outcomes(real) == ["added", "refused", "updated", "refused"]
    assert unwritten == 1


def test_an_interrupted_run_keeps_what_it_did_and_can_be_repeated(site, by):
    rows = [a_row(line, number=f"A-{line}") for line in range(2, 6)]

    def interrupting(items, label, total=None):
        for done, item in enumerate(items, start=1):
            yield item
            if label == "Taking" and done == 2:
                raise KeyboardInterrupt

    stopped = take(*rows, site=site, by=by, each=interrupting)
    again = take(*rows, site=site, by=by)

    assert (stopped.interrupted, stopped.exit_code, outcomes(stopped)) == (True, 130, ["added", "added"])
    assert outcomes(again) == ["unchanged", "unchanged", "added", "added"]


def test_a_colleague_of_the_site_may_import_and_a_stranger_may_not(site, by):
    colleague, stranger = a_staff_member(site, "reception"), a_staff_member(a_site("elsewhere"))

    assert outcomes(take(a_row(), site=site, by=colleague)) == ["added"]
    with pytest.raises(UnusableInput, match="does not work at"):
        take(a_row(number="A-2"), site=site, by=stranger)


def test_the_same_number_at_another_site_is_another_patient(site, by):
    elsewhere = a_site("elsewhere")
    a_patient(elsewhere, an_email(), by=a_staff_member(elsewhere), number="A-1", given_name="Bo")

    report = take(a_row(), site=site, by=by)

    assert outcomes(report) == ["added"]
    assert Patient.objects.for_site(elsewhere).get().given_name == "Bo"


def test_a_known_minor_is_kept_when_the_site_no_longer_treats_minors(site, by):
    site.treats_minors = True
    site.save()
    born = site.today(NOW) - timedelta(days=4000)
    a_patient(site, a_phone(phone(10)), by=by, number="A-1", birth_date=born)
    site.treats_minors = False
    site.save()

    assert outcomes(take(a_row(birth_date=born), site=site, by=by)) == ["unchanged"]


def test_the_report_counts_a_row_once_and_names_no_person(site, by):
    row = a_row(phones=("555-907-9875",))

    report = take(row, replace(row, place=Place(3), number="A-2"), site=site, by=by)

    said = "\n".join([*report.summary(), *report.details()])
    assert report.count(Outcome.REFUSED) == 2
    assert "2 refused: no reachable contact" in said
    assert "line 2, patient number A-1: refused, invalid phone." in said
    assert not any(secret in said for secret in ("Ana", "Ruiz", "907", "1965-04"))
