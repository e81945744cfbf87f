"""Reception's board in a real browser: two clicks a deed, readable on a desk and on a phone."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from patients.models.staff import Role
from reminders import visit_actions
from reminders.plan.models import Reminder
from reminders.replies import inbound
from tests.given import NOW, a_phone, a_site, a_staff_member, an_email, an_enrolment, phone
from tests.staff.test_outbox import written

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("PICTURES", "")  # a folder: keeps a picture of each page to look at


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def site():
    return a_site(staffed_from="08:00", staffed_until="17:00")


@pytest.fixture
def surgeon(site):
    return a_staff_member(site)


@pytest.fixture
def desk(site, live_server, browser_page):
    """Reception, signed in, in front of the board."""
    client = Client()
    client.force_login(a_staff_member(site, Role.RECEPTION))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    browser_page.context.add_cookies([cookie])
    browser_page.set_viewport_size({"width": 1280, "height": 900})
    return browser_page


@pytest.fixture
def look(desk, live_server):
    def look(name: str = "staff:board", *args: object):
        desk.goto(live_server.url + reverse(name, args=args))
        return desk

    return look


def keep(page, name: str) -> None:
    for width in (1280, 390) if PICTURES else ():
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)


def first_visit(surgery):
    return surgery.check_ups.get(code="first-visit")


def test_a_due_visit_is_booked_in_two_clicks_and_stands_in_the_next_days(look, site, surgeon):
    an_enrolment(site, by=surgeon, day=9)
    page = look()

    page.get_by_label("Book Ana Ruiz").click()
    page.get_by_label("Book at this time: Ana Ruiz").click()

    page.get_by_text("Booked: Ana Ruiz, First visit, Thu 5 Mar 09:00.").wait_for()
    assert page.locator("#next").get_by_text("not confirmed").is_visible()
    assert page.locator("#due .board-row").count() == 0
    assert page.url.endswith(reverse("staff:board"))


def test_a_visit_is_confirmed_in_one_click(look, site, surgeon):
    check_up = first_visit(an_enrolment(site, by=surgeon, day=9))
    visit_actions.book_visit(check_up, at=NOW + timedelta(days=3), by=surgeon, now=NOW)
    page = look()

    page.get_by_label("Confirm: Ana Ruiz").click()

    page.locator("#next").get_by_text("confirmed", exact=True).wait_for()
    check_up.refresh_from_db()
    assert check_up.state == "confirmed"


def test_who_came_is_marked_in_one_click_and_who_did_not_in_two(look, site, surgeon):
    came, missed = (first_visit(an_enrolment(site, by=surgeon, day=12, patient=None)) for _ in range(2))
    visit_actions.book_visit(came, at=NOW - timedelta(minutes=20), by=surgeon, now=NOW - timedelta(days=1))
    visit_actions.book_visit(missed, at=NOW - timedelta(minutes=40), by=surgeon, now=NOW - timedelta(days=1))
    page = look()

    page.locator(f"#visit-{came.pk}").get_by_label("Arrived: Ana Ruiz").click()
    page.locator(f"#visit-{came.pk}").get_by_text("arrived", exact=True).wait_for()
    page.locator(f"#visit-{missed.pk}").get_by_label("More for Ana Ruiz").click()
    page.locator(f"#visit-{missed.pk}").get_by_label("Missed: Ana Ruiz").click()

    page.locator("#missed").get_by_text("missed", exact=True).wait_for()
    came.refresh_from_db()
    missed.refresh_from_db()
    assert (came.state, missed.state) == ("attended", "missed")


def test_a_refused_time_is_explained_beside_the_row_and_kept(look, site, surgeon):
    an_enrolment(site, by=surgeon, day=9)
    page = look()

    page.get_by_label("Book Ana Ruiz").click()
    page.get_by_label("Book: day and time").fill("2026-03-01T09:30")
    page.get_by_label("Book at this time: Ana Ruiz").click()

    page.locator(".board-row").get_by_text("This time has passed.").first.wait_for()
    assert page.get_by_label("Book: day and time").input_value() == "2026-03-01T09:30"
    keep(page, "board-refused")


def test_a_patient_is_found_while_the_name_is_typed_and_never_in_the_address(look, site, surgeon):
    an_enrolment(site, a_phone(phone(14)), by=surgeon, day=9)
    page = look()

    page.get_by_label("Find a patient").press_sequentially("rui")

    page.locator("#found").get_by_text("Ana Ruiz").wait_for()
    assert "rui" not in page.url


def test_a_full_board_fits_a_desk_and_a_phone(look, site, surgeon):
    a_full_day(site, surgeon)
    page = look()
    page.get_by_label("Find a patient").press_sequentially("berg")
    page.locator("#found").get_by_text("Tom Berg").wait_for()

    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.locator("#board").evaluate("e => e.scrollWidth <= e.clientWidth"), width
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    keep(page, "board")
    page.locator("#due summary").first.click()
    keep(page, "board-open")


def a_full_day(site, surgeon) -> None:
    people = [
        ("Ana", "Ruiz", 12, "es"), ("Tom", "Berg", 41, "en"), ("Mai", "Tran", 84, "en"), ("Ola", "Lind", 41, "en"),
        ("Rui", "Costa", 10, "en"), ("Eve", "Stone", 13, "en"), ("Sam", "Hill", 40, "en"), ("Joe", "Park", 1, "en"),
        ("Ida", "Wolf", 17, "en"), ("Lea", "Frank", 60, "en"), ("Max", "Kern", 46, "en"),
    ]  # fmt: skip
    made = {}
    for n, (given, family, day, language) in enumerate(people):
        date = site.today(NOW) - timedelta(days=day)
        surgery = an_enrolment(site, a_phone(phone(20 + n)), by=surgeon, date=date, now=NOW - timedelta(days=70))
        facts = {"given_name": given, "family_name": family, "language": language}
        type(surgery.patient).objects.filter(pk=surgery.patient_id).update(**facts)
        made[family] = surgery
    booking = {
        "Ruiz": ("first-visit", -40),
        "Berg": ("six-weeks", 0.5),
        "Tran": ("twelve-weeks", 70),
        "Lind": ("six-weeks", 1500),
        "Costa": ("first-visit", 2900),
        "Frank": ("six-weeks", -3000),
        "Kern": ("six-weeks", -1400),
    }
    for family, (code, minutes) in booking.items():
        at = NOW + timedelta(minutes=minutes)
        check_up = made[family].check_ups.get(code=code)
        visit_actions.book_visit(check_up, at=at, by=surgeon, now=min(at, NOW) - timedelta(days=1))
        if family == "Frank":
            visit_actions.mark_missed(check_up, by=surgeon, now=NOW)
    texts = [
        (20, "1"),
        (24, "3"),
        (28, "can I drive yet? My leg feels fine and the wound is dry."),
        (99, "wrong number"),
    ]
    for n, (number, text) in enumerate(texts):
        at = NOW - timedelta(minutes=10 * n)
        inbound.receive(provider_id=f"SM{n}", from_address=phone(number), to_address=phone(1), text=text, now=at)
    row = made["Park"].reminders.order_by("due_at").first()
    Reminder.objects.filter(pk=row.pk).update(
        status="suppressed", reason="no_contact", useful_until=NOW + timedelta(hours=2)
    )


def test_the_outbox_is_a_conversation_that_can_be_answered(look, site, surgeon):
    surgery = an_enrolment(site, a_phone(phone(14)), an_email("ana@example.org"), by=surgeon, day=12)
    said = "Riverside Clinic: please keep away from heavy lifting for now. More: https://clinic.example.org/p/abc/"
    written(surgery, "sms", said)
    written(surgery, "email", "Dear Ana,\n\nplease keep walking a little every day.", subject="How to move now")
    page = look("staff:outbox")

    page.get_by_label("Answer as Ana Ruiz").fill("can I drive?")
    page.get_by_role("button", name="Send").click()

    page.locator(".theirs").get_by_text("can I drive?").wait_for()
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    keep(page, "outbox")
