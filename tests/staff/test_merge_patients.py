"""Merging two patient numbers by page and by API: shown first, done once, by who may decide, and found afterwards."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from patients.models import Patient
from reminders import merge
from tests.given import NOW, a_new_patient, a_patient, a_phone, an_enrolment, phone
from tests.staff.enrolling import text
from tests.staff.people import signed_in, three_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return three_people()


@pytest.fixture
def stays(people):
    new = a_new_patient(a_phone(phone(60)), number="R-1")
    return an_enrolment(people.site, by=people.owner, patient=new, day=40)


@pytest.fixture
def twin(people):
    new = a_new_patient(a_phone(phone(60)), number="R-2")
    return an_enrolment(people.site, by=people.owner, patient=new, day=3)


def address(surgery):
    return reverse("staff:patient_merge", args=[surgery.patient_id])


def test_a_merge_is_shown_then_done_and_the_old_number_leads_on(people, stays, twin):
    surgeon = signed_in(people.owner)
    record = reverse("staff:record", args=[stays.pk])
    assert "Merge with another patient number" in text(surgeon.get(record))
    asked = {"number": "R-2", "stays": "this"}

    shown = text(surgeon.post(address(stays), asked))
    assert "R-2 → R-1" in shown
    assert "it becomes one contact" in shown
    assert Patient.objects.get(number="R-2").status == "active"
    surgeon.post(address(stays), asked | {"confirm": "1"})

    assert Patient.objects.get(number="R-2").merged_into == stays.patient
    assert "Former patient numbers" in text(surgeon.get(record))
    old = text(surgeon.get(address(twin)))
    assert "Merged into" in old
    assert "by Ida Hale" in old
    assert "R-1" in old
    found = text(surgeon.post("/staff/board/search/", {"words": "r-2"}))
    assert '<span class="lead">R-1</span>' in found
    assert text(surgeon.get(f"/p/{twin.care_plan.link}/"))
    again = text(surgeon.get(f"/staff/enrol/?patient={twin.patient_id}"))
    assert "Number R-1" in again
    change = surgeon.get(reverse("admin:patients_patient_change", args=[twin.patient_id]))
    assert change.status_code == 200


def test_a_wrong_number_and_what_clashes_are_said(people, stays, twin):
    surgeon = signed_in(people.owner)
    wrong = surgeon.post(address(stays), {"number": "R-9", "stays": "this"})
    same = surgeon.post(address(stays), {"number": "R-1", "stays": "other", "confirm": "1"})

    assert "No patient of this site has this number" in text(wrong)
    assert "This is the same patient number" in text(same)
    assert (wrong.status_code, same.status_code) == (422, 422)


def test_reception_and_a_stranger_merge_nothing_by_page_or_api(people, stays, twin):
    url, body = f"/api/v1/patients/{twin.patient_id}/merge/", {"into": stays.patient_id}
    asked = {"number": "R-2", "stays": "this", "confirm": "1"}
    for person, status in ((people.colleague, 403), (people.stranger, 404)):
        api = APIClient()
        api.force_login(person)
        assert signed_in(person).post(address(stays), asked).status_code == status
        assert api.post(url, body, format="json").status_code == status
    assert Patient.objects.get(number="R-2").status == "active"


def test_the_api_previews_merges_and_answers_with_the_marker(people, stays, twin):
    api = APIClient()
    api.force_login(people.owner)
    url, body = f"/api/v1/patients/{twin.patient_id}/merge/", {"into": stays.patient_id}

    shown = api.post(url, body | {"preview": True}, format="json").json()
    assert (shown["applied"], Patient.objects.get(number="R-2").status) == (False, "active")
    done = api.post(url, body, format="json").json()

    assert done == shown | {"applied": True}
    assert done["operations_moved"] == [twin.pk]
    patient = api.get(f"/api/v1/patients/{twin.patient_id}/").json()
    assert (patient["status"], patient["merged_into"]) == ("merged", stays.patient_id)
    assert api.post(url, body, format="json").status_code == 409
    refused = api.post(f"/api/v1/patients/{twin.patient_id}/status/", {"status": "active"}, format="json")
    assert refused.status_code == 400


def test_a_stranger_s_patient_is_not_there_to_merge_into(people, twin):
    theirs = a_patient(people.stranger.memberships.get().site, by=people.stranger)
    api = APIClient()
    api.force_login(people.owner)

    answer = api.post(f"/api/v1/patients/{twin.patient_id}/merge/", {"into": theirs.pk}, format="json")

    assert answer.status_code == 404


def test_the_board_still_leads_to_whoever_has_the_phone(people, stays, twin):
    merge.merge(twin.patient, into=stays.patient, by=people.owner, now=NOW)

    found = text(signed_in(people.colleague).post("/staff/board/search/", {"words": "Ruiz"}))

    assert found.count('class="row board-found"') == 1
