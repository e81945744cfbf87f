"""Which operation follows which, and which plan goes on: after a merge, a moved day, and when staff choose anew."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from patients.models import Site, StaffMember, Surgery
from patients.models.staff import Role
from reminders import actions, merge, operation_order, plan_changes, visit_actions
from reminders.further_operation import RunningPlan
from reminders.merge import look
from reminders.plan.models import Reminder
from reminders.plan.visit_notices import MARK
from tests import given
from tests.given import NOW
from tests.plan.operated_again import AGAIN, DAY, FIRST, TODAY, again, ana, first, planned, site
from tests.plan.rows import check_up, in_plan

__all__ = ["ana", "first", "site"]


def choose(surgery: Surgery, choice: str, by: StaffMember, **facts: object) -> Surgery:
    operation_order.choose(surgery, choice, by=by, now=AGAIN, **facts)
    surgery.refresh_from_db()
    return surgery


def coming(surgery: Surgery) -> set[tuple[object, ...]]:
    return {row[:3] for row in in_plan(surgery) if row[4] == "planned" and row[2] > AGAIN}


def twin(first: Surgery, by: StaffMember, *, days: int = 0) -> Surgery:
    """Somebody under another number, operated on so many days after AGAIN."""
    return given.an_enrolment(first.site, given.a_phone(), by=by, now=AGAIN, date=TODAY + days * DAY)


def merged(goes: Surgery, stays: Surgery, by: StaffMember) -> None:
    merge.merge(goes.patient, into=stays.patient, by=by, now=AGAIN)
    for one in (goes, stays):
        one.refresh_from_db()


def test_after_a_merge_the_records_name_each_other_and_staff_say_which_plan_goes_on(
    first: Surgery, surgeon: StaffMember
) -> None:
    booked = visit_actions.book_visit(check_up(first, "first-visit"), at=NOW + 8 * DAY, by=surgeon, now=FIRST)
    later = twin(first, surgeon)
    merged(later, first, surgeon)
    assert (first.followed_by, later.followed_by) == (later, None)
    assert first.is_active
    both = coming(first)

    assert choose(first, "end", surgeon).state == "ended"
    assert not first.reminders.planned().exclude(step_code__contains=MARK)  # what is said of the visit stays
    assert check_up(first, "first-visit").booked_for == booked.booked_for
    assert planned(later) > 10
    assert choose(first, "end", surgeon).state == "ended"  # the same click twice

    choose(first, "keep", surgeon)  # a wrong end is taken back
    assert (first.state, coming(first)) == ("active", both)
    choose(first, "hold", surgeon)
    assert operation_order.is_held(first)
    with pytest.raises(ValidationError, match="Release it"):
        choose(first, "keep", surgeon)


def test_a_choice_is_for_deciders_for_the_earlier_plan_and_for_what_was_seen(
    first: Surgery, surgeon: StaffMember
) -> None:
    second = again(first, surgeon, RunningPlan.KEEP)
    reception, stranger = given.a_staff_member(first.site, Role.RECEPTION), given.a_staff_member(given.a_site("lake"))
    for person in (reception, stranger):
        with pytest.raises(PermissionDenied):
            choose(first, "end", person)
    for surgery, choice, facts, says in (
        (second, "end", {}, "Choose at the earlier operation"),
        (first, "both", {}, "end, hold, keep"),
        (first, "end", {"revision": 99}, "Look at it again"),
    ):
        with pytest.raises(ValidationError, match=says):
            choose(surgery, choice, surgeon, **facts)
    actions.cancel_surgery(second, why="fever", by=surgeon, now=AGAIN)
    for surgery, says in ((first, "Choose at the earlier"), (second, "was cancelled")):
        with pytest.raises(ValidationError, match=says):
            choose(surgery, "end", surgeon)


def test_an_end_chosen_before_the_later_operation_comes_on_its_day(first: Surgery, surgeon: StaffMember) -> None:
    second = again(first, surgeon, RunningPlan.KEEP, date=TODAY + 7 * DAY)

    choose(first, "end", surgeon)

    assert (first.state, first.ends_on) == ("active", second.date)
    assert max(first.reminders.planned().values_list("due_at", flat=True)) < NOW + 7 * DAY
    assert choose(first, "keep", surgeon).ends_on is None


def test_a_third_operation_from_the_other_number_stands_between(first: Surgery, surgeon: StaffMember) -> None:
    last = again(first, surgeon, RunningPlan.END, date=TODAY + 20 * DAY)
    between = twin(first, surgeon, days=9)

    merged(between, first, surgeon)

    last.refresh_from_db()
    assert (first.followed_by, between.followed_by, last.followed_by) == (between, last, None)
    assert first.ends_on == between.date


def test_two_ended_operations_of_one_day_are_merged_and_one_plan_goes_on_when_the_next_is_cancelled(
    first: Surgery, surgeon: StaffMember
) -> None:
    other = given.an_enrolment(first.site, by=surgeon, now=FIRST)
    nexts = [again(first, surgeon, "end"), again(other, surgeon, "end", date=TODAY - DAY)]
    assert (first.date, first.state, other.state) == (other.date, "ended", "ended")
    assert any("both plans ended" in one for one in look(other.patient, into=first.patient, by=surgeon).warnings)

    merged(other, first, surgeon)
    assert (first.followed_by, other.followed_by) == (nexts[1], nexts[1])
    for one in reversed(nexts):
        actions.cancel_surgery(one, why="wrong record", by=surgeon, now=AGAIN)

    states = sorted(Surgery.objects.filter(pk__in=[first.pk, other.pk]).values_list("ended_at", flat=True), key=bool)
    assert [at is None for at in states] == [True, False]
    with pytest.raises(ValidationError, match="already has an operation on that day"):
        again(first, surgeon, "end", date=first.date)


def test_a_day_moved_past_another_names_them_anew_and_nobody_is_left_without_a_plan(
    first: Surgery, surgeon: StaffMember
) -> None:
    second = again(first, surgeon, RunningPlan.END)
    assert first.state == "ended"

    actions.move_surgery(second, to=first.date - DAY, by=surgeon, now=AGAIN)

    for one in (first, second):
        one.refresh_from_db()
    assert (first.state, first.followed_by, second.followed_by) == ("active", None, first)
    assert planned(first) > 10
    plan_changes.undo(second.plan_changes.latest("pk"), by=surgeon, now=AGAIN)
    for one in (first, second):
        one.refresh_from_db()
    assert (first.followed_by, second.followed_by) == (second, None)
    assert choose(first, "end", surgeon).state == "ended"


def test_the_later_one_is_no_longer_waited_for_once_the_earlier_is_moved_behind_it(
    first: Surgery, surgeon: StaffMember
) -> None:
    second = again(first, surgeon, RunningPlan.END, date=TODAY + 7 * DAY)
    assert first.ends_on == second.date

    actions.move_surgery(first, to=second.date + timedelta(days=3), by=surgeon, now=AGAIN)

    for one in (first, second):
        one.refresh_from_db()
    assert (first.ends_on, first.followed_by, second.followed_by) == (None, None, first)


def test_nothing_of_an_end_is_kept_by_a_preview(first: Surgery, surgeon: StaffMember, site: Site) -> None:
    again(first, surgeon, RunningPlan.KEEP)
    before = planned(first), Reminder.objects.count()

    changes = plan_changes.rehearse(lambda: operation_order.choose(first, "end", by=surgeon, now=AGAIN))

    assert len(changes.changed) == before[0]
    first.refresh_from_db()
    assert (first.state, planned(first), Reminder.objects.count()) == ("active", *before)
