"""Progress, in a real browser: the drawing fits a desk and a phone, and a session is written down in place."""

import pytest
import time_machine
from playwright.sync_api import expect

from tests.given import NOW, a_phone, a_site, a_staff_member, an_enrolment
from tests.staff.browsing import at_the_record, fits
from tests.staff.test_progress import a_check_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def record(live_server, browser_page):
    site = a_site()
    surgery = an_enrolment(site, a_phone(), by=a_staff_member(site), day=9)
    fine = {"wound": False, "legs": False, "bladder": False}
    for day, pain in ((1, 8), (3, 6), (6, None), (8, 4)):
        a_check_in(surgery, day, pain, **fine if pain is not None else {})
    return at_the_record(browser_page, live_server.url, surgery)


def test_the_trend_fits_and_its_table_opens(record):
    card = record.get_by_role("region", name="Progress")
    expect(card.get_by_role("img", name="Pain by day after the operation")).to_be_visible()
    expect(card.locator("polygon.band")).to_have_count(1)
    expect(card.locator("circle.high")).to_have_count(1)

    card.get_by_text("View as table").click()

    expect(card.get_by_role("row", name="Sun 22 Feb 2026")).to_contain_text("8")
    fits(record, "record-progress")


def test_a_session_is_written_down_in_place(record):
    record.get_by_text("Record a session").click()
    record.get_by_label("How it went").select_option("attended")
    record.get_by_role("button", name="Save the session").click()

    expect(record.get_by_text("The session is recorded.")).to_be_visible()
    expect(record.get_by_role("region", name="Progress")).to_contain_text("1 of 1 sessions attended")


def test_a_check_in_told_by_phone_is_written_down_in_place(record):
    card = record.get_by_role("region", name="Progress")
    card.get_by_text("Record a check-in told by phone").click()
    fits(record, "record-phone")
    card.get_by_label("How strong is your pain now?").select_option("9")
    for question in ("Is your wound red", "Is a leg or foot", "Do you have trouble"):
        card.get_by_label(question).select_option("no")
    card.get_by_role("button", name="Save the check-in").click()

    expect(record.get_by_text("The check-in is recorded.")).to_be_visible()
    expect(record.get_by_text("The team must call the patient back today.")).to_be_visible()
    card.get_by_text("View as table").click()
    expect(card.get_by_role("row", name="told by phone to")).to_contain_text("9")
    fits(record, "record-phoned")
