"""The site's limits of messages a day and a week in a plan's rows: recorded, followed, never against what left."""

from datetime import date, timedelta

import pytest

from patients import actions as care
from patients.models import CheckUp, Site, StaffMember, Surgery
from reminders import actions, plan_changes, scheduler, visit_actions
from reminders.plan import planning
from reminders.plan.models import ProtocolVersion, Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.shifts import Shift
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish
from tests import given
from tests.given import NOW
from tests.plan.rows import in_plan, on_its_way, reminder, standing, visits

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@pytest.fixture
def site(db: None) -> Site:
    return given.a_site(**given.DEFAULT_BUDGET)


@pytest.fixture
def surgery(site: Site, surgeon: StaffMember, version: ProtocolVersion) -> Surgery:
    """Reached by phone alone."""
    return given.an_enrolment(site, by=surgeon, version=version)


def day(row: Reminder) -> date:
    return row.due_at.astimezone(row.surgery.patient.zone).date()


def on(surgery: Surgery, code: str) -> int:
    """The day after surgery on which it lies."""
    return (day(reminder(surgery, code)) - surgery.date).days


def within_the_hour(surgery: Surgery) -> None:
    assert scheduler.extend_horizon(NOW) == 1
    surgery.refresh_from_db()


def test_what_was_moved_says_so_and_from_where(surgery: Surgery) -> None:
    row = reminder(surgery, "check-in-1")

    assert (row.shifts, row.moved_from, day(row)) == ([Shift.BUDGET], TODAY + DAY, TODAY + 2 * DAY)


def test_what_was_left_out_says_so(surgery: Surgery) -> None:
    assert standing(surgery, "pain-medicine") == (ReminderStatus.SKIPPED, Reason.BUDGET)
    assert "daily or weekly limit reached" in reminder(surgery, "pain-medicine").why


def test_a_changed_limit_reaches_the_plans_within_the_hour(site: Site, surgery: Surgery, surgeon: StaffMember) -> None:
    site.messages_a_day, site.messages_a_week = 2, 9

    actions.change_site(site, by=surgeon, now=NOW, changed=["messages_a_day"])
    within_the_hour(surgery)

    row = reminder(surgery, "check-in-1")
    assert (row.shifts, row.moved_from, day(row)) == ([], None, TODAY + DAY)
    assert standing(surgery, "pain-medicine") == (ReminderStatus.PLANNED, "")
    assert scheduler.extend_horizon(NOW) == 0


def test_a_new_way_to_reach_the_patient_reaches_the_plan_within_the_hour(
    surgery: Surgery, surgeon: StaffMember
) -> None:
    assert scheduler.extend_horizon(NOW) == 0
    contact = care.add_contact(surgery.patient, by=surgeon, now=NOW, email="ana@example.org")
    care.give_consent(contact, source="paper", wording="I agree.", by=surgeon, now=NOW)

    within_the_hour(surgery)
    assert standing(surgery, "pain-medicine") == (ReminderStatus.PLANNED, "")

    care.withdraw_consent([contact], source="paper", wording="No more mail.", by=surgeon, now=NOW)
    within_the_hour(surgery)
    assert standing(surgery, "pain-medicine") == (ReminderStatus.SKIPPED, Reason.BUDGET)
    assert scheduler.extend_horizon(NOW) == 0


def test_a_caregivers_phone_makes_no_room(surgery: Surgery, surgeon: StaffMember) -> None:
    contact = care.add_contact(
        surgery.patient, by=surgeon, now=NOW, email="jo@example.org", relationship="caregiver", name="Jo"
    )
    care.give_consent(contact, source="paper", wording="I agree.", by=surgeon, now=NOW)

    assert scheduler.extend_horizon(NOW) == 0
    assert not planning.sync(surgery, now=NOW)


