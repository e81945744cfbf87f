"""The check-in on the patient's page: four questions without a script, and what must be said to them at once."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from patients import therapy_sessions
from reminders import actions
from reminders.plan.models import CarePlan
from reminders.replies.checkins import lifecycle
from reminders.replies.models import Alert, CheckIn, Reply
from tests.delivery.sending import site, surgeon
from tests.given import NOW
from tests.replies.talking import talk
from tests.replies.test_scores import asked

__all__ = ["site", "surgeon"]
pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FINE = {"pain": "4", "wound": "0", "legs": "0", "bladder": "0"}


@pytest.fixture
def question(site, surgeon):
    return asked(site, surgeon)


def address(question, name: str = "page") -> str:
    return reverse(f"patient:{name}", args=[CarePlan.objects.get(surgery=question.surgery).link])


def page(question, *, now=None, **query) -> str:
    with time_machine.travel(now or question.due_at + MINUTE, tick=False):
        return Client().get(address(question), query).content.decode()


def send(question, said, *, key=None, now=None, name="check-in"):
    with time_machine.travel(now or question.due_at + MINUTE, tick=False):
        client = Client(enforce_csrf_checks=True)
        return client.post(address(question, name), {"check_in": key or f"{question.pk}"} | said)


def answers() -> tuple:
    row = CheckIn.objects.get()
    return row.pain, row.wound, row.legs, row.bladder


def test_it_asks_the_four_questions_in_the_patients_language_and_writes_nothing_by_looking(question):
    shown = page(question)

    for words in ("How strong is your pain now?", "Is your wound red", "leg or foot", "bladder or bowel"):
        assert words in shown
    assert shown.count('name="pain"') == 11
    assert "¿Cómo es su dolor ahora?" in page(question, lang="es")
    assert not CheckIn.objects.exists()


def test_four_answers_are_kept_and_thanked(question):
    said = send(question, FINE)

    assert (said.status_code, said.cookies) == (303, {})
    assert answers() == (4, False, False, False)
    row = CheckIn.objects.get()
    assert (row.via, row.reminder, row.closed_at) == ("page", question, question.due_at + MINUTE)
    shown = page(question)
    assert "Thank you. We have your answers." in shown
    assert 'name="pain"' not in shown


def test_a_double_submit_is_harmless(question):
    bad = FINE | {"wound": "1"}

    assert [send(question, bad).status_code for _ in range(2)] == [303, 303]

    assert answers() == (4, True, False, False)
    assert Alert.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "level", "words"),
    [
        ({"bladder": "1"}, "E", "Do not wait. Call 911 now"),
        ({"legs": "1"}, "D", "Did it come fast, or is it getting worse? Call 911 now."),
        ({"wound": "1"}, "D", "Please call us today: +1 202-555-0100. If it cannot wait, call 911."),
        ({"pain": "8"}, "D", "Your pain is strong."),
    ],
)
def test_what_must_not_wait_is_said_at_once_and_raises_an_alert(question, said, level, words):
    send(question, FINE | said)

    shown = page(question)
    assert words in shown
    assert shown.index(words) < shown.index("Thank you. We have your answers.")
    alert = Alert.objects.get()
    assert (alert.level, alert.surgery, alert.check_in.reminder) == (level, question.surgery, question)


def test_without_trouble_nothing_alarms(question):
    send(question, FINE)

    assert 'role="alert"' not in page(question)
    assert not Alert.objects.exists()


def test_what_is_left_out_is_asked_again_and_the_rest_is_kept(question):
    said = send(question, {"pain": "9"})

    shown = said.content.decode()
    assert said.status_code == 422
    assert "Please answer every question." in shown
    assert "Your pain is strong." in shown
    assert 'name="wound"' in shown
    assert 'name="pain"' not in shown
    assert answers() == (9, None, None, None)


@pytest.mark.parametrize("said", [{}, {"pain": "11", "wound": "maybe", "legs": "", "bladder": "2"}, {"pain": "-1"}])
def test_what_nobody_can_choose_is_no_answer(question, said):
    assert send(question, said).status_code == 422
    assert answers() == (None, None, None, None)


def test_what_was_answered_by_text_is_not_asked_again(site, question):
    talk(site, question, "4", "20")

    shown = page(question, now=question.due_at + 5 * MINUTE)

    assert ['name="pain"' in shown, 'name="wound"' in shown, 'name="legs"' in shown] == [False, False, True]


def test_a_better_answer_than_the_one_by_text_waits_for_a_person(site, question):
    talk(site, question, "4", "21")

    said = [send(question, FINE, now=question.due_at + 5 * MINUTE) for _ in range(2)]

    assert [answer.status_code for answer in said] == [200, 200]
    assert "A person will read the change, but not at once." in said[0].content.decode()
    assert CheckIn.objects.get().wound is True
    kept = Reply.objects.to_read().get(source="page")
    assert kept.text == (
        "My answers: 4 of 10, wound no, legs no, bladder no. (answered otherwise before, on the patient's page)"
    )
    assert (kept.contact.patient, kept.is_urgent) == (question.surgery.patient, False)


@pytest.mark.parametrize("key", ["", "0", "x", "99999999"])
def test_the_answers_to_another_check_in_wait_for_a_person(question, key):
    said = send(question, FINE, key=key or " ")

    assert said.status_code == 200
    assert "These questions are closed. A person will read your answers" in said.content.decode()
    assert not CheckIn.objects.exclude(pain=None).exists()
    assert "to questions that are closed" in Reply.objects.to_read().get().text


def test_an_emergency_on_a_page_that_was_left_open_raises_its_alert(question):
    said = send(question, FINE | {"bladder": "1"}, key="1", now=question.due_at + 30 * DAY)

    alert = Alert.objects.get()
    assert (alert.level, alert.signs, alert.surgery) == ("E", ["cauda_equina"], question.surgery)
    assert alert.causes.get().reply == Reply.objects.to_read().get(is_urgent=True)
    assert "Do not wait. Call 911 now" in said.content.decode()


def test_an_empty_form_of_another_check_in_leaves_nothing_behind(question):
    said = send(question, {}, key="1")

    assert "These questions are closed. If you feel worse, please call us." in said.content.decode()
    assert not Reply.objects.exists()


def test_after_three_days_it_is_closed_and_trouble_is_still_answered(question):
    late = question.due_at + 3 * DAY
    lifecycle.keep(late)

    said = send(question, FINE | {"bladder": "1"}, now=late + MINUTE)

    assert said.status_code == 200
    assert "These questions are closed" in said.content.decode()
    assert "Do not wait. Call 911 now" in said.content.decode()
    assert answers() == (None, None, None, None)
    assert 'name="pain"' not in page(question, now=late + MINUTE)


def test_nobody_elses_link_answers_it(site, surgeon, question):
    other = asked(site, surgeon, number="+12025550177")

    assert "These questions are closed" in send(other, FINE, key=f"{question.pk}").content.decode()
    assert not CheckIn.objects.filter(reminder=question).exists()


def test_an_ended_plan_takes_no_answer(question, surgeon):
    actions.cancel_surgery(question.surgery, why="moved", by=surgeon, now=NOW)

    assert "This plan has ended" in send(question, FINE).content.decode()
    assert not CheckIn.objects.exists()


# Physical therapy


def ordered(question, how: str = "ordered") -> None:
    question.surgery.physical_therapy = how
    question.surgery.save()


def test_i_did_it_today_is_written_down_once(question):
    ordered(question)
    assert "I did it today" in page(question)

    for _ in range(2):
        assert send(question, {}, name="therapy").status_code == 303

    session = question.surgery.therapy_sessions.get()
    assert (session.state, session.source, session.by) == ("attended", "patient", None)
    assert session.day == question.surgery.site.today(question.due_at)
    assert "You told us that you had a session today." in page(question)


def test_a_planned_session_becomes_attended_and_a_missed_one_stays(question, surgeon):
    day = question.surgery.site.today(question.due_at)
    session = therapy_sessions.write_session(
        question.surgery, day=day, state="planned", by=surgeon, now=question.due_at
    )
    send(question, {}, name="therapy")
    session.refresh_from_db()
    assert (session.state, session.source) == ("attended", "patient")

    therapy_sessions.write_session(question.surgery, day=day, state="missed", by=surgeon, now=question.due_at)
    send(question, {}, name="therapy")
    session.refresh_from_db()
    assert (session.state, session.source) == ("missed", "staff")
    assert "I did it today" not in page(question)


@pytest.mark.parametrize("how", ["undecided", "declined"])
def test_where_none_is_ordered_nothing_is_asked_or_written(question, how):
    ordered(question, how)

    send(question, {}, name="therapy")

    assert "I did it today" not in page(question)
    assert not question.surgery.therapy_sessions.exists()
