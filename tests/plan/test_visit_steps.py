"""Check-ups and the messages that lead up to them."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from patients.models import Site, StaffMember, Surgery
from reminders import actions, visit_actions
from reminders.plan import planning
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from tests import given
from tests.given import NOW
from tests.plan.rows import at, check_up, in_plan, on_its_way, reminder, rows, standing, visits

TODAY = date(2026, 3, 2)
DAY_12, DAY_13 = TODAY + timedelta(days=12), TODAY + timedelta(days=13)
PLANNED = (ReminderStatus.PLANNED, Reason.NONE)
SETTLED = (ReminderStatus.SKIPPED, Reason.VISIT_SETTLED)
MOVED = (ReminderStatus.CANCELLED, Reason.VISIT_MOVED)
INVITATIONS = [("book-first-visit", number) for number in range(3)]


@pytest.fixture
def booked(surgery: Surgery, surgeon: StaffMember) -> Surgery:
    visit_actions.book_visit(check_up(surgery, "first-visit"), at=at(DAY_12), by=surgeon, now=NOW)
    return surgery


def test_until_it_is_booked_the_patient_is_asked_three_times(surgery: Surgery) -> None:
    assert [standing(surgery, *invitation) for invitation in INVITATIONS] == [PLANNED] * 3


def test_booking_silences_the_invitations_and_lays_out_the_reminders(booked: Surgery) -> None:
    assert [standing(booked, *invitation) for invitation in INVITATIONS] == [SETTLED] * 3
    assert standing(booked, "remind-first-visit-3", 1) == PLANNED
    assert reminder(booked, "remind-first-visit-1", 1).due_at == at(DAY_12 - timedelta(days=1), hour=14)
    assert standing(booked, "book-six-weeks") == PLANNED


def test_a_moved_visit_has_new_reminders_and_the_earlier_ones_go(booked: Surgery, surgeon: StaffMember) -> None:
    visit_actions.book_visit(check_up(booked, "first-visit"), at=at(DAY_13), by=surgeon, now=NOW)

    assert standing(booked, "remind-first-visit-1", 1) == MOVED
    assert standing(booked, "remind-first-visit-1", 2) == PLANNED
    assert reminder(booked, "remind-first-visit-1", 2).due_at == at(DAY_12, hour=14)


def test_a_reminder_already_on_its_way_is_recalled_when_the_visit_moves(booked: Surgery, surgeon: StaffMember) -> None:
    on_its_way(reminder(booked, "remind-first-visit-3", 1))

    visit_actions.book_visit(check_up(booked, "first-visit"), at=at(DAY_13), by=surgeon, now=NOW)

    assert standing(booked, "remind-first-visit-3", 1) == (ReminderStatus.IN_PROGRESS, Reason.VISIT_MOVED)


def test_the_same_click_twice_books_once(booked: Surgery, surgeon: StaffMember) -> None:
    before = rows(booked)

    visit_actions.book_visit(check_up(booked, "first-visit"), at=at(DAY_12), by=surgeon, now=NOW)

    assert check_up(booked, "first-visit").bookings == 1
    assert rows(booked) == before


@pytest.mark.parametrize("step", ["confirm_visit", "mark_attended", "mark_not_needed"])
def test_a_settled_visit_stays_silent(booked: Surgery, surgeon: StaffMember, step: str) -> None:
    why = {"why": "operated on again"} if step == "mark_not_needed" else {}
    getattr(visit_actions, step)(check_up(booked, "first-visit"), by=surgeon, now=NOW, **why)

    assert [standing(booked, *invitation) for invitation in INVITATIONS] == [SETTLED] * 3
    still = step == "confirm_visit"
    assert standing(booked, "remind-first-visit-1", 1) == (PLANNED if still else SETTLED)


def test_a_missed_visit_is_asked_for_again(booked: Surgery, surgeon: StaffMember) -> None:
    visit_actions.mark_missed(check_up(booked, "first-visit"), by=surgeon, now=at(DAY_12, hour=17))

    assert standing(booked, "book-first-visit", 2) == PLANNED  # day 13
    assert standing(booked, "book-first-visit", 0) == (ReminderStatus.SKIPPED, Reason.PAST)
    assert check_up(booked, "first-visit").state == "missed"


def test_a_missed_visit_can_be_booked_anew(booked: Surgery, surgeon: StaffMember) -> None:
    after = at(DAY_12, hour=17)
    visit_actions.mark_missed(check_up(booked, "first-visit"), by=surgeon, now=after)

    visit_actions.book_visit(check_up(booked, "first-visit"), at=at(DAY_12 + timedelta(days=7)), by=surgeon, now=after)

    assert standing(booked, "remind-first-visit-1", 2) == PLANNED
    assert standing(booked, "book-first-visit", 2) == SETTLED


def test_a_visit_at_short_notice_is_only_reminded_of_while_it_helps(surgery: Surgery, surgeon: StaffMember) -> None:
    visit_actions.book_visit(check_up(surgery, "first-visit"), at=at(TODAY, hour=20), by=surgeon, now=NOW)

    assert standing(surgery, "remind-first-visit-1", 1) == (ReminderStatus.SKIPPED, Reason.PAST)


def test_a_patient_far_from_the_clinic_can_be_booked_in(site: Site, surgeon: StaffMember) -> None:
    """Nine in Auckland is the day before in Honolulu: a reminder whose hour comes after the visit is held."""
    auckland = given.a_site("auckland", time_zone="Pacific/Auckland")
    doctor = given.a_staff_member(auckland)
    surgery = given.an_enrolment(auckland, by=doctor, patient=given.a_new_patient(time_zone="Pacific/Honolulu"))

    visit_actions.book_visit(check_up(surgery, "first-visit"), at=at(DAY_12, hour=19), by=doctor, now=NOW)

    assert standing(surgery, "remind-first-visit-1", 1) == (ReminderStatus.SKIPPED, Reason.EXPIRED)
    assert standing(surgery, "remind-first-visit-3", 1) == PLANNED


def test_a_booked_time_stays_when_the_operation_moves(booked: Surgery, surgeon: StaffMember) -> None:
    actions.move_surgery(booked, to=TODAY + timedelta(days=3), by=surgeon, now=NOW)

    visit = check_up(booked, "first-visit")
    assert (visit.state, visit.booked_for) == ("booked", at(DAY_12))
    assert visit.target_day == TODAY + timedelta(days=15)
    assert standing(booked, "remind-first-visit-1", 1) == PLANNED


def test_a_visit_that_was_booked_stays_when_the_plan_does_not_call_for_it_any_more(
    booked: Surgery, surgeon: StaffMember
) -> None:
    actions.move_surgery(booked, to=TODAY - timedelta(days=60), by=surgeon, now=NOW)

    assert (check_up(booked, "first-visit").state, check_up(booked, "first-visit").booked_for) == ("booked", at(DAY_12))
    assert "six-weeks" not in [visit["code"] for visit in visits(booked)]  # over before the enrolment, never booked


def test_a_visit_that_took_place_is_not_booked_again(booked: Surgery, surgeon: StaffMember) -> None:
    visit_actions.mark_attended(check_up(booked, "first-visit"), by=surgeon, now=at(DAY_12, hour=17))

    with pytest.raises(ValidationError, match="cannot be booked any more"):
        visit_actions.book_visit(check_up(booked, "first-visit"), at=at(DAY_13), by=surgeon, now=at(DAY_12, hour=18))

    assert check_up(booked, "first-visit").state == "attended"


def test_recall_only_asks_who_has_not_booked(surgery: Surgery, surgeon: StaffMember) -> None:
    visit_actions.book_visit(check_up(surgery, "six-weeks"), at=at(TODAY + timedelta(days=42)), by=surgeon, now=NOW)

    assert standing(surgery, "recall-six-weeks") == SETTLED
    assert standing(surgery, "recall-twelve-weeks") == PLANNED


def test_nobody_is_asked_to_book_what_was_over_before_the_enrolment(site: Site, surgeon: StaffMember) -> None:
    surgery = given.an_enrolment(site, by=surgeon, day=96)  # the twelve-week window closed on day 94

    assert standing(surgery, "recall-twelve-weeks") == SETTLED  # day 100
    assert "twelve-weeks" not in [visit["code"] for visit in visits(surgery)]
    assert standing(surgery, "book-six-months") == PLANNED


def test_the_yearly_visit_comes_again_as_the_horizon_moves(surgery: Surgery) -> None:
    planning.sync(surgery, now=NOW + timedelta(days=400))

    yearly = [visit["occurrence"] for visit in visits(surgery) if visit["code"] == "one-year"]
    assert yearly == [0, 1]
    assert standing(surgery, "book-one-year", 100) == PLANNED


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (
            lambda v, by: visit_actions.book_visit(v, at=NOW - timedelta(hours=1), by=by, now=NOW),
            "Choose a time in the future",
        ),
        (lambda v, by: visit_actions.confirm_visit(v, by=by, now=NOW), "it cannot become confirmed"),
        (lambda v, by: visit_actions.mark_missed(v, by=by, now=NOW), "it cannot become missed"),
    ],
)
def test_a_visit_that_is_not_booked_cannot_be_confirmed_or_missed(
    surgery: Surgery, surgeon: StaffMember, attempt: object, said: str
) -> None:
    before = in_plan(surgery)

    with pytest.raises(ValidationError, match=said):
        attempt(check_up(surgery, "first-visit"), surgeon)  # type: ignore[operator]

    assert in_plan(surgery) == before


def test_a_visit_still_to_come_is_not_missed(booked: Surgery, surgeon: StaffMember) -> None:
    with pytest.raises(ValidationError, match="still to come"):
        visit_actions.mark_missed(check_up(booked, "first-visit"), by=surgeon, now=NOW)
