"""A check-in answered on a phone, without a script: by thumb on the patient's page, and as a text in the outbox."""

import os
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import expect

from patients.models.staff import Role
from reminders import scheduler
from reminders.plan.models import CarePlan
from reminders.replies.models import Alert, CheckIn
from tests import given
from tests.delivery.sending import a_promise
from tests.staff.browsing import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("PICTURES", "")  # a folder: keeps a picture of each page to look at


@pytest.fixture
def question(aside):
    """It has left, a minute ago."""
    site = given.a_site()
    surgeon = given.a_staff_member(site)
    question = a_promise(site, given.a_phone(given.phone(14)), by=surgeon, step="check-in-1", date=given.NOW.date(),
                         physical_therapy="ordered")  # fmt: skip
    aside(scheduler.sweep_and_send, lambda: question.due_at, window=8)
    with time_machine.travel(question.due_at.replace(minute=1), tick=True):
        yield question


def keep(page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.fixture
def page(question, live_server, browser_page):
    browser_page.set_viewport_size({"width": 390, "height": 844})
    browser_page.goto(live_server.url + reverse("patient:page", args=[CarePlan.objects.get().link]))
    return browser_page


def test_four_taps_and_one_to_send_on_a_phone(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    boxes = page.locator(".choice").evaluate_all("all => all.map(one => one.getBoundingClientRect())")
    assert len(boxes) == 17
    assert min(box["height"] for box in boxes) >= 52
    assert min(box["width"] for box in boxes) >= 44
    keep(page, "check-in-open")

    page.get_by_label("4", exact=True).check()
    for name in ("wound", "bladder"):
        page.locator(f"input[name={name}][value='0']").check()
    page.locator("input[name=legs][value='1']").check()
    keep(page, "check-in-filled")
    page.get_by_role("button", name="Send my answers").click()

    expect(page.get_by_role("alert")).to_contain_text("Did it come fast, or is it getting worse? Call 911 now.")
    expect(page.get_by_text("Thank you. We have your answers.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    keep(page, "check-in-thanks")
    assert Alert.objects.get().signs == ["weak_leg"]


def test_the_browser_itself_asks_for_what_is_left_out(page):
    page.get_by_label("4", exact=True).check()
    page.get_by_role("button", name="Send my answers").click()

    expect(page.get_by_role("button", name="Send my answers")).to_be_visible()
    assert not CheckIn.objects.exclude(pain=None).exists()


def test_it_is_answered_from_the_outbox_text_by_text(question, live_server, browser_page):
    desk = given.a_staff_member(question.site, Role.RECEPTION)
    page = sign_in(browser_page, live_server.url, desk)
    page.goto(live_server.url + reverse("staff:outbox"))

    told = {"3": "Is your wound red", "20": "Any new weakness", "no": "bladder", "50": "that is all"}
    for text, said in told.items():
        page.get_by_label("Answer").fill(text)
        page.get_by_role("button", name="Send").click()
        expect(page.locator("li.ours").last).to_contain_text(said)
    keep(page, "check-in-outbox")

    row = CheckIn.objects.get()
    assert (row.pain, row.wound, row.legs, row.bladder) == (3, False, False, False)
