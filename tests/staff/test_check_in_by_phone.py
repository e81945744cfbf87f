"""A check-in told by phone is written down on the record, by whom, under the same rules as any other."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from patients import audit
from reminders import actions
from reminders.replies.models import Alert, CheckIn
from tests.given import NOW, a_new_patient, a_phone, an_enrolment, phone
from tests.replies.test_inbound import text_in
from tests.replies.test_scores import asked
from tests.staff.admin_pages import text
from tests.staff.people import ThreePeople, signed_in, three_people

pytestmark = pytest.mark.django_db
FINE = {"pain": "4", "wound": "no", "legs": "no", "bladder": "no"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def people() -> ThreePeople:
    return three_people()


@pytest.fixture
def surgery(people):
    return an_enrolment(people.site, a_phone(phone(14)), by=people.owner, day=9)


def write(client: Client, surgery, so_far: object = 0, **said: str):
    address = reverse("staff:record_check_in", args=[surgery.pk])
    return client.post(address, {"so_far": so_far} | said, follow=True)


def answers(row: CheckIn) -> tuple:
    return row.pain, row.wound, row.legs, row.bladder


def test_owner_and_colleague_write_it_down_and_a_stranger_finds_nothing(people, surgery):
    assert write(signed_in(people.stranger), surgery, **FINE).status_code == 404
    assert not CheckIn.objects.exists()

    for number, staff in enumerate((people.owner, people.colleague)):
        shown = text(write(signed_in(staff), surgery, number, **FINE))

    assert "The check-in is recorded." in shown
    rows = CheckIn.objects.order_by("pk")
    assert [(answers(row), row.via, row.entered_by) for row in rows] == [
        ((4, False, False, False), "phone", people.owner), ((4, False, False, False), "phone", people.colleague),
    ]  # fmt: skip
    assert {(row.reminder, row.closed_at) for row in rows} == {(None, NOW)}
    assert "told by phone to Ida Hale" in shown


def test_the_history_tells_who_wrote_it_down(people, surgery):
    write(signed_in(people.colleague), surgery, **FINE)

    entry = audit.history(surgery).last()
    assert (entry.verb, entry.details["how"]) == ("check-in answered", "told by phone")
    assert entry.by == people.colleague


@pytest.mark.parametrize(
    ("said", "level", "sign", "to_do"),
    [
        ({"bladder": "yes"}, "E", "cauda_equina", "Tell the patient now: call 911 or go to an emergency room."),
        ({"pain": "9"}, "D", "pain", "The team must call the patient back today."),
        ({"wound": "yes"}, "D", "wound", "The team must call the patient back today."),
    ],
)
def test_what_must_not_wait_raises_an_alert_and_says_what_to_do(people, surgery, said, level, sign, to_do):
    shown = text(write(signed_in(people.colleague), surgery, **FINE | said))

    alert = Alert.objects.get()
    assert (alert.level, alert.signs, alert.surgery, alert.tell_at) == (level, [sign], surgery, NOW)
    assert alert.causes.get().check_in == CheckIn.objects.get()
    assert to_do in shown


def test_pain_far_worse_than_the_last_time_counts_here_too(people, surgery):
    write(signed_in(people.owner), surgery, **FINE | {"pain": "2"})
    assert not Alert.objects.exists()

    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        write(signed_in(people.owner), surgery, 1, **FINE | {"pain": "6"})

    assert Alert.objects.get().signs == ["pain"]


def test_it_answers_the_question_that_waits_for_an_answer(people):
    question = asked(people.site, people.owner)

    with time_machine.travel(question.due_at + timedelta(minutes=5), tick=False):
        write(signed_in(people.colleague), question.surgery, pain="4", wound="no")
        text_in(people.site, "30", now=question.due_at + timedelta(minutes=6))

    row = CheckIn.objects.get()
    assert (row.reminder, answers(row), row.closed_at) == (question, (4, False, False, None), None)


def test_what_a_patient_has_answered_by_text_stays_the_patients_own(people):
    question = asked(people.site, people.owner)
    text_in(people.site, "7", now=question.due_at + timedelta(minutes=1))

    with time_machine.travel(question.due_at + timedelta(hours=5), tick=False):
        write(signed_in(people.owner), question.surgery, 1, **FINE)

    assert [(row.pain, row.via) for row in CheckIn.objects.order_by("pk")] == [(7, "sms"), (4, "phone")]


def test_pressing_twice_writes_one_and_what_was_typed_is_still_there(people, surgery):
    client = signed_in(people.owner)

    answered = [write(client, surgery, 0, **FINE) for _ in range(2)]

    assert [answer.status_code for answer in answered] == [200, 422]
    assert CheckIn.objects.count() == 1
    shown = text(answered[1])
    assert "Another check-in was saved since this page was opened." in shown
    assert '<option value="4" selected>4</option>' in shown
    assert 'name="so_far" value="1"' in shown


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "Record at least one answer."),
        ({"pain": "11"}, "Pain is a number from 0 (none) to 10 (worst)."),
        ({"legs": "perhaps"}, "Choose yes or no"),
    ],
)
def test_what_is_no_answer_is_refused_with_what_would_be_right(people, surgery, said, sentence):
    answer = write(signed_in(people.owner), surgery, **said)

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not CheckIn.objects.exists()


def test_a_cancelled_operation_takes_none(people, surgery):
    actions.cancel_surgery(surgery, why="fever", by=people.owner, now=NOW)

    answer = write(signed_in(people.owner), surgery, **FINE)

    assert answer.status_code == 422
    assert not CheckIn.objects.exists()


def test_one_that_nobody_asked_for_counts_for_no_kept_plan(people, surgery):
    shown = text(write(signed_in(people.owner), surgery, **FINE))

    assert "Nothing was asked yet, so there is no adherence figure." in shown


def test_it_is_asked_in_the_patients_language_too(people):
    surgery = an_enrolment(people.site, by=people.owner, patient=a_new_patient(language="es"), day=9)

    shown = text(signed_in(people.colleague).get(reverse("staff:record", args=[surgery.pk])))

    assert "How strong is your pain now?" in shown
    assert "¿Cómo es su dolor ahora?" in shown
