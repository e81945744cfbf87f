"""Progress, by API: answers to read, sessions to write down, and one figure for both and the visits."""

from datetime import timedelta

import pytest

from patients import clock
from reminders.replies.checkins import by_phone
from reminders.replies.models import CheckIn
from reminders.replies.parsing.questionnaire import Answers
from tests.api.problems import problem, rows

SESSIONS = "/api/v1/therapy-sessions/"


@pytest.fixture
def today(site):
    return site.today(clock.now())


def answered(surgery) -> CheckIn:
    row = surgery.check_ins.get()
    row.pain, row.wound, row.via, row.answered_at = 6, False, "sms", clock.now()
    row.save()
    return row


def test_a_check_in_shows_what_was_answered_and_what_was_not(as_, owner, surgery):
    row = answered(surgery)

    shown = as_(owner).get(f"/api/v1/check-ins/{row.pk}/").json()

    assert (shown["pain"], shown["wound"], shown["legs"], shown["via"]) == (6, False, None, "sms")
    assert (shown["surgery"], shown["patient"], shown["reminder"]) == (
        surgery.pk, surgery.patient_id, row.reminder_id,
    )  # fmt: skip


def test_answered_ones_are_found_and_answers_are_not_written_here(as_, owner, surgery):
    client = as_(owner)
    row = answered(surgery)

    assert [one["id"] for one in rows(client.get("/api/v1/check-ins/?answered=true"))] == [row.pk]
    assert rows(client.get("/api/v1/check-ins/?answered=false")) == []
    assert client.post("/api/v1/check-ins/", {"pain": 1}).status_code == 405
    assert client.patch(f"/api/v1/check-ins/{row.pk}/", {"pain": 1}).status_code == 405


def test_a_session_is_written_down_once_a_day_and_the_later_word_counts(as_, colleague, surgery, today):
    client = as_(colleague)
    said = {"surgery": surgery.pk, "day": f"{today}", "state": "missed"}

    first, second = client.post(SESSIONS, said), client.post(SESSIONS, said)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["id"] == second.json()["id"]
    assert (second.json()["state"], second.json()["source"], second.json()["by"]) == ("missed", "staff", "Ida Hale")
    assert client.delete(f"{SESSIONS}{first.json()['id']}/").status_code == 204
    assert not surgery.therapy_sessions.exists()


def test_a_day_that_cannot_be_is_explained(as_, owner, surgery, today):
    client = as_(owner)
    for day, state, words in (
        (today + timedelta(days=1), "attended", "still to come"),
        (today - timedelta(days=9), "missed", "before the operation"),
    ):
        said = problem(client.post(SESSIONS, {"surgery": surgery.pk, "day": f"{day}", "state": state}), 400)
        assert words in str(said)


def test_the_figure_counts_what_was_asked(as_, owner, surgery):
    address = f"/api/v1/surgeries/{surgery.pk}/adherence/"
    client = as_(owner)
    assert client.get(address).json()["check_ins"] == {"done": 0, "asked": 0}

    answered(surgery)

    assert client.get(address).json() == {
        "percent": 100,
        "check_ins": {"done": 1, "asked": 1},
        "sessions": {"done": 1, "asked": 1},
        "visits": {"done": 0, "asked": 0},
    }


def test_a_stranger_writes_and_removes_nothing(as_, stranger, surgery, today):
    client = as_(stranger)
    session = surgery.therapy_sessions.get()

    problem(client.post(SESSIONS, {"surgery": surgery.pk, "day": f"{today}", "state": "missed"}), 400)
    problem(client.delete(f"{SESSIONS}{session.pk}/"), 404)
    problem(client.get(f"/api/v1/surgeries/{surgery.pk}/adherence/"), 404)

    session.refresh_from_db()
    assert session.state == "attended"


def test_a_check_in_told_by_phone_says_who_was_told(as_, surgery, owner, colleague):
    by_phone.write_down(surgery, Answers(pain=3), so_far=0, by=colleague, now=clock.now())

    [row] = rows(as_(owner).get("/api/v1/check-ins/?answered=true"))

    assert (row["via"], row["entered_by"], row["reminder"], row["pain"]) == ("phone", colleague.username, None, 3)
