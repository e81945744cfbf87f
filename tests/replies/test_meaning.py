"""What words mean, phrase by phrase. No refusal is missed, no cry for help silences anybody, no number is guessed."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.replies.parsing import lexicon
from reminders.replies.parsing.meaning import Intent
from tests.replies.corpus import Phrase, phrases, said, table
from tests.replies.reading import meaning

REFUSES = {"stop", "stop everywhere", "refusal", "refusal urgent"}
ALL = phrases()


@pytest.mark.parametrize("phrase", ALL, ids=lambda phrase: f"{phrase.means}: {phrase.text[:40]!r}")
def test_a_phrase_means_this_with_and_without_an_open_question(phrase: Phrase):
    found = [said(meaning(phrase.text, score_expected=asked)) for asked in (False, True)]

    assert found == [phrase.means, phrase.asked]


def test_the_corpus_is_large_and_in_both_languages(capsys):
    with capsys.disabled():
        print(f"\n{table()}\n{len(ALL)} phrases")

    assert len(ALL) >= 300
    assert len({phrase.text for phrase in ALL}) == len(ALL)


WRAPPINGS = [
    "{}",
    "  {}\n",
    "{}!!",
    "{}.",
    "please {}",
    "{} please",
    "hola {}",
    "{} gracias",
    "{} 🙏",
    "\u200f{}\u200f",
]


@given(
    st.sampled_from([p for p in ALL if p.means in REFUSES]),
    st.sampled_from(WRAPPINGS),
    st.randoms(use_true_random=False),
)
def test_however_a_refusal_is_dressed_it_is_never_missed(phrase, wrapping, random):
    text = wrapping.format(shuffled_case(phrase.text, random))
    if phrase.text == "U1RPUA==":
        return

    found = meaning(text)

    assert found.intent in (Intent.STOP, Intent.REFUSAL), text


@given(st.sampled_from([p for p in ALL if "urgent" in p.means]), st.sampled_from(WRAPPINGS), st.booleans())
def test_however_a_cry_for_help_is_dressed_it_is_urgent_and_no_opt_out(phrase, wrapping, asked):
    found = meaning(wrapping.format(phrase.text), score_expected=asked)

    assert found.urgent
    assert found.intent != Intent.STOP


@given(
    st.sampled_from([p for p in ALL if p.means == "urgent"]), st.sampled_from([p for p in ALL if p.means in REFUSES])
)
def test_a_refusal_beside_a_cry_for_help_hides_neither(urgent, refusal):
    found = meaning(f"{refusal.text}. {urgent.text}")

    assert found.urgent
    assert found.intent != Intent.STOP


def shuffled_case(text: str, dice: random.Random) -> str:
    return "".join(c.upper() if dice.random() < 0.5 else c.lower() for c in text)


@given(st.text(max_size=1_700), st.booleans())
def test_whatever_comes_in_has_a_meaning(text, asked):
    assert meaning(text, score_expected=asked).intent in Intent


@given(st.text(alphabet="0123456789.,-/+ %½７٧", max_size=12))
def test_a_score_is_only_ever_a_number_that_stands_alone(text):
    found = meaning(text, score_expected=True)

    if found.intent == Intent.SCORE:
        assert found.score in range(11)
        assert sum(c in "%½+-" for c in text) == 0


def test_without_a_question_no_number_is_a_score():
    assert not [p.text for p in ALL if meaning(p.text).intent in (Intent.SCORE, Intent.UNCLEAR_SCORE)]


@pytest.mark.parametrize("text", ["9" * 5_000, "stop " * 900, "a " * 5_000, "no " * 2_000, "(" * 4_000, "💊" * 800])
def test_a_very_long_text_is_read_quickly_and_is_no_score(text):
    assert meaning(text, score_expected=True).intent != Intent.SCORE


@pytest.mark.parametrize("word", sorted(lexicon.known().set("not_slips")))
def test_a_word_near_stop_that_is_a_word_of_its_own_stays_one(word):
    assert meaning(word).intent == Intent.OTHER


@pytest.mark.parametrize("word", ["stpo", "sotp", "tsop", "stopp", "stoooop", "unsuscribe", "unsubscrbe", "cancle"])
def test_a_slip_of_the_finger_still_stops(word):
    assert meaning(word).intent == Intent.STOP


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("stop", "stop", 0),
        ("stpo", "stop", 1),
        ("step", "stop", 1),
        ("shop", "stop", 1),
        ("", "stop", 3),
        ("spot", "stop", 2),
    ],
)
def test_edits_between_two_words(one, other, edits):
    assert lexicon.distance(one, other) == edits


def test_a_language_is_a_file():
    german = {"stop": ["aufhören"], "asks_to_stop": ["(bitte) keine nachrichten (mehr)"], "numbers": {"sieben": 7}}
    known = lexicon.Lexicon([german])

    assert "aufhoren" in known.set("stop")
    assert known.patterns("asks_to_stop").whole.fullmatch("bitte keine nachrichten mehr ")
    assert known.numbers == {"sieben": 7.0}


@pytest.mark.parametrize("path", sorted((lexicon.HERE / "words").glob("*.yaml")), ids=lambda path: path.stem)
def test_no_phrase_of_a_list_matches_nothing_at_all(path):
    """Written with a word too few in brackets, it would fit every text."""
    import yaml

    file = yaml.safe_load(path.read_text())
    lists = [file.get(key, []) for key in ("asks_to_stop", "asks_to_stop_everywhere", "perhaps", "innocent", "calm")]
    lists += [sign["said"] for sign in file.get("signs", {}).values()]
    for phrase in (phrase for each in lists for phrase in each):
        fits = lexicon.Patterns.of([phrase]).anywhere.search
        assert not fits("") and not fits("x y z "), phrase  # noqa: PT018
