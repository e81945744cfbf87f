"""A manager gives a site its region in a real browser, reads what changes, and saves it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from patients import clock
from patients.models import Site
from tests.given import a_site
from tests.staff.browsing import fits, sign_in
from tests.staff.people import a_manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_region_is_chosen_read_and_saved(live_server, browser_page):
    site = a_site(now=clock.now())
    page = sign_in(browser_page, live_server.url, a_manager(site))
    page.goto(live_server.url + reverse("admin:patients_site_change", args=[site.pk]))

    page.get_by_label("Region").select_option("HI")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Not saved yet. Tick").first).to_be_visible()
    fits(page, "site-days")

    page.get_by_label("Save the changed closed days").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Site.objects.get(pk=site.pk).region == "HI"
