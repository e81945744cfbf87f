"""Calls through the API: each attempt is kept, only two outcomes close, and a stranger finds none of it."""

from datetime import timedelta

import pytest

from patients import clock
from reminders.plan.models import CallAttempt, Reminder
from tests.api.problems import named


@pytest.fixture
def unreached(surgery) -> Reminder:
    reminder = surgery.reminders.last()
    Reminder.objects.filter(pk=reminder.pk).update(status="failed", reason="refused")
    return reminder


@pytest.fixture
def address(surgery) -> str:
    return f"/api/v1/surgeries/{surgery.pk}/calls/"


def test_attempts_are_kept_and_only_the_last_one_closes(as_, owner, colleague, address, unreached):
    back = (clock.now() + timedelta(days=1)).replace(microsecond=0)

    as_(colleague).post(address, {"outcome": "no_answer", "note": "voicemail"})
    as_(colleague).post(address, {"outcome": "call_back", "call_back_at": back.isoformat()})
    assert Reminder.objects.to_call().exists()
    closing = as_(owner).post(address, {"outcome": "reached"})

    assert (closing.status_code, closing.json()["messages"]) == (201, 1)
    assert not Reminder.objects.to_call().exists()
    kept = as_(colleague).get(address).json()
    assert [row["outcome"] for row in kept] == ["no_answer", "call_back", "reached"]
    assert (kept[0]["by"], kept[0]["note"], kept[1]["messages"]) == (str(colleague), "voicemail", 0)
    again = as_(owner).post(address, {"outcome": "reached"})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({}, "outcome", "Choose one of: reached, no_answer, call_back, not_needed."),
        ({"note": "called"}, "outcome", "Choose one of: reached, no_answer, call_back, not_needed."),
        ({"outcome": "called"}, "outcome", "Choose one of: reached, no_answer, call_back, not_needed."),
        ({"outcome": "call_back"}, "call_back_at", "Say when to call back"),
        ({"outcome": "call_back", "call_back_at": "2026-03-02T15:00"}, "call_back_at", "Add the offset"),
        ({"outcome": "call_back", "call_back_at": "2020-03-02T15:00:00Z"}, "call_back_at", "This time has passed"),
        ({"outcome": "not_needed"}, "note", "Say why no call is needed"),
    ],
)
def test_what_is_wrong_is_a_400_that_says_what_is_right(as_, colleague, address, unreached, sent, field, sentence):
    answer = as_(colleague).post(address, sent)

    assert sentence in named(answer)[f"#/{field}"]
    assert not CallAttempt.objects.exists()


def test_a_stranger_from_another_site_finds_none(as_, stranger, address, unreached):
    assert as_(stranger).get(address).status_code == 404
    assert as_(stranger).post(address, {"outcome": "reached"}).status_code == 404
    assert not CallAttempt.objects.exists()
