"""A text must carry the number or the link that whoever reads it may need just now."""

import pytest

from reminders.plan.signing_checks import StepWords, faults
from reminders.plan.values import Anchor, StepSpec
from tests.plan.build import a_protocol, a_step

PLAIN = StepWords("{clinic}: hello.", "Hello", "Hello from {clinic}.")
NUMBER = " {emergency_number}"
BOTH = ["text message", "e-mail"]


def faults_of(step: StepSpec, words: StepWords, language: str = "en") -> list[str]:
    found = faults(a_protocol(step), {(step.code, language): words}, [language])
    return [fault.split(": ", 1)[1] for fault in found]


@pytest.mark.parametrize("language", ["en", "es", "fr"])
@pytest.mark.parametrize(
    ("step", "of"),
    [
        (a_step(day=0), "of day 0"),
        (a_step(day=0, kind="outcome_questions"), "of day 0"),
        (a_step(Anchor.PHASE_START, kind="walk_today"), "of day 0"),
        (a_step(day=7, kind="avoid_heavy_lifting", warning=True), "of a warning"),
        (a_step(Anchor.PHASE_END, phase="middle", warning=True), "of a warning"),
        (a_step(day=3, kind="check_in"), "of a check-in"),
    ],
)
def test_what_somebody_may_need_just_now_is_in_every_text(step: StepSpec, of: str, language: str) -> None:
    link = " {link}" if step.kind == "check_in" else ""
    silent = StepWords(PLAIN.sms, PLAIN.subject, PLAIN.body + link)
    half = StepWords(PLAIN.sms + NUMBER, PLAIN.subject, PLAIN.body + link)
    whole = StepWords(PLAIN.sms + NUMBER, PLAIN.subject, PLAIN.body + link + NUMBER)

    assert faults_of(step, silent, language) == [f"the {name} {of} must carry {{emergency_number}}." for name in BOTH]
    assert faults_of(step, half, language) == [f"the e-mail {of} must carry {{emergency_number}}."]
    assert faults_of(step, whole, language) == []


def test_other_days_need_no_emergency_number() -> None:
    assert faults_of(a_step(day=1), PLAIN) == []
    assert faults_of(a_step(Anchor.PHASE_START, phase="middle"), PLAIN) == []


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("Call us today.", "en"),
        ("If unsure, call the clinic.", "en"),
        ("Call {clinic} first.", "en"),
        ("Llámenos hoy.", "es"),
        ("Llame a {clinic}.", "es"),
        ("Llame al consultorio.", "es"),
    ],
)
def test_who_is_asked_to_call_is_given_a_number(words: str, language: str) -> None:
    without = StepWords("{clinic}: " + words, "Hello", "{clinic}. " + words)
    given = StepWords(without.sms + " {clinic_phone}", "Hello", without.body + " {clinic_phone}")
    said = "asks the patient to call and gives no number. Put {clinic_phone} into it."

    assert faults_of(a_step(day=2), without, language) == [f"the {name} {said}" for name in BOTH]
    assert faults_of(a_step(day=2), given, language) == []


@pytest.mark.parametrize("kind", ["book_check_up", "recall"])
def test_who_is_to_book_a_visit_is_given_a_number(kind: str) -> None:
    said = "that asks for a booking must carry {clinic_phone}."

    assert faults_of(a_step(day=2, kind=kind), PLAIN) == [f"the {name} {said}" for name in BOTH]


def test_that_the_clinic_calls_needs_no_number() -> None:
    words = StepWords("{clinic}: reply 9 and we call you.", "Hola", "{clinic}: responda 9 y le llamamos.")

    assert faults_of(a_step(day=2), words) == []


def test_a_check_in_by_mail_can_be_answered_by_its_link() -> None:
    words = StepWords(PLAIN.sms + NUMBER, PLAIN.subject, PLAIN.body + NUMBER)

    assert faults_of(a_step(day=3, kind="check_in"), words) == [
        "the e-mail of a check-in must carry {link}, where it can be answered."
    ]
