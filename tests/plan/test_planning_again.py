"""The plan laid out again: the same facts give the same rows, new facts move what is to come, what began stays."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from patients.models import Site, StaffMember, Surgery
from reminders import actions
from reminders.plan import planning
from reminders.plan.models import ProtocolVersion
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from tests import given
from tests.given import NOW
from tests.plan.rows import PAST, PLANNED, at, check_up, on_its_way, reminder, rows, standing, visits

TODAY = date(2026, 3, 2)


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


def facts(changes: list[planning.RowChange]) -> list[tuple[object, ...]]:
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


def test_a_plan_keeps_the_version_it_began_with(site: Site, surgeon: StaffMember, version: ProtocolVersion) -> None:
    surgery = given.an_enrolment(site, by=surgeon, version=version)

    ProtocolVersion.objects.filter(pk=version.pk).update(state="retired")
    planning.sync(surgery, now=NOW)

    assert {row.step.version_id for row in surgery.reminders.all()} == {version.pk}
