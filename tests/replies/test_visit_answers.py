"""What a patient answers about a visit: it is said back, it is kept with that booking, and somebody calls."""

from datetime import UTC, datetime, timedelta

import pytest

from patients import actions as care
from patients.models import CheckUp
from reminders import visit_actions
from reminders.delivery.models import Delivery
from reminders.plan.visit_notices import MARK
from reminders.replies import visit_answers
from reminders.replies.models import Reply, VisitAnswer
from tests import given
from tests.replies.talking import DAY, MINUTE, a_visits_text
from tests.replies.test_inbound import PHONE, consents, text_in
from tests.replies.test_scores import asked

HOUR = timedelta(hours=1)
AT = datetime(2026, 3, 9, 13, 20, tzinfo=UTC)  # Monday 9:20 in New York: the clocks went forward the day before
CLINIC, CALL = "Riverside Clinic", "+1 202-555-0100"


@pytest.fixture
def visit(site, surgeon) -> CheckUp:
    """Booked, and its text has just left."""
    return told(site, surgeon, given.a_phone(PHONE))


def told(site, surgeon, *contacts, now=given.NOW, **facts) -> CheckUp:
    surgery = given.an_enrolment(
        site, by=surgeon, day=30, patient=given.a_new_patient(*contacts, **facts), now=now - HOUR
    )
    visit = visit_actions.book_visit(surgery.check_ups.get(code="six-weeks"), at=AT, by=surgeon, now=now - HOUR)
    leave(visit, now=now)
    return visit


def leave(visit: CheckUp, *, now: datetime, kind: str = "visit_reminder") -> None:
    """A text of this kind is on its way to each phone of the patient."""
    asking = visit.surgery.reminders.filter(step__kind=kind, deliveries=None).exclude(step_code__contains=MARK)
    reminder = asking.first()
    for contact in visit.surgery.patient.contacts.all():
        Delivery.objects.create(
            site=visit.site, reminder=reminder, contact=contact, channel="sms", state="delivered",
            not_before=now, useful_until=now + DAY, claimed_at=now, attempt_count=1,
        )  # fmt: skip


def say(site, *texts, now=given.NOW + MINUTE, **more) -> list[Reply]:
    return [text_in(site, text, now=now + n * MINUTE, **more) for n, text in enumerate(texts)]


def state(visit: CheckUp) -> str:
    visit.refresh_from_db()
    return visit.state


@pytest.mark.parametrize(
    "text", ["1", "yes", "Okay thanks", "Yes I will be there", "1 = I will come", "sí", "si, ahí estaré"]
)
def test_a_yes_confirms_and_says_which_day_and_time_we_expect_them(site, visit, text):
    [reply] = say(site, text)

    assert reply.answer == f"{CLINIC}: Thank you, we expect you on Mon 9 Mar at 9:20 am."
    assert (state(visit), reply.intent, bool(reply.handled_at)) == ("confirmed", "yes", True)


@pytest.mark.parametrize(("text", "intent"), [("1", "yes"), ("2", "cannot_come")])
def test_of_two_operations_the_visit_is_meant_that_our_text_was_about(site, surgeon, visit, text, intent):
    earlier = given.an_enrolment(site, by=surgeon, day=80, patient=visit.surgery.patient, now=given.NOW - HOUR)
    nearer = earlier.check_ups.filter(state="due").first()
    visit_actions.book_visit(nearer, at=AT - 3 * DAY, by=surgeon, now=given.NOW - HOUR)

    [reply] = say(site, text)

    assert "Mon 9 Mar" in reply.answer
    assert (visit_answers.answered(visit), visit_answers.answered(nearer)) == (intent, None)
    assert state(nearer) == "booked"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2", "You cannot come on Mon 9 Mar. We will call you about a new time."),
        ("no", "You cannot come on Mon 9 Mar. We will call you about a new time."),
        ("I can't come", "You cannot come on Mon 9 Mar. We will call you about a new time."),
        ("no puedo", "You cannot come on Mon 9 Mar. We will call you about a new time."),
        ("3", "We will call you about a new time."),
        ("9", "A person will call you."),
    ],
)
def test_what_a_person_must_do_is_said_back_and_stays_on_the_list(site, visit, text, said):
    [reply] = say(site, text)

    assert reply.answer.startswith(f"{CLINIC}: {said}")
    assert CALL in reply.answer
    assert "911" in reply.answer
    assert (state(visit), reply.handled_at) == ("booked", None)
    assert reply.effect in visit_answers.FOR_A_PERSON


