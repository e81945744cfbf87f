"""A patient whose plan runs is operated on again: the page asks what becomes of it, shows the result, and does it."""

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import expect

from tests.given import NOW, a_new_patient, a_signed_version, a_site, a_staff_member, an_enrolment
from tests.staff.browsing import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOWN_AND_DONE = {
    "end": ("the plan ends now", "Its plan ended."),
    "hold": ("the plan is held from today", "Its plan is held until a person releases it."),
    "keep": ("the plan goes on", "Both plans run: what is the same is said once, by the later one."),
}


def test_each_choice_about_a_running_plan_is_shown_before_and_stands_on_both_records_after(live_server, browser_page):
    with time_machine.travel(NOW, tick=True):
        site = a_site()
        surgeon = a_staff_member(site)
        a_signed_version(site, "decompression", by=surgeon)
        page = sign_in(browser_page, live_server.url, surgeon)
        for choice, (shown, done) in SHOWN_AND_DONE.items():
            first = an_enrolment(site, by=surgeon, day=6, patient=a_new_patient(number=f"R-{choice}"))
            enrol, record = (live_server.url + reverse(name, args=args) for name, args in
                             (("staff:enrol", []), ("staff:record", [first.pk])))  # fmt: skip
            if choice == "end":
                again_by_the_number(page, enrol, first.patient.number)
            else:
                page.goto(f"{enrol}?patient={first.patient_id}")
            page.get_by_label("Procedure").select_option(label="Microdiscectomy")

            page.get_by_role("radio", name=f"{choice} ").check()
            expect(page.locator("#plan").get_by_text(f"{first}: {shown}")).to_be_visible()
            fits(page, f"enrol-again-{choice}")
            page.get_by_role("button", name="Enrol", exact=True).click()

            expect(page.get_by_text(f"Earlier operation: {first}. {done}")).to_be_visible()
            fits(page, f"record-later-{choice}")
            page.goto(record)
            expect(page.get_by_text(f"{first.patient.surgeries.latest('pk')}. {done}")).to_be_visible()
    fits(page, "record-earlier")


def again_by_the_number(page, enrol, number) -> None:
    """As who does not know that the patient is registered already: the page finds it, and proposes to end the plan."""
    page.goto(enrol)
    page.get_by_label("Patient number").fill(number)
    page.get_by_label("Date of birth").fill("1965-04-02")
    page.get_by_role("link", name="Enrol again").click()
    expect(page.get_by_role("radio", name="end it")).to_be_checked()