def test_what_left_keeps_its_day_and_counts(surgery: Surgery, surgeon: StaffMember) -> None:
    """The check-in was moved to day 2 and left then: day 2 stays full, although day 1 is free by now."""
    on_its_way(reminder(surgery, "walk-today"), ReminderStatus.DONE)
    on_its_way(reminder(surgery, "check-in-1"), ReminderStatus.DONE)
    sent = reminder(surgery, "check-in-1").due_at

    wish = Wish(ChangeKind.SKIP, step="avoid-heavy-lifting-1")
    plan_changes.decide(surgery, wish, why="not for her", by=surgeon, now=NOW)

    assert reminder(surgery, "check-in-1").due_at == sent
    assert standing(surgery, "pain-medicine")[0] == ReminderStatus.SKIPPED


def test_what_is_on_its_way_is_not_recalled_by_the_limit(site: Site, surgery: Surgery, surgeon: StaffMember) -> None:
    site.messages_a_day, site.messages_a_week = 9, 9
    actions.change_site(site, by=surgeon, now=NOW, changed=["messages_a_day"])
    within_the_hour(surgery)
    on_its_way(reminder(surgery, "pain-medicine"))
    site.messages_a_day, site.messages_a_week = 1, 5

    actions.change_site(site, by=surgeon, now=NOW, changed=["messages_a_day"])
    within_the_hour(surgery)

    assert standing(surgery, "pain-medicine") == (ReminderStatus.IN_PROGRESS, "")


def test_what_a_surgeon_put_off_keeps_the_day_and_others_give_way(surgery: Surgery, surgeon: StaffMember) -> None:
    wish = Wish(ChangeKind.DELAY, step="pain-medicine", days=8)  # to day 10, which has a check-in

    plan_changes.decide(surgery, wish, why="nausea", by=surgeon, now=NOW)

    assert standing(surgery, "pain-medicine") == (ReminderStatus.PLANNED, "")
    assert (on(surgery, "pain-medicine"), on(surgery, "check-in-4")) == (10, 11)


def test_looking_first_and_undoing_hold_within_the_limits(surgery: Surgery, surgeon: StaffMember) -> None:
    before, calendar = in_plan(surgery), visits(surgery)

    done = plan_changes.decide(surgery, Wish(ChangeKind.PACE, percent=60), why="quick", by=surgeon, now=NOW)
    assert in_plan(surgery) != before
    plan_changes.undo(done.change, by=surgeon, now=NOW)

    assert (in_plan(surgery), visits(surgery)) == (before, calendar)


def test_what_nobody_could_be_told_stays_on_the_call_list(surgery: Surgery, surgeon: StaffMember) -> None:
    """Another message takes its day afterwards: it is not planned anew, and not lost to a day that is over."""
    row = reminder(surgery, "check-in-2")
    Reminder.objects.filter(pk=row.pk).update(status=ReminderStatus.EXPIRED, reason=Reason.EXPIRED)
    later = row.due_at + DAY
    first = CheckUp.objects.get(surgery=surgery, code="first-visit")

    visit_actions.book_visit(first, at=row.due_at + 3 * DAY, by=surgeon, now=later)  # a reminder comes 3 days before it

    assert standing(surgery, "check-in-2") == (ReminderStatus.EXPIRED, Reason.EXPIRED)


def test_nothing_is_put_back_to_a_day_that_is_over(site: Site, surgery: Surgery, surgeon: StaffMember) -> None:
    row = reminder(surgery, "check-in-1")  # moved from day 1 to day 2, and today is day 2
    morning = row.due_at - timedelta(hours=1)
    site.messages_a_day, site.messages_a_week = 9, 9

    actions.change_site(site, by=surgeon, now=morning, changed=["messages_a_day"])
    planning.sync(surgery, now=morning)

    assert (standing(surgery, "check-in-1"), day(reminder(surgery, "check-in-1"))) == (("planned", ""), day(row))


def test_laying_it_out_again_and_further_changes_nothing(surgery: Surgery) -> None:
    before = in_plan(surgery)

    assert not planning.sync(surgery, now=NOW)
    planning.sync(surgery, now=NOW + 40 * DAY)

    assert [row for row in in_plan(surgery) if row in before] == before
