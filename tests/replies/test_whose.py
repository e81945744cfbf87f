"""Whose a text from a phone of several patients is: only initials beside an answer say so."""

import pytest

from reminders.replies.parsing.utterance import SharedPhone, parse

TWO = SharedPhone({1: "J.M.", 2: "A.R."}, several=True)
ALIKE = SharedPhone({1: "Ja.M.", 2: "Jo.M."}, several=True)
FATHER_AND_SON = SharedPhone({1: "J.M. 4", 2: "J.M. 21"}, several=True)


def read(text: str, phone: SharedPhone) -> tuple[str, int | None]:
    said = parse(text, phone=phone)
    return said.text, said.patient


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("JM 5", "5"),
        (" jm: 5", "5"),
        ("J.M. 5", "5"),
        ("J. M.: 20 31", "20 31"),
        ("(JM) 5", "5"),
        ("JM5", "5"),
        ("5 JM", "5"),
        ("no, JM.", "no,"),
        ("JM yes", "yes"),
        ("JM -3", "-3"),
        ("jm\n1", "1"),
        ("JM stop", "stop"),
    ],
)
def test_initials_beside_an_answer_name_one(text, rest):
    assert read(text, TWO) == (rest, 1)


UNCLEAR = [
    "5",
    "JM",
    "JM 5, AR 3",
    "JM 5 AR",
    "JMX 5",
    "XJM 5",
    "JM can I drive?",
    "am I too early",
    "JM chest pain",
]


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_is_not_clean_names_nobody(text):
    assert read(text, TWO) == (text, None)


@pytest.mark.parametrize(("text", "patient"), [("jam 5", 1), ("Jo.M. 5", 2), ("JM 5", None)])
def test_two_letters_are_needed_where_initials_are_the_same(text, patient):
    assert read(text, ALIKE)[1] == patient


@pytest.mark.parametrize(
    ("text", "patient", "rest"),
    [("JM4 5", 1, "5"), ("J.M. 21 20", 2, "20"), ("JM 5", None, "JM 5"), ("JM 45", None, "JM 45")],
)
def test_a_day_of_birth_is_part_of_the_name(text, patient, rest):
    assert read(text, FATHER_AND_SON) == (rest, patient)


def test_alone_on_a_phone_a_text_is_as_it_is():
    assert read("JM 5", SharedPhone({1: "J.M."})) == ("JM 5", None)
