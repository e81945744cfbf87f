"""An alert in a real browser: seen on top of the board, taken in one click, closed in two with its outcome."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from reminders.replies.alerts import raising
from reminders.replies.models import Alert
from tests.given import NOW, a_phone, a_site, a_staff_member, an_enrolment, phone
from tests.replies.test_inbound import text_in
from tests.staff.browsing import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def surgeon(site):
    return a_staff_member(site)


def test_it_is_seen_taken_and_closed_from_the_board(site, surgeon, live_server, browser_page):
    an_enrolment(site, a_phone(phone(14)), by=surgeon, day=3)
    late = raising.raise_alert(site=site, level="D", signs=["fever"], now=NOW - timedelta(hours=2, minutes=5))
    text_in(site, "I have chest pain and I can't catch my breath", sender=phone(14))
    row = Alert.objects.exclude(pk=late.pk).get()
    page = sign_in(browser_page, live_server.url, surgeon)
    page.goto(live_server.url + reverse("staff:board"))

    assert page.locator("#alerts .alert-row").first.get_by_text("chest pain").first.is_visible()  # the emergency first
    assert page.locator("#alerts .alert-row").last.get_by_text("late by").is_visible()
    fits(page, "alerts-board")
    page.get_by_label("Take the alert of Ana Ruiz").click()
    page.locator(f"#alert-{row.pk}").get_by_text("taken by you").wait_for()
    page.get_by_label("Close the alert of Ana Ruiz").click()
    page.locator(f"#outcome-{row.pk}").select_option("sent_on")
    page.locator(f"#alert-note-{row.pk}").fill("ambulance is with her")
    fits(page, "alerts-closing")
    page.get_by_label("Close with this outcome: Ana Ruiz").click()

    page.get_by_text("Closed. It is off the board.").wait_for()
    row.refresh_from_db()
    assert (row.outcome, row.outcome_note, row.closed_by) == ("sent_on", "ambulance is with her", surgeon)
    assert page.locator(f"#alert-{row.pk}").count() == 0


def test_its_page_is_readable_on_a_desk_and_on_a_phone(site, surgeon, live_server, browser_page):
    an_enrolment(site, a_phone(phone(14)), by=surgeon, day=3)
    text_in(site, "I have chest pain and I can't catch my breath", sender=phone(14))
    page = sign_in(browser_page, live_server.url, surgeon)

    page.goto(live_server.url + reverse("staff:alert", args=[Alert.objects.get().pk]))

    assert page.get_by_role("link", name="Call +1 202-555-0114").is_visible()
    fits(page, "alert")
