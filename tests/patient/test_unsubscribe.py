"""One click ends the e-mails: from the mail program by itself (RFC 8058), or by a person on a page."""

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.urls import reverse

from reminders.delivery.models import Delivery
from reminders.delivery.sending.claiming import claim, unsubscribe_url
from reminders.delivery.sending.opening import open_due
from tests.delivery.sending import a_promise
from tests.given import NOW, a_patient, a_phone, a_site, a_staff_member, an_email

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def contact():
    site = a_site()
    patient = a_patient(site, an_email("ana@example.org"), a_phone(), by=a_staff_member(site))
    return patient.contacts.exclude(email="").get()


def address(contact) -> str:
    return reverse("patient:unsubscribe", args=[signing.dumps(contact.pk, salt="unsubscribe")])


def test_a_mail_program_ends_it_with_one_post_and_no_cookie(contact):
    client = Client(enforce_csrf_checks=True)

    answer = client.post(
        address(contact), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )

    last = contact.consent_events.last()
    assert answer.status_code == 200
    assert not answer.cookies
    assert (last.kind, last.source, last.by, last.at) == ("withdrawn", "link", None, NOW)


def test_looking_changes_nothing(contact):
    answer = Client().get(address(contact))

    assert "Stop these e-mails?" in answer.content.decode()
    assert contact.consent_events.last().kind == "given"


def test_only_this_address_falls_silent(contact):
    Client().post(address(contact))

    phone = contact.patient.contacts.exclude(phone="").get()
    assert phone.consent_events.last().kind == "given"


def test_twice_is_once(contact):
    for _ in range(2):
        assert Client().post(address(contact)).status_code == 200

    assert contact.consent_events.filter(kind="withdrawn").count() == 1


FORGED = ["x", "MQ:1w:forged", signing.dumps(1, salt="another")]


@pytest.mark.parametrize("token", FORGED, ids=["nonsense", "made up", "signed for another use"])
def test_a_forged_token_ends_nothing(contact, token):
    answer = Client().post(reverse("patient:unsubscribe", args=[token]))

    assert answer.status_code == 404
    assert contact.consent_events.last().kind == "given"


def test_the_page_is_in_the_language_of_the_address(contact):
    contact.language = "es"
    contact.save()

    assert "¿Dejar de recibir estos correos?" in Client().get(address(contact)).content.decode()


def test_the_address_in_the_header_is_the_one_that_works(contact, settings):
    settings.PUBLIC_URL = "https://clinic.example.org"
    path = unsubscribe_url(contact.pk).removeprefix(settings.PUBLIC_URL)

    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})  # multipart: also allowed

    assert answer.status_code == 200
    assert contact.consent_events.last().kind == "withdrawn"


def test_behind_https_it_is_no_redirect_and_no_sign_in(contact, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    answer = Client(enforce_csrf_checks=True).post(address(contact), headers={"X-Forwarded-Proto": "https"})

    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("method", ["head", "options"])
def test_what_a_scanner_may_try_changes_nothing(contact, method):
    getattr(Client(), method)(address(contact))

    assert contact.consent_events.last().kind == "given"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_ways_of_asking_are_not_answered(contact, method):
    assert getattr(Client(), method)(address(contact)).status_code == 405
    assert contact.consent_events.last().kind == "given"


def test_a_mail_that_waits_ends_at_once_and_says_why():
    site = a_site()
    reminder = a_promise(site, an_email(), by=a_staff_member(site))
    open_due(reminder.due_at)
    waiting = Delivery.objects.get()

    Client().post(address(waiting.contact))

    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == ("suppressed", "no_consent")
    last = waiting.transitions.last()
    assert (last.was, last.state, last.reason) == ("queued", "suppressed", "no_consent")
    assert claim("email", reminder.due_at).jobs == []


def test_one_mailbox_of_two_patients_falls_silent_for_both_and_not_at_another_site(contact):
    other_site = a_site("lakeside")
    second = a_patient(contact.site, an_email("Ana@Example.org"), by=a_staff_member(contact.site))
    elsewhere = a_patient(other_site, an_email("ana@example.org"), by=a_staff_member(other_site))

    Client().post(address(contact))

    kinds = [patient.contacts.get().consent_events.last().kind for patient in (second, elsewhere)]
    assert kinds == ["withdrawn", "given"]
