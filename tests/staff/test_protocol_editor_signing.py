"""Signing a version with open eyes, comparing it in sentences, and retiring it."""

import pytest

from reminders.plan.models import ProtocolVersion, StepText
from tests.given import a_signed_version, an_enrolment
from tests.staff.admin_pages import change, text
from tests.staff.editing import draft, url
from tests.staff.people import people, signed_in

__all__ = ["draft", "people"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def dear(draft: ProtocolVersion) -> ProtocolVersion:
    long = "{clinic}: " + "Walk a little. " * 11 + "{emergency_number}"
    StepText.objects.filter(step__version=draft, step__code="check-in-1", language="en").update(sms=long)
    return draft


def test_a_warning_is_ticked_before_the_signature_counts(people, dear):
    client, page = signed_in(people.owner), url("protocolversion_sign", dear)

    asked = client.get(page)
    seen, sentence = asked.context["seen"], asked.context["verdict"].warnings[0]
    unread = text(client.post(page, {"seen": seen}))
    dear.refresh_from_db()
    assert dear.state == "draft"
    client.post(page, {"seen": seen, "read": [sentence]})

    assert "1 warning: tick each as read" in text(asked)
    assert "not read yet" in unread
    dear.refresh_from_db()
    assert (dear.state, dear.signed_by) == ("signed", people.owner)


def test_what_a_colleague_changed_while_the_surgeon_was_reading_is_not_signed(people, draft):
    client, page = signed_in(people.owner), url("protocolversion_sign", draft)
    seen = client.get(page).context["seen"]
    StepText.objects.filter(step__version=draft, step__code="walk-today", language="en").update(
        sms="{clinic}: Run. {emergency_number}"
    )

    told = client.post(page, {"seen": seen})
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert "was changed while you were reading it. Look at it again, then sign." in text(told)

    for forgotten in ({}, {"seen": ""}):
        client.post(page, forgotten)
    draft.refresh_from_db()
    assert draft.state == "draft"
    client.post(page, {"seen": told.context["seen"]})
    draft.refresh_from_db()
    assert draft.state == "signed"


def test_all_faults_stand_on_the_signing_page_at_once(people, dear):
    StepText.objects.filter(step__version=dear, language="es", step__code__in=["walk-today", "check-in-2"]).delete()

    page = text(signed_in(people.owner).get(url("protocolversion_sign", dear)))

    assert "2 faults to fix first" in page
    assert "walk-today has no text in es." in page
    assert "check-in-2 has no text in es." in page
    assert "1 warning: tick each as read" in page


def test_what_changes_is_said_in_sentences_against_any_other_version(people):
    version = a_signed_version(people.site, by=people.owner)
    client = signed_in(people.owner)
    client.post(url("protocolversion_branch", version))
    second = version.protocol.versions.get(number=2)
    second.steps.filter(code="avoid-heavy-lifting-2").update(offset_days=10)
    foreign = ProtocolVersion.objects.exclude(protocol=version.protocol).filter(protocol__site=people.site)[0]

    for asked in ({}, {"with": version.pk}, {"with": foreign.pk}, {"with": "x"}):
        page = text(client.get(url("protocolversion_compare", second), asked))
        assert "“Still avoid heavy lifting” moves from day 7 to day 10." in page, asked
    assert "moves from day 10 to day 7" in text(
        client.get(url("protocolversion_compare", version), {"with": second.pk})
    )


def test_a_retired_version_says_how_many_patients_stay_on_it(people):
    version = a_signed_version(people.site, by=people.owner)
    surgery = an_enrolment(people.site, by=people.owner, version=version)
    client = signed_in(people.owner)

    asked = text(client.get(change(version)))
    done = text(client.post(url("protocolversion_retire", version), follow=True))
    twice = text(client.post(url("protocolversion_retire", version), follow=True))

    assert "1 patient is on this version and stays on it to the end of the plan." in asked
    assert "is retired. Its patients stay on it" in done
    assert "1 patient is on this version, 1 of them with a plan still under way." in done
    assert "Only a signed version can be retired" in twice
    assert surgery.care_plan.version == version
