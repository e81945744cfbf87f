"""A surgeon moves the window of a check-up by hand, safety too: seen first, kept with who and why, and undone."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from patients import audit
from patients.models import CheckUp, StaffMember, Surgery
from reminders import plan_changes, visit_actions
from reminders.plan import moved_check_ups
from reminders.plan.models import Reminder
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish
from tests import given
from tests.given import NOW
from tests.plan.rows import in_plan

WEEK = timedelta(days=7)


def move(surgery: Surgery, code: str, days: int, by: StaffMember, occurrence: int | None = None, **facts: object):
    wish = Wish(ChangeKind.CHECK_UP, check_up=code, occurrence=occurrence, days=days)
    return plan_changes.decide(surgery, wish, why="travels", by=by, now=NOW, **facts)


def windows(surgery: Surgery) -> dict[tuple[str, int], tuple[date, date, date]]:
    rows = CheckUp.objects.filter(surgery=surgery)
    return {(one.code, one.occurrence): (one.window_opens, one.target_day, one.window_closes) for one in rows}


def warned(surgery: Surgery, change: object) -> tuple[str, ...]:
    rows = surgery.check_ups.select_related("site").order_by("window_opens")
    return moved_check_ups.warnings(change, surgery.care_plan.version, rows)


def days_of(surgery: Surgery, code: str) -> set[date]:
    rows = Reminder.objects.filter(surgery=surgery, step__check_up__code=code, step__anchor="check_up_window")
    return {row.due_at.date() for row in rows.planned()}


def test_the_window_and_the_messages_before_it_move_and_nothing_else(surgery: Surgery, surgeon: StaffMember) -> None:
    before, asked, rows = windows(surgery), days_of(surgery, "six-weeks"), in_plan(surgery)

    decided = move(surgery, "six-weeks", 7, surgeon)

    after = windows(surgery)
    assert after[("six-weeks", 0)] == tuple(day + WEEK for day in before[("six-weeks", 0)])
    assert {key for key in before if after[key] != before[key]} == {("six-weeks", 0)}
    assert days_of(surgery, "six-weeks") == {day + WEEK for day in asked} != set()
    told = audit.history(surgery).get(verb="check-up moved").details["decided"]
    assert told == {"check-up": "six-weeks", "days": "+7", "reason": "travels"}
    plan_changes.undo(decided.change, by=surgeon, now=NOW)
    assert (windows(surgery), in_plan(surgery)) == (before, rows)


def test_a_safety_check_up_can_be_moved_later_with_a_clear_warning(surgery: Surgery, surgeon: StaffMember) -> None:
    first = move(surgery, "first-visit", 5, surgeon)
    [said] = warned(surgery, first.change)
    second = move(surgery, "first-visit", 2, surgeon)

    assert "safety check-up" in said
    assert "seen 5 days later than the signed protocol says" in said
    assert "7 days later" in warned(surgery, second.change)[0]
    assert warned(surgery, move(surgery, "first-visit", -3, surgeon).change) == ()


def test_a_hold_does_not_move_it_again_and_one_repeat_moves_alone(site, surgeon: StaffMember) -> None:
    surgery = given.an_enrolment(site, by=surgeon, day=720)
    before = windows(surgery)
    yearly, *later = sorted(key for key in before if key[1])
    move(surgery, yearly[0], 10, surgeon, occurrence=yearly[1])
    plan_changes.decide(surgery, Wish(ChangeKind.HOLD), why="fever", by=surgeon, now=NOW)

    after = windows(surgery)
    assert after[yearly] == tuple(day + timedelta(days=10) for day in before[yearly])
    assert later
    assert [after[key] for key in later] == [before[key] for key in later]


def test_a_booked_visit_keeps_its_time_and_the_surgeon_is_told(surgery: Surgery, surgeon: StaffMember) -> None:
    visit = surgery.check_ups.get(code="six-weeks")
    at = NOW + (visit.target_day - NOW.date()) * 1
    visit_actions.book_visit(visit, at=at, by=surgeon, now=NOW)

    decided = move(surgery, "six-weeks", 60, surgeon)

    visit.refresh_from_db()
    assert (visit.state, visit.booked_for) == ("booked", at)
    assert any("booked outside its new window" in said for said in warned(surgery, decided.change))


@pytest.mark.parametrize(
    ("code", "days", "occurrence", "field"),
    [
        ("no-such", 5, None, "check_up"),
        ("six-weeks", 0, None, "days"),
        ("six-weeks", 366, None, "days"),
        ("six-weeks", -365, None, "days"),
        ("six-weeks", 5, 40, "occurrence"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(surgery, surgeon, code, days, occurrence, field) -> None:
    before = windows(surgery)

    with pytest.raises(ValidationError) as refused:
        move(surgery, code, days, surgeon, occurrence)

    assert list(refused.value.message_dict) == [field]
    assert windows(surgery) == before


def test_only_who_decides_at_this_site_may(site, surgery: Surgery, surgeon: StaffMember) -> None:
    colleague = given.a_staff_member(site, "reception")
    stranger = given.a_staff_member(given.a_site("other"))
    for who in (colleague, stranger):
        with pytest.raises(PermissionDenied):
            move(surgery, "six-weeks", 5, who)

    visit = surgery.check_ups.get(code="six-weeks")
    visit_actions.mark_not_needed(visit, why="seen elsewhere", by=surgeon, now=NOW)
    with pytest.raises(ValidationError, match="not needed"):
        move(surgery, "six-weeks", 5, surgeon)
