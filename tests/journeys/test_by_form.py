"""The main job, end to end: enrol once, and each phase's message leaves at the right hour."""

import pytest
from playwright.sync_api import expect

from patients import clock
from patients.models import CheckUp
from tests.journeys import steps


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_patient_enrolled_by_form_is_told_and_seen(live_server, browser_page, aside):
    steps.given_a_clinic_with_a_surgeon(clock.now())

    steps.when_signed_in(browser_page, live_server.url, "ida.hale")
    steps.when_enrolled_by_form(browser_page, given_name="Eve", family_name="Stone")
    expect(browser_page.get_by_role("heading", name="Eve Stone").first).to_be_visible()
    expect(browser_page.get_by_role("row", name="Avoid heavy lifting").first).to_be_visible()
    steps.when_days_pass(8, aside)

    steps.then_the_outbox_shows(browser_page, live_server.url, "Eve Stone", "It is time to book your first visit")
    steps.then_the_board_shows(browser_page, live_server.url, "Due but not booked", "Eve Stone")
    steps.when_the_visit_is_booked(browser_page, live_server.url, "Eve Stone")
    steps.then_the_board_shows(browser_page, live_server.url, "Next 14 days", "Eve Stone")
    booked = aside(lambda: CheckUp.objects.get(code="first-visit"))
    assert booked.state == "booked"
    steps.when_days_pass((booked.booked_for - clock.now()).days + 1, aside)
    steps.then_the_outbox_shows(browser_page, live_server.url, "Eve Stone", "1 = I will come")
