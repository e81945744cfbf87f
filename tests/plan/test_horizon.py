"""Plans reach a year ahead, again and again; one that cannot be laid out costs no other its turn."""

from datetime import timedelta

import pytest

from patients.models import Site, StaffMember, Surgery
from reminders import actions, scheduler
from reminders.delivery.models import Alarm
from reminders.plan import planning
from reminders.plan.models import CarePlan
from tests import given
from tests.given import NOW
from tests.plan.rows import in_plan

LATER = NOW + timedelta(days=60)


@pytest.fixture
def surgeries(site: Site, surgeon: StaffMember) -> list[Surgery]:
    patients = [given.a_new_patient(given.a_phone(given.phone(n)), number=f"H-{n}") for n in range(3)]
    return [given.an_enrolment(site, by=surgeon, patient=patient) for patient in patients]


def reach() -> dict[int, bool]:
    """Surgery → whether its plan reaches as far as one laid out later."""
    return {
        plan.surgery_id: plan.laid_out_until > (LATER + scheduler.EXTEND_WHEN).date() for plan in CarePlan.objects.all()
    }


def test_plans_are_laid_out_further_when_they_reach_less_far(surgeries: list[Surgery]) -> None:
    assert scheduler.extend_horizon(NOW) == 0

    assert scheduler.extend_horizon(LATER) == 3
    assert all(reach().values())
    assert scheduler.extend_horizon(LATER) == 0


def test_laid_out_by_a_clock_that_is_behind_a_plan_loses_nothing(surgeries: list[Surgery]) -> None:
    scheduler.extend_horizon(LATER)
    before = in_plan(surgeries[0])

    planning.sync(surgeries[0], now=NOW)

    assert all(reach().values())
    assert in_plan(surgeries[0]) == before


def test_a_plan_that_has_ended_is_not_laid_out_further(surgeries: list[Surgery], surgeon: StaffMember) -> None:
    actions.cancel_surgery(surgeries[0], why="moved away", by=surgeon, now=NOW)
    actions.set_patient_status(surgeries[1].patient, status="deceased", by=surgeon, now=NOW)

    assert scheduler.extend_horizon(LATER) == 1
    assert [surgery for surgery, is_far in reach().items() if is_far] == [surgeries[2].pk]


def test_one_that_stumbles_is_named_to_a_person_and_the_others_go_on(
    surgeries: list[Surgery], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = surgeries[0].pk, planning.drafted
    day0 = surgeries[0].date = surgeries[0].date - timedelta(days=1)
    surgeries[0].save()

    def stumbling(protocol, facts):
        if facts.day0 == day0:
            raise LookupError
        return whole(protocol, facts)

    monkeypatch.setattr(planning, "drafted", stumbling)

    assert scheduler.extend_horizon(LATER) == 2
    assert [surgery for surgery, is_far in reach().items() if not is_far] == [broken]
    alarm = Alarm.objects.get(kind="plan_stuck")
    assert (alarm.subject, alarm.detail) == (f"surgery {broken}", "The program failed: LookupError.")
