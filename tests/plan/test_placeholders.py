"""What a text may leave open, and how it is filled."""

import pytest

from reminders.plan import placeholders
from reminders.plan.placeholders import PlaceholderError


@pytest.mark.parametrize(
    ("template", "unknown"),
    [
        ("Hello.", []),
        ("{clinic}: call {clinic_phone}.", []),
        ("{clinc}", ["clinc"]),
        ("{visit_day} {nurse} {age}", ["age", "nurse"]),
        ("{clinic.__class__}", ["clinic.__class__"]),
        ("{clinic[0]}", ["clinic[0]"]),
        ("{clinic!r}", ["clinic!r"]),
        ("{clinic:>99}", ["clinic:>99"]),
        ("{}", [""]),
        ("{0}", ["0"]),
        ("{{clinic}}", []),
        ("an open { brace", [placeholders.BROKEN_BRACES]),
        ("a closed } brace", [placeholders.BROKEN_BRACES]),
    ],
)
def test_what_nobody_can_fill_in_is_named(template: str, unknown: list[str]) -> None:
    assert placeholders.unknown(template) == unknown


def test_the_sentence_names_what_is_wrong_and_what_would_be_right() -> None:
    sentence = placeholders.sentence(placeholders.unknown("{clinc}"))

    assert sentence.startswith("Unknown placeholder: {clinc}. A text may use {clinic}, {clinic_phone},")


def test_values_are_put_in_once_and_never_read_as_templates() -> None:
    text = placeholders.render("{clinic}: {link}", {"clinic": "{link}", "link": "{clinic!r}"})

    assert text == "{link}: {clinic!r}"


def test_no_text_leaves_with_a_hole() -> None:
    with pytest.raises(PlaceholderError, match="visit_day"):
        placeholders.render("See you {visit_day}.", {"clinic": "Riverside"})


@pytest.mark.parametrize(
    ("sms", "personal"),
    [
        ("{clinic}: {link}", []),
        ("{first_name}, hello", ["first_name"]),
        ("{surgeon} {first_name}", ["first_name", "surgeon"]),
    ],
)
def test_a_text_message_names_neither_patient_nor_surgeon(sms: str, personal: list[str]) -> None:
    assert placeholders.too_personal(sms) == personal
