"""A proposal in a browser: what accepting changes is shown in place and saved, at a desk and on a phone."""

from datetime import date

import pytest
import time_machine
from playwright.sync_api import expect

from tests.given import NOW, a_new_patient, a_phone, a_site, a_staff_member, an_enrolment
from tests.staff.browsing import at_the_record, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_proposal_is_looked_at_and_accepted_in_place(live_server, browser_page):
    with time_machine.travel(NOW, tick=True):
        site = a_site()
        born = a_new_patient(a_phone(), birth_date=date(1937, 1, 5), conditions=["diabetes"])
        surgery = an_enrolment(site, by=a_staff_member(site), patient=born)
        page = at_the_record(browser_page, live_server.url, surgery)
        card = page.get_by_role("region", name="Proposed")
        expect(card).to_contain_text("Overall health gives 110 % (diabetes); age gives 115 % (89 years).")

        card.get_by_role("button", name="Show what accepting changes").first.click()

        shown = page.locator("#proposal-pace")
        expect(shown).to_contain_text("Check-ins, warnings and visits keep their days")
        expect(shown).to_contain_text("activity")
        expect(shown).not_to_contain_text("Check-in, day")
        fits(page, "record-proposal")
        shown.get_by_role("button", name="Save: accept").click()

        expect(page.get_by_text("Slower: 115 %")).to_be_visible()
