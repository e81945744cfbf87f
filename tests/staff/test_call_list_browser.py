"""The call list in a real browser, over two days: no answer, call back, reached; on a desk and on a phone."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from reminders.plan.models import CallAttempt, Reminder
from tests.given import NOW, a_phone, a_site, a_staff_member, an_enrolment, phone
from tests.staff.browsing import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_call_list_is_worked_over_two_days(live_server, browser_page):
    with time_machine.travel(NOW, tick=True) as clock:
        site = a_site()
        surgeon = a_staff_member(site)
        surgery = an_enrolment(site, a_phone(phone(14)), by=surgeon, day=3)
        failed = [row.pk for row in surgery.reminders.order_by("-due_at")[:2]]
        Reminder.objects.filter(pk__in=failed).update(status="suppressed", reason="no_consent")
        page = sign_in(browser_page, live_server.url, surgeon)
        board, row = live_server.url + reverse("staff:board"), f"#call-{surgery.pk}"
        page.goto(board)

        page.get_by_label("Note a call to Ana Ruiz").click()
        page.locator(f"#note-{surgery.pk}").fill("voicemail")
        page.locator(f"#note-{surgery.pk}").press("Enter")
        fits(page, "call-list-panel")
        page.get_by_label("No answer from Ana Ruiz").click()
        page.locator(row).get_by_text("called 1 time: today 10:0").wait_for()

        page.get_by_label("Note a call to Ana Ruiz").click()
        page.get_by_label("Call Ana Ruiz back at this time").click()
        page.locator(row).get_by_text("Say when to call back").wait_for()
        page.locator(f"#back-{surgery.pk}").fill("2026-03-03T15:00")
        page.get_by_label("Call Ana Ruiz back at this time").click()
        page.locator(row).get_by_text("call back tomorrow 15:00").wait_for()
        fits(page, "call-list-tried")

        clock.move_to(NOW + timedelta(days=1, hours=6))
        sign_in(page, live_server.url, surgeon).goto(board)
        assert page.locator(row).get_by_text("call back today 15:00").is_visible()
        page.get_by_label("Note a call to Ana Ruiz").click()
        page.get_by_label("Reached Ana Ruiz").click()
        page.get_by_text("Reached: Ana Ruiz, 2 messages settled.").wait_for()

    assert page.locator(row).count() == 0
    assert [attempt.outcome for attempt in CallAttempt.objects.all()] == ["no_answer", "call_back", "reached"]
