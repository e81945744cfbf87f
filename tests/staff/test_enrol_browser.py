"""Enrolment in a real browser: the plan appears while one types, and nothing typed is ever lost."""

import pytest
import time_machine
from playwright.sync_api import expect

from patients.models import Patient, Surgery
from tests.given import NOW, a_signed_version, a_site, a_staff_member
from tests.staff.browsing import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def form(live_server, browser_page):
    """The page as a surgeon opens it."""
    site = a_site()
    surgeon = a_staff_member(site)
    a_signed_version(site, "decompression", by=surgeon)
    page = sign_in(browser_page, live_server.url, surgeon)
    page.goto(f"{live_server.url}/staff/enrol/")
    return page


def fill(page, *, mobile="202 555 0177"):
    page.get_by_label("Patient number").fill("R-1")
    page.get_by_label("Date of birth").fill("1964-02-03")
    page.get_by_label("Given name").fill("Eve")
    page.get_by_label("Family name").fill("Stone")
    page.get_by_label("Mobile phone", exact=True).fill(mobile)
    page.get_by_label("Agreed to get messages here").first.check()
    page.get_by_label("Procedure").select_option(label="Microdiscectomy")


def test_the_plan_appears_beside_the_form_and_follows_it(form):
    fill(form)

    expect(form.locator("#plan").get_by_text("For now, do not lift heavy things").first).to_be_visible()
    form.get_by_label("Language of messages").select_option("es")
    expect(form.locator("#plan").get_by_text("Camine").first).to_be_visible()
    fits(form, "enrol")


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(form):
    fill(form, mobile="12")

    form.get_by_role("button", name="Enrol", exact=True).click()

    wrong = form.locator(".field-wrong", has_text="Mobile phone").locator(".wrong")
    expect(wrong).to_be_visible()
    expect(wrong).to_contain_text("check the area code")
    expect(form.get_by_label("Mobile phone", exact=True)).to_have_value("12")
    expect(form.get_by_label("Family name")).to_have_value("Stone")
    expect(form.get_by_label("Agreed to get messages here").first).to_be_checked()
    fits(form, "enrol-wrong")


def test_a_double_click_enrols_once(form):
    fill(form)

    form.get_by_role("button", name="Enrol", exact=True).dblclick()

    expect(form.get_by_role("heading", name="Eve Stone").first).to_be_visible()
    assert (Patient.objects.count(), Surgery.objects.count()) == (1, 1)