def test_while_nobody_is_there_it_says_when_we_call(site, visit):
    night = given.NOW + timedelta(hours=12)

    answers = [reply.answer for reply in say(site, "2", "3", "9", now=night)]

    assert [", from Tue 8:00 am" in answer for answer in answers] == [True] * 3


def test_in_spanish_it_is_said_in_spanish(site, surgeon):
    told(site, surgeon, given.a_phone(PHONE, language="es"))

    answers = [reply.answer for reply in say(site, "sí", "3", "9", "no puedo ir")]

    assert answers[0] == f"{CLINIC}: Gracias, le esperamos el lun 9 mar a las 9:20."
    assert ["Le llamamos para darle otra hora" in a for a in answers[1:]] == [True, False, True]
    assert "Alguien le llama" in answers[2]
    assert "el lun 9 mar" in answers[3]


@pytest.mark.parametrize(
    "text", ["yes, but my leg is numb", "1 but my leg is numb", "no, I have chest pain", "I can't stop bleeding"]
)
def test_a_sign_is_answered_as_a_sign_and_confirms_nothing(site, visit, text):
    [reply] = say(site, text)

    assert (reply.is_urgent, state(visit)) == (True, "booked")
    assert "911" in reply.answer


@pytest.mark.parametrize("text", ["no thanks", "yes stop texting me"])
def test_what_may_be_a_refusal_is_none_of_both(site, visit, text):
    [reply] = say(site, text)

    assert (reply.intent, state(visit), reply.answer) == ("refusal", "booked", "")


def test_after_an_answer_a_bare_ok_says_nothing_more(site, visit):
    [_, thanks] = say(site, "2", "ok")

    assert (thanks.intent, thanks.answer, state(visit)) == ("other", "", "booked")


def test_a_bare_yes_to_something_else_that_was_said_since_is_for_a_person(site, visit):
    [question, yes] = say(site, "can my wife come along?", "yes")

    assert "911" in question.answer
    assert (yes.intent, yes.handled_at, state(visit)) == ("other", None, "booked")
    assert say(site, "Yes I will be there", now=given.NOW + HOUR)[0].intent == "yes"


def test_a_bare_yes_with_no_visits_text_confirms_nothing(site, surgeon):
    surgery = given.an_enrolment(site, given.a_phone(PHONE), by=surgeon, day=30)
    visit = visit_actions.book_visit(surgery.check_ups.get(code="six-weeks"), at=AT, by=surgeon, now=given.NOW)

    assert [reply.intent for reply in say(site, "yes", "Yes I will be there")] == ["other", "other"]
    assert state(visit) == "booked"


def test_yes_is_starts_business_on_a_number_that_opted_out_and_the_visits_on_one_that_did_not(site, visit):
    [answered] = say(site, "YES", opt_out_type="START")
    assert (answered.intent, state(visit)) == ("yes", "confirmed")

    say(site, "STOP", now=given.NOW + 2 * MINUTE)
    bare, start = say(site, "yes", "YES", now=given.NOW + 3 * MINUTE), say(site, "UNSTOP", now=given.NOW + 9 * MINUTE)

    assert {reply.intent for reply in bare} == {"other"}
    assert (start[0].intent, consents()) == ("start", ["given"])


def test_while_a_check_in_is_open_too_nobody_guesses_whose_no_it_is(site, surgeon):
    question = asked(site, surgeon)
    text_in(site, "3/10", now=question.due_at + MINUTE)
    visit = question.surgery.check_ups.get(code="first-visit")
    visit = visit_actions.book_visit(visit, at=question.due_at + 2 * DAY, by=surgeon, now=given.NOW)
    leave(visit, now=question.due_at + HOUR)

    [no] = say(site, "no", now=question.due_at + HOUR + MINUTE)

    assert (no.intent, no.question, no.handled_at, state(visit)) == ("other", None, None, "booked")
    assert "A person will read this" in no.answer


def test_a_digit_that_a_check_in_may_mean_is_still_asked_about(site, surgeon):
    question = asked(site, surgeon)
    visit = a_visits_text(question, surgeon)

    [reply] = say(site, "1", now=question.due_at + MINUTE)

    assert "Is that your pain?" in reply.answer
    assert state(visit) == "booked"


# How often


def test_an_acknowledgement_is_swallowed_by_no_other_answer_and_swallows_none(site, visit):
    kept, yes, own_words, fever = say(site, "may I drive?", "1", "what about the stairs?", "I have a fever")

    assert [bool(r.answer) for r in (kept, yes, own_words, fever)] == [True, True, False, True]
    assert "expect you" in yes.answer
    [later] = say(site, "HELP", now=given.NOW + 10 * MINUTE)
    assert later.answer


