"""A check-in by text: each answer brings the next question, trouble raises an alert, and nothing is guessed."""

from datetime import timedelta

import pytest

from patients import actions as care
from patients.models import CheckUp
from reminders import actions
from reminders.delivery.models import Delivery
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.plan.models import Reminder
from reminders.replies import checkins
from reminders.replies.models import Alert, CheckIn, Reply
from tests import given
from tests.delivery.sending import a_promise, opened
from tests.replies.test_inbound import PHONE, text_in
from tests.replies.test_scores import asked

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def talk(site, question, *texts, first=1) -> list[Reply]:
    """One text a minute, beginning a minute after the question left."""
    return [text_in(site, text, now=question.due_at + n * MINUTE) for n, text in enumerate(texts, first)]


def answers(question) -> tuple:
    row = CheckIn.objects.get(reminder=question)
    return row.pain, row.wound, row.legs, row.bladder


def alerts() -> list[tuple]:
    return [(alert.level, alert.signs) for alert in Alert.objects.order_by("pk")]


def asked_again(question: Reminder, code: str) -> Reminder:
    """The next check-in of the same plan leaves too."""
    later = Reminder.objects.get(surgery=question.surgery, step_code=code)
    Reminder.objects.filter(pk=later.pk).update(status="planned", reason="")
    open_due(later.due_at)
    claim("sms", later.due_at)
    return later


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


def test_a_bare_digit_is_not_taken_for_a_yes_or_a_no_and_asked_about_once(site, surgeon):
    question = asked(site, surgeon)

    replies = talk(site, question, "4", "0", "0", "20")

    assert answers(question) == (4, False, None, None)
    assert "Reply 21 for yes, 20 for no" in replies[1].answer
    assert replies[2].answer == ""
    assert not Reply.objects.to_read().exists()


def a_visits_text(question: Reminder, surgeon) -> CheckUp:
    """It leaves together with the question, and offers 1, 2, 3 and 9."""
    visit = question.surgery.check_ups.get(code="first-visit")
    visit = actions.book_visit(visit, at=question.due_at + DAY, by=surgeon, now=given.NOW)
    [reminder] = Reminder.objects.filter(surgery=question.surgery, step__kind="visit_reminder", status="planned")[:1]
    Reminder.objects.filter(pk=reminder.pk).update(due_at=question.due_at)
    open_due(question.due_at)
    claim("sms", question.due_at)
    return visit


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


def test_the_same_answer_again_changes_nothing_and_asks_the_same_again(site, surgeon):
    question = asked(site, surgeon)

    replies = talk(site, question, "4", "20", "20")

    assert replies[2].answer == replies[1].answer
    assert answers(question) == (4, False, None, None)


@pytest.mark.parametrize("texts", [["7"], ["20"], ["no"]])
def test_an_answer_after_three_days_goes_to_a_person_and_says_so(site, surgeon, texts):
    question = asked(site, surgeon)
    checkins.keep(question.due_at + 3 * DAY)

    reply = text_in(site, texts[0], now=question.due_at + 3 * DAY + MINUTE)

    assert answers(question) == (None, None, None, None)
    assert (reply.question, reply.handled_at) == (None, None)
    assert "A person will read this" in reply.answer


def test_the_next_check_in_closes_the_one_before(site, surgeon):
    first = asked(site, surgeon)
    talk(site, first, "4")
    second = asked_again(first, "check-in-3")

    talk(site, second, "20")

    assert answers(first) == (4, None, None, None)
    assert answers(second) == (None, False, None, None)
    assert CheckIn.objects.get(reminder=first).closed_at


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


def test_two_patients_on_one_phone_are_not_mixed_up(site, surgeon):
    asked(site, surgeon)
    question = asked(site, surgeon)

    [reply] = talk(site, question, "20")

    assert (reply.question, reply.handled_at) == (None, None)
    assert "A person will read this" in reply.answer
    assert not CheckIn.objects.exclude(wound=None).exists()


def test_after_a_stop_nothing_is_asked(site, surgeon):
    question = asked(site, surgeon)

    replies = talk(site, question, "STOP", "4", "20")

    assert [reply.answer for reply in replies] == [""] * 3
    assert answers(question) == (4, False, None, None)


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


# The round of the scheduler


def test_it_begins_once_when_its_reminder_has_left(site, surgeon):
    question = asked(site, surgeon)

    for n in range(3):
        checkins.keep(question.due_at + n * MINUTE)

    row = CheckIn.objects.get()
    assert (row.reminder, row.asked_at, row.surgery) == (question, question.due_at, question.surgery)


def test_what_waits_or_never_arrived_was_not_asked(site, surgeon):
    question = asked(site, surgeon)
    checkins.keep(question.due_at)
    Delivery.objects.update(state="undelivered_perm")
    waiting = asked_again_not_claimed(site, surgeon)

    checkins.keep(max(question.due_at, waiting.due_at) + 3 * DAY)

    assert not CheckIn.objects.exists()


def asked_again_not_claimed(site, surgeon) -> Reminder:
    question = a_promise(site, given.a_phone(given.phone(57)), by=surgeon, step="check-in-1", date=given.NOW.date())
    opened(question)
    return question


def unanswered(site, surgeon, codes) -> list[Reminder]:
    rows = [asked(site, surgeon)]
    for code in codes:
        checkins.keep(rows[-1].due_at)
        rows.append(asked_again(rows[0], code))
    checkins.keep(rows[-1].due_at)
    return rows


def test_two_in_a_row_without_an_answer_are_told_to_reception_once(site, surgeon):
    *_, second = unanswered(site, surgeon, ["check-in-3"])
    assert not Alert.objects.exists()

    for n in range(3):
        checkins.keep(second.due_at + 3 * DAY + n * MINUTE)

    alert = Alert.objects.get()
    assert (alert.level, alert.signs, alert.owner_role) == ("R", [checkins.UNANSWERED], "reception")
    assert alert.check_in.reminder == second


@pytest.mark.parametrize(
    ("codes", "pairs"), [(["check-in-2", "check-in-3"], 1), (["check-in-2", "check-in-3", "check-in-4"], 2)]
)
def test_once_for_each_pair(site, surgeon, codes, pairs):
    *_, last = unanswered(site, surgeon, codes)

    checkins.keep(last.due_at + 3 * DAY)

    assert Alert.objects.filter(level="R").count() == pairs


def test_one_answer_between_is_no_pair(site, surgeon):
    first = asked(site, surgeon)
    talk(site, first, "4")
    second = asked_again(first, "check-in-3")

    checkins.keep(second.due_at + 3 * DAY)

    assert not Alert.objects.exists()


def test_an_ended_plan_calls_nobody(site, surgeon):
    first, second = unanswered(site, surgeon, ["check-in-3"])
    actions.cancel_surgery(first.surgery, why="moved away", by=surgeon, now=second.due_at)

    checkins.keep(second.due_at + 3 * DAY)

    assert not Alert.objects.exists()
    assert not CheckIn.objects.open().exists()


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
