"""A patient whose plan runs is enrolled again: what becomes of it is asked, shown and done."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from patients import clock
from patients.models import Surgery
from reminders import visit_actions
from tests.given import an_enrolment
from tests.staff.enrolling import ENROL, PREVIEW, people, surgeon, text, typed
from tests.staff.people import signed_in

__all__ = ["people", "surgeon"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def running(people) -> Surgery:
    """Operated on six days ago."""
    return an_enrolment(people.site, by=people.owner, day=6, now=clock.now())


@pytest.mark.parametrize(
    ("choice", "becomes"),
    [("end", "Its plan ended."), ("hold", "held until a person releases it"), ("keep", "Both plans run")],
)
def test_what_becomes_of_a_running_plan_is_asked_shown_and_done(people, surgeon, running, choice, becomes):
    asked = typed(people, patient=str(running.patient_id), running_plan=choice)
    opened = text(surgeon.get(ENROL, {"patient": running.patient_id}))
    assert "A plan runs already" in opened
    assert re.search(r'value="end"[^>]*checked', opened)
    assert f"{running}: the plan" in text(surgeon.post(PREVIEW, asked))

    second = Surgery.objects.get(pk=surgeon.post(ENROL, asked).headers["Location"].strip("/").split("/")[-1])

    first, later = (text(surgeon.get(reverse("staff:record", args=[pk]))) for pk in (running.pk, second.pk))
    assert "Followed by" in first
    assert "Earlier operation:" in later
    assert becomes in first
    assert becomes in later


def test_a_page_that_does_not_say_it_is_asked(people, surgeon, running):
    answer = surgeon.post(ENROL, typed(people, patient=str(running.patient_id)))

    assert answer.status_code == 422
    assert "Say what becomes of it" in text(answer)
    assert Surgery.objects.count() == 1


def test_a_visit_that_is_booked_for_the_ended_plan_is_put_before_reception(people, running):
    reception = signed_in(people.colleague)
    visit = running.check_ups.get(code="first-visit")
    visit_actions.book_visit(visit, at=clock.now() + timedelta(days=6), by=people.colleague, now=clock.now())
    asked = typed(people, patient=str(running.patient_id), running_plan="end")
    assert "Stays booked" in text(reception.post(PREVIEW, asked))

    shown = text(reception.post(ENROL, asked, follow=True))

    assert "Still booked for" in shown
    assert "Keep it, or free its time" in shown
    assert "plan ended: keep it or free its time" in text(reception.get("/staff/board/"))


def test_a_stranger_cannot_end_a_plan(people, running):
    answer = signed_in(people.stranger).post(ENROL, typed(people, patient=str(running.patient_id), running_plan="end"))

    assert answer.status_code == 404
    running.refresh_from_db()
    assert running.is_active
