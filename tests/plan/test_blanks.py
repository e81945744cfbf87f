"""Blanks: filled in with their unit, struck with their sentences, and never signed while they are open."""

import pytest

from reminders.plan import blank_checks, blanks
from reminders.plan.placeholders import PlaceholderError, render
from reminders.plan.signing_checks import StepWords
from reminders.plan.wording.measure import examples, measure

FILLED = {"lifting_limit": {"value": "10 lb", "why": "x"}, "bending_until": {"value": "6 weeks", "why": ""}}
STRUCK = {name: {"value": "struck", "why": ""} for name in FILLED}


@pytest.mark.parametrize(
    ("value", "language", "said"),
    [
        ("10 lb", "en", "10 lb"),
        ("4.5 kg", "es", "4.5 kg"),
        ("2 weeks", "en", "2 weeks"),
        ("2 weeks", "es-MX", "2 semanas"),
        ("1 weeks", "es", "1 semana"),
        ("30 minutes", "es", "30 minutos"),
        ("3 months", "fr", "3 months"),
    ],
)
def test_a_number_is_said_in_the_language_of_the_text(value: str, language: str, said: str) -> None:
    assert blanks.spoken(value, language) == said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lifting_limit", "ten"),
        ("lifting_limit", "10"),
        ("lifting_limit", "10 weeks"),
        ("lifting_limit", "0 lb"),
        ("lifting_limit", "1000 lb"),
        ("sitting_limit", "-5 minutes"),
        ("sitting_limit", "30 minutes and more"),
        ("brace_hours", "2 weeks"),
        ("nothing", "10 lb"),
    ],
)
def test_what_cannot_be_said_is_refused_with_what_would_be_right(name: str, value: str) -> None:
    said = blanks.wrong(name, value)

    assert "such as" in said or "Known are: lifting_limit" in said


@pytest.mark.parametrize("value", ["", "struck", "10 lb", "4.5 kg"])
def test_open_struck_or_a_number_may_stand(value: str) -> None:
    assert blanks.wrong("lifting_limit", value) == ""


@pytest.mark.parametrize(
    ("text", "filled", "struck"),
    [
        (
            "{clinic}: No lifting over {lifting_limit}. Call {clinic_phone}.",
            "{clinic}: No lifting over 10 lb. Call {clinic_phone}.",
            "{clinic}: Call {clinic_phone}.",
        ),
        ("Walk.\n\nLift {lifting_limit}.\n\nRest.", "Walk.\n\nLift 10 lb.\n\nRest.", "Walk.\n\nRest."),
        ("Lift {lifting_limit}!", "Lift 10 lb!", ""),
        ("A brace: {{lifting_limit}} {link}", "A brace: {{lifting_limit}} {link}", "A brace: {{lifting_limit}} {link}"),
        ("Wait {driving_after}. Walk.", "Wait {driving_after}. Walk.", "Wait {driving_after}. Walk."),
    ],
)
def test_a_value_is_put_in_and_a_struck_blank_takes_its_sentence_along(text: str, filled: str, struck: str) -> None:
    assert blanks.fill(text, FILLED, "en") == filled
    assert blanks.fill(text, STRUCK, "en") == struck
    assert blanks.fill(text, {}, "en") == text


def test_a_question_whose_answer_is_struck_is_not_asked() -> None:
    lines = {"en": ["May I bend? Not for {bending_until}.", "How far? Lift {lifting_limit}. Ask first."]}

    assert blanks.fill_lines(lines, FILLED)["en"] == ["May I bend? Not for 6 weeks.", "How far? Lift 10 lb. Ask first."]
    assert blanks.fill_lines(lines, STRUCK)["en"] == ["How far? Ask first."]


def test_an_open_blank_names_every_place_and_is_never_sent_as_a_hole() -> None:
    words = StepWords("{clinic}: Lift {lifting_limit}.", "", "")
    texts = {("lift", "en"): words, ("lift", "es"): words, ("walk", "en"): StepWords("{clinic}: Walk.")}
    places = blank_checks.places(texts, {"phase weeks-1-2, avoid": {"en": ["Over {lifting_limit}."], "es": []}})

    assert list(blank_checks.faults({}, places, "US")) == [
        "{lifting_limit} (most that may be lifted) is not filled in. It stands in phase weeks-1-2, avoid (en); "
        "step lift (en, es). Fill it in, or strike it: then its sentences go."
    ]
    assert list(blank_checks.faults(FILLED, places, "US")) == []
    assert list(blank_checks.faults(STRUCK, places, "US")) == []
    with pytest.raises(PlaceholderError, match="a surgeon has not filled in yet"):
        render(words.sms, {"clinic": "Riverside"})


@pytest.mark.parametrize(("country", "unit"), [("US", "lb"), ("CA", "kg"), ("MX", "kg"), ("GB", "kg")])
def test_a_site_weighs_as_its_country_does(country: str, unit: str) -> None:
    kept = {"lifting_limit": {"value": "10 kg" if unit == "lb" else "10 lb", "why": ""}}
    places = blank_checks.places({("lift", "en"): StepWords("{clinic}: {lifting_limit}")}, {})

    assert blanks.units_of("lifting_limit", country) == (unit,)
    (fault,) = blank_checks.faults(kept, places, country)
    assert f"and this site writes {unit}. Fill it in again." in fault


def test_a_line_of_the_page_has_blanks_and_nothing_else_to_fill_in() -> None:
    places = blank_checks.places({}, {"phase early, do": {"es": ["Llame al {clinic_phone}."]}})

    (fault,) = blank_checks.faults({}, places, "US")
    assert fault.startswith(
        "phase early, do (es) has {clinic_phone}. A line of the patient's page can only have blanks"
    )


def test_a_text_with_an_open_blank_is_measured_with_an_example() -> None:
    assert measure("{clinic}: {lifting_limit}", "en", examples("en")).filled == "Springfield Clinic Ctr: 10 lb"
