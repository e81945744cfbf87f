"""The record in a real browser: what will change is shown first, and what is decided shows at once."""

from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from reminders import visit_actions
from tests.given import NOW, a_phone, a_site, a_staff_member, an_email, an_enrolment
from tests.staff.browsing import at_the_record, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def surgery():
    site = a_site()
    return an_enrolment(site, a_phone(), an_email(), by=a_staff_member(site), day=9)


@pytest.fixture
def record(surgery, live_server, browser_page):
    return at_the_record(browser_page, live_server.url, surgery)


def card(record):
    return record.get_by_role("region", name="Change the plan")


def test_the_day_is_moved_after_what_moves_was_shown(record, surgery):
    card(record).get_by_text("Move day of surgery").click()
    record.get_by_label("New day of surgery").fill("2026-03-05")
    record.get_by_label("Why").locator("visible=true").fill("theatre closed")
    card(record).get_by_role("button", name="Show what changes").locator("visible=true").click()
    expect(record.locator("#preview-date")).to_contain_text("messages move")
    surgery.refresh_from_db()
    assert f"{surgery.date}" == "2026-02-21"
    fits(record, "record-move")

    record.get_by_role("button", name="Save: move day of surgery").click()

    expect(record.get_by_text("operation planned for Thu 5 Mar 2026")).to_be_visible()
    surgery.refresh_from_db()
    assert f"{surgery.date}" == "2026-03-05"


def test_a_plan_is_held_after_a_look_and_released_again(record, surgery):
    card(record).locator("summary", has_text="Hold").click()
    show = card(record).get_by_role("button", name="Show what changes").locator("visible=true")
    show.click()
    expect(record.locator("#preview-hold")).to_contain_text("Say in a few words why.")
    record.get_by_label("Why").locator("visible=true").fill("wound infection")
    show.click()
    expect(record.locator("#preview-hold")).to_contain_text("wait until the plan is released")
    assert not surgery.plan_changes.exists()
    fits(record, "record-hold-shown")
    record.get_by_role("button", name="Save: hold").click()

    expect(record.get_by_text("Held since 2 March 2026: wound infection.")).to_be_visible()
    fits(record, "record-held")
    card(record).locator("summary", has_text="Release").click()
    record.get_by_label("The plan continues from").fill("2026-03-06")
    card(record).get_by_role("button", name="Show what changes").locator("visible=true").click()
    expect(record.locator("#preview-release")).to_contain_text("come back")
    record.get_by_role("button", name="Save: release").click()

    expect(record.get_by_text("Held from 2 Mar 2026 until 6 Mar 2026").first).to_be_visible()
    expect(record.get_by_text("4 days later: the plan was held.").first).to_be_visible()
    assert not surgery.reminders.filter(reason="plan_held").exists()
    fits(record, "record-released")


def test_one_message_is_skipped_with_a_reason_and_the_skip_undone(record, surgery):
    coming = surgery.reminders.filter(status="planned").count()
    record.get_by_role("link", name="Change: ").first.click()
    row = record.locator("tr.change", has=record.get_by_text("Postpone"))
    row.locator("summary", has_text="Skip").click()
    row.get_by_label("Why").locator("visible=true").fill("told in person")
    row.get_by_role("button", name="Show what changes").locator("visible=true").click()
    expect(row).to_contain_text("1 message is left out")
    fits(record, "record-skip-shown")
    row.get_by_role("button", name="Save: skip").click()
    expect(record.get_by_text("The message is taken out of this plan.")).to_be_visible()
    assert surgery.reminders.filter(status="planned").count() == coming - 1

    card(record).get_by_role("button", name="Undo: ").click()
    expect(card(record)).to_contain_text("1 message comes back")
    fits(record, "record-undo-shown")
    record.get_by_role("button", name="Save: undo").click()

    expect(record.get_by_text("Undone. The plan is as it was")).to_be_visible()
    assert surgery.reminders.filter(status="planned").count() == coming


def test_cancelling_asks_why_and_ends_the_plan(record, surgery):
    record.locator("summary", has_text="Cancel the operation").click()
    record.get_by_role("button", name="Cancel the operation").click()
    expect(record.get_by_text("Give the reason")).to_be_visible()

    record.get_by_label("Why is the operation cancelled?").fill("Fever")
    record.get_by_role("button", name="Cancel the operation").click()

    expect(record.get_by_text("Cancelled: Fever")).to_be_visible()
    assert not surgery.reminders.filter(status="planned").exists()


def test_a_visit_is_booked_in_two_clicks_and_a_refused_time_is_explained(record, surgery):
    record.locator("summary", has_text="Book").first.click()
    record.get_by_label("Book: day and time").first.fill("2026-03-01T09:30")
    record.get_by_role("button", name="Book at this time: First visit").click()
    expect(record.get_by_text("This time has passed.")).to_be_visible()
    expect(record.get_by_label("Book: day and time").first).to_have_value("2026-03-01T09:30")
    fits(record, "record-refused")

    record.get_by_label("Book: day and time").first.fill("2026-03-06T09:30")
    record.get_by_role("button", name="Book at this time: First visit").click()

    expect(record.locator(".visit", has_text="Fri 6 Mar 2026, 09:30").locator(".pill")).to_have_text("booked")
    fits(record, "record")


def test_pills_stay_inside_their_column(record):
    cells = record.locator(".messages td:nth-child(3):visible")

    assert cells.evaluate_all("all => all.every(cell => cell.scrollWidth <= cell.clientWidth)")


def test_a_booked_visit_is_moved_in_two_clicks(record, surgery):
    visit = surgery.check_ups.get(code="first-visit")
    visit_actions.book_visit(visit, at=NOW + timedelta(days=3), by=surgery.surgeon, now=NOW)
    record.reload()

    record.get_by_label("More for First visit").click()
    record.get_by_label("Move: day and time").fill("2026-03-06T11:00")
    record.get_by_role("button", name="Move at this time: First visit").click()

    expect(record.locator(".visit", has_text="Fri 6 Mar 2026, 11:00").locator(".pill")).to_have_text("booked")


def test_a_contact_is_ended_in_two_clicks(record, surgery):
    record.locator("summary", has_text="End this contact").first.click()
    record.get_by_role("button", name="End +").click()

    expect(record.get_by_text("not used since 2 Mar 2026")).to_be_visible()
    assert surgery.patient.contacts.filter(ended_at=None).count() == 1
