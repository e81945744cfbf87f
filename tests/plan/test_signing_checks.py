"""What a version must be before it can be signed, and the sentence that says what would be right."""

from dataclasses import replace

import pytest

from reminders.plan.signing_checks import StepWords, faults, warnings
from reminders.plan.values import Anchor, PhaseSpan, ProtocolSpec, StepSpec
from tests.plan import build
from tests.plan.build import PHASES, a_protocol

GOOD = StepWords("{clinic}: hello. {link}", "Hello", "Dear {first_name}, call {clinic_phone}. {clinic} {link}")
EARLY, MIDDLE, LATE = PHASES


def a_step(anchor: Anchor = Anchor.SURGERY, day: int = 1, **facts: object) -> StepSpec:
    """Not of day 0, whose texts must carry more."""
    return build.a_step(anchor, day, **facts)


def faults_of(protocol: ProtocolSpec, words: StepWords = GOOD, languages: tuple[str, ...] = ("en",)) -> list[str]:
    texts = {(step.code, language): words for step in protocol.steps for language in ("en", "es")}
    return faults(protocol, texts, languages)


def test_a_sound_version_has_no_faults() -> None:
    assert faults_of(a_protocol(a_step()), languages=("en", "es")) == []


@pytest.mark.parametrize(
    ("phases", "said"),
    [
        ((), "There are no phases"),
        ((replace(EARLY, first_day=1), MIDDLE, LATE), "It must start on day 0"),
        ((EARLY, MIDDLE), "The last phase must not have a last day"),
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
        (a_step(Anchor.PHASE_END, phase="late"), "Use the phase's start instead."),
        (a_step(Anchor.CHECK_UP_WINDOW, check_up="eye-test"), "step refers to a check-up that is not in this version."),
        (
            a_step(Anchor.CHECK_UP_WINDOW, check_up="yearly", repeat_days=14, repeat_count=None),
            "Set how many times.",
        ),
        (a_step(Anchor.VISIT, -3, check_up="yearly", repeat_days=1, repeat_count=2), "Add one step for each message"),
    ],
)
def test_a_step_hangs_on_something_that_is_there(step: StepSpec, said: str) -> None:
    (fault,) = faults_of(a_protocol(step))

    assert said in fault


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (StepWords(), "step has no text in en."),
        (replace(GOOD, sms=" "), "step, en: it is sent by text, but the text message is empty."),
        (replace(GOOD, subject=""), "needs a subject and a body"),
        (replace(GOOD, body=""), "needs a subject and a body"),
        (replace(GOOD, body="{surgeon_name}"), "Unknown placeholder: {surgeon_name}. A text may use {clinic},"),
        (replace(GOOD, sms="{clinic}: {first_name}, hello"), "A text message must not carry {first_name}"),
        (replace(GOOD, sms="{clinic}: {first_name} {surgeon}"), "must not carry {first_name} and {surgeon}"),
        (
            replace(GOOD, sms="{clinic}: see you {visit_day}"),
            "only a step that depends on a booked visit knows its day",
        ),
    ],
)
def test_each_channel_has_words_that_can_be_filled_in(words: StepWords, said: str) -> None:
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
    assert faults_of(a_protocol()) == ["There are no steps. Add the messages the patient should get, and when."]


# The wording rules (PROTOCOLS.md, section 6) ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            replace(GOOD, sms="Hello. {link}"),
            "the text message does not name the clinic. Put {clinic} into it.",
        ),
        (replace(GOOD, body="Hello {first_name}."), "the e-mail does not name the clinic."),
        (replace(GOOD, sms="{clinic}: Reply YES to confirm."), "offers YES as a reply, which carriers use"),
        (replace(GOOD, sms="{clinic}: Reply QUIT or CANCEL."), "offers CANCEL and QUIT as a reply"),
        (replace(GOOD, body="{clinic}: Text END to us."), "the e-mail offers END as a reply"),
        (replace(GOOD, sms="{clinic}: Responda SI o BAJA."), "offers SI and BAJA as a reply"),
        (replace(GOOD, sms="{clinic}: After your fusion, walk."), "says “fusion”, and anyone may see it on the phone"),
        (replace(GOOD, sms="{clinic}: Your spine surgeon calls."), "says “spine” and “surgeon”"),
        (replace(GOOD, sms="{clinic}: a" + "a" * 1_600), "No provider takes more than 1600: shorten it."),
    ],
)
def test_a_text_that_breaks_a_wording_rule_cannot_be_signed(words: StepWords, said: str) -> None:
    (fault,) = faults_of(a_protocol(a_step()), words)

    assert said in fault


def test_a_phase_or_a_check_up_without_a_title_in_a_language_of_the_site_cannot_be_signed() -> None:
    titles = {"early": {"en": "Early", "es": " "}, "six-weeks": {"en": "Six weeks", "es": "Seis semanas"}}
    texts = {("step", language): GOOD for language in ("en", "es")}

    assert faults(a_protocol(a_step()), texts, ["en", "es"], titles) == [
        "early has no title in es. The patient's own page shows it."
    ]


def warnings_of(words: StepWords, language: str = "en", **known: str) -> list[str]:
    return warnings(a_protocol(a_step()), {("step", language): words}, [language], known)


def test_a_good_text_is_signed_without_a_warning() -> None:
    assert warnings_of(GOOD) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            replace(GOOD, sms="{clinic}: " + "walk. " * 26),
            "step, en: the text message can take 2 parts (180 characters; a part has 160 characters).",
        ),
        (replace(GOOD, sms="{clinic}: " + "ça va? " * 10), "“ç” makes a part 70 characters long"),
        (
            replace(GOOD, body="{clinic} recommends considerable deliberation regarding rehabilitation."),
            "the e-mail reads at grade",
        ),
    ],
)
def test_what_is_dear_or_hard_to_read_is_a_warning_and_no_fault(words: StepWords, said: str) -> None:
    (warning,) = warnings_of(words)

    assert said in warning
    assert faults_of(a_protocol(a_step()), words) == []


def test_a_house_with_a_long_address_is_warned_of_the_second_part() -> None:
    near = replace(GOOD, sms="{clinic}: " + "walk. " * 15 + "{link}")

    assert warnings_of(near) == []
    assert "2 parts" in warnings_of(near, link="https://a-very-long-name.of-a-hospital.example.org/p/x/")[0]


def test_a_language_without_lists_is_said_to_need_a_reader() -> None:
    (warning,) = warnings_of(GOOD, "fr")

    assert warning.startswith("fr: no list of revealing words and no reading level is available")


def test_a_text_that_cannot_be_filled_is_a_fault_and_not_measured() -> None:
    assert warnings_of(replace(GOOD, sms="{nobody}")) == []
