"""The plan in the tables: laid out once, laid out again at will."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from patients.models import Site, StaffMember, Surgery
from reminders import actions
from reminders.plan import planning
from reminders.plan.models import ProtocolVersion, Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import SENTENCES, Reason
from tests import given
from tests.given import NOW
from tests.plan.rows import at, check_up, in_plan, on_its_way, reminder, rows, standing, visits

TODAY = date(2026, 3, 2)
PLANNED = (ReminderStatus.PLANNED, Reason.NONE)
PAST = (ReminderStatus.SKIPPED, Reason.PAST)
SETTLED = (ReminderStatus.SKIPPED, Reason.VISIT_SETTLED)


@pytest.fixture
def surgery(site: Site, surgeon: StaffMember) -> Surgery:
    return given.an_enrolment(site, by=surgeon)


# Laid out at the enrolment ----------------------------------------------------------------------------------------


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
    surgery = given.an_enrolment(site, by=surgeon, day=-30)

    actions.book_visit(check_up(surgery, "first-visit"), at=at(TODAY + timedelta(days=20)), by=surgeon, now=NOW)

    early = surgery.reminders.filter(due_at__lt=at(TODAY + timedelta(days=30), hour=0))
    assert {row.step_code for row in early} == {"remind-first-visit-3", "remind-first-visit-1"}


def test_an_operation_of_long_ago_only_has_what_still_lies_ahead(site: Site, surgeon: StaffMember) -> None:
    surgery = given.an_enrolment(site, by=surgeon, date=date(2011, 6, 1))

    planned = surgery.reminders.filter(status=ReminderStatus.PLANNED)
    assert planned
    assert min(row.due_at.date() for row in planned) >= TODAY
    assert {row.step_code for row in planned} == {"maintenance", "book-one-year", "recall-one-year"}
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


# Laid out again ---------------------------------------------------------------------------------------------------


def test_the_same_facts_give_the_same_rows(surgery: Surgery) -> None:
    before = rows(surgery), visits(surgery)

    changes = planning.sync(surgery, now=NOW)

    assert not changes
    assert (rows(surgery), visits(surgery)) == before


def test_a_day_later_only_the_horizon_has_grown(surgery: Surgery) -> None:
    before = rows(surgery)

    planning.sync(surgery, now=NOW + timedelta(days=60))

    after = rows(surgery)
    assert [row for row in after if row in before] == before
    assert {row["step_code"] for row in after if row not in before} == {"maintenance"}


def test_what_is_overdue_stays_planned(surgery: Surgery) -> None:
    planning.sync(surgery, now=NOW + timedelta(days=3))

    assert standing(surgery, "walk-today") == PLANNED


def test_moving_the_operation_moves_what_is_to_come(surgery: Surgery, surgeon: StaffMember) -> None:
    actions.move_surgery(surgery, to=TODAY + timedelta(days=7), by=surgeon, now=NOW)

    assert reminder(surgery, "check-in-1").due_at == at(TODAY + timedelta(days=8), hour=14)  # ten, in summer time
    assert check_up(surgery, "six-weeks").target_day == TODAY + timedelta(days=49)


def test_what_was_started_never_moves(surgery: Surgery, surgeon: StaffMember) -> None:
    on_its_way(reminder(surgery, "walk-today"))
    on_its_way(reminder(surgery, "check-in-1"), ReminderStatus.DONE)
    on_its_way(reminder(surgery, "check-in-2"), ReminderStatus.FAILED)
    started = ["walk-today", "check-in-1", "check-in-2"]
    before = [row for row in rows(surgery) if row["step_code"] in started]

    actions.move_surgery(surgery, to=TODAY + timedelta(days=5), by=surgeon, now=NOW)

    assert [row for row in rows(surgery) if row["step_code"] in started] == before


def test_the_preview_is_what_the_move_then_does(surgery: Surgery, surgeon: StaffMember) -> None:
    before = rows(surgery)

    promised = actions.preview_move(surgery, to=TODAY - timedelta(days=50), by=surgeon, now=NOW)
    untouched = rows(surgery)
    done = actions.move_surgery(surgery, to=TODAY - timedelta(days=50), by=surgeon, now=NOW)

    assert untouched == before
    assert facts(promised.changed) == facts(done.changed)
    assert {(row.step_code, row.occurrence) for row in promised.added} == {
        (row.step_code, row.occurrence) for row in done.added
    }


def facts(changes: list[planning.Change]) -> list[tuple[object, ...]]:
    rows = [(c.row.step_code, c.row.occurrence, c.row.due_at, c.row.status, c.row.reason) for c in changes]
    return sorted(rows)


def test_what_staff_took_out_stays_out(surgery: Surgery, surgeon: StaffMember) -> None:
    actions.skip(reminder(surgery, "check-in-1"), by=surgeon, now=NOW)

    actions.move_surgery(surgery, to=TODAY + timedelta(days=5), by=surgeon, now=NOW)

    assert standing(surgery, "check-in-1") == (ReminderStatus.SKIPPED, Reason.LEFT_OUT)


def test_therapy_ordered_later_revives_what_was_held(surgery: Surgery, surgeon: StaffMember) -> None:
    actions.change_facts(surgery, physical_therapy="ordered", by=surgeon, now=NOW + timedelta(days=10))

    assert standing(surgery, "start-pt") == PLANNED
    assert standing(surgery, "start-pt-early") == (ReminderStatus.SKIPPED, Reason.PT_NOT_ORDERED)

    actions.change_facts(surgery, physical_therapy="declined", by=surgeon, now=NOW + timedelta(days=11))

    assert standing(surgery, "start-pt") == (ReminderStatus.SKIPPED, Reason.PT_NOT_ORDERED)


def test_therapy_ordered_after_its_day_is_not_announced_late(surgery: Surgery, surgeon: StaffMember) -> None:
    actions.change_facts(surgery, physical_therapy="ordered", by=surgeon, now=NOW + timedelta(days=80))

    assert standing(surgery, "start-pt") == PAST


def test_the_kind_of_job_chooses_the_wording(surgery: Surgery, surgeon: StaffMember) -> None:
    actions.change_facts(surgery, job="desk", by=surgeon, now=NOW)

    assert standing(surgery, "return-to-work-desk") == PLANNED
    assert standing(surgery, "return-to-work-unknown") == (ReminderStatus.SKIPPED, Reason.OTHER_JOB)


def test_a_fact_nobody_knows_is_refused(surgery: Surgery, surgeon: StaffMember) -> None:
    with pytest.raises(ValidationError, match="not a valid choice"):
        actions.change_facts(surgery, job="astronaut", by=surgeon, now=NOW)


# The end of a plan ------------------------------------------------------------------------------------------------


def test_a_cancelled_operation_sends_nothing_more(surgery: Surgery, surgeon: StaffMember) -> None:
    on_its_way(reminder(surgery, "walk-today"), ReminderStatus.DONE)
    on_its_way(reminder(surgery, "avoid-heavy-lifting-1"))

    actions.cancel_surgery(surgery, why="Infection", by=surgeon, now=NOW)

    assert not surgery.reminders.filter(status=ReminderStatus.PLANNED)
    assert standing(surgery, "check-in-1") == (ReminderStatus.CANCELLED, Reason.SURGERY_CANCELLED)
    assert standing(surgery, "walk-today") == (ReminderStatus.DONE, Reason.NONE)
    assert standing(surgery, "avoid-heavy-lifting-1") == (ReminderStatus.IN_PROGRESS, Reason.SURGERY_CANCELLED)
    assert not surgery.check_ups.filter(state="due")


def test_cancelling_asks_for_a_reason_and_happens_once(surgery: Surgery, surgeon: StaffMember) -> None:
    with pytest.raises(ValidationError, match="Say in a few words why"):
        actions.cancel_surgery(surgery, why=" ", by=surgeon, now=NOW)
    actions.cancel_surgery(surgery, why="Infection", by=surgeon, now=NOW)

    with pytest.raises(ValidationError, match="was cancelled"):
        actions.move_surgery(surgery, to=TODAY + timedelta(days=9), by=surgeon, now=NOW)


@pytest.mark.parametrize("status", ["deceased", "transferred"])
def test_a_patient_who_died_or_left_hears_nothing_more(surgery: Surgery, surgeon: StaffMember, status: str) -> None:
    booked = check_up(surgery, "first-visit")
    actions.book_visit(booked, at=at(TODAY + timedelta(days=12)), by=surgeon, now=NOW)
    Reminder.objects.filter(step_code="walk-today").update(status=ReminderStatus.SUPPRESSED, reason=Reason.NO_CONSENT)

    actions.set_patient_status(surgery.patient, status=status, by=surgeon, now=NOW)

    assert not surgery.reminders.filter(status=ReminderStatus.PLANNED)
    assert [visit["state"] for visit in visits(surgery)] == ["cancelled"]
    assert not Reminder.objects.to_call()  # nobody rings the family about a plan that has ended


def test_a_patient_who_comes_back_has_the_whole_plan_again(surgery: Surgery, surgeon: StaffMember) -> None:
    before = in_plan(surgery), visits(surgery)

    actions.set_patient_status(surgery.patient, status="transferred", by=surgeon, now=NOW)
    actions.set_patient_status(surgery.patient, status="active", by=surgeon, now=NOW)

    assert (in_plan(surgery), visits(surgery)) == before


# After a failure --------------------------------------------------------------------------------------------------


def test_sending_again_brings_a_new_failure_back_to_the_call_list(surgery: Surgery, surgeon: StaffMember) -> None:
    row = reminder(surgery, "walk-today")
    on_its_way(row, ReminderStatus.FAILED)
    Reminder.objects.filter(pk=row.pk).update(reason=Reason.UNDELIVERED)
    actions.mark_called(surgery, note="No answer", by=surgeon, now=NOW)

    actions.resend(row, by=surgeon, now=NOW)
    Reminder.objects.filter(pk=row.pk).update(status=ReminderStatus.FAILED, reason=Reason.UNDELIVERED)

    assert list(Reminder.objects.to_call()) == [row]


def test_what_is_to_be_sent_again_is_still_held_by_the_plan(surgery: Surgery, surgeon: StaffMember) -> None:
    row = reminder(surgery, "book-first-visit")
    on_its_way(row, ReminderStatus.FAILED)
    actions.resend(row, by=surgeon, now=NOW)

    actions.book_visit(check_up(surgery, "first-visit"), at=at(TODAY + timedelta(days=12)), by=surgeon, now=NOW)

    assert standing(surgery, "book-first-visit") == (ReminderStatus.CANCELLED, Reason.VISIT_SETTLED)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (ReminderStatus.DONE, "is not sent again"),
        (ReminderStatus.PLANNED, "is not sent again"),
        (ReminderStatus.UNCONFIRMED, "Call the patient instead"),
    ],
)
def test_what_arrived_or_may_have_is_never_sent_again(
    surgery: Surgery, surgeon: StaffMember, status: str, said: str
) -> None:
    row = reminder(surgery, "walk-today")
    Reminder.objects.filter(pk=row.pk).update(status=status)

    with pytest.raises(ValidationError, match=said):
        actions.resend(row, by=surgeon, now=NOW)


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Reason)
    assert all(SENTENCES[reason].endswith(".") for reason in Reason if reason)


def test_a_plan_keeps_the_version_it_began_with(site: Site, surgeon: StaffMember, version: ProtocolVersion) -> None:
    surgery = given.an_enrolment(site, by=surgeon, version=version)

    ProtocolVersion.objects.filter(pk=version.pk).update(state="retired")
    planning.sync(surgery, now=NOW)

    assert {row.step.version_id for row in surgery.reminders.all()} == {version.pk}
