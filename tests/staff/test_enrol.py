"""Enrolment on one page: what was typed is kept, what is wrong is said, the plan is shown before anything is saved."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from patients import actions as care
from patients import clock
from patients.models import ConsentEvent, Contact, Patient, Procedure, Surgery
from reminders.plan.models import Reminder
from tests.given import a_patient, a_signed_version, a_site, a_staff_member, an_enrolment
from tests.staff.enrolling import ENROL, PREVIEW, people, surgeon, text, typed
from tests.staff.people import also, signed_in

__all__ = ["people", "surgeon"]
pytestmark = pytest.mark.django_db


def test_what_may_set_another_pace_is_written_down_at_once_and_proposes(people, surgeon):
    health = {"levels": "2", "asa_class": "3", "bmi_band": "35_to_40", "conditions": "diabetes"}
    shown = text(surgeon.post(ENROL, typed(people, number="", **health)))
    assert "<details open> <summary>Risk factors (optional)" in shown
    preview = text(surgeon.post(PREVIEW, typed(people, **health)))
    assert "A pace of 120 % for the phases that have not begun" in preview
    assert "Type of surgery gives 115 % (2 levels); overall health gives 120 % (ASA class 3);" in preview

    surgeon.post(ENROL, typed(people, **health))

    surgery = Surgery.objects.get()
    patient = surgery.patient
    assert (surgery.levels, surgery.asa_class, patient.bmi_band, patient.conditions) == (2, 3, "35_to_40", ["diabetes"])
    assert "2 levels; ASA class 3; BMI 35 or more; diabetes" in text(surgeon.get(f"/staff/surgeries/{surgery.pk}/"))


def test_an_asa_class_that_is_none_is_refused_with_what_would_be_right(people, surgeon):
    shown = text(surgeon.post(ENROL, typed(people, asa_class="7", levels="40")))

    assert "Choose 1 to 4" in shown
    assert "a number from 1 to 25" in shown
    assert not Surgery.objects.exists()


def test_one_page_enrols_patient_contact_consent_and_surgery(people, surgeon):
    response = surgeon.post(ENROL, typed(people))

    surgery = Surgery.objects.get()
    assert response.headers["Location"] == reverse("staff:record", args=[surgery.pk])
    assert (surgery.patient.number, surgery.surgeon, surgery.enrolled_by) == ("A-500", people.owner, people.owner)
    assert Contact.objects.get().address == "+12025550131"
    consent = ConsentEvent.objects.get()
    assert (consent.kind, consent.source, consent.wording, consent.by) == (
        "given", "paper", "I agree to texts.", people.owner,
    )  # fmt: skip
    assert surgery.care_plan.version.protocol.code == "miss-base"
    assert Reminder.objects.filter(surgery=surgery, status="planned").exists()


def test_consent_is_off_until_somebody_ticks_it(people, surgeon):
    page = text(surgeon.get(ENROL))

    for name in ("phone", "email", "caregiver"):
        box = re.search(rf'<input[^>]*name="{name}-consent"[^>]*>', page)
        assert box
        assert "checked" not in box[0]


def test_an_address_without_consent_is_kept_and_stays_silent(people, surgeon):
    surgeon.post(ENROL, typed(people, **{"phone-consent": None}))

    assert Contact.objects.count() == 1
    assert not ConsentEvent.objects.exists()


def test_a_caregiver_has_a_scope_and_consent_of_their_own(people, surgeon):
    care = {"name": "Lea Berg", "address": "lea@example.org", "scope": "visits", "language": "es"}
    agreed = {"consent": "on", "source": "verbal", "wording": "Yes, write to me."}
    surgeon.post(ENROL, typed(people, **{f"caregiver-{name}": value for name, value in (care | agreed).items()}))

    caregiver = Contact.objects.get(relationship="caregiver")
    assert (caregiver.email, caregiver.scope, caregiver.language) == ("lea@example.org", "visits", "es")
    assert ConsentEvent.objects.get(contact=caregiver).source == "verbal"


WRONG: list[tuple[dict[str, str], str]] = [
    ({"number": ""}, "Enter the clinic&#x27;s number for this patient."),
    ({"birth_date": "yesterday"}, "write it like 2026-03-02"),
    ({"birth_date": "2999-01-01"}, "is in the future"),
    ({"birth_date": "2020-01-01"}, "this site does not treat minors"),
    ({"time_zone": "Newyork"}, "is not a time zone"),
    ({"phone-address": "12"}, "check the area code and the digits"),
    ({"phone-address": ""}, "Consent is ticked, but there is no phone number"),
    ({"phone-wording": " "}, "Record what the patient agreed to."),
    ({"phone-address": "+44 20 7946 0000"}, "This line cannot receive texts."),
    ({"email-address": "tom"}, "This is not an e-mail address"),
    ({"caregiver-address": "+1 202 555 0131"}, "This is the patient&#x27;s own number or address."),
    ({"procedure": ""}, "Choose the procedure."),
    ({"surgeon": ""}, "Choose the surgeon."),
    ({"date": "1950-01-01"}, "is more than two years back. Check the year."),
]


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(people, surgeon):
    for changed, sentence in WRONG:
        response = surgeon.post(ENROL, typed(people, **changed))

        assert response.status_code == 422, changed
        page = text(response)
        assert sentence in page, changed
        assert 'value="Berg"' in page
        assert not Patient.objects.exists()


def test_a_double_click_enrols_once(people, surgeon):
    first, second = surgeon.post(ENROL, typed(people)), surgeon.post(ENROL, typed(people))

    assert first.headers["Location"] == second.headers["Location"]
    assert Surgery.objects.count() == Patient.objects.count() == 1


def test_a_known_number_leads_to_enrolling_that_patient_again(people, surgeon):
    ana = a_patient(people.site, by=people.owner, number="A-500")

    refused = surgeon.post(ENROL, typed(people))
    again = surgeon.post(ENROL, typed(people, patient=str(ana.pk)))

    assert refused.status_code == 422
    assert f"?patient={ana.pk}" in text(refused)
    assert again.status_code == 302
    assert Surgery.objects.get().patient == ana


def test_the_plan_is_shown_before_saving_and_nothing_is_written(people, surgeon):
    page = text(surgeon.post(PREVIEW, typed(people)))

    assert "signed by" in page
    assert "Riverside Clinic: " in page
    assert "16:00" in page
    assert "pill-good" in page
    for rows in (Patient.objects, Surgery.objects, Reminder.objects):
        assert not rows.exists()


def test_the_plan_is_not_shown_for_an_operation_years_ago(people, surgeon):
    page = text(surgeon.post(PREVIEW, typed(people, date="2016-03-02")))

    assert "The day of surgery is more than two years back. Check the year." in page
    assert "messages" not in page


def test_the_plan_says_what_is_held_back_and_why(people, surgeon):
    late = people.site.today(clock.now()) - timedelta(days=30)
    page = text(surgeon.post(PREVIEW, typed(people, date=f"{late}", physical_therapy="declined")))

    assert "Its day had passed when the plan was made." in page
    assert "Physical therapy is not for this patient." in page


def test_the_plan_says_that_reception_calls_without_consent(people, surgeon):
    page = text(surgeon.post(PREVIEW, typed(people, **{"phone-consent": None})))

    assert "No consent. Reception will call." in page
    assert "calls for reception" in page


@pytest.mark.parametrize("trouble", ["withdrawn", "ended", "dead"])
def test_the_plan_of_a_known_patient_writes_only_where_it_may(people, surgeon, trouble):
    ana = a_patient(people.site, by=people.owner)
    assert "pill-good" in text(surgeon.post(PREVIEW, typed(people, patient=str(ana.pk))))
    if trouble == "withdrawn":
        care.withdraw_consent(ana.contacts.all(), source="sms", wording="STOP", by=None, now=clock.now())
    else:
        ana.contacts.update(**{"ended_at" if trouble == "ended" else "unusable_since": clock.now()})

    page = text(surgeon.post(PREVIEW, typed(people, patient=str(ana.pk))))

    assert "Reception will call." in page
    assert "pill-good" not in page


def test_the_plan_speaks_the_patients_language_and_hour(people, surgeon):
    page = text(surgeon.post(PREVIEW, typed(people, language="es", time_zone="America/Denver")))

    assert "Camine" in page
    assert "16:00" in page


def test_the_preview_bears_an_empty_and_a_broken_form(people, surgeon):
    for broken in ({}, {"site": str(people.site.pk), "procedure": "x", "date": "soon", "version": "9999"}):
        assert surgeon.post(PREVIEW, broken).status_code == 200


def test_without_scripts_a_button_shows_the_plan(people, surgeon):
    response = surgeon.post(ENROL, typed(people, show_plan="1"))

    assert response.status_code == 200
    assert "Riverside Clinic: " in text(response)
    assert not Patient.objects.exists()


def test_a_procedure_without_a_signed_protocol_is_refused_with_the_way_out(people, surgeon):
    tlif = str(Procedure.objects.get(code="tlif").pk)

    response = surgeon.post(ENROL, typed(people, procedure=tlif))

    assert "ask a surgeon to sign it" in text(response)
    assert not Surgery.objects.exists()


def test_who_works_at_several_sites_says_first_at_which(people):
    also(people.owner, a_site("lakeside", name="Lakeside Clinic"), "surgeon")

    page = text(signed_in(people.owner).get(ENROL))

    assert "At which site?" in page
    assert "Lakeside Clinic" in page
    assert "Hilltop Clinic" not in page


def test_only_surgeons_and_versions_of_the_own_site_are_offered(people, surgeon):
    elsewhere = a_signed_version(people.stranger.sites.get(), by=people.stranger)

    page = surgeon.post(ENROL, typed(people, surgeon=str(people.stranger.pk), version=str(elsewhere.pk)))

    assert page.status_code == 422
    assert not Surgery.objects.exists()


def test_a_surgeon_who_left_is_not_offered(people, surgeon):
    for name in ("Stays", "Left"):
        staff = a_staff_member(people.site)
        staff.last_name, staff.is_active = name, name == "Stays"
        staff.save()

    page = text(surgeon.get(ENROL))

    assert ("Ida Stays" in page, "Ida Left" in page) == (True, False)


def test_a_stranger_enrols_nobody_here(people):
    stranger = signed_in(people.stranger)
    ana = a_patient(people.site, by=people.owner)

    stranger.post(ENROL, typed(people))

    assert stranger.get(ENROL, {"patient": ana.pk}).status_code == 404
    assert stranger.post(PREVIEW, {"patient": ana.pk}).status_code == 404
    assert not Surgery.objects.exists()


def test_reception_may_enrol(people):
    response = signed_in(people.colleague).post(ENROL, typed(people))

    assert response.status_code == 302


def test_who_is_signed_out_is_asked_to_sign_in():
    assert Client().get(ENROL).headers["Location"].startswith("/staff/login/")


def test_who_belongs_to_no_site_reads_why(people):
    people.colleague.memberships.all().delete()

    response = signed_in(people.colleague).get(ENROL)

    assert response.status_code == 403
    assert "You do not work at any site yet" in text(response)


def test_a_form_from_another_page_is_refused(people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.owner)

    assert client.post(ENROL, typed(people)).status_code == 403
    assert client.post(PREVIEW, typed(people)).status_code == 403


def test_the_page_loads_nothing_from_another_host(people, surgeon):
    assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]+"', text(surgeon.get(ENROL)))


def test_a_day_that_is_taken_is_refused(people, surgeon):
    an_enrolment(people.site, by=people.owner, patient=a_patient(people.site, by=people.owner, number="A-7"))
    ana = Patient.objects.get()
    taken = typed(people, patient=str(ana.pk), date=f"{Surgery.objects.get().date}", key="form-2")

    assert "already has an operation on that day" in text(surgeon.post(ENROL, taken))


def test_who_is_no_surgeon_cannot_be_chosen_as_one(people, surgeon):
    nurse = a_staff_member(people.site, "reception")

    assert surgeon.post(ENROL, typed(people, surgeon=str(nurse.pk))).status_code == 422
