"""What may be no answer to a check-in is not guessed: it fills nothing, a person reads it, and the patient is told."""

import pytest

from patients import actions as care
from reminders.delivery.models import Delivery
from reminders.replies.checkins import lifecycle
from reminders.replies.models import CheckIn, Reply
from tests import given
from tests.replies.talking import DAY, MINUTE, a_visits_text, alerts, answers, talk
from tests.replies.test_inbound import text_in
from tests.replies.test_scores import asked


def test_a_bare_digit_is_not_taken_for_a_yes_or_a_no_and_asked_about_once(site, surgeon):
    question = asked(site, surgeon)

    replies = talk(site, question, "4", "0", "0", "20")

    assert answers(question) == (4, False, None, None)
    assert "Reply 21 for yes, 20 for no" in replies[1].answer
    assert replies[2].answer == ""
    assert not Reply.objects.to_read().exists()


def test_while_a_visits_text_waits_for_a_1_it_is_the_visits(site, surgeon):
    question = asked(site, surgeon)
    visit = a_visits_text(question, surgeon)

    pain, wound, one = talk(site, question, "1", "1/10", "1")

    assert "Is that your pain?" in pain.answer
    assert (pain.question, pain.handled_at) == (None, None)
    assert wound.question == question
    assert one.intent == "yes"
    assert answers(question) == (1, None, None, None)
    visit.refresh_from_db()
    assert visit.state == "confirmed"


@pytest.mark.parametrize("text", ["sorry 6", "6", "I meant 6", "7 no no no"])
def test_a_correction_that_is_not_certain_goes_to_a_person_and_says_so(site, surgeon, text):
    question = asked(site, surgeon)

    reply = talk(site, question, "4", text)[-1]

    assert answers(question) == (4, None, None, None)
    assert "A person will read this" in reply.answer
    assert reply.handled_at is None


def test_a_correction_towards_trouble_counts_one_away_from_it_is_for_a_person(site, surgeon):
    question = asked(site, surgeon)

    worse, better = talk(site, question, "4", "20", "21", "20")[2:]

    assert answers(question) == (4, True, None, None)
    assert alerts() == [("D", ["wound"])]
    assert "Call us today about the wound" in worse.answer
    assert "A person will read this" in better.answer
    assert better.handled_at is None


@pytest.mark.parametrize("texts", [["7"], ["20"], ["no"]])
def test_an_answer_after_three_days_goes_to_a_person_and_says_so(site, surgeon, texts):
    question = asked(site, surgeon)
    lifecycle.keep(question.due_at + 3 * DAY)

    reply = text_in(site, texts[0], now=question.due_at + 3 * DAY + MINUTE)

    assert answers(question) == (None, None, None, None)
    assert (reply.question, reply.handled_at) == (None, None)
    assert "A person will read this" in reply.answer


@pytest.mark.parametrize(("scope", "counted"), [("all", True), ("visits", False), ("warnings", False)])
def test_a_caregiver_answers_only_where_the_scope_allows(site, surgeon, scope, counted):
    carer = given.phone(56)
    question = asked(site, surgeon)
    care.add_contact(question.surgery.patient, phone=carer, relationship="caregiver", scope="all", name="Ben",
                     by=surgeon, now=given.NOW)  # fmt: skip
    contact = question.surgery.patient.contacts.get(phone=carer)
    sent = Delivery.objects.get(reminder=question)
    Delivery.objects.filter(pk=sent.pk).update(contact=contact)
    contact.scope = scope
    contact.save()

    reply = text_in(site, "7", sender=carer, now=question.due_at + MINUTE)

    assert (reply.question == question, bool(reply.handled_at)) == (counted, counted)
    assert CheckIn.objects.exclude(pain=None).exists() is counted
    assert reply.answer


@pytest.mark.parametrize("text", ["20", "7"])
def test_two_patients_on_one_phone_are_not_mixed_up(site, surgeon, text):
    asked(site, surgeon)
    question = asked(site, surgeon)

    [reply] = talk(site, question, text)

    assert (reply.question, reply.handled_at) == (None, None)
    assert "A person will read this" in reply.answer
    assert not CheckIn.objects.exclude(wound=None, pain=None).exists()


# A number, and more


@pytest.mark.parametrize(
    ("text", "pain", "raised", "said"),
    [
        ("9, terrible pain", 9, [("D", ["pain"])], "about the pain"),
        ("9 terrible pain", 9, [("D", ["pain"])], "about the pain"),
        ("8, and chest pain", 8, [("E", ["chest", "pain"])], "911 or go to an emergency room"),
        ("5, I have a fever", 5, [("D", ["fever"])], "Please call us today"),
        ("my pain is 4 and my foot went numb", 4, [("D", ["numbness"])], "Please call us today"),
        ("3, can I drive?", 3, [], "Reply 21 for yes, 20 for no"),
        ("9, no aguanto", 9, [("D", ["pain"])], "about the pain"),
    ],
)
def test_a_pain_and_more_fills_the_pain_and_a_person_reads_the_rest(site, surgeon, text, pain, raised, said):
    question = asked(site, surgeon)

    reply = talk(site, question, text)[-1]

    row = CheckIn.objects.get()
    assert (row.reminder, row.pain, row.via) == (question, pain, "sms")
    assert alerts() == raised
    assert reply.handled_at is None
    assert said in reply.answer


@pytest.mark.parametrize("text", ["9, call me", "9 call me please", "2 pills did not help", "-9, bad", "1, 2, bad"])
def test_what_may_be_no_pain_fills_nothing_and_a_person_reads_it(site, surgeon, text):
    question = asked(site, surgeon)

    reply = talk(site, question, text)[-1]

    assert not CheckIn.objects.exclude(pain=None).exists()
    assert reply.handled_at is None


def test_a_nine_and_more_while_a_visit_offers_nine_is_asked_again_unless_it_speaks_of_a_sign(site, surgeon):
    question = asked(site, surgeon)
    a_visits_text(question, surgeon)

    unclear = talk(site, question, "9, I saw the nurse", "9, terrible pain")[0]

    assert (unclear.intent, unclear.handled_at) == ("unclear_score", None)
    assert "one number from 0" in unclear.answer
    assert CheckIn.objects.get().pain == 9
    assert alerts() == [("D", ["pain"])]
