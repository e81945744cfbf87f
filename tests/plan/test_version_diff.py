"""Two versions told apart in sentences a surgeon can read aloud. The same code is the same step."""

from copy import deepcopy
from typing import Any

import pytest

from reminders.plan import library
from reminders.plan.files.parse import read
from reminders.plan.text_diff import pieces
from reminders.plan.version_diff import Document, chapters, sentences

BASE = read((library.HERE / "miss-base.yaml").read_bytes()) | {"expected_pain": []}


def step_of(document: Document, code: str) -> dict[str, Any]:
    return next(step for step in document["steps"] if step["code"] == code)


def phase_of(document: Document, code: str) -> dict[str, Any]:
    return next(phase for phase in document["phases"] if phase["code"] == code)


@pytest.fixture
def after() -> Document:
    return deepcopy(BASE)


def test_nothing_is_said_where_nothing_changes(after: Document) -> None:
    after["steps"].reverse()

    assert chapters(BASE, after) == []


def test_a_step_that_moves_is_said_by_its_days(after: Document) -> None:
    step_of(after, "avoid-heavy-lifting-2")["offset_days"] = 10

    assert sentences(BASE, after) == ["“Still avoid heavy lifting” moves from day 7 to day 10."]


def test_a_phase_that_is_longer_is_said_and_so_is_what_hangs_on_it(after: Document) -> None:
    phase_of(after, "weeks-3-6")["last_day"] = 45
    phase_of(after, "weeks-7-12")["first_day"] = 46

    said = sentences(BASE, after)

    assert said[0] == (
        "Phase “Weeks 3 to 6: back to normal, step by step” now ends on day 45; before, it ended on day 42."
    )
    assert "Phase “Weeks 7 to 12: get strong again” now begins on day 46 instead of day 43." in said
    assert any(sentence.endswith("moves from day 43 to day 46.") for sentence in said)


def test_words_that_change_are_quoted(after: Document) -> None:
    step_of(after, "avoid-heavy-lifting-1")["texts"]["en"]["sms"] = "{clinic}: Do not lift."

    (sentence,) = sentences(BASE, after)

    assert sentence.startswith("The English text of “Avoid heavy lifting” changes from “{clinic}: For now, do not")
    assert sentence.endswith("to “{clinic}: Do not lift.”.")


def test_a_long_email_is_shown_in_pieces_and_not_quoted_twice(after: Document) -> None:
    words = step_of(after, "walk-today")["texts"]["es"]
    words["body"] = words["body"].replace("Basta con caminar un poco.", "Eso basta.")

    (chapter,) = chapters(BASE, after)
    (change,) = chapter.changes

    assert change.sentence == "The Spanish e-mail of “Walk today, whom to call, what is normal” changes."
    assert [(piece.how, piece.words) for piece in change.pieces if piece.how != "kept"] == [
        ("gone", "Basta con caminar un poco.\n"),
        ("new", "Eso basta.\n"),
    ]


@pytest.mark.parametrize(
    ("code", "facts", "said"),
    [
        ("walk-today", {"at": "17:30"}, "goes at 17:30 instead of 16:00."),
        ("walk-today", {"title": "Walk"}, "“Walk today, whom to call, what is normal” is now called “Walk”."),
        ("walk-today", {"channels": ["email"]}, "it goes by e-mail; before, it goes by text, else by e-mail."),
        (
            "walk-today",
            {"late_rule": "skip"},
            "when late, it is left out once its day is over; before, when late, it is",
        ),
        (
            "walk-today",
            {"useful_days": 3},
            "it is useful for 3 days after its day; before, it is useful for",
        ),
        ("walk-today", {"warning": False}, "it is not a warning; before, it is a warning."),
        (
            "walk-today",
            {"nature": "activity"},
            "it is now activity: moves with pace, hold and phase; before, it was safety.",
        ),
        ("walk-today", {"nature": "safety"}, None),
        ("walk-today", {"condition": "job_desk"}, "it is for patients with a desk job; before, it is for everybody."),
        ("walk-today", {"repeat_days": 7, "repeat_count": 3}, "now comes every 7 days, 3 times instead of once."),
        ("walk-today", {"why": "Because."}, "The reason beside “Walk today, whom to call, what is normal” changes"),
        (
            "remind-six-weeks-3",
            {"offset_days": -1},
            "moves from 3 days before the visit “6-week check-up” to 1 day before",
        ),
        ("walk-today", {"anchor": "phase_start"}, None),
    ],
)
def test_every_fact_of_a_step_has_its_sentence(after: Document, code: str, facts: dict[str, Any], said: str) -> None:
    step_of(after, code).update(facts)

    found = sentences(BASE, after)

    assert [said in sentence for sentence in found] == [True] if said else found == []


def test_steps_that_come_and_go_are_named(after: Document) -> None:
    step = step_of(after, "walk-today")
    after["steps"].remove(step)
    after["steps"].append(step | {"code": "stand", "title": "Stand up", "texts": {"en": {"sms": "{clinic}: Stand."}}})

    assert sentences(BASE, after) == [
        "“Stand up” is new: day 0, at 16:00.",
        "The English text of “Stand up” is new: “{clinic}: Stand.”.",
        "“Walk today, whom to call, what is normal” (day 0) is gone.",
    ]


def test_check_ups_phases_and_the_course_of_pain_are_told_too(after: Document) -> None:
    visit = next(v for v in after["check_ups"] if v["code"] == "six-weeks")
    visit |= {"first_day": 40, "target_day": 44, "note": "with imaging", "repeat_days": 90}
    after["expected_pain"] = [[1, 4, 8]]
    phase_of(after, "weeks-1-2")["do"]["en"].append("Drink water.")
    phase_of(after, "weeks-1-2")["title"]["es"] = "Dos semanas"

    said = sentences(BASE, after)

    for sentence in (
        "The expected course of pain changes from none to day 1: 4 to 8.",
        "Check-up “6-week check-up” is now due on days 40 to 48 instead of days 39 to 48.",
        "Check-up “6-week check-up” now aims at day 44 instead of day 42.",
        "Check-up “6-week check-up” now comes every 90 days instead of once.",
        "Check-up “6-week check-up”, the note for staff is new: “with imaging”.",
    ):
        assert sentence in said
    assert any("what to do in English, changes" in sentence for sentence in said)
    assert any("the title in Spanish, changes from" in sentence for sentence in said)


def test_an_endless_phase_that_ends_and_a_phase_that_is_gone_are_told(after: Document) -> None:
    phase_of(after, "beyond-12-weeks")["last_day"] = 400
    after["phases"] = [phase for phase in after["phases"] if phase["code"] != "day-of-surgery"]
    after["steps"] = [step for step in after["steps"] if step["phase"] != "day-of-surgery"]

    said = sentences(BASE, after)

    assert "Phase “After week 12: keep it up” now ends on day 400; before, it had no end." in said
    assert "Phase “Day of surgery” (day 0) is gone." in said


@pytest.mark.parametrize(
    ("was", "now"),
    [("", ""), ("a b", "a c"), ("one\n\ntwo  three", "one\ntwo three four"), ("same", "same"), ("", "x")],
)
def test_the_pieces_put_together_are_both_texts(was: str, now: str) -> None:
    found = pieces(was, now)

    assert "".join(piece.words for piece in found if piece.how != "new") == was
    assert "".join(piece.words for piece in found if piece.how != "gone") == now
