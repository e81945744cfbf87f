"""Booked, moved, and the correction seen in the outbox; and the page of calendars, on a desk and on a phone."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import expect

from patients import clock
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from tests import given
from tests.given import NOW
from tests.staff.browsing import fits, sign_in
from tests.staff.people import a_manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_moved_visit_is_corrected_in_the_outbox_and_its_calendar_given_away(browser_page, live_server):
    site = given.a_site(address="120 Riverside Avenue, Suite 3")
    manager, page = a_manager(site), browser_page
    surgery = given.an_enrolment(site, given.an_email(), by=given.a_staff_member(site), day=30)

    def outbox_says(words: str) -> None:
        now = clock.now() + timedelta(minutes=4)  # the time has settled
        open_due(now)
        claim("email", now)
        page.goto(live_server.url + reverse("staff:outbox-person", args=[surgery.patient_id]))
        expect(page.get_by_text(words)).to_have_count(1)

    with time_machine.travel(NOW, tick=True) as clock_of_test:
        sign_in(page, live_server.url, manager).goto(live_server.url + reverse("staff:board"))
        page.get_by_label("Book Ana Ruiz").click()
        page.get_by_label("Book: day and time").fill("2026-03-09T10:20")
        page.get_by_label("Book at this time: Ana Ruiz").click()
        page.get_by_text("Booked: Ana Ruiz, 6-week check-up, Mon 9 Mar 10:20.").wait_for()
        outbox_says("is booked for Monday, March 9, at 10:20 AM")

        clock_of_test.move_to(NOW + timedelta(hours=1))
        sign_in(page, live_server.url, manager).goto(live_server.url + reverse("staff:board"))
        page.get_by_label("More for Ana Ruiz").click()
        page.get_by_label("Move: day and time").fill("2026-03-10T10:20")
        page.get_by_label("Move at this time: Ana Ruiz").click()
        page.get_by_text("Moved: Ana Ruiz, 6-week check-up, Tue 10 Mar 10:20.").wait_for()
        outbox_says("has a new time: Tuesday, March 10, at 10:20 AM")
        fits(page, "outbox-moved")

        browser_page.goto(live_server.url + reverse("staff:calendars"))
        browser_page.get_by_role("button", name="Make an address: All visits").click()
        browser_page.get_by_text("The new address works from now on.").wait_for()
        assert browser_page.get_by_text("/calendars/").count() == 1
        fits(browser_page, "calendars")
        browser_page.get_by_role("button", name="Revoke: All visits").click()
        browser_page.get_by_text("The address no longer works.").wait_for()
        assert browser_page.get_by_text("/calendars/").count() == 0
