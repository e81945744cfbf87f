"""At the desk, in a real browser: a time is freed and booked anew; each click is taken back; two desks, one visit."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from patients.models.staff import Role
from reminders import visit_actions
from tests.given import NOW, a_staff_member, an_enrolment
from tests.staff.test_board_browser import clock, desk, first_visit, keep, look, site, surgeon

__all__ = ["clock", "desk", "look", "site", "surgeon"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [1280, 390])
def test_a_time_is_freed_undone_freed_again_and_the_visit_booked_anew(look, site, surgeon, width):
    check_up = first_visit(an_enrolment(site, by=surgeon, day=9))
    visit_actions.book_visit(check_up, at=NOW + timedelta(days=3), by=surgeon, now=NOW)
    page = look()
    page.set_viewport_size({"width": width, "height": 900})
    row = page.locator(f"#visit-{check_up.pk}")

    def free() -> None:
        row.get_by_label("More for Ana Ruiz").click()
        row.get_by_label("Free this time: Ana Ruiz").click()
        page.locator(f"#due #visit-{check_up.pk}").wait_for()

    free()
    keep(page, f"freed-{width}")
    row.get_by_label("Undo: Ana Ruiz").click()
    page.locator(f"#next #visit-{check_up.pk}").wait_for()
    assert row.get_by_label("Undo: Ana Ruiz").count() == 0
    free()
    row.get_by_text("Book", exact=True).first.click()
    row.get_by_label("Book at this time: Ana Ruiz").click()
    page.get_by_text("Booked: Ana Ruiz, First visit").wait_for()
    check_up.refresh_from_db()
    assert (check_up.state, check_up.bookings) == ("booked", 2)
    ends = "getComputedStyle(document.querySelector('form.undo'))"
    assert page.evaluate(f"[{ends}.animationName, {ends}.animationDelay]") == ["undo-ends", "10s"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_arrived_missed_and_not_needed_are_undone_on_the_record(look, live_server, site, surgeon):
    check_up = first_visit(an_enrolment(site, by=surgeon, day=12))
    visit_actions.book_visit(check_up, at=NOW - timedelta(minutes=20), by=surgeon, now=NOW - timedelta(days=1))
    for number, label in enumerate(("Arrived", "Missed", "Not needed")):
        page = look()
        row = page.locator(f"#visit-{check_up.pk}")
        if number:
            row.get_by_label("More for Ana Ruiz").click()
        if label == "Not needed":
            row.get_by_label("Not needed: why?").fill("Operated on again")
        row.get_by_label(f"{label}: Ana Ruiz").click()
        page.get_by_text(f"{label}: Ana Ruiz, First visit").wait_for()
        page.goto(live_server.url + reverse("staff:record", args=[check_up.surgery_id]))
        keep(page, f"record-{label}")
        page.get_by_label("Undo: First visit").click()
        page.get_by_text("Undone: First visit.").wait_for()
        check_up.refresh_from_db()
        assert check_up.state == "booked", label


def test_the_second_of_two_desks_is_told_who_booked_what(look, live_server, site, surgeon):
    check_up = first_visit(an_enrolment(site, by=surgeon, day=9))
    page = look()
    row = page.locator(f"#visit-{check_up.pk}")
    row.get_by_text("Book", exact=True).first.click()
    other = Client()
    other.force_login(a_staff_member(site, Role.RECEPTION))
    other.post(reverse("staff:board-visit", args=[check_up.pk, "book"]), {"at": "2026-03-06T09:20", "seen": "0"})

    row.get_by_label("Book at this time: Ana Ruiz").click()

    row.get_by_text("Ida Hale booked Fri 6 Mar 9:20 just now: look again.").first.wait_for()
    keep(page, "two-desks")
    page.goto(live_server.url + reverse("staff:board-later"))
    keep(page, "later")
