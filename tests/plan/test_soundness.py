"""What a version must be before it can be signed, and the sentence that says what would be right."""

from dataclasses import replace

import pytest

from reminders.plan.soundness import Words, faults
from reminders.plan.values import Anchor, PhaseSpan, ProtocolSpec, StepSpec
from tests.plan.build import PHASES, a_protocol, a_step

GOOD = Words("{clinic}: hello. {link}", "Hello", "Dear {first_name}, call {clinic_phone}.")
EARLY, MIDDLE, LATE = PHASES


def faults_of(protocol: ProtocolSpec, words: Words = GOOD, languages: tuple[str, ...] = ("en",)) -> list[str]:
    texts = {(step.code, language): words for step in protocol.steps for language in ("en", "es")}
    return faults(protocol, texts, languages)


def test_a_sound_version_has_no_faults() -> None:
    assert faults_of(a_protocol(a_step()), languages=("en", "es")) == []


@pytest.mark.parametrize(
    ("phases", "said"),
    [
        ((), "There is no phase"),
        ((replace(EARLY, first_day=1), MIDDLE, LATE), "It must begin on day 0"),
        ((EARLY, MIDDLE), "The last phase has no last day"),
        ((EARLY, LATE), "overlap or leave a gap"),
        ((EARLY, replace(MIDDLE, first_day=14), LATE), "overlap or leave a gap"),
        ((EARLY, replace(MIDDLE, last_day=None), LATE), "overlap or leave a gap"),
    ],
)
def test_phases_follow_each_other_without_a_gap(phases: tuple[PhaseSpan, ...], said: str) -> None:
    assert any(said in fault for fault in faults_of(replace(a_protocol(a_step()), phases=phases)))


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (a_step(phase="nowhere"), "step belongs to a phase that is not in this version."),
        (a_step(Anchor.PHASE_END, phase="late"), "Hang it on the phase's start."),
        (a_step(Anchor.CHECK_UP_WINDOW, check_up="eye-test"), "step speaks of a check-up that is not in this version."),
        (
            a_step(Anchor.CHECK_UP_WINDOW, check_up="yearly", repeat_days=14, repeat_count=None),
            "Give it a number of times.",
        ),
        (a_step(Anchor.VISIT, -3, check_up="yearly", repeat_days=1, repeat_count=2), "Make one step for each message"),
    ],
)
def test_a_step_hangs_on_something_that_is_there(step: StepSpec, said: str) -> None:
    (fault,) = faults_of(a_protocol(step))

    assert said in fault


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (Words(), "step has no text in en."),
        (replace(GOOD, sms=" "), "step, en: it goes by text, and there is no text message."),
        (replace(GOOD, subject=""), "needs a subject and a body"),
        (replace(GOOD, body=""), "needs a subject and a body"),
        (replace(GOOD, body="{surgeon_name}"), "Unknown placeholder: {surgeon_name}. A text may use {clinic},"),
        (replace(GOOD, sms="{first_name}, hello"), "A text message must not carry {first_name}"),
        (replace(GOOD, sms="{first_name} {surgeon}"), "must not carry {first_name} and {surgeon}"),
        (replace(GOOD, sms="See you {visit_day}"), "only a step that hangs on a booked visit knows its day"),
    ],
)
def test_each_channel_has_words_that_can_be_filled_in(words: Words, said: str) -> None:
    (fault,) = faults_of(a_protocol(a_step()), words)

    assert said in fault


def test_a_channel_that_is_not_used_needs_no_words() -> None:
    assert faults_of(a_protocol(a_step(channels=("email",))), replace(GOOD, sms="")) == []
    assert faults_of(a_protocol(a_step(channels=("sms",))), replace(GOOD, subject="", body="")) == []


def test_a_visits_day_and_time_are_known_to_its_own_reminders() -> None:
    words = replace(GOOD, sms="{clinic}: we see you {visit_day}, {visit_time}.")

    assert faults_of(a_protocol(a_step(Anchor.VISIT, -1, check_up="six-weeks")), words) == []


def test_every_language_of_the_site_is_asked_for() -> None:
    assert faults_of(a_protocol(a_step()), languages=("en", "fr")) == ["step has no text in fr."]


def test_a_version_that_says_nothing_cannot_be_signed() -> None:
    assert faults_of(a_protocol()) == ["There is no step. Add what the patient should hear, and when."]
