"""What words mean. In doubt a person reads them."""

import pytest

from reminders.replies.meaning import Intent, meaning

STOPS = [
    "STOP", "stop", " STOP ", "Stop.", "STOP!!", "stop\n", "STOPALL", "stop all", "unsubscribe", "revoke", "opt out",
    "opt-out", "OptOut", "quit", "end", "cancel", "please stop", "Stop, please", "alto", "no más", "Baja", "“Stop”",
    "ＳＴＯＰ", "ST\x00OP",
]  # fmt: skip
NOT_STOPS = [
    "I can't stop bleeding", "pain won't stop", "stop by the pharmacy?", "can I cancel my visit", "the end of my leg",
    "stpo", "nonstop", "", "   ", "🛑",
]  # fmt: skip


@pytest.mark.parametrize("text", STOPS)
@pytest.mark.parametrize("score_expected", [False, True])
def test_a_plain_no_is_an_opt_out(text, score_expected):
    assert meaning(text, score_expected=score_expected) == Intent.STOP


@pytest.mark.parametrize("text", NOT_STOPS)
def test_a_word_inside_a_sentence_is_for_a_person(text):
    assert meaning(text) == Intent.OTHER


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("START", Intent.START),
        ("unstop", Intent.START),
        ("Help!", Intent.HELP),
        ("ayuda", Intent.HELP),
        ("1", Intent.YES),
        (" 1. ", Intent.YES),
        ("1️⃣", Intent.YES),
        ("2", Intent.CANNOT_COME),
        ("3", Intent.NEW_TIME),
        ("9", Intent.CALL_ME),
        ("7", Intent.OTHER),
        ("yes", Intent.OTHER),
        ("11", Intent.OTHER),
        ("-3", Intent.OTHER),
        ("1 2", Intent.OTHER),
    ],
)
def test_the_digits_our_texts_offer_are_commands(text, intent):
    assert meaning(text) == intent


@pytest.mark.parametrize("text", ["7", " 07 ", "７", "٧", "7.", "0", "10", "1", "9", "7️⃣"])
def test_after_a_question_a_number_is_a_score(text):
    assert meaning(text, score_expected=True) == Intent.SCORE


@pytest.mark.parametrize("text", ["11", "-3", "− 3", "7.5", "7 8", "7/10", "seven", "9" * 5_000])
def test_what_is_no_number_from_0_to_10_is_never_guessed(text):
    assert meaning(text, score_expected=True) == Intent.OTHER
