"""What a check-in says by text: one part each, the emergency number always, and never a word carriers act on."""

import re
from itertools import product

import pytest

from reminders.delivery import mail_html
from reminders.replies.checkins import prompts
from reminders.replies.checkins.prompts import WORDS
from reminders.replies.parsing.questionnaire import ALL, CODES, SIGNS, Ask

SITE = {"clinic": "x" * 22, "phone": "+1 202-555-0100", "emergency": "911"}
TAKEN = {"YES", "START", "UNSTOP", "CANCEL", "END", "QUIT", "REVOKE", "INFO"}  # carriers act on these
SEEN = [[], *([sign] for sign in SIGNS.values())]
EVERY = list(product(WORDS, SEEN, [*ALL, None]))


def said(language, signs, ask, *, is_staffed=True) -> str:
    return prompts.words(signs, ask, languages=[language], is_staffed=is_staffed, **SITE)


@pytest.mark.parametrize("is_staffed", [True, False])
@pytest.mark.parametrize(("language", "signs", "ask"), EVERY)
def test_every_text_is_one_part_names_the_clinic_and_has_the_emergency_number(language, signs, ask, is_staffed):
    text = said(language, signs, ask, is_staffed=is_staffed)

    counted = mail_html.parts(text)
    assert (counted.encoding, counted.parts) == ("GSM-7", 1), (counted, text)
    assert text.startswith("x" * 22 + ": ")
    assert "911" in text


@pytest.mark.parametrize(("language", "signs", "ask"), EVERY)
def test_no_word_is_offered_that_a_carrier_takes_for_its_own(language, signs, ask):
    offered = re.findall(r"(?:Reply|Responda|Mande) (\w+)", said(language, signs, ask))

    assert not {word.upper() for word in offered} & TAKEN


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("ask", ALL[1:])
def test_a_question_says_which_digits_mean_what(language, ask):
    [ten] = [digit for digit, asked in CODES.items() if asked == ask]

    for text in (said(language, [], ask), said(language, [SIGNS[Ask.PAIN]], ask)):
        assert re.findall(r"\b[235][01]\b", text) == [f"{ten}1", f"{ten}0"]


@pytest.mark.parametrize("language", WORDS)
def test_after_an_emergency_there_is_one_thing_to_do(language):
    text = said(language, [SIGNS[Ask.BLADDER], SIGNS[Ask.PAIN]], Ask.LEGS)

    assert "31" not in text
    assert "911" in text


def test_weak_legs_are_told_when_it_is_an_emergency():
    assert "Fast or worse now? Call 911." in said("en", [SIGNS[Ask.LEGS]], Ask.BLADDER)


def test_when_nobody_is_there_they_are_told_to_call_when_somebody_is():
    assert "Call us when we open about the wound" in said("en", [SIGNS[Ask.WOUND]], Ask.LEGS, is_staffed=False)
    assert "Call us today about the wound" in said("en", [SIGNS[Ask.WOUND]], Ask.LEGS)


def test_a_language_without_words_is_answered_in_the_next():
    assert prompts.in_language(["fr-CA", "es-MX"]) is WORDS["es"]
    assert prompts.in_language(["fr"]) is WORDS["en"]