def test_the_same_words_are_said_once_an_hour_and_another_answer_at_once(site, visit):
    answers = [reply.answer for reply in say(site, "1", "1", "2", "2", "1")]

    assert [bool(answer) for answer in answers] == [True, False, True, False, True]
    assert say(site, "1", now=given.NOW + 2 * HOUR)[0].answer


def test_two_machines_do_not_talk_to_each_other(site, visit):
    answers = [r.answer for n in range(20) for r in say(site, "1", "2", now=given.NOW + n * HOUR + MINUTE)]

    assert sum(bool(answer) for answer in answers) <= visit_answers.MOST + 1
    assert [bool(answer) for answer in answers[:6]] == [True] * 6


# Whose, and which booking


def test_on_a_shared_phone_it_names_whose_visit_it_is_and_a_doubt_is_for_a_person(site, surgeon):
    jane, ana = (told(site, surgeon, given.a_phone(PHONE), given_name=first, family_name=family)
                 for first, family in (("Jane", "Moore"), ("Ana", "Ruiz")))  # fmt: skip

    either, named, no = say(site, "yes", "JM I will come", "AR 2")

    assert (either.handled_at, either.answer.endswith("Begin your reply with JM / AR.")) == (None, True)
    assert named.answer == f"{CLINIC} for J.M.: Thank you, we expect you on Mon 9 Mar at 9:20 am."
    assert no.answer.startswith(f"{CLINIC} for A.R.: You cannot come on Mon 9 Mar.")
    assert (state(jane), state(ana)) == ("confirmed", "booked")
    assert [(answer.check_up, answer.reply) for answer in VisitAnswer.objects.all()] == [(jane, named), (ana, no)]


def test_a_yes_to_a_time_that_has_changed_since_confirms_nothing_and_tells_the_new_one(site, surgeon, visit):
    visit_actions.book_visit(visit, at=AT + 7 * DAY, by=surgeon, now=given.NOW + MINUTE)

    [reply] = say(site, "1", now=given.NOW + 5 * MINUTE)

    assert reply.answer.startswith(f"{CLINIC}: Your visit is now on Mon 16 Mar at 9:20 am. A person will call you")
    assert (state(visit), reply.handled_at) == ("booked", None)
    leave(visit, now=given.NOW + HOUR)
    assert "we expect you on Mon 16 Mar" in say(site, "yes", now=given.NOW + HOUR + MINUTE)[0].answer


def test_what_is_found_late_acts_and_is_not_said_back(site, surgeon, visit):
    found = {"source": "reconcile", "said_at": given.NOW + MINUTE, "now": given.NOW + 3 * HOUR}
    no = text_in(site, "no", **found)
    assert (no.intent, no.answer, no.handled_at, visit_answers.answered(visit)) == (
        "cannot_come",
        "",
        None,
        "cannot_come",
    )

    visit_actions.book_visit(visit, at=AT + DAY, by=surgeon, now=given.NOW + 2 * HOUR)
    yes = text_in(site, "Yes I will be there", **found)
    assert (yes.effect, yes.handled_at, state(visit)) == ("", None, "booked")
    assert visit_answers.answered(visit) is None, "the new time starts afresh"


# CANCEL


@pytest.mark.parametrize(("word", "more"), [("CANCEL", {}), ("Cancelar", {}), ("cancel", {"opt_out_type": "STOP"})])
def test_cancel_with_a_booked_visit_opts_out_and_leaves_a_row_for_reception(site, visit, word, more):
    first, again = say(site, word, word, **more)

    assert consents() == ["withdrawn"]
    assert (first.intent, first.handled_at, bool(again.handled_at)) == ("stop", None, True)
    assert VisitAnswer.objects.to_ask().get().check_up == visit
    assert state(visit) == "booked"


def test_stop_asks_nothing_and_cancel_without_a_visit_neither(site, surgeon, visit):
    [stop] = say(site, "STOP")
    care.give_consent(
        visit.surgery.patient.contacts.get(), source="verbal", wording="Go on.", by=surgeon, now=given.NOW
    )
    visit_actions.free_visit(visit, by=surgeon, now=given.NOW)
    [cancel] = say(site, "CANCEL", now=given.NOW + 5 * MINUTE)

    assert stop.handled_at
    assert cancel.handled_at
    assert not VisitAnswer.objects.exists()
