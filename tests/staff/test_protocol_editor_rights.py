"""Who may do what in the protocol editor: surgeons and managers of the site, reception, a stranger."""

import pytest
from django.urls import reverse

from reminders.plan.files.document_rows import export
from reminders.plan.models import ProtocolVersion
from tests.given import a_signed_version
from tests.staff.admin_pages import change, text
from tests.staff.editing import draft, step, upload, url
from tests.staff.people import a_manager, people, signed_in

__all__ = ["draft", "people", "step"]
pytestmark = pytest.mark.django_db


def test_pages_that_are_read_open_to_colleagues_and_to_no_stranger(people, draft, step):
    parts = [draft, step, draft.phases.all()[0], draft.check_ups.all()[0]]
    pages = [change(part) for part in parts] + [url(f"protocolversion_{w}", draft) for w in ("export", "compare")]

    for page in pages:
        assert signed_in(people.owner).get(page).status_code == 200, page
        assert signed_in(people.colleague).get(page).status_code == 200, page
        assert signed_in(people.stranger).get(page).status_code in (302, 404), page


@pytest.mark.parametrize("name", ["step_move", "step_remove", "phase_remove", "checkupdefinition_remove"])
def test_a_draft_is_changed_by_surgeons_and_managers_of_its_site_only(people, draft, step, name):
    row = {"step": step, "phase": draft.phases.all()[0]}.get(name.split("_")[0], draft.check_ups.all()[0])
    before = export(draft)

    assert signed_in(people.owner).get(url(name, row)).status_code == 405
    assert signed_in(people.colleague).post(url(name, row), {"to": 1, "was": 0}).status_code == 403
    assert signed_in(people.stranger).post(url(name, row), {"to": 1, "was": 0}).status_code == 404

    assert export(draft) == before


def test_the_signing_page_is_for_surgeons_of_the_site(people, draft):
    page = url("protocolversion_sign", draft)

    assert signed_in(people.owner).get(page).status_code == 200
    for nobody in (people.colleague, a_manager(people.site)):
        assert signed_in(nobody).get(page).status_code == 403
    assert signed_in(people.stranger).get(page).status_code == 404


def test_a_version_is_retired_by_surgeons_and_managers_of_the_site(people):
    version = a_signed_version(people.site, by=people.owner)
    page = url("protocolversion_retire", version)

    assert signed_in(people.stranger).post(page).status_code == 404
    assert signed_in(people.colleague).post(page).status_code == 403
    version.refresh_from_db()
    assert version.state == "signed"
    signed_in(a_manager(people.site)).post(page)
    version.refresh_from_db()
    assert version.state == "retired"


def test_a_file_is_imported_by_surgeons_and_managers_into_their_own_site(people):
    page, elsewhere = reverse("admin:reminders_protocol_import"), people.stranger.sites.get()
    before = ProtocolVersion.objects.count()

    assert signed_in(people.colleague).get(page).status_code == 403
    refused = signed_in(people.owner).post(page, {"site": elsewhere.pk, "taken_as": "version", "file": upload()})
    assert refused.status_code == 200
    assert "Select a valid choice" in text(refused)
    assert ProtocolVersion.objects.count() == before
    assert "Import a protocol" in text(signed_in(people.owner).get(reverse("admin:reminders_protocol_changelist")))
    assert "Import a protocol" not in text(
        signed_in(people.colleague).get(reverse("admin:reminders_protocol_changelist"))
    )


def test_texts_are_weighed_for_who_may_edit_them(people, draft):
    page, typed = (
        reverse("admin:reminders_step_weigh"),
        {"version": draft.pk, "weigh": "sms_en", "sms_en": "{clinic}: Hi"},
    )

    assert signed_in(people.owner).post(page, typed).status_code == 200
    for nobody in (people.colleague, people.stranger):
        assert signed_in(nobody).post(page, typed).status_code == 404
