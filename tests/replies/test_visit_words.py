"""A yes or a no about a visit, phrase by phrase; and what is never taken for one."""

import pytest

from reminders.replies.parsing.questionnaire import ALL, PendingQuestion
from reminders.replies.parsing.utterance import parse
from reminders.replies.parsing.visit_words import VisitAsked
from tests.replies.corpus import phrases

BARE_YES = [
    "yes", "Yes.", "YES!", "yeah", "ok", "Okay thanks", "sure", "of course", "sí", "Si", "Sí, claro",
    "claro que sí", "ok gracias",
]  # fmt: skip
BARE_NO = [
    "no", "No.", "nope", "no, sorry", "no lo siento",
]  # fmt: skip
WILL_COME = [
    "Yes I will be there", "yes, see you then", "I'll be there", "ok I'll be there, thanks", "1 = I will come",
    "1 I will come", "I will come", "will be there 👍", "Yes, I can make it", "I am coming",
    "okay see you there thank you!", "si, ahí estaré", "sí, allí estaremos",
    "ahí estaré gracias", "si voy", "1 = voy", "cuente conmigo", "confirmo mi cita", "iré sin falta",
]  # fmt: skip
CANNOT = [
    "I can't come", "can't", "I cannot make it that day", "no I can't come", "no, sorry, I can't",
    "I won't be able to make it", "not coming", "I will not be there", "I need to cancel my appointment",
    "I can't come, my son is ill", "that day does not work for me", "no puedo", "No puedo ir ese día",
    "no voy a poder", "lo siento, no puedo", "no estaré", "quiero cancelar mi cita", "2 no puedo",
]  # fmt: skip
NEITHER = [
    "no pain", "yes it hurts", "yes, it hurts", "yes but my wound is leaking", "1 but my leg is numb",
    "no, I have a fever", "I can't stop bleeding", "can't feel my foot", "no puedo orinar", "no puedo caminar",
    "sí me duele", "si tengo dolor", "no tengo fiebre", "yes I have chest pain", "no more messages", "ok stop",
    "no thanks", "yes stop texting me", "no quiero más mensajes", "ya no", "STOP", "CANCEL", "cancelar", "yes no",
    "no, I will be there", "yes?", "ok?", "I will come?", "maybe", "can I come later?", "I will be late",
    "I will come if I can", "yes I'll be there Monday", "sure, can I bring my wife?", "ok but what time?",
    "no problem", "si no puedo, les aviso", "thanks", "gracias", "👍", "", "yes please call me", "no entiendo",
    "is that ok", "I'm driving - Sent from My Car",
]  # fmt: skip


def read(text: str, asked: VisitAsked = VisitAsked.LAST) -> str:
    return str(parse(text, visit=asked).intent)


@pytest.mark.parametrize("text", BARE_YES + WILL_COME)
def test_a_yes_after_a_visits_text_is_a_yes(text):
    assert read(text) == "yes"


@pytest.mark.parametrize("text", BARE_NO + CANNOT)
def test_a_no_after_a_visits_text_is_one_who_cannot_come(text):
    assert read(text) == "cannot_come"


@pytest.mark.parametrize("text", NEITHER)
def test_a_sign_a_refusal_a_question_or_other_words_are_neither(text):
    assert read(text) not in ("yes", "cannot_come")
    assert parse(text, visit=VisitAsked.LAST).visit.intent is None


def test_a_bare_word_counts_only_where_the_visits_text_was_the_last_thing_said():
    for text in BARE_YES + BARE_NO:
        assert [read(text, asked) for asked in (VisitAsked.NO, VisitAsked.LATELY)] == ["other", "other"], text
    for text in WILL_COME:
        assert [read(text, asked) for asked in (VisitAsked.NO, VisitAsked.LATELY)] == ["other", "yes"], text


def test_an_open_visit_changes_nothing_of_what_is_urgent_or_refuses():
    """Over the whole corpus: only what meant nothing else becomes an answer to a visit."""
    wrong = []
    for phrase in phrases():
        before, after = parse(phrase.text), parse(phrase.text, visit=VisitAsked.LAST)
        if before.intent != after.intent and (before.intent != "other" or before.urgent):
            wrong.append(phrase.text)
        if (before.signs, before.urgent, before.everywhere) != (after.signs, after.urgent, after.everywhere):
            wrong.append(phrase.text)

    assert wrong == []


def test_an_open_visit_takes_no_answer_from_a_check_in():
    check_in = PendingQuestion(1, 1, ALL[1:])
    for text in ("no", "20 30 50", "sí"):
        assert parse(text, asked=[check_in], visit=VisitAsked.LATELY).answer.answers is not None


@pytest.mark.parametrize(
    ("text", "may_be"),
    [("CANCEL", True), ("cancelar", True), ("ok cancel", True), ("anular", True), ("STOP", False), ("baja", False)],
)
def test_an_opt_out_says_whether_it_may_have_been_meant_for_a_visit(text, may_be):
    said = parse(text)

    assert (said.intent, said.visit.is_cancel) == ("stop", may_be)
