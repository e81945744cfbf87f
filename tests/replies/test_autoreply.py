"""What is said back at once: to whom, in which words, how often, and to whom never."""

from datetime import timedelta

import pytest

from reminders.delivery import alarms, mail_html
from reminders.replies.autoreply_texts import WORDS, Answer, said, wrong_in
from reminders.replies.models import AlertRule, Reply
from tests import given
from tests.delivery.sending import a_promise, the_contact
from tests.replies.test_inbound import PHONE, text_in

MINUTE = timedelta(minutes=1)


@pytest.fixture
def contact(site, surgeon):
    return the_contact(a_promise(site, given.a_phone(PHONE), by=surgeon))


@pytest.mark.parametrize("text", ["HELP", "info", "Ayuda"])
def test_help_names_the_clinic_its_phone_the_emergency_number_and_how_to_stop(site, contact, text):
    reply = text_in(site, text)

    for part in ("Riverside Clinic", "+1 202-555-0100", "911", "STOP", "not watched all the time"):
        assert part in reply.answer
    assert reply.handled_at


@pytest.mark.parametrize(
    ("text", "answered"), [("I can't stop bleeding", True), ("no puedo respirar", True), ("hi", False)]
)
def test_a_sign_that_must_not_wait_gets_the_emergency_number_and_a_place_at_the_top(site, contact, text, answered):
    reply = text_in(site, text)

    assert ("911" in reply.answer, reply.is_urgent, reply.handled_at) == (answered, answered, None)


def test_a_refusal_in_other_words_is_confirmed_once_and_then_there_is_silence(site, contact):
    first, *later = [text_in(site, text, now=given.NOW + n * MINUTE * 90) for n, text in enumerate(SAID_AGAIN)]

    assert first.answer == "Riverside Clinic: You will get no more texts from us. Questions: +1 202-555-0100."
    assert [reply.answer for reply in later] == [""] * len(later)


SAID_AGAIN = ["please don't text me any more", "déjenme en paz", "7.5", "I have a fever", "hello"]


def test_an_emergency_is_answered_even_after_a_refusal_once_an_hour(site, contact):
    text_in(site, "please don't text me any more")

    answers = [text_in(site, text, now=given.NOW + MINUTE).answer for text in ("I can't breathe", "chest pain")]

    assert ["911" in answer for answer in answers] == [True, False]


NIGHT, SATURDAY = given.NOW + timedelta(hours=12), given.NOW + timedelta(days=5)  # 22:00; Saturday, 10:00


@pytest.mark.parametrize(
    ("text", "now", "said"),
    [
        ("chest pain", given.NOW, ("911", "emergency room now")),
        ("chest pain", NIGHT, ("911", "emergency room now")),
        ("I have a fever", given.NOW, ("call us today: +1 202-555-0100", "911")),
        ("I have a fever", NIGHT, ("Nobody reads texts now", "911", "from Tue 8:00 am")),
        ("I have a fever", given.NOW + timedelta(hours=16), ("Nobody reads texts now", "from today 8:00 am")),
        ("I have a fever", SATURDAY, ("Nobody reads texts now", "from Mon 8:00 am")),
    ],
)
def test_whether_somebody_is_there_decides_the_words_of_a_calmer_sign(site, contact, text, now, said):
    answer = text_in(site, text, now=now).answer

    assert [part for part in said if part not in answer] == []


def test_a_calmer_answer_does_not_use_up_the_emergencys(site, contact):
    answers = [text_in(site, text).answer for text in ("I have a fever", "chills", "now I have chest pain")]

    assert [bool(answer) for answer in answers] == [True, False, True]
    assert "911" in answers[-1]


UNHEARD = "everything down south has gone quiet on me"  # an emergency, in words that are in no list
OWN_WORDS = [
    UNHEARD,
    "when may I drive?",
    "call me",
    "cannot come",
    "confirm",
    "¿puedo manejar?",
    "I'm driving - Sent from My Car",
]


@pytest.mark.parametrize("text", OWN_WORDS)
def test_whoever_writes_in_own_words_is_told_that_a_person_reads_it_and_whom_to_call_in_an_emergency(
    site, contact, text
):
    by_day, by_night = text_in(site, text), text_in(site, text, now=NIGHT)

    assert by_day.answer == (
        "Riverside Clinic: A person will read this, but not at once. Cannot wait or getting worse? "
        "Call +1 202-555-0100. Emergency: 911."
    )
    assert "Nobody reads texts now" in by_night.answer
    assert "911" in by_night.answer
    assert (by_day.handled_at, by_night.handled_at) == (None, None)


def test_a_picture_alone_is_answered_so_too(site, contact):
    assert "911" in text_in(site, "", media=1).answer


@pytest.mark.parametrize("text", ["thanks", "Thank you!", "ok", "👍", "", "hello", "gracias"])
def test_a_lone_thanks_is_left_in_peace(site, contact, text):
    assert text_in(site, text).answer == ""


def test_own_words_are_answered_once_an_hour_and_never_to_a_stranger_or_after_a_refusal(site, contact):
    again = [text_in(site, UNHEARD, now=given.NOW + n * MINUTE).answer for n in (0, 1, 59, 61)]
    stranger = text_in(site, UNHEARD, sender=given.phone(99), now=given.NOW + 62 * MINUTE)
    perhaps_refused = text_in(site, "wrong number I think", now=given.NOW + 200 * MINUTE)
    undecided = text_in(site, UNHEARD, now=given.NOW + 270 * MINUTE)
    text_in(site, "STOP", now=given.NOW + 300 * MINUTE)
    refused = text_in(site, UNHEARD, now=given.NOW + 400 * MINUTE)

    assert [bool(answer) for answer in again] == [True, False, False, True]
    silent = (stranger, perhaps_refused, undecided, refused)
    assert [reply.answer for reply in silent] == [""] * 4


