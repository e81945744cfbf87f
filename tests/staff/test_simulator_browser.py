"""The simulator in a browser: a patient is made up, and every message is read, on a desk and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.given import a_site, a_staff_member
from tests.staff.browsing import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_every_message_of_a_patient_who_books_is_shown_and_fits(live_server, browser_page):
    page = sign_in(browser_page, live_server.url, a_staff_member(a_site()))
    page.goto(live_server.url + reverse("staff:simulator"))
    page.get_by_label("Protocol").select_option(index=1)
    page.get_by_label("Visits are booked at once").check()
    page.get_by_role("button", name="Show every message").click()

    expect(page.get_by_role("heading", name="in the patient's local time")).to_be_visible()
    expect(page.get_by_role("cell", name="Visit reminder").first).to_be_visible()
    fits(page, "simulator")
