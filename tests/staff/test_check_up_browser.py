"""A check-up moved by hand in a real browser: a safety check-up that comes later is warned of before it is saved."""

import pytest
import time_machine
from playwright.sync_api import expect

from tests.given import NOW, a_phone, a_site, a_staff_member, an_enrolment
from tests.staff.browsing import at_the_record, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True):
        yield


def test_a_safety_check_up_is_moved_after_its_warning_was_shown(live_server, browser_page):
    site = a_site()
    surgery = an_enrolment(site, a_phone(), by=a_staff_member(site), day=2)
    before = surgery.check_ups.get(code="first-visit").window_opens
    record = at_the_record(browser_page, live_server.url, surgery)
    card = record.get_by_role("region", name="Change the plan")
    card.get_by_text("Move a check-up").click()
    record.get_by_label("Check-up", exact=True).select_option("first-visit:0")
    record.get_by_label("Days later").locator("visible=true").fill("5")
    record.get_by_label("Why").locator("visible=true").fill("travels")
    card.get_by_role("button", name="Show what changes").locator("visible=true").click()

    expect(record.get_by_role("alert")).to_contain_text("is a safety check-up. The patient would be seen 5 days later")
    fits(record, "record-check-up-shown")
    record.get_by_role("button", name="Save: move a check-up").click()

    expect(record.get_by_text("The window of “First")).to_be_visible()
    assert (surgery.check_ups.get(code="first-visit").window_opens - before).days == 5
