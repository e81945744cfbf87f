"""Two people at one page of the protocol editor: the second is told, and nobody's words are lost."""

import json

import pytest

from reminders.plan.models import ProtocolVersion, Step, StepText
from tests.given import NOW, a_staff_member
from tests.staff.admin_pages import change, form_of, text
from tests.staff.editing import draft, step
from tests.staff.people import people, signed_in

__all__ = ["draft", "people", "step"]
pytestmark = pytest.mark.django_db


def test_the_second_one_is_told_and_keeps_what_both_wrote(people, draft, step):
    colleague = a_staff_member(people.site, "manager", username="nora")
    first, second = signed_in(colleague), signed_in(people.owner)
    theirs, mine = form_of(first, change(step)), form_of(second, change(step))
    first.post(change(step), theirs | {"title": "Walk!", "sms_en": "{clinic}: Walk, theirs.", "warning": ""})

    response = second.post(change(step), mine | {"sms_en": "{clinic}: Walk, mine.", "subject_es": "Camine"})

    page = text(response)
    assert response.status_code == 200
    assert f"{colleague} (" in page
    assert "changed this while you were writing" in page
    assert "You both changed Text message, English. Yours is in its box; theirs: “{clinic}: Walk, theirs.”" in page
    assert "Their changes that you did not touch are in the form now: Title" in page
    assert StepText.objects.get(step=step, language="en").sms == "{clinic}: Walk, theirs."

    again = form_of(second, change(step)) | {
        field.html_name: field.value() or "" for field in response.context["adminform"].form if field.name != "warning"
    }
    assert (again["title"], again["sms_en"], again["subject_es"]) == ("Walk!", "{clinic}: Walk, mine.", "Camine")
    saved = second.post(change(step), again)

    step.refresh_from_db()
    assert saved.status_code == 302
    assert (step.title, step.texts.get(language="es").subject) == ("Walk!", "Camine")
    assert step.texts.get(language="en").sms == "{clinic}: Walk, mine."


def test_two_people_at_one_phase_keep_both_languages(people, draft):
    phase = draft.phases.all()[1]
    first, second = signed_in(a_staff_member(people.site, "manager")), signed_in(people.owner)
    theirs, mine = form_of(first, change(phase)), form_of(second, change(phase))
    first.post(change(phase), theirs | {"do_es": "Camine."})

    response = second.post(change(phase), mine | {"title_en": "Two gentle weeks"})
    shown = response.context["adminform"].form["do"].value()
    again = mine | {"title_en": "Two gentle weeks", "do_es": shown[1]}
    again["opened"] = response.context["adminform"].form["opened"].value()
    second.post(change(phase), again)

    assert "Their changes that you did not touch are in the form now: Do" in text(response)
    phase.refresh_from_db()
    assert (phase.title["en"], phase.do["es"]) == ("Two gentle weeks", ["Camine."])


def test_two_people_at_the_course_of_pain_are_told_too(people, draft):
    client = signed_in(people.owner)
    stale = form_of(client, change(draft))
    client.post(change(draft), stale | {"expected_pain": "1 4 8"})

    page = text(client.post(change(draft), stale | {"expected_pain": "1 0 2"}))

    draft.refresh_from_db()
    assert "You both changed Expected course of pain. Yours is in its box; theirs: “1 4 8”" in page
    assert draft.expected_pain == [[1, 4, 8]]


def test_who_saves_the_same_words_as_the_other_is_not_held_up(people, draft, step):
    client = signed_in(people.owner)
    data = form_of(client, change(step)) | {"title": "Walk!"}

    assert client.post(change(step), data).status_code == 302
    assert client.post(change(step), data).status_code == 302


def test_a_page_that_forgot_what_it_showed_still_saves(people, draft, step):
    client = signed_in(people.owner)

    for opened in ("", "{", "[]", json.dumps({"title": 1})):
        assert client.post(change(step), form_of(client, change(step)) | {"opened": opened}).status_code in (200, 302)


def test_words_for_a_step_that_is_gone_or_signed_are_handed_back(people, draft, step):
    client, data = signed_in(people.owner), form_of(signed_in(people.owner), change(step))
    words = {"sms_en": "{clinic}: Long thought about."}
    Step.objects.filter(pk=step.pk).delete()
    gone = client.post(change(step), data | words)
    other = draft.steps.get(code="check-in-1")
    data = form_of(client, change(other))
    ProtocolVersion.objects.filter(pk=draft.pk).update(state="retired", signed_by=people.owner, signed_at=NOW)
    signed = client.post(change(other), data | words)

    for response in (gone, signed):
        assert response.status_code == 409
        assert "Long thought about." in text(response)
        assert "Nothing was saved" in text(response)
