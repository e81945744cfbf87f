"""The plan in the tables: laid out whole at the enrolment, and what is past is skipped with its reason."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from patients.models import Site, StaffMember, Surgery
from reminders import actions, visit_actions
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import SENTENCES, Reason
from tests import given
from tests.given import NOW
from tests.plan.rows import PAST, PLANNED, at, check_up, in_plan, reminder, standing, visits

TODAY = date(2026, 3, 2)


def test_the_whole_plan_is_laid_out_at_once(surgery: Surgery) -> None:
    codes = set(surgery.reminders.values_list("step_code", flat=True))

    assert {"walk-today", "avoid-heavy-lifting-1", "book-first-visit", "start-pt", "maintenance"} <= codes
    assert [visit["code"] for visit in visits(surgery)] == [
        "first-visit",
        "one-year",
        "six-months",
        "six-weeks",
        "twelve-weeks",
    ]
    assert standing(surgery, "start-pt") == (ReminderStatus.SKIPPED, Reason.PT_NOT_ORDERED)


def test_enrolled_late_what_is_past_is_skipped_with_the_reason(site: Site, surgeon: StaffMember) -> None:
    surgery = given.an_enrolment(site, by=surgeon, day=20)

    past = [row for row in surgery.reminders.all() if row.due_at.date() < TODAY]
    assert len(past) > 10
    assert {row.status for row in past} == {ReminderStatus.SKIPPED}
    assert all(row.why for row in past)
    assert standing(surgery, "walk-today") == PAST
    assert standing(surgery, "check-in-6") == PLANNED  # day 23
    assert "first-visit" not in [visit["code"] for visit in visits(surgery)]


def test_enrolled_late_what_belongs_to_today_still_goes(site: Site, surgeon: StaffMember) -> None:
    surgery = given.an_enrolment(site, by=surgeon, day=1, now=NOW)

    lifting = reminder(surgery, "avoid-heavy-lifting-1")
    assert lifting.due_at < NOW  # an hour ago
    assert (lifting.status, lifting.reason) == PLANNED


def test_a_planned_operation_says_nothing_before_its_day(site: Site, surgeon: StaffMember) -> None:
    surgery = given.an_enrolment(site, by=surgeon, day=-30)

    day0 = at(TODAY + timedelta(days=30), hour=0)
    assert min(row.due_at for row in surgery.reminders.all()) >= day0
    assert {row.reason for row in surgery.reminders.all()} & {Reason.PAST} == set()


def test_before_the_operation_only_a_booked_visit_is_reminded_of(site: Site, surgeon: StaffMember) -> None:
    surgery = given.an_enrolment(site, by=surgeon, day=-10)

    visit_actions.book_visit(check_up(surgery, "first-visit"), at=at(TODAY + timedelta(days=20)), by=surgeon, now=NOW)
    actions.move_surgery(surgery, to=TODAY + timedelta(days=30), by=surgeon, now=NOW)

    early = surgery.reminders.filter(due_at__lt=at(TODAY + timedelta(days=30), hour=0))
    told = {"visit-booked:first-visit", "remind-first-visit-3", "remind-first-visit-1"}
    assert {row.step_code for row in early} == told


def test_an_operation_of_long_ago_only_has_what_still_lies_ahead(site: Site, surgeon: StaffMember) -> None:
    surgery = given.an_enrolment(site, by=surgeon, date=date(2024, 6, 1))

    planned = surgery.reminders.filter(status=ReminderStatus.PLANNED)
    assert planned
    assert min(row.due_at.date() for row in planned) >= TODAY
    assert {row.step_code for row in planned} == {
        "maintenance", "book-one-year", "recall-one-year", "outcome-questions-6"
    }  # fmt: skip
    assert {visit["code"] for visit in visits(surgery)} == {"one-year"}


@pytest.mark.parametrize(
    ("day0", "day_14"),
    [
        (date(2028, 2, 29), date(2028, 3, 14)),
        (date(2026, 3, 8), date(2026, 3, 22)),  # the clocks are put forward
        (date(2026, 11, 1), date(2026, 11, 15)),  # and back
        (date(2027, 12, 31), date(2028, 1, 14)),
    ],
)
def test_odd_days_count_like_any_other(site: Site, surgeon: StaffMember, day0: date, day_14: date) -> None:
    zone = ZoneInfo("America/New_York")

    surgery = given.an_enrolment(site, by=surgeon, date=day0, now=at(day0, hour=12))

    due = [reminder(surgery, code).due_at.astimezone(zone) for code in ("walk-today", "check-in-5")]
    assert due == [datetime(*day0.timetuple()[:3], 16, tzinfo=zone), datetime(*day_14.timetuple()[:3], 10, tzinfo=zone)]


def test_the_patients_own_clock_counts(site: Site, surgeon: StaffMember) -> None:
    surgery = given.an_enrolment(site, by=surgeon, patient=given.a_new_patient(time_zone="America/Los_Angeles"))

    assert reminder(surgery, "check-in-1").due_at == at(TODAY + timedelta(days=1), hour=18)  # ten in Los Angeles


def test_without_consent_the_plan_is_laid_out_all_the_same(site: Site, surgeon: StaffMember) -> None:
    agreed = given.an_enrolment(site, by=surgeon)
    silent = given.an_enrolment(site, given.a_phone(consent_wording=""), by=surgeon)

    assert in_plan(silent) == in_plan(agreed)


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Reason)
    assert all(SENTENCES[reason].endswith(".") for reason in Reason if reason)
