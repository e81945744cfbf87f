"""Progress, on the record: a drawing and a table that says the same, sessions, and one figure for all of it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from patients import therapy_sessions
from reminders import actions, visit_actions
from reminders.replies.models import CheckIn
from tests.given import NOW, a_phone, a_site, a_staff_member, an_enrolment
from tests.staff.desk import clock, desk, reception, site, surgeon
from tests.staff.people import signed_in

__all__ = ["clock", "desk", "reception", "site", "surgeon"]
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def surgery(site, surgeon):
    return an_enrolment(site, a_phone(), by=surgeon, day=9, now=NOW)


def a_check_in(surgery, day: int, pain: int | None, **answers: bool) -> CheckIn:
    """Of `day` days after the operation, and closed since."""
    at = NOW - (9 - day) * DAY
    reminder = surgery.reminders.filter(step__kind="check_in", check_in=None).order_by("due_at").first()
    return CheckIn.objects.create(
        site=surgery.site, surgery=surgery, reminder=reminder, asked_at=at, pain=pain, closed_at=at,
        answered_at=None if pain is None else at, via="sms" if pain is not None else "", **answers,
    )  # fmt: skip


def page(client, surgery) -> str:
    return client.get(reverse("staff:record", args=[surgery.pk])).content.decode()


def test_nothing_asked_yet_is_no_figure(desk, site, surgeon):
    early = an_enrolment(site, by=surgeon, day=0)

    shown = page(desk, early)

    assert "Nothing was asked yet, so there is no adherence figure." in shown
    assert "No pain was answered yet." in shown
    assert "0%" not in shown


def test_answers_sessions_and_visits_make_one_figure(desk, surgery, surgeon):
    a_check_in(surgery, 1, 6, wound=False, legs=False, bladder=False)
    a_check_in(surgery, 3, None)
    today = surgery.site.today(NOW)
    therapy_sessions.write_session(surgery, day=today, state="attended", by=surgeon, now=NOW)
    visit_actions.mark_attended(surgery.check_ups.get(code="first-visit"), by=surgeon, now=NOW)

    shown = page(desk, surgery)

    assert "75% adherence" in shown
    for part in ("1 of 2 check-ins answered", "1 of 1 sessions attended", "1 of 1 visits kept"):
        assert part in shown


def test_the_drawing_has_a_title_a_description_and_a_table_that_says_the_same(desk, surgery):
    a_check_in(surgery, 1, 9, wound=True, legs=False, bladder=False)
    a_check_in(surgery, 3, 4, wound=False)
    a_check_in(surgery, 6, None)

    shown = page(desk, surgery)

    assert '<title id="trend-title">Pain by day after the operation</title>' in shown
    assert "Pain 9 of 10 on day 1, 4 on day 3; 2 of 3 check-ins answered." in shown
    for words in ("Day 1: pain 9 of 10", "Day 3: pain 4 of 10", "Day 6: not answered"):
        assert f"<title>{words}</title>" in shown
    for words in ("wound", "(legs, bladder not answered)", "by text", "not answered"):
        assert words in shown


def test_a_session_is_written_down_changed_and_removed(desk, surgery):
    address = reverse("staff:record_session", args=[surgery.pk])
    for state in ("attended", "missed"):
        assert desk.post(address, {"day": "2026-03-01", "state": state}).status_code == 302

    session = surgery.therapy_sessions.get()
    assert (f"{session.day}", session.state, session.source) == ("2026-03-01", "missed", "staff")
    shown = page(desk, surgery)
    assert "Sun 1 Mar 2026" in shown
    assert "therapy missed" in shown

    desk.post(reverse("staff:record_session_remove", args=[surgery.pk, session.pk]))
    assert not surgery.therapy_sessions.exists()


@pytest.mark.parametrize(
    ("day", "state", "sentence"),
    [
        ("2026-03-03", "attended", "This day is still to come. Record the session as planned."),
        ("2026-03-01", "planned", "This day has passed."),
        ("2026-02-01", "attended", "This day is before the operation."),
        ("2036-02-01", "planned", "more than two years ahead"),
        ("", "planned", "Choose the day."),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_what_would_be_right(desk, surgery, day, state, sentence):
    answer = desk.post(reverse("staff:record_session", args=[surgery.pk]), {"day": day, "state": state})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not surgery.therapy_sessions.exists()


def test_owner_and_colleague_write_sessions_a_stranger_finds_nothing(surgery, surgeon, desk):
    stranger = signed_in(a_staff_member(a_site("hillside", name="Hillside Clinic")))
    address = reverse("staff:record_session", args=[surgery.pk])
    said = {"day": "2026-03-02", "state": "attended"}

    assert stranger.post(address, said).status_code == 404
    assert not surgery.therapy_sessions.exists()
    assert signed_in(surgeon).post(address, said).status_code == 302
    assert desk.post(address, said).status_code == 302
    session = surgery.therapy_sessions.get()
    assert stranger.post(reverse("staff:record_session_remove", args=[surgery.pk, session.pk])).status_code == 404
    assert surgery.therapy_sessions.exists()


def test_a_cancelled_operation_takes_no_session(desk, surgery, surgeon):
    actions.cancel_surgery(surgery, why="fever", by=surgeon, now=NOW)

    answer = desk.post(reverse("staff:record_session", args=[surgery.pk]), {"day": "2026-03-02", "state": "attended"})

    assert answer.status_code == 422
    assert not surgery.therapy_sessions.exists()
