"""A caregiver with a narrow scope opens a page of their own: the visit, perhaps warnings, never the patient's page."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from patients.models import Contact
from reminders import actions, caregivers, visit_actions
from reminders.delivery.models import Delivery
from reminders.plan.models import CarePlan
from reminders.plan.models.careplan import caregiver_link
from tests.delivery.sending import a_promise, ring
from tests.given import NOW, a_phone, a_site, a_staff_member, an_enrolment, phone

pytestmark = pytest.mark.django_db
BEN = {"relationship": "caregiver", "name": "Ben", "language": "en"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def surgeon():
    return a_staff_member(a_site())


@pytest.fixture
def surgery(surgeon):
    contacts = [a_phone(phone(14)), a_phone(phone(15), **BEN, scope="warnings")]
    return an_enrolment(surgeon.sites.get(), *contacts, by=surgeon, day=19)


@pytest.fixture
def ben(surgery):
    return surgery.patient.contacts.get(name="Ben")


def opened(surgery, contact, **query: str):
    plan = CarePlan.objects.get(surgery=surgery)
    return Client().get(f"/p/{caregiver_link(plan.link, contact.pk)}/", query)


def words_of(response) -> str:
    return " ".join(response.content.decode().split())


def book(surgery, surgeon) -> None:
    at = datetime(2026, 3, 5, 15, 40, tzinfo=UTC)
    visit_actions.book_visit(surgery.check_ups.get(code="six-weeks"), at=at, by=surgeon, now=NOW)


def test_it_tells_the_next_visit_and_whom_to_call(surgery, ben, surgeon):
    book(surgery, surgeon)

    page = words_of(opened(surgery, ben))

    assert "About A.R." in page
    assert "Thursday, March 5, 10:40" in page
    assert "tel:+1" in page


def test_nothing_of_the_patients_own_page_is_on_it(surgery, ben, surgeon):
    book(surgery, surgeon)

    page = words_of(opened(surgery, ben))

    own = CarePlan.objects.get(surgery=surgery).link
    assert not [told for told in (own, "Ana", "Ruiz", "day 19", "pain now", "<form", "Now:") if told in page]


@pytest.mark.parametrize(("scope", "warned"), [("warnings", True), ("visits", False)])
def test_warnings_are_only_for_whom_they_are_meant(surgery, ben, surgeon, scope, warned):
    caregivers.change_scope(ben, scope=scope, source="verbal", wording="So.", by=surgeon, now=NOW)

    page = words_of(opened(surgery, ben))

    assert ("Heavy lifting." in page) is warned
    assert ("if the patient has any of these" in page) is warned
    assert "tel:+1" in page


def test_it_speaks_the_caregivers_language_or_the_one_asked_for(surgery, ben):
    assert "Sobre A.R." in words_of(opened(surgery, ben, lang="es"))


def test_once_revoked_the_link_leads_nowhere(surgery, ben, surgeon):
    caregivers.revoke(ben, source="verbal", wording="No more.", by=surgeon, now=NOW)

    assert opened(surgery, ben).status_code == 404


def test_a_new_link_for_the_patient_ends_the_caregivers_too(surgery, ben, surgeon):
    old = f"/p/{caregiver_link(CarePlan.objects.get(surgery=surgery).link, ben.pk)}/"
    actions.renew_link(surgery, by=surgeon, now=NOW)

    assert Client().get(old).status_code == 404
    assert opened(surgery, ben).status_code == 200


@pytest.mark.parametrize("deed", ["revoke", "narrow"])
def test_who_had_the_patients_own_link_cannot_open_it_any_more(surgeon, deed):
    contacts = [a_phone(phone(14)), a_phone(phone(15), **BEN)]
    walk = a_promise(surgeon.sites.get(), *contacts, by=surgeon)
    ring(walk.due_at)
    ben, plan = Contact.objects.get(name="Ben"), walk.surgery.care_plan
    own = f"/p/{plan.link}/"
    assert own in Delivery.objects.get(contact=ben).text
    said = {"source": "verbal", "wording": "Not any more.", "by": surgeon, "now": NOW}

    _ = caregivers.revoke(ben, **said) if deed == "revoke" else caregivers.change_scope(ben, scope="visits", **said)

    plan.refresh_from_db()
    assert Client().get(own).status_code == 404
    assert Client().get(f"/p/{plan.link}/").status_code == 200


def test_an_ended_plan_says_so(surgery, ben, surgeon):
    actions.cancel_surgery(surgery, why="moved away", by=surgeon, now=NOW)

    assert "This plan has ended" in words_of(opened(surgery, ben))


@pytest.mark.parametrize("key", ["", "1", "-", "1-AAAAAAAAAAAA", "x-AAAAAAAAAAAA", "9" * 40 + "-A", "٣-A"])
def test_a_guessed_link_leads_nowhere(surgery, ben, key):
    assert Client().get(f"/p/c/{key.replace('1', str(ben.pk))}/").status_code == 404


def test_the_patients_own_contact_has_no_such_page(surgery):
    assert opened(surgery, surgery.patient.contacts.get(relationship="self")).status_code == 404


def test_it_changes_nothing_and_is_not_kept(surgery, ben):
    response = opened(surgery, ben)

    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert Client().post(response.wsgi_request.path).status_code == 405
