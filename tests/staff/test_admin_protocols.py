"""Protocols in the admin: surgeons sign, a signed version stays as it is, reception reads and changes none."""

import pytest
from django.urls import reverse

from reminders.plan.models import Step
from tests.given import a_signed_version
from tests.staff.admin_pages import change, draft_of, form_of, text
from tests.staff.people import people, signed_in

__all__ = ["people"]
pytestmark = pytest.mark.django_db


def test_a_surgeon_signs_and_reception_does_not(people):
    version = draft_of(people.site)
    url = reverse("admin:reminders_protocolversion_sign", args=[version.pk])

    assert signed_in(people.stranger).post(url).status_code == 404
    assert signed_in(people.colleague).post(url).status_code == 403
    surgeon = signed_in(people.owner)
    surgeon.post(url, {"seen": surgeon.get(url).context["seen"]})

    version.refresh_from_db()
    assert (version.state, version.signed_by) == ("signed", people.owner)


def test_what_keeps_a_version_from_being_signed_is_said_in_sentences(people):
    version = draft_of(people.site)
    version.steps.all()[0].texts.all().delete()

    page = signed_in(people.owner).post(reverse("admin:reminders_protocolversion_sign", args=[version.pk]), follow=True)

    assert "has no text in en." in text(page)
    version.refresh_from_db()
    assert version.state == "draft"


def test_a_signed_version_is_read_only_and_a_new_one_can_be_edited(people):
    version = a_signed_version(people.site, by=people.owner)
    client, step = signed_in(people.owner), version.steps.all()[0]

    assert client.post(change(version), {}).status_code == 403
    assert client.post(change(step), {"title": "x"}).status_code == 409
    client.post(reverse("admin:reminders_protocolversion_branch", args=[version.pk]))

    draft = version.protocol.versions.get(number=2)
    copy = draft.steps.get(code=step.code)
    response = client.post(change(copy), form_of(client, change(copy)) | {"title": "Walk, a little", "at": "10:30"})
    copy.refresh_from_db()
    assert response.status_code == 302
    assert (copy.title, f"{copy.at:%H:%M}") == ("Walk, a little", "10:30")
    step.refresh_from_db()
    assert step.title != "Walk, a little"


def test_a_drafts_phases_are_edited_per_language(people):
    phase, client = draft_of(people.site).phases.all()[1], signed_in(people.owner)

    response = client.post(change(phase), form_of(client, change(phase)) | {"title_en": "The first two weeks"})

    assert response.status_code == 302, response.context["errors"]
    phase.refresh_from_db()
    assert phase.title["en"] == "The first two weeks"
    assert phase.title["es"].startswith("Semanas")
    assert isinstance(phase.do["en"], list)


def test_reception_reads_protocols_and_changes_none(people):
    version = draft_of(people.site)
    client = signed_in(people.colleague)

    parts = [version.steps.all()[0], version.phases.all()[0], version.check_ups.all()[0]]
    for row in (version, version.protocol, *parts, people.site):
        assert client.get(change(row)).status_code == 200
        assert client.post(change(row), {}).status_code == 403, row


def test_a_new_step_goes_into_a_draft_of_ones_own_only(people):
    add = reverse("admin:reminders_step_add")
    own, foreign = draft_of(people.site), draft_of(people.stranger.sites.get())
    client = signed_in(people.owner)

    assert client.get(add, {"version": own.pk}).status_code == 200
    assert client.get(add, {"version": foreign.pk}).status_code == 302
    new = {"title": "Drink water", "code": "water", "kind": "pain_medicine", "phase": own.phases.all()[0].pk}
    new |= {"anchor": "surgery", "offset_days": 1, "at": "12:00", "useful_days": 1, "channels": "sms,email"}
    texts = {"sms_en": "{clinic}: Drink water."}
    response = client.post(f"{add}?version={own.pk}", form_of(client, f"{add}?version={own.pk}") | new | texts)

    assert response.status_code == 302, response.context["errors"]
    step = Step.objects.get(code="water")
    assert (step.version, step.channels, step.texts.get().language) == (own, ["sms", "email"], "en")
