"""A check-in by text: each answer brings the next question, and trouble raises an alert and is answered at once."""

import pytest

from patients import actions as care
from reminders.replies.checkins import lifecycle
from reminders.replies.models import Alert, CheckIn
from reminders.replies.parsing.questionnaire import Answers
from tests import given
from tests.replies.talking import DAY, MINUTE, alerts, answers, asked_again, talk
from tests.replies.test_inbound import PHONE, text_in
from tests.replies.test_scores import asked


def test_four_answers_one_after_the_other_need_nobody(site, surgeon):
    question = asked(site, surgeon)

    replies = talk(site, question, "4", "20", "30", "50")

    assert answers(question) == (4, False, False, False)
    assert ["Reply 21" in replies[0].answer, "Reply 31" in replies[1].answer, "Reply 51" in replies[2].answer] == [
        1
    ] * 3
    assert "that is all" in replies[3].answer
    assert all("911" in reply.answer and reply.handled_at and reply.question == question for reply in replies)
    row = CheckIn.objects.get()
    assert (row.closed_at, row.answered_at) == (replies[3].received_at, replies[0].received_at)
    assert (row.via, row.contact.address) == ("sms", PHONE)
    assert not Alert.objects.exists()


@pytest.mark.parametrize("text", ["7 no no no", "7, 2 2 2", "7 20 30 50"])
def test_all_of_it_in_one_text_is_understood(site, surgeon, text):
    question = asked(site, surgeon)

    [reply] = talk(site, question, text)

    assert answers(question) == (7, False, False, False)
    assert reply.effect.startswith("7 of 10, wound no, legs no, bladder no")
    assert "that is all" in reply.answer


def test_it_is_asked_and_thanked_in_spanish(site, surgeon):
    question = asked(site, surgeon, number=PHONE)
    care.correct(question.surgery.patient, language="es", by=surgeon, now=given.NOW)

    replies = talk(site, question, "4", "no", "no", "sí")

    assert "¿Tiene la herida" in replies[0].answer
    assert "llame ya al 911" in replies[3].answer


@pytest.mark.parametrize(
    ("texts", "raised", "said"),
    [
        (["8"], [("D", ["pain"])], "Call us today about the pain"),
        (["4", "21"], [("D", ["wound"])], "Call us today about the wound"),
        (["4", "20", "31"], [("D", ["weak_leg"])], "Fast or worse now? Call 911."),
        (["4", "20", "30", "51"], [("E", ["cauda_equina"])], "Do not wait. Call 911 now."),
        (["9 yes no no"], [("D", ["wound", "pain"])], "Call us today about the wound"),
        (["9 no no yes"], [("E", ["cauda_equina", "pain"])], "Do not wait. Call 911 now."),
        (["8", "21"], [("D", ["pain", "wound"])], "Call us today about the wound"),
    ],
)
def test_trouble_raises_an_alert_and_is_answered_at_once(site, surgeon, texts, raised, said):
    question = asked(site, surgeon)

    reply = talk(site, question, *texts)[-1]

    assert alerts() == raised
    assert reply.answer.startswith(f"Riverside Clinic: {said}")
    assert reply.is_urgent
    assert reply.handled_at is None
    alert = Alert.objects.first()
    assert (alert.surgery, alert.check_in.reminder) == (question.surgery, question)


def test_pain_far_worse_than_the_last_time_raises_an_alert(site, surgeon):
    first = asked(site, surgeon)
    talk(site, first, "2 no no no")
    second = asked_again(first, "check-in-3")

    talk(site, second, "6")

    assert alerts() == [("D", ["pain"])]


def test_the_same_answer_again_changes_nothing_and_asks_the_same_again(site, surgeon):
    question = asked(site, surgeon)

    replies = talk(site, question, "4", "20", "20")

    assert replies[2].answer == replies[1].answer
    assert answers(question) == (4, False, None, None)


def test_the_next_check_in_closes_the_one_before(site, surgeon):
    first = asked(site, surgeon)
    talk(site, first, "4")
    second = asked_again(first, "check-in-3")

    talk(site, second, "20")

    assert answers(first) == (4, None, None, None)
    assert answers(second) == (None, False, None, None)
    assert CheckIn.objects.get(reminder=first).closed_at


def test_after_a_stop_nothing_is_asked(site, surgeon):
    question = asked(site, surgeon)

    replies = talk(site, question, "STOP", "4", "20")

    assert [reply.answer for reply in replies] == [""] * 3
    assert answers(question) == (4, False, None, None)


def test_what_was_closed_meanwhile_is_not_written_any_more(site, surgeon):
    question = asked(site, surgeon)
    talk(site, question, "4")
    lifecycle.keep(question.due_at + 3 * DAY)
    row = CheckIn.objects.get()

    recorded = lifecycle.record(row, Answers(pain=9, wound=True), via="page", now=question.due_at + 3 * DAY)

    assert (recorded.contrary, recorded.seen) == (True, [])  # a person reads it
    assert answers(question) == (4, None, None, None)


def test_after_a_stop_a_sign_of_the_same_day_is_an_alert_and_is_not_answered(site, surgeon):
    question = asked(site, surgeon)

    replies = talk(site, question, "STOP", "9")

    assert alerts() == [("D", ["pain"])]
    assert replies[1].answer == ""


def test_an_emergency_is_answered_even_after_a_stop(site, surgeon):
    question = asked(site, surgeon)

    assert "Call 911 now" in talk(site, question, "STOP", "51")[-1].answer


def test_at_night_they_are_told_to_call_when_somebody_is_there(site, surgeon):
    question = asked(site, surgeon)

    assert "Call us when we open about the pain" in talk(site, question, "9", first=12 * 60)[0].answer


def test_questions_do_not_silence_help_or_a_sign_that_must_not_wait(site, surgeon):
    question = asked(site, surgeon)

    replies = talk(site, question, "9", "HELP", "chest pain")

    assert all(reply.answer for reply in replies)


def test_what_was_found_late_is_recorded_and_not_answered(site, surgeon):
    question = asked(site, surgeon)

    reply = text_in(site, "7 no no no", source="reconcile", said_at=question.due_at + MINUTE, now=question.due_at + DAY)

    assert answers(question) == (7, False, False, False)
    assert reply.answer == ""
