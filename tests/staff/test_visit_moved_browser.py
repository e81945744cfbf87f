"""Booked, moved, and the correction seen in the outbox; and the page of calendars, on a desk and on a phone."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from reminders import actions, scheduler
from tests import given
from tests.given import NOW
from tests.staff.browsing import fits, sign_in
from tests.staff.people import a_manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NINTH, TENTH = (datetime(2026, 3, day, 14, 20, tzinfo=UTC) for day in (9, 10))


def test_a_moved_visit_is_corrected_in_the_outbox_and_its_calendar_given_away(page, live_server):
    site = given.a_site(address="120 Riverside Avenue, Suite 3")
    manager = a_manager(site)
    surgery = given.an_enrolment(site, given.an_email(), by=given.a_staff_member(site), day=30)
    for hours, at in ((0, NINTH), (1, TENTH)):
        now = NOW + timedelta(hours=hours)
        actions.book_visit(surgery.check_ups.get(code="six-weeks"), at=at, by=manager, now=now)
        scheduler.sweep_and_send(lambda moment=now + timedelta(minutes=4): moment, window=8)

    with time_machine.travel(NOW + timedelta(hours=2), tick=True):
        sign_in(page, live_server.url, manager)
        page.goto(live_server.url + reverse("staff:outbox-person", args=[surgery.patient_id]))
        assert page.get_by_text("has a new time: Tuesday, March 10, at 10:20 AM").count() == 1
        fits(page, "outbox-moved")

        page.goto(live_server.url + reverse("staff:calendars"))
        page.get_by_role("button", name="Make an address: All visits").click()
        assert page.get_by_text("/calendars/").count() == 1
        fits(page, "calendars")
        page.get_by_role("button", name="Revoke: All visits").click()
        assert page.get_by_text("/calendars/").count() == 0
