"""A surgeon fills in the blanks of a draft and signs it, at a desk and on a phone; the patient reads the numbers."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from patients import clock
from tests.given import a_site, a_staff_member, an_enrolment, open_blanks
from tests.staff.admin_pages import draft_of
from tests.staff.browsing import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_blanks_are_filled_in_struck_and_signed_and_the_patient_reads_them(live_server, browser_page):
    site = a_site()
    surgeon, draft = a_staff_member(site), draft_of(site, "miss-base")
    open_blanks(draft, "lifting_limit", "driving_after", "sex_after")
    page = sign_in(browser_page, live_server.url, surgeon)
    page.goto(live_server.url + reverse("admin:reminders_protocolversion_sign", args=[draft.pk]))
    expect(page.get_by_text("3 faults to fix first")).to_be_visible()
    fits(page, "sign-blanks")

    page.get_by_role("link", name="Fill in the blanks").click()
    fits(page, "blanks")
    page.get_by_label("most that may be lifted", exact=True).fill("heavy")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It must be a number with its unit, such as 10 lb.")).to_be_visible()
    fits(page, "blanks-refused")
    page.get_by_label("most that may be lifted", exact=True).fill("15")
    page.get_by_label("no driving for", exact=True).fill("3")
    page.get_by_label("unit of: no driving for").select_option("weeks")
    page.locator("[name=struck-sex_after]").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. No blank is open.")).to_be_visible()
    page.get_by_role("link", name="Sign this version").click()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("is signed. Patients can be enrolled on it.")).to_be_visible()

    surgery = an_enrolment(site, by=surgeon, day=3, now=clock.now())
    page.goto(f"{live_server.url}/p/{surgery.care_plan.link}/")
    expect(page.get_by_text("Heavy lifting. Lift no more than 15 lb.")).to_be_visible()
    page.get_by_text("When may I drive?").click()
    expect(page.get_by_text("Do not drive for 3 weeks after your operation.", exact=False).last).to_be_visible()
    expect(page.get_by_text("When may I have sex again?")).to_have_count(0)
    fits(page, "patient-questions")
