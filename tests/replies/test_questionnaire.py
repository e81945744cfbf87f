"""How a text answers a check-in: certain or not at all, and never taken for something else."""

import pytest

from reminders.replies.parsing import questionnaire
from reminders.replies.parsing.lexicon import known
from reminders.replies.parsing.meaning import Intent
from reminders.replies.parsing.questionnaire import ALL, Answers, Ask
from tests.replies.reading import meaning, words

REST = ALL[1:]


@pytest.mark.parametrize(
    ("text", "missing", "answers"),
    [
        ("20", REST, Answers(wound=False)),
        ("21.", REST, Answers(wound=True)),
        ("31", REST, Answers(legs=True)),
        (" 50 ", (Ask.BLADDER,), Answers(bladder=False)),
        ("20 30 50", REST, Answers(wound=False, legs=False, bladder=False)),
        ("50, 20, 31", REST, Answers(wound=False, legs=True, bladder=False)),
        ("20 20", REST, Answers(wound=False)),
        ("20", ALL, Answers(wound=False)),
        ("7 20 30 50", ALL, Answers(7, wound=False, legs=False, bladder=False)),
        ("no", REST, Answers(wound=False)),
        ("No, thanks!", REST, Answers(wound=False)),
        ("sí", (Ask.LEGS, Ask.BLADDER), Answers(legs=True)),
        ("yes", (Ask.BLADDER,), Answers(bladder=True)),
        ("no no", (Ask.LEGS, Ask.BLADDER), Answers(legs=False, bladder=False)),
        ("no no no", REST, Answers(wound=False, legs=False, bladder=False)),
        ("0 1 0", REST, Answers(wound=False, legs=True, bladder=False)),
        ("7 no no no", ALL, Answers(7, wound=False, legs=False, bladder=False)),
        ("7, 2 2 2", ALL, Answers(7, wound=False, legs=False, bladder=False)),
        ("7,2,2,1", ALL, Answers(7, wound=False, legs=False, bladder=True)),
        ("7/10 no yes no", ALL, Answers(7, wound=False, legs=True, bladder=False)),
        ("seven no no no", ALL, Answers(7, wound=False, legs=False, bladder=False)),
        ("siete no sí no", ALL, Answers(7, wound=False, legs=True, bladder=False)),
        ("10\nno\nno\nno", ALL, Answers(10, wound=False, legs=False, bladder=False)),
    ],
)
def test_what_is_certain_is_understood(text, missing, answers):
    assert questionnaire.certain(words(text), missing) == answers


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("7", ALL),  # scores.py reads a pain, in many more words
        ("7 no", ALL),
        ("7 no no", ALL),
        ("no", ALL),
        ("1", REST),
        ("2", REST),
        ("0", REST),
        ("5", REST),
        ("no no", REST),
        ("20 21", REST),
        ("22", REST),
        ("60", REST),
        ("40", REST),  # a temperature, perhaps
        ("no?", REST),
        ("7.5 no no no", ALL),
        ("7-8 no no no", ALL),
        ("11 no no no", ALL),
        ("7 3 2 2", ALL),
        ("2.0.1", REST),
        ("a bit", REST),
        ("no but it itches", REST),
        ("no stop", REST),
        ("", REST),
    ],
)
def test_what_is_not_certain_is_not_guessed(text, missing):
    assert questionnaire.certain(words(text), missing) is None


@pytest.mark.parametrize("code", ["20", "21", "30", "31", "50", "51"])
def test_its_digits_are_neither_a_pain_nor_an_answer_about_a_visit(code):
    for expected in (True, False):
        assert meaning(code, score_expected=expected).score is None
        assert meaning(code, score_expected=expected).intent in (Intent.OTHER, Intent.UNCLEAR_SCORE)


@pytest.mark.parametrize(
    ("text", "is_answer"),
    [
        ("7", True),
        ("sorry 6", True),
        ("I meant 6", True),
        ("no", True),
        ("perdón, es 6", True),
        ("21", True),
        ("can I drive yet?", False),
        ("my wound is leaking", False),
        ("sorry", False),
        ("", False),
        ("1 2 3 4 5 6 7", False),
    ],
)
def test_somebody_answers_or_says_something_else(text, is_answer):
    assert questionnaire.looks_like_an_answer(words(text)) is is_answer


@pytest.mark.parametrize(
    ("answers", "last_pain", "classes"),
    [
        (Answers(7), None, []),
        (Answers(8), None, [("D", "pain")]),
        (Answers(6), 2, [("D", "pain")]),
        (Answers(6), 3, []),
        (Answers(0), 10, []),
        (Answers(3, wound=False, legs=False, bladder=False), 3, []),
        (Answers(wound=True), None, [("D", "wound")]),
        (Answers(legs=True), None, [("D", "weak_leg")]),
        (Answers(bladder=True), None, [("E", "cauda_equina")]),
        (Answers(9, wound=True, legs=True, bladder=True), None,
         [("E", "cauda_equina"), ("D", "weak_leg"), ("D", "wound"), ("D", "pain")]),
    ],
)  # fmt: skip
def test_what_must_not_wait_is_seen_the_worst_first(answers, last_pain, classes):
    assert questionnaire.seen(answers, last_pain=last_pain) == classes


def test_its_signs_are_those_of_the_words():
    assert {code for _, code in questionnaire.SIGNS.values()} <= set(known().signs)
