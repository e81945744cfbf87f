"""Signing a protocol in a real browser: its faults are said first, and what is signed no longer changes."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reminders.plan.models import ProtocolVersion, StepText
from tests.given import a_site, a_staff_member
from tests.staff.browsing import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_version_is_signed_once_its_faults_are_gone_and_is_read_only_then(live_server, browser_page):
    site = a_site()
    page = sign_in(browser_page, live_server.url, a_staff_member(site))
    version = ProtocolVersion.objects.get(protocol__site=site, protocol__code="decompression")
    lost = version.steps.all()[0].texts.get(language="en")
    StepText.objects.filter(pk=lost.pk).delete()
    page.goto(live_server.url + reverse("admin:reminders_protocolversion_change", args=[version.pk]))

    page.get_by_role("link", name="Sign this version").click()
    expect(page.get_by_text("has no text in en.").first).to_be_visible()
    expect(page.get_by_role("button", name="Sign", exact=True)).to_have_count(0)
    fits(page, "version-faults")

    lost.save(force_insert=True)
    page.reload()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("is signed. Patients can be enrolled on it.")).to_be_visible()
    expect(page.get_by_text("does not change. To edit the protocol, start a new version.")).to_be_visible()
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Move")).to_have_count(0)
    fits(page, "version-signed")
