"""One click ends the e-mails: from the mail program by itself (RFC 8058), or by a person on a page."""

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.urls import reverse

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


@pytest.mark.parametrize("token", ["x", "MQ:1w:forged", signing.dumps(1, salt="another")])
def test_a_forged_token_ends_nothing(contact, token):
    answer = Client().post(reverse("patient:unsubscribe", args=[token]))

    assert answer.status_code == 404
    assert contact.consent_events.last().kind == "given"


def test_the_page_is_in_the_language_of_the_address(contact):
    contact.language = "es"
    contact.save()

    assert "¿Dejar de recibir estos correos?" in Client().get(address(contact)).content.decode()
