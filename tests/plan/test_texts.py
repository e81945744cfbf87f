"""A text is checked when it is entered."""

import pytest
from django.core.exceptions import ValidationError

from reminders.plan.models import Step, StepText

STEP = Step(title="Walk today")


@pytest.mark.parametrize(
    ("words", "field", "said"),
    [
        ({"sms": "{clinc}: hello"}, "sms", "Unknown placeholder: {clinc}"),
        ({"subject": "Hello {name}"}, "subject", "Unknown placeholder: {name}"),
        ({"body": "Call {clinic_phone"}, "body", "without its partner"),
        ({"sms": "{first_name}, walk today"}, "sms", "A text message must not carry {first_name}"),
        ({"sms": "Ask {surgeon}"}, "sms", "A text message must not carry {surgeon}"),
    ],
)
def test_what_could_not_be_sent_is_refused_on_entry(words: dict[str, str], field: str, said: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        StepText(step=STEP, language="en", **words).clean()

    assert said in refusal.value.message_dict[field][0]


def test_an_email_may_name_patient_and_surgeon() -> None:
    StepText(step=STEP, language="en", sms="{clinic}: hello", body="Dear {first_name}, {surgeon}").clean()


@pytest.mark.parametrize("channels", [[], ["fax"], ["sms", "pigeon"]])
def test_a_step_lists_channels_there_are(channels: list[str]) -> None:
    with pytest.raises(ValidationError, match="List the channels in order of preference"):
        Step(title="Walk today", channels=channels).clean()
