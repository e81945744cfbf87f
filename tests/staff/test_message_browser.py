"""A message's history and a decision about a refusal, in a real browser, on a desk and on a phone."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from patients.models import Contact
from patients.models.staff import Role
from reminders.delivery.models import Delivery
from reminders.delivery.state import State
from reminders.delivery.transitions import move
from reminders.replies import inbound
from tests import given
from tests.delivery.sending import a_promise, claimed
from tests.staff.browsing import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = given.phone(33)
LATER = given.NOW + timedelta(hours=8)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(LATER, tick=True):
        yield


def a_held_patient(site):
    """Her text came back from a landline, and what she wrote may be a refusal."""
    promise = a_promise(site, given.a_phone(PHONE), given.an_email(), by=given.a_staff_member(site))
    claimed_at = promise.due_at
    claimed(promise)
    delivery = Delivery.objects.get(reminder=promise)
    move([delivery.pk], State.ACCEPTED, since=[State.CLAIMED], now=claimed_at)
    failed_at = claimed_at + timedelta(minutes=2)
    move([delivery.pk], State.UNDELIVERED_PERM, since=[State.ACCEPTED], now=failed_at, code=30006)
    to = site.senders.get(channel="sms").address
    said = "please leave me alone with these texts for now"
    inbound.receive(provider_id="SM1", from_address=PHONE, to_address=to, text=said, now=LATER)
    contact = Contact.objects.exclude(phone="").get(patient=promise.surgery.patient)
    Contact.objects.filter(pk=contact.pk).update(
        held_since=LATER, held_reason="A text from this number may be an opt-out."
    )
    contact.consent_events.exclude(kind="given").delete()
    contact.replies.update(handled_at=None, handled_by=None, intent="refusal")
    return promise.surgery


def test_a_story_is_unfolded_and_a_refusal_decided_in_one_click(live_server, browser_page):
    site = given.a_site()
    surgery = a_held_patient(site)
    page = sign_in(browser_page, live_server.url, given.a_staff_member(site, Role.RECEPTION))
    page.goto(live_server.url + reverse("staff:record", args=[surgery.pk]))
    page.locator("summary", has_text="History").first.click()
    page.get_by_text("(code 30006)").first.wait_for()
    fits(page, "record-history")

    page.goto(live_server.url + reverse("staff:board"))
    page.get_by_label("Keep sending to Ana Ruiz").wait_for()
    fits(page, "board-refusal")
    page.get_by_label("Stop messages to Ana Ruiz").click()

    page.get_by_text("Stopped: nothing more is sent to this number.").wait_for()
    assert not Contact.objects.filter(held_since__isnull=False).exists()
