"""Visits are booked, confirmed, moved and closed from the board; what cannot be done comes back as a sentence."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from patients import audit
from patients.models import CheckUp
from reminders import visit_actions
from tests.given import NOW, an_enrolment
from tests.staff.desk import check_up, clock, desk, reception, site, state, surgeon

__all__ = ["check_up", "clock", "desk", "reception", "site", "surgeon"]
pytestmark = pytest.mark.django_db


def do(client: Client, check_up: CheckUp, deed: str, **data: str):
    return client.post(reverse("staff:board-visit", args=[check_up.pk, deed]), data)


def test_a_visit_is_booked_at_the_sites_own_hour(desk, check_up):
    answer = do(desk, check_up, "book", at="2026-03-03T10:00")

    assert answer.status_code == 302
    assert state(check_up) == "booked"
    assert check_up.booked_for == datetime(2026, 3, 3, 15, 0, tzinfo=UTC)


def test_a_booked_visit_is_confirmed_moved_and_attended(desk, check_up):
    do(desk, check_up, "book", at="2026-03-02T11:00")
    do(desk, check_up, "confirm")
    confirmed = state(check_up)
    do(desk, check_up, "book", at="2026-03-02T12:00")
    moved = state(check_up)
    do(desk, check_up, "attended")

    assert (confirmed, moved, state(check_up)) == ("confirmed", "booked", "attended")


def test_who_did_it_stands_on_the_record(desk, reception, check_up):
    do(desk, check_up, "attended")

    entry = audit.history(check_up.surgery).last()

    assert (entry.verb, entry.by, entry.at) == ("visit attended", reception, NOW)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("2026-03-01T10:00", "This time has passed. Choose a time in the future."),
        ("tomorrow", "Give a day and a time, such as 2026-03-05T10:00."),
        ("", "Give a day and a time, such as 2026-03-05T10:00."),
        ("9999-12-31T23:59", "The year 9999 cannot be meant."),
        ("0001-01-01T00:00", "The year 1 cannot be meant."),
        ("2031-03-05T10:00", "This time is more than two years ahead. Check the year."),
        ("2026-03-08T02:30", "The clocks go forward then and skip this time. Choose one an hour later."),
    ],
)
def test_a_wrong_time_comes_back_as_a_sentence_beside_the_row(desk, check_up, typed, sentence):
    answer = do(desk, check_up, "book", at=typed)

    page = answer.content.decode()
    row = page.split(f'id="visit-{check_up.pk}"')[1]
    assert answer.status_code == 422
    assert sentence in row
    assert not typed or f'value="{typed}"' in row
    assert state(check_up) == "due"


def test_what_is_over_cannot_be_undone_by_a_stale_page(desk, check_up):
    do(desk, check_up, "attended")

    answer = do(desk, check_up, "missed")

    assert answer.status_code == 422
    assert "This visit is attended: it cannot become missed." in answer.content.decode()
    assert state(check_up) == "attended"


def test_a_visit_on_a_closed_day_is_booked_with_a_warning(desk, check_up):
    do(desk, check_up, "book", at="2026-03-08T10:00")

    page = desk.get(reverse("staff:board")).content.decode()

    assert "The clinic is closed on Sun 8 Mar." in page
    assert state(check_up) == "booked"


def test_the_suggested_time_is_the_next_free_one_of_the_window(desk, site, surgeon):
    site.closed_days.create(date="2026-03-06")
    for day, suggested in ((8, "2026-03-05T09:00"), (12, "2026-03-03T09:00")):
        surgery = an_enrolment(site, by=surgeon, day=day)  # target: Friday 6 March, closed; and today
        row = desk.get(reverse("staff:board")).content.decode().split(f'id="at-{surgery.check_ups.first().pk}"')[1]
        assert f'value="{suggested}"' in row.split(">")[0]


def test_a_full_slot_is_not_proposed_and_warned_of_but_staff_may_insist(desk, site, surgeon, check_up):
    other = an_enrolment(site, by=surgeon, day=12).check_ups.get(code="first-visit")
    do(desk, other, "book", at="2026-03-03T09:00")
    shown = desk.get(reverse("staff:board")).content.decode()
    assert 'value="2026-03-03T09:30"' in shown.split(f'id="at-{check_up.pk}"')[1].split(">")[0]

    do(desk, check_up, "book", at="2026-03-03T09:20")
    full = desk.get(reverse("staff:board")).content.decode()
    do(desk, check_up, "book", at="2026-04-07T18:00")
    far = desk.get(reverse("staff:board")).content.decode()

    assert "Tue 3 Mar 9:20 is full: there is one visit already, and this site sees 1 at once." in full
    assert "18:00 lies outside the hours for visits, 9:00 to 17:00." in far
    assert "Tue 7 Apr lies outside the window of this visit, Sat 28 Feb to Wed 4 Mar." in far
    assert state(check_up) == "booked"


def test_a_visit_that_was_never_closed_is_asked_about(desk, surgeon, check_up):
    yesterday = NOW - timedelta(days=1)
    visit_actions.book_visit(check_up, at=yesterday, by=surgeon, now=yesterday - timedelta(days=1))

    page = desk.get(reverse("staff:board")).content.decode()

    assert "Did they come?" in page


def test_htmx_gets_the_lists_alone_and_shows_a_refusal(desk, check_up):
    address = reverse("staff:board-visit", args=[check_up.pk, "book"])

    answer = desk.post(address, {"at": "2026-03-01T10:00"}, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert answer.content.decode().strip().startswith('<div id="board"')
    assert "This time has passed." in answer.content.decode()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_year_that_cannot_be_meant_is_a_sentence_in_the_simulator_too(desk, check_up, day):
    asked = {"date": day, "days": 100, "version": check_up.surgery.care_plan.version_id, "language": "en"}
    asked |= {"channels": ["sms"], "physical_therapy": "undecided", "job": "unknown"}

    answer = desk.get(reverse("staff:simulator"), asked)

    assert answer.status_code == 422
    assert f"The year {int(day[:4])} cannot be meant." in answer.content.decode()