def test_no_other_answer_costs_that_to_a_sign_or_to_a_refusal(site, contact):
    texts = [UNHEARD, "I have a fever", "chest pain", "please don't text me any more"]

    assert all(text_in(site, text).answer for text in texts)


def test_a_clinic_words_an_answer_itself_in_the_languages_it_has_words_for(site, contact):
    AlertRule.objects.create(
        site=site,
        level="D",
        owner_role="surgeon",
        minutes=60,
        wording={"en": "{clinic}: ring {phone}. Or {emergency}."},
    )

    assert text_in(site, "fever").answer == "Riverside Clinic: ring +1 202-555-0100. Or 911."
    assert "Nobody reads" in text_in(site, "fever", now=NIGHT).answer


@pytest.mark.parametrize(
    ("words", "answer", "wrong"),
    [
        ("{clinic}: call {emergency} now", Answer.EMERGENCY, ""),
        ("call us on {phone}", Answer.EMERGENCY, "{emergency} must stand in it"),
        ("{patient}, call {emergency}", Answer.CALL_TODAY, "can stand in braces"),
        ("call {emergency} {", Answer.CALL_TODAY, "can stand in braces"),
        ("call {emergency}", Answer.NOBODY_READS, "{opens} must stand in it"),
        ("call {emergency}, else us {opens}", Answer.NOBODY_READS, ""),
    ],
)
def test_what_is_wrong_with_a_clinics_own_words(words, answer, wrong):
    assert bool(wrong_in(words, answer=answer)) == bool(wrong)
    assert wrong in wrong_in(words, answer=answer)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("STOP", {}),
        (" stop ", {}),
        ("Unsubscribe", {}),
        ("ARRET", {"opt_out_type": "STOP"}),
        ("HELP", {"opt_out_type": "HELP"}),
    ],
)
def test_what_the_provider_answers_itself_is_not_answered_twice(site, contact, text, more):
    assert text_in(site, text, **more).answer == ""


def test_help_is_answered_even_after_a_refusal(site, contact):
    text_in(site, "STOP")

    assert text_in(site, "HELP").answer


def test_help_is_answered_although_another_answer_was_given_just_before(site, contact):
    text_in(site, "STOP")
    text_in(site, "START", now=given.NOW + timedelta(minutes=1))

    assert text_in(site, "HELP", now=given.NOW + timedelta(minutes=2)).answer
    assert not text_in(site, "HELP", now=given.NOW + timedelta(minutes=3)).answer


def test_two_machines_do_not_talk_to_each_other(site, contact):
    answers = [text_in(site, "HELP", now=given.NOW + n * MINUTE).answer for n in range(59)]

    assert [bool(answer) for answer in answers] == [True] + [False] * 58
    assert text_in(site, "HELP", now=given.NOW + 61 * MINUTE).answer


def test_a_safety_answer_comes_although_another_was_given_but_once(site, contact):
    answers = [text_in(site, text).answer for text in ("HELP", "chest pain", "chest pain!!")]

    assert [bool(answer) for answer in answers] == [True, True, False]


def test_where_a_loop_was_reported_nothing_is_said(site, contact):
    alarms.sound("machine_loop", now=given.NOW, subject=f"contact {contact.pk}", site=site)

    assert text_in(site, "HELP").answer == ""


def test_a_number_nobody_knows_learns_nothing_about_the_clinic(site):
    stranger = given.phone(99)
    helped, urgent = text_in(site, "HELP", sender=stranger), text_in(site, "I can't breathe", sender=stranger)

    assert helped.answer == ""
    assert "911" in urgent.answer
    assert "Riverside" not in urgent.answer
    assert "555" not in urgent.answer


def test_what_was_found_late_is_acted_on_and_not_answered(site, contact):
    reply = text_in(site, "I can't breathe", source="reconcile", said_at=given.NOW - MINUTE)

    assert (reply.answer, reply.is_urgent) == ("", True)


def test_an_answer_comes_in_the_language_of_the_contact(site, surgeon):
    a_promise(site, given.a_phone(PHONE, language="es"), by=surgeon)

    assert text_in(site, "ayuda").answer.startswith("Riverside Clinic: Llame al")


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("answer", Answer)
def test_every_answer_fits_into_one_part_with_the_longest_names(language, answer):
    night, morning = given.NOW.replace(hour=2), given.NOW.replace(hour=11, minute=30)
    names = {"clinic": "x" * 22, "phone": "+1 202-555-0100", "emergency": "911"}

    opens, visit = morning + timedelta(days=2), morning.replace(month=9, day=30)
    text = said(answer, languages=[language], now=night, opens=opens, visit=visit, **names)

    assert mail_html.parts(text).parts == 1


def test_every_language_has_every_answer():
    assert {frozenset(answers) for answers in WORDS.values()} == {frozenset(Answer)}


def test_the_same_text_again_is_neither_stored_nor_answered_anew(site, contact):
    text_in(site, "HELP", provider_id="SM-1")

    assert text_in(site, "HELP", provider_id="SM-1", now=given.NOW + 2 * 60 * MINUTE) is None
    assert Reply.objects.count() == 1
