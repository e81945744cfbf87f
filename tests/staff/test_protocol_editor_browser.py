"""The protocol editor in a real browser: a text is weighed while it is typed, a warning is ticked, changes are read."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reminders.plan.models import ProtocolVersion
from tests.given import a_signed_version, a_site, a_staff_member
from tests.staff.browsing import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "{clinic}: " + "Walk a little. " * 11 + "Emergency: {emergency_number}"


def test_a_text_is_edited_signed_with_its_warning_ticked_and_its_change_read(live_server, browser_page):
    site = a_site(part_price="0.0079")
    surgeon = a_staff_member(site)
    first = a_signed_version(site, by=surgeon)
    page = sign_in(browser_page, live_server.url, surgeon)
    page.goto(live_server.url + reverse("admin:reminders_protocolversion_change", args=[first.pk]))

    page.get_by_role("button", name="New version").click()
    expect(page.get_by_text("is a draft: change what should change")).to_be_visible()
    fits(page, "version-draft")

    page.get_by_role("link", name="Walk today, whom to call, what is normal").click()
    weight = page.locator("[id='weight-sms_en']")
    expect(weight).to_contain_text("1 part")
    fits(page, "step")
    page.get_by_label("Text message, English").fill("{clinic}: Walk. Your surgeon calls {emergency_number}")
    expect(weight).to_contain_text("says “surgeon”")
    page.get_by_label("Text message, English").fill(LONG)
    expect(weight).to_contain_text("2 parts")
    expect(weight).to_contain_text("0.0158 USD")
    fits(page, "step-weighed")
    page.get_by_role("button", name="Save", exact=True).click()

    page.get_by_role("link", name="Sign this version").click()
    expect(page.get_by_text("1 warning: tick each as read")).to_be_visible()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("not read yet")).to_be_visible()
    fits(page, "sign-warning")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("is signed. Patients can be enrolled on it.")).to_be_visible()

    page.get_by_role("link", name="What changes").click()
    expect(page.get_by_text("The English text of “Walk today, whom to call, what is normal” changes")).to_be_visible()
    fits(page, "compare")
    assert ProtocolVersion.objects.get(protocol=first.protocol, number=2).state == "signed"
    assert ProtocolVersion.objects.get(pk=first.pk).state == "retired"


def test_a_step_moves_by_its_day_and_a_bad_file_is_answered(live_server, browser_page, tmp_path):
    site = a_site()
    page = sign_in(browser_page, live_server.url, a_staff_member(site))
    draft = ProtocolVersion.objects.get(protocol__site=site, protocol__code="miss-base")
    page.goto(live_server.url + reverse("admin:reminders_protocolversion_change", args=[draft.pk]))

    page.get_by_label("Days from surgery: Still avoid heavy lifting").first.fill("10")
    page.get_by_role("button", name="Move Still avoid heavy lifting").first.click()
    expect(page.get_by_text("moved. The plan below is in order of days.")).to_be_visible()

    page.goto(live_server.url + reverse("admin:reminders_phase_change", args=[draft.phases.all()[1].pk]))
    fits(page, "phase")

    bad = tmp_path / "bad.yaml"
    bad.write_text("code: ours\nname: [")
    page.goto(live_server.url + reverse("admin:reminders_protocol_changelist"))
    page.get_by_role("link", name="Import a protocol from a file").click()
    page.locator("input[type=file]").set_input_files(bad)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("Nothing was imported.")).to_be_visible()
    fits(page, "import")
