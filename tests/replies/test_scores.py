"""A number answers the only open question, once; else a person sees it. A high one is shown first."""

from datetime import timedelta

import pytest

from reminders.delivery.sending.claiming import claim
from reminders.plan.models import Reminder
from reminders.replies.models import Reply
from tests import given
from tests.delivery.sending import a_promise, opened
from tests.replies.test_inbound import PHONE, text_in

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def asked(site, surgeon, *, step="check-in-1", number=PHONE, **facts) -> Reminder:
    """A question that has left."""
    facts = {"date": given.NOW.date()} | facts
    question = a_promise(site, given.a_phone(number), by=surgeon, step=step, **facts)
    opened(question)
    claim("sms", question.due_at)
    return question


def test_a_number_is_tied_to_the_open_question_and_needs_nobody(site, surgeon):
    question = asked(site, surgeon)

    reply = text_in(site, "7/10", now=question.due_at + MINUTE)

    assert (reply.intent, reply.score, reply.question) == ("score", 7, question)
    assert reply.effect.startswith("7 of 10")
    assert reply.handled_at
    assert not reply.is_urgent


@pytest.mark.parametrize("text", ["8", "9", "10", "ten", "10/10"])
def test_a_high_one_must_not_wait_and_is_there_exactly_once(site, surgeon, text):
    question = asked(site, surgeon)

    for _ in range(2):
        text_in(site, text, now=question.due_at + MINUTE, provider_id="SM-high")

    reply = Reply.objects.to_read().get(is_urgent=True)
    assert (reply.question, "911" in reply.answer) == (question, True)


def test_a_second_number_is_no_answer_to_a_question_that_has_one(site, surgeon):
    question = asked(site, surgeon)
    text_in(site, "7", now=question.due_at + MINUTE)

    second = text_in(site, "6", now=question.due_at + 2 * MINUTE)

    assert (second.question, second.handled_at) == (None, None)


@pytest.mark.parametrize("days", [3, 4])
def test_three_days_late_it_is_for_a_person(site, surgeon, days):
    question = asked(site, surgeon)

    reply = text_in(site, "7", now=question.due_at + days * DAY)

    assert (reply.question, reply.handled_at) == (None, None)


def test_without_a_question_it_is_for_a_person(site, surgeon):
    a_promise(site, given.a_phone(PHONE), by=surgeon)

    reply = text_in(site, "7")

    assert (reply.score, reply.question, reply.handled_at) == (None, None, None)
    assert "A person will read this" in reply.answer


def test_of_two_open_questions_nobody_guesses_which(site, surgeon):
    asked(site, surgeon)
    question = asked(site, surgeon)  # another patient on the same phone

    low, high = (text_in(site, text, now=question.due_at + MINUTE) for text in ("7", "9"))

    assert [(r.question, r.contact, r.handled_at) for r in (low, high)] == [(None, None, None)] * 2
    assert (low.is_urgent, high.is_urgent) == (False, True)


def test_on_a_shared_phone_the_only_open_question_says_whose_number_it_is(site, surgeon):
    a_promise(site, given.a_phone(PHONE), by=surgeon)
    question = asked(site, surgeon)

    reply = text_in(site, "4", now=question.due_at + MINUTE)

    assert (reply.question, reply.contact.patient) == (question, question.surgery.patient)


@pytest.mark.parametrize("text", ["11", "-3", "7.5", "7 8"])
def test_what_is_no_such_number_is_asked_about_once_and_never_guessed(site, surgeon, text):
    question = asked(site, surgeon)

    first, second = (text_in(site, text, now=question.due_at + n * MINUTE) for n in (1, 2))

    assert (first.score, first.handled_at, second.answer) == (None, None, "")
    assert "one number from 0" in first.answer


def test_the_number_that_follows_settles_the_unclear_one(site, surgeon):
    question = asked(site, surgeon)
    text_in(site, "7 8", now=question.due_at + MINUTE)

    text_in(site, "7", now=question.due_at + 2 * MINUTE)

    assert not Reply.objects.to_read().exists()


def test_a_question_that_never_left_is_not_open(site, surgeon):
    question = a_promise(site, given.a_phone(PHONE), by=surgeon, step="check-in-1", date=given.NOW.date())
    opened(question)

    assert text_in(site, "7", now=question.due_at + MINUTE).question is None
