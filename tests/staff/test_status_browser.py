"""The page "System status" and the board's banner in a real browser, on a desk and on a phone."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from reminders.delivery import alarms, heartbeats
from reminders.delivery.models import Delivery, Freeze, Report
from reminders.delivery.safeguards import breaker
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, opened
from tests.given import NOW
from tests.staff.browsing import fits, sign_in
from tests.staff.people import a_manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True):
        yield


def trouble(site) -> None:
    promise = a_promise(site, by=given.a_staff_member(site))
    opened(promise)
    Delivery.objects.update(reason="breaker")
    Reminder.objects.filter(pk=promise.pk).update(due_at=NOW - timedelta(minutes=57))
    breaker.trip("sms", site=site.pk, now=NOW - timedelta(minutes=58), code=20003)
    Freeze.objects.create(since=NOW - timedelta(minutes=5), why="a back-up was restored")
    heartbeats.beat("sweep", NOW - timedelta(minutes=9))
    heartbeats.beat("send", NOW - timedelta(seconds=12))
    alarms.sound("inbound_missed", now=NOW - timedelta(hours=2), site=site, detail="3 texts of the last hour")
    alarms.sound("quarantine", now=NOW - timedelta(hours=20), site=site)
    Report.objects.create(attempt_ref=uuid4(), source="callback", status="sent", received_at=NOW)


def test_trouble_is_read_on_the_board_and_an_alarm_is_seen_in_one_click(live_server, browser_page):
    site = given.a_site()
    trouble(site)
    page = sign_in(browser_page, live_server.url, a_manager(site))
    page.goto(live_server.url + reverse("staff:board"))
    page.get_by_text("1 person's messages are late since 09:03").wait_for()
    fits(page, "board-trouble")

    page.get_by_role("link", name="More on the System status page").click()
    page.get_by_text("Messages in doubt").wait_for()
    fits(page, "status")
    page.get_by_label("Seen: Sending a message crashed").click()

    page.get_by_text("Seen. It is off the list").wait_for()
    assert page.get_by_role("button", name="Seen").count() == 1


def test_a_quiet_system_status_fits_as_well(live_server, browser_page):
    page = sign_in(browser_page, live_server.url, a_manager(given.a_site()))

    page.goto(live_server.url + reverse("staff:status"))

    page.get_by_text("All is well").wait_for()
    fits(page, "status-quiet")
