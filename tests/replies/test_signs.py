"""Signs that must not wait: no emergency is missed, every false alarm is known, a temperature is read as one."""

import re
from pathlib import Path

import pytest

from reminders.replies.parsing import redflags
from tests.replies.corpus.signs import Sign, false_alarms, missed, signs
from tests.replies.reading import meaning, words

DOCS = Path(__file__).parents[2] / "docs" / "alerts.md"
EMERGENCIES = [sign for sign in signs() if sign.wanted == "E"]
WRAPPINGS = ["{}", "{}!!", "  {}\n", "hi, {}", "{} please help", "hola {}", "{} gracias", "{} 🙏", "My mother says: {}"]


@pytest.mark.parametrize("sign", EMERGENCIES, ids=lambda sign: sign.text[:40])
def test_no_emergency_is_missed_however_it_is_dressed(sign: Sign):
    told = [wrapping.format(form(sign.text)) for wrapping in WRAPPINGS for form in (str, str.upper)]

    for asked in (False, True):
        unheard = [text for text in told if redflags.level(meaning(text, score_expected=asked).signs) != "E"]
        assert unheard == []


def test_nothing_of_the_corpus_is_missed():
    assert missed() == []


def test_the_corpus_is_large_and_in_both_languages():
    texts = [sign.text for sign in signs()]

    assert len(texts) >= 400
    assert len(set(texts)) == len(texts)
    assert sum(bool(re.search(r"\b(no|la|el|me|tengo|mi|de)\b", text)) for text in texts) >= 100


def test_every_false_alarm_is_told_with_its_number():
    page = DOCS.read_text()

    assert f"{len(false_alarms())} false alarms" in page
    assert [sign.text for sign in false_alarms() if f"“{sign.text}”" not in page] == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("bleding again", "E"), ("my calf is swolen", "D"), ("numbess between my legs", "E"), ("chest tightnes", "E"),
        ("no bleding", ""), ("tengo la pantorilla hinchda", "D"), ("no puedo orniar", "E"), ("desmyaada", "E"),
        ("I am selling my house", ""), ("the tables are set", ""), ("ya deje la espada", ""),
    ],
)  # fmt: skip
def test_a_slip_of_the_finger_is_put_right_and_another_word_is_left_alone(text, level):
    assert redflags.level(meaning(text).signs) == level


FEVERS = [
    "38", "38.0", "38,5", "39 C", "38.5°C", "38.5 º", "100.4", "101", "101F", "102.3 f", "temp 101", "temp is 100.4",
    "temperatura 38", "fiebre de 39", "I'm at 103.1 now", "101 degrees", "38 grados", "temp is 101.5 at 5 pm",
    "39.5 after 2 pills", "１０１", "38.5 since yesterday, 2 days",
]  # fmt: skip
NO_FEVERS = [
    "37.9", "98.6", "100.3", "100", "36", "temp 99.9", "temperatura 37.5", "7", "10", "38/10", "$101", "101 Main St",
    "room 102", "I am 39", "I am 40 years old", "I weigh 101.5 lbs", "38.5 kg", "bp 140/101", "heart rate 101.5",
    "2026-03-38", "202-555-0101", "103 degrees outside", "400", "38.5.1", "walked 38.5 miles", "44", "111",
]  # fmt: skip


@pytest.mark.parametrize("text", FEVERS)
def test_a_number_that_is_a_fever(text):
    assert redflags.is_fever(words(text))


@pytest.mark.parametrize("text", NO_FEVERS)
def test_a_number_that_is_none(text):
    assert not redflags.is_fever(words(text))
