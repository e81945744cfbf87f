"""At the desk, in a real browser: a time is freed and booked anew; each click is taken back; two desks, one visit."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from patients.models.staff import Role
from reminders import visit_actions
from tests.given import NOW, a_new_patient, a_phone, a_staff_member, an_enrolment
from tests.staff.browsing import fits, sign_in
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
        row.get_by_label("Free this time: Ana Ruiz").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        row.get_by_label("Free this time: Ana Ruiz").click()
        page.locator(f"#due #visit-{check_up.pk}").wait_for()

    free()
    keep(page, f"freed-{width}")
    assert page.locator(".board-said").get_by_label("Undo: Ana Ruiz").is_visible()
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


CLICKS = {  # which label, when the visit is booked for (None: not yet), and what it becomes
    "Book at this time": (None, "booked"),
    "Confirm": (timedelta(days=3), "confirmed"),
    "Move at this time": (timedelta(days=3), "booked"),
    "Arrived": (timedelta(minutes=-20), "attended"),
    "Missed": (timedelta(minutes=-20), "missed"),
    "Not needed": (timedelta(days=3), "not_needed"),
}


def test_each_click_is_undone_beside_its_row_and_from_the_record_afterwards(look, live_server, site, surgeon):
    visits = {label: a_visit(site, surgeon, label, ahead) for label, (ahead, _) in CLICKS.items()}
    page, before = look(), {label: stands(check_up) for label, check_up in visits.items()}
    for label, check_up in visits.items():
        click(page, check_up, label)
        undo = page.get_by_label(f"Undo: {check_up.surgery.patient}").last  # a visit not needed has no row any more
        undo.wait_for()
        assert stands(check_up)[0] == CLICKS[label][1], label
        undo.click()
        page.get_by_text(f"Undone: {check_up.surgery.patient}, First visit").wait_for()
        assert stands(check_up) == before[label], label

    for label in ("Arrived", "Not needed"):
        click(page, visits[label], label)
        page.get_by_text(f"{label}: {visits[label].surgery.patient}, First visit").wait_for()
    for label in ("Arrived", "Not needed"):
        page.goto(live_server.url + reverse("staff:record", args=[visits[label].surgery_id]))
        keep(page, f"record-{label}")
        page.get_by_label("Undo: First visit").click()
        page.get_by_text("Undone: First visit.").wait_for()
        assert stands(visits[label]) == before[label], label


def a_visit(site, surgeon, label: str, ahead: timedelta | None):
    who = a_new_patient(a_phone(), family_name=label.split()[0])
    check_up = first_visit(an_enrolment(site, by=surgeon, day=12, patient=who))
    if ahead:
        visit_actions.book_visit(check_up, at=NOW + ahead, by=surgeon, now=NOW - timedelta(days=1))
    return check_up


def click(page, check_up, label: str) -> None:
    """Opens what the button stands in, and fills in what it asks for."""
    row, name = page.locator(f"#visit-{check_up.pk}"), str(check_up.surgery.patient)
    if label == "Book at this time":
        row.get_by_label(f"Book {name}").click()
    elif label not in ("Confirm", "Arrived"):
        row.get_by_label(f"More for {name}").click()
    if label == "Move at this time":
        row.get_by_label("Move: day and time").fill("2026-03-06T11:00")
    if label == "Not needed":
        row.get_by_label("Not needed: why?").fill("Operated on again")
    row.get_by_label(f"{label}: {name}").click()


def stands(check_up) -> tuple:
    check_up.refresh_from_db()
    return check_up.state, check_up.booked_for


def test_the_second_of_two_desks_is_told_who_booked_what(look, live_server, new_page, site, surgeon):
    check_up = first_visit(an_enrolment(site, by=surgeon, day=9))
    mia = a_staff_member(site, Role.RECEPTION)
    type(mia).objects.filter(pk=mia.pk).update(first_name="Mia", last_name="Ortiz")
    desks = look(), sign_in(new_page(), live_server.url, mia)
    desks[1].goto(live_server.url + reverse("staff:board"))
    for page in desks:
        page.get_by_label("Book Ana Ruiz").click()
    desks[1].get_by_label("Book: day and time").fill("2026-03-06T09:20")
    desks[1].get_by_label("Book at this time: Ana Ruiz").click()
    desks[1].get_by_text("Booked: Ana Ruiz, First visit, Fri 6 Mar 09:20.").wait_for()

    desks[0].get_by_label("Book at this time: Ana Ruiz").click()

    told = desks[0].get_by_text("Mia Ortiz booked Fri 6 Mar 9:20 just now: look again.")
    told.first.wait_for()
    fits(desks[0], "two-desks")
    assert stands(check_up) == ("booked", datetime(2026, 3, 6, 14, 20, tzinfo=UTC))
    desks[0].goto(live_server.url + reverse("staff:board-later"))
    fits(desks[0], "later")
