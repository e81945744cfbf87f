"""Caregivers in a real browser: added, told less, revoked, on a desk and on a phone."""

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import expect

from patients.models import Contact
from reminders.replies import inbound
from tests.given import NOW, a_new_patient, a_phone, a_site, a_staff_member, an_enrolment
from tests.staff.browsing import at_the_record, fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = "+12025550120"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def surgery():
    """Jane, whose caregiver's phone is Ana's own."""
    site = a_site()
    surgeon = a_staff_member(site)
    ben = a_phone(PHONE, relationship="caregiver", name="Ben Moore")
    an_enrolment(site, by=surgeon, day=9, patient=a_new_patient(a_phone(PHONE), number="A-77"))
    jane = a_new_patient(a_phone("+12025550121"), ben, given_name="Jane", family_name="Moore", number="A-78")
    return an_enrolment(site, by=surgeon, day=9, patient=jane)


@pytest.fixture
def record(surgery, live_server, browser_page):
    return at_the_record(browser_page, live_server.url, surgery)


def contacts(record):
    return record.get_by_role("region", name="Contacts and consent")


def test_a_caregiver_is_added_told_less_and_revoked(record, surgery):
    expect(contacts(record).get_by_text("This phone also belongs to")).to_contain_text("Ana Ruiz")
    fits(record, "caregivers")
    contacts(record).get_by_text("Change what Ben Moore hears about").click()
    contacts(record).get_by_label("Hears about").locator("visible=true").select_option("visits")
    contacts(record).get_by_label("What the patient said or signed").locator("visible=true").fill("Ben only drives me.")
    fits(record, "caregivers-scope")

    contacts(record).get_by_role("button", name="Save", exact=True).click()

    expect(contacts(record).get_by_text("hears about visits only")).to_be_visible()
    contacts(record).get_by_text("Revoke Ben Moore").click()
    fits(record, "caregivers-revoke")
    contacts(record).get_by_role("button", name="Revoke", exact=True).click()
    expect(contacts(record).get_by_text("not used since")).to_be_visible()
    contacts(record).get_by_text("Add a contact or a caregiver").click()
    contacts(record).get_by_label("Belongs to").select_option("caregiver")
    contacts(record).get_by_label("Mobile phone or e-mail").fill("lea@example.org")
    contacts(record).get_by_role("button", name="Add", exact=True).click()
    expect(contacts(record).get_by_text("Enter the caregiver's name")).to_be_visible()
    fits(record, "caregivers-add")
    assert Contact.objects.reachable().get(phone=PHONE).patient != surgery.patient


def test_the_board_names_both_whose_text_it_may_be(surgery, live_server, browser_page):
    to = surgery.site.senders.get(channel="sms").address
    for number, said in enumerate(("chest pain", "5, thank you", "can she drive?")):
        inbound.receive(provider_id=f"SM{number}", from_address=PHONE, to_address=to, text=said, now=NOW)
    page = sign_in(browser_page, live_server.url, surgery.surgeon)

    page.goto(live_server.url + reverse("staff:board"))

    expect(page.get_by_role("link", name="Ben Moore for Jane Moore").first).to_be_visible()
    expect(page.get_by_text("one phone").first).to_be_visible()
    fits(page, "caregivers-board")
