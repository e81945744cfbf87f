"""The plan day by day: steps and phases move, codes stay unique, and a signed version is moved by nobody."""

import re

import pytest
from django.urls import reverse

from reminders.plan.files.document_rows import export
from reminders.plan.models import Phase
from tests.given import a_signed_version
from tests.staff.admin_pages import change, form_of, text
from tests.staff.editing import draft, step, url
from tests.staff.people import people, signed_in

__all__ = ["draft", "people", "step"]
pytestmark = pytest.mark.django_db


def test_steps_stand_in_the_order_of_their_days_and_move_with_them(people, draft):
    client = signed_in(people.owner)
    lifting = draft.steps.get(code="avoid-heavy-lifting-1")

    def order() -> list[str]:
        page = text(client.get(change(draft)))
        return re.findall(r"/reminders/step/(\d+)/change/", page)

    first = order()
    client.post(url("step_move", lifting), {"to": 13, "was": lifting.offset_days})
    lifting.refresh_from_db()

    assert lifting.offset_days == 13
    assert order().index(str(lifting.pk)) > first.index(str(lifting.pk))
    assert sorted(order()) == sorted(first)


def test_a_step_somebody_else_moved_meanwhile_is_not_moved_again(people, draft, step):
    client = signed_in(people.owner)
    client.post(url("step_move", step), {"to": 1, "was": 0})

    page = text(client.post(url("step_move", step), {"to": 2, "was": 0}, follow=True))
    nonsense = text(client.post(url("step_move", step), {"to": "soon", "was": 1}, follow=True))

    step.refresh_from_db()
    assert step.offset_days == 1
    assert "was moved by somebody else meanwhile" in page
    assert "A day is a whole number" in nonsense


@pytest.mark.parametrize("name", ["step", "phase", "checkupdefinition"])
def test_a_code_that_is_taken_is_said_at_the_form(people, draft, name):
    client, add = signed_in(people.owner), f"{reverse(f'admin:reminders_{name}_add')}?version={draft.pk}"
    taken = {"step": draft.steps, "phase": draft.phases, "checkupdefinition": draft.check_ups}[name].all()[0]
    new = {"code": taken.code, "title": "Again", "title_en": "Again", "phase": draft.phases.all()[0].pk, "at": "9:00"}
    new |= {"kind": "pain_medicine", "anchor": "surgery", "channels": "sms"}
    new |= {"first_day": 1, "target_day": 1, "last_day": 1}

    response = client.post(add, form_of(client, add) | new)

    assert response.status_code == 200
    assert "with this Version and Code already exists." in text(response)


def test_a_phase_goes_only_when_nothing_is_said_in_it(people, draft):
    client, phase = signed_in(people.owner), draft.phases.all()[0]

    kept = text(client.post(url("phase_remove", phase), follow=True))
    for one in phase.steps.all():
        client.post(url("step_remove", one))
    client.post(url("phase_remove", phase))

    assert "Move or remove its steps first" in kept
    assert not Phase.objects.filter(pk=phase.pk).exists()


def test_a_signed_version_is_moved_and_emptied_by_nobody(people):
    version = a_signed_version(people.site, by=people.owner)
    client, step = signed_in(people.owner), version.steps.all()[0]
    before = export(version)

    assert "cannot change" in text(client.post(url("step_move", step), {"to": 9, "was": step.offset_days}, follow=True))
    assert "cannot change" in text(client.post(url("step_remove", step), follow=True))

    assert export(version) == before


def test_the_course_of_pain_and_the_late_rule_are_edited(people, draft, step):
    client = signed_in(people.owner)

    wrong = client.post(change(draft), form_of(client, change(draft)) | {"expected_pain": "14 9 2"})
    odd = client.post(change(draft), form_of(client, change(draft)) | {"expected_pain": "soon"})
    client.post(change(draft), form_of(client, change(draft)) | {"expected_pain": "1 4 8\n14 2 5"})
    client.post(change(step), form_of(client, change(step)) | {"late_rule": "skip"})

    draft.refresh_from_db()
    step.refresh_from_db()
    assert "Give rows of day, lowest and highest" in text(wrong)
    assert "A line each: the day, then the lowest" in text(odd)
    assert (draft.expected_pain, step.late_rule) == ([[1, 4, 8], [14, 2, 5]], "skip")


def test_the_nature_of_a_step_and_of_a_check_up_is_edited_and_shown(people, draft):
    client = signed_in(people.owner)
    book, check_in = draft.steps.get(code="book-first-visit"), draft.steps.get(code="check-in-1")
    visit = draft.check_ups.get(code="first-visit")

    wrong = client.post(change(book), form_of(client, change(book)) | {"nature": "activity"})
    client.post(change(check_in), form_of(client, change(check_in)) | {"nature": "activity"})
    client.post(change(visit), form_of(client, change(visit)) | {"nature": "activity"})

    assert "leave the nature empty, or make it safety too." in text(wrong)
    check_in.refresh_from_db()
    assert check_in.nature == "activity"
    book = draft.steps.get(code="book-first-visit")
    assert (book.nature, book.own_nature) == ("", "activity")
    assert "check-in · activity" in text(client.get(change(draft)))
