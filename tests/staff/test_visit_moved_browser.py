"""Booked, moved, and the correction seen in the outbox; and the page of calendars, on a desk and on a phone."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from reminders import visit_actions
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from tests import given
from tests.given import NOW
from tests.staff.browsing import fits, sign_in
from tests.staff.people import a_manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NINTH, TENTH = (datetime(2026, 3, day, 14, 20, tzinfo=UTC) for day in (9, 10))


def test_a_moved_visit_is_corrected_in_the_outbox_and_its_calendar_given_away(browser_page, live_server):
    site = given.a_site(address="120 Riverside Avenue, Suite 3")
    manager = a_manager(site)
    surgery = given.an_enrolment(site, given.an_email(), by=given.a_staff_member(site), day=30)
    for hours, at in ((0, NINTH), (1, TENTH)):
        now = NOW + timedelta(hours=hours)
        visit_actions.book_visit(surgery.check_ups.get(code="six-weeks"), at=at, by=manager, now=now)
        open_due(now + timedelta(minutes=4))
        claim("email", now + timedelta(minutes=4))

    with time_machine.travel(NOW + timedelta(hours=2), tick=True):
        sign_in(browser_page, live_server.url, manager)
        browser_page.goto(live_server.url + reverse("staff:outbox-person", args=[surgery.patient_id]))
        assert browser_page.get_by_text("has a new time: Tuesday, March 10, at 10:20 AM").count() == 1
        fits(browser_page, "outbox-moved")

        browser_page.goto(live_server.url + reverse("staff:calendars"))
        browser_page.get_by_role("button", name="Make an address: All visits").click()
        browser_page.get_by_text("The new address works from now on.").wait_for()
        assert browser_page.get_by_text("/calendars/").count() == 1
        fits(browser_page, "calendars")
        browser_page.get_by_role("button", name="Revoke: All visits").click()
        browser_page.get_by_text("The address is dead from now on.").wait_for()
        assert browser_page.get_by_text("/calendars/").count() == 0
