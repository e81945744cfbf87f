"""The patient's page on a phone: readable, nothing from elsewhere, and two buttons that answer."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse

from reminders import visit_actions
from reminders.enrolment import add_contact
from reminders.plan.models import CarePlan
from reminders.plan.models.careplan import caregiver_link
from reminders.replies.models import Reply
from tests.given import NOW, a_phone, a_site, a_staff_member, an_enrolment, phone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("PICTURES", "")  # a folder: keeps a picture of each page to look at


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def surgery():
    site = a_site()
    surgeon = a_staff_member(site)
    surgery = an_enrolment(site, a_phone(phone(14)), by=surgeon, date=site.today(NOW) - timedelta(days=19),
                           now=NOW - timedelta(days=19))  # fmt: skip
    visit_actions.mark_attended(surgery.check_ups.get(code="first-visit"), by=surgeon, now=NOW)
    visit_actions.book_visit(surgery.check_ups.get(code="six-weeks"), at=NOW + timedelta(days=23), by=surgeon, now=NOW)
    return surgery


@pytest.fixture
def page(surgery, live_server, browser_page):
    browser_page.set_viewport_size({"width": 390, "height": 844})
    browser_page.goto(live_server.url + reverse("patient:page", args=[CarePlan.objects.get(surgery=surgery).link]))
    return browser_page


def keep(page, name: str) -> None:
    for width in (1280, 390) if PICTURES else ():
        page.set_viewport_size({"width": width, "height": 844})
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)


def test_it_fits_a_phone_and_has_its_own_style(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".alarm").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(180, 35, 24)"
    keep(page, "patient-en")


def test_in_spanish_it_stays_spanish_after_an_answer(page):
    page.get_by_role("link", name="Español").click()
    keep(page, "patient-es")
    page.get_by_role("button", name="Sí, iré").click()

    page.get_by_text("Usted nos dijo que vendrá. Gracias.").wait_for()
    assert page.locator("html").get_attribute("lang") == "es"


def test_i_cannot_come_is_one_tap(page):
    page.get_by_role("button", name="I cannot come").click()

    page.get_by_text("We will call you about a new time.").wait_for()
    assert Reply.objects.to_read().count() == 1
    assert page.get_by_role("button", name="I will come").count() == 0


def test_a_caregivers_page_fits_a_phone_and_offers_nothing_to_answer(surgery, live_server, browser_page):
    ben = add_contact(surgery.patient, a_phone(phone(15), relationship="caregiver", name="Ben", scope="warnings"),
                      by=surgery.surgeon, now=NOW)  # fmt: skip
    browser_page.set_viewport_size({"width": 390, "height": 844})
    link = CarePlan.objects.get(surgery=surgery).link

    browser_page.goto(f"{live_server.url}/p/{caregiver_link(link, ben.pk)}/")

    assert browser_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert browser_page.get_by_role("heading", name="About A.R.").is_visible()
    assert browser_page.get_by_role("button").count() == 0
    keep(browser_page, "caregiver")
